#include "norm.h"

#include <math.h>
#include <string.h>

#include "precision.h"

/* ---- the family ---- */

static const char *const places[] = {"before", "after", NULL};

#define COMMON                                                                                               \
  GP_REAL(gp_norm_options, eps, "eps", 1e-5, 0, 1, "added to the variance", .flags = GP_NUMERIC),            \
      GP_BOOL(gp_norm_options, affine, "affine", 1,                                                          \
              "whether y = gamma x^ + beta with trained gamma and beta"),                                    \
      GP_WORD(gp_norm_options, place, "place", places, GP_NORM_BEFORE, "before or after the activation")

static const gp_option batch_options[] = {
    COMMON,
    GP_REAL(gp_norm_options, averaging, "averaging", 0.1, 0, 1,
            "share of the newest batch in the running statistics, which evaluation uses",
            .flags = GP_NUMERIC),
    GP_OPTIONS_END};
static const gp_option example_options[] = {COMMON, GP_OPTIONS_END};

static const gp_norm none = {.item = {"none", "nothing", "", NULL}};
static const gp_norm batch_norm = {
    .item = {"batch", "every unit over the batch", "Ioffe and Szegedy 2015, algorithm 1", batch_options},
    .formula = "(x - mean)/sqrt(variance + eps), of a unit over the batch",
    .by_row = true,
    .centred = true};
static const gp_norm layer_norm = {
    .item = {"layer", "every example over the layer", "Ba, Kiros and Hinton 2016, eq. 4", example_options},
    .formula = "(x - mean)/sqrt(variance + eps), of an example over the layer",
    .centred = true};
static const gp_norm rms_norm = {.item = {"rms", "every example over the layer, the mean left in",
                                          "Zhang and Sennrich 2019, eq. 4", example_options},
                                 .formula = "x/sqrt(mean of x^2 + eps), of an example over the layer"};
static const gp_norm weight_norm = {.item = {"weight",
                                             "every row of W is g v/|v|, v and g trained in its place",
                                             "Salimans and Kingma 2016, eq. 2", NULL},
                                    .formula = "gain v/|v|, v the direction",
                                    .weights = true};

static const gp_item *const items[] = {&none.item,     &batch_norm.item,  &layer_norm.item,
                                       &rms_norm.item, &weight_norm.item, NULL};

const gp_family gp_norm_family = {"norm", "normalisation of a layer", items};

const gp_norm *gp_norm_of(const gp_choice *choice) {
  return choice == NULL || choice->item == NULL || choice->item == &none.item
             ? NULL
             : (const gp_norm *)(const void *)choice->item;
}

/* ---- memory ---- */

static void layout_trained(const gp_net *net, gp_trained *p, gp_arena *arena, int64_t count, int states) {
  p->value = gp_net_reals(net, arena, count);
  p->gradient = gp_net_reals(net, arena, count);
  p->state = states > 0 ? gp_net_reals(net, arena, states * count) : NULL;
  p->master = gp_net_master(net, arena, count);
}

static void layout_weights(const gp_net *net, gp_layer *layer, gp_arena *arena, int states) {
  layout_trained(net, &layer->norm.direction, arena, layer->in * layer->out, states);
  layout_trained(net, &layer->norm.gain, arena, layer->out, states);
}

void gp_norm_layout(const gp_net *net, gp_layer *layer, gp_arena *arena, const gp_net_shape *shape,
                    bool hidden) {
  const gp_norm *item = gp_norm_of(shape->norm);
  gp_norm_layer *n = &layer->norm;
  if (item == NULL || (!hidden && !item->weights)) return;
  n->item = item;
  if (item->weights) {
    layout_weights(net, layer, arena, shape->states);
    return;
  }
  const gp_norm_options *o = gp_norm_options_of(shape->norm);
  int64_t units = layer->out * shape->capacity, statistics = item->by_row ? layer->out : shape->capacity;
  n->after = o->place == GP_NORM_AFTER;
  n->normalised = gp_net_reals(net, arena, units);
  n->y = o->affine ? gp_net_reals(net, arena, units) : n->normalised;
  n->scale = gp_net_reals(net, arena, statistics);
  n->mean = gp_net_doubles(net, arena, statistics);
  n->variance = gp_net_doubles(net, arena, statistics);
  if (o->affine) layout_trained(net, &n->gamma, arena, layer->out, shape->states);
  if (o->affine) layout_trained(net, &n->beta, arena, layer->out, shape->states);
  if (!item->by_row) return;
  n->running_mean = gp_net_doubles(net, arena, layer->out);
  n->running_variance = gp_net_doubles(net, arena, layer->out);
}

