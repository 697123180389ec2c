/* Error of every double function in ulp against the C library in long double (64-bit mantissa), and of gp_pow: the
 * second, independent way. On machines whose long double is a double nothing is measured. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "elementary.h"
#include "elementary_bounds.h"

enum { COUNT = 1 << 17, ROUNDS = 8 };

static double x[COUNT], y[COUNT];
static uint64_t state = 1;

static uint64_t draw(void) { /* splitmix64 */
  uint64_t z = state += 0x9E3779B97F4A7C15U;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
  z = (z ^ z >> 27) * 0x94D049BB133111EBU;
  return z ^ z >> 31;
}

static double uniform(double low, double high) {
  return low + (high - low) * (double)(draw() >> 11) * 0x1p-53;
}

/* Any bit pattern; log-uniform around 1; the range where exp is finite; near zero; near multiples of pi/2. */
static double point(int kind) {
  uint64_t bits = draw();
  double v;
  switch (kind) {
  case 0:
    break;
  case 1:
    bits = (bits & 0x800fffffffffffffU) | (960 + (bits >> 52 & 63)) << 52;
    break;
  case 2:
    return uniform(-750, 750);
  case 3:
    return uniform(-1.5, 1.5);
  case 4:
    return nearbyint(uniform(-1e7, 1e7)) * 1.5707963267948966;
  default:
    return uniform(-8, 8);
  }
  memcpy(&v, &bits, sizeof v);
  return v;
}

static long double r_exp(double z) {
  return expl((long double)z);
}
static long double r_expm1(double z) {
  return expm1l((long double)z);
}
static long double r_log(double z) {
  return logl((long double)z);
}
static long double r_log1p(double z) {
  return log1pl((long double)z);
}
static long double r_sin(double z) {
  return sinl((long double)z);
}
static long double r_cos(double z) {
  return cosl((long double)z);
}
static long double r_tanh(double z) {
  return tanhl((long double)z);
}
static long double r_erf(double z) {
  return erfl((long double)z);
}
static long double r_sigmoid(double z) {
  return 1 / (1 + expl(-(long double)z));
}
static long double r_dsigmoid(double z) {
  const long double e = expl(-fabsl((long double)z));
  return e / ((1 + e) * (1 + e));
}
static long double r_dtanh(double z) {
  const long double e = expl(-2 * fabsl((long double)z));
  return 4 * e / ((1 + e) * (1 + e));
}
static long double r_derf(double z) {
  const double limited = fabs(z) > 40 ? 40 : z, square = limited * limited;
  const double rest = fma(limited, limited, -square);
  return 1.1283791670955125738961589031215452L * expl(-(long double)square) * (1 - (long double)rest);
}

static long double r_atan(double z) {
  return atanl((long double)z);
}
static long double r_datan(double z) {
  const long double w = (long double)z;
  return fabs(z) > 1e30 ? 1 / w / w : 1 / (1 + w * w);
}

#define REFERENCE(name) r_##name,
static long double (*const reference[])(double) = {ELEMENTARY_LIST(REFERENCE)};

/* As float_error: ulps of the reference, 2^-1074 among subnormals, infinity as 2^1024. */
static double double_error(double got, long double r) {
  const long double top = 0x1p1024L;
  if (isnan(got) || isnan(r)) return isnan(got) && isnan(r) ? 0 : (double)INFINITY;
  if (!signbit(got) != !signbit(r)) return (double)INFINITY;
  long double value = fminl(fmaxl((long double)got, -top), top);
  r = fminl(fmaxl(r, -top), top);
  const int exponent = r == 0 ? -1022 : ilogbl(r);
  const int clamped = exponent < -1022 ? -1022 : exponent > 1023 ? 1023 : exponent;
  return (double)(fabsl(value - r) * ldexpl(1, 52 - clamped));
}

