/* celu: elu with z/alpha in the exponent, so that the slope is 1 at 0 for every alpha. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(celu)
#endif
#ifdef GP_ACT_BODY
enum { act_celu_params = 1 };
/* z/alpha = x + rest: in the tail a rounded x alone would cost |x| roundings of e^x. Where x is clamped, e^x is 0 and
 * the rest only has to stay finite. */
static inline void act_celu(V z, const V *p, V *h, V *d) {
  M below = v_le(z, v_zero());
  V x = v_clamp(z / p[0], -1024, 0), rest = v_fma(v_neg(x), p[0], z) / p[0];
  V e = v_exp(x);
  *h = v_select(below, p[0] * v_expm1(x), z);
  *d = v_select(below, v_fma(e, v_clamp(rest, -1, 1), e), v_set1(1));
}
#endif
#ifdef GP_ACT_ITEM
static double second_celu(double z, double h, double d, const double *p) {
  (void)h;
  return z > 0 ? 0 : d / p[0];
}
static const double kinks_celu[] = {0, NAN}; /* of the slope: phi'' jumps from 1/alpha to 0 */
typedef struct celu_options {
  double alpha;
} celu_options;
static const gp_option options_celu[] = {GP_REAL(celu_options, alpha, "alpha", 1, 1e-6, 1e6,
                                                 "minus the limit for negative z", .flags = GP_NUMERIC),
                                         GP_OPTIONS_END};
static const gp_activation activation_celu = {
    .item = {"celu", "z above 0, alpha (e^(z/alpha) - 1) below", "Barron 2017, eq. 2", options_celu},
    .formula = "z if z > 0, else alpha (e^(z/alpha) - 1)",
    .derivative = "1 if z > 0, else e^(z/alpha)",
    .slot = GP_ACT_celu,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = 1,
    .smoothness = 1,
    .second = second_celu,
    .kinks = kinks_celu};
#endif
