/* The tables of the configuration: every key, its field, its default, range and help. */
#include "spec.h"

#include <math.h>

#include "activation.h"
#include "bias_init.h"
#include "clip.h"
#include "loss.h"
#include "loss_scale.h"
#include "norm.h"
#include "optimizer.h"
#include "precision.h"
#include "probe.h"
#include "rate_scale.h"
#include "residual.h"
#include "schedule.h"

static const char *const parametrization_words[] = {"standard", "ntk", "mean_field", NULL};

/* Sizes are limited so that every product of two of them fits an int64 with room to spare. */
#define SIZE_LIMIT 1e7

static const gp_option root_options[] = {
    GP_INT(gp_spec, seed, "seed", 0, 0, 9e15, "seed of initialisation and batches; a range makes replicates",
           .flags = GP_NUMERIC | GP_UNSIGNED),
    GP_WORD(gp_spec, precision, "precision", gp_precision_words, GP_FLOAT32,
            "arithmetic of the network; bfloat16 and float16: stored so, computed in float32"),
    GP_BOOL(gp_spec, flush_subnormals, "flush_to_zero", 0,
            "flush subnormal numbers to zero (off: they are data)"),
    GP_OPTIONS_END};

static const gp_option data_options[] = {
    GP_CHOICE(gp_spec, data, "data", &gp_data_family, "spirals", "the data set"),
    GP_INT(gp_spec, data_common.seed, "seed", 0, 0, 9e15,
           "seed of generated data; runs share the data unless it is swept",
           .flags = GP_NUMERIC | GP_UNSIGNED),
    GP_STRING(gp_spec, data_common.only_classes, "only_classes", NULL,
              "keep only these classes, e.g. 3-5, which become 0 and 1", .flags = GP_AUTO | GP_LATER),
    GP_INT(gp_spec, data_common.per_class, "per_class", NAN, 1, 1e9,
           "keep only the first training rows of each class", .flags = GP_AUTO | GP_LATER),
    GP_INT(gp_spec, data_common.first, "first", NAN, 1, 1e9, "keep only the first rows", .flags = GP_AUTO),
    GP_REAL(gp_spec, data_common.split, "split", 0.8, 0, 1, "share for training where there are no test rows",
            .flags = GP_OPEN_MIN),
    GP_WORD(gp_spec, data_common.scaling, "scale", gp_scaling_words, GP_SCALING_NONE,
            "none, standardize, or a range [low, high]"),
    GP_REAL(gp_spec, data_common.scale_low, "scale_low", 0, -1e6, 1e6, "lower end of the range",
            .flags = GP_NUMERIC),
    GP_REAL(gp_spec, data_common.scale_high, "scale_high", 1, -1e6, 1e6, "upper end of the range",
            .flags = GP_NUMERIC),
    GP_OPTIONS_END};

static const gp_option model_options[] = {
    GP_INT(gp_spec, depth, "depth", 3, 0, 10000, "number of hidden layers; 0 is a single layer"),
    GP_INT(gp_spec, width, "width", 32, 1, 65536, "units of a hidden layer"),
    GP_STRING(gp_spec, shape, "shape", NULL,
              "widths of the hidden layers, e.g. 64-16-64, instead of depth and width", .flags = GP_AUTO),
    GP_CHOICE(gp_spec, activation, "activation", &gp_activation_family, "relu",
              "activation of the hidden layers"),
    GP_CHOICE(gp_spec, init, "init", &gp_init_family, "auto", "how the weights are drawn"),
    GP_CHOICE(gp_spec, bias_init, "bias_init", &gp_bias_init_family, "auto", "how the biases are drawn",
              .flags = GP_LATER),
    GP_CHOICE(gp_spec, output, "output", &gp_output_family, "auto", "what the output layer does"),
    GP_WORD(gp_spec, parametrization, "parametrization", parametrization_words, GP_STANDARD,
            "forward multipliers: 1; 1/sqrt(fan_in); the same but 1/fan_in at the output layer"),
    GP_BOOL(gp_spec, bias, "bias", 1, "whether layers have biases"),
    GP_CHOICE(gp_spec, norm, "norm", &gp_norm_family, "none", "normalisation"),
    GP_CHOICE(gp_spec, residual, "residual", &gp_residual_family, "none", "residual connections"),
    GP_OPTIONS_END};

