/* Weights and their true updates (after momentum and decay). After an update that keeps it, dw and db hold
 * the update. */
#include <math.h>

#include "probe_items.h"

static void weight_norm(const gp_probe_view *view, int layer, double *out) {
  gp_probe_root(view, GP_MOMENT_W_SQUARES, 1, out);
  for (int lane = 0; lane < view->net->lanes; lane++)
    view->weight_norm[(layer - 1) * view->net->lanes + lane] = out[lane];
}

static void update_norm(const gp_probe_view *view, int layer, double *out) {
  (void)layer;
  gp_probe_root(view, GP_MOMENT_UPDATE_SQUARES, 1, out);
}

/* Compared with the weights before the update, whose norm the same checkpoint has measured. */
static void update_ratio(const gp_probe_view *view, int layer, double *out) {
  int lanes = view->net->lanes;
  update_norm(view, layer, out);
  for (int lane = 0; lane < lanes; lane++) out[lane] /= view->weight_norm[(layer - 1) * lanes + lane];
}

GP_LAYER_PROBE(weight_norm, "Frobenius norm of W", "", "weights", GP_AFTER_BACKWARD,
               .moments = GP_MOMENT_BIT(W_SQUARES));
GP_LAYER_PROBE(update_norm, "Frobenius norm of the true update of W", "", "weights", GP_AFTER_UPDATE,
               .moments = GP_MOMENT_BIT(UPDATE_SQUARES));
GP_LAYER_PROBE(update_ratio, "update_norm over weight_norm", "", "weights", GP_AFTER_UPDATE,
               .moments = GP_MOMENT_BIT(UPDATE_SQUARES));
