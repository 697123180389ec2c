/* The claims of the order-to-chaos study: the factor per layer in order and chaos, and which depths train (Schoenholz et al.
 * 2017). */
#include <math.h>
#include <stdlib.h>

#include "statistics.h"
#include "study_view.h"

/* 6 xi_c is where Schoenholz et al. saw training end, on another data set with many more steps. */
static const double REACH = 6;

static double depth_of(const study_view *v, size_t run) {
  return study_real(v, "depth", run);
}

static double scale_of(const study_view *v, size_t run) {
  return study_real(v, "predicted_correlation_depth", run);
}

/* Rows of one net are its seeds, next to each other. */
static size_t cell_end(const study_view *v, size_t run) {
  size_t end = run + 1;
  while (end < v->runs && depth_of(v, end) == depth_of(v, run) &&
         study_real(v, "init_weight_variance", end) == study_real(v, "init_weight_variance", run))
    end++;
  return end;
}

/* ---- gradients ---- */

/* Mean over seeds of ln gradient_factor, cell by cell, against the prediction for this width. Theory with several examples
 * is good to a third of the scatter between seeds (src/theory/scatter.h): that much, and three standard errors. */
static gp_status claim_factor(gp_claims *out, const study_view *v) {
  size_t cells = 0, inside = 0;
  double worst = 0;
  for (size_t run = 0, end; run < v->runs; run = end) {
    double total = 0, sd = study_real(v, "predicted_gradient_factor_sd", run);
    end = cell_end(v, run);
    for (size_t i = run; i < end; i++) total += log(study_real(v, "gradient_factor", i));
    double n = (double)(end - run),
           off = total / n - log(study_real(v, "predicted_gradient_factor_typical", run));
    if (isnan(off)) continue;
    cells++;
    inside += fabs(off) <= (3 / sqrt(n) + 1.0 / 3) * sd;
    worst = fmax(worst, fabs(off));
  }
  STUDY_CLAIM(claim, out, "the gradient factor of every net is the predicted one");
  gp_claim_measured(claim, "%zu of %zu cells; the worst is off by %.1f %%", inside, cells,
                    100 * (exp(worst) - 1));
  gp_claim_expected(claim, "all within 3 standard errors and a third of the scatter between seeds");
  claim->held = cells > 0 && inside == cells;
  return GP_OK;
}

/* On either side of the critical line, in nets of 18 layers or more. */
static gp_status claim_phase(gp_claims *out, const study_view *v, bool chaos) {
  size_t runs = 0, right = 0;
  for (size_t run = 0; run < v->runs; run++) {
    double chi = study_real(v, "predicted_chi_1", run), factor = study_real(v, "gradient_factor", run);
    if (depth_of(v, run) < 18 || (chaos ? chi < 1.1 : chi > 0.9)) continue;
    runs++;
    right += chaos ? factor > 1 : factor < 1;
  }
  STUDY_CLAIM(
      claim, out,
      chaos ? "in chaos (chi_1 > 1.1) gradients grow on their way back, in every net of depth 18 and more"
            : "in order (chi_1 < 0.9) they shrink, in every such net");
  gp_claim_measured(claim, "%zu of %zu runs", right, runs);
  gp_claim_expected(claim, "all");
  claim->held = runs > 0 && right == runs;
  return GP_OK;
}

/* ---- training ---- */

static gp_status claim_too_deep(gp_claims *out, const study_view *v) {
  size_t runs = 0, trained = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!(depth_of(v, run) > 2 * REACH * scale_of(v, run))) continue;
    runs++;
    trained += study_is(v, "verdict", run, "healthy");
  }
  STUDY_CLAIM(claim, out, "nets deeper than 12 xi_c, twice the limit, do not train");
  gp_claim_measured(claim, "%zu of %zu runs trained", trained, runs);
  gp_claim_expected(claim, "0");
  claim->held = runs > 0 && trained == 0;
  return GP_OK;
}

static double deepest(const study_view *v) {
  double depth = 0;
  for (size_t run = 0; run < v->runs; run++) depth = fmax(depth, depth_of(v, run));
  return depth;
}

/* Near the critical line (xi_c above 10) depth is no limit: at the largest depth some seed trains. */
static gp_status claim_critical(gp_claims *out, const study_view *v) {
  size_t runs = 0, trained = 0;
  double depth = deepest(v);
  for (size_t run = 0; run < v->runs; run++) {
    double chi = study_real(v, "predicted_chi_1", run);
    if (depth_of(v, run) != depth || fabs(chi - 1) > 0.05) continue;
    runs++;
    trained += study_is(v, "verdict", run, "healthy");
  }
  STUDY_CLAIM(claim, out, "next to the critical line (chi_1 within 5 %% of 1) nets of depth %.0f train",
              depth);
  gp_claim_measured(claim, "%zu of %zu runs", trained, runs);
  gp_claim_expected(claim, "more than half");
  claim->held = runs > 0 && 2 * trained > runs;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"depth",
                                        "init_weight_variance",
                                        "gradient_factor",
                                        "verdict",
                                        "predicted_gradient_factor_typical",
                                        "predicted_gradient_factor_sd",
                                        "predicted_chi_1",
                                        "predicted_correlation_depth",
                                        NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, NULL));
  GP_TRY(claim_factor(out, &v));
  GP_TRY(claim_phase(out, &v, false));
  GP_TRY(claim_phase(out, &v, true));
  GP_TRY(claim_too_deep(out, &v));
  return claim_critical(out, &v);
}

#define START(variance) "{name: mean_field, weight_variance: " variance ", bias_variance: 0.05}"
static const char *const quick[] = {"init=" START("0.5") "," START("1.76") "," START("6"), "depth=5,18,40",
                                    "seed=0..4", NULL};
static const char *const charts[] = {"trainability-map", "gradient-by-layer", NULL};

extern const gp_study gp_study_order_to_chaos;
const gp_study gp_study_order_to_chaos = {
    .item = {.name = "order-to-chaos",
             .summary = "depth against weight variance: which tanh nets train, with the predicted limit",
             .source = "Poole et al. 2016; Schoenholz et al. 2017; SCIENCE 3"},
    .question = "How deep may a random tanh net be, and does theory say so before it trains?",
    .config = "order-to-chaos",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
