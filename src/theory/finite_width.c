/* Exact laws of finite ReLU networks; see finite_width.h. */
#include "finite_width.h"

#include <math.h>

#include "elementary.h"

double gp_dead_probability(const int64_t *width, size_t depth) {
  double log_alive = 0;
  /* Sums of log1p keep the small probabilities of wide layers, which 1 - (1 - 2^-60) would lose. */
  for (size_t l = 0; l < depth; l++) log_alive += gp_log1p(-ldexp(1, (int)-fmin((double)width[l], 1000)));
  return -gp_expm1(log_alive);
}

/* psi and psi' at half of a whole number, carried from k to k + 2 by psi(x + 1) = psi(x) + 1/x and
 * psi'(x + 1) = psi'(x) - 1/x^2 (Abramowitz and Stegun 6.3.5, 6.4.6). */
typedef struct polygamma {
  double psi, psi1;
} polygamma;

static polygamma advance(polygamma at, double x) {
  return (polygamma){at.psi + 1 / x, at.psi1 - 1 / (x * x)};
}

gp_log_law gp_rectifier_log_law(int64_t width, double scale) {
  /* psi(1/2) = -gamma - 2 ln 2, psi(1) = -gamma; psi'(1/2) = pi^2/2, psi'(1) = pi^2/6 (6.3.2, 6.3.3, 6.4.2, 6.4.4). */
  polygamma odd = {-1.96351002602142347944, 4.93480220054467930942};
  polygamma even = {-0.57721566490153286061, 1.64493406684822643647};
  double n = (double)width, total = 0, mean = 0, square = 0, inner = 0;
  if (width < 1 || !(scale > 0)) return (gp_log_law){(double)NAN, (double)NAN};
  /* ln of C(n, k) 2^-n: 2^-n itself is 0 beyond n = 1074. */
  double log_weight = -n * gp_log(2);
  for (int64_t k = 1; k <= width; k++) {
    polygamma *at = k % 2 == 1 ? &odd : &even;
    log_weight += gp_log((n - (double)k + 1) / (double)k);
    double weight = gp_exp(log_weight);
    total += weight;
    mean += weight * at->psi;
    square += weight * at->psi * at->psi;
    inner += weight * at->psi1;
    *at = advance(*at, (double)k / 2);
  }
  mean /= total;
  return (gp_log_law){gp_log(2 * scale / n) + mean, inner / total + square / total - mean * mean};
}
