/* The edge of chaos: where chi_1 = 1 (Schoenholz et al. 2017, figure 1). As a curve over the fixed point q it is explicit,
 *   sigma_w^2(q) = 1 / E[phi'(sqrt(q) z)^2],   sigma_b^2(q) = q - sigma_w^2(q) E[phi(sqrt(q) z)^2]. */
#ifndef GP_CRITICAL_H
#define GP_CRITICAL_H

#include "meanfield.h"

typedef struct gp_critical_point {
  double weight_variance, bias_variance, q;
} gp_critical_point;

/* The point of the curve at length q > 0 (bias_variance is negative where no variance of biases has this fixed point). Of
 * the field only the activation is used. */
gp_critical_point gp_critical_at(const gp_meanfield *field, double q);

/* The critical sigma_w^2 at the field's bias_variance, and its q*; the smallest q* where there are several. At sigma_b = 0
 * that is 1 / phi'(0)^2 with q* = 0 where phi(0) = 0, and for nets that keep every length (ReLU and its like) their one
 * critical value, of any q. NaN where there is none. */
gp_critical_point gp_critical_point_of(const gp_meanfield *field);

#endif
