/* Rounding to an emulated storage format: to nearest, ties to even, with the format's own subnormals, beyond its largest
 * number to infinity (IEEE 754-2019, section 4.3.1). By integer operations, and below the smallest normal number by two
 * additions that are exact but for the rounding wanted; conversion instructions (F16C, AVX512-BF16) are not used, since some
 * of them flush subnormals. NaN stays as it is.
 *
 * Subnormals of bfloat16 are subnormals of float: where flush_to_zero is on, they are flushed too. Those of float16 are
 * normal floats and stay. */

enum { ROUND_FRACTION = GP_BITS == 32 ? 23 : 52, ROUND_BIAS = GP_BITS == 32 ? 127 : 1023 };

typedef struct round_format {
  int drop;                /* fraction bits that go */
  V magic, normal, beyond; /* below `normal` one unit of `magic` is one of the format; `beyond`: 2^(most + 1) */
} round_format;

/* 2^exponent as a real; infinity where that is the next one above the largest exponent. */
static inline V power_of_two(int exponent) {
  return v_from_bits(u_set1((word)(exponent + ROUND_BIAS) << ROUND_FRACTION));
}

ALWAYS V round_vector(V x, const round_format *f) {
  const V size = v_abs(x);
  const U bits = v_bits(size), one = u_set1(1);
  const V infinity = power_of_two(ROUND_BIAS + 1);
  const U half = u_set1(((word)1 << (f->drop - 1)) - 1), odd = (bits >> f->drop) & one;
  V rounded = v_from_bits((bits + half + odd) >> f->drop << f->drop);
  rounded = v_select(v_le(f->beyond, rounded), infinity, rounded);
  rounded = v_select(v_lt(size, f->normal), (size + f->magic) - f->magic, rounded);
  return v_select(v_nan(x), x, v_copysign(rounded, x));
}

ALWAYS void round_any(real *x, ptrdiff_t n, int fraction, int least, int most) {
  const round_format f = {.drop = ROUND_FRACTION - fraction,
                          .magic = power_of_two(least + ROUND_FRACTION - fraction),
                          .normal = power_of_two(least),
                          .beyond = power_of_two(most + 1)};
  FLAT(i, n, part) store(x + i, round_vector(load(x + i, part), &f), part);
}

#define ROUND_BODY(name, fraction, least, most)                                                              \
  static void round_##name(void *x, ptrdiff_t n, int lanes) {                                                \
    round_any(x, n *lanes, fraction, least, most);                                                           \
  }
GP_FORMAT_LIST(ROUND_BODY)
#undef ROUND_BODY
