/* erf: the saturating unit whose Gaussian averages have closed forms (SCIENCE section 3). */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(erf)
#endif
#ifdef GP_ACT_BODY
enum { act_erf_params = 0 };
static inline void act_erf(V z, const V *p, V *h, V *d) {
  (void)p;
  v_erf_pair(z, h, d);
}
#endif
#ifdef GP_ACT_ITEM
static double second_erf(double z, double h, double d, const double *p) {
  (void)h, (void)p;
  return d == 0 ? 0 : -2 * z * d;
}
static const gp_activation activation_erf = {
    .item = {"erf", "error function; slope 2/sqrt(pi) e^(-z^2)", "Williams 1997", NULL},
    .formula = "erf(z)",
    .derivative = "2/sqrt(pi) e^(-z^2)",
    .slot = GP_ACT_erf,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1.1283791670955126, /* 2/sqrt(pi) */
    .smoothness = 2,
    .second = second_erf};
#endif
