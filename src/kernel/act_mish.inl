/* mish: z tanh(ln(1 + e^z)). The logarithm cancels: with e = e^-|z|,
 *   z < 0:  D = e (e + 2) + 2,   tanh = e (e + 2)/D,     phi' = e/D (e + 2 + 4 z (1 + e)/D)
 *   z > 0:  D = 2 e (1 + e) + 1, tanh = (1 + 2 e)/D,     phi' = 1/D (1 + 2 e + 4 z e^2 (1 + e)/D)
 * so nothing overflows and both tails keep their relative accuracy. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(mish)
#endif
#ifdef GP_ACT_BODY
enum { act_mish_params = 0 };
static inline void act_mish(V z, const V *p, V *h, V *d) {
  (void)p;
  const V one = v_set1(1), two = v_set1(2);
  V x = v_clamp(z, -E_GATE_ZERO, E_GATE_ZERO);
  M left = v_lt(z, v_zero());
  V n, q = e_decay(x, &n), e = v_scale(q, n);
  V below = v_select(left, v_fma(e, e + two, two), v_fma(two * e, one + e, one));
  V above = v_select(left, e + two, v_fma(two, e, one));
  V bend = v_set1(4) * x * v_select(left, one, e * e) * (one + e) / below;
  V side = v_select(left, q, one) / below;
  n = v_select(left, n, v_zero());
  *h = v_scale(v_clamp(z, -E_GATE_ZERO, (real)INFINITY) * (side * above), n);
  *d = v_scale(side * (above + bend), n);
}
#endif
#ifdef GP_ACT_ITEM
/* With T = tanh(ln(1 + e^z)) and s = sigmoid(z): T' = (1 - T^2) s, and so
 * (z T)'' = (1 - T^2) s (2 + z (1 - s - 2 T s)). As above, e = e^-|z|. */
static double second_mish(double z, double h, double d, const double *p) {
  (void)h, (void)d, (void)p;
  const double x = gp_act_within(z, 1024), e = gp_exp(x < 0 ? x : -x), s = gp_sigmoid(x);
  double below = x < 0 ? e * (e + 2) + 2 : 2 * e * (1 + e) + 1;
  double t = (x < 0 ? e * (e + 2) : 1 + 2 * e) / below;
  double side = (x < 0 ? 2 : 2 * e) * (1 + e) / below; /* its square is 1 - T^2 */
  return side * side * s * (2 + x * (gp_sigmoid(-x) - 2 * t * s));
}
static const gp_activation activation_mish = {.item = {"mish", "z tanh(ln(1 + e^z))", "Misra 2019", NULL},
                                              .formula = "z t(z), t = tanh(ln(1 + e^z))",
    .derivative = "t + z (1 - t^2) sigmoid(z)",
    .slot = GP_ACT_mish,
                                              .class_ = GP_ACT_RECTIFIER,
                                              .slope_max = 1.088498161251728, /* at 1.4906 */
                                              .smoothness = 2,
                                              .second = second_mish};
#endif
