/* Weights and their true updates (after momentum and decay). After an update that keeps it, dw and db hold
 * the update. */
#include <math.h>

#include "probe_items.h"

static void norm_of(const gp_probe_view *view, const void *x, int64_t n, double *out) {
  view->net->k->sum_squares(out, x, n, view->net->lanes);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] = sqrt(out[lane]);
}

static void weight_norm(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = &view->net->layer[layer - 1];
  norm_of(view, l->w, l->in * l->out, out);
  for (int lane = 0; lane < view->net->lanes; lane++)
    view->weight_norm[(layer - 1) * view->net->lanes + lane] = out[lane];
}

static void update_norm(const gp_probe_view *view, int layer, double *out) {
  const gp_layer *l = &view->net->layer[layer - 1];
  norm_of(view, l->dw, l->in * l->out, out);
}

/* Compared with the weights before the update, whose norm the same checkpoint has measured. */
static void update_ratio(const gp_probe_view *view, int layer, double *out) {
  int lanes = view->net->lanes;
  update_norm(view, layer, out);
  for (int lane = 0; lane < lanes; lane++) out[lane] /= view->weight_norm[(layer - 1) * lanes + lane];
}

GP_LAYER_PROBE(weight_norm, "Frobenius norm of W", "", "weights", GP_AFTER_BACKWARD);
GP_LAYER_PROBE(update_norm, "Frobenius norm of the true update of W", "", "weights", GP_AFTER_UPDATE);
GP_LAYER_PROBE(update_ratio, "update_norm over weight_norm", "", "weights", GP_AFTER_UPDATE);
