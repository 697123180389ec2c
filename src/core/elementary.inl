/* Elementary functions over the vector vocabulary of kernel/vec.h: one text, compiled for every tier and for float
 * and double; the same operations everywhere, so the same bits. Only + - * / fma, comparisons, selects and integer
 * operations. Signed zeros, subnormals (results underflow gradually), infinities and NaN behave as in C's <math.h>.
 *
 * Coefficients are from Sollya: fpminimax with the leading terms fixed, absolute error; remez with weight erfc for
 * log erfc. Their intervals and errors stand by the tables. Errors measured by tests/kernel, which assert bounds
 * just above (elementary_bounds.h); floats among all 2^32, or all of a range and every 101st elsewhere:
 *
 *   largest error, ulp      float                          double (1e6 points)
 *   exp                    1.014  all 2^32                0.956
 *   expm1                  1.462  all 2^32                1.807
 *   log                    0.881  all 2^32                0.784
 *   log1p                  0.881  all 2^32                0.834
 *   sin                    1.577  all 2^32                1.504
 *   cos                    1.578  all 2^32                1.515
 *   tanh                   2.269  all 2^32                2.464
 *   sigmoid                2.402  all 2^32                2.208
 *   erf                    1.160  2^-14 <= |x| < 2^7      1.123
 *   tanh'                  3.728  2^-14 <= |x| < 2^7      3.601
 *   sigmoid'               4.563  2^-14 <= |x| < 2^7      4.535
 *   erf'                   2.413  2^-14 <= |x| < 2^7      1.743
 *   atan                   1.812  every 509th             1.699
 *   atan'                  3.780  every 509th             3.988
 *
 * Included after vec.h (or vec_scalar.h) by one translation unit per tier and precision. */
#ifndef GP_ELEMENTARY_INL
#define GP_ELEMENTARY_INL

#include <math.h>
#include <string.h>

#include "reduce_far.h"

/* -- constants ------------------------------------------------------------------------------------------ */

/* e_exp: (exp r - 1 - r)/r^2 on |r| <= 0.3468, relative error of exp 2^-28.0 (f32), 2^-60.0 (f64).
 * e_sin: (sin r - r)/r^3 and e_cos: (cos r - 1 + r^2/2)/r^4 in r^2 on |r| <= 0.7856: 2^-32, 2^-32.9; 2^-62.6,
 * 2^-63.6. e_log: f32 (log(1 + f) - f + f^2/2)/f^3 on [-1/4, 1/2], 2^-29.7; f64 (log((1+s)/(1-s))/s - 2)/s^2
 * in s^2 <= 0.0401, 2^-54.5 (times s^3). e_erf_small: erf(x)/x - 1 in x^2 <= 0.85 (f32, 2^-29.9) or 1 (f64,
 * 2^-55.8). e_erf_large: log erfc x on [0.92, 4] (f32, error of erf 2^-34.4) or [1, 6] (f64, 2^-57.0). LN2_HI
 * has few enough bits that n LN2_HI is exact; LN2_LO > 0. PIO2_1 + PIO2_2 + PIO2_3 = pi/2. e_atan: (atan r - r)/r^3
 * in r^2 <= 0.1716, 2^-28.5; 2^-57.3. e_mills_q: (1 + 5a/4) R(a) in t = (a - 5)/(a + 5), R Mills' ratio, interpolated
 * at Chebyshev nodes, a in [0, 16] (f32, 2^-27.8) or [0, 40] (f64, 2^-58.2); with rounded coefficients 2^-25.6;
 * 2^-53.4. */
#if GP_BITS == 32
static const real e_exp[] = {0x1.fffffap-2F, 0x1.55548ep-3F, 0x1.55595ap-5F, 0x1.123bf2p-7F, 0x1.6a39ap-10F};
static const real e_sin[] = {-0x1.555556p-3F, 0x1.11115cp-7F, -0x1.a04038p-13F, 0x1.75db2ap-19F};
static const real e_cos[] = {0x1.55554ap-5F, -0x1.6c0c2ep-10F, 0x1.99eac8p-16F};
static const real e_log[] = {0x1.5555c4p-2F, -0x1.00001p-2F,  0x1.995e22p-3F, -0x1.54f1f2p-3F,
                             0x1.292414p-3F, -0x1.0e06f6p-3F, 0x1.a79492p-4F, -0x1.6412bap-5F};
