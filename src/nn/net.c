#include "net.h"

#include <string.h>

#include "norm.h"
#include "precision.h"
#include "residual.h"

/* ---- memory ---- */

void *gp_net_reals(const gp_net *net, gp_arena *arena, int64_t count) {
  return gp_arena_take(arena, (size_t)count * (size_t)net->lanes, net->k->size);
}

double *gp_net_doubles(const gp_net *net, gp_arena *arena, int64_t count) {
  return gp_arena_take(arena, (size_t)count * (size_t)net->lanes, sizeof(double));
}

void *gp_net_master(const gp_net *net, gp_arena *arena, int64_t count) {
  return net->master ? gp_net_reals(net, arena, count) : NULL;
}

static void layout_weights(const gp_net *net, gp_layer *layer, gp_arena *arena, const gp_net_shape *shape) {
  int64_t weights = layer->in * layer->out;
  layer->params = gp_net_reals(net, arena, GP_ACT_PARAMS_MAX);
  layer->w = gp_net_reals(net, arena, weights);
  layer->dw = gp_net_reals(net, arena, weights);
  layer->b = shape->bias ? gp_net_reals(net, arena, layer->out) : NULL;
  layer->db = shape->bias ? gp_net_reals(net, arena, layer->out) : NULL;
  layer->sw = shape->states > 0 ? gp_net_reals(net, arena, shape->states * weights) : NULL;
  layer->sb = shape->states > 0 && shape->bias ? gp_net_reals(net, arena, shape->states * layer->out) : NULL;
  layer->mw = gp_net_master(net, arena, weights);
  layer->mb = shape->bias ? gp_net_master(net, arena, layer->out) : NULL;
}

static void layout_residual(const gp_net *net, gp_layer *layer, gp_arena *arena, const gp_net_shape *shape,
                            int number) {
  int hidden = shape->layers - 1;
  const gp_residual *item = gp_residual_of(shape->residual);
  layer->source = gp_residual_source(shape->residual, hidden, number);
  for (int l = number + 1; item != NULL && l <= hidden; l++)
    layer->feeds = layer->feeds || gp_residual_source(shape->residual, hidden, l) == number;
  if (layer->source == 0) return;
  layer->sums_before = gp_residual_options_of(shape->residual)->place == GP_RESIDUAL_BEFORE;
  layer->alpha.value = gp_net_reals(net, arena, 1);
  if (item->trained) layer->alpha.gradient = gp_net_reals(net, arena, 1);
  if (item->trained && shape->states > 0) layer->alpha.state = gp_net_reals(net, arena, shape->states);
  if (item->trained) layer->alpha.master = gp_net_master(net, arena, 1);
}

/* u, a and h have memory of their own only where something stands between them. */
static void layout_activations(const gp_net *net, gp_layer *layer, gp_arena *arena,
                               const gp_net_shape *shape) {
  int64_t units = layer->out * shape->capacity;
  bool normalised =
           layer->norm.item != NULL && !layer->norm.item->weights, /* pointers are NULL while measuring */
      before = layer->source != 0 && layer->sums_before;
  layer->z = gp_net_reals(net, arena, units);
  layer->u = before                             ? gp_net_reals(net, arena, units)
             : normalised && !layer->norm.after ? layer->norm.y
                                                : layer->z;
  layer->a = gp_net_reals(net, arena, units);
  bool after = layer->source != 0 && !layer->sums_before;
  layer->h = after                             ? gp_net_reals(net, arena, units)
             : normalised && layer->norm.after ? layer->norm.y
                                               : layer->a;
  layer->d = gp_net_reals(net, arena, units);
  layer->delta = gp_net_reals(net, arena, units);
}

static void layout_layer(const gp_net *net, gp_layer *layer, gp_arena *arena, const gp_net_shape *shape,
                         int number) {
  layout_weights(net, layer, arena, shape);
  gp_norm_layout(net, layer, arena, shape, number < shape->layers);
  layout_residual(net, layer, arena, shape, number);
  layout_activations(net, layer, arena, shape);
}

static int64_t widest(const gp_net_shape *shape) {
  int64_t most = 0;
  for (int l = 0; l <= shape->layers; l++) most = shape->widths[l] > most ? shape->widths[l] : most;
  return most;
}

