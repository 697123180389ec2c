/* The workers of a sweep: one parallel region over the queue, one trainer each; what finishes goes to the
 * journal. Private to study/: sweep.c owns the order of things, this file the running of them. */
#ifndef GP_WORKERS_H
#define GP_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "journal.h"
#include "queue.h"
#include "rounds.h"
#include "scheduler.h"
#include "sweep.h"

/* What was done, as it is counted and told. */
typedef struct gp_tally {
  size_t done, failed, counts[GP_VERDICTS_MAX];
  double done_cost, started_cost;
} gp_tally;

/* What the workers share. Everything below `mutex` is touched only while holding it. */
typedef struct gp_workers {
  const gp_plan *plan;
  const gp_sweep_options *options;
  gp_job *jobs; /* owned, like the groups */
  size_t job_count;
  gp_group *groups; /* what the threads take from the queue */
  size_t group_count;
  gp_journal *journal;
  double start, deadline; /* monotonic seconds; the deadline is INFINITY without a limit */
  double run_seconds;     /* limit of one run, INFINITY without */
  int verdict_column;
  gp_queue queue;
  atomic_int halted; /* hand out no more runs */
  atomic_int out_of_time;
  volatile sig_atomic_t leave; /* leave the runs in work, they stay pending */
  double leave_at;             /* when; the keeper's. 0: no one said so */
  pthread_mutex_t mutex;
  gp_rounds *rounds; /* notes what became of every run, when the map is refined; else NULL */
  gp_sweep_result *result;
  double total_cost;
  gp_tally tally, others; /* of this process; of other ranks */
  double *seconds;        /* of each finished run, room for the job_count of them */
  size_t finished;
  gp_status status;   /* first thing that ended the sweep */
  char message[2048]; /* its message: the workers' own are lost with their threads */
} gp_workers;

double gp_seconds_now(void); /* monotonic */

/* For the keeper. Whether this process should hand out no more runs: by a signal, an error, the time. */
bool gp_workers_ended(gp_workers *workers);
/* Leaves the runs in work that many seconds after the first call, or at once when `abandon` says so. */
void gp_workers_leave(gp_workers *workers, double seconds);
gp_tally gp_workers_tally(gp_workers *workers);
/* What other ranks have done so far, and a failure that one met (the first is kept; "" is none). */
void gp_workers_others(gp_workers *workers, const gp_tally *others);
void gp_workers_failure(gp_workers *workers, size_t row, const char *failure);
/* Shows the progress. */
void gp_workers_show(gp_workers *workers);

/* Syncs what was committed; an error ends the sweep. */
void gp_workers_sync(gp_workers *workers);

/* Works the queue off with that many threads. May be called again, with the queue of another round. Returns workers->status, message set for the calling thread. */
gp_status gp_workers_run(gp_workers *workers, int threads);

#endif
