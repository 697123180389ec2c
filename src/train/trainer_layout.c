/* Memory and starting values of a trainer. The layout runs twice, measuring and committing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bias_init.h"
#include "clip.h"
#include "loss_scale.h"
#include "moment.h"
#include "norm.h"
#include "optimizer.h"
#include "precision.h"
#include "rate_scale.h"
#include "residual.h"
#include "trainer.h"

static int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}
static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* How many examples probes are measured on; 0 when it is the batch. */
static int64_t measured_rows(const gp_spec *spec, const gp_dataset *data) {
  switch (spec->record_on) {
  case GP_ON_TRAIN:
    return data->train;
  case GP_ON_FIRST:
    return least(spec->record_first, data->train);
  default:
    return 0;
  }
}

/* Evaluation goes through the network in pieces of this many examples at most. */
enum { EVALUATION_ROWS = 256 };

/* The targets of every row; a lane with the data of the first one shares its array. */
static void layout_target(gp_trainer *t, gp_arena *arena, gp_lane *lane) {
  const gp_dataset *data = lane->data;
  int64_t rows = data->train + data->test,
          outputs = gp_loss_outputs(&t->spec->loss, data->classes, data->outputs);
  if (data == t->data && t->lane != NULL && lane != &t->lane[0]) {
    lane->target = t->lane[0].target;
    return;
  }
  double *target = gp_arena_take(arena, (size_t)(rows * outputs), sizeof *target);
  lane->target = target;
  for (int64_t i = 0; target != NULL && i < rows * outputs; i++)
    target[i] = gp_target(lane->spec, data, i / outputs, i % outputs, outputs);
}

static void layout_lane(gp_trainer *t, gp_arena *arena, gp_lane *lane) {
  size_t count;
  const gp_variable *variables = gp_train_variables(&count);
  layout_target(t, arena, lane);
  lane->order = gp_arena_take(arena, (size_t)t->data->train, sizeof *lane->order);
  lane->cells = gp_arena_take(arena, count, sizeof *lane->cells);
  lane->series = gp_arena_take(arena, count, sizeof *lane->series);
  for (size_t v = 0; v < count; v++) {
    size_t length = t->checkpoints * gp_shape_width(variables[v].shape, (size_t)t->net.layers, t->inner);
    if (lane->series != NULL) lane->series[v] = NULL;
    if (variables[v].shape == GP_PER_RUN || !gp_trace_keeps(t, v)) continue;
    double *values = gp_arena_take(arena, length, sizeof(double));
    if (values == NULL) continue;
    for (size_t i = 0; i < length; i++) values[i] = NAN;
    lane->series[v] = values;
  }
}

/* Entries of the largest trained array. */
static int64_t largest_parameter(const gp_trainer *t) {
  int64_t largest = 1;
  for (int64_t l = 0; l <= t->spec->depth; l++)
    largest = most(largest, most(t->widths[l], 1) * t->widths[l + 1]);
  return largest;
}

/* Room for a parameter and its states before an update: a skipped one takes them back, and where rounding comes after the
 * addition the true update is the difference. */
static void layout_kept(gp_trainer *t, gp_arena *arena) {
  const gp_spec *spec = t->spec;
  bool rounds = gp_precision_at(spec->precision)->emulated && !spec->master_weights;
  int64_t arrays = gp_loss_scale_of(&spec->loss_scale)->scales ? 1 + t->states : rounds ? 1 : 0;
  t->kept = arrays > 0 ? gp_net_reals(&t->net, arena, arrays * largest_parameter(t)) : NULL;
}

/* Doubles for drawing the largest weight matrix as a whole: all lanes of it, one lane of it, the hook's scratch. */
static size_t matrix_room(const gp_trainer *t) {
  size_t room = 0;
  for (int64_t l = 0; l <= t->spec->depth; l++) {
    int64_t in = t->widths[l], out = t->widths[l + 1];
    size_t needed = (size_t)(t->lanes + 1) * (size_t)(in * out) + gp_init_scratch(in, out);
    room = needed > room ? needed : room;
  }
  return room;
}

