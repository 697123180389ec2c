/* Initialisers that draw a whole matrix. All sums in the house order (the portable meaning of any tier's dot), all
 * loops in a fixed order: the same bits everywhere. */
#include <math.h>
#include <string.h>

#include "init.h"
#include "kernels.h"
#include "rng.h"

void gp_init_constant(const gp_init_options *o, const gp_init_layer *layer, double *w, double *scratch) {
  (void)scratch;
  for (int64_t i = 0; i < layer->in * layer->out; i++) w[i] = o->value;
}

void gp_init_identity(const gp_init_options *o, const gp_init_layer *layer, double *w, double *scratch) {
  (void)scratch;
  for (int64_t u = 0; u < layer->out; u++)
    for (int64_t i = 0; i < layer->in; i++) w[u * layer->in + i] = u == i ? o->gain : 0;
}

/* Exactly min(k, in) inputs of every unit, each set of them equally likely (Knuth, volume 2, algorithm 3.4.2 S). */
void gp_init_sparse(const gp_init_options *o, const gp_init_layer *layer, double *w, double *scratch) {
  (void)scratch;
  gp_stream mask = {layer->seed, GP_PURPOSE_MASK, (uint32_t)layer->number};
  gp_stream weight = {layer->seed, GP_PURPOSE_WEIGHT, (uint32_t)layer->number};
  for (int64_t u = 0; u < layer->out; u++) {
    int64_t left = o->k < layer->in ? o->k : layer->in;
    for (int64_t i = 0; i < layer->in; i++) {
      uint64_t at = (uint64_t)(u * layer->in + i);
      bool taken = gp_rng_uniform(mask, at) * (double)(layer->in - i) < (double)left;
      w[at] = taken ? o->std * gp_rng_normal(weight, at) : 0;
      left -= taken;
    }
  }
}

static double dot(const double *x, const double *y, int64_t n) {
  double sum;
  gp_tier_find("auto")->f64->dot(&sum, x, y, n, 1);
  return sum;
}

/* y -= 2 (v y) / (v v) v. */
static void reflect(double *y, const double *v, double square, int64_t n) {
  if (square == 0) return;
  double factor = 2 * dot(v, y, n) / square;
  for (int64_t i = 0; i < n; i++) y[i] -= factor * v[i];
}

/* The orthonormal factor of a tall matrix a (cols columns of rows entries each, column after column), by Householder
 * reflections (Golub and Van Loan, algorithm 5.2.1), with the signs that make the diagonal of R positive, which makes Q
 * uniformly distributed when a is Gaussian (Mezzadri 2007). The vectors overwrite a; q is laid out like a; `square` and
 * `sign` hold cols entries each. */
static void orthonormalise(double *q, double *a, double *square, double *sign, int64_t rows, int64_t cols) {
  for (int64_t k = 0; k < cols; k++) {
    double *v = a + k * rows + k;
    double length = sqrt(dot(v, v, rows - k));
    sign[k] = v[0] > 0 ? -1 : 1; /* of R's diagonal entry: away from v[0], so that nothing cancels */
    v[0] -= sign[k] * length;
    square[k] = dot(v, v, rows - k);
    for (int64_t j = k + 1; j < cols; j++) reflect(a + j * rows + k, v, square[k], rows - k);
  }
  memset(q, 0, (size_t)(rows * cols) * sizeof *q);
  for (int64_t k = 0; k < cols; k++) q[k * rows + k] = sign[k];
  for (int64_t k = cols - 1; k >= 0; k--)
    for (int64_t j = k; j < cols; j++) reflect(q + j * rows + k, a + k * rows + k, square[k], rows - k);
}

size_t gp_init_scratch(int64_t in, int64_t out) {
  return (size_t)(2 * in * out + 2 * (in < out ? in : out));
}

/* gain times an (out, in) matrix with orthonormal columns, or rows when it is wide, into w with row stride `stride`. */
static void orthogonal_block(double gain, const gp_init_layer *layer, int64_t in, int64_t out, double *w,
                             int64_t stride, double *scratch) {
  gp_stream stream = {layer->seed, GP_PURPOSE_WEIGHT, (uint32_t)layer->number};
  bool tall = out >= in;
  int64_t rows = tall ? out : in, cols = tall ? in : out;
  double *a = scratch, *q = a + rows * cols, *square = q + rows * cols, *sign = square + cols;
  for (int64_t u = 0; u < out; u++)
    for (int64_t i = 0; i < in; i++)
      a[tall ? i * rows + u : u * rows + i] = gp_rng_normal(stream, (uint64_t)(u * in + i));
  orthonormalise(q, a, square, sign, rows, cols);
  for (int64_t u = 0; u < out; u++)
    for (int64_t i = 0; i < in; i++) w[u * stride + i] = gain * q[tall ? i * rows + u : u * rows + i];
}

void gp_init_orthogonal(const gp_init_options *o, const gp_init_layer *layer, double *w, double *scratch) {
  orthogonal_block(o->gain, layer, layer->in, layer->out, w, layer->in, scratch);
}

void gp_init_lsuv(const gp_init_options *o, const gp_init_layer *layer, double *w, double *scratch) {
  (void)o;
  orthogonal_block(1, layer, layer->in, layer->out, w, layer->in, scratch);
}

/* Q at the first layer mirrored to (Q; -Q), at hidden ones (Q, -Q; -Q, Q), at the output (Q, -Q): with a unit x on one
 * half and -x on the other, relu(x) - relu(-x) = x and the network is linear. */
void gp_init_looks_linear(const gp_init_options *o, const gp_init_layer *layer, double *w, double *scratch) {
  bool first = layer->number == 1, last = layer->number == layer->layers;
  int64_t in = first ? layer->in : layer->in / 2, out = last ? layer->out : layer->out / 2;
  orthogonal_block(o->gain, layer, in, out, w, layer->in, scratch);
  for (int64_t u = 0; u < layer->out; u++)
    for (int64_t i = 0; i < layer->in; i++)
      w[u * layer->in + i] =
          (u >= out) != (i >= in) ? -w[u % out * layer->in + i % in] : w[u % out * layer->in + i % in];
}
