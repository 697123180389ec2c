/* Payne-Hanek reduction; see reduce_far.h. */
#include "reduce_far.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 signed_wide;

/* Bit k (from the top of the first word) of 2/pi has the weight 2^(63-k): a word of integer part, then 1280
 * bits. */
static const uint64_t two_over_pi[21] = {
    0x0000000000000000U, 0xa2f9836e4e441529U, 0xfc2757d1f534ddc0U, 0xdb6295993c439041U, 0xfe5163abdebbc561U,
    0xb7246e3a424dd2e0U, 0x06492eea09d1921cU, 0xfe1deb1cb129a73eU, 0xe88235f52ebb4484U, 0xe99c7026b45f7e41U,
    0x3991d639835339f4U, 0x9c845f8bbdf9283bU, 0x1ff897ffde05980fU, 0xef2f118b5a0a6d1fU, 0x6d367ecf27cb09b7U,
    0x4f463f669e5fea2dU, 0x7527bac7ebe5f17bU, 0x3d0739f78a5292eaU, 0x6bfb5fb11f8d5d08U, 0x56033046fc7b6babU,
    0xf0cfbc209af4361dU};

static uint64_t window(unsigned bit) {
  const unsigned word = bit / 64, shift = bit % 64;
  const uint64_t high = two_over_pi[word] << shift;
  return shift ? high | two_over_pi[word + 1] >> (64 - shift) : high;
}

/* fraction 2^-128 pi/2 in double-double, so that the only rounding that counts is the last. */
static double scaled(wide fraction) {
  const double pio2_high = 0x1.921fb54442d18p+0, pio2_low = 0x1.1a62633145c07p-54;
  const double high = (double)fraction;
  const double low = (double)(signed_wide)(fraction - (wide)high);
  const double product = high * pio2_high;
  const double rest = __builtin_fma(high, pio2_high, -product) + (high * pio2_low + low * pio2_high);
  return (product + rest) * 0x1p-128;
}

/* x = m 2^e with a 53-bit integer m. Bits of 2/pi whose product with x is a multiple of 4 are skipped; 192 of
 * the rest leave 2^-137 of error, against a remainder of at least 2^-62 for any double. */
double gp_reduce_far(double x, unsigned *quadrant) {
  *quadrant = 0;
  if (!isfinite(x)) return (double)NAN;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint64_t m = (bits & 0xfffffffffffffU) | 0x10000000000000U;
  const unsigned first = (unsigned)(bits >> 52 & 2047U) - 1075U + 62U; /* weight of this bit times 2^e: 2 */
  const wide low = (wide)m * window(first + 128);
  const wide middle = (wide)m * window(first + 64) + (low >> 64);
  const uint64_t high = m * window(first) + (uint64_t)(middle >> 64);
  wide fraction = ((wide)high << 64 | (uint64_t)middle) << 2 | (uint64_t)low >> 62;
  unsigned q = (unsigned)(high >> 62);
  const int above = (int)(fraction >> 127); /* above one half: the next quadrant, with a negative remainder */
  if (above) fraction = -fraction, q++;
  const double r = above ? -scaled(fraction) : scaled(fraction);
  const int negative = (int)(bits >> 63);
  *quadrant = (negative ? 0U - q : q) & 3U;
  return negative ? -r : r;
}
