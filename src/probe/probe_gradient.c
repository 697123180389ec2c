/* Gradients and deltas of a layer. Squares are summed in double: a float square is 0 below 2.6e-23
 * (SCIENCE 5.7). */
#include <math.h>

#include "probe_items.h"

static const gp_layer *layer_of(const gp_probe_view *view, int layer) {
  return &view->net->layer[layer - 1];
}

void gp_probe_fill(const gp_probe_view *view, double *out, double value) {
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = value;
}

void gp_probe_mean(const gp_probe_view *view, enum gp_moment moment, double divisor, double *out) {
  const double *sum = gp_moment_of(view, moment);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = sum[lane] / divisor;
}

void gp_probe_root(const gp_probe_view *view, enum gp_moment moment, double divisor, double *out) {
  gp_probe_mean(view, moment, divisor, out);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = sqrt(out[lane]);
}

static double units(const gp_probe_view *view, int layer) {
  return (double)(layer_of(view, layer)->out * view->batch);
}

static void weight_gradient_norm(const gp_probe_view *view, int layer, double *out) {
  (void)layer;
  gp_probe_root(view, GP_MOMENT_DW_SQUARES, 1, out);
}

static void bias_gradient_norm(const gp_probe_view *view, int layer, double *out) {
  (void)layer;
  gp_probe_root(view, GP_MOMENT_DB_SQUARES, 1, out);
}

static void delta_mean_norm(const gp_probe_view *view, int layer, double *out) {
  const gp_net *net = view->net;
  const gp_layer *l = layer_of(view, layer);
  double *rows = view->moments->delta_rows;
  for (int64_t i = 0; i < l->out * net->lanes; i++) rows[i] /= (double)view->batch;
  net->k64->sum_squares(out, rows, l->out, net->lanes);
  for (int lane = 0; lane < net->lanes; lane++) out[lane] = sqrt(out[lane]);
}

static void delta_rms(const gp_probe_view *view, int layer, double *out) {
  gp_probe_root(view, GP_MOMENT_DELTA_SQUARES, units(view, layer), out);
}

static void delta_total_norm(const gp_probe_view *view, int layer, double *out) {
  (void)layer;
  gp_probe_root(view, GP_MOMENT_DELTA_SQUARES, 1, out);
}

static void homogeneity(const gp_probe_view *view, int layer, double *out) {
  (void)layer;
  gp_probe_mean(view, GP_MOMENT_W_DW, 1, out);
}

#define GRADIENT_PROBE(name, help, source, ...)                                                              \
  GP_LAYER_PROBE(name, help, source, "gradients", GP_AFTER_BACKWARD, ##__VA_ARGS__)

GRADIENT_PROBE(weight_gradient_norm, "Frobenius norm of dC/dW, C the batch loss", "",
               .moments = GP_MOMENT_BIT(DW_SQUARES));
GRADIENT_PROBE(bias_gradient_norm, "2-norm of dC/db", "", .moments = GP_MOMENT_BIT(DB_SQUARES));
GRADIENT_PROBE(delta_mean_norm, "2-norm over units of the batch mean of the per-example delta",
               "Nielsen 2015, chapter 5", .moments = GP_TALLY_BIT(DELTA_ROWS));
GRADIENT_PROBE(delta_rms, "root mean square over examples and units of the per-example delta", "",
               .moments = GP_MOMENT_BIT(DELTA_SQUARES));
GRADIENT_PROBE(delta_total_norm, "2-norm over examples and units of the per-example delta", "",
               .moments = GP_MOMENT_BIT(DELTA_SQUARES));
GRADIENT_PROBE(homogeneity,
               "inner product of W and dC/dW, equal in every layer of a bias-free homogeneous net",
               "Du, Hu and Lee 2018", .moments = GP_MOMENT_BIT(W_DW));
