#include "statistics.h"

#include <math.h>
#include <stdlib.h>

double gp_sum(const double *x, size_t n) {
  double p[8] = {0};
  for (size_t i = 0; i < n; i++) p[i % 8] += x[i];
  return ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]));
}

double gp_mean(const double *x, size_t n) {
  return gp_sum(x, n) / (double)n;
}

double gp_deviation(const double *x, size_t n) {
  if (n < 2) return NAN;
  double mean = gp_mean(x, n), squares = 0;
  for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
  return sqrt(squares / (double)(n - 1));
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double gp_quantile(double *x, size_t n, double q) {
  if (n == 0) return NAN;
  qsort(x, n, sizeof *x, ascending);
  double at = q * (double)(n - 1);
  size_t low = (size_t)at;
  double part = at - (double)low;
  return low + 1 < n && part > 0 ? x[low] + part * (x[low + 1] - x[low]) : x[low];
}

double gp_slope(const double *x, const double *y, size_t n, double *intercept) {
  if (n < 2) return NAN;
  double mx = gp_mean(x, n), my = gp_mean(y, n), sxy = 0, sxx = 0;
  for (size_t i = 0; i < n; i++) {
    sxy += (x[i] - mx) * (y[i] - my);
    sxx += (x[i] - mx) * (x[i] - mx);
  }
  double slope = sxy / sxx;
  if (intercept != NULL) *intercept = my - slope * mx;
  return slope;
}
