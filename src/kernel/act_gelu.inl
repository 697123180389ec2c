/* gelu: z Phi(z), Phi the normal distribution function, exact (not the tanh formula: gelu_tanh).
 *
 * With the density g and Mills' ratio R(a) = Phi(-a)/g(a), a = |z|: Phi(-a) = g R, so
 *   z < 0:  h = -a g R,     phi' = g (R - a)           z > 0:  h = z - a g R,   phi' = 1 - g (R - a)
 * and nothing cancels but at the zero of phi' itself (z = -0.7518). */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(gelu)
#endif
#ifdef GP_ACT_BODY
enum { act_gelu_params = 0 };
static inline void act_gelu(V z, const V *p, V *h, V *d) {
  (void)p;
  V a = v_clamp(v_abs(z), 0, E_NORMAL_ZERO), ratio = e_mills(a);
  V n, g = e_density(a, &n);
  V tail = v_scale(a * (ratio * g), n), slope = v_scale((ratio - a) * g, n);
  M left = v_lt(z, v_zero());
  *h = v_select(left, v_neg(tail), z - tail);
  *d = v_select(left, slope, v_set1(1) - slope);
}
#endif
#ifdef GP_ACT_ITEM
/* (2 - z^2) g, g the normal density. */
static double second_gelu(double z, double h, double d, const double *p) {
  (void)h, (void)d, (void)p;
  const double x = gp_act_within(z, 40), density = 0.3989422804014327 * gp_exp(-x * x / 2);
  return (2 - x * x) * density;
}
static const gp_activation activation_gelu = {
    .item = {"gelu", "z Phi(z), Phi the normal distribution function", "Hendrycks and Gimpel 2016", NULL},
    .formula = "z Phi(z)",
    .derivative = "Phi(z) + z g(z), g the density of Phi",
    .slot = GP_ACT_gelu,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = 1.1289041451851547, /* at sqrt 2 */
    .smoothness = 2,
    .second = second_gelu};
#endif