static void layout_work(gp_trainer *t, gp_arena *arena) {
  size_t lanes = (size_t)t->lanes, layers = (size_t)t->net.layers;
  int64_t widest = 0, rows = most(t->data->train, t->data->test), capacity = t->net.capacity;
  const int64_t *widths = t->widths;
  for (size_t l = 0; widths != NULL && l <= layers; l++) widest = most(widest, widths[l]);
  t->rows = gp_arena_take(arena, lanes * (size_t)t->batch, sizeof *t->rows);
  t->x_row = gp_arena_take(arena, lanes * (size_t)capacity, sizeof *t->x_row);
  t->y_row = gp_arena_take(arena, lanes * (size_t)capacity, sizeof *t->y_row);
  t->full_batch_in = false;
  t->rate = gp_arena_take(arena, lanes * layers, sizeof(double));
  t->rate_now = gp_arena_take(arena, lanes * layers, sizeof(double));
  t->clip_factor = gp_arena_take(arena, lanes * layers, sizeof(double));
  double **const settings[] = {
      &t->momentum,         &t->decay,           &t->second,           &t->epsilon, &t->clip_max,
      &t->first_correction, &t->next_correction, &t->second_correction};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    *settings[i] = gp_arena_take(arena, lanes, sizeof(double));
  /* At least the numbers of one activation: a net of one unit and one example stages nothing longer. */
  int64_t staged = most(widest * most(capacity, 1), GP_ACT_PARAMS_MAX);
  t->stage = gp_arena_take(arena, lanes * (size_t)staged, sizeof(double));
  t->matrix = gp_init_of(&t->spec->init)->matrix != NULL && t->spec->weights == NULL
                  ? gp_arena_take(arena, matrix_room(t), sizeof(double))
                  : NULL;
  layout_kept(t, arena);
  /* Skipped and rounded updates, and those of what W is composed of, are not the true one of W. */
  bool changed = t->kept != NULL || t->net.layer == NULL || t->net.layer[0].norm.direction.value != NULL;
  double *squares = gp_arena_take(arena, lanes * layers, sizeof(double));
  t->view.update_squares = t->update_squares = changed ? NULL : squares;
  t->all_loss = gp_arena_take(arena, lanes * (size_t)rows, sizeof(double));
  t->all_score = gp_arena_take(arena, lanes * (size_t)rows, sizeof(double));
  size_t bins = t->inner[GP_BIN] > 0 ? t->inner[GP_BIN] : 1;
  t->value = gp_arena_take(arena, lanes * bins, sizeof(double));
  t->set_loss = gp_arena_take(arena, lanes, sizeof(double));
  t->set_accuracy = gp_arena_take(arena, lanes, sizeof(double));
  t->batch_loss = gp_arena_take(arena, lanes, sizeof(double));
  t->view.counts =
      gp_arena_take(arena, lanes * (bins > (size_t)widest ? bins : (size_t)widest), sizeof(int64_t));
  t->view.weight_norm = gp_arena_take(arena, lanes * layers, sizeof(double));
  t->view.columns = gp_arena_take(arena, lanes * (size_t)capacity, sizeof(double));
  t->view.moments = &t->moments;
  gp_moments_layout(&t->moments, arena, widest, capacity, t->lanes);
  for (int i = 0; i < 2; i++) t->view.spread[i] = gp_arena_take(arena, lanes, sizeof(double));
}

/* A copy of every layer's weights, or of arrays of their size. */
static void **layout_copies(gp_trainer *t, gp_arena *arena, bool wanted) {
  void **copies = wanted ? gp_arena_take(arena, (size_t)t->net.layers, sizeof *copies) : NULL;
  for (int l = 0; wanted && l < t->net.layers; l++) {
    void *copy = gp_net_reals(&t->net, arena, t->widths[l] * t->widths[l + 1]);
    if (copies != NULL) copies[l] = copy;
  }
  return copies;
}

