/* The vector vocabulary of kernel/vec.h, AVX-512 (F, DQ, VL, BW) tier: 16 floats or 8 doubles. A mask is a
 * mask register. The including file sets GP_BITS. */
#ifndef GP_VEC_AVX512_H
#define GP_VEC_AVX512_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#if GP_BITS == 32
typedef float real;
typedef uint32_t word;
typedef __m512 V;
typedef __mmask16 M;
enum { W = 16 };
#define GP_V(name)  _mm512_##name##_ps
#define GP_VM(name) _mm512_##name##_ps_mask
#define GP_U(name)  _mm512_##name##_epi32
#define GP_UM(name) _mm512_##name##_epi32_mask
#elif GP_BITS == 64
typedef double real;
typedef uint64_t word;
typedef __m512d V;
typedef __mmask8 M;
enum { W = 8 };
#define GP_V(name)  _mm512_##name##_pd
#define GP_VM(name) _mm512_##name##_pd_mask
#define GP_U(name)  _mm512_##name##_epi64
#define GP_UM(name) _mm512_##name##_epi64_mask
#else
#error "GP_BITS must be 32 or 64"
#endif

typedef word U __attribute__((vector_size(64))); /* + - & | ^ << >> act on it, >> fills with zeros */

/* -- masks ---------------------------------------------------------------------------------------------- */

static inline M m_part(int n) {
  return (M)((1U << n) - 1U);
}
static inline M v_lt(V a, V b) {
  return GP_VM(cmp)(a, b, _CMP_LT_OQ);
}
static inline M v_le(V a, V b) {
  return GP_VM(cmp)(a, b, _CMP_LE_OQ);
}
static inline M v_eq(V a, V b) {
  return GP_VM(cmp)(a, b, _CMP_EQ_OQ);
}
static inline M v_nan(V a) {
  return GP_VM(cmp)(a, a, _CMP_UNORD_Q);
}
static inline M m_and(M a, M b) {
  return (M)(a & b);
}
static inline M m_or(M a, M b) {
  return (M)(a | b);
}
static inline M m_not(M a) {
  return (M)~a;
}
static inline bool m_any(M a) {
  return a != 0;
}
static inline int v_count(M m) {
  return __builtin_popcount(m);
}
static inline V v_select(M m, V a, V b) {
  return GP_V(mask_blend)(m, b, a);
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
  return GP_V(maskz_loadu)(m_part(n), p);
}
static inline void v_store_part(real *p, V v, int n) {
  GP_V(mask_storeu)(p, m_part(n), v);
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
  return GP_UM(cmpeq)((__m512i)a, (__m512i)b);
}

static inline V v_scale(V a, V n) {
  return GP_V(scalef)(a, n);
}
static inline V v_split(V x, V *e) {
  V m = GP_V(getmant)(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
  *e = GP_V(getexp)(x) - GP_V(getexp)(m);
  return m;
}

/* -- the 8-way double accumulator
 * ---------------------------------------------------------------------------- */

typedef __m512d A8;

static inline A8 a8_set1(double s) {
  return _mm512_set1_pd(s);
}
static inline A8 a8_zero(void) {
  return _mm512_setzero_pd();
}
static inline A8 a8_add(A8 a, A8 b) {
  return a + b;
}
static inline A8 a8_sub(A8 a, A8 b) {
  return a - b;
}
static inline A8 a8_abs(A8 a) {
  return _mm512_abs_pd(a);
}
static inline A8 a8_mul(A8 a, A8 b) {
  return a * b;
}
static inline A8 a8_fma(A8 a, A8 b, A8 c) {
  return _mm512_fmadd_pd(a, b, c);
}

#if GP_BITS == 32
static inline A8 a8_load(const real *p) {
  return _mm512_cvtps_pd(_mm256_loadu_ps(p));
}
static inline A8 a8_load_part(const real *p, int n) {
  return _mm512_cvtps_pd(_mm256_maskz_loadu_ps((__mmask8)((1U << n) - 1U), p));
}
#else
static inline A8 a8_load(const real *p) {
  return v_load(p);
}
static inline A8 a8_load_part(const real *p, int n) {
  return v_load_part(p, n);
}
#endif

static inline void a8_store(double p[8], A8 a) {
  _mm512_storeu_pd(p, a);
}

static inline double a8_sum(A8 a) {
  __m256d pairs = _mm256_hadd_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
  __m128d quads = _mm256_castpd256_pd128(pairs) + _mm256_extractf128_pd(pairs, 1);
  return quads[0] + quads[1];
}

#endif
