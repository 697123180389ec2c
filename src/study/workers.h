/* The workers of a sweep: one parallel region over the queue, one trainer each; what finishes goes to the
 * journal. Private to study/: sweep.c owns the order of things, this file the running of them. */
#ifndef GP_WORKERS_H
#define GP_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "journal.h"
#include "scheduler.h"
#include "sweep.h"

/* What the workers share. Everything below `mutex` is touched only while holding it, `halted` excepted. */
typedef struct gp_workers {
  const gp_plan *plan;
  const gp_sweep_options *options;
  const gp_job *jobs;
  size_t job_count;
  const gp_group *groups; /* what the threads take from the queue */
  size_t group_count;
  gp_journal *journal;
  double start, deadline; /* monotonic seconds; the deadline is INFINITY without a limit */
  double run_seconds;     /* limit of one run, INFINITY without */
  int verdict_column;
  atomic_int halted; /* hand out no more runs */
  atomic_int out_of_time;
  pthread_mutex_t mutex;
  gp_sweep_result *result;
  double total_cost, started_cost, done_cost;
  double *seconds; /* of each finished run, job_count of them */
  size_t finished;
  gp_status status;   /* first thing that ended the sweep */
  char message[2048]; /* its message: the workers' own are lost with their threads */
} gp_workers;

double gp_seconds_now(void); /* monotonic */

/* Syncs what was committed; an error ends the sweep. */
void gp_workers_sync(gp_workers *workers);

/* Works the queue off with that many threads. Returns workers->status, message set for the calling thread. */
gp_status gp_workers_run(gp_workers *workers, int threads);

#endif
