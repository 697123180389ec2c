/* Measuring what a step costs, and predicting from it; see rates.h. */
#include "rates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"

static const double widths[GP_RATE_WIDTHS] = {4, 16, 32, 64}, batches[GP_RATE_BATCHES] = {4, 16, 64};

enum { CALIBRATION_LAYERS = 5 };

const gp_rates gp_rates_reference = {.seconds = {{{{2.19e-07, 2.85e-07, 8.55e-07},
                                                   {6.85e-07, 6.95e-07, 2.22e-06},
                                                   {1.65e-06, 1.77e-06, 5.91e-06},
                                                   {5.05e-06, 5.38e-06, 1.84e-05}},
                                                  {{4.71e-08, 1.43e-07, 5.85e-07},
                                                   {2e-07, 6.1e-07, 2.45e-06},
                                                   {6.03e-07, 1.71e-06, 6.44e-06},
                                                   {2.19e-06, 5.46e-06, 1.99e-05}}},
                                                 {{{2.29e-07, 3.49e-07, 1.12e-06},
                                                   {8.26e-07, 1.21e-06, 3.95e-06},
                                                   {2.08e-06, 3.24e-06, 1.1e-05},
                                                   {6.48e-06, 1.05e-05, 3.57e-05}},
                                                  {{7.24e-08, 2.18e-07, 8.5e-07},
                                                   {3.72e-07, 1.09e-06, 4.27e-06},
                                                   {1.11e-06, 3.2e-06, 1.18e-05},
                                                   {4.54e-06, 1.04e-05, 3.8e-05}}}}};

/* ---- measuring ---- */

/* One width; the rows are precision x batch x 16 seeds, the seeds innermost. The rate is so small that nothing
 * happens, and there are more steps than time. */
static gp_status calibration_plan(gp_plan **out, double width) {
  gp_text text = {0};
  gp_text_add(&text,
              "study: rates\n"
              "data: {name: gaussian, samples: 64, test: 0, features: %g, targets: %g}\n"
              "model: {depth: %d, width: %g, activation: tanh}\n"
              "train: {loss: mse, learning_rate: 1e-9, steps: 1000000, batch: [%g, %g, %g]}\n"
              "precision: [float32, float64]\n"
              "seed: 0..%d\n"
              "record: {checkpoints: [0]}\n",
              width, width, CALIBRATION_LAYERS - 1, width, batches[0], batches[1], batches[2],
              GP_LANES_MAX - 1);
  gp_status status = text.failed ? gp_fail(GP_ERR_MEMORY, "no memory to measure this machine")
                                 : gp_plan_load_text(out, "calibration", text.data);
  gp_text_free(&text);
  return status;
}

static int64_t steps_done(const gp_trace *trace) {
  size_t count;
  const gp_variable *variables = gp_train_variables(&count);
  for (size_t v = 0; v < count; v++)
    if (strcmp(variables[v].name, "steps_done") == 0) return trace->cells[v].integer;
  return 0;
}

/* A run's checkpoints are log-spaced, say: a short stretch would see too many of them. A small rate keeps it from
 * diverging, which says nothing. */
static gp_status sample_spec(gp_spec *out, const gp_plan *plan, size_t row) {
  GP_TRY(gp_plan_spec(plan, row, out));
  int64_t points = gp_spec_checkpoints(out, NULL, 0);
  out->checkpoints = (gp_checkpoints){.kind = 1, .count = out->steps / points > 0 ? out->steps / points : 1};
  if (out->learning_rate > 1e-3) out->learning_rate = 1e-3;
  return GP_OK;
}

static gp_status train_for(gp_trainer *trainer, const gp_plan *plan, const size_t *rows, int count,
                           double budget, double *seconds, int64_t *steps) {
  gp_spec spec[GP_LANES_MAX];
  const gp_spec *specs[GP_LANES_MAX];
  const gp_dataset *data[GP_LANES_MAX];
  enum gp_run_state states[GP_LANES_MAX];
  gp_trace trace;
  for (int i = 0; i < count; i++) {
    GP_TRY(sample_spec(&spec[i], plan, rows[i]));
    specs[i] = &spec[i];
    data[i] = gp_plan_dataset(plan, rows[i]);
  }
  GP_TRY(count == 1 ? gp_train_prepare(trainer, specs[0], data[0])
                    : gp_train_prepare_lanes(trainer, specs, data, count));
  gp_train_run_lanes(trainer, &(gp_run_limits){.seconds = budget}, states);
  gp_train_lane(trainer, 0, &trace);
  *seconds = trace.seconds;
  *steps = steps_done(&trace);
  return GP_OK;
}

gp_status gp_rates_measure(double *out, gp_trainer *trainer, const gp_plan *plan, const size_t *rows,
                           int count, double budget) {
  int64_t steps;
  GP_TRY(train_for(trainer, plan, rows, count, budget, out, &steps));
  *out /= (double)(steps > 0 ? steps : 1);
  return GP_OK;
}

/* Seconds per bare step: what a stretch takes beyond one that ends at its first step, which pays for the start. The least of
 * two: other work on the machine only ever adds. Where it added so much that no step was seen, a longer stretch sees some. */
