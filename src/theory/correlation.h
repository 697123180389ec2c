/* Correlation of two inputs through the layers, and the depth to which it survives (Poole et al. 2016, eq. 5;
 * Schoenholz et al. 2017, eq. 5 to 9). Both inputs have the same length q, normally the fixed point q*. */
#ifndef GP_CORRELATION_H
#define GP_CORRELATION_H

#include "meanfield.h"

/* The correlation after one layer: (sigma_w^2 E[phi(u) phi(v)] + sigma_b^2) / q, u and v normal with variance
 * q and correlation c in [0, 1]. At q = q* the value at c = 1 is 1. */
double gp_meanfield_correlation(const gp_meanfield *field, double q, double c);

/* Its derivative in c, sigma_w^2 E[phi'(u) phi'(v)]; chi_1 at c = 1. */
double gp_meanfield_correlation_slope(const gp_meanfield *field, double q, double c);

/* The stable fixed point c* at q = q*: 1 in the ordered phase (chi_1 <= 1), below 1 in the chaotic one. */
double gp_meanfield_correlation_fixed_point(const gp_meanfield *field, double q);

/* xi_c = -1 / ln(slope at c*), in layers; infinite on the critical line. Nets deeper than about 6 xi_c do not
 * train. */
double gp_meanfield_correlation_depth(const gp_meanfield *field, double q);

/* xi_q = -1 / ln |slope of the length map at q*|, in layers: how soon lengths forget the input (Schoenholz et al. 2017, eq. 7);
 * infinite where every length is kept. */
double gp_meanfield_length_depth(const gp_meanfield *field, double q);

/* xi_gradient = 1 / |ln chi_1|, in layers; infinite on the critical line. */
double gp_meanfield_gradient_depth(const gp_meanfield *field, double q);

#endif
