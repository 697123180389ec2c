/* One precision of the reference. The includer sets REAL, FMA, NAME and BITS. Arrays are (row, column, lane). */

/* c[i][j] = alpha * chain of fma over q of a(i, q) b(q, j), started from +0; steps are in elements of one lane. */
static void NAME(product)(REAL *c, const REAL *a, const REAL *b, const gp_product *p, ptrdiff_t a_row,
                          ptrdiff_t a_inner, ptrdiff_t b_inner, ptrdiff_t b_column) {
  for (int lane = 0; lane < p->lanes; lane++) {
    for (ptrdiff_t i = 0; i < p->m; i++) {
      for (ptrdiff_t j = 0; j < p->n; j++) {
        REAL sum = 0;
        for (ptrdiff_t q = 0; q < p->k; q++)
          sum = FMA(a[(i * a_row + q * a_inner) * p->lanes + lane],
                    b[(q * b_inner + j * b_column) * p->lanes + lane], sum);
        c[(i * p->n + j) * p->lanes + lane] = sum * (REAL)p->alpha;
      }
    }
  }
}

static void NAME(product_nn)(void *c, const void *a, const void *b, const gp_product *p) {
  NAME(product)(c, a, b, p, p->k, 1, p->n, 1);
}
static void NAME(product_tn)(void *c, const void *a, const void *b, const gp_product *p) {
  NAME(product)(c, a, b, p, 1, p->m, p->n, 1);
}
static void NAME(product_nt)(void *c, const void *a, const void *b, const gp_product *p) {
  NAME(product)(c, a, b, p, p->k, 1, 1, p->k);
}

/* A comparison with NaN is false, so every branch below that is not asked for leaves NaN as it is. */
static void NAME(one_activation)(int slot, REAL z, REAL slope, REAL *h, REAL *d) {
  switch (slot) {
  case GP_ACT_linear:
    *h = z, *d = 1;
    break;
  case GP_ACT_sign:
    *h = z > 0 ? 1 : z < 0 ? -1 : z, *d = 0;
    break;
  case GP_ACT_relu:
    *h = z <= 0 ? 0 : z, *d = z <= 0 ? 0 : 1;
    break;
  case GP_ACT_leaky_relu:
    *h = z <= 0 ? slope * z : z, *d = z <= 0 ? slope : 1;
    break;
  case GP_ACT_square:
    *h = z * z, *d = z + z;
    break;
  default:
    break;
  }
}

static void NAME(activate)(int slot, void *z_, void *h_, void *d_, const void *bias_, const void *params,
                           ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  REAL *z = z_, *h = h_, *d = d_;
  const REAL *bias = bias_, *slope = params;
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t i = 0; i < cols * lanes; i++) {
      ptrdiff_t at = r * cols * lanes + i;
      REAL value = 0, derivative = 0;
      if (bias != NULL) z[at] += bias[r * lanes + i % lanes];
      NAME(one_activation)(slot, z[at], slope[i % lanes], &value, &derivative);
      h[at] = value;
      if (d != NULL) d[at] = derivative;
    }
  }
}

static void NAME(add_bias)(void *z_, const void *bias_, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  REAL *z = z_;
  const REAL *bias = bias_;
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t i = 0; i < cols * lanes; i++) z[r * cols * lanes + i] += bias[r * lanes + i % lanes];
}

static void NAME(multiply)(void *x_, const void *y_, ptrdiff_t n, int lanes) {
  REAL *x = x_;
  const REAL *y = y_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) x[i] *= y[i];
}

static void NAME(scale)(void *x_, double factor, ptrdiff_t n, int lanes) {
  REAL *x = x_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) x[i] *= (REAL)factor;
}

/* The formulas of kernels.h; every a b + c in them is fused, and rate d is rounded once. */
static void NAME(update)(void *w_, const void *g_, void *velocity_, void *u_, const gp_update *how,
                         ptrdiff_t n) {
  REAL *w = w_, *v = velocity_, *u = u_;
  const REAL *g = g_;
  for (ptrdiff_t i = 0; i < n * how->lanes; i++) {
    ptrdiff_t lane = i % how->lanes;
    REAL rate = (REAL)how->rate[lane], decay = how->decay != NULL ? (REAL)how->decay[lane] : 0;
    REAL slope = how->decay != NULL && !how->decoupled ? FMA(decay, w[i], g[i]) : g[i];
    REAL t = -(rate * slope), step = t;
    if (how->momentum != NULL) {
      REAL momentum = (REAL)how->momentum[lane];
      v[i] = FMA(momentum, v[i], t);
      step = how->nesterov ? FMA(momentum, v[i], t) : v[i];
    }
    if (how->decay != NULL && how->decoupled) step = FMA(-(rate * decay), w[i], step);
    if (u != NULL) u[i] = step;
    w[i] += step;
  }
}

