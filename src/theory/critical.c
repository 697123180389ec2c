/* The critical line; see critical.h. */
#include "critical.h"

#include <math.h>
#include <stdbool.h>

/* Lengths that are looked at: 20 a decade. Below the first an activation is its tangent. */
static const double SHORTEST = 1e-10, LONGEST = 1e8, STRIDE = 1.122018454301963;

gp_critical_point gp_critical_at(const gp_meanfield *field, double q) {
  double weight = 1 / gp_meanfield_slope_moment(field, q);
  return (gp_critical_point){weight, q - weight * gp_meanfield_moment(field, q), q};
}

/* Between two lengths whose bias variances enclose the one wanted. */
static gp_critical_point bisect(const gp_meanfield *field, double low, double high, bool rising) {
  for (int i = 0; i < 100; i++) {
    double middle = sqrt(low * high);
    bool below = gp_critical_at(field, middle).bias_variance < field->bias_variance;
    *(below == rising ? &low : &high) = middle;
  }
  return gp_critical_at(field, sqrt(low * high));
}

gp_critical_point gp_critical_point_of(const gp_meanfield *field) {
  gp_critical_point before = gp_critical_at(field, SHORTEST);
  double wanted = field->bias_variance, near_zero = 1e-6 * SHORTEST;
  /* phi(0) = 0: the curve begins at sigma_b = 0, q = 0. */
  if (wanted == 0 && fabs(before.bias_variance) <= near_zero + 1e-3 * SHORTEST)
    return (gp_critical_point){before.weight_variance, 0, 0};
  for (double q = SHORTEST * STRIDE; q < LONGEST; q *= STRIDE) {
    gp_critical_point here = gp_critical_at(field, q);
    if ((before.bias_variance < wanted) != (here.bias_variance < wanted) &&
        fabs(here.bias_variance) > 1e-9 * q)
      return bisect(field, before.q, q, here.bias_variance >= wanted);
    before = here;
  }
  return (gp_critical_point){(double)NAN, wanted, (double)NAN};
}
