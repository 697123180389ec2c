/* Layer by layer on the twin: pairs of examples, singular values, underflow. */
#include <math.h>

#include "precision.h"
#include "second.h"
#include "singular.h"

/* -- pairs -- */

static double dot(const gp_second *s, const double *x, const double *y, int64_t n) {
  double sum;
  s->twin.net.k->dot(&sum, x, y, n, 1);
  return sum;
}

/* The mean cosine between the columns of x (units, rows). */
static double mean_cosine(gp_second *s, const double *x, int64_t units) {
  int64_t rows = s->set.pair_samples, pairs = 0;
  double total = 0;
  for (int64_t b = 0; b < rows; b++)
    for (int64_t u = 0; u < units; u++) s->columns[b * units + u] = x[u * rows + b];
  for (int64_t a = 0; a < rows; a++) {
    const double *one = s->columns + a * units;
    double length = sqrt(dot(s, one, one, units));
    for (int64_t b = 0; b < a; b++) {
      const double *other = s->columns + b * units;
      double lengths = length * sqrt(dot(s, other, other, units));
      if (lengths == 0) continue;
      total += dot(s, one, other, units) / lengths;
      pairs++;
    }
  }
  return total / (double)pairs;
}

void gp_second_pairs(gp_second *s, double *out, bool deltas) {
  gp_twin_bring(&s->twin, &s->train, 0, s->set.pair_samples);
  for (int l = 0; l < s->twin.net.layers; l++) {
    const gp_layer *layer = &s->twin.net.layer[l];
    out[l] = mean_cosine(s, deltas ? layer->delta : layer->z, layer->out);
  }
}

/* -- singular values -- */

const double *gp_second_singular(gp_second *s, int number, int64_t *count) {
  const gp_layer *layer = &s->twin.net.layer[number - 1];
  *count = layer->in < layer->out ? layer->in : layer->out;
  if (s->singular_known != number)
    gp_singular_matrix(s->sigma, layer->w, layer->out, layer->in, s->matrix, s->twin.net.k);
  s->singular_known = number;
  return s->sigma;
}

const double *gp_second_product(gp_second *s, int64_t *count) {
  const gp_net *net = &s->twin.net;
  int64_t inputs = net->layer[0].in, outputs = net->layer[net->layers - 1].out;
  const double *w = net->layer[0].w;
  for (int64_t i = 0; i < net->layer[0].out * inputs; i++) s->product[0][i] = net->layer[0].multiplier * w[i];
  for (int l = 1; l < net->layers; l++) {
    const gp_layer *layer = &net->layer[l];
    gp_product product = {
        .m = layer->out, .n = inputs, .k = layer->in, .alpha = layer->multiplier, .lanes = 1};
    net->k->product_nn(s->product[l % 2], layer->w, s->product[1 - l % 2], &product);
  }
  gp_singular_matrix(s->sigma, s->product[(net->layers - 1) % 2], outputs, inputs, s->matrix, net->k);
  s->singular_known = 0;
  *count = inputs < outputs ? inputs : outputs;
  return s->sigma;
}

/* -- underflow -- */

static double run_delta(const gp_second *s, const gp_layer *layer, int64_t i) {
  const float *f = layer->delta;
  const double *d = layer->delta;
  int64_t at = i * s->net->lanes + s->lane;
  return s->net->k->bits == 32 ? (double)f[at] : d[at];
}

void gp_second_underflow(gp_second *s, double *out) {
  double normal = gp_net_smallest_normal(s->net, s->lane);
  gp_twin_mirror(&s->twin, s->net, s->lane, s->batch);
  for (int l = 0; l < s->net->layers; l++) {
    const double *exact = s->twin.net.layer[l].delta;
    int64_t lost = 0, nonzero = 0;
    for (int64_t i = 0; i < s->net->layer[l].out * s->batch; i++) {
      if (exact[i] == 0) continue;
      nonzero++;
      lost += fabs(run_delta(s, &s->net->layer[l], i)) < normal;
    }
    out[l] = (double)lost / (double)nonzero;
  }
}
