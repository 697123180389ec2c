/* Activations and pre-activations of a layer, and the units that are off: zero, dead, saturated. */
#include <math.h>

#include "probe_items.h"

static const gp_layer *layer_of(const gp_probe_view *view, int layer) {
  return &view->net->layer[layer - 1];
}

static double units(const gp_probe_view *view, int layer) {
  return (double)(layer_of(view, layer)->out * view->batch);
}

static void activation_mean(const gp_probe_view *view, int layer, double *out) {
  gp_probe_mean(view, GP_MOMENT_H, units(view, layer), out);
}
static void activation_rms(const gp_probe_view *view, int layer, double *out) {
  gp_probe_root(view, GP_MOMENT_H_SQUARES, units(view, layer), out);
}
static void preactivation_mean(const gp_probe_view *view, int layer, double *out) {
  gp_probe_mean(view, GP_MOMENT_Z, units(view, layer), out);
}
static void preactivation_rms(const gp_probe_view *view, int layer, double *out) {
  gp_probe_root(view, GP_MOMENT_Z_SQUARES, units(view, layer), out);
}

static void zero_fraction(const gp_probe_view *view, int layer, double *out) {
  for (int lane = 0; lane < view->net->lanes; lane++)
    out[lane] = (double)view->moments->h_zeros[lane] / units(view, layer);
}

/* Share of units whose count exceeds `least` >= 0 examples. */
static void unit_share(const gp_probe_view *view, const gp_layer *l, const int64_t *counts, double least,
                       double *out) {
  int lanes = view->net->lanes;
  int64_t whole = (int64_t)least;
  for (int lane = 0; lane < lanes; lane++) {
    int64_t units = 0;
    for (int64_t r = 0; r < l->out; r++) units += counts[r * lanes + lane] > whole;
    out[lane] = (double)units / (double)l->out;
  }
}

static void dead_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  gp_probe_fill(view, out, NAN);
  if (l->activation == NULL) return;
  unit_share(view, l, view->moments->d_zeros, (double)(view->batch - 1), out);
}

static void saturated_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  gp_probe_fill(view, out, NAN);
  if (l->activation == NULL || !l->activation->bounded || isnan(l->activation->slope_max)) return;
  unit_share(view, l, view->moments->d_small, 0.95 * (double)view->batch, out);
}

#define ACTIVATION_PROBE(name, help, ...)                                                                    \
  GP_LAYER_PROBE(name, help, "", "activations", GP_AFTER_BACKWARD, ##__VA_ARGS__)

ACTIVATION_PROBE(activation_mean, "mean of h over examples and units", .moments = GP_MOMENT_BIT(H));
ACTIVATION_PROBE(activation_rms, "root mean square of h over examples and units",
                 .moments = GP_MOMENT_BIT(H_SQUARES));
ACTIVATION_PROBE(preactivation_mean, "mean of z over examples and units", .moments = GP_MOMENT_BIT(Z));
ACTIVATION_PROBE(preactivation_rms, "root mean square of z over examples and units",
                 .moments = GP_MOMENT_BIT(Z_SQUARES));
ACTIVATION_PROBE(zero_fraction, "share of (example, unit) pairs with h exactly 0",
                 .moments = GP_TALLY_BIT(H_ZEROS));
ACTIVATION_PROBE(dead_fraction, "share of units with phi'(z) = 0 for every example measured on",
                 .moments = GP_TALLY_BIT(D_ZEROS));
ACTIVATION_PROBE(
    saturated_fraction,
    "share of units with |phi'(z)| < 0.05 max|phi'| on more than 95 % of the examples (bounded activations)",
    .moments = GP_TALLY_BIT(D_SMALL));
