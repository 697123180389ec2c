/* Singular values and eigenvalues against closed forms and against an independent method (dense_eigen.h).
 *
 * Tolerances: a backward stable method moves a singular value or eigenvalue by at most a modest multiple of n 2^-53 times
 * the largest one (Weyl): 1e-14 sqrt(n) here. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dense_eigen.h"
#include "lanczos.h"
#include "singular.h"

static double normal(uint32_t layer, int64_t i) {
  return gp_rng_normal((gp_stream){11, GP_PURPOSE_TEST, layer}, (uint64_t)i);
}

/* -- singular values -- */

static const gp_kernels *kernels(void) {
  return gp_tier_find("auto")->f64;
}

static void check_singular(int64_t out, int64_t in, const double *w) {
  int64_t n = out < in ? out : in;
  double *gram = calloc((size_t)(n * n), sizeof *gram), *wanted = calloc((size_t)n, sizeof *wanted);
  double *sigma = calloc((size_t)n, sizeof *sigma), *scratch = malloc((size_t)(out * in) * sizeof *scratch);
  /* The Gram matrix halves the digits of small values, so it is compared as squares. */
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      for (int64_t k = 0; k < (out < in ? in : out); k++)
        gram[i * n + j] += out < in ? w[i * in + k] * w[j * in + k] : w[k * in + i] * w[k * in + j];
  dense_eigen(wanted, gram, (int)n);
  gp_singular_matrix(sigma, w, out, in, scratch, kernels());
  for (int64_t i = 0; i < n; i++) {
    cr_assert_float_eq(sigma[i] * sigma[i], wanted[n - 1 - i], 1e-13 * wanted[n - 1], "%dx%d: %d", (int)out,
                       (int)in, (int)i);
    cr_assert(i == 0 || sigma[i] <= sigma[i - 1]);
  }
  free(gram), free(wanted), free(sigma), free(scratch);
}

Test(spectrum, singular_values_of_random_matrices) {
  const int64_t shapes[][2] = {{1, 1}, {1, 7}, {7, 1}, {5, 5}, {3, 9}, {9, 3}, {32, 32}, {20, 33}, {64, 17}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    int64_t count = shapes[s][0] * shapes[s][1];
    double *w = malloc((size_t)count * sizeof *w);
    for (int64_t i = 0; i < count; i++) w[i] = normal((uint32_t)s, i);
    check_singular(shapes[s][0], shapes[s][1], w);
    free(w);
  }
}

/* Columns of very different size: small values keep their relative accuracy, where the Gram matrix has nothing left. */
Test(spectrum, graded_values_keep_their_digits) {
  enum { N = 12 };
  double w[N * N] = {0}, scratch[N * N], sigma[N];
  /* Two Householder reflections around a diagonal of 1 .. 1e-11: H D H' scaled by columns. */
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) w[i * N + j] = ((i == j) - 2.0 / N) * pow(10, -j);
  }
  gp_singular_matrix(sigma, w, N, N, scratch, kernels());
  for (int i = 0; i < N; i++)
    cr_assert_float_eq(sigma[i], pow(10, -i), 1e-14 * pow(10, -i), "%d: %.17g", i, sigma[i]);
}

Test(spectrum, singular_values_of_special_matrices) {
  double scratch[9], sigma[3], zeros[9] = {0}, ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  gp_singular_matrix(sigma, zeros, 3, 3, scratch, kernels());
  cr_assert(sigma[0] == 0 && sigma[2] == 0);
  cr_assert_eq(gp_effective_rank(sigma, 3), 0);
  gp_singular_matrix(sigma, ones, 3, 3, scratch, kernels());
  cr_assert_float_eq(sigma[0], 3, 1e-15);
  cr_assert_leq(sigma[1], 1e-15);
  cr_assert_float_eq(gp_effective_rank(sigma, 3), 1, 1e-13);
  double huge[4] = {1e300, 0, 0, 1e300}, tiny[4] = {3e-310, 0, 0, 3e-310};
  gp_singular_matrix(sigma, huge, 2, 2, scratch, kernels());
  cr_assert_eq(sigma[0], 1e300);
  cr_assert_float_eq(gp_effective_rank(sigma, 2), 2, 1e-14);
  gp_singular_matrix(sigma, tiny, 2, 2, scratch, kernels());
  cr_assert_eq(sigma[1], 3e-310);
  const double strange[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    double bad[4] = {1, 2, strange[i], 4};
    gp_singular_matrix(sigma, bad, 2, 2, scratch, kernels());
    cr_assert(isnan(sigma[0]) && isnan(sigma[1]) && isnan(gp_effective_rank(sigma, 2)));
  }
}

/* -- eigenvalues -- */

/* The second difference matrix: eigenvalues 2 - 2 cos(k pi / (n + 1)), the last entry of eigenvector k is
 * +-sqrt(2/(n + 1)) sin(k pi / (n + 1)). */
