/* hard_sigmoid: the straight line from (-3, 0) to (3, 1). Other slopes are in use (1/5, 1/2); this is the one of
 * MobileNetV3. The slope is 0 at the corners, as relu's is. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(hard_sigmoid)
#endif
#ifdef GP_ACT_BODY
enum { act_hard_sigmoid_params = 0 };
static inline void act_hard_sigmoid(V z, const V *p, V *h, V *d) {
  (void)p;
  const V six = v_set1(6);
  M flat = v_le(v_set1(3), v_abs(z));
  *h = v_clamp(z + v_set1(3), 0, 6) / six;
  *d = v_select(flat, v_zero(), v_set1(1) / six);
}
#endif
#ifdef GP_ACT_ITEM
static const double kinks_hard_sigmoid[] = {-3, 3, NAN};
static const gp_activation activation_hard_sigmoid = {
    .item = {"hard_sigmoid", "z/6 + 1/2 clipped to [0, 1]", "Howard et al. 2019, section 5.2", NULL},
    .formula = "z/6 + 1/2 within [0, 1]",
    .derivative = "1/6 if |z| < 3, else 0",
    .slot = GP_ACT_hard_sigmoid,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1.0 / 6,
    .smoothness = 1,
    .second = gp_act_flat,
    .kinks = kinks_hard_sigmoid};
#endif
