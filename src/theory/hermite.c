/* Hermite series; see hermite.h. */
#include "hermite.h"

#include <math.h>

void gp_hermite_make(gp_hermite *out, const double *z, const double *weight, const double *y, size_t n) {
  double square = 0, total[GP_HERMITE_TERMS] = {0}, root[GP_HERMITE_TERMS];
  for (int k = 0; k < GP_HERMITE_TERMS; k++) root[k] = sqrt((double)k);
  for (size_t i = 0; i < n; i++) {
    double before = 0, h = 1, wy = weight[i] * y[i];
    square += wy * y[i];
    total[0] += wy;
    /* sqrt(k) h_k = z h_{k-1} - sqrt(k-1) h_{k-2} */
    for (int k = 1; k < GP_HERMITE_TERMS; k++) {
      double next = (z[i] * h - root[k - 1] * before) / root[k];
      before = h;
      h = next;
      total[k] += wy * h;
    }
  }
  out->rest = square;
  for (int k = 0; k < GP_HERMITE_TERMS; k++) {
    out->a[k] = total[k];
    out->rest -= total[k] * total[k];
  }
  out->rest = fmax(out->rest, 0);
}

double gp_hermite_pair(const gp_hermite *f, const gp_hermite *g, double c) {
  double sum = 0, power = 1;
  for (int k = 0; k < GP_HERMITE_TERMS; k++, power *= c) sum += f->a[k] * g->a[k] * power;
  return sum + (c > 0 ? sqrt(f->rest * g->rest) * power : 0);
}

double gp_hermite_slope(const gp_hermite *f, double q) {
  return f->a[2] / (sqrt(2.0) * q);
}

double gp_hermite_bend(const gp_hermite *f, double q) {
  return sqrt(6.0) * f->a[4] / (2 * q * q);
}
