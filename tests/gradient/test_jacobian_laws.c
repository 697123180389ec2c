/* Spectra of the input-output Jacobian of wide random networks (SCIENCE section 4; Pennington et al. 2017; Hanin and Nica
 * 2019), at width 1000, over seeds.
 *
 * r = E[m2] / E[m1^2] - 1, the variance over the squared mean of the squared singular values, tends to a constant of the
 * depth. At width N it is exactly computable for Gaussian weights: for A fixed, with T1 = tr A and T2 = tr A^2,
 *   W of variance 1/N:             E tr(W A W^T)^2 = (1 + 1/N) T2 + T1^2/N,   E (tr W A W^T)^2 = T1^2 + 2 T2/N
 *   rows kept with chance 1/2, 2/N:                = (1 + 3/N) T2 + 2 T1^2/N,                  = (1 + 1/N) T1^2 + 4 T2/N
 * (flipping the sign of a row of W changes its mask and no quadratic form, so the masks are independent of those). The
 * measured r must lie within three standard errors of that, and that near the constant. Seeds are fixed. */
#include <stdio.h>

#include "second_case.h"

enum { N = 1000 };

typedef struct law {
  const char *words;
  int layers;
  bool masked, masked_output, exact;
  double constant;
  int seeds;
} law;

/* r at width N, from the recursion above; layers in order, the mask after all but the last, and there if so. */
static double finite_width(const law *of) {
  double n = N, u = 1, s = 1; /* E[T2] / N and E[T1^2] / N^2 */
  for (int l = 1; l <= of->layers; l++) {
    bool mask = of->masked && (l < of->layers || of->masked_output);
    double next = mask ? (1 + 3 / n) * u + 2 * s : (1 + 1 / n) * u + s;
    s = mask ? (1 + 1 / n) * s + 4 * u / (n * n) : s + 2 * u / (n * n);
    u = next;
  }
  return u / s - 1;
}

typedef struct spectrum {
  double ratio, error; /* r and its standard error */
  double top;          /* mean of sigma_max^2 / m1 */
} spectrum;

static spectrum measure(const law *of) {
  double m1[16], m2[16], squares = 0, seconds = 0, deviation = 0;
  spectrum found = {0};
  gp_second_settings set = gp_second_default();
  set.needs = GP_NEED_JACOBIAN;
  for (int seed = 0; seed < of->seeds; seed++) {
    second_case c;
    char words[256];
    double m[3];
    snprintf(words, sizeof words,
             "data.samples=1 data.features=1000 data.targets=1000 width=1000 depth=%d bias=false seed=%d %s",
             of->layers - 1, seed, of->words);
    second_case_make(&c, words, &set, "auto");
    gp_second_jacobian(&c.second, m);
    second_case_free(&c);
    m1[seed] = m[0], m2[seed] = m[1];
    squares += m[0] * m[0], seconds += m[1];
    found.top += m[2] * m[2] / m[0] / of->seeds;
  }
  found.ratio = seconds / squares - 1;
  for (int i = 0; i < of->seeds; i++) {
    double gap = m2[i] - (found.ratio + 1) * m1[i] * m1[i];
    deviation += gap * gap;
  }
  found.error = sqrt(deviation * of->seeds / (of->seeds - 1)) / squares;
  return found;
}

static void check(const law *of) {
  spectrum found = measure(of);
  double exact = of->exact ? finite_width(of) : of->constant;
  /* Of order 1/N: for orthogonal layers, whose finite width has no formula here, it is allowed for. */
  double slack = 10.0 * of->layers / N * of->constant;
  printf("%s, L = %d: r = %.4f +- %.4f, exact %.4f, wide %g, sigma_max^2/m1 %.4f\n", of->words, of->layers,
         found.ratio, found.error, exact, of->constant, found.top);
  cr_assert_leq(fabs(exact - of->constant), slack, "%s: %g", of->words, exact);
  cr_assert_leq(fabs(found.ratio - exact), 3 * found.error + (of->exact ? 0 : slack / 10),
                "%s: %g +- %g, not %g", of->words, found.ratio, found.error, exact);
}

Test(jacobian_laws, linear_gaussian) {
  const law laws[] = {{"activation=linear init=lecun", 1, false, false, true, 1, 6},
                      {"activation=linear init=lecun", 3, false, false, true, 3, 6}};
  for (int i = 0; i < 2; i++) check(&laws[i]);
  /* sigma_max^2 -> (L + 1)^(L + 1) / L^L from below. */
  spectrum found = measure(&laws[1]);
  double limit = 256.0 / 27;
  cr_assert(found.top > 0.94 * limit && found.top < 1.02 * limit, "%g of %g", found.top, limit);
}

Test(jacobian_laws, relu_gaussian) {
  const law plain = {"activation=relu init=he", 3, true, false, true, 5, 6};
  const law masked = {"activation=relu init=he output=relu", 3, true, true, true, 6, 6};
  check(&plain);
  check(&masked);
}

Test(jacobian_laws, relu_orthogonal) {
  const law plain = {"activation=relu init=orthogonal", 3, true, false, false, 2, 6};
  const law masked = {"activation=relu init=orthogonal output=relu", 3, true, true, false, 3, 6};
  check(&plain);
  check(&masked);
}
