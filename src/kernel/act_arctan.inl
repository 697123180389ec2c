/* arctan: its slope 1/(1 + z^2) falls like a power, not like an exponential: it saturates, but late. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(arctan)
#endif
#ifdef GP_ACT_BODY
enum { act_arctan_params = 0 };
static inline void act_arctan(V z, const V *p, V *h, V *d) {
  (void)p;
  v_atan_pair(z, h, d);
}
#endif
#ifdef GP_ACT_ITEM
static double second_arctan(double z, double h, double d, const double *p) {
  (void)h, (void)p;
  return d == 0 ? 0 : -2 * z * d * d;
}
static const gp_activation activation_arctan = {
    .item = {"arctan", "inverse tangent; slope 1/(1 + z^2)", "", NULL},
    .formula = "arctan(z)",
    .derivative = "1/(1 + z^2)",
    .slot = GP_ACT_arctan,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1,
    .smoothness = 2,
    .second = second_arctan};
#endif
