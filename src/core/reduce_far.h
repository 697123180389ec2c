/* Argument reduction of sin and cos for large arguments, after Payne and Hanek (1983): x 2/pi modulo 4 in
 * integer arithmetic, with as many bits of 2/pi as the exponent of x asks for. */
#ifndef GP_REDUCE_FAR_H
#define GP_REDUCE_FAR_H

/* x = r + quadrant pi/2 modulo 2 pi, |r| <= pi/4, for finite |x| >= 2^16; r has a relative error below 2^-52.
 * Infinite or NaN: NaN. */
double gp_reduce_far(double x, unsigned *quadrant);

#endif