static void fill(const gp_net *net, void *x, double value, int64_t count) {
  for (int64_t i = 0; i < count * net->lanes; i++) net->statistic[0][i] = value;
  net->k->narrow(x, net->statistic[0], count, net->lanes);
}

static gp_field rows_of(const gp_net *net, int64_t rows, int64_t cols) {
  return (gp_field){.rows = rows, .cols = cols, .lanes = net->lanes, .by_row = true};
}

void gp_norm_initialise(const gp_net *net, gp_layer *layer) {
  gp_norm_layer *n = &layer->norm;
  if (n->gamma.value != NULL) fill(net, n->gamma.value, 1, layer->out);
  if (n->beta.value != NULL) fill(net, n->beta.value, 0, layer->out);
  for (int64_t i = 0; n->running_mean != NULL && i < layer->out * net->lanes; i++) {
    n->running_mean[i] = 0;
    n->running_variance[i] = 1;
  }
  if (n->item == NULL || !n->item->weights) return;
  gp_field f = rows_of(net, layer->out, layer->in);
  memcpy(n->direction.value, layer->w, gp_net_bytes(net, layer->in * layer->out));
  net->k->field_dot(net->statistic[0], layer->w, layer->w, &f);
  for (int64_t i = 0; i < layer->out * net->lanes; i++) net->statistic[0][i] = sqrt(net->statistic[0][i]);
  net->k->narrow(n->gain.value, net->statistic[0], layer->out, net->lanes);
}

/* ---- activations ---- */

/* The layer's statistics over (O, B), how many there are, and of how many elements each. */
static gp_field field_of(const gp_net *net, const gp_layer *layer, int64_t batch, int64_t *statistics,
                         double *elements) {
  bool by_row = layer->norm.item->by_row;
  *statistics = (by_row ? layer->out : batch) * net->lanes;
  *elements = (double)(by_row ? batch : layer->out);
  return (gp_field){.rows = layer->out, .cols = batch, .lanes = net->lanes, .by_row = by_row};
}

/* normalised = x - mean; the mean of a float network's field is rounded to float first. */
static void centre(const gp_net *net, gp_norm_layer *n, const void *x, const double *mean, int64_t statistics,
                   const gp_field *f) {
  for (int64_t i = 0; i < statistics; i++) net->statistic[0][i] = -mean[i];
  net->k->narrow(net->statistic_real[0], net->statistic[0], statistics / net->lanes, net->lanes);
  net->k->field_affine(n->normalised, x, NULL, net->statistic_real[0], f);
}

static void measure(const gp_net *net, gp_norm_layer *n, const void *x, int64_t statistics, double elements,
                    const gp_field *f) {
  const void *centred = x;
  for (int64_t i = 0; i < statistics; i++) n->mean[i] = 0;
  if (n->item->centred) {
    net->k->field_sum(n->mean, x, f);
    for (int64_t i = 0; i < statistics; i++) n->mean[i] /= elements;
    centre(net, n, x, n->mean, statistics, f);
    centred = n->normalised;
  }
  net->k->field_dot(n->variance, centred, centred, f);
  for (int64_t i = 0; i < statistics; i++) n->variance[i] /= elements;
}

void gp_norm_forward(const gp_net *net, gp_layer *layer, const void *x, int64_t batch, bool training) {
  gp_norm_layer *n = &layer->norm;
  int64_t statistics;
  double elements;
  gp_field f = field_of(net, layer, batch, &statistics, &elements), rows = rows_of(net, layer->out, batch);
  bool running = n->item->by_row && !training;
  const double *variance = running ? n->running_variance : n->variance;
  if (running)
    centre(net, n, x, n->running_mean, statistics, &f);
  else
    measure(net, n, x, statistics, elements, &f);
  for (int64_t i = 0; i < statistics; i++)
    net->statistic[0][i] = 1 / sqrt(variance[i] + net->norm_eps[i % net->lanes]);
  net->k->narrow(n->scale, net->statistic[0], statistics / net->lanes, net->lanes);
  net->k->field_affine(n->normalised, n->item->centred ? n->normalised : x, n->scale, NULL, &f);
  if (n->gamma.value != NULL) net->k->field_affine(n->y, n->normalised, n->gamma.value, n->beta.value, &rows);
}

/* gradient = factor x the sums that lie in statistic[0]. */
static void keep_gradient(const gp_net *net, void *gradient, int64_t count, double factor) {
  for (int64_t i = 0; i < count * net->lanes; i++) net->statistic[0][i] *= factor;
  net->k->narrow(gradient, net->statistic[0], count, net->lanes);
}

