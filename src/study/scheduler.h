/* The order in which runs are handed out, and what a run is expected to cost.
 *
 * The cost is in floating-point operations: the products of every step plus a fixed price per layer and step
 * for what is not a product (biases, activations, updates, the loop itself). It orders the queue and scales
 * predicted times; no result depends on it. */
#ifndef GP_SCHEDULER_H
#define GP_SCHEDULER_H

#include "plan.h"

/* How runs are computed, never what. */
enum gp_execution { GP_EXECUTION_AUTO, GP_EXECUTION_SINGLE, GP_EXECUTION_LANES };

typedef struct gp_job {
  double cost;    /* equivalent floating-point operations */
  uint64_t shape; /* equal: the runs may share a lane group */
  size_t row;
} gp_job;

/* Jobs [first, first + count) of the queue, computed together: one run alone, or a lane group. */
typedef struct gp_group {
  size_t first;
  int count;
} gp_group;

/* The expected cost of one step of a resolved spec. */
double gp_cost_step(const gp_spec *spec, const gp_dataset *data);

/* Makes the queue of the rows with wanted[row] != 0, longest expected run first (rows of equal cost in
 * order). The caller frees *out. GP_ERR_MEMORY, or what gp_plan_spec says. */
gp_status gp_jobs_make(gp_job **out, size_t *count, const gp_plan *plan, const unsigned char *wanted);

/* Cuts the queue into groups, in its order: lane groups where they pay (or wherever two runs share a shape, or nowhere:
 * `execution`), single runs elsewhere. The caller frees *out. GP_ERR_MEMORY, or what gp_plan_spec says. */
gp_status gp_groups_make(gp_group **out, size_t *count, const gp_plan *plan, const gp_job *jobs,
                         size_t job_count, enum gp_execution execution);

/* Upper bound of what one run takes in journal and file, before compression. */
double gp_run_bytes(const gp_schema *schema);

/* What `plan` tells before anything runs. */
typedef struct gp_estimate {
  double seconds;      /* of all wanted runs, on one worker; no run is expected to diverge early */
  double longest;      /* seconds of the longest run */
  size_t worker_bytes; /* workspace of one worker: the largest run's */
  double file_bytes;   /* upper bound of the result file, before compression */
} gp_estimate;

/* Predicts the cost of the queue by training its cheapest and its dearest run for `budget` seconds each on
 * this machine. The tier is one of gp_train_options. GP_ERR_USAGE, GP_ERR_MEMORY. */
gp_status gp_jobs_estimate(gp_estimate *out, const gp_plan *plan, const gp_job *jobs, size_t count,
                           const char *tier, double budget);

#endif
