/* The claims of the isometry study: the spread of the Jacobian's squared singular values, m2/m1^2 - 1, against depth, and their
 * largest.
 *
 * A net of depth H has L = H + 1 square matrices and slopes behind H of them; the output is linear. */
#include <math.h>
#include <stdio.h>

#include "activation.h"
#include "jacobian_law.h"
#include "quadrature.h"
#include "statistics.h"
#include "study_chart.h"
#include "study_view.h"

static const char *const activations[] = {"linear", "relu", "tanh"};
static const char *const inits[] = {"mean_field", "orthogonal"};
static const char *const init_words[] = {"Gaussian", "orthogonal"};
static const double depths[] = {1, 2, 4, 8};
enum { ACTIVATIONS = 3, INITS = 2, DEPTHS = sizeof depths / sizeof *depths, SEEDS_MAX = 64 };

/* ---- predictions ---- */

typedef struct integrand {
  gp_choice choice;
  int power; /* of phi'; 0: phi^2 */
} integrand;

static void evaluate(const void *context, const double *z, double *y, size_t n) {
  const integrand *f = context;
  double h[GP_QUADRATURE_NODES], d[GP_QUADRATURE_NODES];
  gp_activation_eval(&f->choice, z, h, d, n);
  for (size_t i = 0; i < n; i++)
    y[i] = f->power == 0 ? h[i] * h[i] : f->power == 2 ? d[i] * d[i] : d[i] * d[i] * d[i] * d[i];
}

static double moment(const char *activation, int power, double q) {
  integrand f = {.power = power};
  gp_choice_set(&f.choice, gp_family_find(&gp_activation_family, activation));
  const gp_activation *a = (const gp_activation *)(const void *)f.choice.item;
  return gp_gauss_mean(evaluate, &f, 0, sqrt(q), a->kinks);
}

/* One matrix adds 1 when it is Gaussian and nothing when it is orthogonal, one layer of slopes E phi'^4/(E phi'^2)^2 - 1 at its own
 * mean square (Pennington et al. 2017, eq. 21). The inputs have mean square 1, the weights variance 1. */
static double predicted_spread(const char *activation, bool orthogonal, double depth) {
  double spread = gp_jacobian_spread((size_t)depth + 1, 0, 1, orthogonal), q = 1;
  for (int l = 1; l <= (int)depth; l++) {
    double slope = moment(activation, 2, q);
    spread += moment(activation, 4, q) / (slope * slope) - 1;
    q = moment(activation, 0, q);
  }
  return fmax(spread, 0); /* an isometry's is 0, and the quadrature rounds */
}

/* ---- measurements ---- */

typedef struct cell {
  double spread, error; /* mean over seeds and its standard error */
  double deviation;     /* over seeds */
  double edge;          /* mean of the largest squared singular value */
  size_t seeds;
} cell;

static cell measure(const study_view *v, const char *activation, const char *init, double depth) {
  double spread[SEEDS_MAX] = {0}, edge[SEEDS_MAX] = {0};
  size_t n = 0;
  for (size_t run = 0; run < v->runs && n < SEEDS_MAX; run++) {
    if (!study_is(v, "activation", run, activation) || !study_is(v, "init", run, init)) continue;
    if (study_real(v, "depth", run) != depth) continue;
    double m1 = study_at(v, "jacobian_m1", run, 0), sigma = study_at(v, "jacobian_sigma_max", run, 0);
    spread[n] = study_at(v, "jacobian_m2", run, 0) / (m1 * m1) - 1;
    edge[n++] = sigma * sigma;
  }
  double deviation = gp_deviation(spread, n);
  return (cell){gp_mean(spread, n), deviation / sqrt((double)n), deviation, gp_mean(edge, n), n};
}

/* ---- claims ---- */

