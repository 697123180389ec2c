/* The table of kernels: all arithmetic on a network's arrays, one table per tier and precision.
 *
 * Arrays hold reals of `size` bytes in the order (row, column, lane), lane fastest, no padding. The single
 * plan has lanes == 1; the lane plan puts `lanes` networks of the same shape side by side (16 floats or 8
 * doubles; a multiple of `lane_block`). Shapes: B examples, I inputs, O outputs of a layer. Activations are
 * stored feature-major, x (I, B): vectors run along the examples, whatever the width of a layer, and a
 * broadcast weight meets them.
 *
 *   single (lanes == 1)                    lane plan
 *   x: | x[0][0..B) | x[1][0..B) | ...     x: | x[0][0] lanes 0..15 | x[0][1] lanes 0..15 | ...
 *
 * By DESIGN invariant 1 every product output is one chain of fused multiply-adds over its inner index in
 * index order, started from +0; every other reduction is 8 interleaved double partial sums over the array in
 * storage order (of that lane) and a fixed tree. So no tier, no lane count and no blocking changes a bit.
 * Kernels cannot fail. */
#ifndef GP_KERNELS_H
#define GP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "activation_list.h"
#include "bins.h"
#include "format_list.h"
#include "update_list.h"

/* C (m, n) = alpha op(A) op(B), inner size k, `lanes` of them. `scratch` holds k x n reals (nt, single plan). Where a `gate`
 * is given, an array like C, every entry of C is multiplied by its own at the end. */
typedef struct gp_product {
  ptrdiff_t m, n, k;
  double alpha;
  int lanes;
  void *scratch;
  const void *gate;
} gp_product;

/* Per-lane settings of one update; each array has `lanes` entries, NULL where the rule has no such setting. */
typedef struct gp_update {
  const double *rate;     /* learning rate of this array's layer at this step */
  const double *momentum; /* velocity: momentum, NULL for none; adam, nadam, lion: beta1 */
  const double *decay;    /* weight decay factor d; NULL: none */
  bool nesterov, decoupled;
  int lanes;
  const double *second;  /* rmsprop: decay of the squares; adam, nadam, lion: beta2 */
  const double *epsilon; /* beside the root, or inside when epsilon_inside */
  bool epsilon_inside;
  /* At update t = 1, 2, ...: 1/(1 - beta1^t), 1/(1 - beta1^(t + 1)) and 1/(1 - beta2^t). */
  const double *first_correction, *next_correction, *second_correction;
  const double *clip_factor; /* g is multiplied by it first; NULL: not */
  double *squares;           /* (lanes) receives the sum of squares of u; NULL: not wanted */
  const double *clip_limit;  /* then every entry of g is kept within +-limit; NULL: not */
} gp_update;

/* An array (rows, cols, lanes) with one statistic per row, (rows, lanes), or per column, (cols, lanes). */
typedef struct gp_field {
  ptrdiff_t rows, cols;
  int lanes;
  bool by_row;
} gp_field;

/* One of several sums of `sums`: out[lane] = sum of x, x^2, x y, |x| or (x - y)^2 over n elements per lane. */
enum gp_sum_kind { GP_SUM, GP_SUM_SQUARES, GP_SUM_PRODUCT, GP_SUM_ABSOLUTE, GP_SUM_DISTANCE };
typedef struct gp_sum_job {
  enum gp_sum_kind kind;
  ptrdiff_t n;
  const void *x, *y;
  double *out;
} gp_sum_job;

/* What is to be known of the activations of a layer: z, h = phi(z), delta and d = phi'(z), all (rows, cols, lanes). No
 * result may be NULL; with d NULL its two are not written. */
typedef struct gp_survey {
  const void *z, *h, *delta, *d;
  ptrdiff_t rows, cols;
  int lanes;
  double limit;                                                  /* below which |d| is small */
  double *z_sum, *z_squares, *h_sum, *h_squares, *delta_squares; /* (lanes) */
  double *delta_rows;                                            /* (rows, lanes): sums over the columns */
  double *h_columns, *delta_columns; /* (cols, lanes): sums of squares over the rows */
  int64_t *h_zeros;                  /* (lanes): how many h are 0 */
  int64_t *d_zeros, *d_small;        /* (rows, lanes): how many columns have |d| = 0, |d| < limit */
} gp_survey;

