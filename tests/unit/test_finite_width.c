/* The exact laws of finite ReLU nets: published numbers, closed forms of tiny layers, and a simulation of the
 * definition that shares nothing with the sums over degrees of freedom. */
#include <criterion/criterion.h>
#include <math.h>

#include "activation.h"
#include "finite_width.h"
#include "rng.h"

static double dead(int64_t width, size_t depth) {
  int64_t widths[64] = {0};
  for (size_t l = 0; l < depth; l++) widths[l] = width;
  return gp_dead_probability(widths, depth);
}

/* SCIENCE section 4 gives four decimals. */
Test(finite_width, dead_at_birth_as_published) {
  cr_assert_float_eq(dead(2, 5), 0.7627, 5e-5);
  cr_assert_float_eq(dead(2, 10), 0.9437, 5e-5);
  cr_assert_float_eq(dead(3, 5), 0.4871, 5e-5);
  cr_assert_float_eq(dead(3, 10), 0.7369, 5e-5);
}

Test(finite_width, dead_at_birth_at_the_ends) {
  cr_assert_eq(dead(4, 0), 0);
  cr_assert_float_eq(dead(1, 1), 0.5, 1e-15);
  /* Wide layers: depth 2^-n to first order; 1 - (1 - 2^-60)^8 in doubles would be 0. */
  cr_assert_float_eq(dead(60, 8) / ldexp(8, -60), 1, 1e-12);
  int64_t mixed[] = {1, 2};
  cr_assert_float_eq(gp_dead_probability(mixed, 2), 1 - 0.5 * 0.75, 1e-15);
}

/* SCIENCE section 3 gives six decimals. */
Test(finite_width, log_law_as_published) {
  gp_log_law a = gp_rectifier_log_law(50, 2), b = gp_rectifier_log_law(100, 2);
  cr_assert_float_eq(a.mean, -0.051739, 5e-7);
  cr_assert_float_eq(a.variance, 0.108168, 5e-7);
  cr_assert_float_eq(b.mean, -0.025421, 5e-7);
  cr_assert_float_eq(b.variance, 0.051940, 5e-7);
}

/* One unit that is on: ln(s z^2), with E ln z^2 = -gamma - ln 2 and variance pi^2/2. Two units: K = 1 twice as likely as
 * K = 2; E ln chi^2_2 = ln 2 - gamma, variance pi^2/6. */
Test(finite_width, log_law_of_one_and_two_units) {
  const double gamma = 0.57721566490153286061, pi2 = 9.86960440108935861883;
  gp_log_law one = gp_rectifier_log_law(1, 2), two = gp_rectifier_log_law(2, 1);
  cr_assert_float_eq(one.mean, log(2) - gamma - log(2), 1e-14);
  cr_assert_float_eq(one.variance, pi2 / 2, 1e-13);
  double first = -gamma - log(2), second = log(2) - gamma, mean = (2 * first + second) / 3;
  cr_assert_float_eq(two.mean, mean - log(2), 1e-14);
  double spread = (2 * (first - mean) * (first - mean) + (second - mean) * (second - mean)) / 3;
  cr_assert_float_eq(two.variance, (2 * pi2 / 2 + pi2 / 6) / 3 + spread, 1e-13);
}

/* A gain multiplies, and a wide layer tends to variance 5/n, mean -5/(2n) (var of (2/n) X is 5/n). */
Test(finite_width, log_law_scales_and_widens) {
  gp_log_law he = gp_rectifier_log_law(20, 2), xavier = gp_rectifier_log_law(20, 1);
  cr_assert_float_eq(he.mean - xavier.mean, log(2), 1e-14);
  cr_assert_float_eq(he.variance, xavier.variance, 1e-15);
  gp_log_law wide = gp_rectifier_log_law(5000, 2);
  cr_assert_float_eq(wide.variance * 5000 / 5, 1, 1e-3);
  cr_assert_float_eq(wide.mean * 5000 / -2.5, 1, 1e-3);
  cr_assert(isnan(gp_rectifier_log_law(0, 2).mean) && isnan(gp_rectifier_log_law(3, 0).variance));
}

/* The definition, drawn: the sum of squares of those of n normals whose coin shows heads. 40,000 draws: the mean to four
 * standard errors, the variance to 5 % (its standard error is near 1 %: the law of ln is mildly skewed). */
