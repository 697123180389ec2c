/* Mean-field theory against the published table (SCIENCE section 3), closed forms, and a brute-force
 * trapezoid in long double that shares nothing with the library: neither its quadrature, nor its elementary
 * functions, nor its way to the fixed point. The activations are the test's own (libm), so that theory is
 * tested apart from the network. */
#include <criterion/criterion.h>
#include <math.h>

#include "activation.h"
#include "correlation.h"
#include "meanfield.h"
#include "prediction.h"
#include "quadrature.h"

typedef struct subject {
  gp_activation activation;
  long double (*value)(long double), (*slope)(long double);
} subject;

static long double tanh_slope(long double z) {
  return 1 / (coshl(z) * coshl(z));
}
static long double erf_slope(long double z) {
  return 2 / sqrtl(acosl(-1)) * expl(-z * z);
}
static long double sigmoid_value(long double z) {
  return 1 / (1 + expl(-z));
}
static long double sigmoid_slope(long double z) {
  return sigmoid_value(z) * sigmoid_value(-z);
}
static long double relu_value(long double z) {
  return z > 0 ? z : 0;
}
static long double relu_slope(long double z) {
  return z > 0 ? 1 : 0;
}
static long double clip_value(long double z) {
  return z > 1 ? 1 : z < -1 ? -1 : z;
}
static long double clip_slope(long double z) {
  return z > 1 || z < -1 ? 0 : 1;
}
static long double line_value(long double z) {
  return z;
}
static long double line_slope(long double z) {
  return (void)z, 1;
}

static const double at_zero[] = {0, NAN}, at_ones[] = {-1, 1, NAN};
static const subject tanh_subject = {{.item = {.name = "tanh"}}, tanhl, tanh_slope};
static const subject erf_subject = {{.item = {.name = "erf"}}, erfl, erf_slope};
static const subject sigmoid_subject = {{.item = {.name = "sigmoid"}}, sigmoid_value, sigmoid_slope};
static const subject relu_subject = {{.item = {.name = "relu"}, .kinks = at_zero}, relu_value, relu_slope};
static const subject clip_subject = {{.item = {.name = "clip"}, .kinks = at_ones}, clip_value, clip_slope};
static const subject line_subject = {{.item = {.name = "linear"}}, line_value, line_slope};

static void subject_phi(const gp_choice *choice, const double *z, double *h, double *d, size_t n) {
  const subject *s = (const subject *)choice->item;
  for (size_t i = 0; i < n; i++) {
    if (h != NULL) h[i] = (double)s->value(z[i]);
    if (d != NULL) d[i] = (double)s->slope(z[i]);
  }
}

static gp_choice choice_of(const subject *s) {
  return (gp_choice){.item = &s->activation.item};
}

/* Trapezoid over [-14, 14]: for an analytic integrand its error is exponentially small in 1/h. */
static long double brute(long double (*f)(long double), long double q) {
  enum { POINTS = 4001 };
  long double h = 28.0L / (POINTS - 1), sum = 0;
  for (int i = 0; i < POINTS; i++) {
    long double z = -14 + h * i, y = f(sqrtl(q) * z);
    sum += y * y * expl(-z * z / 2);
  }
  return h * sum / sqrtl(2 * acosl(-1));
}

static long double brute_fixed_point(const subject *s, long double weight, long double bias) {
  long double q = 1, before = 2;
  for (int i = 0; i < 400 && fabsl(q - before) > 1e-15L; i++) {
    before = q;
    q = weight * brute(s->value, q) + bias;
  }
  return q;
}

Test(meanfield, legendre_rule_is_exact_for_polynomials) {
  double node[GP_QUADRATURE_NODES], weight[GP_QUADRATURE_NODES];
  gp_legendre_rule(node, weight);
  /* n nodes integrate x^k exactly up to k = 2n - 1; 1e-14 is the rounding of 20 terms below 1. */
  for (int k = 0; k < 2 * GP_QUADRATURE_NODES; k++) {
    double sum = 0;
    for (int i = 0; i < GP_QUADRATURE_NODES; i++) sum += weight[i] * pow(node[i], k);
    cr_assert_float_eq(sum, k % 2 ? 0 : 2.0 / (k + 1), 1e-14, "x^%d: %.17g", k, sum);
  }
}