Test(spectrum, tridiagonal_closed_form) {
  for (int n = 1; n <= 60; n++) {
    double d[60], e[60], bottom[60];
    for (int i = 0; i < n; i++) d[i] = 2, e[i] = -1;
    cr_assert(gp_tridiagonal_eigen(d, e, bottom, n));
    for (int i = 0; i < n; i++) {
      double angle = (n - i) * acos(-1) / (n + 1);
      cr_assert_float_eq(d[i], 2 - 2 * cos(angle), 2e-14, "n = %d", n);
      cr_assert_float_eq(fabs(bottom[i]), sqrt(2.0 / (n + 1)) * sin(angle), 1e-13, "n = %d", n);
    }
  }
  double d[2] = {NAN, 1}, e[2] = {1, 0}, bottom[2];
  cr_assert_not(gp_tridiagonal_eigen(d, e, bottom, 2));
}

typedef struct dense {
  const double *a;
  int64_t n;
  int products;
} dense;

static void apply(void *context, double *out, const double *v) {
  dense *m = context;
  m->products++;
  for (int64_t i = 0; i < m->n; i++) {
    out[i] = 0;
    for (int64_t j = 0; j < m->n; j++) out[i] += m->a[i * m->n + j] * v[j];
  }
}

/* The largest `wanted` eigenvalues of a into top; returns the products spent. */
static int largest(double *top, double *bound, const double *a, int64_t n, int most, int wanted,
                   double tolerance, const char *tier) {
  gp_arena arena = {0};
  gp_lanczos l = {.n = n,
                  .most = most,
                  .wanted = wanted,
                  .tolerance = tolerance,
                  .start = {5, GP_PURPOSE_PROBE, 0},
                  .k64 = gp_tier_find(tier)->f64};
  dense m = {a, n, 0};
  gp_lanczos_layout(&l, &arena);
  cr_assert_eq(gp_arena_commit(&arena), GP_OK);
  gp_lanczos_layout(&l, &arena);
  int spent = gp_lanczos_run(&l, apply, &m, top, bound);
  cr_assert_eq(spent, m.products);
  gp_arena_free(&arena);
  return spent;
}

static double *symmetric(int64_t n, uint32_t layer) {
  double *a = malloc((size_t)(n * n) * sizeof *a);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = normal(layer, i * n + j);
  return a;
}

Test(spectrum, lanczos_against_dense_eigenvalues) {
  const int64_t sizes[] = {1, 2, 3, 10, 40, 90};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    int64_t n = sizes[s];
    double *a = symmetric(n, 100 + (uint32_t)s), *wanted = malloc((size_t)n * sizeof *wanted), top[5], bound;
    dense_eigen(wanted, a, (int)n);
    double size = fmax(fabs(wanted[0]), fabs(wanted[n - 1]));
    for (int k = 1; k <= 5; k++) {
      int spent = largest(top, &bound, a, n, 200, k, 1e-10, "auto");
      cr_assert_leq(spent, (int)n);
      cr_assert_leq(bound, 1e-10 * size + 1e-14);
      for (int i = 0; i < k; i++) {
        if (i >= n)
          cr_assert(isnan(top[i]));
        else
          cr_assert_float_eq(top[i], wanted[n - 1 - i], 2e-10 * size, "n = %d, eigenvalue %d", (int)n, i);
      }
    }
    free(a);
    free(wanted);
  }
}

/* A negative eigenvalue of larger size does not count; repeated ones are found as often as they occur. */
Test(spectrum, lanczos_of_special_spectra) {
  double diagonal[36] = {0}, top[6];
  const double values[6] = {-9, 2, 2, 2, 1, 0};
  for (int i = 0; i < 6; i++) diagonal[i * 7] = values[i];
  largest(top, NULL, diagonal, 6, 6, 6, 1e-14, "auto");
  const double sorted[6] = {2, 2, 2, 1, 0, -9};
  for (int i = 0; i < 6; i++) cr_assert_float_eq(top[i], sorted[i], 1e-13, "%d: %g", i, top[i]);
  double zeros[9] = {0}, one[1] = {-3};
  largest(top, NULL, zeros, 3, 3, 3, 1e-10, "auto");
  cr_assert(top[0] == 0 && top[2] == 0);
  largest(top, NULL, one, 1, 5, 2, 1e-10, "auto");
  cr_assert(top[0] == -3 && isnan(top[1]));
  diagonal[3] = diagonal[18] = NAN;
  largest(top, NULL, diagonal, 6, 6, 2, 1e-10, "auto");
  cr_assert(isnan(top[0]) && isnan(top[1]));
}

/* The reported bound holds when the products run out, and every tier has the same bits. */
Test(spectrum, lanczos_bound_and_bits) {
  enum { N = 80 };
  double *a = symmetric(N, 300), wanted[N], top[2], bound, first[2] = {0};
  dense_eigen(wanted, a, N);
  for (int most = 3; most <= 30; most += 9) {
    largest(top, &bound, a, N, most, 1, 1e-12, "auto");
    double nearest = INFINITY;
    for (int i = 0; i < N; i++) nearest = fmin(nearest, fabs(wanted[i] - top[0]));
    cr_assert_leq(nearest, bound * (1 + 1e-10) + 1e-13);
  }
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
    if (!(*tier)->supported()) continue;
    largest(top, NULL, a, N, 40, 2, 1e-12, (*tier)->name);
    if (first[0] == 0) memcpy(first, top, sizeof first);
    cr_assert_eq(memcmp(first, top, sizeof first), 0, "%s", (*tier)->name);
  }
  free(a);
}
