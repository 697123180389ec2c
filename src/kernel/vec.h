/* The vector vocabulary: what kernel bodies may say. One header per tier implements it for one precision; a
 * translation unit picks them by GP_TIER_PORTABLE, GP_TIER_AVX2 or GP_TIER_AVX512 and GP_BITS (32 or 64).
 *
 *   real              float or double
 *   V, W              vector of W reals; + - * / work on it; W is 1 in the portable tier
 *   M                 mask of W truth values
 *   v_set1(s) v_zero() v_load(p) v_store(p, v)      unaligned
 *   v_load_part(p, n) v_store_part(p, v, n)         first n lanes, 0 <= n <= W; other lanes load 0, memory
 * past n untouched v_fma(a, b, c)  a b + c, one rounding;  v_sqrt v_abs v_neg v_lt v_le v_eq v_nan -> M
 * (false on NaN, but v_nan);  m_and m_or m_not m_any v_select(m, a, b)  m ? a : b, bitwise (keeps NaN, -0)
 *   v_count(m) -> int, true lanes;  m_part(n) -> M, first n lanes true
 *
 * Integer views, for the bodies of the elementary functions:
 *   U                 vector of W unsigned integers of the width of real; + - & | ^ << >> work on it, >>
 * fills with zeros v_bits(v) v_from_bits(u)         the same bits seen as U and as V;  u_set1(s)  u_select(m,
 * a, b)  u_eq(a, b) -> M
 *
 * Pieces of the elementary functions:
 *   v_clamp(v, lo, hi)               NaN stays NaN;  v_copysign(v, sign)
 *   v_scale(v, n)     v 2^n with one rounding (gradual underflow, overflow to inf), for integral |n| <= 250
 * (f32) or 2000 (f64) and 2^-100 < |v| < 2^100 (one factor of two must not leave the normal range) v_split(x,
 * &e)    m in [0.75, 1.5) with x = m 2^e, for finite x > 0, subnormals included; any m, e elsewhere
 *
 * The 8-way double accumulator, the house's one way to reduce (DESIGN invariant 1):
 *   A8                eight doubles;  a8_zero() a8_add(a, b) a8_mul(a, b) a8_fma(a, b, c)
 *   a8_load(p) a8_load_part(p, n)    eight reals (or n <= 8, the rest +0) widened to double
 *   a8_set1(double)  a8_store(double p[8], a)
 *   a8_sum(a)         ((p0+p1)+(p2+p3))+((p4+p5)+(p6+p7)) */
#ifndef GP_VEC_H
#define GP_VEC_H

#if defined(GP_TIER_AVX512)
#include "vec_avx512.h"
#elif defined(GP_TIER_AVX2)
#include "vec_avx2.h"
#else
#include "vec_scalar.h"
#endif

#endif
