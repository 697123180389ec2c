/* The order in which runs are handed out, which of them are computed together, and what that is expected to take.
 *
 * The model is rates.h: seconds per step and layer. It orders the queue, chooses between single runs and lane groups and
 * predicts times; no result depends on it. */
#ifndef GP_SCHEDULER_H
#define GP_SCHEDULER_H

#include "plan.h"
#include "rates.h"

/* How runs are computed, never what. */
enum gp_execution { GP_EXECUTION_AUTO, GP_EXECUTION_SINGLE, GP_EXECUTION_LANES };

typedef struct gp_job {
  double cost;    /* expected seconds, alone, by the reference rates */
  uint64_t shape; /* equal: the runs may share a lane group */
  size_t row;
} gp_job;

/* Jobs [first, first + count) of the queue, computed together: one run alone, or a lane group. */
typedef struct gp_group {
  size_t first;
  int count;
} gp_group;

/* The expected seconds of one step of a resolved spec, alone, by the reference rates. */
double gp_cost_step(const gp_spec *spec, const gp_dataset *data);

/* Makes the queue of the rows with wanted[row] != 0, longest expected run first (rows of equal cost in
 * order). The caller frees *out. GP_ERR_MEMORY, or what gp_plan_spec says. */
gp_status gp_jobs_make(gp_job **out, size_t *count, const gp_plan *plan, const unsigned char *wanted);

/* Cuts the queue into groups, in its order: lane groups where they pay (or wherever two runs share a shape, or nowhere:
 * `execution`), single runs elsewhere. They pay where the runs of a shape are done sooner on `threads` workers; what a step
 * costs is measured on this machine when the queue is worth it, and left in *rates. The caller frees *out.
 * GP_ERR_MEMORY, GP_ERR_USAGE for the tier, or what gp_plan_spec says. */
typedef struct gp_grouping {
  enum gp_execution execution;
  const char *tier; /* of gp_train_options */
  int threads;
} gp_grouping;
gp_status gp_groups_make(gp_group **out, size_t *count, gp_rates *rates, const gp_plan *plan,
                         const gp_job *jobs, size_t job_count, const gp_grouping *how);

/* Upper bound of what one run takes in journal and file, before compression. */
double gp_run_bytes(const gp_schema *schema);

/* What `plan` tells before anything runs. */
typedef struct gp_estimate {
  double seconds;                /* of all wanted runs, on one worker; no run is expected to diverge early */
  double longest;                /* seconds of the longest group */
  size_t lane_groups, lane_runs; /* groups of more than one run, and the runs in them */
  size_t worker_bytes;           /* workspace of one worker: the largest group's */
  double file_bytes;             /* expected of the result file with all runs of the plan */
  double file_bytes_most;        /* upper bound of it, before compression */
} gp_estimate;

/* Predicts the cost of the groups from the rates, corrected by training the first and the last of them for `budget`
 * seconds each on this machine. GP_ERR_USAGE, GP_ERR_MEMORY. */
gp_status gp_jobs_estimate(gp_estimate *out, const gp_plan *plan, const gp_job *jobs, const gp_group *groups,
                           size_t group_count, const gp_rates *rates, const char *tier, double budget);

#endif
