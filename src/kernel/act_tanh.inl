/* tanh: slope 1 at 0, so Xavier keeps the gradient for small pre-activations. The derivative comes from z. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(tanh)
#endif
#ifdef GP_ACT_BODY
enum { act_tanh_params = 0 };
static inline void act_tanh(V z, const V *p, V *h, V *d) {
  (void)p;
  v_tanh_pair(z, h, d);
}
#endif
#ifdef GP_ACT_ITEM
static double second_tanh(double z, double h, double d, const double *p) {
  (void)z, (void)p;
  return -2 * h * d;
}
static const gp_activation activation_tanh = {
    .item = {"tanh", "hyperbolic tangent; slope at most 1", "", NULL},
    .formula = "tanh(z)",
    .derivative = "1 - h^2",
    .slot = GP_ACT_tanh,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1,
    .smoothness = 2,
    .second = second_tanh};
#endif
