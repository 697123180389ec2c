/* The probe items of this folder's files, for the list in probe.c. */
#ifndef GP_PROBE_ITEMS_H
#define GP_PROBE_ITEMS_H

#include "probe.h"

/* A probe of every layer on the network itself; its function has the probe's name. */
#define GP_LAYER_PROBE(name_, help, source_, group_, time_)                                                  \
  const gp_probe gp_probe_##name_ = {                                                                        \
      .item = {#name_, help, source_, NULL}, .group = group_, .units = "1", .time = time_, .measure = name_}

extern const gp_probe gp_probe_weight_gradient_norm, gp_probe_bias_gradient_norm, gp_probe_delta_mean_norm,
    gp_probe_delta_rms, gp_probe_delta_total_norm, gp_probe_homogeneity;
extern const gp_probe gp_probe_activation_mean, gp_probe_activation_rms, gp_probe_preactivation_mean,
    gp_probe_preactivation_rms, gp_probe_zero_fraction, gp_probe_dead_fraction, gp_probe_saturated_fraction;
extern const gp_probe gp_probe_weight_norm, gp_probe_update_norm, gp_probe_update_ratio;
extern const gp_probe gp_probe_sharpness, gp_probe_jacobian_m1, gp_probe_jacobian_m2,
    gp_probe_jacobian_sigma_max, gp_probe_ntk_trace, gp_probe_ntk_eigenvalue,
    gp_probe_preactivation_correlation, gp_probe_delta_correlation, gp_probe_weight_sigma_max,
    gp_probe_weight_sigma_min, gp_probe_weight_sigma_mean, gp_probe_weight_rank, gp_probe_product_sigma_max,
    gp_probe_product_sigma_min, gp_probe_underflow_fraction;

#endif
