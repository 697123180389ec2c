/* The family of activations, every item of the list: value and derivative in both precisions against textbook formulas
 * in long double, tails, NaN, infinities, kinks, the facts of the item. That all tiers and plans have the same bits is
 * test_activations' part.
 *
 * How a bound is argued: an elementary function costs at most what elementary_bounds.h says (exp 1.1, expm1 2, tanh' 4.5
 * ulp ...), every further operation half an ulp of its result, a doubling of the relative error at most where a
 * result falls just below a power of two. Where a derivative crosses 0 the ulp is that of what cancels
 * (`derivative_scale`): no formula in this precision keeps relative accuracy there. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "activation.h"
#include "kernels.h"

typedef long double wide;

/* -- formulas -- */

static wide sigmoid_w(wide z) {
  return z < 0 ? expl(z) / (1 + expl(z)) : 1 / (1 + expl(-z));
}
/* erfcl is good to a few of its 64 bits in the tail, so 0.01 ulp of a double. */
static wide normal_w(wide z) {
  return erfcl(-z / sqrtl(2)) / 2;
}
/* z^2 in long double is wrong by z^2 2^-65, which e^ turns into a relative error below 2^-55 up to z = 38. */
static wide density_w(wide z) {
  return expl(-z * z / 2) / sqrtl(2 * acosl(-1));
}
static wide gelu_tanh_u(wide z) {
  return sqrtl(8 / acosl(-1)) * (z + 0.044715L * z * z * z);
}
static wide mish_t(wide z) { /* tanh(ln(1 + e^z)) */
  wide e = expl(z < 100 ? z : 100);
  return e * (e + 2) / (e * (e + 2) + 2);
}

#define FORMULA(name, expression)                                                                            \
  static wide name(wide z, wide a) {                                                                         \
    (void)a;                                                                                                 \
    return expression;                                                                                       \
  }
FORMULA(zero_f, 0 * z)
FORMULA(one_f, 1 + 0 * z)
FORMULA(linear_f, z)
FORMULA(sign_f, z > 0 ? 1 : z < 0 ? -1 : z)
FORMULA(step_f, z > 0 ? 1 : 0)
FORMULA(sigmoid_f, sigmoid_w(z))
FORMULA(sigmoid_d, sigmoid_w(z) * sigmoid_w(-z))
FORMULA(hard_sigmoid_f, z >= 3 ? 1 : z <= -3 ? 0 : (z + 3) / 6)
FORMULA(hard_sigmoid_d, fabsl(z) < 3 ? 1 / 6.0L : 0)
FORMULA(tanh_f, tanhl(z))
FORMULA(tanh_d, 4 * sigmoid_w(2 * z) * sigmoid_w(-2 * z))
FORMULA(scaled_tanh_f, 1.7159L * tanhl(2 * z / 3))
FORMULA(scaled_tanh_d, 1.7159L * 2 / 3 * tanh_d(2 * z / 3, a))
FORMULA(hard_tanh_f, z >= 1 ? 1 : z <= -1 ? -1 : z)
FORMULA(hard_tanh_d, fabsl(z) < 1 ? 1 : 0)
FORMULA(arctan_f, atanl(z))
FORMULA(arctan_d, 1 / (1 + z * z))
FORMULA(softsign_f, z / (1 + fabsl(z)))
FORMULA(softsign_d, 1 / ((1 + fabsl(z)) * (1 + fabsl(z))))
FORMULA(erf_f, erfl(z))
FORMULA(erf_d, 2 / sqrtl(acosl(-1)) * expl(-z * z))
FORMULA(sine_f, sinl(z))
FORMULA(sine_d, cosl(z))
FORMULA(square_f, z *z)
FORMULA(square_d, 2 * z)
FORMULA(relu_f, z > 0 ? z : 0)
FORMULA(relu_d, z > 0 ? 1 : 0)
FORMULA(leaky_f, z > 0 ? z : a * z)
FORMULA(leaky_d, z > 0 ? 1 : a)
FORMULA(relu6_f, z >= 6 ? 6 : z > 0 ? z : 0)
FORMULA(relu6_d, z > 0 && z < 6 ? 1 : 0)
FORMULA(elu_f, z > 0 ? z : a * expm1l(z))
FORMULA(elu_d, z > 0 ? 1 : a * expl(z))
static const wide lambda = 1.0507009873554804934193349852946L, alpha = 1.6732632423543772848170429916717L;
FORMULA(selu_f, lambda *(z > 0 ? z : alpha * expm1l(z)))
FORMULA(selu_d, lambda *(z > 0 ? 1 : alpha * expl(z)))
FORMULA(celu_f, z > 0 ? z : a * expm1l(z / a))
FORMULA(celu_d, z > 0 ? 1 : expl(z / a))
FORMULA(gelu_f, z *normal_w(z))
FORMULA(gelu_d, normal_w(z) + z * density_w(z))
FORMULA(gelu_s, fmaxl(normal_w(z), fabsl(z) * density_w(z)))
FORMULA(gelu_tanh_f, z *sigmoid_w(gelu_tanh_u(z)))
FORMULA(gelu_tanh_bend, z *sqrtl(8 / acosl(-1)) * (1 + 3 * 0.044715L * z * z) * sigmoid_w(-gelu_tanh_u(z)))
FORMULA(gelu_tanh_d, sigmoid_w(gelu_tanh_u(z)) * (1 + gelu_tanh_bend(z, a)))
FORMULA(gelu_tanh_s, sigmoid_w(gelu_tanh_u(z)) * fmaxl(1, fabsl(gelu_tanh_bend(z, a))))
FORMULA(silu_f, z *sigmoid_w(z))
FORMULA(silu_d, sigmoid_w(z) * (1 + z * sigmoid_w(-z)))
FORMULA(silu_s, sigmoid_w(z) * fmaxl(1, fabsl(z) * sigmoid_w(-z)))
FORMULA(mish_f, z *mish_t(z))
FORMULA(mish_bend, z *(1 - mish_t(z) * mish_t(z)) * sigmoid_w(z))
FORMULA(mish_d, mish_t(z) + mish_bend(z, a))
FORMULA(mish_s, fmaxl(mish_t(z), fabsl(mish_bend(z, a))))
FORMULA(softplus_f, z > 0 ? z + log1pl(expl(-z)) : log1pl(expl(z)))