Test(meanfield, averages_agree_with_brute_force) {
  static const subject *const smooth[] = {&tanh_subject, &erf_subject, &sigmoid_subject, &line_subject};
  static const double lengths[] = {0, 1e-8, 0.01, 0.3, 1, 4, 25};
  for (size_t s = 0; s < 4; s++) {
    gp_choice choice = choice_of(smooth[s]);
    gp_meanfield field = {.activation = &choice, .weight_variance = 1.7, .phi = subject_phi};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
      double q = lengths[i];
      double value = (double)brute(smooth[s]->value, q), slope = (double)brute(smooth[s]->slope, q);
      /* 1e-12 relative: a thousand roundings; the contract says 1e-9. */
      cr_assert(fabs(gp_meanfield_moment(&field, q) - value) <= 1e-12 * value, "%s at %g", choice.item->name,
                q);
      cr_assert(fabs(gp_meanfield_chi(&field, q) - 1.7 * slope) <= 1e-12 * 1.7 * slope, "%s' at %g",
                choice.item->name, q);
    }
  }
}

/* A narrow peak under a wide Gaussian: E[phi'(sqrt(q) z)^2] for a saturating phi and q up to 1e8 tends to
 * (2 pi q)^(-1/2) times the integral of phi'^2, which is 4/3 for tanh (correction of order 1/q). */
Test(meanfield, very_long_inputs) {
  gp_choice choice = choice_of(&tanh_subject);
  gp_meanfield field = {.activation = &choice, .weight_variance = 1, .phi = subject_phi};
  double q = 1e8, wanted = 4.0 / 3 / sqrt(2 * acos(-1) * q);
  cr_assert_float_eq(gp_meanfield_slope_moment(&field, q) / wanted, 1, 1e-7);
}

Test(meanfield, kinked_functions_match_closed_forms) {
  gp_choice relu = choice_of(&relu_subject), clip = choice_of(&clip_subject);
  gp_meanfield rectifier = {.activation = &relu, .weight_variance = 2, .phi = subject_phi};
  gp_meanfield clipped = {.activation = &clip, .weight_variance = 1, .phi = subject_phi};
  for (double q = 1e-6; q < 1e4; q *= 7) {
    cr_assert_float_eq(gp_meanfield_length(&rectifier, q) / q, 1, 1e-12);
    cr_assert_float_eq(gp_meanfield_chi(&rectifier, q), 1, 1e-12);
    /* Hard tanh: P(|x| < 1) = erf(a / sqrt 2), a = 1/sqrt q; E = q (P - 2 a pdf(a)) + (1 - P). */
    double a = 1 / sqrt(q), inside = erf(a / sqrt(2)), density = exp(-a * a / 2) / sqrt(2 * acos(-1));
    cr_assert_float_eq(gp_meanfield_chi(&clipped, q), inside, 1e-12);
    /* erfc, not 1 - erf, and its own tolerance: q (P - 2 a pdf) cancels to a^3 for large q. */
    double second = q * (inside - 2 * a * density) + erfc(a / sqrt(2));
    cr_assert_float_eq(gp_meanfield_moment(&clipped, q), second, 1e-11);
  }
}

typedef struct table_row {
  double weight, q, chi, c, depth;
} table_row;

/* SCIENCE section 3, tanh, sigma_b^2 = 0.05. */
static const table_row tanh_table[] = {
    {0.5, 0.087580, 0.431987, 1, 1.1914},         {1.0, 0.193593, 0.759032, 1, 3.6270},
    {1.5, 0.418037, 0.938636, 1, 15.7910},        {1.760955, 0.570048, 1, 1, INFINITY},
    {2.0, 0.721762, 1.047666, 0.744082, 25.2134}, {2.5, 1.063958, 1.133516, 0.446804, 11.7956},
    {4.0, 2.195494, 1.342402, 0.165065, 6.9803}};

