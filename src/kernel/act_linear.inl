/* linear: phi(z) = z. A deep linear net collapses to one matrix. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(linear)
#endif
#ifdef GP_ACT_BODY
enum { act_linear_params = 0 };
static inline void act_linear(V z, const V *p, V *h, V *d) {
  (void)p;
  *h = z;
  *d = v_set1(1);
}
#endif
#ifdef GP_ACT_ITEM
static const gp_activation activation_linear = {
    .item = {"linear", "z; the net collapses to one matrix", "", NULL},
    .formula = "z",
    .derivative = "1",
    .slot = GP_ACT_linear,
    .class_ = GP_ACT_LINEAR,
    .slope_max = 1,
    .homogeneous = true,
    .smoothness = 2,
    .second = gp_act_flat};
#endif