typedef struct gp_kernels {
  const char *tier;
  int bits, width; /* 32 or 64; reals per vector */
  size_t size;     /* bytes of a real */
  int lane_block;  /* lane counts are multiples of it */

  /* C (m, n) = alpha A (m, k) B (k, n): the forward product, A = W (O, I), B = x (I, B). */
  void (*product_nn)(void *c, const void *a, const void *b, const gp_product *p);
  /* C (m, n) = alpha A (k, m)^T B (k, n): the backward product, A = W (O, I), B = delta (O, B). */
  void (*product_tn)(void *c, const void *a, const void *b, const gp_product *p);
  /* C (m, n) = alpha A (m, k) B (n, k)^T: the weight gradient, A = delta (O, B), B = x (I, B). */
  void (*product_nt)(void *c, const void *a, const void *b, const gp_product *p);

  /* z (rows, cols) += bias (rows) (NULL: none), h = phi(z), d = phi'(z); d may be NULL, h may be z itself
   * (linear). params: the activation's numbers, (count, lanes). */
  void (*activate[GP_ACT_COUNT])(void *z, void *h, void *d, const void *bias, const void *params,
                                 ptrdiff_t rows, ptrdiff_t cols, int lanes);
  /* z (rows, cols) += bias (rows). */
  void (*add_bias)(void *z, const void *bias, ptrdiff_t rows, ptrdiff_t cols, int lanes);
  /* x *= y, elementwise, n x lanes. */
  void (*multiply)(void *x, const void *y, ptrdiff_t n, int lanes);
  /* x *= factor, elementwise. */
  void (*scale)(void *x, double factor, ptrdiff_t n, int lanes);
  /* One update of n weights by a rule; u, when not NULL, receives the true update w_after - w_before as it was
   * added (it may be g). `state` holds the rule's arrays one after the other (0 before the first update).
   *   g is clipped;  g' = g + d w (coupled);  u = rule(g');  u -= rate d w (decoupled);  w += u
   * with x^ the corrected mean x / (1 - beta^t) and root(x) = sqrt(x) + epsilon or sqrt(x + epsilon):
   *   velocity  v = momentum v - rate g;  u = v, or momentum v - rate g (Nesterov); u = -rate g without momentum
   *             Polyak 1964; Sutskever et al. 2013, eq. 3-4
   *   adagrad   s += g^2;  u = -rate g / root(s)                                     Duchi et al. 2011
   *   rmsprop   s = beta2 s + (1 - beta2) g^2;  u = -rate g / root(s)                Tieleman and Hinton 2012
   *   adam      m = beta1 m + (1 - beta1) g;  s = beta2 s + (1 - beta2) g^2;  u = -rate m^ / root(s^)
   *             Kingma and Ba 2015, algorithm 1
   *   nadam     the same with beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t) for m^   Dozat 2016
   *   lion      u = -rate sign(beta1 m + (1 - beta1) g);  m = beta2 m + (1 - beta2) g    Chen et al. 2023
   *   sign      u = -rate sign(g), sign(0) = 0                                       Bernstein et al. 2018
   * Squares are of the network's precision: in float32 they are 0 below |g| = 2.6e-23, as in every framework. */
  void (*update[GP_UPDATE_COUNT])(void *w, const void *g, void *state, void *u, const gp_update *how,
                                  ptrdiff_t n);

  /* out[lane] = sum of x; of x^2; of x y. n elements per lane. */
  void (*sum)(double *out, const void *x, ptrdiff_t n, int lanes);
  void (*sum_squares)(double *out, const void *x, ptrdiff_t n, int lanes);
  void (*dot)(double *out, const void *x, const void *y, ptrdiff_t n, int lanes);
  /* out (rows, lanes): sum over the columns of each row. */
  void (*row_sums)(double *out, const void *x, ptrdiff_t rows, ptrdiff_t cols, int lanes);
  /* out (rows, lanes): how many columns have |x| < limit, or |x| <= limit when `or_equal`. NaN does not
   * count. */
  void (*row_counts)(int64_t *out, const void *x, double limit, bool or_equal, ptrdiff_t rows, ptrdiff_t cols,
                     int lanes);

  /* Several sums; those of equal length that stand together cost little more than one. */
  void (*sums)(const gp_sum_job *list, int count, int lanes);
  /* out[lane]: how many x have lo <= x <= hi. */
  void (*count_within)(int64_t *out, const void *x, double lo, double hi, ptrdiff_t n, int lanes);
  /* Everything a survey names, each with the bits of the kernel for it alone, in one pass where that pays. */
  void (*survey)(const gp_survey *survey);
  /* out (lanes, GP_BINS): how many x are in each bin (bins.h). */
  void (*histogram)(int64_t *out, const void *x, enum gp_bins bins, ptrdiff_t n, int lanes);

  /* Normalisations and residual connections. One sum, of x or of x y, per statistic. */
  void (*field_sum)(double *out, const void *x, const gp_field *f);
  void (*field_dot)(double *out, const void *x, const void *y, const gp_field *f);
  /* y = scale x + shift in one fma, or x scale, or x + shift where the other is NULL; y may be x. Statistics are reals. */
  void (*field_affine)(void *y, const void *x, const void *scale, const void *shift, const gp_field *f);
  /* g = scale (g - mean - slope x), mean NULL: 0. */
  void (*field_project)(void *g, const void *x, const void *mean, const void *slope, const void *scale,
                        const gp_field *f);
  /* out = alpha x + y, alpha one real per lane; out may be x or y. x += y. n elements per lane. */
  void (*scaled_sum)(void *out, const void *x, const void *alpha, const void *y, ptrdiff_t n, int lanes);
  void (*add)(void *x, const void *y, ptrdiff_t n, int lanes);

  /* Conversions, n x lanes elements. */
  void (*widen)(double *out, const void *x, ptrdiff_t n, int lanes);
  void (*narrow)(void *out, const double *x, ptrdiff_t n, int lanes);
  /* x = the nearest number of an emulated format, ties to even; beyond its largest: infinity. n x lanes elements. */
  void (*round[GP_FORMAT_COUNT])(void *x, ptrdiff_t n, int lanes);
} gp_kernels;

