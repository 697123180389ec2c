/* Prediction of one network, of finite depth and width; see prediction.h. */
#include "prediction.h"

#include <math.h>
#include <stdlib.h>

#include "elementary.h"

static const double LN10 = 2.30258509299404568402;
static const gp_forecast UNKNOWN = {NAN, NAN, NAN};

/* Slopes and spans; logarithms until here, since 0.236^600 is no double. */
static void summarise(gp_prediction *out, const gp_scatter *s) {
  if (isnan(s->slope)) return;
  out->gradient_factor = (gp_forecast){gp_exp(-s->slope), gp_exp(-s->slope_mean), s->slope_sd};
  out->gradient_span =
      (gp_forecast){s->ln_delta[0] / LN10, s->ln_delta_mean[0] / LN10, s->ln_delta_sd[0] / LN10};
}

static gp_status fill(gp_prediction *out, const gp_network_facts *facts, double *scratch) {
  gp_examples one = {.count = 1, .measured = 1, .input = {{facts->input_mean_square}}, .output = {{1}}};
  const gp_scatter_net net = {.depth = facts->depth,
                              .widths = facts->widths,
                              .weight_variance = facts->weight_variance,
                              .bias_variance = facts->bias_variance,
                              .activation = facts->activation,
                              .phi = facts->phi,
                              .orthogonal = facts->orthogonal};
  gp_scatter s = {.q = out->length,
                  .chi = out->chi,
                  .ln_delta = scratch,
                  .ln_delta_mean = scratch + facts->depth,
                  .ln_delta_sd = out->delta_rms_sd,
                  .ln_z_sd = out->preactivation_sd,
                  .slope = NAN};
  GP_TRY(gp_scatter_make(&s, &net, facts->examples != NULL ? facts->examples : &one));
  for (size_t l = 0; l < facts->depth; l++) {
    out->delta_rms[l] = gp_exp(s.ln_delta[l]);
    out->delta_rms_typical[l] = gp_exp(s.ln_delta_mean[l]);
  }
  summarise(out, &s);
  return GP_OK;
}

gp_status gp_prediction_make(gp_prediction *out, const gp_network_facts *facts) {
  enum { ARRAYS = 6, SCRATCH = 2 };
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
    out->preactivation_sd = out->delta_rms_sd + room;
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
