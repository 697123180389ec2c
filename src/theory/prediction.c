/* Finite-depth mean-field prediction of one network. */
#include "prediction.h"

#include <math.h>
#include <stdlib.h>

#include "elementary.h"
#include "statistics.h"

static const double LN10 = 2.30258509299404568402;

static gp_meanfield field_of(const gp_network_facts *facts, size_t layer) {
  return (gp_meanfield){.activation = facts->activation,
                        .weight_variance = facts->weight_variance[layer - 1],
                        .bias_variance = facts->bias_variance[layer - 1],
                        .phi = facts->phi};
}

static void predict_lengths(gp_prediction *out, const gp_network_facts *facts) {
  double q = facts->weight_variance[0] * facts->input_mean_square + facts->bias_variance[0];
  for (size_t l = 1; l <= facts->depth; l++) {
    gp_meanfield next = field_of(facts, l + 1);
    out->length[l - 1] = q;
    out->chi[l - 1] = gp_meanfield_chi(&next, q);
    q = gp_meanfield_length(&next, q);
  }
}

/* From the last hidden layer back; works on logarithms, since 0.236^600 is no double. */
static void predict_deltas(gp_prediction *out, const gp_network_facts *facts, double *position,
                           double *ln_delta) {
  size_t depth = facts->depth;
  double ln = 0;
  for (size_t l = depth; l >= 1; l--) {
    if (l < depth) {
      double ratio = (double)facts->widths[l + 1] / (double)facts->widths[l];
      ln += 0.5 * gp_log(out->chi[l - 1] * ratio);
    }
    position[l - 1] = (double)l;
    ln_delta[l - 1] = ln;
    out->delta_rms[l - 1] = gp_exp(ln);
  }
  bool fitted = depth >= 3 && isfinite(ln);
  out->gradient_factor = fitted ? gp_exp(-gp_slope(position, ln_delta, depth, NULL)) : (double)NAN;
  out->gradient_span = fitted ? ln / LN10 : (double)NAN;
}

gp_status gp_prediction_make(gp_prediction *out, const gp_network_facts *facts) {
  size_t depth = facts->depth, room = depth > 0 ? depth : 1;
  *out = (gp_prediction){.depth = depth, .gradient_factor = NAN, .gradient_span = NAN};
  double *scratch = calloc(2 * room, sizeof *scratch);
  out->length = calloc(3 * room, sizeof *out->length);
  if (scratch == NULL || out->length == NULL) {
    free(scratch);
    gp_prediction_free(out);
    return gp_fail(GP_ERR_MEMORY, "no memory for the prediction of a network of depth %zu", depth);
  }
  out->chi = out->length + room;
  out->delta_rms = out->chi + room;
  predict_lengths(out, facts);
  predict_deltas(out, facts, scratch, scratch + room);
  free(scratch);
  return GP_OK;
}

void gp_prediction_free(gp_prediction *prediction) {
  free(prediction->length);
  *prediction = (gp_prediction){.gradient_factor = NAN, .gradient_span = NAN};
}
