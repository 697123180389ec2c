/* Elementwise kernels: activations, bias, multiplication, conversion. In both plans an array is one
 * flat run of vectors; only a value per row (bias) or per lane (slopes) is met differently: broadcast
 * in the single plan, loaded along the lanes in the lane plan. */

/* The activation bodies and their drivers. act_NAME_params says how many numbers act_NAME takes (0 keeps the
 * parameter loads away): as many as its item has options. A row of `cols` columns in the single
 * plan is `cols` elements that share one bias; in the lane plan each column is `lanes` elements with a bias per lane. */
#define GP_ACT_BODY
#include "act_all.inl"
#undef GP_ACT_BODY

typedef void act_body(V z, const V *p, V *h, V *d);

/* n elements with one bias vector; n is a multiple of W unless the plan is single. */
ALWAYS void activate_run(act_body *body, real *z, real *h, real *d, V bias, bool biased, const V *p,
                         ptrdiff_t n) {
  ptrdiff_t i = 0;
  V hv, dv;
  for (; i + W <= n; i += W) {
    V zv = v_load(z + i);
    if (biased) v_store(z + i, zv = zv + bias);
    body(zv, p, &hv, &dv);
    v_store(h + i, hv);
    if (d != NULL) v_store(d + i, dv);
  }
  if (i < n) {
    int part = (int)(n - i);
    V zv = v_load_part(z + i, part);
    if (biased) v_store_part(z + i, zv = zv + bias, part);
    body(zv, p, &hv, &dv);
    v_store_part(h + i, hv, part);
    if (d != NULL) v_store_part(d + i, dv, part);
  }
}

ALWAYS void activate_any(act_body *body, int count, real *z, real *h, real *d, const real *bias,
                         const real *params, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  V p[GP_ACT_PARAMS_MAX];
  if (lanes == 1) {
    for (int i = 0; i < count; i++) p[i] = v_set1(params[i]);
    for (ptrdiff_t r = 0; r < rows; r++) {
      V b = bias != NULL ? v_set1(bias[r]) : v_zero();
      activate_run(body, z + r * cols, h + r * cols, d != NULL ? d + r * cols : NULL, b, bias != NULL, p,
                   cols);
    }
    return;
  }
  for (ptrdiff_t at_lane = 0; at_lane < lanes; at_lane += W) {
    for (int i = 0; i < count; i++) p[i] = v_load(params + (ptrdiff_t)i * lanes + at_lane);
    for (ptrdiff_t r = 0; r < rows; r++) {
      V b = bias != NULL ? v_load(bias + r * lanes + at_lane) : v_zero();
      for (ptrdiff_t q = 0; q < cols; q++) {
        ptrdiff_t at = (r * cols + q) * lanes + at_lane;
        activate_run(body, z + at, h + at, d != NULL ? d + at : NULL, b, bias != NULL, p, W);
      }
    }
  }
}

#define GP_ACT_ENTRY(name)                                                                                   \
  static void activate_##name(void *z, void *h, void *d, const void *bias, const void *params,               \
                              ptrdiff_t rows, ptrdiff_t cols, int lanes) {                                   \
    if (d != NULL)                                                                                           \
      activate_any(act_##name, act_##name##_params, z, h, d, bias, params, rows, cols, lanes);               \
    else                                                                                                     \
      activate_any(act_##name, act_##name##_params, z, h, NULL, bias, params, rows, cols, lanes);            \
  }
#include "act_all.inl"
#undef GP_ACT_ENTRY

/* FLAT(i, n, part): a loop over n elements by vectors, the last one partial. `part` is W for whole vectors. */
#define FLAT(i, n, part) for (ptrdiff_t i = 0, part; i < (n) && (part = (n)-i < W ? (n)-i : W, true); i += W)

static inline V load(const real *p, ptrdiff_t part) {
  return part == W ? v_load(p) : v_load_part(p, (int)part);
}
static inline void store(real *p, V v, ptrdiff_t part) {
  if (part == W)
    v_store(p, v);
  else
    v_store_part(p, v, (int)part);
}

static void add_bias(void *z_, const void *bias_, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  real *z = z_;
  const real *bias = bias_;
  for (ptrdiff_t r = 0; r < rows; r++) {
    if (lanes == 1) {
      V b = v_set1(bias[r]);
      FLAT(i, cols, part) store(z + r * cols + i, load(z + r * cols + i, part) + b, part);
      continue;
    }
    for (ptrdiff_t q = 0; q < cols; q++) {
      real *at = z + (r * cols + q) * lanes;
      FLAT(i, lanes, part) store(at + i, load(at + i, part) + load(bias + r * lanes + i, part), part);
    }
  }
}

static void multiply(void *x_, const void *y_, ptrdiff_t n, int lanes) {
  real *x = x_;
  const real *y = y_;
  FLAT(i, n * lanes, part) store(x + i, load(x + i, part) * load(y + i, part), part);
}

static void scale(void *x_, double factor, ptrdiff_t n, int lanes) {
  real *x = x_;
  V f = v_set1((real)factor);
  FLAT(i, n * lanes, part) store(x + i, load(x + i, part) * f, part);
}

static void widen(double *out, const void *x_, ptrdiff_t n, int lanes) {
  const real *x = x_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) out[i] = (double)x[i];
}

static void narrow(void *out_, const double *x, ptrdiff_t n, int lanes) {
  real *out = out_;
  for (ptrdiff_t i = 0; i < n * lanes; i++) out[i] = (real)x[i];
}
