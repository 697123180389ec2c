/* Exact laws of one layer of finite width at initialisation (SCIENCE sections 3 and 4).
 *
 * ReLU, zero biases: a unit of a fixed input is on with probability 1/2, independently of the others and of the size of what comes
 * through: weights are symmetric. So the number of units that are on in a layer of n is binomial, K ~ B(n, 1/2), and
 * a layer multiplies a squared length by (s/n) X with X chi-squared of K degrees of freedom, s the variance of a
 * weight times its fan (He: s = 2). */
#ifndef GP_FINITE_WIDTH_H
#define GP_FINITE_WIDTH_H

#include <stddef.h>
#include <stdint.h>

#include "meanfield.h"

/* The probability that one non-zero input is lost in some layer: 1 - prod_l (1 - 2^-n_l) over hidden layers of these
 * widths (Lu et al. 2020, "Dying ReLU and Initialization", theorem 3, with equality for one input). Units: 1. */
double gp_dead_probability(const int64_t *width, size_t depth);

/* Mean and variance of ln((s/n) X) given that the layer is not dead (K > 0), natural logarithms. */
typedef struct gp_log_law {
  double mean, variance;
} gp_log_law;

/* The law of one layer of `width` >= 1 units: ln(2 s/n) + E psi(K/2), and E psi'(K/2) + var psi(K/2), for
 * chi-squared variables have E ln X = ln 2 + psi(k/2) and var ln X = psi'(k/2); K is binomial given K > 0
 * (Hanin 2018; Hanin and Nica 2020). `scale` is s. NaN for width < 1 or scale <= 0. */
gp_log_law gp_rectifier_log_law(int64_t width, double scale);

/* The same for any activation, of one layer whose pre-activations are independent N(0, q): the law of
 * ln of sum over units of (s/n) phi'(z)^2 g^2, z ~ N(0, q), g ~ N(0, 1), which is what a layer of Gaussian weights does to
 * a squared error signal (gradient independence, Schoenholz et al. 2017), given that it is not 0. s is the field's
 * weight_variance. To leading order the variance is (3 E phi'^4 / (E phi'^2)^2 - 1) / n and the mean ln chi(q) minus half
 * of it; this is exact in n. NaN where phi' is 0 everywhere. */
gp_log_law gp_layer_log_law(const gp_meanfield *field, double q, int64_t width);

#endif
