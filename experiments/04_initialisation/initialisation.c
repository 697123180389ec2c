/* The claims of the initialisation study: what a layer does to the variance of activations and of delta, and which nets train.
 *
 * Runs that differ only in learning rate share their initialisation, so a factor is taken once per seed. */
#include <math.h>

#include "statistics.h"
#include "study_chart.h"
#include "study_view.h"

/* A cell and what theory says of it: sigma_w^2 E[phi'^2], exact for infinite width (SCIENCE section 4, Glorot factors). */
typedef struct row {
  const char *activation, *init, *words;
  double variance, tolerance; /* factor per layer on the variance of delta; relative */
} row;

/* Width 64, depth 30, five seeds. ln delta_rms walks with a variance per layer of 2/(4 n) (linear) and 5.4/(4 n) (ReLU), and a
 * slope through 30 points of a walk has the variance 1.2/30 of a step's: 0.8 % and 1.3 % on the mean over five seeds, 1.6 % and
 * 2.6 % on the variance factor. The mean of a logarithm lies below by 1/n and 2.6/n: 1.6 % and 4 %. Three standard errors
 * and the bias: 6 % and 12 %. Square orthogonal matrices keep every length: rounding only. */
static const row rows[] = {
    {"linear", "lecun", "uniform 1/sqrt n", 1.0 / 3, 0.06},
    {"linear", "xavier", "Glorot", 1, 0.06},
    {"linear", "he", "He", 2, 0.06},
    {"linear", "orthogonal", "orthogonal", 1, 1e-6},
    {"relu", "lecun", "uniform 1/sqrt n", 1.0 / 6, 0.12},
    {"relu", "xavier", "Glorot", 0.5, 0.12},
    {"relu", "he", "He", 1, 0.12},
    {"relu", "orthogonal", "orthogonal", 0.5, 0.12},
};

enum { ROWS = sizeof rows / sizeof *rows, INITS = ROWS / 2 };

static bool in_cell(const study_view *v, size_t run, const char *activation, const char *init) {
  return study_is(v, "activation", run, activation) && study_is(v, "init", run, init);
}

static double lowest_rate(const study_view *v) {
  double rate = INFINITY;
  for (size_t run = 0; run < v->runs; run++) rate = fmin(rate, study_real(v, "learning_rate", run));
  return rate;
}

/* Geometric mean over seeds of gradient_factor^2. */
static double variance_factor(const study_view *v, const row *r, size_t *seeds) {
  double total = 0, rate = lowest_rate(v);
  *seeds = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!in_cell(v, run, r->activation, r->init) || study_real(v, "learning_rate", run) != rate) continue;
    total += 2 * log(study_real(v, "gradient_factor", run));
    ++*seeds;
  }
  return *seeds > 0 ? exp(total / (double)*seeds) : (double)NAN;
}

static gp_status claim_factor(gp_claims *out, const study_view *v, const row *r) {
  size_t seeds;
  double measured = variance_factor(v, r, &seeds);
  STUDY_CLAIM(claim, out, "%s, %s: factor per layer on the variance of delta", r->activation, r->words);
  gp_claim_measured(claim, r->tolerance < 1e-3 ? "%.9f (mean of %zu seeds)" : "%.4f (mean of %zu seeds)",
                    measured, seeds);
  gp_claim_expected(claim, "%.4f within %g %%", r->variance, 100 * r->tolerance);
  claim->held = fabs(measured / r->variance - 1) <= r->tolerance;
  return GP_OK;
}

/* ---- forward, and singular values ---- */

/* Geometric mean over seeds of the factor per layer on the mean square of h: a line through its logarithm over the hidden layers,
 * as gradient_factor is one through delta's. */
static double forward_factor(const study_view *v, const row *r) {
  double x[64], y[64], total = 0, rate = lowest_rate(v);
  size_t seeds = 0, hidden = v->layers - 1;
  for (size_t run = 0; run < v->runs && hidden <= 64; run++) {
    if (!in_cell(v, run, r->activation, r->init) || study_real(v, "learning_rate", run) != rate) continue;
    for (size_t l = 1; l <= hidden; l++)
      x[l - 1] = (double)l, y[l - 1] = 2 * log(study_layer(v, "activation_rms", run, 0, l));
    total += gp_slope(x, y, hidden, NULL);
    seeds++;
  }
  return seeds > 0 ? exp(total / (double)seeds) : (double)NAN;
}

