#include "probe.h"

#include <math.h>
#include <string.h>

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
                                       NULL};

const gp_family gp_probe_family = {"probe", "what is measured in every layer", items};

const gp_probe *gp_probe_at(int index) {
  return probes[index];
}

/* The next word of a comma-separated list: its start and length; moves `at` past it. */
static size_t next_word(const char **at, const char **word) {
  *at += strspn(*at, ", ");
  *word = *at;
  size_t length = strcspn(*at, ", ");
  *at += length;
  return length;
}

static bool matches(const char *word, size_t length, const gp_probe *probe) {
  const char *names[] = {"all", probe->group, probe->item.name};
  for (size_t i = 0; i < 3; i++)
    if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0) return true;
  return false;
}

bool gp_probe_selected(const char *selection, const gp_probe *probe) {
  const char *word;
  for (size_t length; (length = next_word(&selection, &word)) > 0;)
    if (matches(word, length, probe)) return true;
  return false;
}

bool gp_probe_unknown(const char *selection, char out[static 64]) {
  const char *word;
  for (size_t length; (length = next_word(&selection, &word)) > 0;) {
    bool known = false;
    for (int i = 0; i < GP_PROBE_COUNT; i++) known = known || matches(word, length, probes[i]);
    if (known) continue;
    length = length < 63 ? length : 63;
    memcpy(out, word, length);
    out[length] = '\0';
    return true;
  }
  return false;
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
