/* What the published rule books look at besides the probes of `all`. */
#include <math.h>

#include "probe_items.h"

static const gp_layer *layer_of(const gp_probe_view *view, int layer) {
  return &view->net->layer[layer - 1];
}

static double units(const gp_probe_view *view, int layer) {
  return (double)(layer_of(view, layer)->out * view->batch);
}

static void gradient_mean_abs(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  gp_probe_mean(view, GP_MOMENT_DW_ABSOLUTE, (double)(l->in * l->out), out);
}

static void activation_mean_abs(const gp_probe_view *view, int layer, double *out) {
  gp_probe_mean(view, GP_MOMENT_H_ABSOLUTE, units(view, layer), out);
}

/* Share of n elements with lo <= x <= hi. */
static void share_within(const gp_probe_view *view, const void *x, int64_t n, double lo, double hi,
                         double *out) {
  view->net->k->count_within(view->counts, x, lo, hi, n, view->net->lanes);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = (double)view->counts[lane] / (double)n;
}

static void gradient_zero_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  share_within(view, l->dw, l->in * l->out, 0, 0, out);
}

static void nonpositive_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  share_within(view, l->h, l->out * view->batch, -INFINITY, 0, out);
}

/* What is not within, NaN included. */
static void outside(const gp_probe_view *view, int layer, double lo, double hi, double *out) {
  const gp_layer *l = layer_of(view, layer);
  share_within(view, l->u, l->out * view->batch, lo, hi, out);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = 1 - out[lane];
}

static void beyond_5_fraction(const gp_probe_view *view, int layer, double *out) {
  outside(view, layer, -5, 5, out);
}

/* Where float32 no longer tells sigmoid from 0 or 1, tanh from -1 or 1. */
static void flat_input_fraction(const gp_probe_view *view, int layer, double *out) {
  const gp_activation *activation = layer_of(view, layer)->activation;
  gp_probe_fill(view, out, NAN);
  if (activation == NULL) return;
  if (activation->slot == GP_ACT_tanh || activation->slot == GP_ACT_tanh_output_form)
    outside(view, layer, -9.4999, 9.4999, out);
  if (activation->slot == GP_ACT_sigmoid || activation->slot == GP_ACT_sigmoid_output_form)
    outside(view, layer, -23, 16.99999, out);
}

/* Share of units for which |h| is below the limit (or 0) on more than `least` of the examples. */
static void unit_share(const gp_probe_view *view, int layer, double limit, double least, double *out) {
  const gp_layer *l = layer_of(view, layer);
  int lanes = view->net->lanes;
  view->net->k->row_counts(view->counts, l->h, limit, limit == 0, l->out, view->batch, lanes);
  for (int lane = 0; lane < lanes; lane++) {
    int64_t count = 0;
    for (int64_t r = 0; r < l->out; r++)
      count += (double)view->counts[r * lanes + lane] > least * (double)view->batch;
    out[lane] = (double)count / (double)l->out;
  }
}

static void inactive_fraction(const gp_probe_view *view, int layer, double *out) {
  unit_share(view, layer, 0, 0.99, out);
}

static void quiet_fraction(const gp_probe_view *view, int layer, double *out) {
  unit_share(view, layer, 1e-5, 0.95, out);
}

#define RULE_PROBE(name, help, ...) GP_LAYER_PROBE(name, help, "", "rules", GP_AFTER_BACKWARD, ##__VA_ARGS__)

RULE_PROBE(gradient_mean_abs, "mean of |dC/dW| over the weights", .moments = GP_MOMENT_BIT(DW_ABSOLUTE));
RULE_PROBE(gradient_zero_fraction, "share of weights whose gradient is exactly 0");
RULE_PROBE(activation_mean_abs, "mean of |h| over examples and units", .moments = GP_MOMENT_BIT(H_ABSOLUTE));
RULE_PROBE(inactive_fraction, "share of units with h exactly 0 on more than 99 % of the examples");
RULE_PROBE(quiet_fraction, "share of units with |h| < 1e-5 on more than 95 % of the examples");
RULE_PROBE(nonpositive_fraction, "share of (example, unit) pairs with h <= 0");
RULE_PROBE(beyond_5_fraction,
           "share of (example, unit) pairs whose activation is given a number outside [-5, 5]");
RULE_PROBE(flat_input_fraction,
           "share of (example, unit) pairs with the input of tanh outside +-9.4999, of sigmoid outside [-23, "
           "16.99999]",
           .note = "only for tanh and sigmoid");