Test(elementary, double_error_within_bound) {
  const elementary_tier *tier[3];
  const int last = elementary_tiers(64, tier) - 1;
  if (LDBL_MANT_DIG < 64) cr_skip_test("long double is no wider than double");
  double worst[F_COUNT] = {0}, where[F_COUNT] = {0};
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < COUNT; i++) x[i] = point(i % 6);
    for (int f = 0; f < F_COUNT; f++) {
      tier[last]->run[f](x, y, COUNT);
      for (int i = 0; i < COUNT; i++) {
        const double error = double_error(y[i], reference[f](x[i]));
        if (error > worst[f]) worst[f] = error, where[f] = x[i];
      }
    }
  }
  for (int f = 0; f < F_COUNT; f++) {
    cr_log_info("%s: %.4f ulp at %a", tier[last]->label[f], worst[f], where[f]);
    cr_expect_leq(worst[f], elementary_bounds[f].f64, "%s: %.4f ulp at %a", tier[last]->label[f], worst[f],
                  where[f]);
    cr_expect_gt(worst[f], 0.4, "%s: a measure this small measures nothing", tier[last]->label[f]);
  }
}

/* The scalar entry points are the same functions. */
Test(elementary, scalar_entry_points_have_the_bits_of_the_tiers) {
  static double (*const entry[])(double) = {gp_exp, gp_expm1, gp_log,     gp_log1p, gp_sin,
                                            gp_cos, gp_tanh,  gp_sigmoid, gp_erf};
  for (int i = 0; i < COUNT; i++) x[i] = point(i % 6);
  for (int f = F_exp; f <= F_erf; f++) {
    long different = 0;
    scalar_f64.run[f](x, y, COUNT);
    for (int i = 0; i < COUNT; i++) {
      const double got = entry[f](x[i]);
      different += memcmp(&got, y + i, sizeof got) && !(isnan(got) && isnan(y[i]));
    }
    cr_expect_eq(different, 0, "%s", scalar_f64.label[f]);
  }
}

/* The logarithm carries 57 bits (2^-57 is ulp/16), which y log x <= 745 multiplies; exp and its rounding add 2 ulp. */
Test(elementary, power) {
  if (LDBL_MANT_DIG < 64) cr_skip_test("long double is no wider than double");
  double worst = 0, at = 0, to = 0; /* error over its bound */
  for (int i = 0; i < 300000; i++) {
    const double base = i % 2 ? exp2(uniform(-1074, 1024)) : uniform(0.5, 1.5);
    const double power = i % 3 ? uniform(-4, 4) : uniform(-1500, 1500);
    const long double argument = (long double)power * logl((long double)base);
    const double bound = 2 + (double)fabsl(argument) / 10;
    const double error =
        double_error(gp_pow(base, power), powl((long double)base, (long double)power)) / bound;
    if (error > worst) worst = error, at = base, to = power;
  }
  cr_log_info("pow: %.4f of the bound at %a, %a", worst, at, to);
  cr_expect_leq(worst, 1.0, "pow: %.4f of the bound at %a, %a", worst, at, to);
  cr_expect_eq(gp_pow(0, 0), 1.0);
  cr_expect_eq(gp_pow(0, 2), 0.0);
  cr_expect_eq(gp_pow(0, -2), (double)INFINITY);
  cr_expect_eq(gp_pow(1, (double)NAN), 1.0);
  cr_expect_eq(gp_pow((double)INFINITY, -1), 0.0);
  cr_expect_eq(gp_pow(0.5, (double)INFINITY), 0.0);
  cr_expect(isnan(gp_pow(-1, 0.5)) && isnan(gp_pow((double)NAN, 2)));
}

/* The tails SCIENCE 5.3 asks for: derivatives from z keep their relative accuracy down to the last subnormal. */
Test(elementary, derivatives_reach_into_the_tails) {
  for (double z = 1; z < 740; z += 0.5) {
    x[0] = z, x[1] = -z;
    scalar_f64.run[F_dsigmoid](x, y, 16);
    cr_assert_eq(y[0], y[1]);
    cr_assert_leq(double_error(y[0], r_dsigmoid(z)), elementary_bounds[F_dsigmoid].f64, "sigmoid'(%g)", z);
    scalar_f64.run[F_dtanh](x, y, 16);
    cr_assert_eq(y[0], y[1]);
    cr_assert_leq(double_error(y[0], r_dtanh(z)), elementary_bounds[F_dtanh].f64, "tanh'(%g)", z);
  }
}
