#include "bias_init.h"

#include <math.h>

static const gp_bias_init_options *options_of(const gp_choice *choice) {
  return (const gp_bias_init_options *)(const void *)choice->options;
}

/* ---- the items ---- */

static double draw_constant(const gp_bias_init_options *o, gp_stream stream, uint64_t index, double fan_in) {
  (void)stream, (void)index, (void)fan_in;
  return o->value;
}

static double draw_normal(const gp_bias_init_options *o, gp_stream stream, uint64_t index, double fan_in) {
  (void)fan_in;
  return o->std == 0 ? o->mean : o->mean + o->std * gp_rng_normal(stream, index);
}

static double draw_uniform(const gp_bias_init_options *o, gp_stream stream, uint64_t index, double fan_in) {
  (void)fan_in;
  return o->range * (2 * gp_rng_uniform(stream, index) - 1);
}

static double draw_fan_in(const gp_bias_init_options *o, gp_stream stream, uint64_t index, double fan_in) {
  return o->gain / sqrt(fan_in) * (2 * gp_rng_uniform(stream, index) - 1);
}

static double variance_constant(const gp_bias_init_options *o) {
  return o->value == 0 ? 0 : (double)NAN;
}

static double variance_normal(const gp_bias_init_options *o) {
  return o->mean == 0 ? o->std * o->std : (double)NAN;
}

/* Theory averages over normal pre-activations, and a sum with a uniform bias is none. */
static double variance_uniform(const gp_bias_init_options *o) {
  return o->range == 0 ? 0 : (double)NAN;
}

static double variance_fan_in(const gp_bias_init_options *o) {
  return o->gain == 0 ? 0 : (double)NAN;
}

static const gp_option constant_options[] = {
    GP_REAL(gp_bias_init_options, value, "value", 0, -1e6, 1e6, "every bias", .flags = GP_NUMERIC),
    GP_OPTIONS_END};
static const gp_option normal_options[] = {
    GP_REAL(gp_bias_init_options, std, "std", 0.01, 0, 1e6, "standard deviation of a bias",
            .flags = GP_NUMERIC),
    GP_REAL(gp_bias_init_options, mean, "mean", 0, -1e6, 1e6, "mean of the biases", .flags = GP_NUMERIC),
    GP_OPTIONS_END};
static const gp_option uniform_options[] = {GP_REAL(gp_bias_init_options, range, "range", 0.1, 0, 1e6,
                                                    "biases lie in [-range, range]", .flags = GP_NUMERIC),
                                            GP_OPTIONS_END};
static const gp_option fan_in_options[] = {GP_REAL(gp_bias_init_options, gain, "gain", 1, 0, 1e6,
                                                   "biases lie in +-gain/sqrt(fan_in)", .flags = GP_NUMERIC),
                                           GP_OPTIONS_END};

static const gp_bias_init by_weights = {
    .item = {"auto", "as init says: N(bias_mean, bias_variance), 0 unless these are given", "", NULL}};
static const gp_bias_init constant = {.item = {"constant", "all biases the same", "", constant_options},
                                      .draw = draw_constant,
                                      .variance = variance_constant};
static const gp_bias_init normal = {.item = {"normal", "N(mean, std^2) in every layer", "", normal_options},
                                    .draw = draw_normal,
                                    .variance = variance_normal};
static const gp_bias_init uniform = {
    .item = {"uniform", "the same range in every layer", "", uniform_options},
    .draw = draw_uniform,
    .variance = variance_uniform};
static const gp_bias_init fan_in = {
    .item = {"fan_in", "uniform in +-gain/sqrt(fan_in), what PyTorch's linear layer starts with",
             "LeCun et al. 1998, section 4.6", fan_in_options},
    .draw = draw_fan_in,
    .variance = variance_fan_in};

static const gp_item *const items[] = {&by_weights.item, &constant.item, &normal.item,
                                       &uniform.item,    &fan_in.item,   NULL};

const gp_family gp_bias_init_family = {"bias_init", "how the biases are drawn", items};

/* ---- the choice ---- */

bool gp_bias_init_of_weights(const gp_choice *init) {
  return gp_init_options_of(init)->bias_mean != 0 || gp_init_options_of(init)->bias_variance != 0;
}

double gp_bias_init_draw(const gp_choice *choice, const gp_choice *init, uint64_t seed, int layer,
                         int64_t index, int64_t inputs) {
  const gp_bias_init *item = gp_bias_init_of(choice);
  gp_stream stream = {seed, GP_PURPOSE_BIAS, (uint32_t)layer};
  if (item->draw != NULL) return item->draw(options_of(choice), stream, (uint64_t)index, (double)inputs);
  double variance = gp_init_options_of(init)->bias_variance, mean = gp_init_options_of(init)->bias_mean;
  return variance == 0 ? mean : mean + sqrt(variance) * gp_rng_normal(stream, (uint64_t)index);
}

double gp_bias_init_variance(const gp_choice *choice, const gp_choice *init) {
  const gp_bias_init *item = gp_bias_init_of(choice);
  if (item->variance != NULL) return item->variance(options_of(choice));
  return gp_init_options_of(init)->bias_mean != 0 ? (double)NAN : gp_init_options_of(init)->bias_variance;
}
