#include "plot_case.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "journal.h"
#include "status.h"

enum { LAYERS_MAX = 32 };

const plot_case plot_case_full = {
    .activations = {"sigmoid", "tanh", "relu"},
    .depths = {1, 2, 3, 5, 8, 12, 20, 30},
    .rates = {1e-3, 4.6415888336127775e-3, 2.154434690031884e-2, 0.1, 0.46415888336127775, 2.154434690031884,
              10},
    .seeds = 5,
    .axes = "activation depth learning_rate seed",
};
const plot_case plot_case_single = {
    .activations = {"relu"}, .depths = {4}, .rates = {0.1}, .seeds = 1, .axes = ""};

static const char *const verdicts[] = {"none",      "diverged",    "dead",    "vanishing", "exploding",
                                       "saturated", "oscillating", "stalled", "healthy",   NULL};
static const int64_t steps[PLOT_CHECKPOINTS] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000};

enum {
  RUN_ID,
  ACTIVATION,
  DEPTH,
  WIDTH,
  RATE,
  SEED,
  DATA,
  STATUS,
  VERDICT,
  DIVERGED_AT,
  FACTOR,
  SPAN,
  THEORY_FACTOR,
  THEORY_SPAN,
  FINAL_LOSS,
  LOSS,
  DELTA,
  WEIGHT_GRADIENT,
  VARIABLES
};

