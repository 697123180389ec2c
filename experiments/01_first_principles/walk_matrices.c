/* Third station: layers as matrices. Many linear ones are one; going back is the transpose; the gradient of a weight is an
 * outer product; and a unit without a slope passes nothing. */
#include <math.h>
#include <stdio.h>

#include "walk.h"

/* out (n, k) = a (n, m) b (m, k) */
static void multiply(double *out, const double *a, const double *b, int64_t n, int64_t m, int64_t k) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < k; j++) {
      double sum = 0;
      for (int64_t l = 0; l < m; l++) sum += a[i * m + l] * b[l * k + j];
      out[i * k + j] = sum;
    }
}

/* ---- three linear layers are one ---- */

enum { SIDE = 6 };

/* Singular values of a square matrix by one-sided Jacobi rotations, descending; overwrites it. */
static void singular_values(double a[SIDE * SIDE], double out[SIDE]) {
  for (int sweep = 0; sweep < 60; sweep++)
    for (int p = 0; p < SIDE; p++)
      for (int q = p + 1; q < SIDE; q++) {
        double pp = 0, qq = 0, pq = 0;
        for (int i = 0; i < SIDE; i++)
          pp += a[i * SIDE + p] * a[i * SIDE + p], qq += a[i * SIDE + q] * a[i * SIDE + q],
              pq += a[i * SIDE + p] * a[i * SIDE + q];
        double angle = 0.5 * atan2(2 * pq, pp - qq), c = cos(angle), s = sin(angle);
        for (int i = 0; i < SIDE; i++) {
          double x = a[i * SIDE + p], y = a[i * SIDE + q];
          a[i * SIDE + p] = c * x + s * y, a[i * SIDE + q] = c * y - s * x;
        }
      }
  for (int j = 0; j < SIDE; j++) {
    out[j] = 0;
    for (int i = 0; i < SIDE; i++) out[j] = hypot(out[j], a[i * SIDE + j]);
  }
  for (int i = 0; i < SIDE; i++)
    for (int j = i + 1; j < SIDE; j++)
      if (out[j] > out[i]) {
        double swapped = out[i];
        out[i] = out[j], out[j] = swapped;
      }
}

/* Solves X M^T = Z for M (all SIDE x SIDE) by elimination with pivots; overwrites X and Z. */
static void solve(double x[SIDE * SIDE], double z[SIDE * SIDE], double m[SIDE * SIDE]) {
  for (int p = 0; p < SIDE; p++) {
    int best = p;
    for (int i = p + 1; i < SIDE; i++)
      if (fabs(x[i * SIDE + p]) > fabs(x[best * SIDE + p])) best = i;
    for (int j = 0; j < SIDE; j++) {
      double u = x[p * SIDE + j], v = z[p * SIDE + j];
      x[p * SIDE + j] = x[best * SIDE + j], x[best * SIDE + j] = u;
      z[p * SIDE + j] = z[best * SIDE + j], z[best * SIDE + j] = v;
    }
    for (int i = 0; i < SIDE; i++) {
      double factor = i == p ? 0 : x[i * SIDE + p] / x[p * SIDE + p];
      for (int j = 0; j < SIDE; j++)
        x[i * SIDE + j] -= factor * x[p * SIDE + j], z[i * SIDE + j] -= factor * z[p * SIDE + j];
    }
  }
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) m[j * SIDE + i] = z[i * SIDE + j] / x[i * SIDE + i];
}

/* M from the weights, and M from what the net answers to six inputs: Z = X M^T. */
static gp_status find_matrices(const small_net *net, double product[SIDE * SIDE],
                               double answered[SIDE * SIDE]) {
  const small_array *w[3], *z = small_net_array(net, 0, 3, "preactivation");
  double two[SIDE * SIDE], x[SIDE * SIDE], y[SIDE * SIDE];
  for (int l = 0; l < 3; l++) w[l] = small_net_array(net, 0, l + 1, "weight");
  if (z == NULL || w[0] == NULL || w[1] == NULL || w[2] == NULL || z->rows < SIDE || z->columns != SIDE)
    return gp_fail(GP_ERR_CONFIG, "the linear net of the walk has not the shape it should have");
  multiply(two, w[1]->values, w[0]->values, SIDE, SIDE, SIDE);
  multiply(product, w[2]->values, two, SIDE, SIDE, SIDE);
  for (int i = 0; i < SIDE * SIDE; i++) x[i] = net->data->x[i], y[i] = z->values[i];
  solve(x, y, answered);
  return GP_OK;
}

