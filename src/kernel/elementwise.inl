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

/* Where a run of vectors lies: each `step` elements after the one before it. */
typedef struct act_run {
  real *z, *h, *d;
  V bias;
  ptrdiff_t step;
} act_run;

/* A body is one long chain of operations; several side by side keep the units busy. */
enum { BESIDE = 4 };

ALWAYS void activate_block(act_body *body, const act_run *at, ptrdiff_t first, int count, bool biased,
                           const V *p) {
  V zv[BESIDE], hv[BESIDE], dv[BESIDE];
  for (int k = 0; k < count; k++) {
    zv[k] = v_load(at->z + (first + k) * at->step);
    if (biased) v_store(at->z + (first + k) * at->step, zv[k] = zv[k] + at->bias);
  }
  for (int k = 0; k < count; k++) body(zv[k], p, &hv[k], &dv[k]);
  for (int k = 0; k < count; k++) {
    v_store(at->h + (first + k) * at->step, hv[k]);
    if (at->d != NULL) v_store(at->d + (first + k) * at->step, dv[k]);
  }
}

ALWAYS void activate_run(act_body *body, const act_run *at, ptrdiff_t vectors, bool biased, const V *p) {
  ptrdiff_t i = 0;
  for (; i + BESIDE <= vectors; i += BESIDE) activate_block(body, at, i, BESIDE, biased, p);
  for (; i < vectors; i++) activate_block(body, at, i, 1, biased, p);
}

/* The last `part` elements of a row, fewer than a vector. */
ALWAYS void activate_part(act_body *body, const act_run *at, ptrdiff_t i, int part, bool biased, const V *p) {
  V hv, dv, zv = v_load_part(at->z + i, part);
  if (biased) v_store_part(at->z + i, zv = zv + at->bias, part);
  body(zv, p, &hv, &dv);
  v_store_part(at->h + i, hv, part);
  if (at->d != NULL) v_store_part(at->d + i, dv, part);
}

ALWAYS void activate_row(act_body *body, const act_run *at, ptrdiff_t cols, bool biased, const V *p) {
  activate_run(body, at, cols / W, biased, p);
  if (cols % W > 0) activate_part(body, at, cols / W * W, (int)(cols % W), biased, p);
}

ALWAYS void activate_single(act_body *body, int count, real *z, real *h, real *d, const real *bias,
                            const real *params, ptrdiff_t rows, ptrdiff_t cols) {
  V p[GP_ACT_PARAMS_MAX];
  for (int i = 0; i < count; i++) p[i] = v_set1(params[i]);
  for (ptrdiff_t r = 0; r < rows; r++) {
    act_run at = {z + r * cols, h + r * cols, d != NULL ? d + r * cols : NULL, v_zero(), W};
    if (bias != NULL) at.bias = v_set1(bias[r]);
    activate_row(body, &at, cols, bias != NULL, p);
  }
}

ALWAYS void activate_any(act_body *body, int count, real *z, real *h, real *d, const real *bias,
                         const real *params, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  V p[GP_ACT_PARAMS_MAX];
  if (lanes == 1) {
    activate_single(body, count, z, h, d, bias, params, rows, cols);
    return;
  }
  for (ptrdiff_t at_lane = 0; at_lane < lanes; at_lane += W) {
    for (int i = 0; i < count; i++) p[i] = v_load(params + (ptrdiff_t)i * lanes + at_lane);
    for (ptrdiff_t r = 0; r < rows; r++) {
      ptrdiff_t row = r * cols * lanes + at_lane;
      act_run at = {z + row, h + row, d != NULL ? d + row : NULL, v_zero(), lanes};
      if (bias != NULL) at.bias = v_load(bias + r * lanes + at_lane);
      activate_run(body, &at, cols, bias != NULL, p);
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
