/* Resolving a spec: what no single row of a table can check, and every `auto` replaced by what it means. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activation.h"
#include "bias_init.h"
#include "elementary.h"
#include "loss.h"
#include "norm.h"
#include "optimizer.h"
#include "precision.h"
#include "probe.h"
#include "residual.h"
#include "spec.h"
#include "verdict.h"

static const gp_activation *activation_of(const gp_choice *choice) {
  return (const gp_activation *)(const void *)choice->item;
}

/* Reads the next number of "64-16-64"; `at` moves past it and its dash. false at anything else. */
static bool next_number(const char **at, double *value) {
  char *end;
  *value = strtod(*at, &end);
  if (end == *at || (*end != '-' && *end != '\0') || **at == '-' || **at == ' ') return false;
  *at = *end == '-' ? end + 1 : end;
  return *end == '\0' || **at != '\0';
}

static gp_status resolve_shape(gp_spec *spec) {
  if (spec->shape == NULL) return GP_OK;
  int64_t depth = 0, widest = 0;
  for (const char *at = spec->shape; *at != '\0'; depth++) {
    double width;
    if (!next_number(&at, &width) || width != floor(width) || width < 1 || width > 65536)
      return gp_fail(GP_ERR_CONFIG,
                     "model.shape: '%s' is not a list of widths from 1 to 65536 such as 64-16-64",
                     spec->shape);
    widest = (int64_t)width > widest ? (int64_t)width : widest;
  }
  if (depth == 0 || depth > 10000)
    return gp_fail(GP_ERR_CONFIG, "model.shape: '%s' must name 1 to 10000 hidden layers", spec->shape);
  spec->depth = depth;
  spec->width = widest;
  return GP_OK;
}

static gp_status resolve_rates(gp_spec *spec) {
  if (isnan(spec->learning_rate_first)) spec->learning_rate_first = spec->learning_rate;
  if (isnan(spec->learning_rate_last))
    spec->learning_rate_last = spec->depth == 0 ? spec->learning_rate_first : spec->learning_rate;
  if (spec->depth == 0 && spec->learning_rate_first != spec->learning_rate_last)
    return gp_fail(GP_ERR_CONFIG, "train.learning_rate_last: a single layer (depth 0) has one rate, but "
                                  "learning_rate_first differs");
  if (spec->layer_rates == NULL) return GP_OK;
  int64_t count = 0;
  for (const char *at = spec->layer_rates; *at != '\0'; count++) {
    double rate;
    if (!next_number(&at, &rate) || !(rate >= 0 && rate <= 1e12))
      return gp_fail(GP_ERR_CONFIG, "train.layer_rates: '%s' is not a list of factors such as 1-0.5-0",
                     spec->layer_rates);
  }
  if (count != spec->depth + 1)
    return gp_fail(GP_ERR_CONFIG,
                   "train.layer_rates: %lld factors for %lld layers (depth %lld and the output layer)",
                   (long long)count, (long long)spec->depth + 1, (long long)spec->depth);
  return GP_OK;
}

/* xavier for saturating activations and linear, he for the rectifier family, lecun for selu (INTERFACE
 * section 3). */
static gp_status resolve_init(gp_spec *spec) {
  static const char *const by_class[] = {[GP_ACT_LINEAR] = "xavier",
                                         [GP_ACT_SATURATING] = "xavier",
                                         [GP_ACT_RECTIFIER] = "he",
                                         [GP_ACT_SELU] = "lecun",
                                         [GP_ACT_OTHER] = "xavier"};
  if (strcmp(spec->init.item->name, "auto") == 0)
    gp_choice_set(&spec->init,
                  gp_family_find(&gp_init_family, by_class[activation_of(&spec->activation)->class_]));
  gp_init_resolve_gain(&spec->init, &spec->activation);
  const char *at = spec->shape;
  for (int64_t l = 0; l < spec->depth && gp_init_of(&spec->init)->halves; l++) {
    double width = (double)spec->width;
    if (at != NULL) next_number(&at, &width);
    if (fmod(width, 2) != 0)
      return gp_fail(GP_ERR_CONFIG, "model.init: %s needs hidden layers of even width, not %g",
                     spec->init.item->name, width);
  }
  return GP_OK;
}

