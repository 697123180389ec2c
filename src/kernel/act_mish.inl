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
static const gp_activation activation_mish = {.item = {"mish", "z tanh(ln(1 + e^z))", "Misra 2019", NULL},
                                              .slot = GP_ACT_mish,
                                              .class_ = GP_ACT_RECTIFIER,
                                              .slope_max = 1.088498161251728, /* at 1.4906 */
                                              .smoothness = 2};
#endif
