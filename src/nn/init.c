/* The table of initialisers, and weights that are drawn one by one. */
#include "init.h"

#include <math.h>

#include "activation.h"
#include "elementary.h"
#include "rng.h"

static const char *const fan_words[] = {"in", "out", "average", NULL};
static const char *const distribution_words[] = {"normal", "uniform", "truncated", NULL};

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

/* Le et al. 2015, Saxe et al. 2014: as many ones as the shorter side, or as many orthonormal vectors, so the mean square
 * of a weight is gain^2 / max(fan_in, fan_out). */
static double variance_orthogonal(const gp_init_options *o, double fan_in, double fan_out) {
  return o->gain * o->gain / (fan_in > fan_out ? fan_in : fan_out);
}

static double variance_sparse(const gp_init_options *o, double fan_in, double fan_out) {
  (void)fan_out;
  return o->std * o->std * ((double)o->k < fan_in ? (double)o->k / fan_in : 1);
}

/* Not weights of mean 0 drawn at random: mean-field theory does not speak of them. */
static double variance_none(const gp_init_options *o, double fan_in, double fan_out) {
  (void)o, (void)fan_in, (void)fan_out;
  return (double)NAN;
}

/* Zhang, Dauphin and Ma 2019, section 3: L^(-1/(2m - 2)) inside the L branches of m layers, 0 at the end of each and at the output. */
static double branch_fixup(int position, int length, int blocks) {
  if (position < 0 || (position > 0 && position == length)) return 0;
  return position == 0 ? 1 : gp_exp(-gp_log((double)blocks) / (2.0 * length - 2));
}

static double branch_zero_last(int position, int length, int blocks) {
  (void)blocks;
  return position > 0 && position == length ? 0 : 1;
}

#define GAIN_FLAGS(flag)                                                                                     \
  GP_REAL(gp_init_options, gain, "gain", 1, 0, 1e6, "factor on the standard deviation", .flags = flag)
#define GAIN       GAIN_FLAGS(GP_NUMERIC | GP_AUTO)
#define FIXED_GAIN GAIN_FLAGS(GP_NUMERIC)
#define FAN(preset)                                                                                          \
  GP_WORD(gp_init_options, fan, "fan", fan_words, preset, "which fan the variance is divided by")
#define DISTRIBUTION(preset)                                                                                 \
  GP_WORD(gp_init_options, distribution, "distribution", distribution_words, preset,                         \
          "normal, uniform or truncated (at two deviations) of the same variance")
