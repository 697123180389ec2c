/* Histograms of a layer's arrays, over the bins of bins.h: how many of its elements lie in each. */
#include "probe_items.h"

static void count(const gp_probe_view *view, const void *x, enum gp_bins bins, int64_t n, double *out) {
  int lanes = view->net->lanes;
  view->net->k->histogram(view->counts, x, bins, n, lanes);
  for (int i = 0; i < lanes * GP_BINS; i++) out[i] = (double)view->counts[i];
}

static const gp_layer *layer_of(const gp_probe_view *view, int layer) {
  return &view->net->layer[layer - 1];
}

static void gradient_histogram(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  count(view, l->dw, GP_BINS_MAGNITUDE, l->in * l->out, out);
}

static void delta_histogram(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  count(view, l->delta, GP_BINS_MAGNITUDE, l->out * view->batch, out);
}

static void activation_histogram(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  count(view, l->h, GP_BINS_VALUE, l->out * view->batch, out);
}

static void preactivation_histogram(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  count(view, l->z, GP_BINS_VALUE, l->out * view->batch, out);
}

static const char of_values[] = "the first and the last bin also hold what lies beyond; NaN is in none";
static const char of_magnitudes[] =
    "the first bin also holds exact zeros, the last what lies beyond; NaN is in none";

#define HISTOGRAM(name, help, shape_, note_)                                                                 \
  GP_SHAPED_PROBE(name, help, "", "histograms", GP_AFTER_BACKWARD, shape_, .note = note_)

HISTOGRAM(gradient_histogram, "number of weights by magnitude of their dC/dW: one bin for every factor of 4",
          GP_PER_MAGNITUDE_BIN, of_magnitudes);
HISTOGRAM(delta_histogram, "number of (example, unit) pairs by magnitude of their delta",
          GP_PER_MAGNITUDE_BIN, of_magnitudes);
HISTOGRAM(activation_histogram, "number of (example, unit) pairs by value of h: bins of 1/4 from -8 to 8",
          GP_PER_VALUE_BIN, of_values);
HISTOGRAM(preactivation_histogram, "number of (example, unit) pairs by value of z", GP_PER_VALUE_BIN,
          of_values);
