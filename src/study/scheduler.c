/* The queue and its cost model; see scheduler.h. */
#include "scheduler.h"

#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "run.h"

/* What a layer costs beside its products, in floating-point operations per example of the batch and unit of
 * the layer (activation, derivative, bias) and per layer (calls, loops). Rough on purpose: it only orders and
 * interpolates. */
static const double flops_per_unit = 60, flops_per_layer = 20000;

double gp_cost_step(const gp_spec *spec, const gp_dataset *data) {
  double layers = (double)spec->depth + 1;
  double batch = spec->batch == INT64_MIN ? (double)data->train : (double)spec->batch;
  double units = spec->shape == NULL ? layers * (double)spec->width : layers * 64;
  return gp_train_step_flops(spec, data) + flops_per_unit * batch * units + flops_per_layer * layers;
}

static int longest_first(const void *a, const void *b) {
  const gp_job *x = a, *y = b;
  if (x->cost != y->cost) return x->cost < y->cost ? 1 : -1;
  if (x->shape != y->shape) return x->shape < y->shape ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static gp_status make_job(gp_job *out, const gp_plan *plan, size_t row) {
  gp_spec spec;
  char key[GP_HASH_TEXT];
  GP_TRY(gp_plan_spec(plan, row, &spec));
  GP_TRY(gp_lane_key(key, &spec, gp_plan_dataset(plan, row)));
  key[16] = '\0'; /* 64 bits of the key are enough for shapes */
  *out = (gp_job){.cost = gp_cost_step(&spec, gp_plan_dataset(plan, row)) * (double)spec.steps,
                  .shape = strtoull(key, NULL, 16),
                  .row = row};
  return GP_OK;
}

gp_status gp_jobs_make(gp_job **out, size_t *count, const gp_plan *plan, const unsigned char *wanted) {
  size_t rows = gp_plan_runs(plan);
  gp_job *jobs = malloc((rows + 1) * sizeof *jobs);
  if (jobs == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a queue of %zu runs", rows);
  size_t n = 0;
  for (size_t row = 0; row < rows; row++) {
    if (!wanted[row]) continue;
    gp_status status = make_job(&jobs[n++], plan, row);
    if (status != GP_OK) {
      free(jobs);
      return status;
    }
  }
  qsort(jobs, n, sizeof *jobs, longest_first);
  *out = jobs;
  *count = n;
  return GP_OK;
}

/* How many runs of this shape go into one group: all lanes, or one. */
static gp_status group_size(int *out, const gp_plan *plan, const gp_job *jobs, size_t same,
                            enum gp_execution execution) {
  gp_spec spec;
  *out = 1;
  if (same < 2 || execution == GP_EXECUTION_SINGLE) return GP_OK;
  GP_TRY(gp_plan_spec(plan, jobs[0].row, &spec));
  const gp_dataset *data = gp_plan_dataset(plan, jobs[0].row);
  int runs = same < GP_LANES_MAX ? (int)same : GP_LANES_MAX;
  if (execution == GP_EXECUTION_LANES || gp_lanes_pay(&spec, data, runs)) *out = gp_lane_count(&spec);
  return GP_OK;
}

/* Cuts `same` jobs of one shape; a last group is a lane group too when it still pays. */
static gp_status cut_shape(gp_group *groups, size_t *count, const gp_plan *plan, const gp_job *jobs,
                           size_t first, size_t same, enum gp_execution execution) {
  for (size_t done = 0; done < same;) {
    int size;
    GP_TRY(group_size(&size, plan, jobs + first + done, same - done, execution));
    if ((size_t)size > same - done) size = (int)(same - done);
    groups[(*count)++] = (gp_group){first + done, size};
    done += (size_t)size;
  }
  return GP_OK;
}

gp_status gp_groups_make(gp_group **out, size_t *count, const gp_plan *plan, const gp_job *jobs,
                         size_t job_count, enum gp_execution execution) {
  gp_group *groups = malloc((job_count + 1) * sizeof *groups);
  *count = 0;
  if (groups == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a queue of %zu runs", job_count);
  for (size_t first = 0, same; first < job_count; first += same) {
    for (same = 1; first + same < job_count && jobs[first + same].shape == jobs[first].shape; same++) {
    }
    gp_status status = cut_shape(groups, count, plan, jobs, first, same, execution);
    if (status != GP_OK) {
      free(groups);
      return status;
    }
  }
  *out = groups;
  return GP_OK;
}

/* Every cell and every value of every series, eight bytes each. */
double gp_run_bytes(const gp_schema *schema) {
  double values = 0;
  for (size_t v = 0; v < schema->count; v++) {
    double n = 1;
    if (schema->variables[v].shape != GP_PER_RUN) n *= (double)schema->checkpoint_count;
    if (schema->variables[v].shape == GP_PER_LAYER) n *= (double)schema->layer_count;
    values += n;
  }
  return 8 * values;
}

static int64_t steps_done(const gp_trace *trace) {
  size_t count;
  const gp_variable *variables = gp_train_variables(&count);
  for (size_t v = 0; v < count; v++)
    if (strcmp(variables[v].name, "steps_done") == 0) return trace->cells[v].integer;
  return 0;
}

/* One calibration: seconds per step of a row. Checkpoints are spread evenly over the steps here, so that a
 * short sample holds its fair share of them. */
static gp_status step_seconds(double *out, const gp_plan *plan, size_t row, gp_trainer *trainer,
                              double budget) {
  gp_spec spec;
  GP_TRY(gp_plan_spec(plan, row, &spec));
  const gp_dataset *data = gp_plan_dataset(plan, row);
  int64_t points = gp_spec_checkpoints(&spec, NULL, 0);
  spec.checkpoints = (gp_checkpoints){.kind = 1, .count = spec.steps / points > 0 ? spec.steps / points : 1};
  spec.learning_rate =
      spec.learning_rate > 1e-3 ? 1e-3 : spec.learning_rate; /* a diverged run says nothing */
  GP_TRY(gp_train_prepare(trainer, &spec, data));
  gp_trace trace;
  gp_run_limits limits = {.seconds = budget};
  gp_train_run(trainer, &limits, &trace);
  int64_t done = steps_done(&trace);
  *out = trace.seconds / (double)(done > 0 ? done : 1);
  return GP_OK;
}

/* Predicted seconds of a job: a straight line through the two calibrated costs. */
typedef struct line {
  double at_low, slope, low;
} line;

static double predict(const line *l, double step_cost, double steps) {
  return steps * (l->at_low + l->slope * (step_cost - l->low));
}

static gp_status calibrate(line *out, const gp_plan *plan, const gp_job *jobs, size_t count,
                           gp_trainer *trainer, double budget) {
  gp_spec spec;
  size_t low_row = jobs[count - 1].row, high_row = jobs[0].row;
  double low, high;
  GP_TRY(gp_plan_spec(plan, low_row, &spec));
  double low_cost = gp_cost_step(&spec, gp_plan_dataset(plan, low_row));
  GP_TRY(gp_plan_spec(plan, high_row, &spec));
  double high_cost = gp_cost_step(&spec, gp_plan_dataset(plan, high_row));
  GP_TRY(step_seconds(&low, plan, low_row, trainer, budget));
  GP_TRY(step_seconds(&high, plan, high_row, trainer, budget));
  double slope = high_cost > low_cost ? (high - low) / (high_cost - low_cost) : 0;
  *out = (line){.at_low = low, .slope = slope > 0 ? slope : 0, .low = low_cost};
  return GP_OK;
}

gp_status gp_jobs_estimate(gp_estimate *out, const gp_plan *plan, const gp_job *jobs, size_t count,
                           const char *tier, double budget) {
  *out = (gp_estimate){.file_bytes = gp_run_bytes(gp_plan_schema(plan)) * (double)gp_plan_runs(plan)};
  if (count == 0) return GP_OK;
  gp_trainer *trainer = NULL;
  gp_status status;
  line model;
  GP_TRY(gp_trainer_create(&trainer, &(gp_train_options){.tier = tier}));
  GP_TRY_DONE(calibrate(&model, plan, jobs, count, trainer, budget));
  for (size_t j = 0; j < count; j++) {
    gp_spec spec;
    GP_TRY_DONE(gp_plan_spec(plan, jobs[j].row, &spec));
    const gp_dataset *data = gp_plan_dataset(plan, jobs[j].row);
    size_t bytes = gp_train_bytes(&spec, data);
    if (bytes > out->worker_bytes) out->worker_bytes = bytes;
    double seconds = predict(&model, gp_cost_step(&spec, data), (double)spec.steps);
    if (seconds > out->longest) out->longest = seconds;
    out->seconds += seconds;
  }
done:
  gp_trainer_free(trainer);
  return status;
}
