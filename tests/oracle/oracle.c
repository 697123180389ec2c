#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

static void *room(oracle *o, int64_t count, size_t size) {
  if (o->rooms == ORACLE_ROOMS) abort();
  return o->room[o->rooms++] = calloc((size_t)count + 1, size);
}

double *oracle_doubles(oracle *o, int64_t count) {
  return room(o, count, sizeof(double));
}

void oracle_free(oracle *o) {
  for (size_t i = 0; i < o->rooms; i++) free(o->room[i]);
}

static bool is(const gp_choice *choice, const char *name) {
  return strcmp(choice->item->name, name) == 0;
}

/* -- what `auto` means, and shapes (INTERFACE section 3) -- */

static int64_t width_of(const gp_spec *spec, int hidden) {
  const char *at = spec->shape;
  if (at == NULL) return spec->width;
  for (int l = 1; l < hidden; l++) at = strchr(at, '-') + 1;
  return strtoll(at, NULL, 10);
}

static int64_t depth_of(const gp_spec *spec) {
  int64_t depth = 1;
  if (spec->shape == NULL) return spec->depth;
  for (const char *at = spec->shape; *at != '\0'; at++) depth += *at == '-';
  return depth;
}

/* One output for two classes, unless softmax needs one per class. */
static int64_t outputs_of(const oracle *o) {
  return o->data->classes == 2 && !is(&o->spec->loss, "cross_entropy") ? 1 : o->data->outputs;
}

/* A named output activation, when it is not what the loss does by itself. */
static const char *output_activation(const gp_spec *spec) {
  bool regression = is(&spec->loss, "mse") || is(&spec->loss, "mae") || is(&spec->loss, "huber");
  if (is(&spec->output, "auto") || is(&spec->output, "linear")) return NULL;
  return regression ? spec->output.item->name : NULL;
}

/* -- making -- */

static double layer_factor(const char *factors, int number) {
  if (factors == NULL) return 1;
  for (int l = 1; l < number; l++) factors = strchr(factors, '-') + 1;
  return strtod(factors, NULL);
}

/* Yang et al. 2022, table 3, for mup; n is the width of a hidden layer. */
static double width_factor(const oracle *o, int number) {
  const gp_choice *c = &o->spec->rate_scale;
  double base = spec_option(c, "base", 1), in = (double)o->layer[number - 1].in,
         out = (double)o->layer[number - 1].out;
  bool first = number == 1, last = number == o->layers;
  if (is(c, "fan_in")) return base / in;
  if (is(c, "sqrt_fan_in")) return sqrt(base / in);
  if (is(c, "mup_sgd")) return first && last ? 1 : first ? out / base : last ? base / in : 1;
  if (is(c, "mup_adam")) return first ? 1 : base / in;
  return 1;
}

static double rate_of(const oracle *o, int number) {
  const gp_spec *s = o->spec;
  double rate = s->learning_rate;
  if (number == 1 && !isnan(s->learning_rate_first))
    rate = s->learning_rate_first;
  else if (number == o->layers && !isnan(s->learning_rate_last))
    rate = s->learning_rate_last;
  return rate * layer_factor(s->layer_rates, number) * width_factor(o, number);
}

static double multiplier_of(const oracle *o, int number) {
  double in = (double)o->layer[number - 1].in;
  if (o->spec->parametrization == GP_STANDARD) return 1;
  return o->spec->parametrization == GP_MEAN_FIELD && number == o->layers ? 1 / in : 1 / sqrt(in);
}

static void make_layer(oracle *o, int number, int64_t rows) {
  oracle_layer *layer = &o->layer[number - 1];
  bool last = number == o->layers;
  const gp_choice *choice = last ? &o->spec->output : &o->spec->activation;
  layer->in = number == 1 ? o->data->features : o->layer[number - 2].out;
  layer->out = last ? outputs_of(o) : width_of(o->spec, number);
  layer->activation = last ? output_activation(o->spec) : choice->item->name;
  layer->option = spec_option(choice, "slope", spec_option(choice, "alpha", 0));
  layer->multiplier = multiplier_of(o, number);
  layer->rate = rate_of(o, number);
  double **weights[] = {&layer->w, &layer->dw, &layer->vw, &layer->uw, &layer->sw};
  double **biases[] = {&layer->b, &layer->db, &layer->vb, &layer->ub, &layer->sb};
  double **units[] = {&layer->z, &layer->h, &layer->delta};
  for (int i = 0; i < 5; i++) *weights[i] = oracle_doubles(o, layer->in * layer->out);
  for (int i = 0; i < 5 && o->spec->bias; i++) *biases[i] = oracle_doubles(o, layer->out);
  for (int i = 0; i < 3; i++) *units[i] = oracle_doubles(o, rows * layer->out);
  oracle_draw(o, number);
  layer->start = oracle_doubles(o, layer->in * layer->out);
  layer->before = oracle_doubles(o, layer->in * layer->out);
  memcpy(layer->start, layer->w, (size_t)(layer->in * layer->out) * sizeof(double));
  oracle_modify_make(o, number, rows);
}