static const real e_erf_small[] = {0x1.06eba8p-3F, -0x1.812742p-2F,  0x1.ce2df2p-4F, -0x1.b80db2p-6F,
                                   0x1.54c5a6p-8F, -0x1.aa4e96p-11F, 0x1.5d5c98p-14F};
static const real e_erf_large[] = {0x1.70d54p-13F, -0x1.212846p0F, -0x1.444472p-1F, -0x1.bb926ap-4F,
                                   0x1.9bb50cp-6F, -0x1.1196dp-8F, 0x1.c85becp-12F, -0x1.630952p-16F};
static const real e_atan[] = {-0x1.555554p-2F, 0x1.999714p-3F, -0x1.241e9ep-3F, 0x1.b7ffeep-4F,
                              -0x1.082b6cp-4F};
static const real e_mills_q[] = {0x1.65da12p+0F,  -0x1.936028p-3F,  0x1.9145e8p-6F, 0x1.4ffbe6p-4F,
                                 -0x1.cdacc2p-4F, 0x1.76f97ep-4F,   -0x1.b35f9p-5F, 0x1.67e806p-6F,
                                 -0x1.65b07ap-8F, -0x1.85241cp-13F, 0x1.624b96p-11F};
#define E_LOG2E              0x1.715476p+0F
#define E_LN2_HI             0x1.62e4p-1F
#define E_LN2_LO             0x1.7f7d1cp-20F
#define E_EXP_LOW            (-105.0F)
#define E_EXP_HIGH           89.5F
#define E_TWO_OVER_PI        0x1.45f306p-1F
#define E_PIO2_1             0x1.921fb6p+0F
#define E_PIO2_2             (-0x1.777a5cp-25F)
#define E_PIO2_3             (-0x1.ee59dap-50F)
#define E_NEAR               0x1p16F
#define E_ERF_SPLIT          0.921875F
#define E_ERF_ONE            4.0F
#define E_GAUSS_ZERO         11.0F
#define E_TWO_OVER_ROOT_PI   0x1.20dd76p+0F
#define E_NORMAL_ZERO        16.0F
#define E_GATE_ZERO          128.0F
#define E_1_OVER_ROOT_TWO_PI 0x1.988454p-2F
#else
static const real e_exp[] = {0x1.ffffffffffffcp-2,  0x1.555555555555bp-3,  0x1.5555555556169p-5,
                             0x1.111111110ed9bp-7,  0x1.6c16c168ea54ep-10, 0x1.a01a01b321aa6p-13,
                             0x1.a01a0dba8490fp-16, 0x1.71ddf0d59e65dp-19, 0x1.27cf7e6c92d6dp-22,
                             0x1.af6aeaf8abe12p-26, 0x1.3bff2f677fffcp-29};
static const real e_sin[] = {-0x1.5555555555555p-3, 0x1.111111111109bp-7,   -0x1.a01a01a00a7f4p-13,
                             0x1.71de3a45124aep-19, -0x1.ae6443ad053e9p-26, 0x1.61189a51197d1p-33,
                             -0x1.a73e783cdf408p-41};
static const real e_cos[] = {0x1.555555555554cp-5,   -0x1.6c16c16c1521fp-10, 0x1.a01a019cbf4c9p-16,
                             -0x1.27e4f81290f33p-22, 0x1.1ee9f1294505cp-29,  -0x1.8fb11364b5ed3p-37};
static const real e_log[] = {0x1.5555555555555p-1, 0x1.999999999a008p-2, 0x1.24924923cccf4p-2,
                             0x1.c71c72f137c3fp-3, 0x1.745ca7aa58afdp-3, 0x1.3b2a7126a1e0dp-3,
                             0x1.0e8136b53596ap-3, 0x1.16ea8853eb568p-3};
static const real e_erf_small[] = {0x1.06eba8214db68p-3,   -0x1.812746b0379b5p-2,  0x1.ce2f21a040b02p-4,
                                   -0x1.b82ce311f7069p-6,  0x1.565bccf908894p-8,   -0x1.c02db03ff6859p-11,
                                   0x1.f9a2bb4bba0e4p-14,  -0x1.f4ca5bb2856d7p-17, 0x1.b9807f233887cp-20,
                                   -0x1.5c0bc3130e21dp-23, 0x1.d73d744d56748p-27,  -0x1.ac1a4196e188cp-31};
