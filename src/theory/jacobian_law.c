/* Jacobian spectra; see jacobian_law.h. */
#include "jacobian_law.h"

#include <math.h>

#include "elementary.h"

double gp_jacobian_spread(size_t matrices, size_t masks, double kurtosis, bool orthogonal) {
  return (orthogonal ? 0 : (double)matrices) + (double)masks * (kurtosis - 1);
}

static double power(double base, size_t n) {
  double product = 1;
  while (n-- > 0) product *= base;
  return product;
}

double gp_jacobian_edge(size_t matrices) {
  return power((double)(matrices + 1), matrices + 1) / power((double)matrices, matrices);
}

void gp_jacobian_density(size_t matrices, double t, double *x, double *density) {
  static const double PI = 3.14159265358979323846;
  double one = gp_sin(t), inner = gp_sin((double)matrices * t), outer = gp_sin((double)(matrices + 1) * t);
  *x = power(outer, matrices + 1) / (one * power(inner, matrices));
  *density = one * one * power(inner, matrices - 1) / (PI * power(outer, matrices));
}
