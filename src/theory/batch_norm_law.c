/* The geometry of batch normalisation.
 *
 * A unit's pre-activations of the B examples, z = (z_1 ... z_B), are normal with the covariance (q - c) 1 + c J of the fixed
 * point (J all ones): z less its batch mean is isotropic in the B - 1 dimensions orthogonal to (1 ... 1), so that
 *
 *   x = sqrt(B) (z - mean) / |z - mean|    is uniform on a sphere there, and |z - mean|^2 = v K, K ~ chi^2 of B - 1 degrees,
 *
 * independent of x, with v = sigma_w^2 (E phi(x_a)^2 - E phi(x_a) phi(x_b)); biases are the same for all examples and go
 * with the mean. Backward, with d_a = phi'(x_a) and g_a the gradients at the layer's output, the normalisation's own
 * derivative takes two directions away, those of (1 ... 1) and of x:
 *
 *   dC/dz = (sqrt(B) / |z - mean|) P d g,    P = 1 - J/B - x x'/B        (Ioffe and Szegedy 2015, below algorithm 1)
 *
 * g = W' dC/dz of the layer above is independent of x (gradient independence), and by symmetry between examples has the
 * covariance pi (1 - J/B): what comes out of a P has no batch mean. With E 1/K = 1/(B - 3),
 *
 *   chi = B / ((B - 1) (B - 3) (E phi^2 - E phi phi)) E tr(P d (1 - J/B) d)
 *   E tr(...) = (B - 2) D - T + (D + (B - 1) D2) / B + (T + (B - 1) T2) / B
 *   D = E d_a^2,  T = E x_a^2 d_a^2,  D2 = E d_a d_b,  T2 = E x_a d_a x_b d_b.
 *
 * sigma_w^2 cancels. For linear nets chi = (B - 2) / (B - 3), as in Yang et al. 2019, section 4.2 and appendix; for B without
 * end x_a and x_b become independent normal numbers: chi = E phi'^2 / Var phi, theorem 3.9 there for ReLU, pi / (pi - 1).
 *
 * x_a = r sin(t), r = sqrt(B - 1), t with density cos(t)^(B - 3); two examples have the correlation -1/(B - 1), and given
 * x_a the rest of the second is r cos(t) sin(u), u with density cos(u)^(B - 4). */
#include "batch_norm_law.h"

#include <math.h>
#include <stddef.h>

#include "activation.h"
#include "elementary.h"
#include "quadrature.h"

enum { PANELS = 12, KINKS = 4, NODES = (PANELS + KINKS) * GP_QUADRATURE_NODES };

/* Nodes and weights, of sum 1, for an angle whose density is cos^power. */
typedef struct angles {
  double sine[NODES], cosine[NODES], weight[NODES];
  size_t count;
} angles;

typedef struct law {
  const gp_meanfield *field;
  double batch, radius;
} law;

/* Numbers beyond 13 have no weight in a double, nor does what lies beyond the sphere exist. */
static double widest(double radius) {
  static const double far = 13;
  return far < radius ? far / radius : 1;
}

static double arc_sine(double s) {
  static const double quarter = 1.57079632679489661923;
  if (fabs(s) >= 1) return s > 0 ? quarter : -quarter;
  double t = s; /* Newton's iteration from below the root's size: sin t = s; the last step changes nothing */
  for (int i = 0; i < 60; i++) {
    double step = (gp_sin(t) - s) / gp_cos(t);
    t -= step;
    if (fabs(t) > quarter) t = t > 0 ? quarter * (1 - 1e-9) : -quarter * (1 - 1e-9);
    if (fabs(step) < 1e-15) break;
  }
  return t;
}