static const real e_erf_large[] = {-0x1.138733d867851p-21, -0x1.20dd1e31588a2p0,   -0x1.45f6359bd61b5p-1,
                                   -0x1.a4ab290af5f54p-4,  0x1.3719a713069a8p-6,   0x1.b19cf4ebee172p-12,
                                   -0x1.f70978d611f8ap-10, 0x1.954ac499bb43dp-11,  -0x1.1e5c868db5943p-13,
                                   -0x1.479c51b808231p-16, 0x1.7a115c2b9fcffp-16,  -0x1.1fdfd6494d8e5p-17,
                                   0x1.1bdc805b5d0afp-19,  -0x1.8cd804bd9220fp-22, 0x1.8a9750b924f34p-25,
                                   -0x1.0b5714b8e459bp-28, 0x1.bc50b582ab77p-33,   -0x1.5661e284276a8p-38};
static const real e_atan[] = {-0x1.5555555555555p-2, 0x1.999999999945p-3,   -0x1.249249243f8efp-3,
                              0x1.c71c718a094f5p-4,  -0x1.745d0bcf6d9f6p-4, 0x1.3b127061dfef1p-4,
                              -0x1.10fb2107a34b9p-4, 0x1.dff0c51a0858fp-5,  -0x1.a0cc256053254p-5,
                              0x1.41ea45e2a764dp-5,  -0x1.3b67b5a383db8p-6};
static const real e_mills_q[] = {
    0x1.65da12572194ep+0,   -0x1.936025ebed1b6p-3,  0x1.914574a39d226p-6,   0x1.4ffb3497f9532p-4,
    -0x1.cda9f0b2c9089p-4,  0x1.77011c51ba99dp-4,   -0x1.b38cd85ca331dp-5,  0x1.673c5897f8628p-6,
    -0x1.612fb44c344ecp-8,  -0x1.f511c08e7c1c3p-15, 0x1.3f61b7e2b37bep-11,  -0x1.6184c029c73b3p-13,
    -0x1.270a23ffdba08p-15, 0x1.e9a21f49e0f2ep-16,  0x1.b635f2302e79fp-23,  -0x1.1d5414e639892p-18,
    0x1.76fdf9e4d8d44p-22,  0x1.58bd4f9b84f8ep-21,  -0x1.32b73b770463dp-24, -0x1.b43e265ad399ep-24,
    0x1.f62e5ed43e2e8p-28,  0x1.dafd8221014a4p-27,  0x1.4c4935f03367ep-33,  -0x1.e3be328436a7ep-31};
#define E_LOG2E              0x1.71547652b82fep+0
#define E_LN2_HI             0x1.62e42fefa38p-1
#define E_LN2_LO             0x1.ef35793c7673p-45
#define E_EXP_LOW            (-746.0)
#define E_EXP_HIGH           711.0
#define E_TWO_OVER_PI        0x1.45f306dc9c883p-1
#define E_PIO2_1             0x1.921fb54442d18p+0
#define E_PIO2_2             0x1.1a62633145c07p-54
#define E_PIO2_3             (-0x1.f1976b7ed8fbcp-110)
#define E_NEAR               0x1p21
#define E_ERF_SPLIT          1.0
#define E_ERF_ONE            6.0
#define E_GAUSS_ZERO         28.0
#define E_TWO_OVER_ROOT_PI   0x1.20dd750429b6dp+0
#define E_NORMAL_ZERO        40.0
#define E_GATE_ZERO          1024.0
#define E_1_OVER_ROOT_TWO_PI 0x1.9884533d43651p-2
#endif
/* 1.5 2^p: added to |t| < 2^(p-1) it rounds t to an integer, whose low bits are the low bits of the sum. */
#if GP_BITS == 32
#define E_MAGIC 0x1.8p23F
#else
#define E_MAGIC 0x1.8p52
#endif

#define E_POLY(x, c) e_poly(x, c, (int)(sizeof(c) / sizeof(c)[0]))

/* c[0] + c[1] x + ... by Horner's rule. */
static inline V e_poly(V x, const real *c, int n) {
  V sum = v_set1(c[n - 1]);
  for (int i = n - 2; i >= 0; i--) sum = v_fma(sum, x, v_set1(c[i]));
  return sum;
}

/* -- exponential family --------------------------------------------------------------------------------- */

/* x = n ln 2 + r, |r| <= ln 2 / 2. The first fma is exact or nearly so, the second carries the rest of ln 2. */
static inline V e_exp_reduce(V x, V *n) {
  const V magic = v_set1(E_MAGIC);
  *n = v_fma(x, v_set1(E_LOG2E), magic) - magic;
  V r = v_fma(*n, v_set1(-E_LN2_HI), x);
  return v_fma(*n, v_set1(-E_LN2_LO), r);
}

