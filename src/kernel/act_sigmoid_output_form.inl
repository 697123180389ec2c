/* sigmoid_output_form: sigmoid with its derivative from the output, h (1 - h), which is itself a pathology: in float it
 * is exactly 0 from z = 17.4 on, and fakes dead units (SCIENCE 5.3). To be compared with sigmoid. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(sigmoid_output_form)
#endif
#ifdef GP_ACT_BODY
enum { act_sigmoid_output_form_params = 0 };
static inline void act_sigmoid_output_form(V z, const V *p, V *h, V *d) {
  (void)p;
  V s = v_sigmoid(z);
  *h = s;
  *d = s * (v_set1(1) - s);
}
#endif
#ifdef GP_ACT_ITEM
static double second_sigmoid_output_form(double z, double h, double d, const double *p) {
  (void)h, (void)p;
  return -gp_tanh(z / 2) * d;
}
static const gp_activation activation_sigmoid_output_form = {
    .item = {"sigmoid_output_form", "sigmoid with derivative h (1 - h), wrong in the tail on purpose", "",
             NULL},
    .formula = "1/(1 + e^-z)",
    .derivative = "h (1 - h), computed so",
    .slot = GP_ACT_sigmoid_output_form,
    .class_ = GP_ACT_SATURATING,
    .bounded = true,
    .slope_max = 0.25,
    .smoothness = 2,
    .second = second_sigmoid_output_form};
#endif
