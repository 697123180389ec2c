/* Probes with steps of their own: the rows of the series, what stands in them, and that measuring changes nothing. */
#include <stdio.h>

#include "cadence.h"
#include "engine.h"

static const char common[] =
    "data=blobs data.samples=40 data.test=10 data.classes=3 data.features=4 depth=4 width=6 activation=tanh "
    "learning_rate=0.2 batch=8 steps=12 ";

static const char *const sets[] = {"precision=float32", "precision=float64 on=train",
                                   "precision=float32 on=5",
                                   "norm=layer residual=identity precision=float64"};

/* The value of a probe at a step, layer by layer, as a run that measures everything at every step has it. */
static const double *full_row(const gp_trace *full, const char *name, int64_t step) {
  return engine_series(full, name) + (size_t)step * full->layer_count;
}

static bool listed(const int64_t *steps, int64_t step) {
  while (*steps >= 0 && *steps != step) steps++;
  return *steps == step;
}

static size_t row_of(const gp_trace *trace, int64_t step) {
  for (size_t row = 0; row < trace->checkpoint_count; row++)
    if (trace->checkpoints[row] == step) return row;
  cr_assert_fail("no row for step %d", (int)step);
  return 0;
}

/* A probe has the values of the full run at its own steps, and NaN in the other rows. */
static void check_probe(const gp_trace *trace, const gp_trace *full, const char *name, const int64_t *steps) {
  const double *values = engine_series(trace, name);
  for (size_t row = 0; row < trace->checkpoint_count; row++) {
    int64_t step = trace->checkpoints[row];
    const double *wanted = full_row(full, name, step);
    for (size_t l = 0; l < trace->layer_count; l++) {
      double value = values[row * trace->layer_count + l];
      if (listed(steps, step))
        cr_assert(engine_same(value, wanted[l]), "%s at step %d, layer %zu: %g, not %g", name, (int)step,
                  l + 1, value, wanted[l]);
      else
        cr_assert(isnan(value), "%s at step %d: %g", name, (int)step, value);
    }
  }
}

static void compare(const char *set) {
  static const int64_t main_rows[] = {0, 5, 10, 12, -1}, threes[] = {0, 3, 6, 9, 12, -1},
                       list[] = {0, 2, 7, -1}, logs[] = {0, 1, 2, 5, 12, -1}, no_rows[] = {-1},
                       all_rows[] = {0, 1, 2, 3, 5, 6, 7, 9, 10, 12, -1};
  char words[400], everything[400];
  spec_case few, all;
  gp_trainer *a = engine_on("auto"), *b = engine_on("auto");
  snprintf(words, sizeof words,
           "%s every=5 "
           "probes=delta_rms(every=3),weights(every=3),rules(at=0-2-7),gradient_cosine(every=3),noise(log=5),"
           "zero_fraction",
           set);
  snprintf(everything, sizeof everything, "%s every=1 probes=all,noise,dynamics,rules", set);
  spec_case_make(&few, common, words);
  spec_case_make(&all, common, everything);
  gp_trace trace = engine_run(a, &few), full = engine_run(b, &all);
  size_t rows = 0;
  for (; all_rows[rows] >= 0; rows++) cr_assert_eq(trace.checkpoints[rows], all_rows[rows]);
  cr_assert_eq(trace.checkpoint_count, rows);
  check_probe(&trace, &full, "delta_rms", threes);
  check_probe(&trace, &full, "weight_norm", threes);
  check_probe(&trace, &full, "update_norm", threes);
  check_probe(&trace, &full, "update_ratio", threes);
  check_probe(&trace, &full, "gradient_cosine", threes);
  check_probe(&trace, &full, "gradient_mean_abs", list);
  check_probe(&trace, &full, "nonpositive_fraction", list);
  check_probe(&trace, &full, "gradient_noise_scale", logs);
  check_probe(&trace, &full, "zero_fraction", main_rows);
  check_probe(&trace, &full, "dead_fraction", no_rows); /* measured for the verdict, not asked for */
  for (size_t row = 0; row < rows; row++) {
    int64_t step = trace.checkpoints[row];
    double loss = engine_series(&trace, "loss")[row];
    cr_assert(listed(main_rows, step) ? engine_same(loss, engine_series(&full, "loss")[step]) : isnan(loss));
    cr_assert(
        engine_same(engine_series(&trace, "batch_loss")[row], engine_series(&full, "batch_loss")[step]));
  }
  double norm = engine_series(&trace, "gradient_norm")[row_of(&trace, 5)];
  cr_assert(engine_same(norm, engine_series(&full, "gradient_norm")[5]));
  cr_assert(isnan(engine_series(&trace, "gradient_norm")[row_of(&trace, 3)]));
  gp_trainer_free(a);
  gp_trainer_free(b);
  spec_case_free(&few);
  spec_case_free(&all);
}

