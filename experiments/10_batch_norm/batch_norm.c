/* The claims of the batch-norm study: gradients of deep plain nets explode under batch normalisation, at a known rate.
 *
 * Factors are per layer back, on the sum of delta^2: gradient_factor^2 (all layers have one width). */
#include <math.h>
#include <stdio.h>

#include "activation.h"
#include "batch_norm_law.h"
#include "statistics.h"
#include "study_chart.h"
#include "study_view.h"

static const char *const activations[] = {"linear", "tanh", "sigmoid", "relu"};
static const double batches[] = {4, 8, 16, 64, 256};
enum {
  ACTIVATIONS = sizeof activations / sizeof *activations,
  BATCHES = sizeof batches / sizeof *batches,
  SEEDS_MAX = 64
};
static const double DEEPEST = 40, LARGE = 256, NO_NORM = 0;

/* ---- predictions ---- */

/* The law of a batch of any size, for a net whose examples are alike to each other (Yang et al. 2019); W drops out, since batch
 * norm divides it by what it makes. Linear: (B - 2)/(B - 3). */
static double law(const char *activation, double batch) {
  gp_choice choice;
  gp_choice_set(&choice, gp_family_find(&gp_activation_family, activation));
  return gp_batch_norm_law_of(&(gp_meanfield){.activation = &choice, .weight_variance = 1}, batch).chi;
}

/* E[phi'^2] / Var[phi]; for ReLU pi/(pi - 1). */
static double large_batch_law(const char *activation) {
  gp_choice choice;
  gp_choice_set(&choice, gp_family_find(&gp_activation_family, activation));
  return gp_batch_norm_limit(&(gp_meanfield){.activation = &choice, .weight_variance = 1}).chi;
}

/* ---- measurements ---- */

/* Mean over seeds of a run's value in a cell; batch NO_NORM: the control. */
static double mean_in(const study_view *v, const char *activation, double depth, double batch,
                      const char *column, double *deviation) {
  double values[SEEDS_MAX] = {0};
  size_t n = 0;
  for (size_t run = 0; run < v->runs && n < SEEDS_MAX; run++) {
    bool control = study_is(v, "norm", run, "none");
    if (!study_is(v, "activation", run, activation) || study_real(v, "depth", run) != depth) continue;
    if (control != (batch == NO_NORM) || (!control && study_real(v, "batch", run) != batch)) continue;
    values[n++] = study_real(v, column, run);
  }
  if (deviation != NULL) *deviation = gp_deviation(values, n);
  return n > 0 ? gp_mean(values, n) : (double)NAN;
}

static double squared_factor(const study_view *v, const char *activation, double batch) {
  double factor = mean_in(v, activation, DEEPEST, batch, "gradient_factor", NULL);
  return factor * factor;
}

/* ---- claims ---- */

static gp_status judge(gp_claim *claim, double measured, double expected, double tolerance) {
  gp_claim_measured(claim, "%.4f", measured);
  gp_claim_expected(claim, "%.4f within %g %%", expected, 100 * tolerance);
  claim->held = fabs(measured / expected - 1) <= tolerance;
  return GP_OK;
}

/* Width 256: the mean of a logarithm lies below by about 2.6/width, 1 %, and a batch of 256 is not infinite, 1/253 more. With the
 * scatter of five seeds, 3 %. */
static gp_status claim_large(gp_claims *out, const study_view *v, const char *activation) {
  STUDY_CLAIM(claim, out, "%s, batches of 256: delta^2 grows by E phi'^2 / Var phi per layer", activation);
  return judge(claim, squared_factor(v, activation, LARGE), large_batch_law(activation), 0.03);
}

/* The law is of a mean. The logarithm's lies below it by half a variance, which for batches of 4 is several per cent: 12 %
 * there, and 4 % (3 % and the first layers, which still know the input) from 8 on. */
static gp_status claim_law(gp_claims *out, const study_view *v, const char *activation) {
  double off[BATCHES], worst = 0;
  bool held = true;
  for (size_t b = 0; b < BATCHES; b++) {
    off[b] = squared_factor(v, activation, batches[b]) / law(activation, batches[b]) - 1;
    held &= fabs(off[b]) <= (batches[b] < 8 ? 0.12 : 0.04);
    if (batches[b] >= 8 && fabs(off[b]) > fabs(worst)) worst = off[b];
  }
  STUDY_CLAIM(claim, out,
              "%s: the factor follows the law of finite batches, %.3f for 4 examples, %.3f for 16",
              activation, law(activation, 4), law(activation, 16));
  gp_claim_measured(claim, "off by %+.1f %% at 4 and %+.1f %% at most from 8 to 256", 100 * off[0],
                    100 * worst);
  gp_claim_expected(claim, "12 %% at 4, 4 %% from 8 on");
  claim->held = held;
  return GP_OK;
}

