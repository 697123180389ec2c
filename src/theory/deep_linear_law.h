/* Closed-form learning of deep linear nets (Saxe, McClelland and Ganguli 2014): one mode of strength s, all L weights equal
 * to a, loss 1/2 sum over examples with sum x x^T = I. Then a <- a + eta a^(L-1) (s - a^L), the same for every layer. */
#ifndef GP_DEEP_LINEAR_LAW_H
#define GP_DEEP_LINEAR_LAW_H

#include <stddef.h>
#include <stdint.h>

/* a after so many steps of gradient descent. */
double gp_deep_linear_map(double a, size_t layers, double s, double eta, int64_t steps);

/* The product u = a^2 of two layers under gradient flow at time t = eta x steps, from u0 in (0, s):
 * u(t) = s e^(2 s t) / (e^(2 s t) - 1 + s / u0). */
double gp_saxe_curve(double u0, double s, double t);

/* The time of the flow from all weights a0 until u = a^L is `share` of s: the integral of da / (a^(L-1) (s - a^L)), by Simpson
 * in ln a (1e-10 relative from a0 = 1e-3 on). This is the length of the plateau; s = 1. */
double gp_plateau_time(double a0, size_t layers, double share);

#endif
