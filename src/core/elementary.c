/* The scalar entry points of elementary.h: the bodies of elementary.inl in the portable double vocabulary. */
#define GP_BITS 64
#include "vec_scalar.h"
#include "elementary.inl"
#include "elementary.h"

double gp_exp(double x) {
  return v_exp(x);
}
double gp_expm1(double x) {
  return v_expm1(x);
}
double gp_log(double x) {
  return v_log(x);
}
double gp_log1p(double x) {
  return v_log1p(x);
}
double gp_sin(double x) {
  return v_sin(x);
}
double gp_cos(double x) {
  return v_cos(x);
}
double gp_tanh(double x) {
  return v_tanh(x);
}
double gp_sigmoid(double x) {
  return v_sigmoid(x);
}
double gp_erf(double x) {
  return v_erf(x);
}

/* log x = high + low. With s = f/(2 + f): log(1 + f) = 2 s + s^3 P(s^2); 2 s is carried in two parts, and the
 * terms are added largest first with their rounding errors kept. */
static double log_parts(double x, double *low) {
  double e, f = v_split(x, &e) - 1;
  double below = 2 + f, below_rest = f - (below - 2);
  double s = f / below, z = s * s;
  double s_rest = (__builtin_fma(-s, below, f) - s * below_rest) / below;
  double tail = s * z * E_POLY(z, e_log) + (2 * s_rest + e * E_LN2_LO);
  double big = e * E_LN2_HI, sum = big + 2 * s, rest = 2 * s - (sum - big);
  if (e == 0) sum = 2 * s, rest = 0;
  double high = sum + tail;
  *low = tail - (high - sum) + rest;
  return high;
}

/* exp(a + b), b small. */
static double exp_sum(double a, double b) {
  double n, r = e_exp_reduce(v_clamp(a, E_EXP_LOW, E_EXP_HIGH), &n);
  return v_scale(1 + e_exp_tail(r + b), n);
}

double gp_pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (!(x > 0) || isinf(x) || !isfinite(y)) return gp_exp(y * gp_log(x));
  double low, high = log_parts(x, &low);
  double product = high * y;
  if (!(product > E_EXP_LOW && product < E_EXP_HIGH)) return gp_exp(product);
  return exp_sum(product, __builtin_fma(high, y, -product) + low * y);
}