Test(meanfield, tanh_table_is_reproduced) {
  gp_choice choice = choice_of(&tanh_subject);
  for (size_t i = 0; i < sizeof tanh_table / sizeof *tanh_table; i++) {
    const table_row *row = &tanh_table[i];
    gp_meanfield field = {
        .activation = &choice, .weight_variance = row->weight, .bias_variance = 0.05, .phi = subject_phi};
    double q = gp_meanfield_fixed_point(&field);
    cr_assert_float_eq(q, row->q, 1e-6, "q* at %g: %.9g", row->weight, q);
    cr_assert_float_eq(gp_meanfield_chi(&field, q), row->chi, 1e-6, "chi_1 at %g", row->weight);
    /* The iteration of the reference stops at 1e-15, so both agree to about 1e-14 / (1 - slope). */
    cr_assert_float_eq(q, (double)brute_fixed_point(&tanh_subject, row->weight, 0.05L), 1e-12);
  }
}

/* Midpoint sums of the library's own activations: they know nothing of kinks, so a kink that is missing from the table
 * shows. Cells are 2e-4 wide and q is 1 or 4, which puts every kink at a multiple of 1/2 (and those at 0, 1, 3, 6 all
 * are) on a cell's edge: the error is of order h^2 f'' / 24, below 1e-7 of the average. */
Test(meanfield, every_activation_of_the_family, .timeout = 60) {
  enum { CELLS = 100000, PIECE = 1000 };
  for (const gp_item *const *item = gp_activation_family.items; *item != NULL; item++) {
    gp_choice choice;
    gp_choice_set(&choice, *item);
    gp_meanfield field = {.activation = &choice, .weight_variance = 1};
    for (double q = 1; q <= 4; q += 3) {
      double value = 0, slope = 0, z[PIECE], x[PIECE], h[PIECE], d[PIECE];
      for (int i = 0; i < CELLS; i += PIECE) {
        for (int j = 0; j < PIECE; j++) z[j] = (i + j + 0.5 - CELLS / 2) * 2e-4, x[j] = sqrt(q) * z[j];
        gp_activation_eval(&choice, x, h, d, PIECE);
        for (int j = 0; j < PIECE; j++) {
          double weight = 2e-4 * exp(-z[j] * z[j] / 2) / sqrt(2 * acos(-1));
          value += weight * h[j] * h[j], slope += weight * d[j] * d[j];
        }
      }
      cr_assert_float_eq(gp_meanfield_moment(&field, q), value, 1e-7 * value + 1e-15, "%s at %g",
                         (*item)->name, q);
      cr_assert_float_eq(gp_meanfield_slope_moment(&field, q), slope, 1e-7 * slope + 1e-15, "%s' at %g",
                         (*item)->name, q);
    }
  }
}

Test(meanfield, tanh_correlations_are_reproduced) {
  gp_choice choice = choice_of(&tanh_subject);
  for (size_t i = 0; i < sizeof tanh_table / sizeof *tanh_table; i++) {
    const table_row *row = &tanh_table[i];
    gp_meanfield field = {
        .activation = &choice, .weight_variance = row->weight, .bias_variance = 0.05, .phi = subject_phi};
    double q = gp_meanfield_fixed_point(&field), depth = gp_meanfield_correlation_depth(&field, q);
    cr_assert_float_eq(gp_meanfield_correlation_fixed_point(&field, q), row->c, 1e-6, "c* at %g",
                       row->weight);
    /* The table rounds to four decimals. */
    cr_assert(isinf(row->depth) ? isinf(depth) : fabs(depth - row->depth) < 6e-5, "xi_c at %g: %.9g",
              row->weight, depth);
    cr_assert_float_eq(gp_meanfield_correlation(&field, q, 1), 1, 1e-11);
  }
}

Test(meanfield, relu_correlation_is_the_arc_cosine_kernel) {
  /* Cho and Saul 2009: E[relu(u) relu(v)] = q (sqrt(1 - c^2) + c (pi - acos c)) / (2 pi); derivative (pi -
   * acos c) / (2 pi). */
  gp_choice choice = choice_of(&relu_subject);
  gp_meanfield field = {.activation = &choice, .weight_variance = 2, .phi = subject_phi};
  double pi = acos(-1);
  for (double c = 0; c <= 1; c += 0.125) {
    double wanted = (sqrt(1 - c * c) + c * (pi - acos(c))) / pi;
    cr_assert_float_eq(gp_meanfield_correlation(&field, 0.7, c), wanted, 1e-9, "c = %g", c);
    /* The kink of the inner average is smoothed over sqrt(1 - c^2) only: six digits are asked of the slope.
     */
    cr_assert_float_eq(gp_meanfield_correlation_slope(&field, 0.7, c), (pi - acos(c)) / pi, 1e-6, "c = %g",
                       c);
  }
}

