/* The vector vocabulary of kernel/vec.h, portable tier: W = 1, plain C. It lives in core because elementary.c
 * is built from it. The including file sets GP_BITS. */
#ifndef GP_VEC_SCALAR_H
#define GP_VEC_SCALAR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if GP_BITS == 32
typedef float real;
typedef uint32_t U;
#define GP_SCALAR(name) __builtin_##name##f
#elif GP_BITS == 64
typedef double real;
typedef uint64_t U;
#define GP_SCALAR(name) __builtin_##name
#else
#error "GP_BITS must be 32 or 64"
#endif

typedef U word;
typedef real V;
typedef bool M;
enum { W = 1 };

/* -- values --------------------------------------------------------------------------------------------- */

static inline V v_set1(real s) {
  return s;
}
static inline V v_zero(void) {
  return 0;
}
static inline V v_load(const real *p) {
  return *p;
}
static inline void v_store(real *p, V v) {
  *p = v;
}
static inline V v_load_part(const real *p, int n) {
  return n > 0 ? *p : 0;
}
static inline void v_store_part(real *p, V v, int n) {
  if (n > 0) *p = v;
}

static inline V v_fma(V a, V b, V c) {
  return GP_SCALAR(fma)(a, b, c);
}
static inline V v_sqrt(V a) {
  return GP_SCALAR(sqrt)(a);
}
static inline V v_abs(V a) {
  return GP_SCALAR(fabs)(a);
}
static inline V v_neg(V a) {
  return -a;
}

/* -- masks ---------------------------------------------------------------------------------------------- */

static inline M v_lt(V a, V b) {
  return a < b;
}
static inline M v_le(V a, V b) {
  return a <= b;
}
static inline M v_eq(V a, V b) {
  return a == b;
}
static inline M v_nan(V a) {
  return a != a;
}
static inline M m_and(M a, M b) {
  return a & b;
}
static inline M m_or(M a, M b) {
  return a | b;
}
static inline M m_not(M a) {
  return !a;
}
static inline bool m_any(M a) {
  return a;
}
static inline M m_part(int n) {
  return n > 0;
}
static inline V v_select(M m, V a, V b) {
  return m ? a : b;
}
static inline int v_count(M m) {
  return m;
}

static inline V v_clamp(V a, real lo, real hi) {
  return a < lo ? lo : (a > hi ? hi : a);
}
static inline V v_copysign(V a, V sign) {
  return GP_SCALAR(copysign)(a, sign);
}

/* -- integer views -------------------------------------------------------------------------------------- */

static inline U v_bits(V a) {
  U u;
  memcpy(&u, &a, sizeof u);
  return u;
}
static inline V v_from_bits(U u) {
  V a;
  memcpy(&a, &u, sizeof a);
  return a;
}
static inline U u_set1(U s) {
  return s;
}
static inline U u_select(M m, U a, U b) {
  return m ? a : b;
}
static inline M u_eq(U a, U b) {
  return a == b;
}

#include "vec_bits.h"

/* -- the 8-way double accumulator
 * ---------------------------------------------------------------------------- */

typedef struct A8 {
  double p[8];
} A8;

static inline A8 a8_set1(double s) {
  return (A8){{s, s, s, s, s, s, s, s}};
}
static inline A8 a8_zero(void) {
  return a8_set1(0);
}
static inline A8 a8_add(A8 a, A8 b) {
  for (int i = 0; i < 8; i++) a.p[i] += b.p[i];
  return a;
}
static inline A8 a8_sub(A8 a, A8 b) {
  for (int i = 0; i < 8; i++) a.p[i] -= b.p[i];
  return a;
}
static inline A8 a8_abs(A8 a) {
  for (int i = 0; i < 8; i++) a.p[i] = __builtin_fabs(a.p[i]);
  return a;
}
static inline A8 a8_mul(A8 a, A8 b) {
  for (int i = 0; i < 8; i++) a.p[i] *= b.p[i];
  return a;
}
static inline A8 a8_fma(A8 a, A8 b, A8 c) {
  for (int i = 0; i < 8; i++) c.p[i] = __builtin_fma(a.p[i], b.p[i], c.p[i]);
  return c;
}
static inline A8 a8_load_part(const real *p, int n) {
  A8 a = a8_zero();
  for (int i = 0; i < n; i++) a.p[i] = (double)p[i];
  return a;
}
static inline A8 a8_load(const real *p) {
  return a8_load_part(p, 8);
}
static inline void a8_store(double p[8], A8 a) {
  memcpy(p, a.p, sizeof a.p);
}
static inline double a8_sum(A8 a) {
  const double *p = a.p;
  return ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]));
}

#endif
