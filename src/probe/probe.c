#include "probe.h"

#include <math.h>

#include "elementary.h"
#include "probe_items.h"

static const gp_probe *const probes[GP_PROBE_COUNT] = {
    [GP_PROBE_WEIGHT_GRADIENT_NORM] = &gp_probe_weight_gradient_norm,
    [GP_PROBE_BIAS_GRADIENT_NORM] = &gp_probe_bias_gradient_norm,
    [GP_PROBE_DELTA_MEAN_NORM] = &gp_probe_delta_mean_norm,
    [GP_PROBE_DELTA_RMS] = &gp_probe_delta_rms,
    [GP_PROBE_DELTA_TOTAL_NORM] = &gp_probe_delta_total_norm,
    [GP_PROBE_HOMOGENEITY] = &gp_probe_homogeneity,
    [GP_PROBE_ACTIVATION_MEAN] = &gp_probe_activation_mean,
    [GP_PROBE_ACTIVATION_RMS] = &gp_probe_activation_rms,
    [GP_PROBE_PREACTIVATION_MEAN] = &gp_probe_preactivation_mean,
    [GP_PROBE_PREACTIVATION_RMS] = &gp_probe_preactivation_rms,
    [GP_PROBE_ZERO_FRACTION] = &gp_probe_zero_fraction,
    [GP_PROBE_DEAD_FRACTION] = &gp_probe_dead_fraction,
    [GP_PROBE_SATURATED_FRACTION] = &gp_probe_saturated_fraction,
    [GP_PROBE_WEIGHT_NORM] = &gp_probe_weight_norm,
    [GP_PROBE_UPDATE_NORM] = &gp_probe_update_norm,
    [GP_PROBE_UPDATE_RATIO] = &gp_probe_update_ratio,
    [GP_PROBE_GRADIENT_NOISE_SCALE] = &gp_probe_gradient_noise_scale,
    [GP_PROBE_GRADIENT_SIGNAL_TO_NOISE] = &gp_probe_gradient_signal_to_noise,
    [GP_PROBE_GRADIENT_COSINE] = &gp_probe_gradient_cosine,
    [GP_PROBE_DISTANCE_FROM_START] = &gp_probe_distance_from_start,
    [GP_PROBE_RELATIVE_DISTANCE] = &gp_probe_relative_distance,
    [GP_PROBE_GRADIENT_MEAN_ABS] = &gp_probe_gradient_mean_abs,
    [GP_PROBE_GRADIENT_ZERO_FRACTION] = &gp_probe_gradient_zero_fraction,
    [GP_PROBE_ACTIVATION_MEAN_ABS] = &gp_probe_activation_mean_abs,
    [GP_PROBE_INACTIVE_FRACTION] = &gp_probe_inactive_fraction,
    [GP_PROBE_QUIET_FRACTION] = &gp_probe_quiet_fraction,
    [GP_PROBE_NONPOSITIVE_FRACTION] = &gp_probe_nonpositive_fraction,
    [GP_PROBE_BEYOND_5_FRACTION] = &gp_probe_beyond_5_fraction,
    [GP_PROBE_FLAT_INPUT_FRACTION] = &gp_probe_flat_input_fraction,
    [GP_PROBE_GRADIENT_HISTOGRAM] = &gp_probe_gradient_histogram,
    [GP_PROBE_DELTA_HISTOGRAM] = &gp_probe_delta_histogram,
    [GP_PROBE_ACTIVATION_HISTOGRAM] = &gp_probe_activation_histogram,
    [GP_PROBE_PREACTIVATION_HISTOGRAM] = &gp_probe_preactivation_histogram,
    [GP_PROBE_SHARPNESS] = &gp_probe_sharpness,
    [GP_PROBE_JACOBIAN_M1] = &gp_probe_jacobian_m1,
    [GP_PROBE_JACOBIAN_M2] = &gp_probe_jacobian_m2,
    [GP_PROBE_JACOBIAN_SIGMA_MAX] = &gp_probe_jacobian_sigma_max,
    [GP_PROBE_NTK_TRACE] = &gp_probe_ntk_trace,
    [GP_PROBE_NTK_EIGENVALUE] = &gp_probe_ntk_eigenvalue,
    [GP_PROBE_PREACTIVATION_CORRELATION] = &gp_probe_preactivation_correlation,
    [GP_PROBE_DELTA_CORRELATION] = &gp_probe_delta_correlation,
    [GP_PROBE_WEIGHT_SIGMA_MAX] = &gp_probe_weight_sigma_max,
    [GP_PROBE_WEIGHT_SIGMA_MIN] = &gp_probe_weight_sigma_min,
    [GP_PROBE_WEIGHT_SIGMA_MEAN] = &gp_probe_weight_sigma_mean,
    [GP_PROBE_WEIGHT_RANK] = &gp_probe_weight_rank,
    [GP_PROBE_PRODUCT_SIGMA_MAX] = &gp_probe_product_sigma_max,
    [GP_PROBE_PRODUCT_SIGMA_MIN] = &gp_probe_product_sigma_min,
    [GP_PROBE_UNDERFLOW_FRACTION] = &gp_probe_underflow_fraction,
    [GP_PROBE_HESSIAN_EIGENVALUES] = &gp_probe_hessian_eigenvalues,
    [GP_PROBE_HESSIAN_ERROR_BOUND] = &gp_probe_hessian_error_bound,
    [GP_PROBE_WEIGHT_SINGULAR_VALUES] = &gp_probe_weight_singular_values,
    [GP_PROBE_PRODUCT_SINGULAR_VALUES] = &gp_probe_product_singular_values,
};