/* Panels of equal width, cut at the sines in `cut`. */
static void angles_make(angles *out, double power, double reach, const double *cut, size_t cuts) {
  double node[GP_QUADRATURE_NODES], weight[GP_QUADRATURE_NODES], edge[PANELS + KINKS + 1], total = 0;
  size_t edges = 0;
  gp_legendre_rule(node, weight);
  double end = arc_sine(reach);
  for (size_t p = 0; p <= PANELS; p++) edge[edges++] = end * (2 * (double)p / PANELS - 1);
  for (size_t k = 0; k < cuts; k++) {
    double at = arc_sine(cut[k]);
    if (!(fabs(cut[k]) < reach)) continue;
    size_t i = edges++;
    for (; i > 0 && edge[i - 1] > at; i--) edge[i] = edge[i - 1];
    edge[i] = at;
  }
  out->count = 0;
  for (size_t p = 0; p + 1 < edges; p++) {
    double middle = (edge[p] + edge[p + 1]) / 2, half = (edge[p + 1] - edge[p]) / 2;
    for (size_t i = 0; i < GP_QUADRATURE_NODES; i++) {
      double angle = middle + half * node[i], cosine = gp_cos(angle);
      size_t n = out->count++;
      out->sine[n] = gp_sin(angle), out->cosine[n] = cosine;
      out->weight[n] = cosine > 0 ? half * weight[i] * gp_exp(power * gp_log(cosine)) : 0;
      total += out->weight[n];
    }
  }
  for (size_t n = 0; n < out->count; n++) out->weight[n] /= total;
}

/* The activation's kinks as sines: those of x = radius (offset + scale sine). */
static size_t kinks_of(double cut[static KINKS], const law *l, double offset, double scale) {
  const double *kinks = ((const gp_activation *)(const void *)l->field->activation->item)->kinks;
  size_t count = 0;
  for (; kinks != NULL && !isnan(*kinks) && count < KINKS; kinks++)
    cut[count++] = (*kinks / l->radius - offset) / scale;
  return count;
}

static void evaluate(const law *l, const double *x, double *h, double *d, size_t n) {
  gp_phi phi = l->field->phi != NULL ? l->field->phi : gp_activation_eval;
  phi(l->field->activation, x, h, d, n);
}

/* E of phi, phi' and x phi' of a second example, given the first. */
static void given(const law *l, double sine, double cosine, double out[static 3]) {
  angles second;
  double x[NODES], h[NODES], d[NODES], cut[KINKS];
  double c = -1 / (l->batch - 1), offset = c * sine, scale = sqrt(1 - c * c) * cosine;
  out[0] = out[1] = out[2] = 0;
  if (!(scale > 0)) return;
  size_t cuts = kinks_of(cut, l, offset, scale);
  angles_make(&second, l->batch - 4, widest(l->radius), cut, cuts);
  for (size_t n = 0; n < second.count; n++) x[n] = l->radius * (offset + scale * second.sine[n]);
  evaluate(l, x, h, d, second.count);
  for (size_t n = 0; n < second.count; n++) {
    out[0] += second.weight[n] * h[n];
    out[1] += second.weight[n] * d[n];
    out[2] += second.weight[n] * x[n] * d[n];
  }
}

gp_batch_norm_law gp_batch_norm_law_of(const gp_meanfield *field, double batch) {
  angles first;
  double x[NODES], h[NODES], d[NODES], cut[KINKS];
  double square = 0, pair = 0, dd = 0, xx = 0, d2 = 0, x2 = 0;
  law l = {field, batch, sqrt(batch - 1)};
  if (!(batch >= 4)) return (gp_batch_norm_law){(double)NAN, (double)NAN, (double)NAN};
  size_t cuts = kinks_of(cut, &l, 0, 1);
  angles_make(&first, batch - 3, widest(l.radius), cut, cuts);
  for (size_t n = 0; n < first.count; n++) x[n] = l.radius * first.sine[n];
  evaluate(&l, x, h, d, first.count);
  for (size_t n = 0; n < first.count; n++) {
    double other[3], w = first.weight[n];
    given(&l, first.sine[n], first.cosine[n], other);
    square += w * h[n] * h[n], pair += w * h[n] * other[0];
    dd += w * d[n] * d[n], d2 += w * d[n] * other[1];
    xx += w * x[n] * x[n] * d[n] * d[n], x2 += w * x[n] * d[n] * other[2];
  }
  double trace = (batch - 2) * dd - xx + (dd + (batch - 1) * d2) / batch + (xx + (batch - 1) * x2) / batch;
  double variance = square - pair;
  return (gp_batch_norm_law){square, variance, batch / ((batch - 1) * (batch - 3) * variance) * trace};
}

gp_batch_norm_law gp_batch_norm_limit(const gp_meanfield *field) {
  double square = gp_meanfield_moment(field, 1), mean = gp_meanfield_mean(field, 1),
         variance = square - mean * mean;
  return (gp_batch_norm_law){square, variance, gp_meanfield_slope_moment(field, 1) / variance};
}
