/* relu: max(0, z), slope 0 at 0; NaN passes through (a NaN is a result). */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(relu)
#endif
#ifdef GP_ACT_BODY
enum { act_relu_params = 0 };
static inline void act_relu(V z, const V *p, V *h, V *d) {
  (void)p;
  M off = v_le(z, v_zero());
  *h = v_select(off, v_zero(), z);
  *d = v_select(off, v_zero(), v_set1(1));
}
#endif
#ifdef GP_ACT_ITEM
static const double kinks_relu[] = {0, NAN};
static const gp_activation activation_relu = {
    .item = {"relu", "max(0, z); slope 0 or 1", "Nair and Hinton 2010", NULL},
    .formula = "max(0, z)",
    .derivative = "1 if z > 0, else 0",
    .slot = GP_ACT_relu,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = 1,
    .homogeneous = true,
    .smoothness = 1,
    .second = gp_act_flat,
    .kinks = kinks_relu};
#endif
