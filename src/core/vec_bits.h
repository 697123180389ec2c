/* v_scale and v_split of kernel/vec.h out of integer operations, for the tiers without instructions for them.
 * Included by their vec_*.h, never on its own. */
#ifndef GP_VEC_BITS_H
#define GP_VEC_BITS_H

#if GP_BITS == 32
enum { GP_FRACTION = 23, GP_BIAS = 127 };
#define GP_MAGIC_INT  0x1.8p23F
#define GP_MAGIC_UINT 0x1p23F
#define GP_MIN_NORMAL 0x1p-126F
#else
enum { GP_FRACTION = 52, GP_BIAS = 1023 };
#define GP_MAGIC_INT  0x1.8p52
#define GP_MAGIC_UINT 0x1p52
#define GP_MIN_NORMAL 0x1p-1022
#endif

/* 2^n as two factors, each a normal number: the first product is exact, the second rounds once. The sum with
 * the magic number leaves n in the low bits; 2 GP_BIAS more makes both halves biased exponents. */
static inline V v_scale(V a, V n) {
  const V magic = v_set1(GP_MAGIC_INT);
  U both = v_bits(n + magic) - v_bits(magic) + u_set1(2 * GP_BIAS);
  U first = both >> 1;
  U second = both - first;
  return a * v_from_bits(first << GP_FRACTION) * v_from_bits(second << GP_FRACTION);
}

/* Adding one minus the fraction bits of 0.75 makes the exponent field count from 0.75, and one bias more. */
static inline V v_split(V x, V *e) {
  const M tiny = v_lt(x, v_set1(GP_MIN_NORMAL));
  x = v_select(tiny, x * v_set1(2 * GP_MAGIC_UINT), x);
  const U bits = v_bits(x);
  const U field = (bits + u_set1((word)3 << (GP_FRACTION - 1))) >> GP_FRACTION; /* e + GP_BIAS + 1 */
  const U excess = field - u_set1(GP_BIAS + 1);
  const V counted = v_from_bits(v_bits(v_set1(GP_MAGIC_UINT)) | field);
  const real bias = GP_BIAS + 1;
  *e = counted - v_set1(GP_MAGIC_UINT + bias) - v_select(tiny, v_set1(GP_FRACTION + 1), v_zero());
  return v_from_bits(bits - (excess << GP_FRACTION));
}

#endif