/* Class targets are one-hot, or for a single output the label itself (0, 1), or -1 and +1. */
static void make_targets(oracle *o, int64_t rows) {
  int64_t outputs = outputs_of(o);
  double *y = oracle_doubles(o, rows * outputs);
  bool signs = spec_option(&o->spec->loss, "labels", 0) == 1 || is(&o->spec->loss, "hinge") ||
               is(&o->spec->loss, "perceptron");
  for (int64_t i = 0; i < rows * outputs; i++) {
    y[i] = outputs == o->data->outputs ? o->data->y[i] : (double)o->data->label[i];
    if (signs) y[i] = y[i] > 0.5 ? 1 : -1;
  }
  o->y = y;
}

/* Position `at` of the stream of epochs, each a Fisher-Yates shuffle keyed by (seed, epoch). */
static int64_t row_at(oracle *o, int64_t at) {
  int64_t n = o->data->train, epoch = at / n;
  if (o->spec->batch == INT64_MIN) return at;
  if (epoch != o->epoch) {
    gp_stream stream = {(uint64_t)o->spec->seed, GP_PURPOSE_SHUFFLE, (uint32_t)epoch};
    for (int64_t i = 0; i < n; i++) o->order[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
      int64_t j = (int64_t)gp_rng_below(stream, (uint64_t)i, (uint64_t)i + 1), kept = o->order[i];
      o->order[i] = o->order[j];
      o->order[j] = kept;
    }
    o->epoch = epoch;
  }
  return o->order[at % n];
}

static int64_t *batch_rows(oracle *o, int64_t step, int64_t *rows) {
  bool full = o->spec->batch == INT64_MIN;
  for (int64_t b = 0; b < o->batch; b++) rows[b] = row_at(o, full ? b : step * o->batch + b);
  return rows;
}

/* Initialisers that look at the first batch. */
static void look_at_data(oracle *o) {
  int64_t *rows = malloc((size_t)o->batch * sizeof *rows);
  oracle_unit_variance(o, batch_rows(o, 0, rows));
  free(rows);
}

void oracle_make(oracle *o, const spec_case *c) {
  *o = (oracle){.spec = &c->given, .data = &c->data, .epoch = -1};
  int64_t rows = c->data.train + c->data.test;
  o->layers = (int)depth_of(o->spec) + 1;
  o->batch = o->spec->batch == INT64_MIN ? c->data.train : o->spec->batch;
  o->order = room(o, c->data.train, sizeof *o->order);
  o->dx = oracle_doubles(o, rows * c->data.features);
  for (int l = 1; l <= o->layers; l++) make_layer(o, l, rows);
  make_targets(o, rows);
  look_at_data(o);
  int64_t every = o->spec->checkpoints.count, steps = o->spec->steps;
  o->checkpoints = (size_t)((steps + every - 1) / every + 1);
  for (int i = 0; i < ORACLE_PER_CHECKPOINT + ORACLE_PER_LAYER; i++) {
    int64_t count = (int64_t)o->checkpoints * (i < ORACLE_PER_CHECKPOINT ? 1 : o->layers);
    double *values = oracle_doubles(o, count);
    for (int64_t j = 0; j < count; j++) values[j] = NAN;
    *(i < ORACLE_PER_CHECKPOINT ? &o->series[i] : &o->layered[i - ORACLE_PER_CHECKPOINT]) = values;
  }
  for (int i = 0; i < ORACLE_BINNED; i++) {
    int64_t count = (int64_t)o->checkpoints * o->layers * ORACLE_BINS;
    o->binned[i] = oracle_doubles(o, count);
    for (int64_t j = 0; j < count; j++) o->binned[i][j] = NAN;
    o->at_edge[i] = oracle_doubles(o, (int64_t)o->checkpoints * o->layers);
  }
}

/* -- one step -- */

static void forward_linear(const oracle_layer *layer, const double *in, int64_t e) {
  for (int64_t u = 0; u < layer->out; u++) {
    double sum = 0;
    for (int64_t i = 0; i < layer->in; i++) sum += layer->w[u * layer->in + i] * in[i];
    layer->z[e * layer->out + u] = layer->multiplier * sum + (layer->b != NULL ? layer->b[u] : 0);
  }
}

/* The input of layer `number` (from 1) for example e of the batch. */
const double *oracle_input(const oracle *o, int number, int64_t e, int64_t row) {
  if (number == 1) return o->data->x + row * o->data->features;
  return o->layer[number - 2].h + e * o->layer[number - 2].out;
}

static void forward_layer(oracle *o, int number, const int64_t *rows, int64_t count, bool training) {
  oracle_layer *layer = &o->layer[number - 1];
  for (int64_t e = 0; e < count; e++) forward_linear(layer, oracle_input(o, number, e, rows[e]), e);
  oracle_modify_before(o, layer, count, training);
  for (int64_t i = 0; i < count * layer->out; i++)
    layer->a[i] =
        layer->activation != NULL ? oracle_phi(layer->activation, layer->option, layer->u[i]) : layer->u[i];
  oracle_modify_after(o, layer, count, training);
}

