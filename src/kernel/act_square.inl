/* square: z^2, for the worked chain rule (g = 124, dg/dx = 44). */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(square)
#endif
#ifdef GP_ACT_BODY
enum { act_square_params = 0 };
static inline void act_square(V z, const V *p, V *h, V *d) {
  (void)p;
  *h = z * z;
  *d = z + z;
}
#endif
#ifdef GP_ACT_ITEM
static double second_square(double z, double h, double d, const double *p) {
  (void)z, (void)h, (void)d, (void)p;
  return 2;
}
static const gp_activation activation_square = {
    .item = {"square", "z squared; for chain rules by hand", "", NULL},
    .formula = "z^2",
    .derivative = "2z",
    .slot = GP_ACT_square,
    .class_ = GP_ACT_OTHER,
    .slope_max = NAN,
    .smoothness = 2,
    .second = second_square};
#endif
