/* sine: bounded and periodic, so a unit leaves its flat places again. An infinity has no sine: NaN. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(sine)
#endif
#ifdef GP_ACT_BODY
enum { act_sine_params = 0 };
static inline void act_sine(V z, const V *p, V *h, V *d) {
  (void)p;
  v_sin_pair(z, h, d);
}
#endif
#ifdef GP_ACT_ITEM
static double second_sine(double z, double h, double d, const double *p) {
  (void)z, (void)d, (void)p;
  return -h;
}
static const gp_activation activation_sine = {
    .item = {"sine", "sin(z); periodic", "Sitzmann et al. 2020, eq. 3 with omega_0 = 1", NULL},
    .formula = "sin(z)",
    .derivative = "cos(z)",
    .slot = GP_ACT_sine,
    .class_ = GP_ACT_OTHER,
    .bounded = true,
    .slope_max = 1,
    .smoothness = 2,
    .second = second_sine};
#endif