/* exp(r) - 1 for |r| <= ln 2 / 2. */
static inline V e_exp_tail(V r) {
  return v_fma(r * r, E_POLY(r, e_exp), r);
}

/* exp x = (1 + p) 2^n; returns p. Outside the clamp the result is 0 or infinite whatever x is. */
static inline V e_exp_parts(V x, V *n) {
  return e_exp_tail(e_exp_reduce(v_clamp(x, E_EXP_LOW, E_EXP_HIGH), n));
}

static inline V v_exp(V x) {
  V n, p = e_exp_parts(x, &n);
  return v_scale(v_set1(1) + p, n);
}

/* ((1 - 2^-n) + p) 2^n: the bracket rounds once, the power of two is exact. Below -GP_BITS the result is -1. */
static inline V v_expm1(V x) {
  const V one = v_set1(1);
  V n, p = e_exp_parts(v_clamp(x, -GP_BITS, E_EXP_HIGH), &n);
  V y = v_scale((one - v_scale(one, v_neg(n))) + p, n);
  return v_select(v_eq(x, v_zero()), x, y);
}

/* With e = exp(-|z|): s(-|z|) = e/(1 + e) = w and s(|z|) = 1 - w >= 1/2, one division; s' = e (1 - w)^2. Nothing
 * cancels, so s' keeps its relative accuracy in both tails, and s'(-z) = s'(z) to the bit. */
static inline void v_sigmoid_pair(V z, V *s, V *ds) {
  const V one = v_set1(1);
  V n, q = one + e_exp_parts(v_neg(v_abs(z)), &n);
  V e = v_scale(q, n), w = e / (one + e), r = one - w;
  *s = v_select(v_lt(z, v_zero()), w, r);
  *ds = v_scale(q * r * r, n);
}

static inline V v_sigmoid(V z) {
  V s, ds;
  v_sigmoid_pair(z, &s, &ds);
  return s;
}

/* With e = exp(-2|z|): |t| = 1 - 2 e/(1 + e), or for small |z|, where that cancels, -expm1(-2|z|)/(1 + e); n
 * is 0, -1 or -2 there. t' = 4 e/(1 + e)^2 = e (1 + |t|)^2, which does not cancel. */
static inline void v_tanh_pair(V z, V *t, V *dt) {
  const V one = v_set1(1), a = v_abs(z);
  const M small = v_lt(a, v_set1((real)0.55));
  V n, p = e_exp_parts(v_set1(-2) * a, &n), q = one + p;
  V e = v_scale(q, n), power = v_scale(one, n);
  V minus_expm1 = v_fma(v_neg(power), p, one - power);
  V share = v_select(small, minus_expm1, v_set1(-2) * e) / (one + e);
  V y = v_select(small, share, one + share), sum = one + y;
  *t = v_copysign(y, z);
  *dt = v_scale(q * sum * sum, n);
}

static inline V v_tanh(V z) {
  V t, dt;
  v_tanh_pair(z, &t, &dt);
  return t;
}

/* -- logarithms ----------------------------------------------------------------------------------------- */

/* e ln 2 + log(1 + f) for f in [-1/4, 1/2]; the large terms are added last. */
static inline V e_log_sum(V f, V e) {
  V half = v_set1((real)0.5) * f * f;
#if GP_BITS == 32
  V small = v_fma(f * f * f, E_POLY(f, e_log), v_neg(half));
  return v_fma(e, v_set1(E_LN2_HI), f + v_fma(e, v_set1(E_LN2_LO), small));
#else
  V s = f / (v_set1(2) + f), z = s * s;
  V small = v_fma(s, v_fma(z, E_POLY(z, e_log), half), e * v_set1(E_LN2_LO));
  return v_fma(e, v_set1(E_LN2_HI), f - (half - small));
#endif
}

/* The value at the edge of the domain, for u = 1 + x or x itself: -inf at 0, NaN below and for NaN, else y. */
static inline V e_log_edge(V u, V y) {
  const V zero = v_zero(), inf = v_set1((real)INFINITY);
  y = v_select(v_eq(u, inf), inf, y);
  y = v_select(v_eq(u, zero), v_neg(inf), y);
  return v_select(m_or(v_lt(u, zero), v_nan(u)), v_set1((real)NAN), y);
}

