/* sign: the perceptron's unit. Its derivative is 0 wherever it exists, so no hidden layer ever learns. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(sign)
#endif
#ifdef GP_ACT_BODY
enum { act_sign_params = 0 };
static inline void act_sign(V z, const V *p, V *h, V *d) {
  (void)p;
  V up = v_select(v_lt(v_zero(), z), v_set1(1), z); /* 0 stays 0, NaN stays NaN */
  *h = v_select(v_lt(z, v_zero()), v_set1(-1), up);
  *d = v_zero();
}
#endif
#ifdef GP_ACT_ITEM
static const double kinks_sign[] = {0, NAN};
static const gp_activation activation_sign = {
    .item = {"sign", "-1, 0 or 1 by the sign of z; derivative 0", "Rosenblatt 1958", NULL},
    .formula = "-1, 0 or 1 by the sign of z",
    .derivative = "0",
    .slot = GP_ACT_sign,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = NAN,
    .smoothness = 0,
    .kinks = kinks_sign};
#endif
