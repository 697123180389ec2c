#include "dense_eigen.h"

#include <math.h>
#include <stdlib.h>

static int rising(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void rotate(long double *a, int n, int p, int q) {
  if (a[p * n + q] == 0) return;
  long double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  long double t = (theta < 0 ? -1 : 1) / (fabsl(theta) + sqrtl(theta * theta + 1));
  long double c = 1 / sqrtl(t * t + 1), s = t * c;
  for (int i = 0; i < n; i++) {
    long double x = a[i * n + p], y = a[i * n + q];
    a[i * n + p] = c * x - s * y;
    a[i * n + q] = s * x + c * y;
  }
  for (int i = 0; i < n; i++) {
    long double x = a[p * n + i], y = a[q * n + i];
    a[p * n + i] = c * x - s * y;
    a[q * n + i] = s * x + c * y;
  }
}

void dense_eigen(double *out, const double *matrix, int n) {
  long double *a = malloc((size_t)(n * n) * sizeof *a);
  for (int i = 0; i < n * n; i++) a[i] = matrix[i];
  for (int sweep = 0; sweep < 30; sweep++)
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) rotate(a, n, p, q);
  for (int i = 0; i < n; i++) out[i] = (double)a[i * n + i];
  qsort(out, (size_t)n, sizeof *out, rising);
  free(a);
}