static const gp_option train_options[] = {
    GP_CHOICE(gp_spec, loss, "loss", &gp_loss_family, "cross_entropy", "what training makes small"),
    GP_CHOICE(gp_spec, optimizer, "optimizer", &gp_optimizer_family, "sgd",
              "how a gradient becomes an update"),
    GP_CHOICE(gp_spec, schedule, "schedule", &gp_schedule_family, "constant",
              "factor on every learning rate, by the step"),
    GP_CHOICE(gp_spec, clip, "clip", &gp_clip_family, "none",
              "what is done to large gradients before an update"),
    GP_CHOICE(gp_spec, loss_scale, "loss_scale", &gp_loss_scale_family, "none",
              "factor on the loss in the backward pass, against underflow"),
    GP_BOOL(gp_spec, master_weights, "master_weights", 1,
            "bfloat16, float16: updates add to float32 weights, of which the network has rounded copies"),
    GP_REAL(gp_spec, learning_rate, "learning_rate", 0.1, 0, 1e12, "step size", .flags = GP_NUMERIC),
    GP_REAL(gp_spec, learning_rate_first, "learning_rate_first", NAN, 0, 1e12,
            "step size of the first layer; auto: the common one", .flags = GP_NUMERIC | GP_AUTO),
    GP_REAL(gp_spec, learning_rate_last, "learning_rate_last", NAN, 0, 1e12,
            "step size of the output layer; auto: the common one", .flags = GP_NUMERIC | GP_AUTO),
    GP_STRING(gp_spec, layer_rates, "layer_rates", NULL,
              "factors on the learning rate, one per layer, e.g. 1-0.5-0", .flags = GP_AUTO),
    GP_CHOICE(gp_spec, rate_scale, "rate_scale", &gp_rate_scale_family, "none",
              "factor on the learning rate of each layer, by its width", .flags = GP_LATER),
    GP_REAL(gp_spec, weight_decay, "weight_decay", 0, 0, 1e6, "adds d W to the gradient",
            .flags = GP_NUMERIC),
    GP_BOOL(gp_spec, decoupled, "decoupled", 0, "weight decay beside the gradient step instead of inside it"),
    GP_BOOL(gp_spec, decay_bias, "decay_bias", 0, "weight decay for biases as well"),
    GP_INT(gp_spec, batch, "batch", 64, 1, 1e9, "examples per step, or full", .flags = GP_AUTO),
    GP_INT(gp_spec, steps, "steps", 1000, 0, 1e9, "number of updates"),
    GP_STRING(gp_spec, stop_on, "stop_on", "non_finite",
              "what ends a run early: non_finite and verdict conditions"),
    GP_OPTIONS_END};

static const gp_option record_options[] = {
    GP_STRING(gp_spec, probes, "probes", "all",
              "what is measured: names or groups of `gradpath list probes`"),
    GP_OPTIONS_END};

#define RULE(field, preset, most, help)                                                                      \
  GP_REAL(gp_spec, verdict.field, #field, preset, 0, most, help, .flags = GP_NUMERIC)
static const gp_option verdict_options[] = {
    RULE(trained_below, 0.5, 1e12, "trained: final loss below this times the baseline"),
    RULE(diverged_above, 10, 1e12, "diverged: final loss above this times the baseline"),
    RULE(dead_fraction, 0.9, 1, "dead: a layer with more dead units than this"),
    RULE(span, 3, 1e3, "vanishing, exploding: decades of gradient span"),
    RULE(growth, 1e3, 1e300, "exploding: growth of the gradient norm"),
    RULE(saturated_fraction, 0.9, 1, "saturated: a layer with more saturated units than this"),
    RULE(rise, 0.05, 1, "oscillating: rises of more than this share of the loss's range"),
    RULE(rise_share, 0.3, 1, "oscillating: on more than this share of the checkpoints"),
    GP_OPTIONS_END};

static const gp_spec_section sections[] = {{"", "the run", root_options},
                                           {"data", "what is learned", data_options},
                                           {"model", "the network", model_options},
                                           {"train", "how it is trained", train_options},
                                           {"record", "what is measured, and when", record_options},
                                           {"verdict", "thresholds of the verdict", verdict_options},
                                           {NULL, NULL, NULL}};

const gp_spec_section *gp_spec_sections(void) {
  return sections;
}

const gp_family *const *gp_families(void) {
  static const gp_family *const families[] = {
      &gp_data_family,       &gp_activation_family, &gp_init_family,
      &gp_bias_init_family,  &gp_output_family,     &gp_norm_family,
      &gp_residual_family,   &gp_loss_family,       &gp_optimizer_family,
      &gp_schedule_family,   &gp_rate_scale_family, &gp_clip_family,
      &gp_loss_scale_family, &gp_probe_family,      NULL};
  return families;
}

int gp_spec_bits(const gp_spec *spec) {
  return gp_precision_at(spec->precision)->bits;
}

void gp_spec_default(gp_spec *spec) {
  *spec = (gp_spec){.checkpoints = {.kind = 0, .count = 30}};
  for (const gp_spec_section *section = sections; section->key != NULL; section++)
    gp_options_default(spec, section->options);
}