/* The rows of the series, and what probes keep from step to step. */
static void layout_probes(gp_trainer *t, gp_arena *arena) {
  const gp_spec *spec = t->spec;
  gp_cadences_make(&t->cadences, spec->probes);
  if (t->widths != NULL) gp_probe_inner(spec->probes, t->widths, t->net.layers, t->inner);
  for (int c = 0; c < t->cadences.count; c++) gp_walk_begin(&t->walk[c], spec, &t->cadences.of[c]);
  t->checkpoints = (size_t)gp_spec_rows(spec, NULL, 0);
  t->checkpoint = gp_arena_take(arena, t->checkpoints, sizeof *t->checkpoint);
  if (t->checkpoint != NULL) gp_spec_rows(spec, t->checkpoint, (int64_t)t->checkpoints);
  t->main_row = gp_arena_take(arena, t->checkpoints, sizeof *t->main_row);
  t->main_rows = 0;
  t->previous = layout_copies(t, arena, t->cadences.probe[GP_PROBE_GRADIENT_COSINE] >= 0);
  t->initial = layout_copies(t, arena,
                             t->cadences.probe[GP_PROBE_DISTANCE_FROM_START] >= 0 ||
                                 t->cadences.probe[GP_PROBE_RELATIVE_DISTANCE] >= 0);
  t->view.previous = NULL; /* at the first step there is none */
  t->view.initial = t->initial;
}

/* The twin and its room, when some lane asks for a probe on it. Lanes share their selection (lanes.c). */
static void layout_twin(gp_trainer *t, gp_arena *arena, const gp_net_shape *shape) {
  char word[64];
  gp_second_settings settings;
  t->measures = (gp_second){0};
  if (!gp_probe_settings(t->spec->probes, &settings, word) || settings.needs == 0) return;
  size_t longest = 1;
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++) longest = t->inner[d] > longest ? t->inner[d] : longest;
  t->twin_value = gp_arena_take(arena, (size_t)t->net.layers * longest, sizeof(double));
  gp_second_layout(&t->measures, arena, t->tier, shape, &settings, t->data->train,
                   t->measured > 0 ? t->measured : t->batch);
}

/* Needs t->widths from outside the arena: sizes are wanted while measuring as well. */
void gp_trainer_layout(gp_trainer *t, gp_arena *arena, const gp_spec *const *specs,
                       const gp_dataset *const *data) {
  const gp_spec *spec = t->spec = specs[0];
  t->data = data[0];
  t->batch = spec->batch == INT64_MIN ? t->data->train : spec->batch;
  t->measured = measured_rows(spec, t->data);
  t->states = gp_optimizer_states(&spec->optimizer);
  t->decay_used = spec->weight_decay != 0;
  const gp_precision *precision = gp_precision_at(spec->precision);
  int64_t capacity =
      most(most(t->batch, t->measured), least(EVALUATION_ROWS, t->data->train + t->data->test));
  gp_net_shape shape = {.layers = (int)spec->depth + 1,
                        .widths = t->widths,
                        .capacity = capacity,
                        .lanes = t->lanes,
                        .bias = spec->bias,
                        .states = t->states,
                        .norm = &spec->norm,
                        .residual = &spec->residual,
                        .storage = precision->emulated ? precision : NULL,
                        .master = spec->master_weights,
                        .scaled = gp_loss_scale_of(&spec->loss_scale)->scales};
  gp_net_layout(&t->net, arena, t->tier, precision->bits, &shape);
  layout_probes(t, arena);
  layout_work(t, arena);
  layout_twin(t, arena, &shape);
  t->lane = gp_arena_take(arena, (size_t)t->lanes, sizeof *t->lane);
  for (int i = 0; i < t->lanes; i++) {
    gp_lane measured = {0}, *lane = t->lane != NULL ? &t->lane[i] : &measured;
    int run = i < t->count ? i : t->count - 1;
    *lane = (gp_lane){.spec = specs[run], .data = data[run], .epoch = -1};
    layout_lane(t, arena, lane);
  }
}

static double branch_factor(const gp_spec *spec, int number) {
  const gp_init *init = gp_init_of(&spec->init);
  int hidden = (int)spec->depth;
  if (init->branch == NULL) return 1;
  return init->branch(gp_residual_position(&spec->residual, hidden, number),
                      (int)gp_residual_options_of(&spec->residual)->every,
                      gp_residual_blocks(&spec->residual, hidden));
}