Test(finite_width, log_law_against_draws) {
  enum { DRAWS = 40000, WIDTH = 6 };
  gp_stream stream = {11, GP_PURPOSE_TEST, 3};
  double sum = 0, squares = 0, count = 0;
  uint64_t at = 0;
  for (int i = 0; i < DRAWS; i++) {
    double x = 0;
    for (int j = 0; j < WIDTH; j++, at++) {
      double z = gp_rng_normal(stream, at);
      if (gp_rng_normal((gp_stream){12, GP_PURPOSE_TEST, 3}, at) > 0) x += z * z;
    }
    if (x == 0) continue;
    double value = log(2.0 / WIDTH * x);
    sum += value, squares += value * value, count++;
  }
  gp_log_law law = gp_rectifier_log_law(WIDTH, 2);
  double mean = sum / count, variance = squares / count - mean * mean;
  cr_assert_float_eq(mean, law.mean, 4 * sqrt(law.variance / count));
  cr_assert_float_eq(variance / law.variance, 1, 0.05);
}

/* ---- any activation ---- */

static gp_log_law law_of(const char *name, double s, double q, int64_t width) {
  gp_choice choice;
  gp_choice_set(&choice, gp_family_find(&gp_activation_family, name));
  gp_meanfield field = {.activation = &choice, .weight_variance = s};
  return gp_layer_log_law(&field, q, width);
}

/* The Laplace transform against the sum over degrees of freedom: two ways that share no step. */
Test(finite_width, layer_law_of_relu_is_the_chi_square_binomial_law) {
  static const int64_t widths[] = {1, 2, 3, 10, 50, 100, 1000};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    gp_log_law exact = gp_rectifier_log_law(widths[i], 2), made = law_of("relu", 2, 0.7, widths[i]);
    /* 1e-10: the rounding of a few hundred terms of size 30, and 5e-15 of the trapezoid rule. */
    cr_assert_float_eq(made.mean, exact.mean, 1e-10, "width %ld: %.12g", (long)widths[i],
                       made.mean - exact.mean);
    cr_assert_float_eq(made.variance, exact.variance, 1e-9, "width %ld: %.12g", (long)widths[i],
                       made.variance - exact.variance);
  }
}

/* Linear: chi-squared of n degrees of freedom; n = 2 is 2 Exp(1): E ln = -gamma, var ln = pi^2/6. */
Test(finite_width, layer_law_of_a_linear_layer) {
  gp_log_law two = law_of("linear", 1, 3, 2), four = law_of("linear", 1, 3, 4);
  cr_assert_float_eq(two.mean, -0.57721566490153286, 1e-10);
  cr_assert_float_eq(two.variance, 1.6449340668482264, 1e-9);
  /* psi(2) - ln 2 = 1 - gamma - ln 2, psi'(2) = pi^2/6 - 1 */
  cr_assert_float_eq(four.mean, 1 - 0.57721566490153286 - 0.69314718055994531, 1e-10);
  cr_assert_float_eq(four.variance, 0.6449340668482264, 1e-9);
}

/* The definition, drawn: tanh, leaky ReLU and sigmoid layers of 8 and 32 units, 40,000 layers each; three standard
 * errors (of the variance from the fourth moment, about sqrt(2/N) for nearly normal logarithms). */
Test(finite_width, layer_law_against_simulation) {
  static const char *const names[] = {"tanh", "leaky_relu", "sigmoid", "gelu"};
  enum { LAYERS = 40000 };
  for (size_t a = 0; a < 4; a++) {
    for (int64_t n = 8; n <= 32; n *= 4) {
      gp_choice choice;
      gp_choice_set(&choice, gp_family_find(&gp_activation_family, names[a]));
      gp_stream stream = {(uint64_t)(a * 100) + (uint64_t)n, GP_PURPOSE_WEIGHT, 7};
      double total = 0, square = 0, fourth = 0, z[32], d[32], sample[2] = {0};
      uint64_t index = 0;
      gp_log_law law = law_of(names[a], 1.5, 1.3, n);
      for (int i = 0; i < LAYERS; i++) {
        sample[0] = 0;
        for (int64_t u = 0; u < n; u++) z[u] = sqrt(1.3) * gp_rng_normal(stream, index++);
        gp_activation_eval(&choice, z, NULL, d, (size_t)n);
        for (int64_t u = 0; u < n; u++) sample[0] += pow(d[u] * gp_rng_normal(stream, index++), 2);
        double x = log(1.5 / (double)n * sample[0]) - law.mean;
        total += x, square += x * x, fourth += x * x * x * x;
      }
      double mean = total / LAYERS, variance = square / LAYERS - mean * mean;
      double error = sqrt((fourth / LAYERS - variance * variance) / LAYERS);
      cr_assert_leq(fabs(mean), 3 * sqrt(law.variance / LAYERS), "%s, %ld units: mean off by %g", names[a],
                    (long)n, mean);
      cr_assert_leq(fabs(variance - law.variance), 3 * error, "%s, %ld units: variance %g, law %g", names[a],
                    (long)n, variance, law.variance);
    }
  }
}
