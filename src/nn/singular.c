#include "singular.h"

#include <float.h>
#include <math.h>

#include "elementary.h"
#include "statistics.h"

static double dot(const gp_kernels *k64, const double *x, const double *y, int64_t n) {
  double sum;
  k64->dot(&sum, x, y, n, 1);
  return sum;
}

/* Turns x and y so that they are orthogonal (Golub and Van Loan, section 8.6.3). False when they already are. */
static bool rotate(double *x, double *y, int64_t n, const gp_kernels *k64) {
  double xx = dot(k64, x, x, n), yy = dot(k64, y, y, n), xy = dot(k64, x, y, n);
  if (!(fabs(xy) > DBL_EPSILON * sqrt(xx) * sqrt(yy))) return false;
  double zeta = (yy - xx) / (2 * xy), root = sqrt(1 + zeta * zeta);
  double t = 1 / (zeta + (zeta < 0 ? -root : root)), c = 1 / sqrt(1 + t * t), s = c * t;
  for (int64_t i = 0; i < n; i++) {
    double kept = x[i];
    x[i] = c * kept - s * y[i];
    y[i] = s * kept + c * y[i];
  }
  return true;
}

static void sort_falling(double *x, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    double value = x[i];
    int64_t j = i;
    for (; j > 0 && x[j - 1] < value; j--) x[j] = x[j - 1];
    x[j] = value;
  }
}

/* The largest magnitude; NaN when an entry is not finite. */
static double largest(const double *a, int64_t n) {
  double most = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!isfinite(a[i])) return NAN;
    most = fabs(a[i]) > most ? fabs(a[i]) : most;
  }
  return most;
}

void gp_singular_values(double *sigma, double *a, int64_t rows, int64_t cols, const gp_kernels *k64) {
  enum { SWEEPS = 60 };
  double scale = largest(a, rows * cols);
  bool turned = scale > 0;
  /* Squares neither overflow nor vanish once the largest entry is 1. */
  for (int64_t i = 0; turned && i < rows * cols; i++) a[i] /= scale;
  for (int sweep = 0; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (int64_t p = 0; p < cols; p++)
      for (int64_t q = p + 1; q < cols; q++) turned = rotate(a + p * rows, a + q * rows, rows, k64) || turned;
  }
  for (int64_t j = 0; j < cols; j++)
    sigma[j] = scale * (scale > 0 ? sqrt(dot(k64, a + j * rows, a + j * rows, rows)) : 1);
  sort_falling(sigma, cols);
}

void gp_singular_matrix(double *sigma, const double *w, int64_t out, int64_t in, double *a,
                        const gp_kernels *k64) {
  bool wide = in >= out;
  for (int64_t o = 0; o < out; o++)
    for (int64_t i = 0; i < in; i++) a[wide ? o * in + i : i * out + o] = w[o * in + i];
  gp_singular_values(sigma, a, wide ? in : out, wide ? out : in, k64);
}

double gp_effective_rank(const double *sigma, int64_t count) {
  double total = gp_sum(sigma, (size_t)count), entropy = 0;
  if (!(total > 0)) return total; /* a matrix of zeros has rank 0; NaN stays */
  for (int64_t i = 0; i < count; i++) {
    double share = sigma[i] / total;
    if (share > 0) entropy -= share * gp_log(share);
  }
  return gp_exp(entropy);
}
