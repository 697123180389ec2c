/* sigmoid: 1/(1 + e^-z). Its slope is at most 1/4, so L of them multiply a gradient by at most 4^-L.
 * The derivative comes from z, not from the output (SCIENCE 5.3): y(1 - y) is exactly 0 from z = 16.7 on in
 * float. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(sigmoid)
#endif
#ifdef GP_ACT_BODY
enum { act_sigmoid_params = 0 };
static inline void act_sigmoid(V z, const V *p, V *h, V *d) {
  (void)p;
  v_sigmoid_pair(z, h, d);
}
#endif
#ifdef GP_ACT_ITEM
/* 1 - 2h = -tanh(z/2), without the cancellation at 0. */
static double second_sigmoid(double z, double h, double d, const double *p) {
  (void)h, (void)p;
  return -gp_tanh(z / 2) * d;
}
static const gp_activation activation_sigmoid = {
    .item = {"sigmoid", "1/(1 + e^-z); slope at most 1/4", "", NULL},
    .formula = "1/(1 + e^-z)",
    .derivative = "h (1 - h)",
    .slot = GP_ACT_sigmoid,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 0.25,
    .smoothness = 2,
    .second = second_sigmoid};
#endif
