/* Closed forms of theory, each against another way to the same number: iterated maps, integrals, published values. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "activation.h"
#include "critical.h"
#include "deep_linear_law.h"
#include "hermite.h"
#include "jacobian_law.h"
#include "meanfield.h"
#include "quadrature.h"
#include "stability.h"

/* ---- stability: the recurrence itself, iterated on w' = lambda w with lambda = 1 ---- */

typedef enum method { HEAVY_BALL, NESTEROV, AVERAGED } method;

static bool grows(method m, double eta, double beta) {
  double w = 1, v = 0;
  for (int i = 0; i < 20000; i++) {
    double g = m == NESTEROV ? w + beta * v : w;
    v = m == AVERAGED ? beta * v + (1 - beta) * g : beta * v - eta * g;
    w += m == AVERAGED ? -eta * v : v;
    if (fabs(w) > 1e6) return true;
  }
  return false;
}

Test(closed_forms, stability_thresholds) {
  static const struct {
    const char *name;
    method m;
  } cases[] = {{"sgd", HEAVY_BALL}, {"heavy_ball", HEAVY_BALL}, {"nesterov", NESTEROV}, {"adam", AVERAGED}};
  for (size_t c = 0; c < 4; c++)
    for (double beta = 0; beta < 0.95; beta += 0.3) {
      double threshold = gp_stability_threshold(cases[c].name, beta);
      /* 0.5 % on either side grows by 1e6 well within 20,000 steps, or does not. */
      cr_assert(grows(cases[c].m, 1.005 * threshold, beta), "%s, beta %g", cases[c].name, beta);
      cr_assert(!grows(cases[c].m, 0.995 * threshold, beta), "%s, beta %g", cases[c].name, beta);
    }
  cr_assert_float_eq(gp_stability_threshold("adam", 0.9), 38, 1e-12);
  cr_assert(isnan(gp_stability_threshold("lion", 0.9)));
}

/* ---- Jacobian spectra ---- */

Test(closed_forms, jacobian_density_has_its_moments) {
  for (size_t layers = 1; layers <= 6; layers++) {
    enum { POINTS = 20000 };
    double total = 0, mean = 0, square = 0, edge = gp_jacobian_edge(layers), most = 0;
    double end = acos(-1) / (double)(layers + 1), high = edge, unused;
    for (int i = 0; i < POINTS; i++) {
      double middle, p, low = 0;
      gp_jacobian_density(layers, end * (i + 0.5) / POINTS, &middle, &p);
      if (i + 1 < POINTS) gp_jacobian_density(layers, end * (i + 1) / POINTS, &low, &unused);
      total += (high - low) * p, mean += (high - low) * p * middle,
          square += (high - low) * p * middle * middle;
      most = fmax(most, middle);
      high = low;
    }
    /* The rule of midpoints: the panel at 0, where p grows like t^-L, is taken for up to 2^(L+1) of its true 1/POINTS. */
    cr_assert_float_eq(total, 1, pow(2, (double)layers + 1) / POINTS, "%zu: %g", layers, total);
    cr_assert_float_eq(mean, 1, 1e-4, "%zu: %g", layers, mean);
    cr_assert_float_eq(square - mean * mean, gp_jacobian_spread(layers, 0, 1, false), 2e-3, "%zu", layers);
    cr_assert_float_eq(most / edge, 1, 1e-6, "%zu", layers);
  }
  /* SCIENCE section 4: 2 L - 1 Gaussian, L - 1 orthogonal; masked output 2 L and L. */
  cr_assert_eq(gp_jacobian_spread(5, 4, 2, false), 9);
  cr_assert_eq(gp_jacobian_spread(5, 4, 2, true), 4);
  cr_assert_eq(gp_jacobian_spread(5, 5, 2, false), 10);
}

/* ---- deep linear nets ---- */

Test(closed_forms, saxe_curve_is_the_limit_of_small_steps) {
  double a = 0.1, u0 = a * a;
  for (int64_t steps = 1000; steps <= 50000; steps += 7000) {
    double eta = 1e-4, u = gp_deep_linear_map(a, 2, 1, eta, steps);
    /* Euler's steps lag by eta t relative in the exponent. */
    cr_assert_float_eq(u * u / gp_saxe_curve(u0, 1, eta * (double)steps), 1,
                       3 * eta * eta * (double)steps + 1e-9);
  }
  cr_assert_eq(gp_saxe_curve(0.01, 1.5, 1e6), 1.5);
}

Test(closed_forms, plateau_times) {
  /* L = 2: u from u0 to a half at t = ln(1/u0 - 1) / 2; L = 1: a from a0 at t = ln((1 - a0) / (1 - share)). */
  for (double a = 0.05; a < 0.6; a *= 1.7) {
    cr_assert_float_eq(gp_plateau_time(a, 2, 0.5), log(1 / (a * a) - 1) / 2, 1e-9);
    cr_assert_float_eq(gp_plateau_time(a / 2, 1, 0.5), log((1 - a / 2) / 0.5), 1e-9);
  }
}

/* ---- the critical line ---- */

static gp_choice choice_of(const char *name) {
  gp_choice choice;
  gp_choice_set(&choice, gp_family_find(&gp_activation_family, name));
  return choice;
}