/* One row of weights for all lanes, through the staging area. */
static void draw_row(gp_trainer *t, const gp_layer *layer, int number, int64_t o) {
  for (int i = 0; i < t->lanes; i++) {
    const gp_spec *spec = t->lane[i].spec;
    double variance = gp_init_variance(&spec->init, layer->in, layer->out);
    if (spec->parametrization != GP_STANDARD) variance *= (double)layer->in;
    double deviation = sqrt(variance) * branch_factor(spec, number);
    for (int64_t j = 0; j < layer->in; j++)
      t->stage[j * t->lanes + i] =
          gp_init_weight(&spec->init, (uint64_t)spec->seed, number, o * layer->in + j, deviation);
  }
  unsigned char *w = layer->w;
  t->net.k->narrow(w + gp_net_bytes(&t->net, o * layer->in), t->stage, layer->in, t->lanes);
}

/* Under ntk and mean_field a matrix is scaled as single weights are: by sqrt(fan_in). */
static void draw_matrix(gp_trainer *t, const gp_layer *layer, int number) {
  int64_t count = layer->in * layer->out;
  double *one = t->matrix + count * t->lanes, *scratch = one + count;
  for (int i = 0; i < t->lanes; i++) {
    const gp_spec *spec = t->lane[i].spec;
    gp_init_layer at = {(uint64_t)spec->seed, number, t->net.layers, layer->in, layer->out};
    double scale = spec->parametrization == GP_STANDARD ? 1 : sqrt((double)layer->in);
    gp_init_of(&spec->init)->matrix(gp_init_options_of(&spec->init), &at, one, scratch);
    for (int64_t j = 0; j < count; j++) t->matrix[j * t->lanes + i] = scale * one[j];
  }
  t->net.k->narrow(layer->w, t->matrix, count, t->lanes);
}

/* What the file says, for all lanes, row by row. */
static void place_matrix(gp_trainer *t, const gp_layer *layer, int number) {
  unsigned char *w = layer->w;
  for (int64_t o = 0; o < layer->out; o++) {
    for (int i = 0; i < t->lanes; i++)
      for (int64_t j = 0; j < layer->in; j++)
        t->stage[j * t->lanes + i] = t->lane[i].spec->weights->weight[number - 1][o * layer->in + j];
    t->net.k->narrow(w + gp_net_bytes(&t->net, o * layer->in), t->stage, layer->in, t->lanes);
  }
}

static void draw_weights(gp_trainer *t, const gp_layer *layer, int number) {
  if (t->spec->weights != NULL)
    place_matrix(t, layer, number);
  else if (t->matrix != NULL)
    draw_matrix(t, layer, number);
  else
    for (int64_t o = 0; o < layer->out; o++) draw_row(t, layer, number, o);
}

static double draw_bias(const gp_spec *spec, const gp_layer *layer, int number, int64_t o) {
  if (spec->weights != NULL && spec->weights->bias[number - 1] != NULL)
    return spec->weights->bias[number - 1][o];
  return gp_bias_init_draw(&spec->bias_init, &spec->init, (uint64_t)spec->seed, number, o, layer->in);
}

static void draw_layer(gp_trainer *t, gp_layer *layer, int number) {
  draw_weights(t, layer, number);
  if (layer->b == NULL) return;
  for (int i = 0; i < t->lanes; i++)
    for (int64_t o = 0; o < layer->out; o++)
      t->stage[o * t->lanes + i] = draw_bias(t->lane[i].spec, layer, number, o);
  t->net.k->narrow(layer->b, t->stage, layer->out, t->lanes);
}

/* Hidden layers have the activation; the output layer only a named output. Its numbers are its options, as
 * doubles. */
