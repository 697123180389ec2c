#include "lanczos.h"

#include <float.h>
#include <math.h>
#include <string.h>

void gp_lanczos_layout(gp_lanczos *l, gp_arena *arena) {
  if (l->most > l->n) l->most = (int)l->n;
  size_t most = (size_t)l->most;
  l->basis = gp_arena_take(arena, (most + 1) * (size_t)l->n, sizeof(double));
  double **const small[] = {&l->alpha, &l->beta, &l->theta, &l->bottom, &l->work};
  for (size_t i = 0; i < sizeof small / sizeof *small; i++)
    *small[i] = gp_arena_take(arena, most, sizeof(double));
}

/* -- the projected matrix -- */

/* One implicit QL sweep over rows first .. last. */
static void ql_sweep(double *d, double *e, double *bottom, int first, int last) {
  double half = (d[first + 1] - d[first]) / (2 * e[first]), size = sqrt(half * half + 1);
  double g = d[last] - d[first] + e[first] / (half + (half < 0 ? -size : size));
  double s = 1, c = 1, p = 0;
  int i = last - 1;
  for (; i >= first; i--) {
    double f = s * e[i], b = c * e[i], r = sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r == 0) break;
    s = f / r, c = g / r;
    g = d[i + 1] - p;
    double t = (d[i] - g) * s + 2 * c * b, upper = bottom[i + 1];
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    bottom[i + 1] = s * bottom[i] + c * upper;
    bottom[i] = c * bottom[i] - s * upper;
  }
  if (i >= first) {
    d[i + 1] -= p;
  } else {
    d[first] -= p;
    e[first] = g;
  }
  e[last] = 0;
}

/* The first row from `row` on whose off-diagonal entry is negligible; the last one when there is none. */
static int block_end(const double *d, const double *e, int row, int n) {
  while (row < n - 1 && !(fabs(e[row]) <= DBL_EPSILON * (fabs(d[row]) + fabs(d[row + 1])))) row++;
  return row;
}

/* By insertion: n is some dozens. */
static void sort_falling(double *d, double *bottom, int n) {
  for (int i = 1; i < n; i++) {
    double value = d[i], last = bottom[i];
    int j = i;
    for (; j > 0 && d[j - 1] < value; j--) d[j] = d[j - 1], bottom[j] = bottom[j - 1];
    d[j] = value, bottom[j] = last;
  }
}

bool gp_tridiagonal_eigen(double *d, double *e, double *bottom, int n) {
  enum { SWEEPS = 60 };
  for (int i = 0; i < n; i++) bottom[i] = i == n - 1;
  for (int row = 0; row < n; row++) {
    int sweeps = 0;
    for (int last; (last = block_end(d, e, row, n)) != row;) {
      if (++sweeps > SWEEPS) return false;
      ql_sweep(d, e, bottom, row, last);
    }
  }
  sort_falling(d, bottom, n);
  return true;
}

/* -- the iteration -- */

static double *vector(const gp_lanczos *l, int i) {
  return l->basis + (int64_t)i * l->n;
}

static double dot(const gp_lanczos *l, const double *x, const double *y) {
  double sum;
  l->k64->dot(&sum, x, y, l->n, 1);
  return sum;
}

/* w -= sum_i <q_i, w> q_i over the first `count` basis vectors, twice: once leaves an error when w is nearly in their
 * span (Giraud et al. 2005). */
static void orthogonalise(const gp_lanczos *l, double *w, int count) {
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < count; i++) {
      const double *q = vector(l, i);
      double share = dot(l, q, w);
      for (int64_t j = 0; j < l->n; j++) w[j] -= share * q[j];
    }
}

/* Makes basis vector `at` a random unit vector orthogonal to those before. False when there is no room left. */
static bool fresh_vector(gp_lanczos *l, int at) {
  double *q = vector(l, at);
  gp_stream stream = l->start;
  stream.layer += (uint32_t)at;
  for (int64_t j = 0; j < l->n; j++) q[j] = gp_rng_normal(stream, (uint64_t)j);
  double before = sqrt(dot(l, q, q));
  orthogonalise(l, q, at);
  double length = sqrt(dot(l, q, q));
  for (int64_t j = 0; j < l->n; j++) q[j] /= length;
  return length > 1e-8 * before;
}

/* Eigenvalues of the first `count` rows. Each of the wanted ones is within theta error |beta_count bottom| of an
 * eigenvalue of A. False when something is not finite. */
static bool project(gp_lanczos *l, int count, double *bound, double *size) {
  memcpy(l->theta, l->alpha, (size_t)count * sizeof(double));
  memcpy(l->work, l->beta, (size_t)count * sizeof(double));
  if (!gp_tridiagonal_eigen(l->theta, l->work, l->bottom, count)) return false;
  *size = fmax(fabs(l->theta[0]), fabs(l->theta[count - 1]));
  *bound = 0;
  for (int i = 0; i < l->wanted && i < count; i++)
    *bound = fmax(*bound, fabs(l->beta[count - 1] * l->bottom[i]));
  return isfinite(*size);
}

/* Basis vector j + 1 from A q_j; beta is 0 where the space was exhausted and a fresh vector starts another one. False
 * when the whole space is. */
static bool step(gp_lanczos *l, int j, gp_symmetric *apply, void *context) {
  double *next = vector(l, j + 1);
  const double *q = vector(l, j);
  apply(context, next, q);
  double before = sqrt(dot(l, next, next));
  l->alpha[j] = dot(l, q, next);
  orthogonalise(l, next, j + 1);
  l->beta[j] = sqrt(dot(l, next, next));
  if (!(l->beta[j] <= 16 * DBL_EPSILON * before)) {
    for (int64_t i = 0; i < l->n; i++) next[i] /= l->beta[j];
    return true;
  }
  l->beta[j] = 0;
  return j + 1 < l->n && fresh_vector(l, j + 1);
}

int gp_lanczos_run(gp_lanczos *l, gp_symmetric *apply, void *context, double *top, double *bound) {
  double error = 0, size = 0;
  int count = 0;
  bool room = fresh_vector(l, 0), finite = true;
  for (int i = 0; i < l->wanted; i++) top[i] = NAN;
  while (room && finite && count < l->most) {
    room = step(l, count, apply, context);
    finite = isfinite(l->alpha[count]) && isfinite(l->beta[count]);
    count++;
    finite = finite && project(l, count, &error, &size);
    /* beta = 0 would hide what another starting vector still finds, and so would an early end of a search for several
     * that could be complete. */
    bool complete = l->wanted > 1 && l->most == l->n;
    if (!complete && count >= l->wanted && l->beta[count - 1] > 0 && error <= l->tolerance * size) break;
  }
  for (int i = 0; finite && i < l->wanted && i < count; i++) top[i] = l->theta[i];
  if (bound != NULL) *bound = finite ? error : (double)NAN;
  return count;
}
