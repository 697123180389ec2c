/* One precision of the reference. The includer sets REAL, FMA, NAME and BITS. Arrays are (row, column, lane). */

/* c[i][j] = alpha * chain of fma over q of a(i, q) b(q, j), started from +0, times the gate's entry; steps are in elements of
 * one lane. */
static void NAME(product)(REAL *c, const REAL *a, const REAL *b, const gp_product *p, ptrdiff_t a_row,
                          ptrdiff_t a_inner, ptrdiff_t b_inner, ptrdiff_t b_column) {
  const REAL *gate = p->gate;
  for (int lane = 0; lane < p->lanes; lane++) {
    for (ptrdiff_t i = 0; i < p->m; i++) {
      for (ptrdiff_t j = 0; j < p->n; j++) {
        REAL sum = 0;
        for (ptrdiff_t q = 0; q < p->k; q++)
          sum = FMA(a[(i * a_row + q * a_inner) * p->lanes + lane],
                    b[(q * b_inner + j * b_column) * p->lanes + lane], sum);
        ptrdiff_t at = (i * p->n + j) * p->lanes + lane;
        sum = sum * (REAL)p->alpha;
        c[at] = gate != NULL ? sum * gate[at] : sum;
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

static REAL NAME(sign)(REAL x) {
  return x > 0 ? 1 : x < 0 ? -1 : x;
}

/* A root is rounded once also when a float's is taken in double: 53 bits are more than twice 24. */
static REAL NAME(root)(REAL squares, const gp_update *how, ptrdiff_t lane) {
  REAL epsilon = (REAL)how->epsilon[lane];
  if (how->epsilon_inside) return (REAL)sqrt((double)(REAL)(squares + epsilon));
  return (REAL)sqrt((double)squares) + epsilon;
}

/* The rules of kernels.h for one entry with memory a, b; every x y + z in them is fused, 1 - beta is rounded once. */
static REAL NAME(rule)(int slot, REAL g, REAL *a, REAL *b, const gp_update *how, ptrdiff_t lane) {
  REAL rate = (REAL)how->rate[lane], t = -(rate * g);
  REAL first = how->momentum != NULL ? (REAL)how->momentum[lane] : 0, second = (REAL)how->second[lane];
  REAL first_rest = how->momentum != NULL ? (REAL)(1 - how->momentum[lane]) : 1;
  REAL second_rest = (REAL)(1 - how->second[lane]), now = (REAL)how->first_correction[lane];
  REAL next = (REAL)how->next_correction[lane], squares = (REAL)how->second_correction[lane];
  switch (slot) {
  case GP_UPDATE_velocity:
    if (how->momentum == NULL) return t;
    *a = FMA(first, *a, t);
    return how->nesterov ? FMA(first, *a, t) : *a;
  case GP_UPDATE_adagrad:
    *a = FMA(g, g, *a);
    return -(rate * g / NAME(root)(*a, how, lane));
  case GP_UPDATE_rmsprop:
    *a = FMA(second, *a, second_rest * g * g);
    return -(rate * g / NAME(root)(*a, how, lane));
  case GP_UPDATE_adam:
  case GP_UPDATE_nadam:
    *a = FMA(first, *a, first_rest * g);
    *b = FMA(second, *b, second_rest * g * g);
    t = slot == GP_UPDATE_adam ? now * *a : FMA(next * first, *a, now * (first_rest * g));
    return -(rate * t / NAME(root)(squares * *b, how, lane));
  case GP_UPDATE_lion:
    t = FMA(first, *a, first_rest * g);
    *a = FMA(second, *a, second_rest * g);
    return -(rate * NAME(sign)(t));
  default:
    return -(rate * NAME(sign)(g));
  }
}

/* Clipped (NaN stays), then coupled decay. */
static REAL NAME(gradient)(REAL g, REAL w, const gp_update *how, ptrdiff_t lane) {
  if (how->clip_factor != NULL) g *= (REAL)how->clip_factor[lane];
  if (how->clip_limit != NULL) {
    REAL limit = (REAL)how->clip_limit[lane];
    g = g > limit ? limit : g < -limit ? -limit : g;
  }
  return how->decay != NULL && !how->decoupled ? FMA((REAL)how->decay[lane], w, g) : g;
}

/* Sums, counts and bins one element after the other. */
static double NAME(term)(enum gp_sum_kind kind, double x, double y, double sum) {
  switch (kind) {
  case GP_SUM:
    return sum + x;
  case GP_SUM_SQUARES:
    return fma(x, x, sum);
  case GP_SUM_PRODUCT:
    return fma(x, y, sum);
  case GP_SUM_ABSOLUTE:
    return sum + fabs(x);
  default:
    return fma(x - y, x - y, sum);
  }
}

/* n elements `step` apart. */
static double NAME(strided)(enum gp_sum_kind kind, const REAL *x, const REAL *y, ptrdiff_t n, ptrdiff_t step) {
  double p[8] = {0};
  for (ptrdiff_t i = 0; i < n; i++) p[i % 8] = NAME(term)(kind, (double)x[i * step], (double)y[i * step], p[i % 8]);
  return ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]));
}

static void NAME(update)(int slot, void *w_, const void *g_, void *state, void *u_, const gp_update *how,
                         ptrdiff_t n) {
  REAL *w = w_, *a = state, *u = u_, none[2] = {0, 0};
  const REAL *g = g_;
  for (ptrdiff_t i = 0; i < n * how->lanes; i++) {
    ptrdiff_t lane = i % how->lanes;
    bool memory = state != NULL, two = slot == GP_UPDATE_adam || slot == GP_UPDATE_nadam;
    REAL step = NAME(rule)(slot, NAME(gradient)(g[i], w[i], how, lane), memory ? &a[i] : &none[0],
                           memory && two ? &a[n * how->lanes + i] : &none[1], how, lane);
    if (how->decay != NULL && how->decoupled)
      step = FMA(-((REAL)how->rate[lane] * (REAL)how->decay[lane]), w[i], step);
    if (u != NULL) u[i] = step;
    w[i] += step;
  }
  for (int lane = 0; lane < how->lanes && u != NULL && how->squares != NULL; lane++)
    how->squares[lane] = NAME(strided)(GP_SUM_SQUARES, u + lane, u + lane, n, how->lanes);
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

static void NAME(sums)(const gp_sum_job *list, int count, int lanes) {
  for (int s = 0; s < count; s++)
    for (int lane = 0; lane < lanes; lane++) {
      const REAL *x = list[s].x, *y = list[s].y != NULL ? list[s].y : list[s].x;
      list[s].out[lane] = NAME(strided)(list[s].kind, x + lane, y + lane, list[s].n, lanes);
    }
}

static void NAME(count_within)(int64_t *out, const void *x_, double lo, double hi, ptrdiff_t n, int lanes) {
  const REAL *x = x_;
  for (int lane = 0; lane < lanes; lane++) out[lane] = 0;
  for (ptrdiff_t i = 0; i < n * lanes; i++) out[i % lanes] += x[i] >= (REAL)lo && x[i] <= (REAL)hi;
}

/* Statistic by statistic, from its definition. */
static void NAME(survey)(const gp_survey *s) {
  const REAL *z = s->z, *h = s->h, *delta = s->delta, *d = s->d;
  ptrdiff_t n = s->rows * s->cols, lanes = s->lanes, line = s->cols * lanes;
  for (ptrdiff_t lane = 0; lane < lanes; lane++) {
    s->z_sum[lane] = NAME(strided)(GP_SUM, z + lane, z + lane, n, lanes);
    s->z_squares[lane] = NAME(strided)(GP_SUM_SQUARES, z + lane, z + lane, n, lanes);
    s->h_sum[lane] = NAME(strided)(GP_SUM, h + lane, h + lane, n, lanes);
    s->h_squares[lane] = NAME(strided)(GP_SUM_SQUARES, h + lane, h + lane, n, lanes);
    s->delta_squares[lane] = NAME(strided)(GP_SUM_SQUARES, delta + lane, delta + lane, n, lanes);
    s->h_zeros[lane] = 0;
    for (ptrdiff_t i = 0; i < n; i++) s->h_zeros[lane] += h[i * lanes + lane] == 0;
    for (ptrdiff_t r = 0; r < s->rows; r++) {
      s->delta_rows[r * lanes + lane] =
          NAME(strided)(GP_SUM, delta + r * line + lane, delta + r * line + lane, s->cols, lanes);
      if (d == NULL) continue;
      s->d_zeros[r * lanes + lane] = s->d_small[r * lanes + lane] = 0;
      for (ptrdiff_t j = 0; j < s->cols; j++) {
        double size = fabs((double)d[r * line + j * lanes + lane]);
        s->d_zeros[r * lanes + lane] += size == 0;
        s->d_small[r * lanes + lane] += size < s->limit;
      }
    }
  }
  for (ptrdiff_t j = 0; j < line; j++) {
    s->h_columns[j] = NAME(strided)(GP_SUM_SQUARES, h + j, h + j, s->rows, line);
    s->delta_columns[j] = NAME(strided)(GP_SUM_SQUARES, delta + j, delta + j, s->rows, line);
  }
}

/* By the definition of the bins: the first whose upper edge lies above. */
static void NAME(histogram)(int64_t *out, const void *x_, enum gp_bins bins, ptrdiff_t n, int lanes) {
  const REAL *x = x_;
  for (int i = 0; i < GP_BINS * lanes; i++) out[i] = 0;
  for (ptrdiff_t i = 0; i < n * lanes; i++) {
    int k = 0;
    double value = bins == GP_BINS_VALUE ? (double)x[i] : fabs((double)x[i]);
    if (isnan(value)) continue;
    while (k < GP_BINS - 1 && value >= (bins == GP_BINS_VALUE ? -8 + (k + 1) / 4.0 : ldexp(1, 2 * (k + 1) - GP_BINS_OCTAVES))) k++;
    out[i % lanes * GP_BINS + k]++;
  }
}

static ptrdiff_t NAME(statistic)(const gp_field *f, ptrdiff_t i) {
  ptrdiff_t line = f->cols * f->lanes;
  return f->by_row ? i / line * f->lanes + i % f->lanes : i % line;
}

static void NAME(field_reduce)(enum gp_sum_kind kind, double *out, const REAL *x, const REAL *y, const gp_field *f) {
  ptrdiff_t line = f->cols * f->lanes;
  for (ptrdiff_t s = 0; s < (f->by_row ? f->rows : f->cols) * f->lanes; s++) {
    ptrdiff_t first = f->by_row ? s / f->lanes * line + s % f->lanes : s;
    out[s] = NAME(strided)(kind, x + first, y + first, f->by_row ? f->cols : f->rows, f->by_row ? f->lanes : line);
  }
}
static void NAME(field_sum)(double *out, const void *x, const gp_field *f) {
  NAME(field_reduce)(GP_SUM, out, x, x, f);
}
static void NAME(field_dot)(double *out, const void *x, const void *y, const gp_field *f) {
  NAME(field_reduce)(GP_SUM_PRODUCT, out, x, y, f);
}
static void NAME(field_affine)(void *y_, const void *x_, const void *scale_, const void *shift_, const gp_field *f) {
  REAL *y = y_;
  const REAL *x = x_, *scale = scale_, *shift = shift_;
  for (ptrdiff_t i = 0; i < f->rows * f->cols * f->lanes; i++) {
    ptrdiff_t s = NAME(statistic)(f, i);
    y[i] = scale == NULL ? x[i] + shift[s] : shift == NULL ? x[i] * scale[s] : FMA(scale[s], x[i], shift[s]);
  }
}
static void NAME(field_project)(void *g_, const void *x_, const void *mean_, const void *slope_, const void *scale_,
                                const gp_field *f) {
  REAL *g = g_;
  const REAL *x = x_, *mean = mean_, *slope = slope_, *scale = scale_;
  for (ptrdiff_t i = 0; i < f->rows * f->cols * f->lanes; i++) {
    ptrdiff_t s = NAME(statistic)(f, i);
    REAL centred = mean == NULL ? g[i] : g[i] - mean[s];
    g[i] = scale[s] * FMA(-x[i], slope[s], centred);
  }
}
static void NAME(scaled_sum)(void *out_, const void *x_, const void *alpha_, const void *y_, ptrdiff_t n, int lanes) {
  REAL *out = out_;
  const REAL *x = x_, *alpha = alpha_, *y = y_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) out[i] = FMA(alpha[i % lanes], x[i], y[i]);
}
static void NAME(add)(void *x_, const void *y_, ptrdiff_t n, int lanes) {
  REAL *x = x_;
  const REAL *y = y_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) x[i] = x[i] + y[i];
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

/* To a multiple of the format's unit at x, which is 2^(exponent - fraction) and never below that of the smallest normal. */
static REAL NAME(nearest)(REAL x, int fraction, int least, int most) {
  int exponent;
  if (isnan(x) || isinf(x)) return x;
  frexp((double)x, &exponent); /* x in [2^(exponent - 1), 2^exponent) */
  int unit = (exponent - 1 < least ? least : exponent - 1) - fraction;
  double rounded = ldexp(nearbyint(ldexp((double)x, -unit)), unit);
  return (REAL)(fabs(rounded) >= ldexp(1, most + 1) ? copysign(INFINITY, (double)x) : rounded);
}
#define ROUND(name, fraction, least, most)                                                                   \
  static void NAME(round_##name)(void *x_, ptrdiff_t n, int lanes) {                                         \
    REAL *x = x_;                                                                                            \
    for (ptrdiff_t i = 0; i < n * lanes; i++) x[i] = NAME(nearest)(x[i], fraction, least, most);             \
  }
GP_FORMAT_LIST(ROUND)
#undef ROUND
#define ROUND_ROW(name, fraction, least, most) [GP_FORMAT_##name] = NAME(round_##name),

#define UPDATE(name, states)                                                                                 \
  static void NAME(update_##name)(void *w, const void *g, void *state, void *u, const gp_update *how,        \
                                  ptrdiff_t n) {                                                             \
    NAME(update)(GP_UPDATE_##name, w, g, state, u, how, n);                                                  \
  }
GP_UPDATE_LIST(UPDATE)
#undef UPDATE
#define UPDATE_ROW(name, states) [GP_UPDATE_##name] = NAME(update_##name),

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
                                    .update = {GP_UPDATE_LIST(UPDATE_ROW)},
                                    .sum = NAME(sum),
                                    .sum_squares = NAME(sum_squares),
                                    .dot = NAME(dot),
                                    .row_sums = NAME(row_sums),
                                    .row_counts = NAME(row_counts),
                                    .sums = NAME(sums),
                                    .count_within = NAME(count_within),
                                    .histogram = NAME(histogram),
                                    .survey = NAME(survey),
                                    .field_sum = NAME(field_sum),
                                    .field_dot = NAME(field_dot),
                                    .field_affine = NAME(field_affine),
                                    .field_project = NAME(field_project),
                                    .scaled_sum = NAME(scaled_sum),
                                    .add = NAME(add),
                                    .widen = NAME(widen),
                                    .narrow = NAME(narrow),
                                    .round = {GP_FORMAT_LIST(ROUND_ROW)}};
#undef UPDATE_ROW
#undef ROUND_ROW