Test(meanfield, erf_numbers_are_reproduced) {
  static const double wanted[][3] = {{1, 0.28842669, 0.86759458}, {2, 0.96595481, 1.15465277}};
  gp_choice choice = choice_of(&erf_subject);
  for (size_t i = 0; i < 2; i++) {
    gp_meanfield field = {
        .activation = &choice, .weight_variance = wanted[i][0], .bias_variance = 0.05, .phi = subject_phi};
    double q = gp_meanfield_fixed_point(&field);
    /* Closed form (Williams 1997): E[erf^2] = 2/pi asin(2q/(1+2q)), E[erf'^2] = 4 / (pi sqrt(1 + 4q)). */
    double length = wanted[i][0] * 2 / acos(-1) * asin(2 * q / (1 + 2 * q)) + 0.05;
    cr_assert_float_eq(q, wanted[i][1], 1e-8);
    cr_assert_float_eq(length, q, 1e-12);
    cr_assert_float_eq(gp_meanfield_chi(&field, q), wanted[i][2], 1e-8);
    cr_assert_float_eq(gp_meanfield_chi(&field, q), wanted[i][0] * 4 / (acos(-1) * sqrt(1 + 4 * q)), 1e-12);
  }
}

/* -- the library's own activations -- */

static gp_choice item_choice(const char *name) {
  gp_choice choice;
  const gp_item *item = gp_family_find(&gp_activation_family, name);
  cr_assert_not_null(item, "%s", name);
  gp_choice_set(&choice, item);
  return choice;
}

/* The same numbers as erf_numbers_are_reproduced, by the item. */
Test(meanfield, erf_of_the_family) {
  static const double wanted[][3] = {{1, 0.28842669, 0.86759458}, {2, 0.96595481, 1.15465277}};
  gp_choice choice = item_choice("erf");
  for (size_t i = 0; i < 2; i++) {
    gp_meanfield field = {.activation = &choice, .weight_variance = wanted[i][0], .bias_variance = 0.05};
    double q = gp_meanfield_fixed_point(&field);
    cr_assert_float_eq(q, wanted[i][1], 1e-8);
    cr_assert_float_eq(gp_meanfield_chi(&field, q), wanted[i][2], 1e-8);
  }
}

/* The table of SCIENCE section 3 once more, by the library's own tanh. */
Test(meanfield, tanh_of_the_family) {
  gp_choice choice = item_choice("tanh");
  for (size_t i = 0; i < sizeof tanh_table / sizeof *tanh_table; i++) {
    const table_row *row = &tanh_table[i];
    gp_meanfield field = {.activation = &choice, .weight_variance = row->weight, .bias_variance = 0.05};
    double q = gp_meanfield_fixed_point(&field), depth = gp_meanfield_correlation_depth(&field, q);
    cr_expect_float_eq(q, row->q, 1e-6);
    cr_expect_float_eq(gp_meanfield_chi(&field, q), row->chi, 1e-6);
    cr_expect_float_eq(gp_meanfield_correlation_fixed_point(&field, q), row->c, 1e-6);
    cr_expect(isinf(row->depth) ? isinf(depth) : fabs(depth - row->depth) < 6e-5, "xi_c at %g: %.9g",
              row->weight, depth);
  }
}