/* With g = dC/dy gamma: dC/dx = scale (g - mean(g) - x^ mean(g x^)), the means over what a statistic is of (Ioffe and Szegedy
 * 2015, section 3; without the first mean for rms). */
void gp_norm_backward(const gp_net *net, gp_layer *layer, void *g, int64_t batch, double factor) {
  gp_norm_layer *n = &layer->norm;
  int64_t statistics;
  double elements;
  gp_field f = field_of(net, layer, batch, &statistics, &elements), rows = rows_of(net, layer->out, batch);
  if (n->gamma.value != NULL) {
    net->k->field_dot(net->statistic[0], g, n->normalised, &rows);
    keep_gradient(net, n->gamma.gradient, layer->out, factor);
    net->k->field_sum(net->statistic[0], g, &rows);
    keep_gradient(net, n->beta.gradient, layer->out, factor);
    net->k->field_affine(g, g, n->gamma.value, NULL, &rows);
  }
  net->k->field_sum(net->statistic[0], g, &f);
  net->k->field_dot(net->statistic[1], g, n->normalised, &f);
  for (int64_t i = 0; i < statistics; i++) net->statistic[0][i] /= elements;
  for (int64_t i = 0; i < statistics; i++) net->statistic[1][i] /= elements;
  for (int i = 0; i < 2; i++)
    net->k->narrow(net->statistic_real[i], net->statistic[i], statistics / net->lanes, net->lanes);
  net->k->field_project(g, n->normalised, n->item->centred ? net->statistic_real[0] : NULL,
                        net->statistic_real[1], n->scale, &f);
}

void gp_norm_track(const gp_net *net, gp_layer *layer, int64_t batch) {
  gp_norm_layer *n = &layer->norm;
  double unbiased = batch > 1 ? (double)batch / (double)(batch - 1) : 1;
  for (int64_t i = 0; n->running_mean != NULL && i < layer->out * net->lanes; i++) {
    double share = net->norm_averaging[i % net->lanes];
    n->running_mean[i] = (1 - share) * n->running_mean[i] + share * n->mean[i];
    n->running_variance[i] = (1 - share) * n->running_variance[i] + share * unbiased * n->variance[i];
  }
}

/* ---- weights ---- */

/* Row sums of |v|^2 in statistic[1]; g/|v| in statistic[0] and, as reals, in statistic_real[0]. */
static void row_scales(const gp_net *net, const gp_layer *layer, const gp_field *f) {
  const gp_norm_layer *n = &layer->norm;
  double *scale = net->statistic[0], *square = net->statistic[1];
  net->k->field_dot(square, n->direction.value, n->direction.value, f);
  net->k->widen(scale, n->gain.value, layer->out, net->lanes);
  for (int64_t i = 0; i < layer->out * net->lanes; i++) scale[i] /= sqrt(square[i]);
  net->k->narrow(net->statistic_real[0], scale, layer->out, net->lanes);
}

void gp_norm_compose(const gp_net *net, gp_layer *layer) {
  gp_field f = rows_of(net, layer->out, layer->in);
  if (layer->norm.item == NULL || !layer->norm.item->weights) return;
  row_scales(net, layer, &f);
  net->k->field_affine(layer->w, layer->norm.direction.value, net->statistic_real[0], NULL, &f);
  gp_net_store(net, layer->w, layer->in * layer->out);
}

/* dg = <dw, v>/|v|; dv = g/|v| (dw - v <dw, v>/|v|^2). */
void gp_norm_decompose(const gp_net *net, gp_layer *layer) {
  gp_norm_layer *n = &layer->norm;
  gp_field f = rows_of(net, layer->out, layer->in);
  if (n->item == NULL || !n->item->weights) return;
  row_scales(net, layer, &f);
  double *inner = net->statistic[0], *square = net->statistic[1];
  net->k->field_dot(inner, layer->dw, n->direction.value, &f);
  for (int64_t i = 0; i < layer->out * net->lanes; i++) {
    double length = sqrt(square[i]);
    square[i] = inner[i] / square[i];
    inner[i] /= length;
  }
  net->k->narrow(n->gain.gradient, inner, layer->out, net->lanes);
  net->k->narrow(net->statistic_real[1], square, layer->out, net->lanes);
  memcpy(n->direction.gradient, layer->dw, gp_net_bytes(net, layer->in * layer->out));
  net->k->field_project(n->direction.gradient, n->direction.value, NULL, net->statistic_real[1],
                        net->statistic_real[0], &f);
}
