/* The claims of the homogeneity study: Euler's theorem, layer by layer, at every checkpoint.
 *
 * A bias-free net of ReLU, leaky ReLU or linear units is homogeneous of degree 1 in each weight matrix, so <W_l, dC/dW_l> =
 * sum over examples of <dC/dy, y>: no l on the right. The tolerance is measured in |W_l| |dC/dW_l|, for the inner product
 * itself may cancel to any size (SCIENCE section 4). */
#include <math.h>

#include "study_view.h"

static bool homogeneous(const study_view *v, size_t run) {
  return study_is(v, "bias", run, "false") && !study_is(v, "activation", run, "tanh");
}

enum { OUTPUTS = 2 }; /* spirals of two arms */

/* |W_l| |dC/dW_l|: the scale of SCIENCE section 4. */
static double scale_of_gradient(const study_view *v, size_t run, size_t k, size_t l) {
  return study_layer(v, "weight_norm", run, k, l) * study_layer(v, "weight_gradient_norm", run, k, l);
}

/* The inner product is the mean over examples of <delta_l, z_l>; this bounds the mean of |delta_l| |z_l| (Cauchy and Schwarz),
 * which rounding is relative to. Examples of opposite classes may cancel in dC/dW_l, but not here. */
static double scale_of_examples(const study_view *v, size_t run, size_t k, size_t l) {
  size_t depth = (size_t)study_real(v, "depth", run);
  double units = l <= depth ? study_real(v, "width", run) : OUTPUTS;
  return units * study_layer(v, "delta_rms", run, k, l) * study_layer(v, "preactivation_rms", run, k, l);
}

typedef double (*scale)(const study_view *v, size_t run, size_t k, size_t l);

/* The largest difference from the first layer in units of the larger scale of the two; NaN without a layer. */
static double difference_at(const study_view *v, size_t run, size_t k, scale of) {
  double first = study_layer(v, "homogeneity", run, k, 1), base = of(v, run, k, 1), worst = NAN;
  size_t layers = (size_t)study_real(v, "depth", run) + 1;
  for (size_t l = 2; l <= layers; l++) {
    double difference = fabs(study_layer(v, "homogeneity", run, k, l) - first);
    worst = fmax(worst, difference / fmax(base, of(v, run, k, l)));
  }
  return worst;
}

typedef struct extremes {
  size_t runs, checkpoints, beyond; /* beyond: runs whose largest difference exceeds the limit */
  double most;                      /* over all checkpoints of all runs */
  double least, average; /* over runs, of the largest over the run's checkpoints; average is geometric */
} extremes;

static extremes look(const study_view *v, const char *precision, bool inside, scale of, double limit) {
  extremes e = {.most = NAN, .least = NAN};
  for (size_t run = 0; run < v->runs; run++) {
    double most = NAN;
    if (homogeneous(v, run) != inside || !study_is(v, "precision", run, precision)) continue;
    for (size_t k = 0; k < v->checkpoints; k++) {
      double difference = difference_at(v, run, k, of);
      most = fmax(most, difference);
      e.checkpoints += !isnan(difference);
    }
    e.runs++;
    e.beyond += most >= limit;
    e.most = fmax(e.most, most);
    e.least = fmin(e.least, most);
    e.average += log(most);
  }
  e.average = exp(e.average / (double)e.runs);
  return e;
}

static gp_status claim_invariant(gp_claims *out, const study_view *v, const char *precision, double limit,
                                 scale of, const char *words) {
  extremes e = look(v, precision, true, of, limit);
  STUDY_CLAIM(claim, out,
              "%s: <W, dC/dW> is the same in every layer of a bias-free homogeneous net, against %s",
              precision, words);
  gp_claim_measured(claim, "largest difference %.2g, %zu of %zu runs beyond (%zu checkpoints)", e.most,
                    e.beyond, e.runs, e.checkpoints);
  gp_claim_expected(claim, "below %g", limit);
  claim->held = e.runs > 0 && e.most < limit;
  return GP_OK;
}

/* Without this the claim above could hold because everything is 0. */
static gp_status claim_control(gp_claims *out, const study_view *v) {
  extremes e = look(v, "float64", false, scale_of_gradient, 0);
  STUDY_CLAIM(claim, out, "with biases, or with tanh, it is not");
  gp_claim_measured(claim, "every one of %zu runs differs by %.2g or more, %.2g typically", e.runs, e.least,
                    e.average);
  gp_claim_expected(claim, "by more than 0.001 in every run");
  claim->held = e.runs > 0 && e.least > 1e-3;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"activation", "bias", "depth", "width", "precision", NULL};
  static const char *const series[] = {"homogeneity", "weight_norm",       "weight_gradient_norm",
                                       "delta_rms",   "preactivation_rms", NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, series));
  GP_TRY(claim_invariant(out, &v, "float32", 1e-6, scale_of_gradient, "|W||dC/dW|"));
  GP_TRY(claim_invariant(out, &v, "float64", 1e-13, scale_of_gradient, "|W||dC/dW|"));
  GP_TRY(claim_invariant(out, &v, "float32", 1e-6, scale_of_examples, "the examples' |delta||z|"));
  GP_TRY(claim_invariant(out, &v, "float64", 1e-13, scale_of_examples, "the examples' |delta||z|"));
  return claim_control(out, &v);
}

static const char *const quick[] = {"seed=0..1", NULL};
static const char *const charts[] = {"homogeneity-by-layer", "weight-gradient-by-layer", NULL};

extern const gp_study gp_study_homogeneity;
const gp_study gp_study_homogeneity = {
    .item = {.name = "homogeneity",
             .summary = "the inner product of weights and gradient, equal in all layers of homogeneous nets",
             .source = "Euler's theorem; SCIENCE 4: Homogeneity"},
    .question = "Is <W, dC/dW> the same in every layer, throughout training?",
    .config = "homogeneity",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
