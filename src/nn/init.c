#include "init.h"

#include <float.h>
#include <math.h>

#include "rng.h"

static const char *const fan_words[] = {"in", "out", "average", NULL};
static const char *const distribution_words[] = {"normal", "uniform", NULL};

static double fan_of(const gp_init_options *o, double fan_in, double fan_out) {
  switch (o->fan) {
  case GP_FAN_IN:
    return fan_in;
  case GP_FAN_OUT:
    return fan_out;
  default:
    return (fan_in + fan_out) / 2;
  }
}

/* Glorot and Bengio 2010, eq. 12: variance 2/(fan_in + fan_out), the average keeping both directions. */
static double variance_one(const gp_init_options *o, double fan_in, double fan_out) {
  return o->gain * o->gain / fan_of(o, fan_in, fan_out);
}

/* He et al. 2015, eq. 10: variance 2/fan, because a rectifier drops half of the second moment. */
static double variance_two(const gp_init_options *o, double fan_in, double fan_out) {
  return 2 * o->gain * o->gain / fan_of(o, fan_in, fan_out);
}

static double variance_std(const gp_init_options *o, double fan_in, double fan_out) {
  (void)fan_in, (void)fan_out;
  return o->std * o->std;
}

static double variance_range(const gp_init_options *o, double fan_in, double fan_out) {
  (void)fan_in, (void)fan_out;
  return o->range * o->range / 3;
}

static double variance_zero(const gp_init_options *o, double fan_in, double fan_out) {
  (void)o, (void)fan_in, (void)fan_out;
  return 0;
}

/* Poole et al. 2016: W ~ N(0, sigma_w^2 / fan_in). */
static double variance_mean_field(const gp_init_options *o, double fan_in, double fan_out) {
  (void)fan_out;
  return o->weight_variance / fan_in;
}

#define GAIN                                                                                                 \
  GP_REAL(gp_init_options, gain, "gain", 1, 0, 1e6, "factor on the standard deviation", .flags = GP_NUMERIC)
#define FAN(preset)                                                                                          \
  GP_WORD(gp_init_options, fan, "fan", fan_words, preset, "which fan the variance is divided by")
#define DISTRIBUTION(preset)                                                                                 \
  GP_WORD(gp_init_options, distribution, "distribution", distribution_words, preset,                         \
          "normal, or uniform of the same variance")
#define BIAS_VARIANCE                                                                                        \
  GP_REAL(gp_init_options, bias_variance, "bias_variance", 0, 0, 1e6, "variance of the biases",              \
          .flags = GP_NUMERIC)

static const gp_option average_options[] = {GAIN, FAN(GP_FAN_AVERAGE), DISTRIBUTION(GP_NORMAL), BIAS_VARIANCE,
                                            GP_OPTIONS_END};
static const gp_option fan_in_options[] = {GAIN, FAN(GP_FAN_IN), DISTRIBUTION(GP_NORMAL), BIAS_VARIANCE,
                                           GP_OPTIONS_END};
static const gp_option normal_options[] = {
    GP_REAL(gp_init_options, std, "std", 0.01, 0, 1e6, "standard deviation of a weight", .flags = GP_NUMERIC),
    BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option uniform_options[] = {GP_REAL(gp_init_options, range, "range", 0.1, 0, 1e6,
                                                    "weights lie in [-range, range]", .flags = GP_NUMERIC),
                                            BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option mean_field_options[] = {GP_REAL(gp_init_options, weight_variance, "weight_variance", 1,
                                                       0, 1e6, "sigma_w^2: variance times fan_in",
                                                       .flags = GP_NUMERIC),
                                               DISTRIBUTION(GP_NORMAL), BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option zeros_options[] = {BIAS_VARIANCE, GP_OPTIONS_END};

static const gp_init init_auto = {
    {"auto", "xavier (saturating, linear), he (rectifiers) or lecun (selu), by the activation", "", NULL},
    NULL};
static const gp_init init_xavier = {
    {"xavier", "variance gain^2/fan, average fan", "Glorot and Bengio 2010, eq. 12", average_options},
    variance_one};
static const gp_init init_he = {
    {"he", "variance 2 gain^2/fan, fan in", "He et al. 2015, eq. 10", fan_in_options}, variance_two};
static const gp_init init_lecun = {
    {"lecun", "variance gain^2/fan, fan in", "LeCun et al. 1998, section 4.6", fan_in_options}, variance_one};
static const gp_init init_normal = {
    {"normal", "the same standard deviation in every layer", "", normal_options}, variance_std};
static const gp_init init_uniform = {{"uniform", "the same range in every layer", "", uniform_options},
                                     variance_range};
static const gp_init init_zeros = {{"zeros", "all weights 0", "", zeros_options}, variance_zero};
static const gp_init init_mean_field = {
    {"mean_field", "variance sigma_w^2/fan_in, biases sigma_b^2", "Poole et al. 2016", mean_field_options},
    variance_mean_field};

static const gp_item *const items[] = {&init_auto.item,  &init_xavier.item,     &init_he.item,
                                       &init_lecun.item, &init_normal.item,     &init_uniform.item,
                                       &init_zeros.item, &init_mean_field.item, NULL};

const gp_family gp_init_family = {"init", "how the weights are drawn", items};

static const gp_init *init_of(const gp_choice *choice) {
  return (const gp_init *)(const void *)choice->item;
}
static const gp_init_options *options_of(const gp_choice *choice) {
  return (const gp_init_options *)(const void *)choice->options;
}

double gp_init_variance(const gp_choice *choice, int64_t fan_in, int64_t fan_out) {
  return init_of(choice)->variance(options_of(choice), (double)fan_in, (double)fan_out);
}

double gp_init_bias_variance(const gp_choice *choice) {
  return options_of(choice)->bias_variance;
}

double gp_init_weight(const gp_choice *choice, uint64_t seed, int layer, int64_t index, double deviation) {
  gp_stream stream = {seed, GP_PURPOSE_WEIGHT, (uint32_t)layer};
  if (deviation == 0) return 0;
  bool uniform = init_of(choice) == &init_uniform || options_of(choice)->distribution == GP_UNIFORM;
  if (uniform) return deviation * sqrt(3.0) * (2 * gp_rng_uniform(stream, (uint64_t)index) - 1);
  return deviation * gp_rng_normal(stream, (uint64_t)index);
}

double gp_init_bias(const gp_choice *choice, uint64_t seed, int layer, int64_t index) {
  double variance = gp_init_bias_variance(choice);
  if (variance == 0) return 0;
  gp_stream stream = {seed, GP_PURPOSE_BIAS, (uint32_t)layer};
  return sqrt(variance) * gp_rng_normal(stream, (uint64_t)index);
}
