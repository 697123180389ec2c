/* The vector vocabulary of kernel/vec.h, AVX2 + FMA tier: 8 floats or 4 doubles. A mask is a vector whose
 * lanes are all ones or all zeros. The including file sets GP_BITS. */
#ifndef GP_VEC_AVX2_H
#define GP_VEC_AVX2_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#if GP_BITS == 32
typedef float real;
typedef uint32_t word;
typedef int32_t lane;
typedef __m256 V;
enum { W = 8 };
#define GP_V(name) _mm256_##name##_ps
#elif GP_BITS == 64
typedef double real;
typedef uint64_t word;
typedef long long lane;
typedef __m256d V;
enum { W = 4 };
#define GP_V(name) _mm256_##name##_pd
#else
#error "GP_BITS must be 32 or 64"
#endif

typedef V M;
typedef word U __attribute__((vector_size(32))); /* + - & | ^ << >> act on it, >> fills with zeros */

/* -- masks ---------------------------------------------------------------------------------------------- */

/* A window that slides over ones and zeros: the first n lanes are ones. */
static inline __m256i m_window(int n) {
  static const lane edge[2 * W] = {
    -1,
    -1,
    -1,
    -1,
#if GP_BITS == 32
    -1,
    -1,
    -1,
    -1,
#endif
  };
  return _mm256_loadu_si256((const __m256i *)(const void *)(edge + W - n));
}

static inline M m_part(int n) {
  return (M)m_window(n);
}
static inline M v_lt(V a, V b) {
  return GP_V(cmp)(a, b, _CMP_LT_OQ);
}
static inline M v_le(V a, V b) {
  return GP_V(cmp)(a, b, _CMP_LE_OQ);
}
static inline M v_eq(V a, V b) {
  return GP_V(cmp)(a, b, _CMP_EQ_OQ);
}
static inline M v_nan(V a) {
  return GP_V(cmp)(a, a, _CMP_UNORD_Q);
}
static inline M m_and(M a, M b) {
  return GP_V(and)(a, b);
}
static inline M m_or(M a, M b) {
  return GP_V(or)(a, b);
}
static inline M m_not(M a) {
  return (M) ~(U)a;
}
static inline bool m_any(M a) {
  return GP_V(movemask)(a) != 0;
}
static inline int v_count(M m) {
  return __builtin_popcount((unsigned)GP_V(movemask)(m));
}
static inline V v_select(M m, V a, V b) {
  return GP_V(blendv)(b, a, m);
}

/* -- values --------------------------------------------------------------------------------------------- */

static inline V v_set1(real s) {
  return GP_V(set1)(s);
}
static inline V v_zero(void) {
  return GP_V(setzero)();
}
static inline V v_load(const real *p) {
  return GP_V(loadu)(p);
}
static inline void v_store(real *p, V v) {
  GP_V(storeu)(p, v);
}
static inline V v_load_part(const real *p, int n) {
  return GP_V(maskload)(p, m_window(n));
}
static inline void v_store_part(real *p, V v, int n) {
  GP_V(maskstore)(p, m_window(n), v);
}

static inline V v_fma(V a, V b, V c) {
  return GP_V(fmadd)(a, b, c);
}
static inline V v_sqrt(V a) {
  return GP_V(sqrt)(a);
}
static inline V v_abs(V a) {
  return GP_V(andnot)(v_set1((real)-0.0), a);
}
static inline V v_neg(V a) {
  return GP_V(xor)(v_set1((real)-0.0), a);
}

/* The instructions return their second operand where one is NaN, so the value comes second. */
static inline V v_clamp(V a, real lo, real hi) {
  return GP_V(max)(v_set1(lo), GP_V(min)(v_set1(hi), a));
}
static inline V v_copysign(V a, V sign) {
  const V bit = v_set1((real)-0.0);
  return GP_V(or)(GP_V(andnot)(bit, a), GP_V(and)(bit, sign));
}

/* -- integer views -------------------------------------------------------------------------------------- */

static inline U v_bits(V a) {
  return (U)a;
}
static inline V v_from_bits(U u) {
  return (V)u;
}
static inline U u_set1(word s) {
  return s - (U){0};
}
static inline U u_select(M m, U a, U b) {
  return (U)v_select(m, (V)a, (V)b);
}
static inline M u_eq(U a, U b) {
  return (M)(a == b);
}

#include "vec_bits.h"

/* -- the 8-way double accumulator
 * ---------------------------------------------------------------------------- */

typedef struct A8 {
  __m256d lo, hi;
} A8;

static inline A8 a8_set1(double s) {
  return (A8){_mm256_set1_pd(s), _mm256_set1_pd(s)};
}
static inline A8 a8_zero(void) {
  return (A8){_mm256_setzero_pd(), _mm256_setzero_pd()};
}
static inline A8 a8_add(A8 a, A8 b) {
  return (A8){a.lo + b.lo, a.hi + b.hi};
}
static inline A8 a8_sub(A8 a, A8 b) {
  return (A8){a.lo - b.lo, a.hi - b.hi};
}
static inline A8 a8_abs(A8 a) {
  const __m256d sign = _mm256_set1_pd(-0.0);
  return (A8){_mm256_andnot_pd(sign, a.lo), _mm256_andnot_pd(sign, a.hi)};
}
static inline A8 a8_mul(A8 a, A8 b) {
  return (A8){a.lo * b.lo, a.hi * b.hi};
}
static inline A8 a8_fma(A8 a, A8 b, A8 c) {
  return (A8){_mm256_fmadd_pd(a.lo, b.lo, c.lo), _mm256_fmadd_pd(a.hi, b.hi, c.hi)};
}

#if GP_BITS == 32
static inline A8 a8_widen(V v) {
  return (A8){_mm256_cvtps_pd(_mm256_castps256_ps128(v)), _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1))};
}
static inline A8 a8_load(const real *p) {
  return a8_widen(v_load(p));
}
static inline A8 a8_load_part(const real *p, int n) {
  return a8_widen(v_load_part(p, n));
}
#else
static inline A8 a8_load(const real *p) {
  return (A8){v_load(p), v_load(p + 4)};
}
static inline A8 a8_load_part(const real *p, int n) {
  if (n <= 4) return (A8){v_load_part(p, n), v_zero()};
  return (A8){v_load(p), v_load_part(p + 4, n - 4)};
}
#endif

static inline void a8_store(double p[8], A8 a) {
  _mm256_storeu_pd(p, a.lo);
  _mm256_storeu_pd(p + 4, a.hi);
}

static inline double a8_sum(A8 a) {
  __m256d pairs = _mm256_hadd_pd(a.lo, a.hi); /* p0+p1, p4+p5, p2+p3, p6+p7 */
  __m128d quads = _mm256_castpd256_pd128(pairs) + _mm256_extractf128_pd(pairs, 1);
  return quads[0] + quads[1];
}

#endif