double oracle_forward(oracle *o, const int64_t *rows, int64_t count, bool training) {
  oracle_layer *last = &o->layer[o->layers - 1];
  double total = 0, *p = malloc((size_t)last->out * sizeof *p);
  for (int l = 1; l <= o->layers; l++) forward_layer(o, l, rows, count, training);
  for (int64_t e = 0; e < count; e++) {
    double *delta = last->delta + e * last->out, *h = last->h + e * last->out;
    total += oracle_example_loss(&o->spec->loss, h, o->y + rows[e] * last->out, last->out, p, delta);
    for (int64_t u = 0; u < last->out && last->activation != NULL; u++)
      delta[u] *= oracle_slope(last->activation, last->option, last->z[e * last->out + u]);
    memcpy(h, p, (size_t)last->out * sizeof *p); /* the network's output is its prediction */
  }
  free(p);
  return total * oracle_batch_factor(&o->spec->loss, count);
}

/* W^T delta of one example, without the slope below. */
static double pulled_back(const oracle_layer *layer, int64_t e, int64_t i) {
  double sum = 0;
  for (int64_t u = 0; u < layer->out; u++)
    sum += layer->w[u * layer->in + i] * layer->delta[e * layer->out + u];
  return layer->multiplier * sum;
}

static void add_gradient(oracle_layer *layer, const double *in, int64_t e, double factor) {
  for (int64_t u = 0; u < layer->out; u++) {
    double delta = factor * layer->delta[e * layer->out + u];
    for (int64_t i = 0; i < layer->in; i++) layer->dw[u * layer->in + i] += layer->multiplier * delta * in[i];
    if (layer->db != NULL) layer->db[u] += delta;
  }
}

void oracle_backward(oracle *o, const int64_t *rows, int64_t count) {
  double factor = oracle_batch_factor(&o->spec->loss, count);
  oracle_modify_clear(o, count);
  for (int l = o->layers; l >= 1; l--) {
    oracle_layer *layer = &o->layer[l - 1], *below = l > 1 ? layer - 1 : NULL;
    memset(layer->dw, 0, (size_t)(layer->in * layer->out) * sizeof(double));
    if (layer->db != NULL) memset(layer->db, 0, (size_t)layer->out * sizeof(double));
    for (int64_t e = 0; e < count; e++) {
      add_gradient(layer, oracle_input(o, l, e, rows[e]), e, factor);
      for (int64_t i = 0; i < layer->in; i++) {
        double pulled = pulled_back(layer, e, i);
        if (below == NULL)
          o->dx[e * layer->in + i] = factor * pulled;
        else
          below->delta[e * below->out + i] = pulled;
      }
    }
    oracle_modify_weights_back(layer);
    if (below != NULL) oracle_modify_back(o, below, count, factor);
  }
}

/* -- the run -- */

/* Everything about the weights as they are; the batch stays the last thing that went through the network. */
static void at_checkpoint(oracle *o, size_t checkpoint, const int64_t *rows) {
  int64_t measured = o->spec->record_on == GP_ON_TRAIN ? o->data->train : o->spec->record_first;
  int64_t *first = malloc((size_t)(o->data->train) * sizeof *first);
  for (int64_t i = 0; i < o->data->train; i++) first[i] = i;
  oracle_evaluate(o, 0, o->data->train, &o->series[0][checkpoint], &o->series[1][checkpoint]);
  oracle_evaluate(o, o->data->train, o->data->test, &o->series[2][checkpoint], &o->series[3][checkpoint]);
  const int64_t *on = o->spec->record_on == GP_ON_BATCH ? rows : first;
  int64_t count = o->spec->record_on == GP_ON_BATCH ? o->batch : measured;
  oracle_forward(o, on, count, true);
  oracle_backward(o, on, count);
  oracle_measure_layers(o, checkpoint, on, count);
  o->series[4][checkpoint] = oracle_forward(o, rows, o->batch, true);
  oracle_backward(o, rows, o->batch);
  oracle_measure_batch(o, checkpoint);
  o->recorded++;
  free(first);
}

void oracle_run(oracle *o, const spec_case *c) {
  oracle_make(o, c);
  int64_t steps = o->spec->steps, *rows = malloc((size_t)o->batch * sizeof *rows);
  o->cells.diverged_at = -1;
  for (int64_t t = 0; t <= steps; t++) {
    size_t checkpoint = o->recorded;
    bool checks = t % o->spec->checkpoints.count == 0 || t == steps;
    batch_rows(o, t, rows);
    if (checks) at_checkpoint(o, checkpoint, rows);
    o->cells.steps_done = t;
    if (!isfinite(oracle_forward(o, rows, o->batch, true))) {
      o->cells.diverged_at = t;
      break;
    }
    if (t == steps) break;
    oracle_backward(o, rows, o->batch);
    for (int l = 0; l < o->layers; l++) {
      oracle_layer *layer = &o->layer[l];
      memcpy(layer->before, layer->dw, (size_t)(layer->in * layer->out) * sizeof(double));
      layer->stepped = true;
    }
    oracle_update(o, t);
    if (checks) oracle_measure_update(o, checkpoint);
  }
  free(rows);
  oracle_finish(o);
}