static gp_status claim_explodes(gp_claims *out, const study_view *v) {
  size_t cells = 0, above = 0, falling = 0;
  double least = INFINITY;
  for (size_t a = 0; a < ACTIVATIONS; a++)
    for (size_t b = 0; b < BATCHES; b++) {
      double factor = squared_factor(v, activations[a], batches[b]);
      cells++;
      above += factor > 1;
      falling += b == 0 || factor < squared_factor(v, activations[a], batches[b - 1]);
      least = fmin(least, factor);
    }
  STUDY_CLAIM(claim, out, "batch norm makes every gradient explode, sigmoid's too, and small batches more");
  gp_claim_measured(claim, "factor above 1 in %zu of %zu cells (least %.4f), falling with the batch in %zu",
                    above, cells, least, falling);
  gp_claim_expected(claim, "all, all");
  claim->held = above == cells && falling == cells;
  return GP_OK;
}

/* Exponential in depth: twice the intervals, twice the decades. 10 % for the layers that still remember the input. */
static gp_status claim_depth(gp_claims *out, const study_view *v) {
  double short_span = mean_in(v, "relu", 20, 64, "gradient_span", NULL),
         long_span = mean_in(v, "relu", DEEPEST, 64, "gradient_span", NULL);
  STUDY_CLAIM(claim, out, "ReLU, batches of 64: the decades grow with depth, 39 intervals against 19");
  gp_claim_measured(claim, "%.2f against %.2f decades, %.3f times", long_span, short_span,
                    long_span / short_span);
  gp_claim_expected(claim, "%.3f times within 10 %%; log10 of pi/(pi - 1) makes %.2f", 39.0 / 19,
                    39 * log10(large_batch_law("relu")) / 2);
  claim->held = fabs(long_span / short_span / (39.0 / 19) - 1) <= 0.1;
  return GP_OK;
}

/* The control: He's variance, no normalisation. */
static gp_status claim_control(gp_claims *out, const study_view *v) {
  double sigmoid = squared_factor(v, "sigmoid", NO_NORM), with = squared_factor(v, "sigmoid", LARGE);
  STUDY_CLAIM(claim, out, "batch norm lifts a sigmoid net from vanishing to just above 1");
  gp_claim_measured(claim, "%.4f without, %.4f with", sigmoid, with);
  gp_claim_expected(claim, "0.1011 and %.4f within 3 %%", large_batch_law("sigmoid"));
  claim->held = fabs(sigmoid / 0.1011 - 1) <= 0.03 && fabs(with / large_batch_law("sigmoid") - 1) <= 0.03;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"activation",      "norm",          "depth", "batch",
                                        "gradient_factor", "gradient_span", NULL};
  return study_view_open(v, table, columns, NULL);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  for (size_t a = 0; a < ACTIVATIONS; a++) GP_TRY(claim_large(out, &v, activations[a]));
  for (size_t a = 0; a < ACTIVATIONS; a++) GP_TRY(claim_law(out, &v, activations[a]));
  GP_TRY(claim_explodes(out, &v));
  GP_TRY(claim_depth(out, &v));
  return claim_control(out, &v);
}

/* ---- the figure ---- */

static const study_chart figure = {
    .name = "factor-by-batch",
    .title = "Under batch norm every gradient explodes, most in small batches",
    .subtitle = "Factor on the error signal’s square per layer back, depth 40, width 256; mean of the "
                "seeds and their deviation; grey: 1; dashed: theory",
    .caption = "Without batch norm: linear 2, ReLU 1, tanh 1.10, sigmoid 0.10, at every batch size.",
    .x_title = "batch size",
    .y_title = "factor per layer",
    .x_log = true,
    .panels = 1,
    .lines = ACTIVATIONS,
    .panel_text = {""},
    .line_text = {"Linear", "Tanh", "Sigmoid", "ReLU"},
    .guide = 1,
    .guide_text = ""};

static gp_status draw_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  study_view v;
  study_chart c = figure;
  GP_TRY(open_view(&v, table));
  for (size_t a = 0; a < ACTIVATIONS; a++) {
    study_chart_line(&c);
    for (size_t b = 0; b < BATCHES; b++) {
      double sd, factor = mean_in(&v, activations[a], DEEPEST, batches[b], "gradient_factor", &sd),
                 spread = 2 * factor * sd;
      double square = factor * factor;
      study_chart_point(&c, batches[b], square, square - spread, square + spread,
                        law(activations[a], batches[b]));
    }
  }
  return study_chart_draw(&c, request, out);
}

static const char *const quick[] = {"seed=0..1", "model.depth=20,40", NULL};
static const char *const charts[] = {"depth-span", NULL};

extern const gp_study gp_study_batch_norm;
const gp_study gp_study_batch_norm = {
    .item = {.name = "batch-norm",
             .summary =
                 "gradients of deep plain nets explode under batch norm, at a rate that the batch sets",
             .source = "Yang et al. 2019"},
    .question = "What does batch normalisation do to the gradient of a deep plain net?",
    .config = "batch-norm",
    .quick = quick,
    .charts = charts,
    .figures = draw_figures,
    .claims = state_claims,
};
