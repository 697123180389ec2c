/* Gaussian averages E[f(centre + scale z)], z ~ N(0, 1), by composite Gauss-Legendre panels.
 *
 *   z   -10 |  wide  | narrower |.|.|.| wider |    wide    | 10        narrow where the argument of f is near
 * 0
 *
 * Panels are as wide as the finer of two scales: the Gaussian's (1 in z) and the function's (1 in its
 * argument, near 0), growing geometrically between the two, and they end at every kink, so the average keeps
 * its order for kinked functions. Nodes are computed, not tabled; only + - * / sqrt and the house's exp and
 * cos are used. */
#ifndef GP_QUADRATURE_H
#define GP_QUADRATURE_H

#include <stddef.h>

/* y[i] = f(x[i]) for n values. */
typedef void (*gp_integrand)(const void *context, const double *x, double *y, size_t n);

enum { GP_QUADRATURE_NODES = 20 };

/* E[f(centre + scale z)]. `kinks` (in the argument of f) ends with a NaN, or is NULL. About 1e-13 relative
 * for functions that are smooth on the unit scale between their kinks and grow no faster than a polynomial.
 * NaN for a scale that is negative or not finite. */
double gp_gauss_mean(gp_integrand f, const void *context, double centre, double scale, const double *kinks);

/* The same as a list, for many averages of one argument: z and weights with E[f(scale z)] = sum of weight f(scale z).
 * Returns how many were written, a multiple of GP_QUADRATURE_NODES; GP_GAUSS_ROOM is enough for any scale up to 1e12 with
 * up to four kinks. 0 for a scale that is negative or not finite. */
enum { GP_GAUSS_ROOM = 160 * GP_QUADRATURE_NODES };
size_t gp_gauss_rule(double scale, const double *kinks, double *z, double *weight, size_t room);

/* Gauss-Legendre nodes (ascending) and weights on [-1, 1]: roots of P_n by Newton's iteration (Abramowitz and
 * Stegun 25.4.29), n = GP_QUADRATURE_NODES. */
void gp_legendre_rule(double node[static GP_QUADRATURE_NODES], double weight[static GP_QUADRATURE_NODES]);

#endif
