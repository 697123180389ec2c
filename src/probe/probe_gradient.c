/* Gradients and deltas of a layer. Squares are summed in double: a float square is 0 below 2.6e-23
 * (SCIENCE 5.7). */
#include <math.h>

#include "probe_items.h"

static const gp_layer *layer_of(const gp_probe_view *view, int layer) {
  return &view->net->layer[layer - 1];
}

/* out = sqrt(out / divisor) for every lane. */
static void root(double *out, int lanes, double divisor) {
  for (int lane = 0; lane < lanes; lane++) out[lane] = sqrt(out[lane] / divisor);
}

static void weight_gradient_norm(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  view->net->k->sum_squares(out, l->dw, l->in * l->out, view->net->lanes);
  root(out, view->net->lanes, 1);
}

static void bias_gradient_norm(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = NAN;
  if (l->db == NULL) return;
  view->net->k->sum_squares(out, l->db, l->out, view->net->lanes);
  root(out, view->net->lanes, 1);
}

static void delta_mean_norm(const gp_probe_view *view, int layer, double *out) {
  const gp_net *net = view->net;
  const gp_layer *l = layer_of(view, layer);
  net->k->row_sums(view->rows, l->delta, l->out, view->batch, net->lanes);
  for (int64_t i = 0; i < l->out * net->lanes; i++) view->rows[i] /= (double)view->batch;
  net->k64->sum_squares(out, view->rows, l->out, net->lanes);
  root(out, net->lanes, 1);
}

static void delta_rms(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  view->net->k->sum_squares(out, l->delta, l->out * view->batch, view->net->lanes);
  root(out, view->net->lanes, (double)(l->out * view->batch));
}

static void delta_total_norm(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  view->net->k->sum_squares(out, l->delta, l->out * view->batch, view->net->lanes);
  root(out, view->net->lanes, 1);
}

static void homogeneity(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = layer_of(view, layer);
  view->net->k->dot(out, l->w, l->dw, l->in * l->out, view->net->lanes);
}

#define GRADIENT_PROBE(name, help, source) GP_LAYER_PROBE(name, help, source, "gradients", GP_AFTER_BACKWARD)

GRADIENT_PROBE(weight_gradient_norm, "Frobenius norm of dC/dW, C the batch loss", "");
GRADIENT_PROBE(bias_gradient_norm, "2-norm of dC/db", "");
GRADIENT_PROBE(delta_mean_norm, "2-norm over units of the batch mean of the per-example delta",
               "Nielsen 2015, chapter 5");
GRADIENT_PROBE(delta_rms, "root mean square over examples and units of the per-example delta", "");
GRADIENT_PROBE(delta_total_norm, "2-norm over examples and units of the per-example delta", "");
GRADIENT_PROBE(homogeneity,
               "inner product of W and dC/dW, equal in every layer of a bias-free homogeneous net",
               "Du, Hu and Lee 2018");
