/* hard_tanh: z clipped to [-1, 1]. The slope is 0 at the corners, as relu's is. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(hard_tanh)
#endif
#ifdef GP_ACT_BODY
enum { act_hard_tanh_params = 0 };
static inline void act_hard_tanh(V z, const V *p, V *h, V *d) {
  (void)p;
  *h = v_clamp(z, -1, 1);
  *d = v_select(v_le(v_set1(1), v_abs(z)), v_zero(), v_set1(1));
}
#endif
#ifdef GP_ACT_ITEM
static const double kinks_hard_tanh[] = {-1, 1, NAN};
static const gp_activation activation_hard_tanh = {
    .item = {"hard_tanh", "z clipped to [-1, 1]", "Collobert 2004", NULL},
    .formula = "z within [-1, 1]",
    .derivative = "1 if |z| < 1, else 0",
    .slot = GP_ACT_hard_tanh,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1,
    .smoothness = 1,
    .second = gp_act_flat,
    .kinks = kinks_hard_tanh};
#endif
