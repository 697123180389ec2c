/* Mean-field maps: Gaussian averages of an activation and what follows from them (SCIENCE section 3). */
#include "meanfield.h"

#include <math.h>
#include <stdbool.h>

#include "activation.h"
#include "quadrature.h"

static gp_phi phi_of(const gp_meanfield *field) {
  return field->phi != NULL ? field->phi : gp_activation_eval;
}

static void square(double *y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] *= y[i];
}

static void value_squared(const void *context, const double *x, double *y, size_t n) {
  const gp_meanfield *field = context;
  phi_of(field)(field->activation, x, y, NULL, n);
  square(y, n);
}

static void slope_squared(const void *context, const double *x, double *y, size_t n) {
  const gp_meanfield *field = context;
  phi_of(field)(field->activation, x, NULL, y, n);
  square(y, n);
}

static void value(const void *context, const double *x, double *y, size_t n) {
  const gp_meanfield *field = context;
  phi_of(field)(field->activation, x, y, NULL, n);
}

static double average(const gp_meanfield *field, gp_integrand f, double q) {
  const gp_activation *activation = (const gp_activation *)field->activation->item;
  return q >= 0 ? gp_gauss_mean(f, field, 0, sqrt(q), activation->kinks) : (double)NAN;
}

double gp_meanfield_moment(const gp_meanfield *field, double q) {
  return average(field, value_squared, q);
}

double gp_meanfield_mean(const gp_meanfield *field, double q) {
  return average(field, value, q);
}

/* At q = 0 every node would sit on a kink at 0; the limit q -> 0 is what a shrinking ReLU net lives by. */
double gp_meanfield_slope_moment(const gp_meanfield *field, double q) {
  return average(field, slope_squared, q == 0 ? 1e-300 : q);
}

static void slope_fourth(const void *context, const double *x, double *y, size_t n) {
  slope_squared(context, x, y, n);
  square(y, n);
}

double gp_meanfield_slope_kurtosis(const gp_meanfield *field, double q) {
  double second = gp_meanfield_slope_moment(field, q);
  return average(field, slope_fourth, q == 0 ? 1e-300 : q) / (second * second);
}

typedef struct length_slope {
  const gp_meanfield *field;
  double q;
} length_slope;

/* d/dq E f(sqrt(q) z) = E[f (z^2 - 1)] / (2 q), by parts twice: no derivative of phi is asked for. */
static void times_bend(const void *context, const double *x, double *y, size_t n) {
  const length_slope *s = context;
  value_squared(s->field, x, y, n);
  for (size_t i = 0; i < n; i++) y[i] *= (x[i] * x[i] / s->q - 1) / (2 * s->q);
}

double gp_meanfield_length_slope(const gp_meanfield *field, double q) {
  static const double nearly = 1e-120; /* for the limit q -> 0: squares of it are numbers still */
  const gp_activation *activation = (const gp_activation *)field->activation->item;
  length_slope s = {field, q == 0 ? nearly : q};
  if (!(q >= 0)) return (double)NAN;
  return field->weight_variance * gp_gauss_mean(times_bend, &s, 0, sqrt(s.q), activation->kinks);
}

double gp_meanfield_length(const gp_meanfield *field, double q) {
  return field->weight_variance * gp_meanfield_moment(field, q) + field->bias_variance;
}

double gp_meanfield_chi(const gp_meanfield *field, double q) {
  return field->weight_variance * gp_meanfield_slope_moment(field, q);
}

/* The crossing of the length map with the diagonal between two points of opposite drift, to the last bits. */
static double bisect(const gp_meanfield *field, double low, double high) {
  for (int i = 0; i < 100 && high - low > 4e-16 * high; i++) {
    double middle = 0.5 * (low + high);
    if (gp_meanfield_length(field, middle) > middle)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

/* Steps away from 1 until the map's drift turns round. Upwards it may never: the length runs away. Downwards
 * a map that leaves 0 fixed may go there as slowly as 1/l (tanh at criticality), so 1e-9 counts as having
 * arrived. */
double gp_meanfield_fixed_point(const gp_meanfield *field) {
  static const double stride = 1.5, runaway = 1e15, arrived = 1e-9, flat = 1e-12;
  double q = 1, drift = gp_meanfield_length(field, q) - q;
  if (!(fabs(drift) > flat)) return isnan(drift) ? (double)NAN : q;
  if (drift > 0) {
    while (q < runaway && gp_meanfield_length(field, q) > q) q *= stride;
    return q < runaway ? bisect(field, q / stride, q) : (double)NAN;
  }
  bool held_at_zero = !(gp_meanfield_length(field, 0) > 0);
  while (q > 0 && gp_meanfield_length(field, q) < q) {
    if (held_at_zero && q < arrived) return 0;
    q /= stride;
  }
  return bisect(field, q, q * stride);
}
