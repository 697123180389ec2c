/* Functions of a normal number as series of Hermite polynomials, and the averages over two correlated normal numbers that
 * follow from them at once, for any correlation (Mehler 1866):
 *
 *   f(scale z) = sum_k a_k h_k(z),   h_k = He_k / sqrt(k!),   E[f(scale u) g(scale v)] = sum_k a_k b_k c^k.
 *
 * Derivatives in the variance q = scale^2 come with them: d/dq E f = a_2 / (sqrt 2 q), d^2/dq^2 E f = sqrt 6 a_4 / (2 q^2),
 * also for kinked f. */
#ifndef GP_HERMITE_H
#define GP_HERMITE_H

#include <stddef.h>

enum { GP_HERMITE_TERMS = 32 };

typedef struct gp_hermite {
  double a[GP_HERMITE_TERMS];
  double
      rest; /* E f^2 less the squares of the terms: what a smooth f has not, and what a kink or a step leaves */
} gp_hermite;

/* Terms of the function with values y at the nodes z of a rule of quadrature.h, n of each. */
void gp_hermite_make(gp_hermite *out, const double *z, const double *weight, const double *y, size_t n);

/* E[f g] at correlation c in [-1, 1]. The terms that are not there count as one term of the order behind the last, which is
 * exact at c = 1 for equal functions; for steps 1e-2 between c = 0.9 and 1 and much better below. At negative c, where their
 * signs are not known, they are left out. */
double gp_hermite_pair(const gp_hermite *f, const gp_hermite *g, double c);

/* First and second derivative of E f in q. */
double gp_hermite_slope(const gp_hermite *f, double q);
double gp_hermite_bend(const gp_hermite *f, double q);

#endif