#define BIAS_VARIANCE                                                                                        \
  GP_REAL(gp_init_options, bias_variance, "bias_variance", 0, 0, 1e6, "variance of the biases",              \
          .flags = GP_NUMERIC),                                                                              \
      GP_REAL(gp_init_options, bias_mean, "bias_mean", 0, -1e6, 1e6, "mean of the biases",                   \
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
static const gp_option constant_options[] = {
    GP_REAL(gp_init_options, value, "value", 0.1, -1e6, 1e6, "every weight", .flags = GP_NUMERIC),
    BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option orthogonal_options[] = {FIXED_GAIN, BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option sparse_options[] = {
    GP_INT(gp_init_options, k, "k", 15, 1, 1e9, "connections of a unit (all when it has fewer inputs)"),
    GP_REAL(gp_init_options, std, "std", 1, 0, 1e6, "standard deviation of a weight that is there",
            .flags = GP_NUMERIC),
    BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option lsuv_options[] = {
    GP_REAL(gp_init_options, tolerance, "tolerance", 0.1, 0, 1e6, "a variance this near to 1 is good enough",
            .flags = GP_NUMERIC),
    GP_INT(gp_init_options, passes, "passes", 10, 1, 1000, "forward passes for a layer, at most"),
    BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option file_options[] = {
    GP_STRING(gp_init_options, path, "path", NULL,
              "HDF5 file in the layout of `gradpath dump`: layer_01/weight (out, in), layer_01/bias, ...",
              .flags = GP_PATH | GP_REQUIRED),
    GP_INT(gp_init_options, step, "step", NAN, 0, 1e9, "its group step_000100; auto: the only one, or none",
           .flags = GP_AUTO | GP_PATH),
    BIAS_VARIANCE, GP_OPTIONS_END};
static const gp_option zeros_options[] = {BIAS_VARIANCE, GP_OPTIONS_END};

static const gp_init init_auto = {
    .item = {"auto", "xavier (saturating, linear), he (rectifiers) or lecun (selu), by the activation", "",
             NULL}};
static const gp_init init_xavier = {
    .item = {"xavier", "variance gain^2/fan, average fan", "Glorot and Bengio 2010, eq. 12", average_options},
    .variance = variance_one};
static const gp_init init_he = {
    .item = {"he", "variance 2 gain^2/fan, fan in", "He et al. 2015, eq. 10", fan_in_options},
    .variance = variance_two};
static const gp_init init_lecun = {
    .item = {"lecun", "variance gain^2/fan, fan in", "LeCun et al. 1998, section 4.6", fan_in_options},
    .variance = variance_one};
static const gp_init init_normal = {
    .item = {"normal", "the same standard deviation in every layer", "", normal_options},
    .variance = variance_std};
static const gp_init init_uniform = {
    .item = {"uniform", "the same range in every layer", "", uniform_options}, .variance = variance_range};
static const gp_init init_zeros = {.item = {"zeros", "all weights 0", "", zeros_options},
                                   .variance = variance_zero};
static const gp_init init_constant = {.item = {"constant", "all weights the same", "", constant_options},
                                      .variance = variance_none,
                                      .matrix = gp_init_constant};
static const gp_init init_mean_field = {.item = {"mean_field", "variance sigma_w^2/fan_in, biases sigma_b^2",
                                                 "Poole et al. 2016", mean_field_options},
                                        .variance = variance_mean_field};
static const gp_init init_orthogonal = {
    .item = {"orthogonal", "orthonormal rows or columns times gain", "Saxe et al. 2014", orthogonal_options},
    .variance = variance_orthogonal,
    .matrix = gp_init_orthogonal};
static const gp_init init_lsuv = {
    .item = {"lsuv", "orthogonal, each layer scaled to unit variance of its output on the first batch",
             "Mishkin and Matas 2015, algorithm 1", lsuv_options},
    .variance = variance_none,
    .matrix = gp_init_lsuv,
    .unit_variance = true};
static const gp_init init_file = {
    .item = {"file", "weights and biases from an HDF5 file, such as a dump", "", file_options},
    .variance = variance_none,
    .matrix = gp_init_constant,
    .from_file = true};
static const gp_init init_identity = {
    .item = {"identity", "gain on the diagonal", "Le et al. 2015", orthogonal_options},
    .variance = variance_none,
    .matrix = gp_init_identity};
static const gp_init init_sparse = {
    .item = {"sparse", "k normal weights per unit, the rest 0", "Martens 2010, section 5", sparse_options},
    .variance = variance_sparse,
    .matrix = gp_init_sparse};
static const gp_init init_looks_linear = {.item = {"looks_linear",
                                                   "mirrored orthogonal blocks: a relu network starts linear",
                                                   "Balduzzi et al. 2017", orthogonal_options},
                                          .variance = variance_none,
                                          .matrix = gp_init_looks_linear,
                                          .halves = true};

static const gp_init init_fixup = {
    .item = {"fixup", "he, smaller inside residual blocks, 0 at their ends and at the output",
             "Zhang, Dauphin and Ma 2019", fan_in_options},
    .variance = variance_two,
    .branch = branch_fixup};
static const gp_init init_zero_last = {.item = {"zero_last",
                                                "he, but 0 in the last layer of every residual block",
                                                "Goyal et al. 2017, section 5.1", fan_in_options},
                                       .variance = variance_two,
                                       .branch = branch_zero_last};

static const gp_item *const items[] = {&init_auto.item,         &init_xavier.item,   &init_he.item,
                                       &init_lecun.item,        &init_normal.item,   &init_uniform.item,
                                       &init_zeros.item,        &init_constant.item, &init_mean_field.item,
                                       &init_orthogonal.item,   &init_identity.item, &init_sparse.item,
                                       &init_looks_linear.item, &init_fixup.item,    &init_zero_last.item,
                                       &init_lsuv.item,         &init_file.item,     NULL};

const gp_family gp_init_family = {"init", "how the weights are drawn", items};

double gp_init_variance(const gp_choice *choice, int64_t fan_in, int64_t fan_out) {
  return gp_init_of(choice)->variance(gp_init_options_of(choice), (double)fan_in, (double)fan_out);
}

/* E[phi(z)^2] by the midpoint rule over |z| < 12: exact to rounding for smooth phi, to 1e-7 for kinked ones. */
static double mean_square(const gp_choice *activation) {
  enum { BLOCK = 256, BLOCKS = 192 };
  const double width = 24.0 / (BLOCK * BLOCKS), root = 2.5066282746310002; /* sqrt(2 pi) */
  double total = 0, z[BLOCK], h[BLOCK];
  for (int b = 0; b < BLOCKS; b++) {
    for (int i = 0; i < BLOCK; i++) z[i] = (b * BLOCK + i + 0.5) * width - 12;
    gp_activation_eval(activation, z, h, NULL, BLOCK);
    for (int i = 0; i < BLOCK; i++) total += h[i] * h[i] * gp_exp(-z[i] * z[i] / 2);
  }
  return total * width / root;
}

void gp_init_resolve_gain(gp_choice *choice, const gp_choice *activation) {
  gp_init_options *o = (gp_init_options *)(void *)choice->options;
  if (!isnan(o->gain)) return;
  o->gain = 1 / sqrt((gp_init_of(choice)->variance == variance_two ? 2 : 1) * mean_square(activation));
}

/* A normal number within two standard deviations, of variance 1: draws number `index`, then ones far behind every other
 * index, until one fits (19 of 20 do). The constant is the deviation of a normal cut at +-2. */
static double truncated(gp_stream stream, uint64_t index) {
  double z = gp_rng_normal(stream, index);
  while (!(fabs(z) <= 2)) z = gp_rng_normal(stream, index += (uint64_t)1 << 40);
  return z / 0.87962566103423978;
}

double gp_init_weight(const gp_choice *choice, uint64_t seed, int layer, int64_t index, double deviation) {
  gp_stream stream = {seed, GP_PURPOSE_WEIGHT, (uint32_t)layer};
  if (deviation == 0) return 0;
  int distribution = gp_init_options_of(choice)->distribution;
  bool uniform = gp_init_of(choice) == &init_uniform || distribution == GP_UNIFORM;
  if (distribution == GP_TRUNCATED) return deviation * truncated(stream, (uint64_t)index);
  if (uniform) return deviation * sqrt(3.0) * (2 * gp_rng_uniform(stream, (uint64_t)index) - 1);
  return deviation * gp_rng_normal(stream, (uint64_t)index);
}
