/* tanh_output_form: tanh with its derivative from the output, 1 - h^2, which is itself a pathology: in float it is 5.9 %
 * off at z = 8 and exactly 0 from 9.1 on, and fakes dead units (SCIENCE 5.3). To be compared with tanh. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(tanh_output_form)
#endif
#ifdef GP_ACT_BODY
enum { act_tanh_output_form_params = 0 };
static inline void act_tanh_output_form(V z, const V *p, V *h, V *d) {
  (void)p;
  V t = v_tanh(z);
  *h = t;
  *d = v_set1(1) - t * t;
}
#endif
#ifdef GP_ACT_ITEM
static double second_tanh_output_form(double z, double h, double d, const double *p) {
  (void)z, (void)p;
  return -2 * h * d;
}
static const gp_activation activation_tanh_output_form = {
    .item = {"tanh_output_form", "tanh with derivative 1 - h^2, wrong in the tails on purpose", "", NULL},
    .formula = "tanh(z)",
    .derivative = "1 - h^2, computed so",
    .slot = GP_ACT_tanh_output_form,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 1,
    .smoothness = 2,
    .second = second_tanh_output_form};
#endif