static const gp_item *const items[] = {&gp_probe_weight_gradient_norm.item,
                                       &gp_probe_bias_gradient_norm.item,
                                       &gp_probe_delta_mean_norm.item,
                                       &gp_probe_delta_rms.item,
                                       &gp_probe_delta_total_norm.item,
                                       &gp_probe_homogeneity.item,
                                       &gp_probe_activation_mean.item,
                                       &gp_probe_activation_rms.item,
                                       &gp_probe_preactivation_mean.item,
                                       &gp_probe_preactivation_rms.item,
                                       &gp_probe_zero_fraction.item,
                                       &gp_probe_dead_fraction.item,
                                       &gp_probe_saturated_fraction.item,
                                       &gp_probe_weight_norm.item,
                                       &gp_probe_update_norm.item,
                                       &gp_probe_update_ratio.item,
                                       &gp_probe_gradient_noise_scale.item,
                                       &gp_probe_gradient_signal_to_noise.item,
                                       &gp_probe_gradient_cosine.item,
                                       &gp_probe_distance_from_start.item,
                                       &gp_probe_relative_distance.item,
                                       &gp_probe_gradient_mean_abs.item,
                                       &gp_probe_gradient_zero_fraction.item,
                                       &gp_probe_activation_mean_abs.item,
                                       &gp_probe_inactive_fraction.item,
                                       &gp_probe_quiet_fraction.item,
                                       &gp_probe_nonpositive_fraction.item,
                                       &gp_probe_beyond_5_fraction.item,
                                       &gp_probe_flat_input_fraction.item,
                                       &gp_probe_gradient_histogram.item,
                                       &gp_probe_delta_histogram.item,
                                       &gp_probe_activation_histogram.item,
                                       &gp_probe_preactivation_histogram.item,
                                       &gp_probe_sharpness.item,
                                       &gp_probe_jacobian_m1.item,
                                       &gp_probe_jacobian_m2.item,
                                       &gp_probe_jacobian_sigma_max.item,
                                       &gp_probe_ntk_trace.item,
                                       &gp_probe_ntk_eigenvalue.item,
                                       &gp_probe_preactivation_correlation.item,
                                       &gp_probe_delta_correlation.item,
                                       &gp_probe_weight_sigma_max.item,
                                       &gp_probe_weight_sigma_min.item,
                                       &gp_probe_weight_sigma_mean.item,
                                       &gp_probe_weight_rank.item,
                                       &gp_probe_product_sigma_max.item,
                                       &gp_probe_product_sigma_min.item,
                                       &gp_probe_underflow_fraction.item,
                                       &gp_probe_hessian_eigenvalues.item,
                                       &gp_probe_hessian_error_bound.item,
                                       &gp_probe_weight_singular_values.item,
                                       &gp_probe_product_singular_values.item,
                                       NULL};

const gp_family gp_probe_family = {"probe", "what is measured in every layer", items};

const gp_probe *gp_probe_at(int index) {
  return probes[index];
}

/* The abscissae are 1..n, so the slope is sum (l - (n + 1)/2) ln delta_l over n (n^2 - 1)/12. */
void gp_decay_fit(const double *delta_rms, int hidden, double *factor, double *span) {
  double n = hidden, weighted = 0;
  *factor = *span = NAN;
  if (hidden < 3) return;
  for (int l = 0; l < hidden; l++) {
    if (!(delta_rms[l] > 0) || isinf(delta_rms[l])) return;
    weighted += (l + 1 - (n + 1) / 2) * gp_log(delta_rms[l]);
  }
  *factor = gp_exp(-weighted / (n * (n * n - 1) / 12));
  *span = (gp_log(delta_rms[0]) - gp_log(delta_rms[hidden - 1])) / 2.302585092994046;
}
