/* Running what is missing of a plan: queue, workers, journal, packing.
 *
 *   plan -> scan (what is finished?) -> queue, longest first -> workers -> journal -> pack -> OUTPUT
 *
 * Workers share the queue and, under one mutex, the journal and the counts. A run's numbers do not depend on
 * any option here. A finished run is committed when its journal record is written; the same call continues.
 * Nothing is printed: progress goes through a callback, the outcome into gp_sweep_result. */
#ifndef GP_SWEEP_H
#define GP_SWEEP_H

#include <signal.h>
#include <stdbool.h>

#include "plan.h"
#include "ranks.h"
#include "scheduler.h"

enum { GP_PATH_BYTES = 4096, GP_VERDICTS_MAX = 16 };

/* Where the sweep stands. `total` counts the runs of this call, `kept` those finished earlier. */
typedef struct gp_progress {
  size_t total, done, kept, failed;
  double elapsed, rate, eta;      /* seconds, runs per second, seconds (NaN: not known yet) */
  const char *const *verdicts;    /* NULL-terminated words, or NULL */
  size_t counts[GP_VERDICTS_MAX]; /* runs of this call by verdict */
} gp_progress;

typedef struct gp_sweep_options {
  const char *output;          /* the .h5 file; its folder is made when missing */
  const char *tier;            /* of gp_train_options */
  int jobs;                    /* workers; 0: one per processor */
  enum gp_execution execution; /* how runs are grouped; no result depends on it */
  int shard, shards;           /* this is shard `shard` (from 1) of `shards`; 0 of 0: everything */
  bool fresh;                  /* set an old output aside as a numbered backup instead of extending it */
  bool fail_fast;              /* the first run in a failed state ends the sweep */
  bool retry_failed;           /* runs stored as timeout, out_of_memory or error are computed again */
  bool pack_only;              /* compute nothing: make the output of what it and its journal hold */
  bool provenance;             /* write the group /provenance */
  const gp_ranks *ranks;       /* of one job, all of which call with the same plan and options; NULL: alone */
  const volatile sig_atomic_t *stop; /* the number of a signal: hand out no more runs; NULL: never */
  const volatile sig_atomic_t
      *abandon; /* non-zero: leave the runs in flight, they stay pending; NULL: never */
  void (*progress)(void *context, const gp_progress *progress); /* called by one worker at a time, or NULL */
  /* Called before the first run when the results may need more bytes than the output's file system has free, or NULL. */
  void (*scarce)(void *context, double needed, double available);
  void *context;
} gp_sweep_options;

/* What happened. */
typedef struct gp_sweep_result {
  gp_progress progress;       /* as it stood at the end */
  size_t rows;                /* of the plan, as it stood at the end */
  size_t share;               /* of them, this shard's */
  size_t pending;             /* of the share, still not computed */
  size_t recovered_bytes_cut; /* torn tail dropped from the journal of an earlier, killed sweep */
  bool out_of_time;           /* limits.total_seconds was reached */
  char backup[GP_PATH_BYTES]; /* where --fresh put the old file, or "" */
  size_t failed_row;          /* the first run in a failed state */
  char failure[1024];         /* which that was, and why; or "" */
} gp_sweep_result;

/* Which rows a call with these options would compute: wanted[row] is set to 0 or 1. The output is only read.
 * Stored runs that do not belong to the plan are GP_ERR_FILE (unless `fresh`): the message says how many,
 * names one, and how to go on. Also GP_ERR_FILE for a damaged output, GP_ERR_USAGE for an impossible shard,
 * GP_ERR_MEMORY. */
gp_status gp_sweep_wanted(const gp_plan *plan, const gp_sweep_options *options, unsigned char *wanted,
                          size_t *kept);

/* Grows the plan of a refined map by the rounds that the output finishes, so that it holds the runs that gp_sweep_run would
 * begin with; a plan that does not refine stays as it is. GP_ERR_USAGE for a shard of such a map and for several ranks: a
 * round needs the verdicts of all runs of the rounds before. Errors of reading as in gp_sweep_wanted. */
gp_status gp_sweep_replay(gp_plan *plan, const gp_sweep_options *options);

/* Workers that such a call would use for that many runs: the jobs asked for, or those of gp_processors(); never more than runs, at least one. */
int gp_sweep_threads(const gp_sweep_options *options, size_t jobs);

/* How such a call groups its runs: as asked, but alone where the seconds of one run are limited. */
enum gp_execution gp_sweep_execution(const gp_plan *plan, const gp_sweep_options *options);

/* Computes what is missing and writes the output. The plan of a refined map grows, round by round, until it is complete. With ranks each takes its part and keeps its own journal; rank 0
 * writes the output after the others have said good-bye (gp_ranks_finish was called), all return the same status up to
 * then, and `out` is whole on rank 0 only. GP_OK also when runs are left pending because
 * limits.total_seconds ran out; GP_ERR_NO under fail_fast; GP_ERR_INTERRUPTED or GP_ERR_TERMINATED after a
 * stop (what was finished is packed); GP_ERR_IO for an output that cannot be written, found before the first
 * run where possible (the journal then keeps what was committed); and what gp_sweep_wanted says. */
gp_status gp_sweep_run(gp_plan *plan, const gp_sweep_options *options, gp_sweep_result *out);

#endif