static void say_values(const walk *to, const char *what, const double *values) {
  walk_say(to, "   %-44s", what);
  for (int i = 0; i < SIDE; i++) walk_say(to, " %8.5f", values[i]);
  walk_say(to, "\n");
}

static gp_status show_collapse(const walk *to) {
  static const char *const config =
      "study: walk\ndata: {name: gaussian, samples: 6, features: 6, targets: 6, test: 0}\n"
      "model: {activation: linear, depth: 2, width: 6, bias: false}\n"
      "train: {loss: mse, batch: full, steps: 1}\nprecision: float64\nseed: 0\n";
  static const int64_t steps[] = {0};
  small_net net = {.only = NULL};
  double product[SIDE * SIDE], answered[SIDE * SIDE], s[SIDE], t[SIDE], worst = 0, largest = 0,
                                                                        worst_value = 0;
  char measured[120];
  gp_status status = small_net_train(&net, config, steps, 1);
  if (status == GP_OK) status = find_matrices(&net, product, answered);
  small_net_free(&net);
  GP_TRY(status);
  for (int i = 0; i < SIDE * SIDE; i++)
    worst = fmax(worst, fabs(product[i] - answered[i])), largest = fmax(largest, fabs(product[i]));
  singular_values(product, s);
  singular_values(answered, t);
  for (int i = 0; i < SIDE; i++) worst_value = fmax(worst_value, fabs(s[i] - t[i]) / s[0]);
  walk_say(to, "7. Three linear layers are one matrix, M = W3 W2 W1 (6 x 6); singular values\n\n");
  say_values(to, "of the product of the weights", s);
  say_values(to, "of the matrix found from the net's answers", t);
  walk_say(to, "\n");
  snprintf(measured, sizeof measured, "entries differ by %.1e, singular values by %.1e of the largest",
           worst / largest, worst_value);
  return walk_claim(to, worst < 1e-12 * largest && worst_value < 1e-12, "a deep linear net is one matrix",
                    measured, "below 1e-12, the elimination's roundings");
}

/* ---- the transpose and the outer product ---- */

static const char *const tanh_net =
    "study: walk\ndata: {name: gaussian, samples: 5, features: 4, targets: 2, test: 0}\n"
    "model: {activation: tanh, depth: 2, width: 3}\ntrain: {loss: mse, batch: full, steps: 1}\n"
    "precision: float64\nseed: 0\nrecord: {on: batch}\n";

/* Largest difference of dC/dW_l from (1/B) sum over examples of delta_l h_{l-1}^T, as a share of its largest entry. */
static double outer_product_error(const small_net *net, int layer) {
  const small_array *delta = small_net_array(net, 0, layer, "delta"),
                    *dw = small_net_array(net, 0, layer, "weight_gradient");
  const small_array *below = layer > 1 ? small_net_array(net, 0, layer - 1, "activation") : NULL;
  if (delta == NULL || dw == NULL || (layer > 1 && below == NULL)) return INFINITY;
  const double *h = below != NULL ? below->values : net->data->x;
  double worst = 0, largest = 0;
  for (int64_t o = 0; o < dw->rows; o++)
    for (int64_t i = 0; i < dw->columns; i++) {
      double sum = 0;
      for (int64_t b = 0; b < delta->rows; b++)
        sum += delta->values[b * delta->columns + o] * h[b * dw->columns + i];
      worst = fmax(worst, fabs(sum / (double)delta->rows - dw->values[o * dw->columns + i]));
      largest = fmax(largest, fabs(dw->values[o * dw->columns + i]));
    }
  return worst / largest;
}

