/* Where gradient methods become unstable on a quadratic: the largest eta lambda, learning rate times curvature, at which an
 * error along an eigenvector of curvature lambda does not grow (SCIENCE section 4). */
#ifndef GP_STABILITY_H
#define GP_STABILITY_H

/* The threshold of an optimiser by its name (`gradpath list optimizers`) and its momentum, in units of 1 / (learning rate
 * times curvature); NaN where it has none of this kind (rates that depend on the size of a gradient or on its sign).
 *
 *   sgd, heavy_ball   2 (1 + beta)                v <- beta v - eta g, w <- w + v        (Polyak 1964)
 *   nesterov          (2 + 2 beta)/(1 + 2 beta)   g taken at w + beta v                  (Nesterov 1983)
 *   averaged          2 (1 + beta)/(1 - beta)     v <- beta v + (1 - beta) g, w <- w - eta v
 *   adam, adamw       as averaged, of the curvature in the preconditioned space: eta lambda_max(P^-1/2 H P^-1/2), P the root
 *                     mean square of gradients; 38 at beta1 = 0.9 (Cohen et al. 2022, section 2)
 *   rmsprop           2, in the same sense
 *
 * Each is where a root of the characteristic polynomial of the error leaves the unit circle at -1. */
double gp_stability_threshold(const char *optimizer, double momentum);

#endif
