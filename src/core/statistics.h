/* Small-sample statistics on doubles, fixed order, NaN-free input unless stated. */
#ifndef GP_STATISTICS_H
#define GP_STATISTICS_H

#include <stddef.h>

/* Sum in the house order: 8 interleaved partial sums, then the fixed pairwise tree
 * ((p0+p1)+(p2+p3))+((p4+p5)+(p6+p7)) (DESIGN invariant 1). */
double gp_sum(const double *x, size_t n);
double gp_mean(const double *x, size_t n);
/* Sample standard deviation (n - 1); NaN below two values. */
double gp_deviation(const double *x, size_t n);
/* Quantile q in [0, 1], linear interpolation between order statistics (type 7). Sorts x in place. NaN when n
 * == 0. */
double gp_quantile(double *x, size_t n, double q);
/* Least-squares line y = a + b x; returns b, stores a when wanted. NaN below two points. */
double gp_slope(const double *x, const double *y, size_t n, double *intercept);

#endif
