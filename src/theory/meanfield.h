/* Mean-field theory of signal propagation (Poole et al. 2016; Schoenholz et al. 2017), SCIENCE section 3.
 *
 * Weights N(0, weight_variance / fan_in), biases N(0, bias_variance). q is the mean square pre-activation. */
#ifndef GP_MEANFIELD_H
#define GP_MEANFIELD_H

#include "option.h"
#include "status.h"

/* h = phi(z), d = phi'(z) for n doubles; either output may be NULL (the signature of gp_activation_eval). */
typedef void (*gp_phi)(const gp_choice *choice, const double *z, double *h, double *d, size_t n);

/* What a layer of the theory needs: a gp_activation (its kinks are read from the item) with its settings. */
typedef struct gp_meanfield {
  const gp_choice *activation;
  double weight_variance, bias_variance;
  gp_phi phi; /* NULL: gp_activation_eval */
} gp_meanfield;

/* E[phi(sqrt(q) z)], as below. */
double gp_meanfield_mean(const gp_meanfield *field, double q);

/* E[phi(sqrt(q) z)^2] and E[phi'(sqrt(q) z)^2], z ~ N(0, 1); 1e-9 relative for smooth and kinked phi. NaN for
 * a q that is negative or not finite. At q = 0 the slope moment is the limit from above (1/2 for ReLU). */
double gp_meanfield_moment(const gp_meanfield *field, double q);
double gp_meanfield_slope_moment(const gp_meanfield *field, double q);

/* E[phi'^4] / E[phi'^2]^2: 1 linear, 2 ReLU. */
double gp_meanfield_slope_kurtosis(const gp_meanfield *field, double q);

/* One step of the length map: sigma_w^2 E[phi^2] + sigma_b^2. */
double gp_meanfield_length(const gp_meanfield *field, double q);
/* Its derivative in q; at q = 0 the limit from above. */
double gp_meanfield_length_slope(const gp_meanfield *field, double q);
/* chi(q) = sigma_w^2 E[phi'^2]; chi_1 is its value at the fixed point. */
double gp_meanfield_chi(const gp_meanfield *field, double q);
/* The stable fixed point q* reached from q = 1 (for a length map that never falls, which holds when |phi|
 * rises away from 0: the nearest crossing in the direction the map moves). NaN when it runs away. */
double gp_meanfield_fixed_point(const gp_meanfield *field);

#endif