/* Losses work on doubles in every precision: outputs are few, and a loss curve should not carry float noise.
 * z, y, p, delta are (outputs, columns), columns = B x lanes; loss has one entry per column.
 * p is the network's prediction (softmax, sigmoid or z); delta = dloss/dz. weight multiplies loss and delta
 * (1, 1/2, 1/outputs). For mse, mae and huber the slope of a named output activation is applied by the caller. */
typedef void gp_loss_by_width(double *loss, double *p, double *delta, const double *z, const double *y,
                              ptrdiff_t outputs, ptrdiff_t columns, double weight, double width);

typedef struct gp_loss_kernels {
  void (*cross_entropy)(double *loss, double *p, double *delta, const double *z, const double *y,
                        ptrdiff_t outputs, ptrdiff_t columns, double weight);
  void (*binary_cross_entropy)(double *loss, double *p, double *delta, const double *z, const double *y,
                               ptrdiff_t outputs, ptrdiff_t columns, double weight);
  void (*mse)(double *loss, double *p, double *delta, const double *z, const double *y, ptrdiff_t outputs,
              ptrdiff_t columns, double weight);
  /* Sums over outputs of |z - y|; of Huber's loss, quadratic within `width`; of max(0, 1 - y z) and max(0, -y z) with
   * y = +-1 (p = sign(z) for the last). Only huber reads `width`. */
  gp_loss_by_width *mae, *huber, *hinge, *perceptron;
} gp_loss_kernels;

typedef struct gp_tier {
  const char *name;
  bool (*supported)(void);
  const gp_kernels *f32, *f64;
  const gp_loss_kernels *loss;
} gp_tier;

/* The tier of that name, "auto" (the best this CPU has), or NULL when unknown or unsupported here. */
const gp_tier *gp_tier_find(const char *name);

/* All tiers built in, best last, NULL-terminated. */
const gp_tier *const *gp_tiers(void);

#endif