/* The slope of the length map by differences of the map, smooth and kinked; xi_q by letting a deviation shrink. */
Test(meanfield, length_depth) {
  static const struct {
    const char *name;
    double weight, bias;
  } cases[] = {{"tanh", 2, 0.05},      {"tanh", 1.2, 0.3}, {"relu", 1.5, 0.1}, {"sigmoid", 4, 0.1},
               {"hard_tanh", 2, 0.05}, {"gelu", 1.5, 0.2}, {"selu", 1, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gp_choice choice = item_choice(cases[i].name);
    gp_meanfield field = {
        .activation = &choice, .weight_variance = cases[i].weight, .bias_variance = cases[i].bias};
    double q = gp_meanfield_fixed_point(&field), h = 1e-4 * q;
    double slope = (gp_meanfield_length(&field, q + h) - gp_meanfield_length(&field, q - h)) / (2 * h);
    cr_expect_float_eq(gp_meanfield_length_slope(&field, q), slope, 1e-7, "%s: %.9g, %.9g", cases[i].name,
                       gp_meanfield_length_slope(&field, q), slope);
    double off = 1e-3 * q, at = q + off;
    for (int l = 0; l < 3; l++) at = gp_meanfield_length(&field, at);
    double rate = -log(fabs(at - q) / off) / 3;
    cr_expect_float_eq(1 / gp_meanfield_length_depth(&field, q), rate, 2e-3 * fabs(rate) + 1e-4, "%s",
                       cases[i].name);
  }
  gp_choice relu = item_choice("relu"), linear = item_choice("linear");
  gp_meanfield keeps = {.activation = &relu, .weight_variance = 2};
  cr_expect(isinf(gp_meanfield_length_depth(&keeps, 1)));
  cr_expect_float_eq(gp_meanfield_length_slope(&keeps, 0), 1, 1e-12);
  cr_expect_float_eq(gp_meanfield_slope_kurtosis(&keeps, 0.3), 2, 1e-12);
  keeps.activation = &linear;
  cr_expect_float_eq(gp_meanfield_slope_kurtosis(&keeps, 3), 1, 1e-12);
}

static void item_value(const void *context, const double *x, double *y, size_t n) {
  gp_activation_eval(context, x, y, NULL, n);
}

/* SCIENCE section 4: mean 0 and variance 1 are fixed, and a deviation of the variance shrinks by 0.7826 per layer. The
 * constants are those of Klambauer et al. 2017 to 16 digits, so both hold to the quadrature's 1e-12. */
Test(meanfield, selu_keeps_mean_and_variance) {
  gp_choice choice = item_choice("selu");
  const double kink[] = {0, NAN}, step = 1e-4;
  gp_meanfield field = {.activation = &choice, .weight_variance = 1};
  cr_assert_float_eq(gp_gauss_mean(item_value, &choice, 0, 1, kink), 0, 1e-12);
  cr_assert_float_eq(gp_meanfield_length(&field, 1), 1, 1e-12);
  double shrink =
      (gp_meanfield_length(&field, 1 + step) - gp_meanfield_length(&field, 1 - step)) / (2 * step);
  cr_assert_float_eq(shrink, 0.7826, 5e-5, "%.9g", shrink);
  cr_assert_float_eq(gp_meanfield_fixed_point(&field), 1, 1e-11);
}

/* E[phi] of odd functions is 0; E[relu6] and E[hard_tanh^2] would miss the quadrature's 1e-12 if a kink were not
 * named: closed forms from the normal density g and distribution P, at scale 4. */
Test(meanfield, kinks_of_the_family_reach_the_quadrature) {
  gp_choice relu6 = item_choice("relu6"), clip = item_choice("hard_tanh");
  const double s = 4, a = 6 / s, b = 1 / s, pi = acos(-1);
  double mean6 = s * (1 - exp(-a * a / 2)) / sqrt(2 * pi) + 6 * erfc(a / sqrt(2)) / 2;
  double inside = erf(b / sqrt(2)), density = exp(-b * b / 2) / sqrt(2 * pi);
  cr_assert_float_eq(gp_gauss_mean(item_value, &relu6, 0, s, ((const gp_activation *)relu6.item)->kinks),
                     mean6, 1e-11);
  gp_meanfield field = {.activation = &clip, .weight_variance = 1};
  cr_assert_float_eq(gp_meanfield_moment(&field, s * s), s * s * (inside - 2 * b * density) + 1 - inside,
                     1e-11);
}

static double factor(const subject *s, double weight) {
  gp_choice choice = choice_of(s);
  gp_meanfield field = {.activation = &choice, .weight_variance = weight, .phi = subject_phi};
  return sqrt(gp_meanfield_chi(&field, gp_meanfield_fixed_point(&field)));
}

Test(meanfield, factors_per_layer) {
  cr_assert_float_eq(factor(&sigmoid_subject, 1), 0.236, 5e-4);
  cr_assert_float_eq(pow(factor(&sigmoid_subject, 1), 2), 0.0557, 5e-5);
  cr_assert_float_eq(factor(&sigmoid_subject, 2), 0.318, 5e-4);
  cr_assert_float_eq(factor(&relu_subject, 1), 1 / sqrt(2), 1e-12);
  cr_assert_float_eq(factor(&relu_subject, 2), 1, 1e-12);
  cr_assert_float_eq(factor(&tanh_subject, 1), 1, 1e-6);
  cr_assert_float_eq(factor(&tanh_subject, 2), 1.051, 5e-4);
  cr_assert_float_eq(factor(&tanh_subject, 25.0 / 9), 1.0999, 5e-5);
}

Test(meanfield, fixed_points_at_the_edges) {
  gp_choice relu = choice_of(&relu_subject), tanh_ = choice_of(&tanh_subject);
  gp_meanfield field = {.activation = &relu, .weight_variance = 2, .bias_variance = 0.1, .phi = subject_phi};
  cr_assert(isnan(gp_meanfield_fixed_point(&field)), "ReLU at 2 with a bias grows without end");
  field.weight_variance = 1.5; /* q* = b / (1 - 1.5/2) */
  cr_assert_float_eq(gp_meanfield_fixed_point(&field), 0.4, 1e-12);
  field.bias_variance = 1e-12;
  cr_assert_float_eq(gp_meanfield_fixed_point(&field), 4e-12, 1e-22);
  gp_meanfield small = {.activation = &tanh_, .weight_variance = 0.8, .phi = subject_phi};
  cr_assert_eq(gp_meanfield_fixed_point(&small), 0);
  cr_assert(isnan(gp_meanfield_moment(&small, -1)) && isnan(gp_meanfield_moment(&small, NAN)) &&
            isnan(gp_meanfield_moment(&small, INFINITY)));
}

/* A net of unequal widths and variances: the recursions done by hand in long double. */
Test(prediction, unequal_layers_match_the_recursion) {
  enum { DEPTH = 4 };
  static const int64_t widths[DEPTH + 2] = {3, 64, 16, 48, 20, 2};
  static const double weight[DEPTH + 1] = {1.0, 1.3, 0.7, 2.2, 0.9}, bias[DEPTH + 1] = {0, 0.1, 0.05, 0, 0.3};
  gp_choice choice = choice_of(&tanh_subject);
  gp_network_facts facts = {.depth = DEPTH,
                            .widths = widths,
                            .weight_variance = weight,
                            .bias_variance = bias,
                            .input_mean_square = 0.8,
                            .activation = &choice,
                            .phi = subject_phi};
  gp_prediction made;
  cr_assert_eq(gp_prediction_make(&made, &facts), GP_OK);
  long double q[DEPTH + 1], delta[DEPTH + 1], x = 0, xx = 0, y = 0, xy = 0;
  q[1] = 0.8L;
  for (int l = 2; l <= DEPTH; l++) q[l] = weight[l - 1] * brute(tanhl, q[l - 1]) + bias[l - 1];
  delta[DEPTH] = 1;
  for (int l = DEPTH - 1; l >= 1; l--)
    delta[l] = delta[l + 1] * sqrtl(weight[l] * brute(tanh_slope, q[l]) * widths[l + 1] / widths[l]);
  for (int l = 1; l <= DEPTH; l++) {
    cr_assert_float_eq(made.length[l - 1], (double)q[l], 1e-12, "q_%d", l);
    cr_assert_float_eq(made.delta_rms[l - 1] / (double)delta[l], 1, 1e-12, "delta_%d", l);
    x += l, xx += l * l, y += logl(delta[l]), xy += l * logl(delta[l]);
  }
  long double slope = (DEPTH * xy - x * y) / (DEPTH * xx - x * x);
  cr_assert_float_eq(made.gradient_factor.mean_field, (double)expl(-slope), 1e-12);
  cr_assert_float_eq(made.gradient_span.mean_field, (double)log10l(delta[1]), 1e-12);
  gp_prediction_free(&made);
}

Test(prediction, square_nets_reach_the_fixed_point_factor) {
  enum { DEPTH = 600 }; /* 0.236^600 underflows a double: the fit must not */
  static int64_t widths[DEPTH + 2];
  static double weight[DEPTH + 1], bias[DEPTH + 1];
  for (int l = 0; l < DEPTH + 2; l++) widths[l] = 32;
  for (int l = 0; l < DEPTH + 1; l++) weight[l] = 1;
  gp_choice choice = choice_of(&sigmoid_subject);
  gp_network_facts facts = {.depth = DEPTH,
                            .widths = widths,
                            .weight_variance = weight,
                            .bias_variance = bias,
                            .input_mean_square = 0.4,
                            .activation = &choice,
                            .phi = subject_phi};
  gp_prediction made;
  cr_assert_eq(gp_prediction_make(&made, &facts), GP_OK);
  /* The first layers, not yet at q*, move the fit by about 1/depth^2. */
  cr_assert_float_eq(made.gradient_factor.mean_field, factor(&sigmoid_subject, 1), 1e-5);
  cr_assert_float_eq(made.gradient_span.mean_field, DEPTH * log10(factor(&sigmoid_subject, 1)), 2);
  gp_prediction_free(&made);
}

Test(prediction, shallow_nets_have_no_slope) {
  static const int64_t widths[] = {2, 8, 8, 1};
  static const double weight[] = {1, 1, 1}, bias[] = {0, 0, 0};
  gp_choice choice = choice_of(&relu_subject);
  for (size_t depth = 0; depth <= 2; depth++) {
    gp_network_facts facts = {.depth = depth,
                              .widths = widths,
                              .weight_variance = weight,
                              .bias_variance = bias,
                              .input_mean_square = 1,
                              .activation = &choice,
                              .phi = subject_phi};
    gp_prediction made;
    cr_assert_eq(gp_prediction_make(&made, &facts), GP_OK);
    cr_assert(isnan(made.gradient_factor.mean_field) && isnan(made.gradient_span.mean_field));
    gp_prediction_free(&made);
  }
}

/* The correlation of two examples of length q* goes by the correlation map, layer after layer; one example has none. */
Test(prediction, correlations_follow_the_map) {
  enum { LAYERS = 8 };
  gp_choice choice = item_choice("tanh");
  gp_meanfield field = {.activation = &choice, .weight_variance = 2, .bias_variance = 0.05};
  double q = gp_meanfield_fixed_point(&field), input = (q - 0.05) / 2, weight[LAYERS + 1], bias[LAYERS + 1];
  int64_t widths[LAYERS + 2];
  for (size_t l = 0; l <= LAYERS; l++) weight[l] = 2, bias[l] = 0.05;
  for (size_t l = 0; l < LAYERS + 2; l++) widths[l] = 50;
  gp_examples two = {.count = 2,
                     .measured = 2,
                     .input = {{input, 0.2 * input}, {0.2 * input, input}},
                     .output = {{1, 0}, {0, 1}}};
  gp_network_facts facts = {.depth = LAYERS,
                            .widths = widths,
                            .weight_variance = weight,
                            .bias_variance = bias,
                            .examples = &two,
                            .activation = &choice};
  gp_prediction p;
  cr_assert_eq(gp_prediction_make(&p, &facts), GP_OK);
  double c = (2 * 0.2 * input + 0.05) / q;
  for (size_t l = 0; l < LAYERS; l++) {
    cr_expect_float_eq(p.correlation[l], c, 1e-7, "layer %zu: %.9g, %.9g", l + 1, p.correlation[l], c);
    c = gp_meanfield_correlation(&field, q, c);
  }
  gp_prediction_free(&p);
  facts.examples = NULL;
  cr_assert_eq(gp_prediction_make(&p, &facts), GP_OK);
  cr_expect(isnan(p.correlation[3]));
  gp_prediction_free(&p);
}
