#include "predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "correlation.h"

#define CELL(label, words, unit)                                                                             \
  { label, words, unit, GP_PER_RUN, GP_F64, NULL, NULL }
#define SERIES(label, words)                                                                                 \
  { label, words, "1", GP_PER_RUN_LAYER, GP_F64, NULL, NULL }

const gp_variable gp_predicted_variables[GP_PREDICTED_COUNT] = {
    [GP_PREDICTED_FACTOR] =
        CELL("predicted_gradient_factor", "mean-field prediction of gradient_factor, infinite width", "1"),
    [GP_PREDICTED_FACTOR_TYPICAL] =
        CELL("predicted_gradient_factor_typical",
             "prediction of gradient_factor at this width: exp of the mean over seeds of its ln", "1"),
    [GP_PREDICTED_FACTOR_SD] = CELL("predicted_gradient_factor_sd",
                                    "predicted standard deviation over seeds of ln gradient_factor", "1"),
    [GP_PREDICTED_SPAN] =
        CELL("predicted_gradient_span", "mean-field prediction of gradient_span, infinite width", "decades"),
    [GP_PREDICTED_SPAN_TYPICAL] =
        CELL("predicted_gradient_span_typical",
             "prediction of the mean over seeds of gradient_span at this width", "decades"),
    [GP_PREDICTED_SPAN_SD] = CELL("predicted_gradient_span_sd",
                                  "predicted standard deviation over seeds of gradient_span", "decades"),
    [GP_PREDICTED_CHI] = CELL(
        "predicted_chi_1",
        "sigma_w^2 E[phi'^2] at the fixed point of the length map, of normalised nets that of deep layers",
        "1"),
    [GP_PREDICTED_CORRELATION_DEPTH] = CELL("predicted_correlation_depth",
                                            "xi_c: layers over which the correlation of two inputs settles "
                                            "by a factor e; nets deeper than about 6 "
                                            "xi_c do not train",
                                            "layers"),
    [GP_PREDICTED_DELTA] =
        SERIES("predicted_delta_rms",
               "prediction of delta_rms at initialisation and this width, relative to the last "
               "hidden layer: exp of the mean over seeds of its ln; of nets with normalisations or residual "
               "connections that of infinite width"),
    [GP_PREDICTED_DELTA_SD] =
        SERIES("predicted_delta_rms_sd",
               "predicted standard deviation over seeds of ln delta_rms, relative to the last hidden layer"),
    [GP_PREDICTED_PREACTIVATION] =
        SERIES("predicted_preactivation_rms", "mean-field prediction of preactivation_rms at initialisation"),
    [GP_PREDICTED_PREACTIVATION_SD] = SERIES(
        "predicted_preactivation_rms_sd", "predicted standard deviation over seeds of ln preactivation_rms"),
};

static bool is(const gp_choice *choice, const char *name) {
  return strcmp(choice->item->name, name) == 0;
}

/* ---- the examples that stand for those measured ---- */

static double dot(const double *a, const double *b, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; i++) total += a[i] * b[i];
  return total;
}

/* How many examples a probe averages over. */
static int64_t measured(const gp_spec *spec, const gp_dataset *data) {
  if (spec->record_on == GP_ON_FIRST) return spec->record_first;
  bool whole = spec->record_on == GP_ON_TRAIN || spec->batch == INT64_MIN;
  return whole ? data->train : spec->batch;
}

/* Rows evenly spread over those that may be measured, without inputs of length 0, which have no direction. */
static size_t choose(int64_t rows[GP_SCATTER_EXAMPLES], const gp_spec *spec, const gp_dataset *data) {
  int64_t all = spec->record_on == GP_ON_FIRST ? spec->record_first : data->train;
  int64_t wanted = measured(spec, data) < GP_SCATTER_EXAMPLES ? measured(spec, data) : GP_SCATTER_EXAMPLES;
  size_t count = 0;
  for (int64_t i = 0; i < wanted; i++) {
    int64_t row = (2 * i + 1) * all / (2 * wanted);
    const double *x = data->x + row * data->features;
    if (dot(x, x, data->features) > 0) rows[count++] = row;
  }
  return count;
}

