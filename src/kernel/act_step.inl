/* step: the threshold unit of McCulloch and Pitts. As with sign, the derivative is 0 wherever it exists. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(step)
#endif
#ifdef GP_ACT_BODY
enum { act_step_params = 0 };
static inline void act_step(V z, const V *p, V *h, V *d) {
  (void)p;
  V off = v_select(v_le(z, v_zero()), v_zero(), z); /* NaN stays NaN */
  *h = v_select(v_lt(v_zero(), z), v_set1(1), off);
  *d = v_zero();
}
#endif
#ifdef GP_ACT_ITEM
static const double kinks_step[] = {0, NAN};
static const gp_activation activation_step = {
    .item = {"step", "1 above 0, else 0; derivative 0", "McCulloch and Pitts 1943", NULL},
    .formula = "1 if z > 0, else 0",
    .derivative = "0",
    .slot = GP_ACT_step,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = NAN,
    .smoothness = 0,
    .kinks = kinks_step};
#endif