typedef struct row {
  const char *name;
  wide (*f)(wide z, wide a), (*d)(wide z, wide a);
  wide (*derivative_scale)(wide z, wide a); /* NULL: the derivative itself */
  double value_ulp, derivative_ulp;         /* bounds, in both precisions; 0: exact */
  wide low, high;                           /* limits of the value at -inf and inf */
} row;

#define INF INFINITY
/* The output forms are held to their own formula, h of the kernel: see output_forms_are_the_pathology. */
static const row rows[] = {
    {"linear", linear_f, one_f, NULL, 0, 0, -INF, INF},
    {"sign", sign_f, zero_f, NULL, 0, 0, -1, 1},
    {"step", step_f, zero_f, NULL, 0, 0, 0, 1},
    {"sigmoid", sigmoid_f, sigmoid_d, NULL, 2.5, 5, 0, 1},
    {"hard_sigmoid", hard_sigmoid_f, hard_sigmoid_d, NULL, 1.2, 0.5, 0, 1},
    {"tanh", tanh_f, tanh_d, NULL, 2.6, 4.5, -1, 1},
    {"scaled_tanh", scaled_tanh_f, scaled_tanh_d, NULL, 4, 5, -1.7159L, 1.7159L},
    {"hard_tanh", hard_tanh_f, hard_tanh_d, NULL, 0, 0, -1, 1},
    {"arctan", arctan_f, arctan_d, NULL, 2, 4.5, -1.5707963267948966L, 1.5707963267948966L},
    {"softsign", softsign_f, softsign_d, NULL, 1.6, 3.6, -1, 1},
    {"erf", erf_f, erf_d, NULL, 1.5, 2.6, -1, 1},
    {"sine", sine_f, sine_d, NULL, 1.7, 1.7, NAN, NAN},
    {"square", square_f, square_d, NULL, 0.5, 0, INF, INF},
    {"relu", relu_f, relu_d, NULL, 0, 0, 0, INF},
    {"leaky_relu", leaky_f, leaky_d, NULL, 0.5, 0, -INF, INF},
    {"relu6", relu6_f, relu6_d, NULL, 0, 0, 0, 6},
    {"elu", elu_f, elu_d, NULL, 2.6, 1.6, -1, INF},
    {"selu", selu_f, selu_d, NULL, 2.6, 2.2, -1.7580993408473768L, INF},
    {"celu", celu_f, celu_d, NULL, 2.6, 1.6, -1, INF},
    {"gelu", gelu_f, gelu_d, gelu_s, 5, 5, 0, INF},
    {"gelu_tanh", gelu_tanh_f, gelu_tanh_d, gelu_tanh_s, 4.5, 5.5, 0, INF},
    {"silu", silu_f, silu_d, silu_s, 3.6, 4.8, 0, INF},
    {"mish", mish_f, mish_d, mish_s, 4.2, 5.5, 0, INF},
    {"softplus", softplus_f, sigmoid_f, NULL, 2, 2.5, 0, INF},
    {"tanh_output_form", tanh_f, NULL, NULL, 2.6, 0, -1, 1},
    {"sigmoid_output_form", sigmoid_f, NULL, NULL, 2.5, 0, 0, 1}};
