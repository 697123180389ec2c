/* The variables of a run and their filling. */
#include <math.h>
#include <pthread.h>

#include "moment.h"
#include "trainer.h"
#include "verdict.h"

#define RUN_REAL(name, long_name)                                                                            \
  { name, long_name, "1", GP_PER_RUN, GP_F64, NULL, NULL }
#define RUN_COUNT(name, long_name)                                                                           \
  { name, long_name, "1", GP_PER_RUN, GP_I64, NULL, NULL }
#define CHECKPOINT(name, long_name)                                                                          \
  { name, long_name, "1", GP_PER_CHECKPOINT, GP_F64, NULL, NULL }

/* The per-layer rows are copied from the probes: one place per probe. */
static gp_variable variables[GP_VAR_COUNT] = {
    [GP_VAR_STATUS] = {"status", "state of the run", "1", GP_PER_RUN, GP_STATE, gp_run_state_words, NULL},
    [GP_VAR_VERDICT] = {"verdict", "first verdict that matched", "1", GP_PER_RUN, GP_STATE, gp_verdict_words,
                        NULL},
    [GP_VAR_CONDITIONS] =
        {"conditions", "every condition that held, bit set", "1", GP_PER_RUN, GP_I64, gp_verdict_words,
         "2 diverged, 4 dead, 8 vanishing, 16 exploding, 32 saturated, 64 oscillating, 128 stalled, "
         "256 healthy (trained)"},
    [GP_VAR_STEPS_DONE] = RUN_COUNT("steps_done", "updates done"),
    [GP_VAR_DIVERGED_AT] =
        RUN_COUNT("diverged_at", "step of the first non-finite loss, -1 when there was none"),
    [GP_VAR_SKIPPED_STEPS] =
        RUN_COUNT("skipped_steps", "updates left out since the scaled gradient was not finite"),
    [GP_VAR_GRADIENT_FACTOR] =
        RUN_REAL("gradient_factor", "factor on delta_rms per layer further back, at initialisation"),
    [GP_VAR_GRADIENT_SPAN] = {"gradient_span",
                              "log10 of delta_rms in the first over the last hidden layer, at initialisation",
                              "decades", GP_PER_RUN, GP_F64, NULL, NULL},
    [GP_VAR_FINAL_LOSS] = RUN_REAL("final_loss", "loss over the training set when the run ended"),
    [GP_VAR_BEST_LOSS] = RUN_REAL("best_loss", "smallest loss over the training set at a checkpoint"),
    [GP_VAR_FINAL_ACCURACY] =
        RUN_REAL("final_accuracy", "accuracy (R^2 for regression) on the training set at the end"),
    [GP_VAR_FINAL_TEST_LOSS] = RUN_REAL("final_test_loss", "loss over the test set at the end"),
    [GP_VAR_FINAL_TEST_ACCURACY] =
        RUN_REAL("final_test_accuracy", "accuracy (R^2 for regression) on the test set at the end"),
    [GP_VAR_BASELINE] = RUN_REAL("baseline_loss", "loss of the best constant predictor on the training set"),
    [GP_VAR_LOSS] = CHECKPOINT("loss", "loss over the training set"),
    [GP_VAR_ACCURACY] = CHECKPOINT("accuracy", "accuracy (R^2 for regression) on the training set"),
    [GP_VAR_TEST_LOSS] = CHECKPOINT("test_loss", "loss over the test set"),
    [GP_VAR_TEST_ACCURACY] = CHECKPOINT("test_accuracy", "accuracy (R^2 for regression) on the test set"),
    [GP_VAR_BATCH_LOSS] = CHECKPOINT("batch_loss", "loss over the batch of the next update"),
    [GP_VAR_LOSS_SCALE_FACTOR] =
        CHECKPOINT("loss_scale_factor", "factor on the loss in the backward pass of the next update"),
    [GP_VAR_GRADIENT_NORM] = CHECKPOINT("gradient_norm", "2-norm of the gradient of all parameters"),
};

static void add_probes(void) {
  for (int p = 0; p < GP_PROBE_COUNT; p++) {
    const gp_probe *probe = gp_probe_at(p);
    variables[GP_VAR_PROBES + p] = (gp_variable){
        probe->item.name, probe->item.summary, probe->units, probe->shape, GP_F64, NULL, probe->note};
  }
}

const gp_variable *gp_train_variables(size_t *count) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, add_probes);
  *count = GP_VAR_COUNT;
  return variables;
}

bool gp_train_measures(const char *probes, size_t variable) {
  if (variable < GP_VAR_PROBES) return true;
  const gp_probe *probe = gp_probe_at((int)variable - GP_VAR_PROBES);
  return gp_probe_usual(probe) || gp_probe_selected(probes, probe);
}

void gp_trace_set(gp_trainer *t, int variable, size_t checkpoint, const double *values) {
  for (int i = 0; i < t->lanes; i++)
    if (!t->lane[i].stopped) t->lane[i].series[variable][checkpoint] = values[i];
}

/* ---- which probes a row has ---- */

