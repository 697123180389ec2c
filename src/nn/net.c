#include "net.h"

static void *reals(const gp_net *net, gp_arena *arena, int64_t count) {
  return gp_arena_take(arena, (size_t)count * (size_t)net->lanes, net->k->size);
}

static double *doubles(const gp_net *net, gp_arena *arena, int64_t count) {
  return gp_arena_take(arena, (size_t)count * (size_t)net->lanes, sizeof(double));
}

static void layout_layer(gp_net *net, gp_layer *layer, gp_arena *arena, const gp_net_shape *shape) {
  int64_t weights = layer->in * layer->out, units = layer->out * shape->capacity;
  layer->params = reals(net, arena, GP_ACT_PARAMS_MAX);
  layer->w = reals(net, arena, weights);
  layer->dw = reals(net, arena, weights);
  layer->b = shape->bias ? reals(net, arena, layer->out) : NULL;
  layer->db = shape->bias ? reals(net, arena, layer->out) : NULL;
  layer->sw = shape->states > 0 ? reals(net, arena, shape->states * weights) : NULL;
  layer->sb = shape->states > 0 && shape->bias ? reals(net, arena, shape->states * layer->out) : NULL;
  layer->z = reals(net, arena, units);
  layer->h = reals(net, arena, units);
  layer->d = reals(net, arena, units);
  layer->delta = reals(net, arena, units);
}

static int64_t widest(const gp_net_shape *shape) {
  int64_t most = 0;
  for (int l = 0; l <= shape->layers; l++) most = shape->widths[l] > most ? shape->widths[l] : most;
  return most;
}

void gp_net_layout(gp_net *net, gp_arena *arena, const gp_tier *tier, int bits, const gp_net_shape *shape) {
  int64_t inputs = shape->widths[0], outputs = shape->widths[shape->layers], capacity = shape->capacity;
  net->k = bits == 32 ? tier->f32 : tier->f64;
  net->k64 = tier->f64;
  net->lk = tier->loss;
  net->layers = shape->layers;
  net->lanes = shape->lanes;
  net->capacity = capacity;
  net->layer = gp_arena_take(arena, (size_t)shape->layers, sizeof *net->layer);
  for (int l = 0; l < shape->layers; l++) {
    /* While measuring there is no array of layers yet: lay out a throw-away one of the same sizes. */
    gp_layer measured = {0}, *layer = net->layer != NULL ? &net->layer[l] : &measured;
    layer->in = shape->widths[l];
    layer->out = shape->widths[l + 1];
    layer->multiplier = 1;
    layout_layer(net, layer, arena, shape);
  }
  net->x = reals(net, arena, inputs * capacity);
  net->dx = reals(net, arena, inputs * capacity);
  net->scratch = reals(net, arena, widest(shape) * capacity);
  net->y = doubles(net, arena, outputs * capacity);
  net->out = doubles(net, arena, outputs * capacity);
  net->p = doubles(net, arena, outputs * capacity);
  net->dout = doubles(net, arena, outputs * capacity);
  net->example_loss = doubles(net, arena, capacity);
  net->row = doubles(net, arena, widest(shape));
}

static void forward_layer(gp_net *net, gp_layer *layer, const void *h, int64_t batch, bool slopes) {
  gp_product product = {
      .m = layer->out, .n = batch, .k = layer->in, .alpha = layer->multiplier, .lanes = net->lanes};
  net->k->product_nn(layer->z, layer->w, h, &product);
  if (layer->activation != NULL)
    net->k->activate[layer->activation->slot](layer->z, layer->h, slopes ? layer->d : NULL, layer->b,
                                              layer->params, layer->out, batch, net->lanes);
  else if (layer->b != NULL)
    net->k->add_bias(layer->z, layer->b, layer->out, batch, net->lanes);
}

void gp_net_forward(gp_net *net, int64_t batch, bool slopes) {
  const void *h = net->x;
  for (int l = 0; l < net->layers; l++) {
    forward_layer(net, &net->layer[l], h, batch, slopes);
    h = net->layer[l].h;
  }
}

void gp_net_loss(gp_net *net, int64_t batch, double *loss) {
  gp_layer *last = &net->layer[net->layers - 1];
  int64_t columns = batch * net->lanes;
  double factor = gp_loss_batch_factor(&net->loss, batch);
  net->k->widen(net->out, last->activation != NULL ? last->h : last->z, last->out * batch, net->lanes);
  gp_loss_eval(&net->loss, net->lk, net->example_loss, net->p, net->dout, net->out, net->y, last->out,
               columns);
  net->k->narrow(last->delta, net->dout, last->out * batch, net->lanes);
  if (last->activation != NULL)
    net->k->multiply(last->delta, last->d, last->out * batch, net->lanes);
  else
    net->k->narrow(last->h, net->p, last->out * batch, net->lanes);
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
  if (layer->db == NULL) return;
  net->k->row_sums(net->row, layer->delta, layer->out, batch, net->lanes);
  for (int64_t i = 0; i < layer->out * net->lanes; i++) net->row[i] *= factor;
  net->k->narrow(layer->db, net->row, layer->out, net->lanes);
}

/* dC/dh of the layer below: m W^T delta, into `out` (I, B). */
static void layer_below(gp_net *net, const gp_layer *layer, void *out, int64_t batch) {
  gp_product product = {
      .m = layer->in, .n = batch, .k = layer->out, .alpha = layer->multiplier, .lanes = net->lanes};
  net->k->product_tn(out, layer->w, layer->delta, &product);
}

void gp_net_backward(gp_net *net, int64_t batch, bool input) {
  double factor = gp_loss_batch_factor(&net->loss, batch);
  for (int l = net->layers - 1; l >= 0; l--) {
    gp_layer *layer = &net->layer[l], *below = l > 0 ? &net->layer[l - 1] : NULL;
    layer_gradient(net, layer, below != NULL ? below->h : net->x, batch, factor);
    if (below != NULL) {
      layer_below(net, layer, below->delta, batch);
      net->k->multiply(below->delta, below->d, below->out * batch, net->lanes);
    } else if (input) {
      layer_below(net, layer, net->dx, batch);
      net->k->scale(net->dx, factor, layer->in * batch, net->lanes);
    }
  }
}