static inline V v_log(V x) {
  V e, m = v_split(x, &e);
  V y = e_log_sum(m - v_set1(1), e);
  M inside = m_and(v_lt(v_zero(), x), v_lt(x, v_set1((real)INFINITY)));
  return m_any(m_not(inside)) ? e_log_edge(x, y) : y;
}

/* 1 + x = u + c exactly (Knuth's two-sum), c enters through f. */
static inline V v_log1p(V x) {
  const V one = v_set1(1);
  V u = one + x, back = u - one, c = (one - (u - back)) + (x - back);
  V e, m = v_split(u, &e);
  V y = e_log_sum((m - one) + v_scale(c, v_neg(e)), e);
  M inside = m_and(v_lt(v_set1(-1), x), v_lt(u, v_set1((real)INFINITY)));
  if (m_any(m_not(inside))) y = e_log_edge(u, y);
  return v_select(v_eq(x, v_zero()), x, y);
}

/* -- circular functions --------------------------------------------------------------------------------- */

/* The lanes with |x| >= E_NEAR, one by one: rare, so not worth a vector. */
static inline void e_reduce_lanes(V x, V *r, U *quadrant) {
  real xs[W], rs[W];
  word qs[W];
  v_store(xs, x);
  v_store(rs, *r);
  memcpy(qs, quadrant, sizeof qs);
  for (int i = 0; i < W; i++)
    if (!(xs[i] < E_NEAR && xs[i] > -E_NEAR)) {
      unsigned q;
      rs[i] = (real)gp_reduce_far((double)xs[i], &q);
      qs[i] = q;
    }
  *r = v_load(rs);
  memcpy(quadrant, qs, sizeof qs);
}

/* x = r + quadrant pi/2, |r| <= pi/4, the quadrant modulo 4 in the two low bits. The first fma is exact: the
 * difference is at most 1 and a multiple of the last bit of pi/2's leading part. */
static inline V e_reduce(V x, U *quadrant) {
  const V magic = v_set1(E_MAGIC);
  V sum = v_fma(x, v_set1(E_TWO_OVER_PI), magic), n = sum - magic;
  V r = v_fma(n, v_set1(-E_PIO2_1), x);
  r = v_fma(n, v_set1(-E_PIO2_2), r);
  r = v_fma(n, v_set1(-E_PIO2_3), r);
  *quadrant = v_bits(sum);
  if (m_any(v_le(v_set1(E_NEAR), v_abs(x)))) e_reduce_lanes(x, &r, quadrant);
  return r;
}

/* sin(r + quadrant pi/2). */
static inline V e_sin_quadrant(V r, U quadrant) {
  const V one = v_set1(1);
  V z = r * r;
  V s = v_fma(r * z, E_POLY(z, e_sin), r);
  V c = v_fma(z * z, E_POLY(z, e_cos), v_fma(z, v_set1((real)-0.5), one));
  M even = u_eq(quadrant & u_set1(1), u_set1(0));
  U sign = (quadrant & u_set1(2)) << (GP_BITS - 2);
  return v_from_bits(v_bits(v_select(even, s, c)) ^ sign);
}

static inline V v_sin(V x) {
  U quadrant;
  V r = e_reduce(x, &quadrant);
  return v_select(v_eq(x, v_zero()), x, e_sin_quadrant(r, quadrant));
}

static inline V v_cos(V x) {
  U quadrant;
  V r = e_reduce(x, &quadrant);
  return e_sin_quadrant(r, quadrant + u_set1(1));
}

/* sin x and cos x, the reduction done once. */
static inline void v_sin_pair(V x, V *s, V *c) {
  U quadrant;
  V r = e_reduce(x, &quadrant);
  *s = v_select(v_eq(x, v_zero()), x, e_sin_quadrant(r, quadrant));
  *c = e_sin_quadrant(r, quadrant + u_set1(1));
}

/* atan |x| = base + atan r with w = min(|x|, 1/|x|) and |r| <= tan(pi/8): r = w or (w - 1)/(w + 1), pi/2 - for |x| > 1.
 * atan' = 1/(1 + x^2) or w^2/(1 + w^2), which does not overflow. */
