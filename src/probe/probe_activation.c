/* Activations and pre-activations of a layer, and the units that are off: zero, dead, saturated. */
#include <math.h>

#include "probe_items.h"

static const gp_layer *layer_of(const gp_probe_view *view, int layer) {
  return &view->net->layer[layer - 1];
}

static void fill(const gp_probe_view *view, double *out, double value) {
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = value;
}

static void mean_of(const gp_probe_view *view, const void *x, int64_t n, double *out) {
  view->net->k->sum(out, x, n, view->net->lanes);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] /= (double)n;
}

static void rms_of(const gp_probe_view *view, const void *x, int64_t n, double *out) {
  view->net->k->sum_squares(out, x, n, view->net->lanes);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = sqrt(out[lane] / (double)n);
}

static void activation_mean(const gp_probe_view *view, int layer, double *out) {
  mean_of(view, layer_of(view, layer)->h, layer_of(view, layer)->out * view->batch, out);
}
static void activation_rms(const gp_probe_view *view, int layer, double *out) {
  rms_of(view, layer_of(view, layer)->h, layer_of(view, layer)->out * view->batch, out);
}
static void preactivation_mean(const gp_probe_view *view, int layer, double *out) {
  mean_of(view, layer_of(view, layer)->z, layer_of(view, layer)->out * view->batch, out);
}
static void preactivation_rms(const gp_probe_view *view, int layer, double *out) {
  rms_of(view, layer_of(view, layer)->z, layer_of(view, layer)->out * view->batch, out);
}

static void zero_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_net *net = view->net;
  const gp_layer *l = layer_of(view, layer);
  net->k->row_counts(view->counts, l->h, 0, true, l->out, view->batch, net->lanes);
  for (int lane = 0; lane < net->lanes; lane++) {
    int64_t total = 0;
    for (int64_t r = 0; r < l->out; r++) total += view->counts[r * net->lanes + lane];
    out[lane] = (double)total / (double)(l->out * view->batch);
  }
}

/* Share of units whose count exceeds `least` examples; counts of |phi'| are in view->counts. */
static void unit_share(const gp_probe_view *view, const gp_layer *l, double least, double *out) {
  int lanes = view->net->lanes;
  for (int lane = 0; lane < lanes; lane++) {
    int64_t units = 0;
    for (int64_t r = 0; r < l->out; r++) units += (double)view->counts[r * lanes + lane] > least;
    out[lane] = (double)units / (double)l->out;
  }
}

static void dead_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  fill(view, out, NAN);
  if (l->activation == NULL) return;
  view->net->k->row_counts(view->counts, l->d, 0, true, l->out, view->batch, view->net->lanes);
  unit_share(view, l, (double)view->batch - 0.5, out);
}

static void saturated_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  fill(view, out, NAN);
  if (l->activation == NULL || !l->activation->bounded || isnan(l->activation->slope_max)) return;
  double limit = 0.05 * l->activation->slope_max;
  view->net->k->row_counts(view->counts, l->d, limit, false, l->out, view->batch, view->net->lanes);
  unit_share(view, l, 0.95 * (double)view->batch, out);
}

#define ACTIVATION_PROBE(name, help) GP_LAYER_PROBE(name, help, "", "activations", GP_AFTER_BACKWARD)

ACTIVATION_PROBE(activation_mean, "mean of h over examples and units");
ACTIVATION_PROBE(activation_rms, "root mean square of h over examples and units");
ACTIVATION_PROBE(preactivation_mean, "mean of z over examples and units");
ACTIVATION_PROBE(preactivation_rms, "root mean square of z over examples and units");
ACTIVATION_PROBE(zero_fraction, "share of (example, unit) pairs with h exactly 0");
ACTIVATION_PROBE(dead_fraction, "share of units with phi'(z) = 0 for every example measured on");
ACTIVATION_PROBE(
    saturated_fraction,
    "share of units with |phi'(z)| < 0.05 max|phi'| on more than 95 % of the examples (bounded activations)");