static void set_activation(gp_trainer *t, gp_layer *layer, bool last) {
  const gp_choice *choice = last ? &t->spec->output : &t->spec->activation;
  if (last && strcmp(choice->item->name, "auto") == 0) return;
  layer->activation = (const gp_activation *)(const void *)choice->item;
  for (int i = 0; i < t->lanes; i++) {
    const gp_spec *spec = t->lane[i].spec;
    const unsigned char *options = (last ? &spec->output : &spec->activation)->options;
    for (int p = 0; p < GP_ACT_PARAMS_MAX; p++)
      memcpy(&t->stage[p * t->lanes + i], options + 8 * p, sizeof(double));
  }
  t->net.k->narrow(layer->params, t->stage, GP_ACT_PARAMS_MAX, t->lanes);
}

/* Factor `number` of a list "1-0.5-0"; 1 without a list. */
static double listed_factor(const char *list, int number) {
  if (list == NULL) return 1;
  for (int l = 1; l < number; l++) {
    char *end;
    strtod(list, &end);
    list = end + 1;
  }
  return strtod(list, NULL);
}

/* The learning rate of a layer: the common one, or that of the first or last layer, times its factors. */
static double layer_rate(const gp_trainer *t, const gp_spec *spec, int number) {
  const gp_layer *layer = &t->net.layer[number - 1];
  double rate = number == 1               ? spec->learning_rate_first
                : number == t->net.layers ? spec->learning_rate_last
                                          : spec->learning_rate;
  return rate * listed_factor(spec->layer_rates, number) *
         gp_rate_scale_factor(&spec->rate_scale, number, t->net.layers, layer->in, layer->out);
}

static void initialise_lane(gp_trainer *t, int i) {
  gp_lane *lane = &t->lane[i];
  for (int l = 1; l <= t->net.layers; l++) t->rate[(l - 1) * t->lanes + i] = layer_rate(t, lane->spec, l);
  const gp_optimizer_options *optimizer = gp_optimizer_options_of(&lane->spec->optimizer);
  t->momentum[i] = optimizer->momentum;
  t->second[i] = optimizer->second;
  t->epsilon[i] = optimizer->epsilon;
  t->decay[i] = lane->spec->weight_decay;
  t->clip_max[i] = gp_clip_max(&lane->spec->clip);
  lane->stopped_at = -1;
  lane->final_loss = lane->final_accuracy = lane->final_test_loss = lane->final_test_accuracy = NAN;
  lane->baseline = gp_baseline(lane->spec, lane->data);
  lane->spread = gp_target_spread(lane->spec, lane->data, 0, lane->data->train);
  lane->test_spread = gp_target_spread(lane->spec, lane->data, lane->data->train, lane->data->test);
}

static void initialise_modifiers(gp_trainer *t) {
  bool normalised = gp_norm_of(&t->spec->norm) != NULL, residual = gp_residual_of(&t->spec->residual) != NULL;
  for (int i = 0; i < t->lanes; i++) {
    const gp_norm_options *options = gp_norm_options_of(&t->lane[i].spec->norm);
    if (normalised) t->net.norm_eps[i] = options->eps;
    if (normalised) t->net.norm_averaging[i] = options->averaging;
    if (residual) t->value[i] = gp_residual_alpha(&t->lane[i].spec->residual);
  }
  gp_net_initialise(&t->net, residual ? t->value : NULL);
  if (gp_init_of(&t->spec->init)->unit_variance) gp_trainer_unit_variance(t, residual ? t->value : NULL);
}

void gp_trainer_initialise(gp_trainer *t) {
  t->net.loss = t->spec->loss;
  t->view.net = &t->net;
  for (int l = 1; l <= t->net.layers; l++) {
    gp_layer *layer = &t->net.layer[l - 1];
    layer->multiplier = gp_spec_multiplier(t->spec, layer->in, l == t->net.layers);
    set_activation(t, layer, l == t->net.layers);
    draw_layer(t, layer, l);
  }
  for (int i = 0; i < t->lanes; i++) initialise_lane(t, i);
  initialise_modifiers(t);
  for (int l = 0; t->initial != NULL && l < t->net.layers; l++)
    memcpy(t->initial[l], t->net.layer[l].w, gp_net_bytes(&t->net, t->net.layer[l].in * t->net.layer[l].out));
  gp_scaling_start(t);
}
