/* The claims of the deep-linear study: the recurrence of one mode, Saxe's curve for two layers, and the length of the plateau.
 *
 * The net is y = w_L ... w_1 x with all weights equal, examples x = -1 and 1 with target s x, s = 1, loss (y - s x)^2 / 2, the mean
 * over both: every weight obeys
 * a <- a + eta a^(L-1) (s - a^L) (Saxe et al. 2014; SCIENCE section 4). */
#include <math.h>

#include "deep_linear_law.h"
#include "study_chart.h"
#include "study_view.h"

static size_t layers_of(const study_view *v, size_t run) {
  return (size_t)study_real(v, "depth", run) + 1;
}

static double power(double a, size_t n) {
  double product = 1;
  while (n-- > 0) product *= a;
  return product;
}

/* ---- the recurrence ---- */

/* The largest relative difference of a run's weights from the recurrence, over layers and checkpoints. */
static double difference_of(const study_view *v, size_t run) {
  const int64_t *steps = gp_table_schema(v->table)->checkpoints;
  double a = study_real(v, "init_value", run), rate = study_real(v, "learning_rate", run), worst = NAN;
  size_t layers = layers_of(v, run);
  int64_t step = 0;
  for (size_t k = 0; k < v->checkpoints; k++) {
    a = gp_deep_linear_map(a, layers, 1, rate, steps[k] - step);
    step = steps[k];
    for (size_t l = 1; l <= layers; l++)
      worst = fmax(worst, fabs(study_layer(v, "weight_norm", run, k, l) / a - 1));
  }
  return worst;
}

static gp_status claim_recurrence(gp_claims *out, const study_view *v, const char *precision, double limit) {
  size_t runs = 0, beyond = 0, at = 0;
  double worst = NAN;
  for (size_t run = 0; run < v->runs; run++) {
    if (!study_is(v, "precision", run, precision)) continue;
    double difference = difference_of(v, run);
    runs++;
    beyond += !(difference < limit);
    if (!(difference <= worst)) worst = difference, at = run;
  }
  STUDY_CLAIM(claim, out, "%s: every weight follows a <- a + eta a^(L-1) (s - a^L), from plateau to end",
              precision);
  gp_claim_measured(claim, "largest relative difference %.2g (depth %.0f from %g), %zu of %zu runs beyond",
                    worst, study_real(v, "depth", at), study_real(v, "init_value", at), beyond, runs);
  gp_claim_expected(claim, "below %g", limit);
  claim->held = runs > 0 && beyond == 0;
  return GP_OK;
}

/* ---- gradient flow ---- */

/* Steps of size eta lag behind the flow: growth by (1 + eta)^2 instead of e^(2 eta) per step loses eta t of u by time t, and the
 * plateau from u0 = 0.01 lasts t = 2.3: 2.3 % at eta = 0.01, rounded up. */
static const double FLOW = 0.03;

/* Saxe's curve u(t) for L = 2: u = s e^(2st) / (e^(2st) - 1 + s/u0). */
static gp_status claim_curve(gp_claims *out, const study_view *v) {
  const int64_t *steps = gp_table_schema(v->table)->checkpoints;
  double worst = NAN;
  size_t runs = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (layers_of(v, run) != 2 || !study_is(v, "precision", run, "float64")) continue;
    double start = power(study_real(v, "init_value", run), 2);
    for (size_t k = 0; k < v->checkpoints; k++) {
      double exact = gp_saxe_curve(start, 1, study_real(v, "learning_rate", run) * (double)steps[k]);
      double u = study_layer(v, "weight_norm", run, k, 1) * study_layer(v, "weight_norm", run, k, 2);
      worst = fmax(worst, fabs(u / exact - 1));
    }
    runs++;
  }
  STUDY_CLAIM(claim, out, "two layers: the product of the weights is on Saxe's curve at every checkpoint");
  gp_claim_measured(claim, "largest relative difference %.2f %% (%zu runs)", 100 * worst, runs);
  gp_claim_expected(claim, "below %g %%, the lag of finite steps", 100 * FLOW);
  claim->held = runs > 0 && worst < FLOW;
  return GP_OK;
}

/* The first checkpoint whose product of weights has passed a half. */
static size_t past_half(const study_view *v, size_t run) {
  for (size_t k = 0; k < v->checkpoints; k++)
    if (power(study_layer(v, "weight_norm", run, k, 1), layers_of(v, run)) >= 0.5) return k;
  return v->checkpoints;
}