/* What the verdict is judged on is measured at every checkpoint, asked for or not. */
static bool judged(int p) {
  return p == GP_PROBE_WEIGHT_GRADIENT_NORM || p == GP_PROBE_BIAS_GRADIENT_NORM || p == GP_PROBE_DELTA_RMS ||
         p == GP_PROBE_DEAD_FRACTION || p == GP_PROBE_SATURATED_FRACTION;
}

bool gp_trace_keeps(const gp_trainer *t, size_t v) {
  return v < GP_VAR_PROBES || gp_shape_table[variables[v].shape].inner == GP_NO_INNER ||
         t->cadences.probe[v - GP_VAR_PROBES] >= 0;
}

static bool selected(const gp_trainer *t, int p) {
  return t->cadences.probe[p] >= 0 && t->due[t->cadences.probe[p]];
}

static bool measured(const gp_trainer *t, int p) {
  bool divides = p == GP_PROBE_WEIGHT_NORM && selected(t, GP_PROBE_UPDATE_RATIO);
  return selected(t, p) || (t->due[0] && judged(p)) || divides;
}

void gp_trace_open(gp_trainer *t, size_t checkpoint, int64_t step) {
  for (int c = 0; c < t->cadences.count; c++) {
    t->due[c] = t->walk[c].step == step;
    if (t->due[c]) gp_walk_next(&t->walk[c]);
  }
  if (t->due[0]) t->main_row[t->main_rows++] = checkpoint;
}

bool gp_trace_due(const gp_trainer *t, gp_probe_time time) {
  for (int p = 0; p < GP_PROBE_FIRST_ON_TWIN; p++)
    if (gp_probe_at(p)->time == time && measured(t, p)) return true;
  return false;
}

/* ---- measuring ---- */

static void measure_layer(gp_trainer *t, const int *due, int count, int layer, size_t checkpoint) {
  unsigned moments = 0;
  size_t place = checkpoint * (size_t)t->net.layers + (size_t)layer - 1;
  for (int j = 0; j < count; j++) moments |= gp_probe_at(due[j])->moments;
  gp_moments_make(&t->view, layer, moments);
  for (int j = 0; j < count; j++) {
    const gp_probe *probe = gp_probe_at(due[j]);
    size_t length = gp_shape_inner(probe->shape, t->inner);
    probe->measure(&t->view, layer, t->value);
    for (int i = 0; i < t->lanes; i++) {
      const double *values = t->value + (size_t)i * length;
      double *to = t->lane[i].series[GP_VAR_PROBES + due[j]] + place * length;
      for (size_t k = 0; k < length && !t->lane[i].stopped; k++) to[k] = values[k];
    }
  }
}

static double squares(const double *norms, size_t layers) {
  double total = 0;
  for (size_t l = 0; l < layers; l++) total += isnan(norms[l]) ? 0 : norms[l] * norms[l];
  return total;
}

/* Adds the squares of the trained arrays that are neither weights nor biases. */
static void add_other_squares(gp_trainer *t, double *total) {
  for (int l = 0; l < t->net.layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(&t->net.layer[l], p);
    for (int j = 0; j < count; j++) {
      const void *g = p[j].at.gradient;
      if (g == t->net.layer[l].dw || g == t->net.layer[l].db) continue;
      t->net.k->sum_squares(t->value, g, p[j].count, t->lanes);
      for (int i = 0; i < t->lanes; i++) total[i] += t->value[i];
    }
  }
}

/* Norm over all parameters from the layers' norms. A layer without bias has no bias norm; a NaN norm of a
 * layer that has one makes the whole NaN. Under weight normalisation W itself is not a parameter. */
static void gradient_norm(gp_trainer *t, size_t checkpoint) {
  size_t layers = (size_t)t->net.layers;
  double *total = t->set_loss; /* not in use here */
  bool composed = t->net.layer[0].norm.direction.value != NULL;
  for (int i = 0; i < t->lanes; i++) {
    double *const *series = t->lane[i].series;
    const double *weight = series[GP_VAR_PROBES + GP_PROBE_WEIGHT_GRADIENT_NORM] + checkpoint * layers;
    const double *bias = series[GP_VAR_PROBES + GP_PROBE_BIAS_GRADIENT_NORM] + checkpoint * layers;
    bool missing = false;
    total[i] = (composed ? 0 : squares(weight, layers)) + (t->spec->bias ? squares(bias, layers) : 0);
    for (size_t l = 0; l < layers; l++)
      missing = missing || isnan(weight[l]) || (t->spec->bias && isnan(bias[l]));
    if (missing) total[i] = NAN;
  }
  add_other_squares(t, total);
  for (int i = 0; i < t->lanes; i++) total[i] = sqrt(total[i]);
  gp_trace_set(t, GP_VAR_GRADIENT_NORM, checkpoint, total);
}

/* Both norms must be there: they are at checkpoints, and wherever they were asked for. */
static bool norms_due(const gp_trainer *t) {
  return measured(t, GP_PROBE_WEIGHT_GRADIENT_NORM) && measured(t, GP_PROBE_BIAS_GRADIENT_NORM);
}

