/* relu6: relu that saturates at 6. A unit held above 6 is as dead as one held below 0, so dead_fraction counts both
 * and saturated_fraction is left out, as for the rest of the family (SCIENCE section 2). */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(relu6)
#endif
#ifdef GP_ACT_BODY
enum { act_relu6_params = 0 };
static inline void act_relu6(V z, const V *p, V *h, V *d) {
  (void)p;
  const V six = v_set1(6);
  M off = v_le(z, v_zero()), full = v_le(six, z);
  *h = v_select(off, v_zero(), v_select(full, six, z));
  *d = v_select(m_or(off, full), v_zero(), v_set1(1));
}
#endif
#ifdef GP_ACT_ITEM
static const double kinks_relu6[] = {0, 6, NAN};
static const gp_activation activation_relu6 = {
    .item = {"relu6", "z clipped to [0, 6]; slope 0 or 1", "Krizhevsky 2010", NULL},
    .formula = "z within [0, 6]",
    .derivative = "1 if 0 < z < 6, else 0",
    .slot = GP_ACT_relu6,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = 1,
    .smoothness = 1,
    .second = gp_act_flat,
    .kinks = kinks_relu6};
#endif