Test(cadence, probes_keep_their_own_steps) {
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) compare(sets[s]);
}

/* Which probes are on changes no loss, no verdict, no weight: the cells and losses have the same bits. */
Test(cadence, measuring_changes_nothing) {
  static const char *const selections[] = {
      "probes=weight_norm",
      "probes=all",
      "probes=panel(every=1),rules,dynamics",
      "probes=all,sharpness(samples=8),jacobian,kernel,pairs,spectra,precision",
      "probes=update_norm(at=3)",
      "probes=histograms(every=1)",
      "probes=all,noise,dynamics,rules,histograms,curvature,eigenvalues,singular_values,jacobian,kernel,"
      "pairs,"
      "spectra,precision"};
  static const char *const cells[] = {"final_loss",      "best_loss",       "final_accuracy",
                                      "final_test_loss", "gradient_factor", "gradient_span"};
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
    double first[6] = {0}, loss[4] = {0};
    int verdict = -1;
    if (strstr(sets[s], "norm=") != NULL && s > 0) continue; /* the double twin is for plain networks */
    for (size_t i = 0; i < sizeof selections / sizeof *selections; i++) {
      char words[300];
      spec_case c;
      gp_trainer *trainer = engine_on("auto");
      snprintf(words, sizeof words, "%s every=5 %s", sets[s], selections[i]);
      spec_case_make(&c, common, words);
      gp_trace trace = engine_run(trainer, &c);
      static const int64_t main_rows[] = {0, 5, 10, 12};
      for (size_t k = 0; k < 6; k++) {
        double value = engine_cell(&trace, cells[k]).real;
        cr_assert(i == 0 || engine_same(value, first[k]), "%s: %s differs", words, cells[k]);
        first[k] = value;
      }
      for (size_t k = 0; k < 4; k++) {
        double value = engine_series(&trace, "loss")[row_of(&trace, main_rows[k])];
        cr_assert(i == 0 || engine_same(value, loss[k]), "%s: the loss at step %d differs", words,
                  (int)main_rows[k]);
        loss[k] = value;
      }
      cr_assert(i == 0 || engine_cell(&trace, "verdict").state == verdict);
      verdict = engine_cell(&trace, "verdict").state;
      gp_trainer_free(trainer);
      spec_case_free(&c);
    }
  }
}

/* Selections that are wrong say where. */
Test(cadence, wrong_ones_are_refused) {
  static const char *const wrong[] = {"delta_rms(every=0)", "delta_rms(every=x)", "delta_rms(log=1)",
                                      "delta_rms(at=)",     "delta_rms(at=3-2)",  "delta_rms(at=1-1)",
                                      "delta_rms(at=1--2)", "delta_rms(often=2)", "weights(samples=2)",
                                      "sharpness(every=-1)"};
  gp_second_settings settings;
  char word[64];
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_assert_not(gp_probe_settings(wrong[i], &settings, word), "%s passes", wrong[i]);
  cr_assert(gp_probe_settings("all(every=2),noise(log=7),rules(at=0-5-100),sharpness(every=10;samples=3)",
                              &settings, word));
  cr_assert_eq(settings.hessian_samples, 3);
}
