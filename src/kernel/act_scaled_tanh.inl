/* scaled_tanh: 1.7159 tanh(2z/3), so that phi(1) = 1 and phi(-1) = -1 nearly, with the largest curvature there. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(scaled_tanh)
#endif
#ifdef GP_ACT_BODY
enum { act_scaled_tanh_params = 0 };
/* u + rest = 2z/3: tanh' falls like e^-2u, so in the tail a rounded u alone would cost 2u roundings. From 1024 on
 * tanh is 1 and tanh' 0 in every precision, and no infinity meets another. */
static inline void act_scaled_tanh(V z, const V *p, V *h, V *d) {
  (void)p;
  const V three = v_set1(3), scale = v_set1((real)1.7159);
  V x = v_clamp(z, -1024, 1024), twice = x + x, u = twice / three;
  V rest = v_fma(v_neg(three), u, twice) / three;
  V t, dt;
  v_tanh_pair(u, &t, &dt);
  dt = v_fma(dt, v_set1(-2) * t * rest, dt);
  *h = scale * t;
  *d = v_set1((real)(1.7159 * 2 / 3)) * dt;
}
#endif
#ifdef GP_ACT_ITEM
static double second_scaled_tanh(double z, double h, double d, const double *p) {
  (void)z, (void)p;
  return -4 * (h / (1.7159 * 3)) * d;
}
static const gp_activation activation_scaled_tanh = {
    .item = {"scaled_tanh", "1.7159 tanh(2z/3); near 1 at z = 1", "LeCun et al. 1998, section 4.4", NULL},
    .formula = "1.7159 tanh(2z/3)",
    .derivative = "1.7159 (2/3) (1 - tanh^2(2z/3))",
    .slot = GP_ACT_scaled_tanh,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1.7159 * 2 / 3,
    .smoothness = 2,
    .second = second_scaled_tanh};
#endif
