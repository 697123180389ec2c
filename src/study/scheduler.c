/* The queue and its cost model; see scheduler.h. */
#include "scheduler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "run.h"

double gp_cost_step(const gp_spec *spec, const gp_dataset *data) {
  return gp_rates_step(&gp_rates_reference, spec, data, false);
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

/* The jobs of one shape, neighbours in the queue. */
typedef struct shape {
  const gp_job *jobs;
  size_t count;
  gp_spec spec;
  const gp_dataset *data;
} shape;

static gp_status shape_at(shape *out, const gp_plan *plan, const gp_job *jobs, size_t left) {
  size_t same = 1;
  while (same < left && jobs[same].shape == jobs[0].shape) same++;
  *out = (shape){.jobs = jobs, .count = same, .data = gp_plan_dataset(plan, jobs[0].row)};
  return gp_plan_spec(plan, jobs[0].row, &out->spec);
}

/* Time is worth measuring when the queue takes much longer than the measurement. */
static bool worth_measuring(const gp_job *jobs, size_t count) {
  static const double least_seconds = 3;
  double seconds = 0;
  bool shared = false;
  for (size_t j = 0; j < count; j++) {
    seconds += jobs[j].cost;
    shared = shared || (j > 0 && jobs[j].shape == jobs[j - 1].shape);
  }
  return shared && seconds > least_seconds;
}

static double rounds(double pieces, double threads) {
  return ceil(pieces / threads);
}

/* Whether lane groups are done sooner with the jobs of a shape. When there are fewer lane groups than workers the others
 * would wait for them (or do other shapes, where this one is a small share of the queue). */
static bool lanes_pay(const gp_rates *rates, const shape *s, int threads, bool alone) {
  double lanes = gp_lane_count(&s->spec), groups = ceil((double)s->count / lanes),
         workers = alone ? threads : 1;
  double together = gp_rates_step(rates, &s->spec, s->data, true) * lanes * rounds(groups, workers);
  return together < gp_rates_step(rates, &s->spec, s->data, false) * rounds((double)s->count, workers);
}

/* How many of the `left` jobs of a shape go into the next group: all lanes, or one. A last group that is not full must pay on its own. */
static int group_size(const gp_rates *rates, const shape *s, size_t left, bool lanes, bool forced) {
  int full = gp_lane_count(&s->spec), size = left < (size_t)full ? (int)left : full;
  if (!lanes || size < 2) return 1;
  return forced || gp_rates_lanes_pay(rates, &s->spec, s->data, size) ? size : 1;
}

static void cut_shape(gp_group *groups, size_t *count, const gp_rates *rates, const shape *s, size_t first,
                      bool lanes, bool forced) {
  for (size_t done = 0; done < s->count;) {
    int size = group_size(rates, s, s->count - done, lanes, forced);
    groups[(*count)++] = (gp_group){first + done, size};
    done += (size_t)size;
  }
}

static gp_status cut_queue(gp_group *groups, size_t *count, const gp_rates *rates, const gp_plan *plan,
                           const gp_job *jobs, size_t job_count, const gp_grouping *how) {
  shape s;
  double total = 0;
  bool forced = how->execution == GP_EXECUTION_LANES;
  for (size_t j = 0; j < job_count; j++) total += jobs[j].cost;
  for (size_t first = 0; first < job_count; first += s.count) {
    GP_TRY(shape_at(&s, plan, jobs + first, job_count - first));
    bool alone = jobs[first].cost * (double)s.count * how->threads > total;
    bool lanes = forced || (how->execution == GP_EXECUTION_AUTO && lanes_pay(rates, &s, how->threads, alone));
    cut_shape(groups, count, rates, &s, first, lanes, forced);
  }
  return GP_OK;
}

gp_status gp_groups_make(gp_group **out, size_t *count, gp_rates *rates, const gp_plan *plan,
                         const gp_job *jobs, size_t job_count, const gp_grouping *how) {
  gp_status status;
  *count = 0;
  *rates = gp_rates_reference;
  if (how->execution == GP_EXECUTION_AUTO && worth_measuring(jobs, job_count))
    GP_TRY(gp_rates_get(rates, how->tier));
  gp_group *groups = malloc((job_count + 1) * sizeof *groups);
  if (groups == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a queue of %zu runs", job_count);
  GP_TRY_DONE(cut_queue(groups, count, rates, plan, jobs, job_count, how));
  *out = groups;
  return GP_OK;
done:
  free(groups);
  return status;
}

/* Every cell and every value of every series, eight bytes each. */
double gp_run_bytes(const gp_schema *schema) {
  double values = 0;
  for (size_t v = 0; v < schema->count; v++) {
    gp_shape kind = schema->variables[v].shape;
    values += (double)gp_shape_steps(kind, schema->checkpoint_count) *
              (double)gp_shape_width(kind, schema->layer_count, schema->inner);
  }
  return 8 * values;
}

/* ---- predicting ---- */

/* What a value takes in the file, as a share of its eight bytes. Measured norms and moments have digits that are as good as
 * random and hardly shrink; shares (zero_fraction, accuracy) have few values, counts of histograms are mostly 0. Layers that a run
 * does not have shrink to nothing, and so does what is the same for all runs. Fitted to the reference sweep (0.88 and 0.06; a test
 * holds it against files) and, for histograms, to smoke and xor (0.038 and 0.026). */
static double stored_share(const gp_variable *variable) {
  static const struct {
    const char *word;
    double share;
  } kinds[] = {{"fraction", 0.06}, {"accuracy", 0.06}, {"histogram", 0.03}};
  static const double digits = 0.88;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strstr(variable->name, kinds[i].word) != NULL) return kinds[i].share;
  return digits;
}

/* Bytes that a run of so many layers adds to the file, recorded at so many steps. */
static double stored_bytes(const gp_schema *schema, size_t steps, size_t layers) {
  double values = 0;
  for (size_t v = 0; v < schema->count; v++) {
    const gp_variable *variable = &schema->variables[v];
    if (variable->shape == GP_PER_RUN || variable->shape == GP_PER_RUN_LAYER) continue;
    values += stored_share(variable) * (double)gp_shape_steps(variable->shape, steps) *
              (double)gp_shape_width(variable->shape, layers, schema->inner);
  }
  static const double of_the_run = 48; /* identity, losses, what is fitted */
  return 8 * values + of_the_run;
}

static gp_status estimate_file(gp_estimate *out, const gp_plan *plan) {
  const gp_schema *schema = gp_plan_schema(plan);
  double empty = 2000.0 * (double)schema->count; /* each variable's description and attributes */
  out->file_bytes = empty;
  out->file_bytes_most = gp_run_bytes(schema) * (double)gp_plan_runs(plan) + empty;
  for (size_t row = 0; row < gp_plan_runs(plan); row++) {
    gp_spec spec;
    GP_TRY(gp_plan_spec(plan, row, &spec));
    out->file_bytes += stored_bytes(schema, (size_t)gp_spec_rows(&spec, NULL, 0),
                                    (size_t)gp_spec_widths(&spec, gp_plan_dataset(plan, row), NULL));
  }
  return GP_OK;
}

static double group_rate(const gp_rates *rates, const gp_spec *spec, const gp_dataset *data, int count) {
  return count == 1 ? gp_rates_step(rates, spec, data, false)
                    : gp_rates_step(rates, spec, data, true) * gp_lane_count(spec);
}

/* What the rates leave out (the activation, the optimiser, probes and evaluations), as a factor on them: measured on the dearest and
 * the cheapest group, a straight line in the logarithm of the cost between them. */
typedef struct correction {
  double low, high;       /* seconds per step by the rates */
  double at_low, at_high; /* measured over predicted */
} correction;

static double corrected(const correction *c, double rate) {
  if (!(c->high > c->low)) return rate * c->at_high;
  double share = fmin(fmax(log(rate / c->low) / log(c->high / c->low), 0), 1);
  return rate * ((1 - share) * c->at_low + share * c->at_high);
}

static gp_status measure_group(double *rate, double *factor, const gp_plan *plan, const gp_job *jobs,
                               const gp_group *group, const gp_rates *rates, gp_trainer *trainer,
                               double budget) {
  gp_spec spec;
  double seconds;
  size_t rows[GP_LANES_MAX];
  for (int i = 0; i < group->count; i++) rows[i] = jobs[group->first + (size_t)i].row;
  GP_TRY(gp_plan_spec(plan, rows[0], &spec));
  GP_TRY(gp_rates_measure(&seconds, trainer, plan, rows, group->count, budget));
  *rate = group_rate(rates, &spec, gp_plan_dataset(plan, rows[0]), group->count);
  *factor = seconds / *rate;
  return GP_OK;
}

static gp_status add_group(gp_estimate *out, const gp_plan *plan, const gp_job *jobs, const gp_group *group,
                           const gp_rates *rates, const correction *c) {
  gp_spec spec;
  GP_TRY(gp_plan_spec(plan, jobs[group->first].row, &spec));
  const gp_dataset *data = gp_plan_dataset(plan, jobs[group->first].row);
  size_t bytes = gp_train_bytes(&spec, data, group->count > 1 ? gp_lane_count(&spec) : 1);
  double seconds = corrected(c, group_rate(rates, &spec, data, group->count)) * (double)spec.steps;
  if (bytes > out->worker_bytes) out->worker_bytes = bytes;
  if (seconds > out->longest) out->longest = seconds;
  out->seconds += seconds;
  out->lane_groups += group->count > 1;
  out->lane_runs += group->count > 1 ? (size_t)group->count : 0;
  return GP_OK;
}

gp_status gp_jobs_estimate(gp_estimate *out, const gp_plan *plan, const gp_job *jobs, const gp_group *groups,
                           size_t group_count, const gp_rates *rates, const char *tier, double budget) {
  *out = (gp_estimate){0};
  GP_TRY(estimate_file(out, plan));
  if (group_count == 0) return GP_OK;
  gp_trainer *trainer = NULL;
  correction c;
  gp_status status;
  GP_TRY(gp_trainer_create(&trainer, &(gp_train_options){.tier = tier}));
  GP_TRY_DONE(measure_group(&c.high, &c.at_high, plan, jobs, &groups[0], rates, trainer, budget));
  GP_TRY_DONE(measure_group(&c.low, &c.at_low, plan, jobs, &groups[group_count - 1], rates, trainer, budget));
  for (size_t g = 0; g < group_count; g++) GP_TRY_DONE(add_group(out, plan, jobs, &groups[g], rates, &c));
done:
  gp_trainer_free(trainer);
  return status;
}
