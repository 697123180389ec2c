/* The correlation map: a Gaussian average inside a Gaussian average. */
#include "correlation.h"

#include <math.h>
#include <stdbool.h>

#include "activation.h"
#include "elementary.h"
#include "quadrature.h"

/* |chi_1 - 1| below which a net counts as critical: tables give sigma_w^2 to six digits, and nothing that is
 * measured tells a correlation length above a million layers from an infinite one. */
static const double CRITICAL = 1e-6;

typedef struct pair {
  const gp_meanfield *field;
  bool slopes; /* phi' instead of phi */
  double q, c;
} pair;

static void evaluate(const pair *p, const double *x, double *y, size_t n) {
  gp_phi phi = p->field->phi != NULL ? p->field->phi : gp_activation_eval;
  phi(p->field->activation, x, p->slopes ? NULL : y, p->slopes ? y : NULL, n);
}

static void second(const void *context, const double *v, double *y, size_t n) {
  evaluate(context, v, y, n);
}

static const double *kinks_of(const pair *p) {
  return ((const gp_activation *)p->field->activation->item)->kinks;
}

/* phi(u) E[phi(v) | u], where v given u is normal with mean c u and variance q (1 - c^2). */
static void first(const void *context, const double *u, double *y, size_t n) {
  const pair *p = context;
  evaluate(p, u, y, n);
  double scale = sqrt(p->q * (1 - p->c * p->c));
  for (size_t i = 0; i < n; i++) {
    if (y[i] != 0) y[i] *= gp_gauss_mean(second, p, p->c * u[i], scale, kinks_of(p));
  }
}

static double pair_mean(const gp_meanfield *field, bool slopes, double q, double c) {
  pair p = {.field = field, .slopes = slopes, .q = q, .c = c};
  return c >= 0 && c <= 1 && q >= 0 ? gp_gauss_mean(first, &p, 0, sqrt(q), kinks_of(&p)) : (double)NAN;
}

double gp_meanfield_correlation(const gp_meanfield *field, double q, double c) {
  return (field->weight_variance * pair_mean(field, false, q, c) + field->bias_variance) / q;
}

double gp_meanfield_correlation_slope(const gp_meanfield *field, double q, double c) {
  return field->weight_variance * pair_mean(field, true, q, c);
}

/* In chaos the map is convex, starts at or above 0 and meets the diagonal at 1 from below: one crossing
 * before 1. Bisection stops a little short of 1, where the two crossings cannot be told apart. */
double gp_meanfield_correlation_fixed_point(const gp_meanfield *field, double q) {
  double chi = gp_meanfield_chi(field, q);
  if (!(chi > 1 + CRITICAL)) return isnan(chi) ? (double)NAN : 1;
  double low = 0, high = 1;
  for (int i = 0; i < 45; i++) {
    double middle = 0.5 * (low + high);
    if (gp_meanfield_correlation(field, q, middle) > middle)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

static double layers(double factor) {
  return fabs(factor - 1) <= CRITICAL ? (double)(double)INFINITY : fabs(1 / gp_log(factor));
}

double gp_meanfield_correlation_depth(const gp_meanfield *field, double q) {
  double c = gp_meanfield_correlation_fixed_point(field, q);
  return layers(c < 1 ? gp_meanfield_correlation_slope(field, q, c) : gp_meanfield_chi(field, q));
}

double gp_meanfield_gradient_depth(const gp_meanfield *field, double q) {
  return layers(gp_meanfield_chi(field, q));
}

double gp_meanfield_length_depth(const gp_meanfield *field, double q) {
  return layers(fabs(gp_meanfield_length_slope(field, q)));
}