/* The crossing lies between two checkpoints, and so must the predicted step, up to the lag. */
static gp_status claim_plateau(gp_claims *out, const study_view *v, size_t layers) {
  const int64_t *steps = gp_table_schema(v->table)->checkpoints;
  size_t runs = 0, inside = 0;
  double longest = 0, predicted = 0, low = 0, high = 0;
  for (size_t run = 0; run < v->runs; run++) {
    size_t k = past_half(v, run);
    if (layers_of(v, run) != layers || !study_is(v, "precision", run, "float64") || k == 0) continue;
    double expected =
        gp_plateau_time(study_real(v, "init_value", run), layers, 0.5) / study_real(v, "learning_rate", run);
    runs++;
    if (k == v->checkpoints) continue;
    double before = (double)steps[k - 1], after = (double)steps[k];
    inside += expected * (1 + FLOW) >= before && expected * (1 - FLOW) <= after;
    if (expected > longest) longest = predicted = expected, low = before, high = after;
  }
  STUDY_CLAIM(claim, out, "%zu layers: the plateau lasts as long as the flow says", layers);
  gp_claim_measured(claim, "%zu of %zu runs; the longest is half way between steps %.0f and %.0f", inside,
                    runs, low, high);
  gp_claim_expected(claim, "all; step %.0f", predicted);
  claim->held = runs > 0 && inside == runs;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"depth", "init_value", "learning_rate", "precision", NULL};
  static const char *const series[] = {"weight_norm", NULL};
  return study_view_open(v, table, columns, series);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  GP_TRY(claim_recurrence(out, &v, "float64", 1e-12));
  GP_TRY(claim_recurrence(out, &v, "float32", 1e-5));
  GP_TRY(claim_curve(out, &v));
  for (size_t layers = 2; layers <= 4; layers++) GP_TRY(claim_plateau(out, &v, layers));
  return GP_OK;
}

/* ---- the figure ---- */

enum { DEPTHS = 3, STARTS = 3 };
static const double starts[STARTS] = {0.1, 0.2, 0.3};

/* What the net computes, u = a^L, and the recurrence's u. The quick version lacks the smallest weights. */
static void draw_line(study_chart *c, const study_view *v, size_t layers, double start) {
  const int64_t *steps = gp_table_schema(v->table)->checkpoints;
  study_chart_line(c);
  for (size_t run = 0; run < v->runs; run++) {
    if (layers_of(v, run) != layers || study_real(v, "init_value", run) != start) continue;
    if (!study_is(v, "precision", run, "float64")) continue;
    for (size_t k = 0; k < v->checkpoints; k++) {
      double u = power(study_layer(v, "weight_norm", run, k, 1), layers);
      double exact = gp_deep_linear_map(start, layers, 1, study_real(v, "learning_rate", run), steps[k]);
      study_chart_point(c, (double)steps[k], u, u, u, power(exact, layers));
    }
  }
}

static const study_chart figure = {
    .name = "plateaus",
    .title = "A deep linear net waits, the longer the deeper, and then learns at once",
    .subtitle = "Product of the weights, learning y = x from equal weights; dashed: the exact recurrence; "
                "float64, rate 0.01",
    .caption = "Half way at ln(1/a), 1/a and 1/(2 a^2) over the rate for 2, 3 and 4 layers from weights a.",
    .x_title = "step",
    .x_log = true,
    .y_title = "product of the weights",
    .panels = DEPTHS,
    .lines = STARTS,
    .panel_text = {"2 layers", "3 layers", "4 layers"},
    .line_text = {"from 0.1", "from 0.2", "from 0.3"},
    .ordered = true,
    .y_low = 0,
    .y_high = 1.1};

static gp_status draw_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  study_view v;
  study_chart c = figure;
  GP_TRY(open_view(&v, table));
  for (size_t layers = 2; layers < 2 + DEPTHS; layers++)
    for (size_t i = 0; i < STARTS; i++) draw_line(&c, &v, layers, starts[i]);
  return study_chart_draw(&c, request, out);
}

/* Without weights 0.1: the long plateau of depth 3 is where the claim on float32 does not hold (see the README), and the quick
 * version is a test of the program. */
static const char *const quick[] = {"init={name: constant, value: 0.2},{name: constant, value: 0.3}", NULL};
static const char *const charts[] = {"loss-curves", NULL};

extern const gp_study gp_study_deep_linear;
const gp_study gp_study_deep_linear = {
    .item = {.name = "deep-linear",
             .summary = "plateaus of deep linear nets against the exact recurrence and Saxe's curve",
             .source = "Saxe, McClelland and Ganguli 2014; SCIENCE 4"},
    .question = "Why does a deep linear net wait, and for how long?",
    .config = "deep-linear",
    .quick = quick,
    .charts = charts,
    .figures = draw_figures,
    .claims = state_claims,
};