static gp_status bare_step(double *out, gp_trainer *trainer, const gp_plan *plan, size_t first, int count) {
  static const double nothing = 1e-9;
  enum { SEEN = 2, TRIES = 8 };
  double start, seconds, stretch = 0.0015;
  int64_t none, steps;
  size_t rows[GP_LANES_MAX];
  for (int i = 0; i < count; i++) rows[i] = first + (size_t)i;
  *out = 1; /* seconds: what nobody wants to choose */
  for (int tries = 0, seen = 0; tries < TRIES && seen < SEEN; tries++) {
    GP_TRY(train_for(trainer, plan, rows, count, nothing, &start, &none));
    GP_TRY(train_for(trainer, plan, rows, count, fmax(stretch, 3 * start), &seconds, &steps));
    if (steps > none) {
      *out = fmin(*out, fmax(seconds - start, 1e-9) / (double)(steps - none));
      seen++;
    } else {
      stretch *= 4;
    }
  }
  return GP_OK;
}

static gp_status measure_width(gp_rates *rates, gp_trainer *trainer, int w) {
  gp_plan *plan = NULL;
  gp_status status;
  GP_TRY(calibration_plan(&plan, widths[w]));
  for (size_t row = 0; row < gp_plan_runs(plan); row += GP_LANES_MAX) {
    gp_spec spec;
    GP_TRY_DONE(gp_plan_spec(plan, row, &spec));
    int b = 0, wide = gp_spec_bits(&spec) == 64;
    while (b < GP_RATE_BATCHES - 1 && batches[b] < (double)spec.batch) b++;
    for (int lanes = 0; lanes < 2; lanes++) {
      int count = lanes ? gp_lane_count(&spec) : 1;
      double step;
      GP_TRY_DONE(bare_step(&step, trainer, plan, row, count));
      rates->seconds[wide][lanes][w][b] = step / count / CALIBRATION_LAYERS;
    }
  }
  status = GP_OK;
done:
  gp_plan_free(plan);
  return status;
}

static gp_status measure(gp_rates *rates, gp_trainer *trainer) {
  for (int w = 0; w < GP_RATE_WIDTHS; w++) GP_TRY(measure_width(rates, trainer, w));
  return GP_OK;
}

gp_status gp_rates_get(gp_rates *out, const char *tier) {
  gp_trainer *trainer = NULL;
  gp_status status = GP_OK;
  GP_TRY(gp_trainer_create(&trainer, &(gp_train_options){.tier = tier}));
  *out = (gp_rates){.measured = true};
  bool cached = gp_rates_cache_path(out->cache, gp_trainer_tier(trainer));
  if (!cached) out->cache[0] = '\0';
  if (cached && gp_rates_cache_read(out, out->cache)) goto done;
  GP_TRY_DONE(measure(out, trainer));
  if (cached) gp_rates_cache_write(out, out->cache);
done:
  gp_trainer_free(trainer);
  return status;
}

/* ---- predicting ---- */

/* Where x lies among the n knots: the lower one's index and the share of the way to the next, in the logarithm. */
static double place(const double *knots, int n, double x, int *index) {
  int i = 0;
  while (i < n - 2 && x > knots[i + 1]) i++;
  *index = i;
  double share = log(x / knots[i]) / log(knots[i + 1] / knots[i]);
  return fmin(fmax(share, 0), 1);
}

static double layer_seconds(const double table[GP_RATE_WIDTHS][GP_RATE_BATCHES], double in, double out,
                            double batch) {
  int i, j;
  double width = sqrt(in * out);
  double s = place(widths, GP_RATE_WIDTHS, width, &i), t = place(batches, GP_RATE_BATCHES, batch, &j);
  double low = (1 - t) * log(table[i][j]) + t * log(table[i][j + 1]);
  double high = (1 - t) * log(table[i + 1][j]) + t * log(table[i + 1][j + 1]);
  double beyond = fmax(width / widths[GP_RATE_WIDTHS - 1], 1) * fmax(width / widths[GP_RATE_WIDTHS - 1], 1) *
                  fmax(batch / batches[GP_RATE_BATCHES - 1], 1);
  return beyond * exp((1 - s) * low + s * high);
}

double gp_rates_step(const gp_rates *rates, const gp_spec *spec, const gp_dataset *data, bool lanes) {
  int64_t *sizes = malloc((size_t)(spec->depth + 2) * sizeof *sizes);
  if (sizes == NULL) return NAN;
  int layers = gp_spec_widths(spec, data, sizes);
  double batch = spec->batch == INT64_MIN ? (double)data->train : (double)spec->batch, seconds = 0;
  for (int l = 0; l < layers; l++)
    seconds += layer_seconds(rates->seconds[gp_spec_bits(spec) == 64][lanes], (double)sizes[l],
                             (double)sizes[l + 1], batch);
  free(sizes);
  return seconds;
}

bool gp_rates_lanes_pay(const gp_rates *rates, const gp_spec *spec, const gp_dataset *data, int runs) {
  return gp_rates_step(rates, spec, data, true) * gp_lane_count(spec) <
         gp_rates_step(rates, spec, data, false) * runs;
}
