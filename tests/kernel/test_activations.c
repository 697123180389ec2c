/* Activations as kernels: the values and derivatives of sigmoid and tanh against the formulas in long double, in the
 * tails too, and of all the same bits on every tier, in both plans, at every tail length. The rest of the family:
 * test_activation_family. */
#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "elementary_bounds.h"
#include "guarded.h"
#include "kernels.h"

enum { COUNT = 4096, LANES_MAX = 16 };

static const gp_kernels *table_of(const gp_tier *tier, int bits) {
  return bits == 32 ? tier->f32 : tier->f64;
}

static void put(int bits, void *x, ptrdiff_t i, double value) {
  if (bits == 32)
    ((float *)x)[i] = (float)value;
  else
    ((double *)x)[i] = value;
}
static double get(int bits, const void *x, ptrdiff_t i) {
  return bits == 32 ? (double)((const float *)x)[i] : ((const double *)x)[i];
}

/* One pre-activation through a tier, in the single plan. */
static void one(const gp_kernels *k, int slot, double z, double *h, double *d) {
  double in = 0, value = 0, slope = 0, params[GP_ACT_PARAMS_MAX] = {0};
  put(k->bits, &in, 0, z);
  put(k->bits, params, 0, 0.01);
  k->activate[slot](&in, &value, &slope, NULL, params, 1, 1, 1);
  *h = get(k->bits, &value, 0);
  *d = get(k->bits, &slope, 0);
}

/* -- accuracy -- */

/* sigmoid' and tanh' by e^-|z|: no difference of numbers near 1, so the tail keeps its relative accuracy. */
static long double sigmoid(long double z) {
  return z < 0 ? expl(z) / (1 + expl(z)) : 1 / (1 + expl(-z));
}
static long double dsigmoid(long double z) {
  return expl(-fabsl(z)) / powl(1 + expl(-fabsl(z)), 2);
}
static long double dtanh(long double z) {
  return 4 * expl(-2 * fabsl(z)) / powl(1 + expl(-2 * fabsl(z)), 2);
}

/* Distance in units of the last place of the wanted value in that precision, subnormals included. */
static double ulps(int bits, double value, long double wanted) {
  int exponent, lowest = bits == 32 ? -149 : -1074, digits = bits == 32 ? 24 : 53;
  frexpl(wanted, &exponent);
  exponent = exponent - digits > lowest && wanted != 0 ? exponent - digits : lowest;
  return (double)fabsl(((long double)value - wanted) / ldexpl(1, exponent));
}

static const struct smooth {
  int slot, value_bound, slope_bound; /* rows of elementary_bounds */
  long double (*phi)(long double), (*slope)(long double);
  double reach; /* beyond it everything has underflowed, or is 1 */
} smooth[] = {{GP_ACT_sigmoid, F_sigmoid, F_dsigmoid, sigmoid, dsigmoid, 760},
              {GP_ACT_tanh, F_tanh, F_dtanh, tanhl, dtanh, 380}};

static void check_smooth(const struct smooth *s, int bits) {
  const gp_kernels *k = table_of(gp_tier_find("portable"), bits);
  const elementary_bound value = elementary_bounds[s->value_bound], slope = elementary_bounds[s->slope_bound];
  double worst_h = 0, worst_d = 0;
  for (int i = 0; i < 200000; i++) {
    gp_stream stream = {(uint64_t)bits, GP_PURPOSE_TEST, 2};
    double u = 2 * gp_rng_uniform(stream, (uint64_t)i) - 1, z = i % 2 ? 12 * u : s->reach * u * u * u, h, d;
    z = bits == 32 ? (double)(float)z : z;
    one(k, s->slot, z, &h, &d);
    worst_h = fmax(worst_h, ulps(bits, h, s->phi(z)));
    worst_d = fmax(worst_d, ulps(bits, d, s->slope(z)));
  }
  cr_assert_leq(worst_h, bits == 32 ? value.f32 : value.f64, "slot %d, %d bits: %g ulp", s->slot, bits,
                worst_h);
  cr_assert_leq(worst_d, bits == 32 ? slope.f32 : slope.f64, "slot %d', %d bits: %g ulp", s->slot, bits,
                worst_d);
}

Test(activations, smooth_ones_keep_their_ulp_bounds) {
  for (int bits = 32; bits <= 64; bits += 32)
    for (size_t i = 0; i < sizeof smooth / sizeof *smooth; i++) check_smooth(&smooth[i], bits);
}

