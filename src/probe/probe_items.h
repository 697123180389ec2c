/* The probe items of this folder's files, for the list in probe.c. */
#ifndef GP_PROBE_ITEMS_H
#define GP_PROBE_ITEMS_H

#include "probe.h"

extern const gp_probe gp_probe_weight_gradient_norm, gp_probe_bias_gradient_norm, gp_probe_delta_mean_norm,
    gp_probe_delta_rms, gp_probe_delta_total_norm, gp_probe_homogeneity;
extern const gp_probe gp_probe_activation_mean, gp_probe_activation_rms, gp_probe_preactivation_mean,
    gp_probe_preactivation_rms, gp_probe_zero_fraction, gp_probe_dead_fraction, gp_probe_saturated_fraction;
extern const gp_probe gp_probe_weight_norm, gp_probe_update_norm, gp_probe_update_ratio;

#endif