void gp_trace_probe(gp_trainer *t, size_t checkpoint, gp_probe_time time) {
  int due[GP_PROBE_FIRST_ON_TWIN], count = 0;
  for (int p = 0; p < GP_PROBE_FIRST_ON_TWIN; p++)
    if (gp_probe_at(p)->time == time && measured(t, p)) due[count++] = p;
  for (int l = 1; l <= t->net.layers && count > 0; l++) measure_layer(t, due, count, l, checkpoint);
  if (time != GP_AFTER_BACKWARD) return;
  if (norms_due(t)) gradient_norm(t, checkpoint);
  gp_trace_twin(t, checkpoint);
}

int gp_trace_verdict(const gp_trainer *t, int i, uint32_t *conditions) {
  const gp_lane *lane = &t->lane[i];
  gp_history history = {.checkpoints = lane->recorded,
                        .rows = t->main_row,
                        .stride = (size_t)t->net.layers,
                        .hidden = t->net.layers - 1,
                        .loss = lane->series[GP_VAR_LOSS],
                        .gradient_norm = lane->series[GP_VAR_GRADIENT_NORM],
                        .delta_rms = lane->series[GP_VAR_PROBES + GP_PROBE_DELTA_RMS],
                        .dead_fraction = lane->series[GP_VAR_PROBES + GP_PROBE_DEAD_FRACTION],
                        .saturated_fraction = lane->series[GP_VAR_PROBES + GP_PROBE_SATURATED_FRACTION],
                        .baseline = lane->baseline,
                        .final_loss = lane->final_loss,
                        .non_finite = lane->non_finite};
  return (int)gp_verdict_of(&history, &lane->spec->verdict, conditions);
}

static double best_loss(const gp_lane *lane, const size_t *rows) {
  double best = NAN;
  for (size_t c = 0; c < lane->recorded; c++) {
    double loss = lane->series[GP_VAR_LOSS][rows[c]];
    if (!(loss >= best)) best = isnan(loss) ? best : loss;
  }
  return best;
}

/* What was measured for the verdict only, or beside a probe's own steps, leaves no trace. */
static void drop_unselected(gp_trainer *t, gp_lane *lane) {
  for (int p = 0; p < GP_PROBE_FIRST_ON_TWIN; p++) {
    size_t width = gp_shape_width(gp_probe_at(p)->shape, (size_t)t->net.layers, t->inner);
    double *values = lane->series[GP_VAR_PROBES + p];
    int c = t->cadences.probe[p];
    gp_walk walk = {.step = INT64_MAX};
    if (values == NULL || (c == 0 && t->cadences.count == 1)) continue;
    if (c >= 0) gp_walk_begin(&walk, t->spec, &t->cadences.of[c]);
    for (size_t row = 0; row < t->checkpoints; row++) {
      bool kept = walk.step == t->checkpoint[row];
      if (kept) gp_walk_next(&walk);
      for (size_t i = 0; i < width && !kept; i++) values[row * width + i] = NAN;
    }
  }
}

void gp_trace_finish(gp_trainer *t, int i, enum gp_run_state state) {
  gp_lane *lane = &t->lane[i];
  uint32_t conditions;
  double factor, span;
  int verdict = gp_trace_verdict(t, i, &conditions);
  gp_decay_fit(lane->series[GP_VAR_PROBES + GP_PROBE_DELTA_RMS], t->net.layers - 1, &factor, &span);
  lane->cells[GP_VAR_STATUS].state = (int)state;
  lane->cells[GP_VAR_VERDICT].state = verdict;
  lane->cells[GP_VAR_CONDITIONS].integer = conditions;
  lane->cells[GP_VAR_STEPS_DONE].integer = lane->stopped_at;
  lane->cells[GP_VAR_DIVERGED_AT].integer = lane->non_finite ? lane->stopped_at : -1;
  lane->cells[GP_VAR_SKIPPED_STEPS].integer = lane->skipped;
  lane->cells[GP_VAR_GRADIENT_FACTOR].real = factor;
  lane->cells[GP_VAR_GRADIENT_SPAN].real = span;
  lane->cells[GP_VAR_FINAL_LOSS].real = lane->final_loss;
  lane->cells[GP_VAR_BEST_LOSS].real = best_loss(lane, t->main_row);
  lane->cells[GP_VAR_FINAL_ACCURACY].real = lane->final_accuracy;
  lane->cells[GP_VAR_FINAL_TEST_LOSS].real = lane->final_test_loss;
  lane->cells[GP_VAR_FINAL_TEST_ACCURACY].real = lane->final_test_accuracy;
  lane->cells[GP_VAR_BASELINE].real = lane->baseline;
  drop_unselected(t, lane);
}

void gp_trainer_trace(const gp_trainer *t, int i, gp_trace *out) {
  const gp_lane *lane = &t->lane[i];
  *out = (gp_trace){.checkpoints = t->checkpoint,
                    .checkpoint_count = t->checkpoints,
                    .layer_count = (size_t)t->net.layers,
                    .inner = t->inner,
                    .cells = lane->cells,
                    .series = (const double *const *)lane->series,
                    .seconds = t->seconds};
}