/* What gp_examples says of two outputs: under a square loss the product of the targets; of one unit the cosine is +-1, of
 * softmax with equal probabilities 1 for one class and -1/(K-1) for two, and otherwise about that of the targets. */
static double output_pair(const gp_spec *spec, const gp_dataset *data, int64_t a, int64_t b,
                          int64_t outputs) {
  const double *x = data->y + a * data->outputs, *y = data->y + b * data->outputs;
  if (is(&spec->loss, "mse") && outputs == data->outputs) return dot(x, y, data->outputs);
  if (outputs == 1 || a == b) return 1;
  if (is(&spec->loss, "cross_entropy"))
    return data->label[a] == data->label[b] ? 1 : -1 / (double)(outputs - 1);
  double lengths = sqrt(dot(x, x, data->outputs) * dot(y, y, data->outputs));
  return lengths > 0 ? dot(x, y, data->outputs) / lengths : 1;
}

static bool find_examples(gp_examples *out, const gp_spec *spec, const gp_dataset *data, int64_t outputs) {
  int64_t rows[GP_SCATTER_EXAMPLES];
  *out = (gp_examples){.count = choose(rows, spec, data),
                       .measured = (double)measured(spec, data),
                       .outputs = outputs,
                       .error = is(&spec->loss, "mse")             ? GP_ERROR_SQUARE
                                : is(&spec->loss, "cross_entropy") ? GP_ERROR_SOFTMAX
                                                                   : GP_ERROR_INDEPENDENT};
  for (size_t i = 0; i < out->count; i++) {
    for (size_t j = 0; j < out->count; j++) {
      const double *x = data->x + rows[i] * data->features, *other = data->x + rows[j] * data->features;
      out->input[i][j] = dot(x, other, data->features) / (double)data->features;
      out->output[i][j] = output_pair(spec, data, rows[i], rows[j], outputs);
    }
  }
  return out->count > 0;
}

/* ---- the network ---- */

/* What a prediction is made from: arrays for L = depth + 1 layers. */
typedef struct facts_room {
  int64_t *widths;
  double *weight, *bias;
  int *source;
} facts_room;

static gp_status room_make(facts_room *out, size_t layers) {
  *out = (facts_room){.widths = malloc((layers + 1) * sizeof *out->widths),
                      .weight = malloc(2 * layers * sizeof *out->weight),
                      .source = malloc(layers * sizeof *out->source)};
  out->bias = out->weight + layers;
  return out->widths != NULL && out->weight != NULL && out->source != NULL
             ? GP_OK
             : gp_fail(GP_ERR_MEMORY, "no memory for the prediction of a network of depth %zu", layers - 1);
}

static void room_free(facts_room *room) {
  free(room->widths);
  free(room->weight);
  free(room->source);
}

/* Weight normalisation begins with the weights as they were drawn. */
static bool has_norm(const gp_spec_layers *layers) {
  return strcmp(layers->norm, "none") != 0 && strcmp(layers->norm, "weight") != 0;
}

/* What the layers have beside their matrices; false where theory has no say. `out` stays empty for a plain net. */
static bool find_layers(gp_layer_facts *out, const gp_spec *spec, double measured, int *source) {
  static const struct {
    const char *name;
    enum gp_layer_norm norm;
  } norms[] = {{"layer", GP_LAYER_CENTRED}, {"rms", GP_LAYER_RMS}, {"batch", GP_LAYER_BATCH}};
  gp_spec_layers layers = gp_spec_layers_of(spec);
  *out =
      (gp_layer_facts){.eps = layers.eps, .behind = layers.behind, .batch = measured, .alpha = layers.alpha};
  for (size_t i = 0; i < sizeof norms / sizeof norms[0]; i++)
    if (strcmp(norms[i].name, layers.norm) == 0) out->norm = norms[i].norm;
  for (int l = 1; l <= spec->depth; l++) source[l - 1] = gp_spec_source(spec, l);
  if (layers.joined) out->source = source;
  bool known = out->norm != GP_LAYER_PLAIN || !has_norm(&layers);
  return known && !layers.early && gp_propagation_knows(out);
}