/* Two keys must not say different things of the biases, and none anything of biases that are not there. */
static gp_status check_bias_init(const gp_spec *spec) {
  if (gp_bias_init_is_auto(&spec->bias_init)) return GP_OK;
  if (!spec->bias)
    return gp_fail(GP_ERR_CONFIG, "model.bias_init: the model has no biases (model.bias: false)");
  if (gp_bias_init_of_weights(&spec->init))
    return gp_fail(GP_ERR_CONFIG,
                   "model.bias_init: %s, but model.init has a bias_mean or bias_variance of its own",
                   spec->bias_init.item->name);
  return GP_OK;
}

/* A connection adds what it skips over, so both ends of a block are of one width. */
static gp_status resolve_residual(gp_spec *spec, const gp_dataset *data) {
  int hidden = (int)spec->depth;
  const char *name = spec->residual.item->name;
  if (gp_residual_of(&spec->residual) == NULL)
    return gp_init_of(&spec->init)->branch == NULL
               ? GP_OK
               : gp_fail(GP_ERR_CONFIG, "model.init: %s is for residual networks; model.residual is none",
                         spec->init.item->name);
  if (gp_residual_blocks(&spec->residual, hidden) == 0)
    return gp_fail(GP_ERR_CONFIG,
                   "model.residual: %s with blocks of %lld layers needs a depth of at least %lld (the first "
                   "hidden layer "
                   "is in no block), not %d",
                   name, (long long)gp_residual_options_of(&spec->residual)->every,
                   (long long)gp_residual_options_of(&spec->residual)->every + 1, hidden);
  gp_residual_resolve(&spec->residual, hidden);
  int64_t *widths = malloc((size_t)(hidden + 2) * sizeof *widths);
  if (widths == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %d layers", hidden);
  gp_spec_widths(spec, data, widths);
  gp_status status = GP_OK;
  for (int l = 2; l <= hidden && status == GP_OK; l++) {
    int source = gp_residual_source(&spec->residual, hidden, l);
    if (source > 0 && widths[source] != widths[l])
      status =
          gp_fail(GP_ERR_CONFIG,
                  "model.residual: %s adds layer %d (width %lld) to layer %d (width %lld): the widths differ",
                  name, source, (long long)widths[source], l, (long long)widths[l]);
  }
  free(widths);
  return status;
}

/* Names that mean the same as `auto` become `auto`, so that equal runs have equal specs. */
static gp_status resolve_output(gp_spec *spec) {
  const gp_loss *loss = gp_loss_of(&spec->loss);
  const char *output = spec->output.item->name;
  if (strcmp(output, loss->output) == 0) gp_choice_set(&spec->output, gp_output_family.items[0]);
  if (loss->logits && strcmp(spec->output.item->name, "auto") != 0)
    return gp_fail(GP_ERR_CONFIG,
                   "model.output: %s works on logits, so output '%s' cannot be used with it; use auto",
                   loss->item.name, output);
  return GP_OK;
}

static gp_status resolve_loss(gp_spec *spec, const gp_dataset *data) {
  const gp_loss *loss = gp_loss_of(&spec->loss);
  if (loss->classes && data->classes == 0)
    return gp_fail(GP_ERR_CONFIG, "train.loss: %s needs classes, but data '%s' is regression; use mse",
                   loss->item.name, spec->data.item->name);
  if (gp_loss_options_of(&spec->loss)->labels == GP_LABELS_PLUS_MINUS && data->classes == 0)
    return gp_fail(GP_ERR_CONFIG, "train.loss.labels: data '%s' is regression and has no labels",
                   spec->data.item->name);
  return GP_OK;
}

static gp_status resolve_batch(gp_spec *spec, const gp_dataset *data) {
  if (spec->batch != INT64_MIN && spec->batch > data->train)
    return gp_fail(GP_ERR_CONFIG, "train.batch: %lld is more than the %lld training examples of data '%s'",
                   (long long)spec->batch, (long long)data->train, spec->data.item->name);
  if (spec->record_on == GP_ON_FIRST && spec->record_first > data->train)
    return gp_fail(GP_ERR_CONFIG, "record.on: first %lld is more than the %lld training examples",
                   (long long)spec->record_first, (long long)data->train);
  return GP_OK;
}

/* `stop_on` is a comma-separated list; non_finite is always meant. */
static gp_status check_stop_on(const gp_spec *spec) {
  for (const char *at = spec->stop_on; at != NULL && *at != '\0';) {
    at += strspn(at, ", ");
    size_t length = strcspn(at, ", ");
    bool known = length == 0 || (length == 10 && strncmp(at, "non_finite", 10) == 0);
    for (int v = GP_VERDICT_DIVERGED; v <= GP_VERDICT_STALLED && !known; v++)
      known = strlen(gp_verdict_words[v]) == length && strncmp(at, gp_verdict_words[v], length) == 0;
    if (!known)
      return gp_fail(GP_ERR_CONFIG,
                     "train.stop_on: unknown condition '%.*s'; known are non_finite, diverged, dead, "
                     "vanishing, exploding, saturated, oscillating, stalled",
                     (int)length, at);
    at += length;
  }
  return GP_OK;
}

static gp_status resolve_optimizer(gp_spec *spec) {
  const gp_optimizer_options *o = gp_optimizer_options_of(&spec->optimizer);
  if (o->nesterov && o->momentum == 0)
    return gp_fail(GP_ERR_CONFIG, "train.optimizer.nesterov: needs a momentum above 0");
  if (gp_optimizer_of(&spec->optimizer)->perceptron && gp_loss_of(&spec->loss)->kind != GP_LOSS_PERCEPTRON)
    return gp_fail(GP_ERR_CONFIG, "train.optimizer: the perceptron rule needs the perceptron loss, not %s",
                   spec->loss.item->name);
  if (gp_optimizer_of(&spec->optimizer)->decoupled) spec->decoupled = true;
  if (!gp_precision_at(spec->precision)->emulated) spec->master_weights = true;
  if (spec->weight_decay == 0) spec->decoupled = spec->decay_bias = false;
  if (!spec->bias && spec->decay_bias)
    return gp_fail(GP_ERR_CONFIG, "train.decay_bias: the model has no biases (model.bias: false)");
  return GP_OK;
}

/* Probes that are unknown, or cannot be measured on this network. */
static gp_status check_probes(const gp_spec *spec) {
  char word[64];
  gp_second_settings settings;
  const gp_activation *hidden = (const gp_activation *)(const void *)spec->activation.item;
  const gp_activation *output = (const gp_activation *)(const void *)spec->output.item;
  if (gp_probe_unknown(spec->probes, word))
    return gp_fail(GP_ERR_CONFIG, "record.probes: unknown probe '%s'; `gradpath list probes` shows them",
                   word);
  if (!gp_probe_settings(spec->probes, &settings, word))
    return gp_fail(
        GP_ERR_CONFIG,
        "record.probes: '%s' is no option of its probe, or out of range; `gradpath list probes` shows them",
        word);
  if ((settings.needs & GP_NEED_JACOBIAN) && gp_norm_couples_examples(&spec->norm))
    return gp_fail(GP_ERR_CONFIG,
                   "record.probes: jacobian is of one example's outputs, and under norm '%s' they depend on "
                   "the whole batch",
                   spec->norm.item->name);
  if (!(settings.needs & GP_NEED_HESSIAN)) return GP_OK;
  bool named = strcmp(spec->output.item->name, "auto") != 0;
  const gp_activation *rough = spec->depth > 0 && hidden->second == NULL ? hidden
                               : named && output->second == NULL         ? output
                                                                         : NULL;
  if (rough != NULL)
    return gp_fail(GP_ERR_CONFIG, "record.probes: curvature needs second derivatives, and '%s' has none",
                   rough->item.name);
  return GP_OK;
}

gp_status gp_spec_resolve(gp_spec *spec, const gp_dataset *data) {
  GP_TRY(resolve_shape(spec));
  GP_TRY(resolve_rates(spec));
  GP_TRY(resolve_init(spec));
  GP_TRY(check_bias_init(spec));
  GP_TRY(resolve_loss(spec, data));
  GP_TRY(resolve_residual(spec, data));
  GP_TRY(resolve_output(spec));
  GP_TRY(resolve_batch(spec, data));
  GP_TRY(resolve_optimizer(spec));
  GP_TRY(check_stop_on(spec));
  return check_probes(spec);
}

int gp_spec_widths(const gp_spec *spec, const gp_dataset *data, int64_t *out) {
  int layers = (int)spec->depth + 1;
  if (out == NULL) return layers;
  const char *at = spec->shape;
  out[0] = data->features;
  for (int l = 1; l < layers; l++) {
    double width = (double)spec->width;
    if (at != NULL) next_number(&at, &width);
    out[l] = (int64_t)width;
  }
  out[layers] = gp_loss_outputs(&spec->loss, data->classes, data->outputs);
  return layers;
}

double gp_spec_multiplier(const gp_spec *spec, int64_t fan_in, bool last) {
  switch (spec->parametrization) {
  case GP_NTK:
    return 1 / sqrt((double)fan_in);
  case GP_MEAN_FIELD:
    return last ? 1 / (double)fan_in : 1 / sqrt((double)fan_in);
  default:
    return 1;
  }
}

const char *gp_spec_weights_file(const gp_spec *spec, int64_t *step) {
  *step = gp_init_options_of(&spec->init)->step;
  return gp_init_of(&spec->init)->from_file ? gp_init_options_of(&spec->init)->path : NULL;
}

bool gp_spec_plain(const gp_spec *spec) {
  return gp_norm_of(&spec->norm) == NULL && gp_residual_of(&spec->residual) == NULL;
}

void gp_spec_variances(const gp_spec *spec, const gp_dataset *data, double *weight, double *bias) {
  int64_t in = data->features, out;
  const char *at = spec->shape;
  for (int64_t l = 1; l <= spec->depth + 1; l++, in = out) {
    double width = (double)spec->width, multiplier = gp_spec_multiplier(spec, in, l == spec->depth + 1);
    if (at != NULL && l <= spec->depth) next_number(&at, &width);
    out = l <= spec->depth ? (int64_t)width : gp_loss_outputs(&spec->loss, data->classes, data->outputs);
    double variance = gp_init_variance(&spec->init, in, out) * (double)in;
    weight[l - 1] =
        spec->parametrization == GP_STANDARD ? variance : variance * (double)in * multiplier * multiplier;
    bias[l - 1] = spec->bias ? gp_bias_init_variance(&spec->bias_init, &spec->init) : 0;
  }
}

gp_spec_layers gp_spec_layers_of(const gp_spec *spec) {
  const gp_norm *norm = gp_norm_of(&spec->norm);
  const gp_norm_options *options = gp_norm_options_of(&spec->norm);
  bool joined = gp_residual_of(&spec->residual) != NULL, acts = norm != NULL && !norm->weights;
  return (gp_spec_layers){.norm = spec->norm.item->name,
                          .eps = acts ? options->eps : 0,
                          .behind = acts && options->place == GP_NORM_AFTER,
                          .joined = joined,
                          .early =
                              joined && gp_residual_options_of(&spec->residual)->place == GP_RESIDUAL_BEFORE,
                          .alpha = joined ? gp_residual_alpha(&spec->residual) : 1};
}

int gp_spec_source(const gp_spec *spec, int number) {
  return gp_residual_source(&spec->residual, (int)spec->depth, number);
}
