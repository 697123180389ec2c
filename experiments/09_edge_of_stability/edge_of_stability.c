/* The claims of the edge-of-stability study: sharpness rises to the threshold of the optimiser and hovers there.
 *
 * A run's ratio is sharpness over (2 + 2 momentum) / learning rate: 1 is the edge (Cohen et al. 2021). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "stability.h"
#include "statistics.h"
#include "study_chart.h"
#include "study_view.h"

enum { RATES = 3, RUNS_MAX = 512 };
static const double momenta[] = {0, 0.5, 0.9};
static const char *const names[] = {"gradient descent", "momentum 0.5", "momentum 0.9"};
enum { OPTIMISERS = sizeof momenta / sizeof *momenta };

static double momentum_of(const study_view *v, size_t run) {
  return study_real(v, "optimizer_momentum", run);
}

static double edge_of(const study_view *v, size_t run) {
  return gp_stability_threshold("heavy_ball", momentum_of(v, run)) / study_real(v, "learning_rate", run);
}

static double ratio(const study_view *v, size_t run, size_t checkpoint) {
  return study_at(v, "sharpness", run, checkpoint) / edge_of(v, run);
}

/* ---- what a run did ---- */

/* The median of the ratio over the last quarter of the checkpoints: where it hovers. NaN for a run that diverged. */
static double hover(const study_view *v, size_t run) {
  double late[1024];
  size_t n = 0;
  for (size_t k = 3 * v->checkpoints / 4; k < v->checkpoints && n < 1024; k++)
    if (isfinite(ratio(v, run, k))) late[n++] = ratio(v, run, k);
  return 4 * n < v->checkpoints - 4 ? (double)NAN : gp_quantile(late, n, 0.5);
}

static double highest(const study_view *v, size_t run) {
  double most = 0;
  for (size_t k = 0; k < v->checkpoints; k++) most = fmax(most, ratio(v, run, k));
  return most;
}

/* The share of checkpoints in the last quarter at which the loss is above the one before. */
static double rising(const study_view *v, size_t run) {
  size_t first = 3 * v->checkpoints / 4, up = 0;
  for (size_t k = first; k < v->checkpoints; k++)
    up += study_at(v, "loss", run, k) > study_at(v, "loss", run, k - 1);
  return (double)up / (double)(v->checkpoints - first);
}

/* ---- claims ---- */

static gp_status claim_start(gp_claims *out, const study_view *v) {
  size_t below = 0, reached = 0;
  double most = 0;
  for (size_t run = 0; run < v->runs; run++) {
    most = fmax(most, ratio(v, run, 0));
    below += ratio(v, run, 0) < 1;
    reached += highest(v, run) >= 1;
  }
  STUDY_CLAIM(claim, out, "every net is born stable and trains itself to the edge");
  gp_claim_measured(claim, "%zu of %zu start below it (at %.2f of it at most), %zu reach it", below, v->runs,
                    most, reached);
  gp_claim_expected(claim, "all, all");
  claim->held = v->runs > 0 && below == v->runs && reached == v->runs;
  return GP_OK;
}

/* From 5 % below to 10 % above: "just above 2/eta" is what is published. The median over runs, since single seeds still
 * overshoot or have found a flatter place. */
static gp_status claim_hover(gp_claims *out, const study_view *v, size_t optimiser) {
  double late[RUNS_MAX];
  size_t n = 0, runs = 0, near = 0;
  for (size_t run = 0; run < v->runs && runs < RUNS_MAX; run++) {
    if (momentum_of(v, run) != momenta[optimiser]) continue;
    double at = hover(v, run);
    runs++;
    near += fabs(at - 1) < 0.1;
    if (!isnan(at)) late[n++] = at;
  }
  double median = gp_quantile(late, n, 0.5);
  STUDY_CLAIM(claim, out, "%s: sharpness hovers at (2 + 2 beta)/eta in the last quarter", names[optimiser]);
  gp_claim_measured(claim, "%.3f of it (median of %zu runs; %zu within 10 %%)", median, runs, near);
  gp_claim_expected(claim, "0.95 to 1.1, and most runs within 10 %%");
  claim->held = median >= 0.95 && median <= 1.1 && 2 * near > runs;
  return GP_OK;
}

/* The plateau moves as 1/eta: the slope of ln(sharpness) against ln(eta) over all runs of gradient descent. */
static gp_status claim_slope(gp_claims *out, const study_view *v) {
  double x[RUNS_MAX], y[RUNS_MAX];
  size_t n = 0;
  for (size_t run = 0; run < v->runs && n < RUNS_MAX; run++) {
    if (momentum_of(v, run) != 0 || isnan(hover(v, run))) continue;
    x[n] = log(study_real(v, "learning_rate", run));
    y[n++] = log(hover(v, run) * edge_of(v, run));
  }
  double slope = gp_slope(x, y, n, NULL);
  STUDY_CLAIM(claim, out, "the plateau is the learning rate's, not the net's: sharpness ~ eta^slope");
  gp_claim_measured(claim, "slope %.3f (%zu runs of gradient descent)", slope, n);
  gp_claim_expected(claim, "-1 within 0.1");
  claim->held = fabs(slope + 1) <= 0.1;
  return GP_OK;
}