enum { ROWS = sizeof rows / sizeof *rows };

static const gp_activation *activation_at(size_t i) {
  return (const gp_activation *)(const void *)gp_activation_family.items[i];
}

static const row *row_of(const gp_activation *a) {
  for (size_t r = 0; r < ROWS; r++)
    if (strcmp(rows[r].name, a->item.name) == 0) return &rows[r];
  cr_assert_fail("no reference for %s: add a row", a->item.name);
  return NULL;
}

static int params_of(const gp_activation *a) {
  int count = 0;
  while (a->item.options != NULL && a->item.options[count].name != NULL) count++;
  return count;
}

/* -- points -- */

enum { COUNT = 1 << 15, EDGES = 24 };
static double z64[COUNT], h64[COUNT], d64[COUNT];
static float z32[COUNT], h32[COUNT], d32[COUNT];
static uint64_t state;

static uint64_t draw(void) { /* splitmix64 */
  uint64_t z = state += 0x9E3779B97F4A7C15U;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
  z = (z ^ z >> 27) * 0x94D049BB133111EBU;
  return z ^ z >> 31;
}

static double uniform(double low, double high) {
  return low + (high - low) * (double)(draw() >> 11) * 0x1p-53;
}

/* Where bodies change their formula, and what an activation might stumble over. */
static const double edges[EDGES] = {0,      1,   3,    6,    0.55, 0.41421356, 2.4142135, 0.7518,
                                    1.2785, 8,   16,   17.4, 32,   40,         89,        105,
                                    711,    746, 1024, 1e5,  1e30, 1e-30,      5e-39,     3e38};

/* Exact in float, so that both precisions are asked the same. */
static void fill(void) {
  state = 7;
  for (int i = 0; i < COUNT; i++) {
    static const double reach[] = {1, 6, 40, 800};
    double sign = i % 2 ? -1 : 1, v = uniform(-reach[i / 2 % 4], reach[i / 2 % 4]);
    if (i % 16 == 15) v = sign * exp2(uniform(-149, 127));
    if (i < 2 * EDGES) v = sign * edges[i / 2];
    z64[i] = (double)(float)v;
    z32[i] = (float)v;
  }
}

/* Error in ulps of `scale`, digits bits wide, smallest exponent `least`. */
static double ulps(double got, wide r, wide scale, int digits, int least) {
  if (isnan(got) || isnan(r)) return isnan(got) && isnan(r) ? 0 : (double)INFINITY;
  if (isinf(got) || isinf(r)) return got == (double)r ? 0 : (double)INFINITY;
  scale = fmaxl(fabsl(r), fabsl(scale));
  int exponent = scale == 0 || ilogbl(scale) < least ? least : ilogbl(scale);
  return (double)(fabsl((wide)got - r) * ldexpl(1, digits - 1 - exponent));
}

/* -- accuracy -- */

typedef struct measured {
  double value, derivative, value_at, derivative_at;
} measured;

static void keep(double error, double z, double *worst, double *at) {
  if (error > *worst || isnan(error)) *worst = error, *at = z;
}

static measured measure(const row *r, wide option, bool narrow) {
  measured m = {0, 0, 0, 0};
  int digits = narrow ? 24 : 53, least = narrow ? -126 : -1022;
  for (int i = 0; i < COUNT; i++) {
    wide z = (wide)z64[i], f = r->f(z, option);
    if (narrow && fabsl(f) > 0x1p127L) continue; /* overflows there and only there */
    keep(ulps(narrow ? (double)h32[i] : h64[i], f, 0, digits, least), z64[i], &m.value, &m.value_at);
    if (r->d == NULL) continue;
    wide d = r->d(z, option), scale = r->derivative_scale != NULL ? r->derivative_scale(z, option) : d;
    keep(ulps(narrow ? (double)d32[i] : d64[i], d, scale, digits, least), z64[i], &m.derivative,
         &m.derivative_at);
  }
  return m;
}

