/* elu: z above 0, alpha (e^z - 1) below. The slope at 0 is that of the left side, alpha. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(elu)
#endif
#ifdef GP_ACT_BODY
enum { act_elu_params = 1 };
static inline void act_elu(V z, const V *p, V *h, V *d) {
  M below = v_le(z, v_zero());
  *h = v_select(below, p[0] * v_expm1(z), z);
  *d = v_select(below, p[0] * v_exp(z), v_set1(1));
}
#endif
#ifdef GP_ACT_ITEM
static double second_elu(double z, double h, double d, const double *p) {
  (void)h, (void)p;
  return z > 0 ? 0 : d;
}
static const double kinks_elu[] = {0, NAN}; /* with alpha = 1 the slope is continuous and phi'' still jumps */
typedef struct elu_options {
  double alpha;
} elu_options;
static const gp_option options_elu[] = {
    GP_REAL(elu_options, alpha, "alpha", 1, 0, 1e6, "minus the limit for negative z", .flags = GP_NUMERIC),
    GP_OPTIONS_END};
static const gp_activation activation_elu = {
    .item = {"elu", "z above 0, alpha (e^z - 1) below", "Clevert et al. 2016, eq. 15", options_elu},
    .formula = "z if z > 0, else alpha (e^z - 1)",
    .derivative = "1 if z > 0, else alpha e^z",
    .slot = GP_ACT_elu,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = NAN, /* the larger of 1 and alpha */
    .smoothness = 1,
    .second = second_elu,
    .kinks = kinks_elu};
#endif