static gp_status claim_loss(gp_claims *out, const study_view *v) {
  double up[RUNS_MAX];
  size_t n = 0, fell = 0, last = v->checkpoints - 1;
  for (size_t run = 0; run < v->runs && n < RUNS_MAX; run++) {
    if (momentum_of(v, run) != 0) continue;
    up[n++] = rising(v, run);
    fell += study_at(v, "loss", run, last) < study_at(v, "loss", run, 3 * v->checkpoints / 4);
  }
  double share = gp_quantile(up, n, 0.5);
  STUDY_CLAIM(claim, out, "at the edge the loss is not monotone any more, and falls all the same");
  gp_claim_measured(
      claim,
      "it rises at %.0f %% of the late checkpoints (median), and is lower at the end in %zu of %zu runs",
      100 * share, fell, n);
  gp_claim_expected(claim, "more than 5 %%; most runs");
  claim->held = share > 0.05 && 2 * fell > n;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"optimizer_momentum", "learning_rate", NULL};
  static const char *const series[] = {"sharpness", "loss", NULL};
  return study_view_open(v, table, columns, series);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  GP_TRY(claim_start(out, &v));
  for (size_t i = 0; i < OPTIMISERS; i++) GP_TRY(claim_hover(out, &v, i));
  GP_TRY(claim_slope(out, &v));
  return claim_loss(out, &v);
}

/* ---- the figure ---- */

/* The rates of an optimiser, ascending. */
static void find_rates(double rate[static RATES], const study_view *v, size_t optimiser) {
  size_t n = 0;
  for (size_t run = 0; run < v->runs && n < RATES; run++) {
    double own = study_real(v, "learning_rate", run);
    if (momentum_of(v, run) == momenta[optimiser] && (n == 0 || own > rate[n - 1])) rate[n++] = own;
  }
}

/* Means of two neighbours: at the edge a value and the next belong to the two sides of an oscillation. */
static void draw_line(study_chart *c, const study_view *v, size_t optimiser, double rate) {
  const int64_t *steps = gp_table_schema(v->table)->checkpoints;
  study_chart_line(c);
  for (size_t k = 0; k + 1 < v->checkpoints; k += 2) {
    double values[RUNS_MAX];
    size_t n = 0;
    for (size_t run = 0; run < v->runs && n < RUNS_MAX; run++)
      if (momentum_of(v, run) == momenta[optimiser] && study_real(v, "learning_rate", run) == rate &&
          isfinite(ratio(v, run, k + 1)))
        values[n++] = (ratio(v, run, k) + ratio(v, run, k + 1)) / 2;
    double low = gp_quantile(values, n, 0.1), high = gp_quantile(values, n, 0.9);
    study_chart_point(c, (double)steps[k] / 1000, gp_quantile(values, n, 0.5), low, high, (double)NAN);
  }
}

static const study_chart figure = {
    .name = "sharpness-over-edge",
    .title = "Sharpness rises to the edge of stability and stays there",
    .subtitle = "Sharpness times η/(2+2β), median over seeds, band 10–90 %; grey line: the edge; "
                "full batches, tanh, depth 2, width 32",
    .caption = "Above the grey line an oscillation along the sharpest direction grows: training\n"
               "pushes back there. It is not driven away, and does not stay below.",
    .x_title = "step (thousands)",
    .y_title = "sharpness, share of the edge",
    .panels = OPTIMISERS,
    .lines = RATES,
    .panel_text = {"Gradient descent", "Momentum 0.5", "Momentum 0.9"},
    .line_text = {"low rate", "middle", "high rate"},
    .ordered = true,
    .guide = 1,
    .guide_text = "",
    .y_low = 0,
    .y_high = 2.2};

static gp_status draw_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  study_view v;
  study_chart c = figure;
  GP_TRY(open_view(&v, table));
  for (size_t i = 0; i < OPTIMISERS; i++) {
    double rate[RATES] = {0};
    find_rates(rate, &v, i);
    for (size_t r = 0; r < RATES; r++) draw_line(&c, &v, i, rate[r]);
  }
  return study_chart_draw(&c, request, out);
}

static const char *const quick[] = {"seed=0..1", NULL};
static const char *const charts[] = {"loss-curves", NULL};

extern const gp_study gp_study_edge_of_stability;
const gp_study gp_study_edge_of_stability = {
    .item = {.name = "edge-of-stability",
             .summary = "full-batch training sharpens the loss up to the optimiser's threshold",
             .source = "Cohen et al. 2021"},
    .question = "How sharp does the loss become in full-batch training, and what stops it?",
    .config = "edge-of-stability",
    .quick = quick,
    .charts = charts,
    .figures = draw_figures,
    .claims = state_claims,
};
