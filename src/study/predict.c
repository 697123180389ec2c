#include "predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prediction.h"

const gp_variable gp_predicted_variables[GP_PREDICTED_COUNT] = {
    [GP_PREDICTED_FACTOR] = {"predicted_gradient_factor",
                             "mean-field prediction of gradient_factor, infinite width", "1", GP_PER_RUN,
                             GP_F64, NULL, NULL},
    [GP_PREDICTED_SPAN] = {"predicted_gradient_span",
                           "mean-field prediction of gradient_span, infinite width", "decades", GP_PER_RUN,
                           GP_F64, NULL, NULL},
};

/* Mean of x^2 over the training rows and the features. */
static double mean_square(const gp_dataset *data) {
  double total = 0;
  int64_t n = data->train * data->features;
  for (int64_t i = 0; i < n; i++) total += data->x[i] * data->x[i];
  return n > 0 ? total / (double)n : 0;
}

static void predict_layers(const gp_spec *spec, const gp_dataset *data, int64_t *widths, double *variances,
                           double *out) {
  size_t layers = (size_t)spec->depth + 1;
  gp_prediction prediction;
  gp_spec_widths(spec, data, widths);
  gp_spec_variances(spec, data, variances, variances + layers);
  gp_network_facts facts = {.depth = (size_t)spec->depth,
                            .widths = widths,
                            .weight_variance = variances,
                            .bias_variance = variances + layers,
                            .input_mean_square = mean_square(data),
                            .activation = &spec->activation};
  if (gp_prediction_make(&prediction, &facts) != GP_OK) return;
  out[GP_PREDICTED_FACTOR] = prediction.gradient_factor;
  out[GP_PREDICTED_SPAN] = prediction.gradient_span;
  gp_prediction_free(&prediction);
}

static void predict(const gp_spec *spec, const gp_dataset *data, double *out) {
  size_t layers = (size_t)spec->depth + 1;
  int64_t *widths = malloc((layers + 1) * sizeof *widths);
  double *variances = malloc(2 * layers * sizeof *variances);
  if (widths != NULL && variances != NULL) predict_layers(spec, data, widths, variances, out);
  free(widths);
  free(variances);
}

static bool same_choice(const gp_choice *a, const gp_choice *b) {
  return memcmp(a, b, sizeof *a) == 0;
}

/* Whether the prediction is the same: learning rates, seeds and the rest have no part in it. */
static bool same_facts(const gp_spec *a, const gp_spec *b) {
  return a->depth == b->depth && a->width == b->width && a->shape == b->shape && a->bias == b->bias &&
         a->parametrization == b->parametrization && a->loss.item == b->loss.item &&
         same_choice(&a->activation, &b->activation) && same_choice(&a->init, &b->init) &&
         same_choice(&a->norm, &b->norm) && same_choice(&a->residual, &b->residual);
}

/* Rows that differ only in rate or seed follow each other, so each thread remembers its last answer: 840 runs of the
 * depth experiment ask 24 questions. */
void gp_predict(const gp_spec *spec, const gp_dataset *data, double out[static GP_PREDICTED_COUNT]) {
  static _Thread_local struct {
    gp_spec spec;
    char data[GP_HASH_TEXT];
    double answer[GP_PREDICTED_COUNT];
    bool filled;
  } last;
  if (!last.filled || strcmp(last.data, data->content_hash) != 0 || !same_facts(&last.spec, spec)) {
    for (int i = 0; i < GP_PREDICTED_COUNT; i++) last.answer[i] = (double)NAN;
    if (spec->depth >= 3 && gp_spec_plain(spec)) predict(spec, data, last.answer);
    last.spec = *spec;
    last.filled = true;
    memcpy(last.data, data->content_hash, sizeof last.data);
  }
  memcpy(out, last.answer, sizeof last.answer);
}