/* SCIENCE 5.3: 1 - y^2 in float is 96 % off at 9 and 0 from 9.1 on, y (1 - y) is 0 from 17 on. */
Test(activations, derivatives_survive_in_the_tails) {
  static const struct {
    int slot;
    double z, slope;
  } tails[] = {{GP_ACT_sigmoid, 20, 2.0611536139418493e-9},  {GP_ACT_sigmoid, -20, 2.0611536139418493e-9},
               {GP_ACT_sigmoid, 80, 1.8048513878454152e-35}, {GP_ACT_tanh, 10, 8.2446144557673974e-9},
               {GP_ACT_tanh, -10, 8.2446144557673974e-9},    {GP_ACT_tanh, 40, 7.2194055513816607e-35}};
  for (int bits = 32; bits <= 64; bits += 32) {
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
      double h, d;
      one(table_of(gp_tier_find("auto"), bits), tails[i].slot, tails[i].z, &h, &d);
      cr_assert_float_eq(d / tails[i].slope, 1, bits == 32 ? 5e-7 : 1e-12, "slot %d at %g: %g", tails[i].slot,
                         tails[i].z, d);
    }
  }
}

Test(activations, exact_facts) {
  double h, d;
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
    for (int bits = 32; bits <= 64 && (*tier)->supported(); bits += 32) {
      const gp_kernels *k = table_of(*tier, bits);
      one(k, GP_ACT_sigmoid, 0, &h, &d);
      cr_assert(h == 0.5 && d == 0.25);
      one(k, GP_ACT_tanh, 0, &h, &d);
      cr_assert(h == 0 && d == 1);
      for (int i = -4000; i <= 4000; i++) {
        one(k, GP_ACT_sigmoid, i / 64.0, &h, &d);
        cr_assert(d > 0 && d <= 0.25 && h >= 0 && h <= 1, "sigmoid at %g: %g, %g", i / 64.0, h, d);
        one(k, GP_ACT_sign, i / 64.0, &h, &d);
        cr_assert(d == 0 && !signbit(d) && h == (i > 0) - (i < 0));
      }
    }
  }
}

/* -- the same bits everywhere -- */

static void fill(const gp_kernels *k, void *x, ptrdiff_t n, int seed) {
  for (ptrdiff_t i = 0; i < n; i++) put(k->bits, x, i, 6 * guarded_number((uint64_t)seed, (uint64_t)i, true));
}

/* rows x cols in `lanes` lanes on one tier against single numbers on the portable one. */
static void compare(const gp_kernels *k, const gp_kernels *portable, int slot, ptrdiff_t rows, ptrdiff_t cols,
                    int lanes) {
  ptrdiff_t n = rows * cols * lanes;
  size_t bytes = (size_t)n * k->size;
  void *z = guarded_array(0, bytes), *h = guarded_array(1, bytes), *d = guarded_array(2, bytes);
  void *bias = guarded_array(3, (size_t)(rows * lanes) * k->size);
  void *params = guarded_array(4, (size_t)(GP_ACT_PARAMS_MAX * lanes) * k->size);
  static double before[COUNT];
  fill(k, z, n, (int)n);
  fill(k, bias, rows * lanes, 5);
  for (int i = 0; i < lanes; i++) put(k->bits, params, i, 0.05 * i);
  memcpy(before, z, bytes);
  k->activate[slot](z, h, d, bias, params, rows, cols, lanes);
  for (ptrdiff_t i = 0; i < n; i++) {
    ptrdiff_t row = i / (cols * lanes), lane = i % lanes;
    double in[1] = {0}, value[1] = {0}, slope[1] = {0}, b[1] = {0}, p[GP_ACT_PARAMS_MAX] = {0};
    put(k->bits, in, 0, get(k->bits, before, i));
    put(k->bits, b, 0, get(k->bits, bias, row * lanes + lane));
    put(k->bits, p, 0, get(k->bits, params, lane));
    portable->activate[slot](in, value, slope, b, p, 1, 1, 1);
    const double got[] = {get(k->bits, z, i), get(k->bits, h, i), get(k->bits, d, i)};
    const double wanted[] = {get(k->bits, in, 0), get(k->bits, value, 0), get(k->bits, slope, 0)};
    for (int j = 0; j < 3; j++)
      cr_assert((isnan(got[j]) && isnan(wanted[j])) || memcmp(&got[j], &wanted[j], 8) == 0,
                "slot %d on %s%d, (%td, %td) x %d, element %td: %a, portable %a", slot, k->tier, k->bits,
                rows, cols, lanes, i, got[j], wanted[j]);
  }
}

Test(activations, same_bits_on_every_tier_and_plan) {
  for (int slot = 0; slot < GP_ACT_COUNT; slot++) {
    for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
      for (int bits = 32; bits <= 64 && (*tier)->supported(); bits += 32) {
        const gp_kernels *k = table_of(*tier, bits), *portable = table_of(gp_tier_find("portable"), bits);
        for (ptrdiff_t cols = 1; cols <= 35; cols++) compare(k, portable, slot, 2, cols, 1);
        for (ptrdiff_t cols = 1; cols <= 5; cols++) compare(k, portable, slot, 3, cols, LANES_MAX);
      }
    }
  }
}
