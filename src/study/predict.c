#include "predict.h"

#include <math.h>
#include <stdlib.h>

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

void gp_predict(const gp_spec *spec, const gp_dataset *data, double out[static GP_PREDICTED_COUNT]) {
  for (int i = 0; i < GP_PREDICTED_COUNT; i++) out[i] = NAN;
  if (spec->depth < 3) return;
  size_t layers = (size_t)spec->depth + 1;
  int64_t *widths = malloc((layers + 1) * sizeof *widths);
  double *variances = malloc(2 * layers * sizeof *variances);
  if (widths != NULL && variances != NULL) predict_layers(spec, data, widths, variances, out);
  free(widths);
  free(variances);
}
