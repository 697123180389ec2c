/* Deep linear dynamics; see deep_linear_law.h. */
#include "deep_linear_law.h"

#include <math.h>

#include "elementary.h"

static double power(double base, size_t n) {
  double product = 1;
  while (n-- > 0) product *= base;
  return product;
}

double gp_deep_linear_map(double a, size_t layers, double s, double eta, int64_t steps) {
  for (int64_t i = 0; i < steps; i++) a += eta * power(a, layers - 1) * (s - power(a, layers));
  return a;
}

double gp_saxe_curve(double u0, double s, double t) {
  double grown = gp_exp(2 * s * t);
  return isinf(grown) ? s : s * grown / (grown - 1 + s / u0);
}

double gp_plateau_time(double a0, size_t layers, double share) {
  enum { PANELS = 2000 };
  double from = gp_log(a0), to = gp_log(share) / (double)layers, h = (to - from) / PANELS, total = 0;
  for (int i = 0; i <= PANELS; i++) {
    double a = gp_exp(from + i * h), weight = i == 0 || i == PANELS ? 1 : i % 2 == 1 ? 4 : 2;
    total += weight * a / (power(a, layers - 1) * (1 - power(a, layers)));
  }
  return total * h / 3;
}