static const gp_variable variables[VARIABLES] = {
    [RUN_ID] = {"run_id", "identity", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    [ACTIVATION] = {"activation", "activation", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    [DEPTH] = {"depth", "hidden layers", "1", GP_PER_RUN, GP_I64, NULL, NULL},
    [WIDTH] = {"width", "units", "1", GP_PER_RUN, GP_I64, NULL, NULL},
    [RATE] = {"learning_rate", "learning rate", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    [SEED] = {"seed", "seed", "1", GP_PER_RUN, GP_U64, NULL, NULL},
    [DATA] = {"data", "data", NULL, GP_PER_RUN, GP_TEXT, NULL, NULL},
    [STATUS] = {"status", "state", "1", GP_PER_RUN, GP_STATE, gp_run_state_words, NULL},
    [VERDICT] = {"verdict", "verdict", "1", GP_PER_RUN, GP_STATE, verdicts, NULL},
    [DIVERGED_AT] = {"diverged_at", "step", "1", GP_PER_RUN, GP_I64, NULL, NULL},
    [FACTOR] = {"gradient_factor", "factor", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    [SPAN] = {"gradient_span", "span", "decades", GP_PER_RUN, GP_F64, NULL, NULL},
    [THEORY_FACTOR] = {"predicted_gradient_factor", "theory", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    [THEORY_SPAN] = {"predicted_gradient_span", "theory", "decades", GP_PER_RUN, GP_F64, NULL, NULL},
    [FINAL_LOSS] = {"final_loss", "loss", "1", GP_PER_RUN, GP_F64, NULL, NULL},
    [LOSS] = {"loss", "loss", "1", GP_PER_CHECKPOINT, GP_F64, NULL, NULL},
    [DELTA] = {"delta_rms", "delta", "1", GP_PER_LAYER, GP_F64, NULL, NULL},
    [WEIGHT_GRADIENT] = {"weight_gradient_norm", "gradient", "1", GP_PER_LAYER, GP_F64, NULL, NULL},
};

static double theory_factor(const char *activation) {
  return strcmp(activation, "sigmoid") == 0 ? 0.236 : strcmp(activation, "tanh") == 0 ? 0.985 : 1;
}

/* The measured factor scatters around a value below theory's, as finite nets do. */
static double factor_of(const char *activation, int seed) {
  return theory_factor(activation) * (0.99 + 0.012 * (seed - 2));
}

double plot_case_delta(const char *activation, int depth, int layer, int seed) {
  return 0.04 * (1 + 0.3 * (seed - 2) / 2) * pow(factor_of(activation, seed), depth - layer);
}

int64_t plot_case_step(int checkpoint) {
  return steps[checkpoint];
}

const char *plot_case_verdict(const char *activation, int depth, int rate) {
  if (strcmp(activation, "sigmoid") == 0) return depth >= 5 ? "vanishing" : rate < 3 ? "stalled" : "healthy";
  if (rate < 2) return "stalled";
  int limit = strcmp(activation, "relu") == 0 ? 6 : 7;
  return rate + depth / 12 >= limit ? "diverged" : rate + depth / 12 >= limit - 1 ? "oscillating" : "healthy";
}

/* Falls with rate and steps unless the run fails; a diverging run is infinite from checkpoint 6 on. */
double plot_case_loss(const char *activation, int depth, int rate, int seed, int checkpoint) {
  const char *verdict = plot_case_verdict(activation, depth, rate);
  double start = 0.7 + 0.02 * seed, t = (double)steps[checkpoint];
  if (strcmp(verdict, "diverged") == 0) return checkpoint < 6 ? start * pow(3, checkpoint) : (double)INFINITY;
  if (strcmp(verdict, "healthy") == 0) return start / (1 + 0.02 * t * plot_case_full.rates[rate % 7]) + 1e-3;
  return start - 1e-5 * t;
}

static int state_of(const char *word) {
  for (int i = 0; verdicts[i] != NULL; i++) {
    if (strcmp(verdicts[i], word) == 0) return i;
  }
  return 0;
}

typedef struct made_run {
  gp_record record;
  gp_cell cells[VARIABLES];
  const double *series[VARIABLES];
  double loss[PLOT_CHECKPOINTS], delta[PLOT_CHECKPOINTS * LAYERS_MAX];
} made_run;

static void make_cells(made_run *run, const plot_case *study, const char *activation, int depth, int rate,
                       int seed) {
  const char *verdict = plot_case_verdict(activation, depth, rate);
  gp_cell *cells = run->cells;
  cells[RUN_ID].text = run->record.run_id;
  cells[ACTIVATION].text = activation;
  cells[DEPTH].integer = depth;
  cells[WIDTH].integer = 32;
  cells[RATE].real = study->rates[rate];
  cells[SEED].natural = (uint64_t)seed;
  cells[DATA].text = "spirals";
  cells[STATUS].state = GP_RUN_DONE;
  cells[VERDICT].state = state_of(verdict);
  cells[DIVERGED_AT].integer = strcmp(verdict, "diverged") == 0 ? steps[6] : -1;
  bool fitted = depth >= 3;
  cells[FACTOR].real = fitted ? factor_of(activation, seed) : (double)NAN;
  cells[SPAN].real = fitted ? (depth - 1) * log10(factor_of(activation, seed)) : (double)NAN;
  cells[THEORY_FACTOR].real = fitted ? theory_factor(activation) : (double)NAN;
  cells[THEORY_SPAN].real = fitted ? (depth - 1) * log10(theory_factor(activation)) : (double)NAN;
  cells[FINAL_LOSS].real = plot_case_loss(activation, depth, rate, seed, PLOT_CHECKPOINTS - 1);
}

static void make_run(made_run *run, const plot_case *study, const char *activation, int depth, int rate,
                     int seed) {
  char text[160];
  memset(run, 0, sizeof *run);
  int length = snprintf(text, sizeof text, "%.100s %d %d %d", activation, depth, rate, seed);
  gp_hash_text(run->record.run_id, text, (size_t)length);
  run->record.checkpoints = steps;
  run->record.checkpoint_count = PLOT_CHECKPOINTS;
  run->record.layer_count = (size_t)depth + 1;
  run->record.cells = run->cells;
  run->record.series = run->series;
  run->series[LOSS] = run->loss;
  run->series[DELTA] = run->series[WEIGHT_GRADIENT] = run->delta;
  make_cells(run, study, activation, depth, rate, seed);
  for (int k = 0; k < PLOT_CHECKPOINTS; k++) {
    run->loss[k] = plot_case_loss(activation, depth, rate, seed, k);
    for (int l = 1; l <= depth + 1; l++)
      run->delta[k * (depth + 1) + l - 1] = plot_case_delta(activation, depth, l, seed);
  }
}

static gp_status write_runs(gp_journal *journal, const plot_case *study) {
  static made_run run;
  for (int a = 0; study->activations[a] != NULL; a++) {
    for (int d = 0; study->depths[d] != 0; d++) {
      for (int r = 0; study->rates[r] > 0; r++) {
        for (int seed = 0; seed < study->seeds; seed++) {
          make_run(&run, study, study->activations[a], study->depths[d], r, seed);
          GP_TRY(gp_journal_append(journal, &run.record));
        }
      }
    }
  }
  return GP_OK;
}

const char *plot_case_write(const plot_case *study, const char *path) {
  char name[512];
  size_t cut, layers = 0;
  for (int d = 0; study->depths[d] != 0; d++)
    layers = (size_t)study->depths[d] + 1 > layers ? (size_t)study->depths[d] + 1 : layers;
  const gp_attribute attributes[] = {{"title", "made up"}, {"axes", study->axes}};
  gp_schema schema = {.variables = variables,
                      .count = VARIABLES,
                      .checkpoints = steps,
                      .checkpoint_count = PLOT_CHECKPOINTS,
                      .layer_count = layers,
                      .attributes = attributes,
                      .attribute_count = 2};
  gp_journal *journal = NULL;
  snprintf(name, sizeof name, "%s.journal", path);
  gp_status status = gp_journal_open(&journal, name, &schema, &cut);
  if (status == GP_OK) status = write_runs(journal, study);
  gp_status closed = gp_journal_close(journal, false);
  return status == GP_OK && closed == GP_OK ? NULL : gp_message();
}