static inline void v_atan_pair(V x, V *y, V *dy) {
  const V one = v_set1(1), high = v_set1(E_PIO2_1), low = v_set1(E_PIO2_2), half = v_set1((real)0.5);
  V a = v_abs(x);
  M large = v_lt(one, a);
  V w = v_select(large, one / a, a), square = w * w;
  M middle = v_lt(v_set1((real)0.41421356), w);
  V r = v_select(middle, (w - one) / (w + one), w), z = r * r;
  V base = v_select(middle, half * high, v_zero()), base_low = v_select(middle, half * low, v_zero());
  base = v_select(large, high - base, base);
  base_low = v_select(large, low - base_low, base_low);
  r = v_select(large, v_neg(r), r);
  V angle = base + (r + v_fma(r * z, E_POLY(z, e_atan), base_low));
  *y = v_copysign(angle, x);
  *dy = v_select(large, square, one) / (one + square);
}

/* -- error function ------------------------------------------------------------------------------------- */

/* x + x P(x^2) near 0, 1 - exp(log erfc) beyond. */
static inline V v_erf(V x) {
  const V one = v_set1(1), a = v_clamp(v_abs(x), 0, E_ERF_ONE), z = a * a;
  V small = v_fma(a, E_POLY(z, e_erf_small), a);
  V n, p = e_exp_tail(e_exp_reduce(E_POLY(a, e_erf_large), &n));
  V y = v_select(v_lt(a, v_set1(E_ERF_SPLIT)), small, one - v_scale(one + p, n));
  return v_copysign(v_select(v_eq(a, v_set1(E_ERF_ONE)), one, y), x);
}

/* erf' = 2/sqrt(pi) exp(-x^2), with x^2 = square + rest exactly. */
static inline void v_erf_pair(V x, V *y, V *dy) {
  const V a = v_clamp(v_abs(x), 0, E_GAUSS_ZERO), square = a * a;
  V rest = v_fma(a, a, v_neg(square));
  V n, r = e_exp_reduce(v_clamp(v_neg(square), E_EXP_LOW, 0), &n);
  V q = v_set1(1) + e_exp_tail(r - rest);
  *y = v_erf(x);
  *dy = v_scale(v_set1(E_TWO_OVER_ROOT_PI) * q, n);
}

/* -- pieces of activations ------------------------------------------------------------------------------ */

/* The normal density at a in [0, E_NORMAL_ZERO], where it is 0 in this precision: returns q, the density is q 2^n.
 * a^2 = square + rest exactly. */
static inline V e_density(V a, V *n) {
  const V half = v_set1((real)0.5);
  V square = a * a, rest = v_fma(a, a, v_neg(square));
  V r = e_exp_reduce(v_neg(half) * square, n);
  return v_set1(E_1_OVER_ROOT_TWO_PI) * (v_set1(1) + e_exp_tail(r - half * rest));
}

/* Mills' ratio R(a) = Phi(-a)/density(a) for a in [0, E_NORMAL_ZERO]; it falls from sqrt(pi/2) like 1/a. The map to t
 * is that of Shepherd and Laframboise 1981 for erfc. */
static inline V e_mills(V a) {
  const V five = v_set1(5), one = v_set1(1);
  V t = (a - five) / (a + five);
  return E_POLY(t, e_mills_q) / v_fma(v_set1((real)1.25), a, one);
}

/* exp(-|v|) = q 2^n, to be multiplied before it is scaled. At E_GATE_ZERO it is 0 whatever moderate number multiplies
 * it; e_exp_parts stops where it is 0 by itself. */
static inline V e_decay(V v, V *n) {
  return v_set1(1) + e_exp_tail(e_exp_reduce(v_neg(v_clamp(v_abs(v), 0, E_GATE_ZERO)), n));
}

/* s = sigmoid(v + rest), rest far below 1, in parts that keep the tail's accuracy: s = side share 2^n, and
 * other = 1 - s, which does not cancel either. */
typedef struct e_gate {
  V side, share, n, other;
} e_gate;

static inline e_gate e_gate_make(V v, V rest) {
  const V one = v_set1(1);
  M left = v_lt(v, v_zero());
  V n, q = e_decay(v, &n);
  q = v_fma(q, v_select(left, rest, v_neg(rest)), q);
  V e = v_scale(q, n), share = one / (one + e);
  return (e_gate){v_select(left, q, one), share, v_select(left, n, v_zero()),
                  v_select(left, share, e * share)};
}

/* x s, rounded once more than s: no subnormal in between. */
static inline V e_gate_times(const e_gate *g, V x) {
  return v_scale(x * (g->side * g->share), g->n);
}

#endif