static void layout_modifiers(gp_net *net, gp_arena *arena, const gp_net_shape *shape) {
  net->norm_eps = net->norm_averaging = NULL; /* of the network before */
  int64_t statistics = widest(shape) > shape->capacity ? widest(shape) : shape->capacity;
  if (gp_norm_of(shape->norm) != NULL || gp_residual_of(shape->residual) != NULL) {
    net->norm_eps = gp_net_doubles(net, arena, 1);
    net->norm_averaging = gp_net_doubles(net, arena, 1);
    for (int i = 0; i < 2; i++) net->statistic[i] = gp_net_doubles(net, arena, statistics);
    for (int i = 0; i < 2; i++) net->statistic_real[i] = gp_net_reals(net, arena, statistics);
  }
  net->skipped = gp_residual_of(shape->residual) != NULL
                     ? gp_net_reals(net, arena, widest(shape) * shape->capacity)
                     : NULL;
}

void gp_net_layout(gp_net *net, gp_arena *arena, const gp_tier *tier, int bits, const gp_net_shape *shape) {
  int64_t inputs = shape->widths[0], outputs = shape->widths[shape->layers], capacity = shape->capacity;
  net->k = bits == 32 ? tier->f32 : tier->f64;
  net->k64 = tier->f64;
  net->lk = tier->loss;
  net->layers = shape->layers;
  net->lanes = shape->lanes;
  net->capacity = capacity;
  net->storage = shape->storage;
  net->master = shape->storage != NULL && shape->master;
  net->loss_scale = shape->scaled ? gp_net_doubles(net, arena, 1) : NULL;
  net->loss_unscale = shape->scaled ? gp_net_reals(net, arena, 1) : NULL;
  net->layer = gp_arena_take(arena, (size_t)shape->layers, sizeof *net->layer);
  for (int l = 0; l < shape->layers; l++) {
    /* While measuring there is no array of layers yet: lay out a throw-away one of the same sizes. */
    gp_layer measured, *layer = net->layer != NULL ? &net->layer[l] : &measured;
    *layer = (gp_layer){.in = shape->widths[l], .out = shape->widths[l + 1], .multiplier = 1};
    layout_layer(net, layer, arena, shape, l + 1);
  }
  layout_modifiers(net, arena, shape);
  net->x = gp_net_reals(net, arena, inputs * capacity);
  net->dx = gp_net_reals(net, arena, inputs * capacity);
  net->scratch = gp_net_reals(net, arena, widest(shape) * capacity);
  net->y = gp_net_doubles(net, arena, outputs * capacity);
  net->out = gp_net_doubles(net, arena, outputs * capacity);
  net->p = gp_net_doubles(net, arena, outputs * capacity);
  net->dout = gp_net_doubles(net, arena, outputs * capacity);
  net->example_loss = gp_net_doubles(net, arena, capacity);
  net->row = gp_net_doubles(net, arena, widest(shape));
}

/* Trained arrays as they were drawn become the masters, and what the network computes with their rounded copies. */
static void store_drawn(const gp_net *net, const gp_layer *layer) {
  gp_parameter p[GP_PARAMETERS_MAX];
  int count = gp_layer_parameters(layer, p);
  for (int j = 0; j < count; j++) {
    if (p[j].at.master != NULL) memcpy(p[j].at.master, p[j].at.value, gp_net_bytes(net, p[j].count));
    gp_net_store_parameter(net, &p[j]);
  }
}

void gp_net_initialise_layer(gp_net *net, gp_layer *layer, const double *alpha) {
  gp_norm_initialise(net, layer);
  if (layer->source != 0) net->k->narrow(layer->alpha.value, alpha, 1, net->lanes);
  store_drawn(net, layer);
  gp_norm_compose(net, layer);
}

void gp_net_initialise(gp_net *net, const double *alpha) {
  for (int l = 0; l < net->layers; l++) gp_net_initialise_layer(net, &net->layer[l], alpha);
}

void gp_net_compose(gp_net *net) {
  for (int l = 0; l < net->layers; l++) gp_norm_compose(net, &net->layer[l]);
}

void gp_net_track(gp_net *net, int64_t batch) {
  for (int l = 0; l < net->layers; l++) gp_norm_track(net, &net->layer[l], batch);
}

static void add_parameter(gp_parameter *out, int *count, const char *name, int rank, int64_t n,
                          gp_trained at) {
  if (at.gradient == NULL) return;
  out[(*count)++] = (gp_parameter){.name = name, .rank = rank, .count = n, .decays = rank == 2, .at = at};
}

