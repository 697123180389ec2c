/* Spectra of the input-output Jacobian of wide square nets at initialisation (SCIENCE section 4). */
#ifndef GP_JACOBIAN_LAW_H
#define GP_JACOBIAN_LAW_H

#include <stdbool.h>
#include <stddef.h>

/* Variance over squared mean of the squared singular values of a product of `matrices` weight matrices, with a diagonal of
 * slopes phi' behind `masks` of them: matrices (0 for orthogonal ones) + masks (E phi'^4 / (E phi'^2)^2 - 1)
 * (Pennington, Schoenholz and Ganguli 2017, eq. 21). `kurtosis` is that quotient: 1 linear, 2 ReLU. For ReLU with a mask
 * behind each of H layers and a linear output, 2 H + 1 = 2 L - 1 Gaussian and H = L - 1 orthogonal. */
double gp_jacobian_spread(size_t matrices, size_t masks, double kurtosis, bool orthogonal);

/* The largest squared singular value of a product of so many square Gaussian matrices of variance 1/n, n to infinity:
 * (L + 1)^(L + 1) / L^L (Fuss-Catalan law; Burda et al. 2010). Finite n lie below. */
double gp_jacobian_edge(size_t matrices);

/* Their density of squared singular values, as a curve: the value x and its density at angle t in (0, pi / (L + 1)), x
 * falling from the edge to 0 (Haagerup and Moeller 2013):
 *   x = sin((L+1) t)^(L+1) / (sin t sin(L t)^L),   p = sin(t)^2 sin(L t)^(L-1) / (pi sin((L+1) t)^L). */
void gp_jacobian_density(size_t matrices, double t, double *x, double *density);

#endif