/* Square layers are symmetric: the same factor as back. */
static gp_status claim_forward(gp_claims *out, const study_view *v, const row *r) {
  double measured = forward_factor(v, r);
  STUDY_CLAIM(claim, out, "%s, %s: factor per layer on the variance of the activations", r->activation,
              r->words);
  gp_claim_measured(claim, r->tolerance < 1e-3 ? "%.9f" : "%.4f", measured);
  gp_claim_expected(claim, "%.4f within %g %%", r->variance, 100 * r->tolerance);
  claim->held = fabs(measured / r->variance - 1) <= r->tolerance;
  return GP_OK;
}

/* Mean over hidden layers (square ones) and seeds of a layer's mean singular value. */
static double mean_singular(const study_view *v, const row *r) {
  double total = 0, rate = lowest_rate(v);
  size_t layers = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!in_cell(v, run, r->activation, r->init) || study_real(v, "learning_rate", run) != rate) continue;
    for (size_t l = 2; l < v->layers; l++, layers++) total += study_layer(v, "weight_sigma_mean", run, 0, l);
  }
  return total / (double)layers;
}

/* The quarter circle law: singular values of a square matrix of variance s/n have the mean sqrt(s) 8/(3 pi), 0.8488 for Glorot
 * and 0.4901 for the old rule (Glorot and Bengio 2010 measured 0.8 and 0.5). Width 64 and 145 matrices: 2 %. */
static gp_status claim_singular(gp_claims *out, const study_view *v, const row *r) {
  bool orthogonal = r->tolerance < 1e-3;
  double expected = orthogonal ? 1 : sqrt(r->variance) * 8 / (3 * 3.141592653589793),
         measured = mean_singular(v, r);
  double tolerance = orthogonal ? 1e-6 : 0.02;
  STUDY_CLAIM(claim, out, "%s: mean singular value of a layer", r->words);
  gp_claim_measured(claim, "%.4f", measured);
  gp_claim_expected(claim, "%.4f within %g %%", expected, 100 * tolerance);
  claim->held = fabs(measured / expected - 1) <= tolerance;
  return GP_OK;
}

/* ---- who trains ---- */

typedef struct counts {
  size_t runs, trained;
} counts;

static counts trained_at(const study_view *v, const char *init, double rate) {
  counts c = {0};
  for (size_t run = 0; run < v->runs; run++) {
    if (!in_cell(v, run, "relu", init)) continue;
    if (!isnan(rate) && study_real(v, "learning_rate", run) != rate) continue;
    c.runs++;
    c.trained += study_is(v, "verdict", run, "healthy");
  }
  return c;
}

/* Some rate at which every seed trains. */
static gp_status claim_he_trains(gp_claims *out, const study_view *v) {
  counts best = {0}, all = trained_at(v, "he", (double)NAN);
  double at = NAN;
  for (size_t run = 0; run < v->runs; run++) {
    double rate = study_real(v, "learning_rate", run);
    counts c = trained_at(v, "he", rate);
    if (best.runs == 0 || c.trained > best.trained) best = c, at = rate;
  }
  STUDY_CLAIM(claim, out,
              "thirty layers of ReLU with He's weights train: at one learning rate, with every seed");
  gp_claim_measured(claim, "%zu of %zu seeds at learning rate %g, %zu of %zu runs in all", best.trained,
                    best.runs, at, all.trained, all.runs);
  gp_claim_expected(claim, "every seed at some rate");
  claim->held = best.runs > 0 && best.trained == best.runs;
  return GP_OK;
}

