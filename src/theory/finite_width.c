/* Exact laws of a layer of finite width; see finite_width.h. */
#include "finite_width.h"

#include <math.h>

#include "activation.h"
#include "elementary.h"
#include "quadrature.h"

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

/* ---- any activation ----
 *
 * T = ln Q of a sum Q of n independent terms phi'(z)^2 g^2 is reached through its Laplace transform, which is a one-layer
 * average to the n: E exp(-t Q) = (E_z (1 + 2 t phi'(z)^2)^{-1/2})^n. With Y the logarithm of an exponential number of mean
 * 1, independent of Q, that is the survival function of V = Y - T at ln t:
 *
 *   P(Y - T > u) = E exp(-e^{u + T}) = E exp(-e^u Q),   E T = -gamma - E V,   var T = var V - pi^2 / 6,
 *
 * and both moments of V are integrals of it. The trapezoid rule converges faster than any power: steps of 0.3 leave
 * exp(-pi^2 / 0.3), 5e-15 (the characteristic function of Y decays like exp(-pi omega / 2)). */

static const double EULER = 0.57721566490153286061, PI = 3.14159265358979323846;

typedef struct slopes {
  double square[GP_GAUSS_ROOM], weight[GP_GAUSS_ROOM];
  size_t count;
} slopes;

/* phi'^2 over its mean, so that Q / n is near 1. Returns the mean. */
static double load_slopes(slopes *out, const gp_meanfield *field, double q) {
  gp_phi phi = field->phi != NULL ? field->phi : gp_activation_eval;
  const gp_activation *activation = (const gp_activation *)(const void *)field->activation->item;
  double scale = sqrt(q), mean = 0, z[GP_GAUSS_ROOM];
  out->count = q > 0 ? gp_gauss_rule(scale, activation->kinks, z, out->weight, GP_GAUSS_ROOM) : 0;
  for (size_t i = 0; i < out->count; i++) z[i] *= scale;
  phi(field->activation, z, NULL, out->square, out->count);
  for (size_t i = 0; i < out->count; i++) {
    out->square[i] *= out->square[i];
    mean += out->weight[i] * out->square[i];
  }
  for (size_t i = 0; i < out->count; i++) out->square[i] /= mean;
  return mean;
}

/* E exp(-t Q / n) of one unit, to the n. */
static double survival(const slopes *s, double n, double t) {
  double mean = 0;
  for (size_t i = 0; i < s->count; i++) mean += s->weight[i] / sqrt(1 + 2 * t * s->square[i]);
  return gp_exp(n * gp_log(mean));
}

gp_log_law gp_layer_log_law(const gp_meanfield *field, double q, int64_t width) {
  enum { FIRST = -120, LAST = 2000 };
  static const double step = 0.3;
  const gp_log_law none = {(double)NAN, (double)NAN};
  slopes s;
  double n = (double)width, first_moment = 0, second_moment = 0;
  double mean = width >= 1 ? load_slopes(&s, field, q) : 0;
  if (!(mean > 0) || s.count == 0) return none;
  /* What is left at infinity: every unit of slope 0. The law is taken given that this is not so. */
  double atom = survival(&s, n, 1e300), alive = 1 - atom;
  for (int i = FIRST; i < LAST; i++) {
    double u = i * step, above = (survival(&s, n, gp_exp(u) / n) - atom) / alive;
    if (i > 0 && above < 1e-17) break;
    /* E V = int_0^inf P - int_-inf^0 (1 - P), E V^2 = 2 int_0^inf u P - 2 int_-inf^0 u (1 - P); half weight at the seam */
    double share = i == 0 ? above - 0.5 : i < 0 ? above - 1 : above;
    first_moment += step * share;
    second_moment += step * 2 * u * share;
  }
  /* The seam at 0 is a jump of 1 in both integrands: its own end corrections are step^2 / 12 times the jump of u. */
  second_moment += step * step / 6;
  double variance = second_moment - first_moment * first_moment - PI * PI / 6;
  double scale = gp_log(field->weight_variance * mean);
  return (gp_log_law){scale - EULER - first_moment, variance};
}
