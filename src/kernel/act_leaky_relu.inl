/* leaky_relu: z above 0, slope z below; a unit cannot die. */
#ifdef GP_ACT_ENTRY
GP_ACT_ENTRY(leaky_relu)
#endif
#ifdef GP_ACT_BODY
enum { act_leaky_relu_params = 1 };
static inline void act_leaky_relu(V z, const V *p, V *h, V *d) {
  M below = v_le(z, v_zero());
  *h = v_select(below, p[0] * z, z);
  *d = v_select(below, p[0], v_set1(1));
}
#endif
#ifdef GP_ACT_ITEM
static const double kinks_leaky_relu[] = {0, NAN};
typedef struct leaky_relu_options {
  double slope;
} leaky_relu_options;
static const gp_option options_leaky_relu[] = {GP_REAL(leaky_relu_options, slope, "slope", 0.01, 0, 1,
                                                       "slope for negative z",
                                                       .flags = GP_NUMERIC | GP_OPEN_MAX),
                                               GP_OPTIONS_END};
static const gp_activation activation_leaky_relu = {
    .item = {"leaky_relu", "z above 0, slope * z below", "Maas et al. 2013", options_leaky_relu},
    .formula = "z if z > 0, else slope z",
    .derivative = "1 if z > 0, else slope",
    .slot = GP_ACT_leaky_relu,
    .class_ = GP_ACT_RECTIFIER,
    .slope_max = 1,
    .homogeneous = true,
    .smoothness = 1,
    .second = gp_act_flat,
    .kinks = kinks_leaky_relu};
#endif