static gp_status claim_stalls(gp_claims *out, const study_view *v, const char *init, const char *words) {
  counts c = trained_at(v, init, (double)NAN);
  STUDY_CLAIM(claim, out, "thirty layers of ReLU, %s: no run trains at any rate", words);
  gp_claim_measured(claim, "%zu of %zu runs trained", c.trained, c.runs);
  gp_claim_expected(claim, "0");
  claim->held = c.runs > 0 && c.trained == 0;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"activation",      "init",    "learning_rate",
                                        "gradient_factor", "verdict", NULL};
  static const char *const series[] = {"delta_rms", "activation_rms", "weight_sigma_mean", NULL};
  return study_view_open(v, table, columns, series);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  for (size_t i = 0; i < ROWS; i++) GP_TRY(claim_factor(out, &v, &rows[i]));
  for (size_t i = 0; i < ROWS; i++) GP_TRY(claim_forward(out, &v, &rows[i]));
  for (size_t i = 0; i < INITS; i++) GP_TRY(claim_singular(out, &v, &rows[i]));
  GP_TRY(claim_he_trains(out, &v));
  GP_TRY(claim_stalls(out, &v, "lecun", "uniform 1/sqrt n"));
  GP_TRY(claim_stalls(out, &v, "xavier", "Glorot"));
  return claim_stalls(out, &v, "orthogonal", "orthogonal without ReLU's gain");
}

/* ---- the figure ---- */

/* Mean square by layer, of its value in the layer it starts from (the first forward, the last hidden one back): median of the
 * seeds, and the predicted power. */
static void draw_line(study_chart *c, const study_view *v, const row *r, const char *series, bool back) {
  size_t hidden = v->layers - 1, start = back ? hidden : 1;
  double rate = lowest_rate(v);
  study_chart_line(c);
  for (size_t l = 1; l <= hidden; l++) {
    double values[64] = {0}, steps = (double)(back ? hidden - l : l - 1);
    size_t n = 0;
    for (size_t run = 0; run < v->runs && n < 64; run++) {
      if (!in_cell(v, run, r->activation, r->init) || study_real(v, "learning_rate", run) != rate) continue;
      double ratio = study_layer(v, series, run, 0, l) / study_layer(v, series, run, 0, start);
      values[n++] = ratio * ratio;
    }
    double low = gp_quantile(values, n, 0.1), high = gp_quantile(values, n, 0.9);
    study_chart_point(c, (double)l, gp_quantile(values, n, 0.5), low, high, pow(r->variance, steps));
  }
}

static const study_chart figure = {
    .name = "variance-by-layer",
    .title = "Only variance 2/n carries ReLU both ways, only 1/n a linear net",
    .subtitle = "Mean square by layer, of its start: of h from layer 1 on, of the error signal from layer 30 "
                "back; median of the seeds, band 10–90 %; dashed: theory; width 64",
    .caption = "Square layers do the same to the variance forward and back.",
    .x_title = "layer (1 = next to the input)",
    .y_title = "mean square, share of the start",
    .y_log = true,
    .panels = 4,
    .lines = INITS,
    .panel_text = {"Linear, forward", "Linear, back", "ReLU, forward", "ReLU, back"}};

static gp_status draw_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  study_view v;
  study_chart c = figure;
  GP_TRY(open_view(&v, table));
  for (size_t i = 0; i < INITS; i++) c.line_text[i] = rows[i].words;
  for (size_t panel = 0; panel < 4; panel++)
    for (size_t i = 0; i < INITS; i++)
      draw_line(&c, &v, &rows[panel / 2 * INITS + i], panel % 2 ? "delta_rms" : "activation_rms", panel % 2);
  return study_chart_draw(&c, request, out);
}

static const char *const quick[] = {"learning_rate=0.01,0.03", "steps=400", "seed=0..2", NULL};
static const char *const charts[] = {"gradient-by-layer", "verdict-map", NULL};

extern const gp_study gp_study_initialisation;
const gp_study gp_study_initialisation = {
    .item = {.name = "initialisation",
             .summary =
                 "thirty layers under four initialisations: variance of delta per layer, and who trains",
             .source = "Glorot and Bengio 2010; He et al. 2015; SCIENCE 4"},
    .question = "Which initialisation carries a gradient through thirty layers, and does the net then train?",
    .config = "initialisation",
    .quick = quick,
    .charts = charts,
    .figures = draw_figures,
    .claims = state_claims,
};
