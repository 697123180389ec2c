/* Storage formats, exhaustively: every value of the format stays, every midpoint between neighbours goes to the even one,
 * and the numbers next to a midpoint go to their own side. Rounding is constant between midpoints, so that is every
 * rounding there is. Values come from their 16 bits by arithmetic, not by any conversion. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "kernels.h"

typedef struct format {
  const char *name;
  int slot, fraction, least, most;
} format;

#define FORMAT(name, fraction, least, most) {#name, GP_FORMAT_##name, fraction, least, most},
static const format formats[] = {GP_FORMAT_LIST(FORMAT)};
enum { FORMATS = sizeof formats / sizeof *formats };

/* Number `i` of the format's finite positive numbers, ascending from 0: exponent field, then fraction. The one behind the
 * last is 2^(most + 1), where rounding up from it goes to infinity. */
static double number(const format *f, int i) {
  int field = i >> f->fraction, part = i & ((1 << f->fraction) - 1);
  if (field == 0) return ldexp(part, f->least - f->fraction);
  return ldexp(part + (1 << f->fraction), field - 1 + f->least - f->fraction);
}

static int numbers(const format *f) {
  return (f->most - f->least + 2) << f->fraction;
}

static double rounded(const gp_kernels *k, const format *f, double x) {
  float narrow = (float)x;
  if (k->bits == 64) {
    k->round[f->slot](&x, 1, 1);
    return x;
  }
  k->round[f->slot](&narrow, 1, 1);
  return (double)narrow;
}

static double next(const gp_kernels *k, double x, double towards) {
  return k->bits == 64 ? nextafter(x, towards) : (double)nextafterf((float)x, (float)towards);
}

static void check_one(const gp_kernels *k, const format *f, double x, double wanted) {
  for (int sign = -1; sign <= 1; sign += 2) {
    double out = rounded(k, f, sign * x);
    cr_assert(out == sign * wanted && signbit(out) == (sign < 0), "%s, %s %d: %.17g became %.17g, not %.17g",
              f->name, k->tier, k->bits, sign * x, out, sign * wanted);
  }
}

static void check_format(const gp_kernels *k, const format *f) {
  int count = numbers(f);
  for (int i = 0; i < count; i++) {
    double here = number(f, i), above = number(f, i + 1), middle = here + (above - here) / 2;
    double up = i + 1 < count ? above : (double)INFINITY;
    check_one(k, f, here, here);
    check_one(k, f, middle, i % 2 == 0 ? here : up);
    check_one(k, f, next(k, middle, 0), here);
    check_one(k, f, next(k, middle, INFINITY), up);
  }
  check_one(k, f, INFINITY, INFINITY);
  check_one(k, f, k->bits == 64 ? 1.7e308 : 3.4028234663852886e38, INFINITY);
  cr_assert(isnan(rounded(k, f, NAN)) && isnan(rounded(k, f, -NAN)));
}

static void check_bits(int bits) {
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++)
    for (int f = 0; f < FORMATS && (*tier)->supported(); f++)
      check_format(bits == 32 ? (*tier)->f32 : (*tier)->f64, &formats[f]);
}

Test(formats, every_rounding_of_floats) {
  check_bits(32);
}
Test(formats, every_rounding_of_doubles) {
  check_bits(64);
}

/* What IEEE 754-2019 and the bfloat16 format are known by. */
Test(formats, numbers_known_from_the_standard) {
  const gp_kernels *k = gp_tier_find("auto")->f32;
  const format *bfloat16 = &formats[GP_FORMAT_bfloat16], *float16 = &formats[GP_FORMAT_float16];
  cr_assert_eq(numbers(float16), 0x7C00);
  cr_assert_eq(numbers(bfloat16), 0x7F80);
  cr_assert_eq(number(float16, 0x7BFF), 65504);
  cr_assert_eq(number(float16, 1), 0x1p-24);
  cr_assert_eq(number(bfloat16, 0x7F7F), 3.3895313892515355e38);
  cr_assert_eq(rounded(k, float16, 65519.996), 65504);
  cr_assert_eq(rounded(k, float16, 65520), INFINITY);
  cr_assert_eq(rounded(k, float16, 0x1p-25), 0);
  cr_assert_eq(rounded(k, float16, 0.1), 0.0999755859375);
  cr_assert_eq(rounded(k, bfloat16, 0.1), 0.10009765625);
}