static gp_critical_point critical(const char *name, double bias) {
  static gp_choice choice;
  choice = choice_of(name);
  gp_meanfield field = {.activation = &choice, .bias_variance = bias};
  return gp_critical_point_of(&field);
}

Test(closed_forms, critical_points) {
  /* SCIENCE section 3: tanh at sigma_b^2 = 0.05 is critical at 1.760955 with q* = 0.570048. */
  cr_assert_float_eq(critical("tanh", 0.05).weight_variance, 1.760955, 1e-6);
  cr_assert_float_eq(critical("tanh", 0.05).q, 0.570048, 1e-6);
  /* Without biases 1 / phi'(0)^2; ReLU: 2, leaky ReLU: 2 / (1 + slope^2). */
  cr_assert_float_eq(critical("tanh", 0).weight_variance, 1, 1e-6);
  cr_assert_float_eq(critical("erf", 0).weight_variance, acos(-1) / 4, 1e-6);
  cr_assert_float_eq(critical("relu", 0).weight_variance, 2, 1e-9);
  cr_assert_float_eq(critical("leaky_relu", 0).weight_variance, 2 / (1 + 1e-4), 1e-9);
  cr_assert(isnan(critical("relu", 0.1).weight_variance), "a ReLU net with biases grows");
}

/* erf: chi_1 = 4 s / (pi sqrt(1 + 4q)) = 1 gives s, and q = s (2/pi) asin(2q/(1+2q)) + b the biases: the same point. */
Test(closed_forms, critical_line_of_erf) {
  for (double bias = 0.01; bias < 3; bias *= 3) {
    gp_critical_point p = critical("erf", bias);
    double s = acos(-1) / 4 * sqrt(1 + 4 * p.q);
    cr_assert_float_eq(p.weight_variance, s, 1e-9 * s);
    cr_assert_float_eq(s * 2 / acos(-1) * asin(2 * p.q / (1 + 2 * p.q)) + bias, p.q, 1e-8 * p.q);
  }
}

/* ---- Hermite series ---- */

static void series_of(gp_hermite *out, const char *name, double q, bool slope, bool squared) {
  static double z[GP_GAUSS_ROOM], weight[GP_GAUSS_ROOM], x[GP_GAUSS_ROOM], y[GP_GAUSS_ROOM];
  gp_choice choice = choice_of(name);
  size_t n = gp_gauss_rule(sqrt(q), ((const gp_activation *)(const void *)choice.item)->kinks, z, weight,
                           GP_GAUSS_ROOM);
  for (size_t i = 0; i < n; i++) x[i] = sqrt(q) * z[i];
  gp_activation_eval(&choice, x, slope ? NULL : y, slope ? y : NULL, n);
  for (size_t i = 0; squared && i < n; i++) y[i] *= y[i];
  gp_hermite_make(out, z, weight, y, n);
}

Test(closed_forms, hermite_pairs_are_arc_cosine_and_arc_sine_kernels) {
  gp_hermite relu, step, erf_;
  series_of(&relu, "relu", 1, false, false), series_of(&step, "relu", 1, true, false);
  series_of(&erf_, "erf", 0.7, false, false);
  double pi = acos(-1);
  for (double c = -0.75; c <= 1; c += 0.125) {
    /* 32 terms: 1e-4 for a kink, 1e-2 for a step next to c = 1 (and exact there), rounding for a smooth function. */
    cr_assert_float_eq(gp_hermite_pair(&relu, &relu, c), (sqrt(1 - c * c) + c * (pi - acos(c))) / (2 * pi),
                       1e-4);
    cr_assert_float_eq(gp_hermite_pair(&step, &step, c), (pi - acos(c)) / (2 * pi), 1e-2, "c = %g: %g", c,
                       gp_hermite_pair(&step, &step, c));
    cr_assert_float_eq(gp_hermite_pair(&erf_, &erf_, c), 2 / pi * asin(2 * c * 0.7 / (1 + 2 * 0.7)), 1e-6);
  }
  cr_assert_float_eq(gp_hermite_pair(&step, &step, 1), 0.5, 1e-12);
}

/* Derivatives in q against differences, for a smooth and a kinked function. */
Test(closed_forms, hermite_derivatives) {
  static const char *const names[] = {"tanh", "relu", "gelu", "hard_tanh"};
  for (size_t a = 0; a < 4; a++) {
    gp_choice choice = choice_of(names[a]);
    gp_meanfield field = {.activation = &choice, .weight_variance = 1};
    gp_hermite square;
    series_of(&square, names[a], 1.3, false, true);
    double h = 1e-3, low = gp_meanfield_moment(&field, 1.3 - h), high = gp_meanfield_moment(&field, 1.3 + h),
           here = gp_meanfield_moment(&field, 1.3);
    cr_assert_float_eq(gp_hermite_slope(&square, 1.3), (high - low) / (2 * h), 1e-6, "%s", names[a]);
    cr_assert_float_eq(gp_hermite_bend(&square, 1.3), (high - 2 * here + low) / (h * h), 1e-5, "%s",
                       names[a]);
  }
}