/* Width 256: corrections are of the order of depth/width, 4 % for eight layers, and three standard errors over seeds. */
static gp_status claim_spread(gp_claims *out, const study_view *v, size_t activation, size_t init) {
  static const double FINITE = 0.05, ROUNDING = 1e-9;
  double measured[DEPTHS], expected[DEPTHS];
  bool held = true;
  for (size_t i = 0; i < DEPTHS; i++) {
    cell c = measure(v, activations[activation], inits[init], depths[i]);
    measured[i] = c.spread, expected[i] = predicted_spread(activations[activation], init == 1, depths[i]);
    held &= fabs(c.spread - expected[i]) <= 3 * c.error + FINITE * expected[i] + ROUNDING;
  }
  STUDY_CLAIM(claim, out, "%s, %s: spread of the squared singular values for 2, 3, 5, 9 matrices",
              activations[activation], init_words[init]);
  gp_claim_measured(claim, "%.3f %.3f %.3f %.3f", measured[0], measured[1], measured[2], measured[3]);
  gp_claim_expected(claim, "%.3f %.3f %.3f %.3f, each within 5 %% and three standard errors", expected[0],
                    expected[1], expected[2], expected[3]);
  claim->held = held;
  return GP_OK;
}

/* The edge of finite matrices lies below the limit and is rounded over a share width^(-2/3) of it: -6 % to +2 % at width 1000
 * (SCIENCE section 4) are -15 % to +5 % at 256. */
static gp_status claim_edge(gp_claims *out, const study_view *v) {
  static const double LOW = -0.15, HIGH = 0.05;
  double worst = 0, at = NAN, measured = NAN;
  bool held = true;
  for (size_t i = 0; i < DEPTHS; i++) {
    double edge = measure(v, "linear", "mean_field", depths[i]).edge;
    double off = edge / gp_jacobian_edge((size_t)depths[i] + 1) - 1;
    held &= off >= LOW && off <= HIGH;
    if (!(fabs(off) < fabs(worst))) worst = off, at = depths[i] + 1, measured = edge;
  }
  STUDY_CLAIM(claim, out, "linear, Gaussian: the largest squared singular value is (L + 1)^(L + 1)/L^L");
  gp_claim_measured(claim, "%.2f for %.0f matrices, the farthest off, by %.1f %%", measured, at, 100 * worst);
  gp_claim_expected(claim, "%.2f, from %g %% below to %g %% above", gp_jacobian_edge((size_t)at), -100 * LOW,
                    100 * HIGH);
  claim->held = held;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"activation", "init", "depth", NULL};
  static const char *const series[] = {"jacobian_m1", "jacobian_m2", "jacobian_sigma_max", NULL};
  return study_view_open(v, table, columns, series);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  for (size_t a = 0; a < ACTIVATIONS; a++)
    for (size_t i = 0; i < INITS; i++) GP_TRY(claim_spread(out, &v, a, i));
  return claim_edge(out, &v);
}

/* ---- the figure ---- */

static const study_chart figure = {
    .name = "jacobian-spread",
    .title = "Gaussian matrices pull singular values apart, orthogonal ones do not",
    .subtitle = "Variance over squared mean of the squared singular values of the Jacobian, width 256, at "
                "initialisation; mean of the seeds and their deviation; dashed: theory",
    .caption = "0 is an isometry: every direction is passed on at one length. Gaussian matrices add 1 each,\n"
               "a layer of ReLU masks adds 1; tanh's slopes add less and less, since the signal shrinks.",
    .x_title = "matrices",
    .y_title = "spread",
    .panels = ACTIVATIONS,
    .lines = INITS,
    .panel_text = {"Linear", "ReLU", "Tanh"},
    .line_text = {"Gaussian", "Orthogonal"}};

static gp_status draw_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  study_view v;
  study_chart c = figure;
  GP_TRY(open_view(&v, table));
  for (size_t a = 0; a < ACTIVATIONS; a++)
    for (size_t i = 0; i < INITS; i++) {
      study_chart_line(&c);
      for (size_t d = 0; d < DEPTHS; d++) {
        cell m = measure(&v, activations[a], inits[i], depths[d]);
        study_chart_point(&c, depths[d] + 1, m.spread, m.spread - m.deviation, m.spread + m.deviation,
                          predicted_spread(activations[a], i == 1, depths[d]));
      }
    }
  return study_chart_draw(&c, request, out);
}

static const char *const quick[] = {"seed=0..2", NULL};
static const char *const charts[] = {NULL};

extern const gp_study gp_study_isometry;
const gp_study gp_study_isometry = {
    .item = {.name = "isometry",
             .summary = "singular values of the Jacobian, Gaussian against orthogonal matrices",
             .source = "Saxe et al. 2014; Pennington et al. 2017"},
    .question =
        "How far apart are the singular values of a deep net's Jacobian, and what keeps them together?",
    .config = "isometry",
    .quick = quick,
    .charts = charts,
    .figures = draw_figures,
    .claims = state_claims,
};