static void check_accuracy(const gp_activation *a, const row *r, double option) {
  const gp_tier *tier = gp_tier_find("auto");
  double p64[GP_ACT_PARAMS_MAX] = {option};
  float p32[GP_ACT_PARAMS_MAX] = {(float)option};
  tier->f64->activate[a->slot](z64, h64, d64, NULL, p64, 1, COUNT, 1);
  tier->f32->activate[a->slot](z32, h32, d32, NULL, p32, 1, COUNT, 1);
  for (int narrow = 0; narrow <= 1; narrow++) {
    if (!narrow && LDBL_MANT_DIG < 64) continue;
    measured m = measure(r, (wide)option, narrow);
    cr_log_info("%s(%g) %d: value %.3f ulp at %g, derivative %.3f ulp at %g", r->name, option,
                narrow ? 32 : 64, m.value, m.value_at, m.derivative, m.derivative_at);
    cr_expect_leq(m.value, r->value_ulp, "%s(%g) %d: value %.3f ulp at %g", r->name, option, narrow ? 32 : 64,
                  m.value, m.value_at);
    cr_expect_leq(m.derivative, r->derivative_ulp, "%s(%g) %d: derivative %.3f ulp at %g", r->name, option,
                  narrow ? 32 : 64, m.derivative, m.derivative_at);
  }
}

/* Options: the default and a power of two, which is the same number in float. */
Test(activation_family, value_and_derivative_against_formulas) {
  fill();
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = activation_at(i);
    const row *r = row_of(a);
    double preset = params_of(a) > 0 ? a->item.options[0].preset : 0;
    if (preset != 0.01) check_accuracy(a, r, preset);
    if (params_of(a) > 0) check_accuracy(a, r, 0.25);
  }
}

/* -- the ends -- */

static void evaluate(const gp_activation *a, const double *z, double *h, double *d, size_t n) {
  gp_choice choice;
  gp_choice_set(&choice, &a->item);
  gp_activation_eval(&choice, z, h, d, n);
}

/* NaN in, NaN out; the limits at infinity, where inf - inf, inf / inf and 0 inf wait, and a derivative that is not NaN. */
static void check_ends(const gp_activation *a, const row *r, const gp_kernels *k) {
  static const double ends[4] = {NAN, -INFINITY, INFINITY, -1e30};
  double preset[GP_ACT_PARAMS_MAX] = {params_of(a) > 0 ? a->item.options[0].preset : 0}, h[4], d[4];
  unsigned char params[sizeof preset], in[sizeof ends], value[sizeof h], slope[sizeof d];
  k->narrow(params, preset, GP_ACT_PARAMS_MAX, 1);
  k->narrow(in, ends, 4, 1);
  k->activate[a->slot](in, value, slope, NULL, params, 1, 4, 1);
  k->widen(h, value, 4, 1);
  k->widen(d, slope, 4, 1);
  cr_expect(isnan(h[0]), "%s of NaN is %g", r->name, h[0]);
  if (isnan(r->low)) return;
  const int digits = k->bits == 32 ? 24 : 53;
  cr_expect(ulps(h[1], r->low, 0, digits, -126) <= 1, "%s(-inf) is %g on %s", r->name, h[1], k->tier);
  cr_expect(ulps(h[2], r->high, 0, digits, -126) <= 1, "%s(inf) is %g on %s", r->name, h[2], k->tier);
  for (int i = 1; i < 4; i++) cr_expect(!isnan(d[i]), "%s' at %g on %s", r->name, ends[i], k->tier);
}

Test(activation_family, nan_and_infinities) {
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = activation_at(i);
    for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
      if (!(*tier)->supported()) continue;
      check_ends(a, row_of(a), (*tier)->f32);
      check_ends(a, row_of(a), (*tier)->f64);
    }
  }
}

/* Derivatives out of the output, as they are written, and what SCIENCE 5.3 says they get wrong in float. */
Test(activation_family, output_forms_are_the_pathology) {
  const gp_kernels *k = gp_tier_find("auto")->f32;
  static const int forms[] = {GP_ACT_tanh_output_form, GP_ACT_sigmoid_output_form};
  fill();
  for (int f = 0; f < 2; f++) {
    k->activate[forms[f]](z32, h32, d32, NULL, NULL, 1, COUNT, 1);
    for (int i = 0; i < COUNT; i++) {
      float square = h32[i] * h32[i], want = f == 0 ? 1 - square : h32[i] * (1 - h32[i]);
      cr_assert_eq(d32[i], want, "form %d at %g", f, z64[i]);
    }
  }
  float z[16] = {8, 9, 9.1F, 9.0F}, h[16], d[16], true_d[16];
  k->activate[GP_ACT_tanh_output_form](z, h, d, NULL, NULL, 1, 16, 1);
  k->activate[GP_ACT_tanh](z, h, true_d, NULL, NULL, 1, 16, 1);
  cr_assert_float_eq((double)(d[0] / true_d[0]), 1.059, 5e-4);
  cr_assert_float_eq((double)(d[1] / true_d[1]), 1.96, 5e-3);
  cr_assert(d[2] == 0 && true_d[2] > 4e-8F);
  z[0] = 17.4F, z[1] = 17.2F;
  k->activate[GP_ACT_sigmoid_output_form](z, h, d, NULL, NULL, 1, 16, 1);
  cr_assert(d[0] == 0 && d[1] > 0);
}