/* Largest difference of delta_l from W_{l+1}^T delta_{l+1} times tanh'(z_l) = 1 - h_l^2. */
static double transpose_error(const small_net *net, int layer) {
  const small_array *delta = small_net_array(net, 0, layer, "delta"),
                    *h = small_net_array(net, 0, layer, "activation"),
                    *next = small_net_array(net, 0, layer + 1, "delta"),
                    *w = small_net_array(net, 0, layer + 1, "weight");
  if (delta == NULL || h == NULL || next == NULL || w == NULL) return INFINITY;
  double worst = 0, largest = 0;
  for (int64_t b = 0; b < delta->rows; b++)
    for (int64_t i = 0; i < delta->columns; i++) {
      double sum = 0, y = h->values[b * h->columns + i], is = delta->values[b * delta->columns + i];
      for (int64_t o = 0; o < w->rows; o++)
        sum += w->values[o * w->columns + i] * next->values[b * next->columns + o];
      worst = fmax(worst, fabs(sum * (1 - y * y) - is));
      largest = fmax(largest, fabs(is));
    }
  return worst / largest;
}

static gp_status show_identities(const walk *to) {
  static const int64_t steps[] = {0};
  small_net net = {.only = NULL};
  char measured[120];
  gp_status status = small_net_train(&net, tanh_net, steps, 1);
  if (status == GP_OK) {
    double outer = 0, back = 0;
    for (int l = 1; l <= 3; l++) outer = fmax(outer, outer_product_error(&net, l));
    for (int l = 1; l <= 2; l++) back = fmax(back, transpose_error(&net, l));
    walk_say(
        to,
        "8. Going back is the transpose: y = W x has dy/dx = W, so dC/dx = W^T dC/dy; and dC/dW = delta "
        "x^T\n\n"
        "   4-3-3-2, tanh, 5 examples    delta_l (3) = W_{l+1}^T (3 x 2) delta_{l+1} (2) * tanh'(z_l) (3)\n"
        "   W^T delta against the engine's deltas           largest difference %.1e\n"
        "   mean of delta x^T against the engine's dC/dW    largest difference %.1e\n\n",
        back, outer);
    snprintf(measured, sizeof measured, "%.1e and %.1e of the largest entry", back, outer);
    status = walk_claim(to, back < 1e-14 && outer < 1e-14, "delta goes back by W^T, and dC/dW is delta x^T",
                        measured, "below 1e-14, roundings of double");
  }
  small_net_free(&net);
  return status;
}

/* ---- a unit without a slope ---- */

static gp_status show_sign(const walk *to) {
  static const char *const config =
      "study: walk\ndata: {name: moons, samples: 64, test: 0}\nmodel: {activation: sign, depth: 3, width: 8, "
      "init: he}\n"
      "train: {loss: cross_entropy, batch: full, steps: 1}\nprecision: float64\nseed: 0\n";
  static const int64_t steps[] = {0};
  small_net net = {.only = NULL};
  char measured[140];
  gp_status status = small_net_train(&net, config, steps, 1);
  if (status == GP_OK) {
    int64_t hidden = 0, zero = 0, output = 0, other = 0;
    for (int l = 1; l <= 4; l++) {
      const small_array *g = small_net_array(&net, 0, l, "weight_gradient");
      for (int64_t i = 0; g != NULL && i < g->rows * g->columns; i++) {
        hidden += l < 4, output += l == 4;
        zero += l < 4 && g->values[i] == 0; /* 0.0 or -0.0 */
        other += l == 4 && g->values[i] != 0;
      }
    }
    walk_say(to,
             "9. A sign unit has no slope, so nothing comes back: %lld of %lld hidden weights have the "
             "gradient 0,\n"
             "   bit for bit; of the output layer %lld of %lld have another\n\n",
             (long long)zero, (long long)hidden, (long long)other, (long long)output);
    snprintf(measured, sizeof measured,
             "%lld of %lld hidden gradients are 0, %lld of %lld of the output layer are not", (long long)zero,
             (long long)hidden, (long long)other, (long long)output);
    status = walk_claim(to, hidden > 0 && zero == hidden && other == output,
                        "behind sign units every gradient is exactly 0", measured, "all, all");
  }
  small_net_free(&net);
  return status;
}

gp_status walk_matrices(const walk *to) {
  GP_TRY(show_collapse(to));
  GP_TRY(show_identities(to));
  return show_sign(to);
}
