/* Elementary functions in double, our own: only +, -, *, /, sqrt and fma, the same operations on every tier,
 * so the same bits on every machine. Scalar entry points of the bodies in elementary.inl; error bounds in ulp
 * are stated there and tested. */
#ifndef GP_ELEMENTARY_H
#define GP_ELEMENTARY_H

double gp_exp(double x);
double gp_expm1(double x);
double gp_log(double x); /* x > 0; 0 -> -inf, negative -> NaN */
double gp_log1p(double x);
double gp_sin(double x);
double gp_cos(double x);
double gp_tanh(double x);
double gp_sigmoid(double x);
double gp_erf(double x);
double gp_pow(double x, double y); /* exp(y log x), x >= 0; error at most 2 + |y log x| / 10 ulp */

#endif
