/* selu: the elu whose constants make mean 0 and variance 1 a fixed point for W ~ N(0, 1/n) (SCIENCE section 4). */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(selu)
#endif
#ifdef GP_ACT_BODY
enum { act_selu_params = 0 };
static inline void act_selu(V z, const V *p, V *h, V *d) {
  (void)p;
  const V lambda = v_set1((real)1.0507009873554805), both = v_set1((real)1.7580993408473769);
  M below = v_le(z, v_zero());
  *h = v_select(below, both * v_expm1(z), lambda * z);
  *d = v_select(below, both * v_exp(z), lambda);
}
#endif
#ifdef GP_ACT_ITEM
static double second_selu(double z, double h, double d, const double *p) {
  (void)h, (void)p;
  return z > 0 ? 0 : d;
}
static const double kinks_selu[] = {0, NAN};
static const gp_activation activation_selu = {
    .item = {"selu", "lambda z above 0, lambda alpha (e^z - 1) below; keeps mean 0 and variance 1",
             "Klambauer et al. 2017, eq. 2 and 14", NULL},
    .formula = "lambda z if z > 0, else lambda alpha (e^z - 1)",
    .derivative = "lambda if z > 0, else lambda alpha e^z",
    .slot = GP_ACT_selu,
    .class_ = GP_ACT_SELU,
    .slope_max = 1.7580993408473769, /* lambda alpha = 1.0507009873554805 * 1.6732632423543772 */
    .smoothness = 1,
    .second = second_selu,
    .kinks = kinks_selu};
#endif