/* Element i goes into partial sum i mod 8, in double; the eight meet in the fixed tree. y NULL: x itself is added. */
static double NAME(reduce)(const REAL *x, const REAL *y, ptrdiff_t n, ptrdiff_t step) {
  double p[8] = {0};
  for (ptrdiff_t i = 0; i < n; i++)
    p[i % 8] =
        y != NULL ? fma((double)x[i * step], (double)y[i * step], p[i % 8]) : p[i % 8] + (double)x[i * step];
  return ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]));
}

static void NAME(sum)(double *out, const void *x_, ptrdiff_t n, int lanes) {
  const REAL *x = x_;
  for (int lane = 0; lane < lanes; lane++) out[lane] = NAME(reduce)(x + lane, NULL, n, lanes);
}
static void NAME(sum_squares)(double *out, const void *x_, ptrdiff_t n, int lanes) {
  const REAL *x = x_;
  for (int lane = 0; lane < lanes; lane++) out[lane] = NAME(reduce)(x + lane, x + lane, n, lanes);
}
static void NAME(dot)(double *out, const void *x_, const void *y_, ptrdiff_t n, int lanes) {
  const REAL *x = x_, *y = y_;
  for (int lane = 0; lane < lanes; lane++) out[lane] = NAME(reduce)(x + lane, y + lane, n, lanes);
}
static void NAME(row_sums)(double *out, const void *x_, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  const REAL *x = x_;
  for (ptrdiff_t r = 0; r < rows; r++) NAME(sum)(out + r * lanes, x + r * cols * lanes, cols, lanes);
}

static void NAME(row_counts)(int64_t *out, const void *x_, double limit, bool or_equal, ptrdiff_t rows,
                             ptrdiff_t cols, int lanes) {
  const REAL *x = x_;
  for (ptrdiff_t i = 0; i < rows * lanes; i++) out[i] = 0;
  for (ptrdiff_t i = 0; i < rows * cols * lanes; i++) {
    double size = fabs((double)x[i]), bound = (double)(REAL)limit;
    out[i / (cols * lanes) * lanes + i % lanes] += or_equal ? size <= bound : size < bound;
  }
}

static void NAME(widen)(double *out, const void *x_, ptrdiff_t n, int lanes) {
  const REAL *x = x_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) out[i] = (double)x[i];
}
static void NAME(narrow)(void *out_, const double *x, ptrdiff_t n, int lanes) {
  REAL *out = out_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) out[i] = (REAL)x[i];
}

#define ACTIVATE(name)                                                                                       \
  static void NAME(activate_##name)(void *z, void *h, void *d, const void *bias, const void *params,         \
                                    ptrdiff_t rows, ptrdiff_t cols, int lanes) {                             \
    NAME(activate)(GP_ACT_##name, z, h, d, bias, params, rows, cols, lanes);                                 \
  }
ACTIVATE(linear)
ACTIVATE(sign)
ACTIVATE(relu)
ACTIVATE(leaky_relu)
ACTIVATE(square)
#undef ACTIVATE

const gp_kernels NAME(reference) = {.tier = "reference",
                                    .bits = BITS,
                                    .width = 1,
                                    .size = sizeof(REAL),
                                    .lane_block = 1,
                                    .product_nn = NAME(product_nn),
                                    .product_tn = NAME(product_tn),
                                    .product_nt = NAME(product_nt),
                                    .activate = {[GP_ACT_linear] = NAME(activate_linear),
                                                 [GP_ACT_sign] = NAME(activate_sign),
                                                 [GP_ACT_relu] = NAME(activate_relu),
                                                 [GP_ACT_leaky_relu] = NAME(activate_leaky_relu),
                                                 [GP_ACT_square] = NAME(activate_square)},
                                    .add_bias = NAME(add_bias),
                                    .multiply = NAME(multiply),
                                    .scale = NAME(scale),
                                    .update = {[GP_UPDATE_velocity] = NAME(update)},
                                    .sum = NAME(sum),
                                    .sum_squares = NAME(sum_squares),
                                    .dot = NAME(dot),
                                    .row_sums = NAME(row_sums),
                                    .row_counts = NAME(row_counts),
                                    .widen = NAME(widen),
                                    .narrow = NAME(narrow)};