/* -- the facts of the items -- */

static double step_derivative(const gp_activation *a, double z, double h) {
  double at[2] = {z - h, z + h}, y[2];
  evaluate(a, at, y, NULL, 2);
  return (y[1] - y[0]) / (2 * h);
}

/* At a declared kink the slope jumps, or (softsign, elu and celu with alpha = 1) the slope's slope does: over 1e-4 the
 * second difference is then 1e-4 of order 1, while between kinks it is that of a smooth function. */
Test(activation_family, kinks_are_where_the_items_say) {
  const double h = 1e-4;
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = activation_at(i);
    for (double z = -8 + 0.03125; z < 8; z += 0.0625) { /* never on a kink */
      double d;
      evaluate(a, &z, NULL, &d, 1);
      cr_assert_float_eq(d, step_derivative(a, z, 1e-5), 1e-8 + 1e-9 * fabs(z), "%s' at %g", a->item.name, z);
    }
    cr_assert_eq(a->kinks == NULL, a->smoothness == 2, "%s", a->item.name);
    for (const double *kink = a->kinks; kink != NULL && !isnan(*kink); kink++) {
      double z[] = {*kink - 2 * h, *kink - h, *kink, *kink + h, *kink + 2 * h}, d[5], y[5];
      evaluate(a, z, y, d, 5);
      double jump = fabs(y[4] - 2 * y[2] + y[0]) / (4 * h * h),
             bend = fabs((d[4] - d[3]) - (d[1] - d[0])) / h;
      cr_assert(fabs(y[3] - y[1]) > 0.5 || jump > 100 || bend > 0.4, "%s has no kink at %g: %g %g",
                a->item.name, *kink, jump, bend);
    }
  }
}

/* slope_max is the largest |phi'| on a grid of 2^-10, whose distance to the top costs (2^-11)^2 phi'''/2 < 2e-7. */
Test(activation_family, facts_hold) {
  enum { GRID = 1 << 15 };
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = activation_at(i);
    double largest = 0, tallest = 0, pair[] = {1.5, 12, -1.5, -12}, y[4];
    for (int k = 0; k < GRID; k++) {
      double z = (k - GRID / 2) * 0x1p-10, h, d;
      evaluate(a, &z, &h, &d, 1);
      largest = fmax(largest, fabs(d));
      tallest = fmax(tallest, fabs(h));
    }
    if (!isnan(a->slope_max))
      cr_expect(largest <= a->slope_max * (1 + 1e-15) && largest > a->slope_max - 1e-6,
                "%s: %.17g, not %.17g", a->item.name, largest, a->slope_max);
    else
      cr_expect(largest == 0 || largest > 16 || params_of(a) > 0, "%s has a largest slope", a->item.name);
    if (a->bounded) cr_expect_lt(tallest, 2, "%s", a->item.name);
    evaluate(a, pair, y, NULL, 4);
    bool scales = y[1] == 8 * y[0] && y[3] == 8 * y[2];
    cr_expect_eq(scales, a->homogeneous, "%s", a->item.name);
  }
}

/* A kernel reads as many numbers as its item has options: NaN in place of each is seen, and one past the last is not. */
Test(activation_family, every_option_is_a_parameter) {
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = activation_at(i);
    const gp_kernels *k = gp_tier_find("auto")->f64;
    cr_assert_leq(params_of(a), GP_ACT_PARAMS_MAX);
    for (int p = 0; p < GP_ACT_PARAMS_MAX; p++) {
      double params[GP_ACT_PARAMS_MAX] = {0.5, 0.5, 0.5, 0.5}, z[8], h[8], d[8];
      for (int j = 0; j < 8; j++) z[j] = -1;
      params[p] = NAN;
      k->activate[a->slot](z, h, d, NULL, params, 1, 8, 1);
      cr_assert_eq(isnan(h[0]), p < params_of(a), "%s, parameter %d", a->item.name, p);
    }
  }
}
