/* softplus: ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|), which does not overflow; its slope is the sigmoid. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(softplus)
#endif
#ifdef GP_ACT_BODY
enum { act_softplus_params = 0 };
static inline void act_softplus(V z, const V *p, V *h, V *d) {
  (void)p;
  V above = v_select(v_lt(v_zero(), z), z, v_zero());
  *h = above + v_log1p(v_exp(v_neg(v_abs(z))));
  *d = v_sigmoid(z);
}
#endif
#ifdef GP_ACT_ITEM
static double second_softplus(double z, double h, double d, const double *p) {
  (void)h, (void)d, (void)p;
  return gp_sigmoid(z) * gp_sigmoid(-z);
}
static const gp_activation activation_softplus = {
    .item = {"softplus", "ln(1 + e^z), a smooth relu", "Dugas et al. 2001", NULL},
    .formula = "ln(1 + e^z)",
    .derivative = "1/(1 + e^-z)",
    .slot = GP_ACT_softplus,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = 1,
    .smoothness = 2,
    .second = second_softplus};
#endif
