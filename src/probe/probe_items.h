/* The probe items of this folder's files, for the list in probe.c. */
#ifndef GP_PROBE_ITEMS_H
#define GP_PROBE_ITEMS_H

#include "moment.h"
#include "probe.h"

/* A probe of every layer on the network itself; its function has the probe's name. More members may follow. */
#define GP_LAYER_PROBE(name_, help, source_, group_, time_, ...)                                             \
  GP_SHAPED_PROBE(name_, help, source_, group_, time_, GP_PER_LAYER, ##__VA_ARGS__)
#define GP_SHAPED_PROBE(name_, help, source_, group_, time_, shape_, ...)                                    \
  const gp_probe gp_probe_##name_ = {.item = {#name_, help, source_, NULL},                                  \
                                     .group = group_,                                                        \
                                     .shape = shape_,                                                        \
                                     .units = "1",                                                           \
                                     .time = time_,                                                          \
                                     .measure = name_,                                                       \
                                     ##__VA_ARGS__}
#define GP_MOMENT_BIT(name) (1U << GP_MOMENT_##name)
#define GP_TALLY_BIT(name)  (1U << GP_TALLY_##name)

/* out = root of the moment over a divisor, for every lane. */
void gp_probe_root(const gp_probe_view *view, enum gp_moment moment, double divisor, double *out);
void gp_probe_mean(const gp_probe_view *view, enum gp_moment moment, double divisor, double *out);
void gp_probe_fill(const gp_probe_view *view, double *out, double value);

extern const gp_probe gp_probe_weight_gradient_norm, gp_probe_bias_gradient_norm, gp_probe_delta_mean_norm,
    gp_probe_delta_rms, gp_probe_delta_total_norm, gp_probe_homogeneity;
extern const gp_probe gp_probe_activation_mean, gp_probe_activation_rms, gp_probe_preactivation_mean,
    gp_probe_preactivation_rms, gp_probe_zero_fraction, gp_probe_dead_fraction, gp_probe_saturated_fraction;
extern const gp_probe gp_probe_gradient_noise_scale, gp_probe_gradient_signal_to_noise,
    gp_probe_gradient_cosine, gp_probe_distance_from_start, gp_probe_relative_distance;
extern const gp_probe gp_probe_gradient_mean_abs, gp_probe_gradient_zero_fraction,
    gp_probe_activation_mean_abs, gp_probe_inactive_fraction, gp_probe_quiet_fraction,
    gp_probe_nonpositive_fraction, gp_probe_beyond_5_fraction, gp_probe_flat_input_fraction;
extern const gp_probe gp_probe_gradient_histogram, gp_probe_delta_histogram, gp_probe_activation_histogram,
    gp_probe_preactivation_histogram;
extern const gp_probe gp_probe_weight_norm, gp_probe_update_norm, gp_probe_update_ratio;
extern const gp_probe gp_probe_sharpness, gp_probe_jacobian_m1, gp_probe_jacobian_m2,
    gp_probe_jacobian_sigma_max, gp_probe_ntk_trace, gp_probe_ntk_eigenvalue,
    gp_probe_preactivation_correlation, gp_probe_delta_correlation, gp_probe_weight_sigma_max,
    gp_probe_weight_sigma_min, gp_probe_weight_sigma_mean, gp_probe_weight_rank, gp_probe_product_sigma_max,
    gp_probe_product_sigma_min, gp_probe_underflow_fraction, gp_probe_hessian_eigenvalues,
    gp_probe_hessian_error_bound, gp_probe_weight_singular_values, gp_probe_product_singular_values;

#endif