/* Under weight normalisation W is made of what is trained and not trained itself. */
int gp_layer_parameters(const gp_layer *layer, gp_parameter out[static GP_PARAMETERS_MAX]) {
  int count = 0;
  int64_t weights = layer->in * layer->out;
  bool composed = layer->norm.direction.value != NULL;
  if (!composed)
    add_parameter(out, &count, "weight", 2, weights, (gp_trained){layer->w, layer->dw, layer->sw, layer->mw});
  add_parameter(out, &count, "bias", 1, layer->out, (gp_trained){layer->b, layer->db, layer->sb, layer->mb});
  add_parameter(out, &count, "weight_direction", 2, weights, layer->norm.direction);
  add_parameter(out, &count, "weight_gain", 1, layer->out, layer->norm.gain);
  add_parameter(out, &count, "norm_gamma", 1, layer->out, layer->norm.gamma);
  add_parameter(out, &count, "norm_beta", 1, layer->out, layer->norm.beta);
  add_parameter(out, &count, "residual_alpha", 0, 1, layer->alpha);
  return count;
}

/* ---- forward ---- */

/* out = alpha x + the output of the layer that the block began at. */
static void join(const gp_net *net, const gp_layer *layer, void *out, const void *x, int64_t batch) {
  net->k->scaled_sum(out, x, layer->alpha.value, net->layer[layer->source - 1].h, layer->out * batch,
                     net->lanes);
}

/* From z, its bias not yet added, to u; returns the bias that the activation still has to add. */
static const void *forward_input(gp_net *net, gp_layer *layer, int64_t batch, bool training) {
  if (layer->u == layer->z && net->storage == NULL) return layer->b;
  const void *x = layer->z;
  if (layer->b != NULL) net->k->add_bias(layer->z, layer->b, layer->out, batch, net->lanes);
  gp_net_store(net, layer->z, layer->out * batch);
  if (layer->norm.y != NULL && !layer->norm.after) {
    gp_norm_forward(net, layer, x, batch, training);
    x = layer->norm.y;
  }
  if (layer->source != 0 && layer->sums_before) join(net, layer, layer->u, x, batch);
  if (layer->u != layer->z) gp_net_store(net, layer->u, layer->out * batch);
  return NULL;
}

/* From a to h. */
static void forward_output(gp_net *net, gp_layer *layer, int64_t batch, bool training) {
  const void *x = layer->a;
  if (layer->activation != NULL) gp_net_store(net, layer->a, layer->out * batch);
  if (layer->norm.y != NULL && layer->norm.after) {
    gp_norm_forward(net, layer, x, batch, training);
    x = layer->norm.y;
  }
  if (layer->source != 0 && !layer->sums_before) join(net, layer, layer->h, x, batch);
  if (layer->h != layer->a) gp_net_store(net, layer->h, layer->out * batch);
}

static void forward_layer(gp_net *net, gp_layer *layer, const void *h, int64_t batch, bool training) {
  gp_product product = {
      .m = layer->out, .n = batch, .k = layer->in, .alpha = layer->multiplier, .lanes = net->lanes};
  net->k->product_nn(layer->z, layer->w, h, &product);
  const void *bias = forward_input(net, layer, batch, training);
  if (layer->activation != NULL)
    net->k->activate[layer->activation->slot](layer->u, layer->a, training ? layer->d : NULL, bias,
                                              layer->params, layer->out, batch, net->lanes);
  else if (bias != NULL)
    net->k->add_bias(layer->z, bias, layer->out, batch, net->lanes);
  forward_output(net, layer, batch, training);
}

void gp_net_forward(gp_net *net, int64_t batch, bool training) {
  const void *h = net->x;
  for (int l = 0; l < net->layers; l++) {
    forward_layer(net, &net->layer[l], h, batch, training);
    h = net->layer[l].h;
  }
}

/* ---- loss and backward ---- */

void gp_net_loss(gp_net *net, int64_t batch, double *loss) {
  gp_layer *last = &net->layer[net->layers - 1];
  int64_t columns = batch * net->lanes;
  double factor = gp_loss_batch_factor(&net->loss, batch);
  net->k->widen(net->out, last->activation != NULL ? last->h : last->z, last->out * batch, net->lanes);
  gp_loss_eval(&net->loss, net->lk, net->example_loss, net->p, net->dout, net->out, net->y, last->out,
               columns);
  for (int64_t i = 0; net->loss_scale != NULL && i < last->out * columns; i++)
    net->dout[i] *= net->loss_scale[i % net->lanes];
  net->k->narrow(last->delta, net->dout, last->out * batch, net->lanes);
  if (last->activation != NULL)
    net->k->multiply(last->delta, last->d, last->out * batch, net->lanes);
  else
    net->k->narrow(last->h, net->p, last->out * batch, net->lanes);
  gp_net_store(net, last->delta, last->out * batch);
  net->k64->sum(loss, net->example_loss, batch, net->lanes);
  for (int lane = 0; lane < net->lanes; lane++) loss[lane] *= factor;
}

