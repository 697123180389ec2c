/* How the gradient varies: between the examples of a batch, from step to step, and how far it has carried the weights.
 *
 * In a dense layer the gradient of one example is delta h^T (and delta for the bias), so its squared norm is |delta|^2 (|h|^2 + 1): sums
 * over the columns of two arrays, no loop over examples. With g the mean of the examples' gradients and s the sum of their
 * squared norms, tr(Sigma) = (s - B |g|^2)/(B - 1) is the unbiased trace of their covariance. */
#include <math.h>

#include "norm.h"
#include "probe_items.h"

static const char coupled[] =
    "missing where batch normalisation couples the examples of a batch: one example then has no gradient "
    "of its own; and in a batch of one";

/* Sum over the examples of their squared gradient norms, per lane. */
static void example_squares(const gp_probe_view *view, int layer, double *out) {
  const gp_net *net = view->net;
  const gp_layer *l = &net->layer[layer - 1];
  const double *below = view->moments->below_columns;
  double *both = view->columns, square = l->multiplier * l->multiplier, bias = l->b != NULL ? 1 : 0;
  for (int64_t i = 0; i < view->batch * net->lanes; i++) both[i] = square * below[i] + bias;
  net->k64->dot(out, view->moments->delta_columns, both, view->batch, net->lanes);
}

static bool examples_meet(const gp_net *net) {
  for (int l = 0; l < net->layers; l++)
    if (net->layer[l].norm.item != NULL && net->layer[l].norm.item->by_row) return true;
  return false;
}

/* tr(Sigma) and |g|^2 into view->spread, once for a layer; NaN where there is none. dC/dW is the factor of the batch times the sum. */
static void spread(const gp_probe_view *view, int layer) {
  const gp_net *net = view->net;
  double n = (double)view->batch, share = 1 / (gp_loss_batch_factor(&net->loss, view->batch) * n);
  const double *dw = gp_moment_of(view, GP_MOMENT_DW_SQUARES), *db = gp_moment_of(view, GP_MOMENT_DB_SQUARES);
  double *trace = view->spread[0], *mean = view->spread[1];
  bool missing = view->batch < 2 || examples_meet(net);
  if (view->moments->spread_known) return;
  view->moments->spread_known = true;
  example_squares(view, layer, trace);
  for (int lane = 0; lane < net->lanes; lane++) {
    mean[lane] = share * share * (dw[lane] + (net->layer[layer - 1].b != NULL ? db[lane] : 0));
    trace[lane] = missing ? (double)NAN : (trace[lane] - n * mean[lane]) / (n - 1);
  }
}

static void gradient_noise_scale(const gp_probe_view *view, int layer, double *out) {
  spread(view, layer);
  for (int lane = 0; lane < view->net->lanes; lane++)
    out[lane] = view->spread[0][lane] / view->spread[1][lane];
}

static void gradient_signal_to_noise(const gp_probe_view *view, int layer, double *out) {
  spread(view, layer);
  for (int lane = 0; lane < view->net->lanes; lane++)
    out[lane] = sqrt(view->spread[1][lane] * (double)view->batch / view->spread[0][lane]);
}

/* NaN at the first step, which has none before it. */
static void gradient_cosine(const gp_probe_view *view, int layer, double *out) {
  const double *inner = gp_moment_of(view, GP_MOMENT_DW_PREVIOUS),
               *now = gp_moment_of(view, GP_MOMENT_DW_SQUARES),
               *before = gp_moment_of(view, GP_MOMENT_PREVIOUS_SQUARES);
  (void)layer;
  for (int lane = 0; lane < view->net->lanes; lane++)
    out[lane] = inner[lane] / (sqrt(now[lane]) * sqrt(before[lane]));
}

static void distance_from_start(const gp_probe_view *view, int layer, double *out) {
  (void)layer;
  gp_probe_root(view, GP_MOMENT_W_INITIAL, 1, out);
}

static void relative_distance(const gp_probe_view *view, int layer, double *out) {
  const double *start = gp_moment_of(view, GP_MOMENT_INITIAL_SQUARES);
  (void)layer;
  gp_probe_root(view, GP_MOMENT_W_INITIAL, 1, out);
  for (int lane = 0; lane < view->net->lanes; lane++) out[lane] /= sqrt(start[lane]);
}

#define NOISE_MOMENTS (GP_MOMENT_BIT(DW_SQUARES) | GP_MOMENT_BIT(DB_SQUARES) | GP_TALLY_BIT(EXAMPLES))

GP_LAYER_PROBE(gradient_noise_scale,
               "tr(Sigma)/|g|^2: variance of the examples' gradients over their squared mean",
               "McCandlish et al. 2018, eq. 2.9", "noise", GP_AFTER_BACKWARD, .moments = NOISE_MOMENTS,
               .note = coupled);
GP_LAYER_PROBE(gradient_signal_to_noise, "|g| over the standard error of the batch mean, sqrt(tr(Sigma)/B)",
               "", "noise", GP_AFTER_BACKWARD, .moments = NOISE_MOMENTS, .note = coupled);
GP_LAYER_PROBE(gradient_cosine, "cosine between dC/dW of this step's batch and of the step before", "",
               "dynamics", GP_AFTER_BATCH,
               .moments = GP_MOMENT_BIT(DW_PREVIOUS) | GP_MOMENT_BIT(DW_SQUARES) |
                          GP_MOMENT_BIT(PREVIOUS_SQUARES));
GP_LAYER_PROBE(distance_from_start, "Frobenius norm of W minus W at step 0", "", "dynamics",
               GP_AFTER_BACKWARD, .moments = GP_MOMENT_BIT(W_INITIAL));
GP_LAYER_PROBE(relative_distance, "the same over the norm of W at step 0", "Nagarajan and Kolter 2019",
               "dynamics", GP_AFTER_BACKWARD,
               .moments = GP_MOMENT_BIT(W_INITIAL) | GP_MOMENT_BIT(INITIAL_SQUARES));