static gp_status predict_network(gp_prediction *out, const gp_spec *spec, const gp_dataset *data,
                                 const facts_room *room, bool *made) {
  size_t layers = (size_t)spec->depth + 1;
  gp_examples examples;
  gp_layer_facts beside;
  gp_spec_widths(spec, data, room->widths);
  gp_spec_variances(spec, data, room->weight, room->bias);
  for (size_t l = 0; l < layers; l++)
    if (!isfinite(room->weight[l]) || !isfinite(room->bias[l])) return GP_OK;
  if (!find_examples(&examples, spec, data, room->widths[layers])) return GP_OK;
  if (!find_layers(&beside, spec, examples.measured, room->source)) return GP_OK;
  bool plain = beside.norm == GP_LAYER_PLAIN && beside.source == NULL;
  gp_network_facts facts = {.depth = (size_t)spec->depth,
                            .widths = room->widths,
                            .weight_variance = room->weight,
                            .bias_variance = room->bias,
                            .examples = &examples,
                            .orthogonal = is(&spec->init, "orthogonal"),
                            .facts = plain ? NULL : &beside,
                            .activation = &spec->activation};
  GP_TRY(gp_prediction_make(out, &facts));
  *made = true;
  return GP_OK;
}

gp_status gp_predict_field(gp_meanfield *out, const gp_spec *spec, const gp_dataset *data, bool *made) {
  size_t layers = (size_t)spec->depth + 1, second = layers > 1 ? 1 : 0;
  double *variances = malloc(2 * layers * sizeof *variances);
  if (variances == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %zu layers", layers);
  gp_spec_variances(spec, data, variances, variances + layers);
  *out = (gp_meanfield){.activation = &spec->activation,
                        .weight_variance = variances[second],
                        .bias_variance = variances[layers + second]};
  free(variances);
  gp_spec_layers beside = gp_spec_layers_of(spec);
  *made =
      !has_norm(&beside) && !beside.joined && isfinite(out->weight_variance) && isfinite(out->bias_variance);
  return GP_OK;
}

double gp_predict_first(const gp_spec *spec, const gp_dataset *data) {
  facts_room room;
  double first = NAN;
  if (room_make(&room, (size_t)spec->depth + 1) == GP_OK) {
    gp_spec_variances(spec, data, room.weight, room.bias);
    first = room.weight[0];
  }
  room_free(&room);
  return first;
}

gp_status gp_predict_network(gp_prediction *out, const gp_spec *spec, const gp_dataset *data, bool *made) {
  facts_room room;
  *made = false;
  gp_status status = room_make(&room, (size_t)spec->depth + 1);
  if (status == GP_OK) status = predict_network(out, spec, data, &room, made);
  room_free(&room);
  return status;
}

/* ---- the columns ---- */

static void put_forecast(double *cells, gp_forecast f) {
  cells[0] = f.mean_field, cells[1] = f.typical, cells[2] = f.sd;
}

static gp_status put_scales(double *cells, const gp_spec *spec, const gp_dataset *data) {
  gp_meanfield field;
  bool made;
  GP_TRY(gp_predict_field(&field, spec, data, &made));
  if (!made) return GP_OK;
  double q = gp_meanfield_fixed_point(&field);
  cells[GP_PREDICTED_CHI] = gp_meanfield_chi(&field, q);
  if (q > 0) cells[GP_PREDICTED_CORRELATION_DEPTH] = gp_meanfield_correlation_depth(&field, q);
  return GP_OK;
}

static void put_series(double *series, size_t layers, const gp_prediction *p) {
  for (size_t l = 0; l < p->depth && l < layers; l++) {
    double *at = series + l;
    at[(GP_PREDICTED_DELTA - GP_PREDICTED_CELLS) * layers] =
        isnan(p->delta_rms_typical[l]) ? p->delta_rms[l] : p->delta_rms_typical[l];
    at[(GP_PREDICTED_DELTA_SD - GP_PREDICTED_CELLS) * layers] = p->delta_rms_sd[l];
    at[(GP_PREDICTED_PREACTIVATION - GP_PREDICTED_CELLS) * layers] = sqrt(p->length[l]);
    at[(GP_PREDICTED_PREACTIVATION_SD - GP_PREDICTED_CELLS) * layers] = p->preactivation_sd[l];
  }
}

static gp_status predict(const gp_spec *spec, const gp_dataset *data, double *cells, double *series,
                         size_t layers) {
  gp_prediction p;
  bool made;
  for (size_t i = 0; i < GP_PREDICTED_CELLS; i++) cells[i] = (double)NAN;
  for (size_t i = 0; i < GP_PREDICTED_SERIES * layers; i++) series[i] = (double)NAN;
  if (spec->depth < 1) return GP_OK;
  GP_TRY(gp_predict_network(&p, spec, data, &made));
  if (!made) return GP_OK;
  gp_status status = put_scales(cells, spec, data);
  if (p.depth > 2 && isnan(cells[GP_PREDICTED_CHI]) && !gp_spec_layers_of(spec).joined)
    cells[GP_PREDICTED_CHI] =
        p.chi[p.depth - 2]; /* normalised layers are at their fixed point from the second on */
  put_forecast(cells + GP_PREDICTED_FACTOR, p.gradient_factor);
  put_forecast(cells + GP_PREDICTED_SPAN, p.gradient_span);
  put_series(series, layers, &p);
  gp_prediction_free(&p);
  return status;
}

static bool same_choice(const gp_choice *a, const gp_choice *b) {
  return memcmp(a, b, sizeof *a) == 0;
}

/* Whether the prediction is the same: learning rates, seeds and the rest have no part in it. */
static bool same_facts(const gp_spec *a, const gp_spec *b) {
  return a->depth == b->depth && a->width == b->width && a->shape == b->shape && a->bias == b->bias &&
         a->parametrization == b->parametrization && a->loss.item == b->loss.item && a->batch == b->batch &&
         a->record_on == b->record_on && a->record_first == b->record_first &&
         same_choice(&a->activation, &b->activation) && same_choice(&a->init, &b->init) &&
         same_choice(&a->norm, &b->norm) && same_choice(&a->residual, &b->residual);
}

/* Rows that differ only in rate or seed follow each other, so each thread remembers its last answer: 840 runs of the
 * depth experiment ask 24 questions. Nets deeper than what it has room for are asked about every time. */
enum { REMEMBERED = 256 };

static _Thread_local struct memory {
  gp_spec spec;
  char data[GP_HASH_TEXT];
  double cells[GP_PREDICTED_CELLS], series[GP_PREDICTED_SERIES * REMEMBERED];
  bool filled;
} last;

static gp_status remember(const gp_spec *spec, const gp_dataset *data) {
  if (last.filled && strcmp(last.data, data->content_hash) == 0 && same_facts(&last.spec, spec)) return GP_OK;
  last.filled = false;
  GP_TRY(predict(spec, data, last.cells, last.series, REMEMBERED));
  last.spec = *spec;
  last.filled = true;
  memcpy(last.data, data->content_hash, sizeof last.data);
  return GP_OK;
}

gp_status gp_predict(const gp_spec *spec, const gp_dataset *data, double cells[static GP_PREDICTED_CELLS],
                     double *series, size_t layers) {
  GP_TRY(remember(spec, data));
  memcpy(cells, last.cells, sizeof last.cells);
  if (series == NULL) return GP_OK;
  if (layers > REMEMBERED) return predict(spec, data, cells, series, layers);
  for (size_t i = 0; i < GP_PREDICTED_SERIES; i++)
    memcpy(series + i * layers, last.series + i * REMEMBERED, layers * sizeof *series);
  return GP_OK;
}
