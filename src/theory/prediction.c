/* Prediction of one network, of finite depth and width; see prediction.h. */
#include "prediction.h"

#include <math.h>
#include <stdlib.h>

#include "elementary.h"
#include "statistics.h"

static const double LN10 = 2.30258509299404568402;
static const gp_forecast UNKNOWN = {NAN, NAN, NAN};

/* Slopes and spans; logarithms until here, since 0.236^600 is no double. */
static void summarise(gp_prediction *out, const gp_scatter *s) {
  if (isnan(s->slope)) return;
  out->gradient_factor = (gp_forecast){gp_exp(-s->slope), gp_exp(-s->slope_mean), s->slope_sd};
  out->gradient_span =
      (gp_forecast){s->ln_delta[0] / LN10, s->ln_delta_mean[0] / LN10, s->ln_delta_sd[0] / LN10};
}

/* Finite width: nets without anything beside their matrices. */
static gp_status fill_plain(gp_prediction *out, const gp_network_facts *facts, const gp_examples *examples,
                            double *scratch) {
  const gp_scatter_net net = {.depth = facts->depth,
                              .widths = facts->widths,
                              .weight_variance = facts->weight_variance,
                              .bias_variance = facts->bias_variance,
                              .activation = facts->activation,
                              .phi = facts->phi,
                              .orthogonal = facts->orthogonal};
  gp_scatter s = {.q = out->length,
                  .chi = out->chi,
                  .kinship = out->correlation,
                  .ln_delta = scratch,
                  .ln_delta_mean = scratch + facts->depth,
                  .ln_delta_sd = out->delta_rms_sd,
                  .ln_z_sd = out->preactivation_sd,
                  .slope = NAN};
  GP_TRY(gp_scatter_make(&s, &net, examples));
  for (size_t l = 0; l < facts->depth; l++) {
    out->delta_rms[l] = gp_exp(s.ln_delta[l]);
    out->delta_rms_typical[l] = gp_exp(s.ln_delta_mean[l]);
  }
  summarise(out, &s);
  return GP_OK;
}

/* ---- wide nets with normalised or joined layers ---- */

/* Adds exp(term) to a sum that is kept as its logarithm. */
static void add_exp(double *sum, double term) {
  double high = fmax(*sum, term);
  if (isfinite(high)) *sum = high + gp_log(gp_exp(*sum - high) + gp_exp(term - high));
}

/* The variance of the inputs within a batch, by the examples that stand for it. */
static double spread_of(const gp_examples *e, double batch) {
  double own = 0, all = 0, n = (double)e->count;
  for (size_t x = 0; x < e->count; x++)
    for (size_t y = 0; y < e->count; y++)
      own += x == y ? e->input[x][y] / n : 0, all += e->input[x][y] / (n * n);
  return n > 1 ? (own - all) * n / (n - 1) * (batch - 1) / batch : own;
}

/* Lengths, averaged over the examples, and ln of the sum of their mean square deltas. */
static gp_status propagate(gp_prediction *out, const gp_network_facts *facts, const gp_examples *examples,
                           double *ln_delta, double *scratch) {
  size_t depth = facts->depth;
  double *q = scratch, *own = scratch + depth;
  gp_layer_facts layers = *facts->facts;
  layers.spread = spread_of(examples, layers.batch);
  const gp_propagation_net net = {.depth = depth,
                                  .widths = facts->widths,
                                  .weight_variance = facts->weight_variance,
                                  .bias_variance = facts->bias_variance,
                                  .activation = facts->activation,
                                  .phi = facts->phi,
                                  .facts = &layers};
  for (size_t l = 0; l < depth; l++) ln_delta[l] = (double)-INFINITY;
  for (size_t x = 0; x < examples->count; x++) {
    GP_TRY(gp_propagation_make(q, own, &net, examples->input[x][x]));
    for (size_t l = 0; l < depth; l++) {
      out->length[l] += q[l] / (double)examples->count;
      add_exp(&ln_delta[l], own[l] - gp_log((double)examples->count));
    }
  }
  return GP_OK;
}

/* chi of the last hidden layer is from the output, of dC/dh 1. */
static void describe(gp_prediction *out, const gp_network_facts *facts, double *ln_delta, double *position) {
  size_t depth = facts->depth;
  const int64_t *widths = facts->widths;
  out->chi[depth - 1] = facts->weight_variance[depth] * gp_exp(ln_delta[depth - 1]);
  for (size_t l = 0; l + 1 < depth; l++)
    out->chi[l] = gp_exp(ln_delta[l] - ln_delta[l + 1]) * (double)widths[l + 1] / (double)widths[l + 2];
  double last = isinf(ln_delta[depth - 1]) ? (double)NAN : ln_delta[depth - 1]; /* blocks that are off */
  for (size_t l = 0; l < depth; l++) {
    ln_delta[l] = (ln_delta[l] - last) / 2;
    position[l] = (double)(l + 1);
    out->delta_rms[l] = gp_exp(ln_delta[l]);
    out->delta_rms_typical[l] = out->delta_rms_sd[l] = out->preactivation_sd[l] = out->correlation[l] =
        (double)NAN;
  }
  if (depth < 3 || !isfinite(ln_delta[0])) return;
  out->gradient_factor.mean_field = gp_exp(-gp_slope(position, ln_delta, depth, NULL));
  out->gradient_span.mean_field = ln_delta[0] / LN10;
}

static gp_status fill(gp_prediction *out, const gp_network_facts *facts, double *scratch) {
  gp_examples one = {.count = 1, .measured = 1, .input = {{facts->input_mean_square}}, .output = {{1}}};
  const gp_examples *examples = facts->examples != NULL ? facts->examples : &one;
  if (facts->facts == NULL) return fill_plain(out, facts, examples, scratch);
  if (facts->depth == 0) return GP_OK;
  GP_TRY(propagate(out, facts, examples, scratch, scratch + facts->depth));
  describe(out, facts, scratch, scratch + facts->depth);
  return GP_OK;
}

gp_status gp_prediction_make(gp_prediction *out, const gp_network_facts *facts) {
  enum { ARRAYS = 7, SCRATCH = 3 };
  size_t depth = facts->depth, room = depth > 0 ? depth : 1;
  *out = (gp_prediction){.depth = depth, .gradient_factor = UNKNOWN, .gradient_span = UNKNOWN};
  double *scratch = calloc(SCRATCH * room, sizeof *scratch);
  out->length = calloc(ARRAYS * room, sizeof *out->length);
  gp_status status =
      scratch != NULL && out->length != NULL
          ? GP_OK
          : gp_fail(GP_ERR_MEMORY, "no memory for the prediction of a network of depth %zu", depth);
  if (status == GP_OK) {
    out->chi = out->length + room, out->delta_rms = out->chi + room;
    out->delta_rms_typical = out->delta_rms + room, out->delta_rms_sd = out->delta_rms_typical + room;
    out->preactivation_sd = out->delta_rms_sd + room, out->correlation = out->preactivation_sd + room;
    status = fill(out, facts, scratch);
  }
  free(scratch);
  if (status != GP_OK) gp_prediction_free(out);
  return status;
}

void gp_prediction_free(gp_prediction *prediction) {
  free(prediction->length);
  *prediction = (gp_prediction){.gradient_factor = UNKNOWN, .gradient_span = UNKNOWN};
}