/* dC/dW and dC/db of one layer from its delta and its input h (I, B). */
static void layer_gradient(gp_net *net, gp_layer *layer, const void *h, int64_t batch, double factor) {
  gp_product product = {.m = layer->out,
                        .n = layer->in,
                        .k = batch,
                        .alpha = factor * layer->multiplier,
                        .lanes = net->lanes,
                        .scratch = net->scratch};
  net->k->product_nt(layer->dw, layer->delta, h, &product);
  gp_norm_decompose(net, layer);
  if (layer->db == NULL) return;
  net->k->row_sums(net->row, layer->delta, layer->out, batch, net->lanes);
  for (int64_t i = 0; i < layer->out * net->lanes; i++) net->row[i] *= factor;
  net->k->narrow(layer->db, net->row, layer->out, net->lanes);
}

/* m W^T delta into `out` (I, B): dC/dh of the layer below, or with its slopes phi'(z) as `gate` its delta. */
static void layer_below(gp_net *net, const gp_layer *layer, void *out, const void *gate, int64_t batch) {
  gp_product product = {.m = layer->in,
                        .n = batch,
                        .k = layer->out,
                        .alpha = layer->multiplier,
                        .lanes = net->lanes,
                        .gate = gate};
  net->k->product_tn(out, layer->w, layer->delta, &product);
}

/* At the end of a block: the gradient g of the sum runs on along the connection, and alpha times it through the block, whose
 * output is x. */
static void part_ways(gp_net *net, gp_layer *layer, void *g, const void *x, int64_t batch, double factor) {
  gp_field all = {.rows = 1, .cols = layer->out * batch, .lanes = net->lanes, .by_row = true};
  memcpy(net->skipped, g, gp_net_bytes(net, layer->out * batch));
  if (layer->alpha.gradient != NULL) {
    net->k->field_dot(net->statistic[0], g, x, &all);
    for (int i = 0; i < net->lanes; i++) net->statistic[0][i] *= factor;
    net->k->narrow(layer->alpha.gradient, net->statistic[0], 1, net->lanes);
  }
  net->k->field_affine(g, g, layer->alpha.value, NULL, &all);
}

/* Whether nothing but the activation stands between z and h. */
static bool is_plain(const gp_layer *layer) {
  return layer->norm.y == NULL && layer->source == 0 && !layer->feeds;
}

/* From dC/dh to dC/dz of a hidden layer, in place. */
static void backward_hidden(gp_net *net, gp_layer *layer, int64_t batch, double factor) {
  void *g = layer->delta;
  bool normalised = layer->norm.y != NULL, ends = layer->source != 0;
  const void *after = normalised && layer->norm.after ? layer->norm.y : layer->a;
  const void *before = normalised && !layer->norm.after ? layer->norm.y : layer->z;
  if (layer->feeds) net->k->add(g, net->skipped, layer->out * batch, net->lanes);
  if (ends && !layer->sums_before) part_ways(net, layer, g, after, batch, factor);
  if (normalised && layer->norm.after) gp_norm_backward(net, layer, g, batch, factor);
  net->k->multiply(g, layer->d, layer->out * batch, net->lanes);
  if (ends && layer->sums_before) part_ways(net, layer, g, before, batch, factor);
  if (normalised && !layer->norm.after) gp_norm_backward(net, layer, g, batch, factor);
}

void gp_net_backward(gp_net *net, int64_t batch, bool input) {
  gp_net_reverse(net, batch, gp_loss_batch_factor(&net->loss, batch), true, input);
}

void gp_net_reverse(gp_net *net, int64_t batch, double factor, bool parameters, bool input) {
  for (int l = net->layers - 1; l >= 0; l--) {
    gp_layer *layer = &net->layer[l], *below = l > 0 ? &net->layer[l - 1] : NULL;
    if (parameters) layer_gradient(net, layer, below != NULL ? below->h : net->x, batch, factor);
    if (below != NULL) {
      const void *gate = is_plain(below) ? below->d : NULL;
      layer_below(net, layer, below->delta, gate, batch);
      if (gate == NULL) backward_hidden(net, below, batch, factor);
      gp_net_store(net, below->delta, below->out * batch);
    } else if (input) {
      layer_below(net, layer, net->dx, NULL, batch);
      net->k->scale(net->dx, factor, layer->in * batch, net->lanes);
    }
  }
  gp_net_store_gradients(net, batch, input);
}
