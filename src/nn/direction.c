#include "direction.h"

#include <math.h>

/* Parameters of one layer: its slice of a flat vector. */
static int64_t slice(const gp_layer *layer) {
  return layer->in * layer->out + (layer->b != NULL ? layer->out : 0);
}

int64_t gp_net_parameters(const gp_net *net) {
  int64_t count = 0;
  for (int l = 0; l < net->layers; l++) count += slice(&net->layer[l]);
  return count;
}

static int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}

void gp_direction_layout(gp_direction *direction, gp_arena *arena, gp_net *net, const gp_net_shape *shape) {
  int64_t widest = shape->widths[0], largest = 0;
  direction->net = net;
  direction->layer = gp_arena_take(arena, (size_t)shape->layers, sizeof *direction->layer);
  for (int l = 0; l < shape->layers; l++) {
    gp_direction_layer measured, *layer = direction->layer != NULL ? &direction->layer[l] : &measured;
    double **const arrays[] = {&layer->e, &layer->second, &layer->z, &layer->h, &layer->delta};
    int64_t in = shape->widths[l], out = shape->widths[l + 1];
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
      *arrays[i] = gp_arena_take(arena, (size_t)(out * shape->capacity), sizeof(double));
    widest = most(widest, out);
    largest = most(largest, in * out);
  }
  direction->x = gp_arena_take(arena, (size_t)(shape->widths[0] * shape->capacity), sizeof(double));
  direction->units = gp_arena_take(arena, (size_t)(widest * shape->capacity), sizeof(double));
  direction->weights = gp_arena_take(arena, (size_t)largest, sizeof(double));
}

static void multiply(double *out, const double *x, const double *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) out[i] = x[i] * y[i];
}

static void add(double *x, const double *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] += y[i];
}

/* out (O, B) = m W h. */
static void through(const gp_net *net, const gp_layer *layer, double *out, const double *w, const double *h,
                    int64_t batch) {
  gp_product product = {.m = layer->out, .n = batch, .k = layer->in, .alpha = layer->multiplier, .lanes = 1};
  net->k->product_nn(out, w, h, &product);
}

/* out (I, B) = m W^T delta. */
static void back_through(const gp_net *net, const gp_layer *layer, double *out, const double *w,
                         const double *delta, int64_t batch) {
  gp_product product = {.m = layer->in, .n = batch, .k = layer->out, .alpha = layer->multiplier, .lanes = 1};
  net->k->product_tn(out, w, delta, &product);
}

/* out (O, I) = factor m delta h^T. */
static void outer(const gp_net *net, const gp_layer *layer, double *out, const double *delta, const double *h,
                  int64_t batch, double factor) {
  gp_product product = {.m = layer->out,
                        .n = layer->in,
                        .k = batch,
                        .alpha = factor * layer->multiplier,
                        .lanes = 1,
                        .scratch = net->scratch};
  net->k->product_nt(out, delta, h, &product);
}

/* -- forward -- */

/* R{z} of a layer; `v` is its slice of the direction, `rh` the tangent of its input; either NULL where it is 0. */
static void forward_layer(gp_direction *d, int l, int64_t batch, const double *v, const double *h,
                          const double *rh) {
  const gp_layer *layer = &d->net->layer[l];
  gp_direction_layer *own = &d->layer[l];
  int64_t units = layer->out * batch;
  if (v != NULL) through(d->net, layer, own->z, v, h, batch);
  if (rh != NULL) through(d->net, layer, v != NULL ? d->units : own->z, layer->w, rh, batch);
  if (v != NULL && rh != NULL) add(own->z, d->units, units);
  if (v == NULL && rh == NULL)
    for (int64_t i = 0; i < units; i++) own->z[i] = 0;
  if (v != NULL && layer->b != NULL)
    d->net->k->add_bias(own->z, v + layer->in * layer->out, layer->out, batch, 1);
  if (layer->activation != NULL) multiply(own->h, own->z, layer->d, units);
}

void gp_direction_forward(gp_direction *d, int64_t batch, const double *v, bool input) {
  const gp_net *net = d->net;
  const double *h = net->x, *rh = input ? d->x : NULL;
  for (int l = 0; l < net->layers; l++) {
    const gp_layer *layer = &net->layer[l];
    forward_layer(d, l, batch, v, h, rh);
    if (v != NULL) v += slice(layer);
    h = layer->h;
    rh = d->layer[l].h;
  }
}

const double *gp_net_outputs(const gp_net *net) {
  const gp_layer *last = &net->layer[net->layers - 1];
  return last->activation != NULL ? last->h : last->z;
}

const double *gp_direction_outputs(const gp_direction *d) {
  int last = d->net->layers - 1;
  return d->net->layer[last].activation != NULL ? d->layer[last].h : d->layer[last].z;
}

/* -- backward -- */

void gp_direction_reverse(gp_net *net, int64_t batch, const double *seed, double *g, bool input) {
  gp_layer *last = &net->layer[net->layers - 1];
  double *at = g != NULL ? g + gp_net_parameters(net) : NULL, *delta = last->delta;
  for (int64_t i = 0; i < last->out * batch; i++) delta[i] = seed[i];
  if (last->activation != NULL) net->k->multiply(delta, last->d, last->out * batch, 1);
  for (int l = net->layers - 1; l >= 0; l--) {
    const gp_layer *layer = &net->layer[l], *below = l > 0 ? layer - 1 : NULL;
    if (at != NULL) {
      at -= slice(layer);
      outer(net, layer, at, layer->delta, below != NULL ? below->h : net->x, batch, 1);
      if (layer->b != NULL) net->k->row_sums(at + layer->in * layer->out, layer->delta, layer->out, batch, 1);
    }
    if (below == NULL && !input) continue;
    back_through(net, layer, below != NULL ? below->delta : net->dx, layer->w, layer->delta, batch);
    if (below != NULL) net->k->multiply(below->delta, below->d, below->out * batch, 1);
  }
}

/* NaN where there is none (sign, step): the plan refuses a Hessian then, and nothing else reads it. */
static void second_of(const gp_layer *layer, double *out, int64_t count) {
  const double *z = layer->z, *h = layer->h, *slope = layer->d, *options = layer->params;
  bool exists = layer->activation->second != NULL;
  for (int64_t i = 0; i < count; i++)
    out[i] = exists ? layer->activation->second(z[i], h[i], slope[i], options) : (double)NAN;
}

void gp_direction_curve(gp_direction *d, int64_t batch) {
  gp_net *net = d->net;
  for (int l = net->layers - 1; l >= 0; l--) {
    const gp_layer *layer = &net->layer[l], *above = l + 1 < net->layers ? layer + 1 : NULL;
    gp_direction_layer *own = &d->layer[l];
    int64_t units = layer->out * batch;
    if (layer->activation != NULL) second_of(layer, own->second, units);
    if (above != NULL)
      back_through(net, above, own->e, above->w, above->delta, batch);
    else
      for (int64_t i = 0; i < units; i++) own->e[i] = net->dout[i];
    if (above != NULL) multiply(layer->delta, own->e, layer->d, units);
  }
}

/* R{delta} = phi' R{e} + phi'' e R{z}, with R{e} in `delta` before. */
static void bend(const gp_layer *layer, gp_direction_layer *own, int64_t units) {
  const double *slope = layer->d;
  for (int64_t i = 0; i < units; i++)
    own->delta[i] = slope[i] * own->delta[i] + own->second[i] * own->e[i] * own->z[i];
}

static void hessian_output(gp_direction *d, int64_t batch) {
  gp_net *net = d->net;
  const gp_layer *last = &net->layer[net->layers - 1];
  gp_direction_layer *own = &d->layer[net->layers - 1];
  gp_loss_second(&net->loss, own->delta, gp_direction_outputs(d), net->out, net->p, net->y, last->out, batch);
  if (last->activation != NULL) bend(last, own, last->out * batch);
}

/* A layer's slice of H v from delta, R{delta} and its input with its tangent (NULL: 0). */
static void hessian_layer(gp_direction *d, int l, int64_t batch, const double *rh, double factor,
                          double *out) {
  gp_net *net = d->net;
  const gp_layer *layer = &net->layer[l];
  int64_t weights = layer->in * layer->out;
  const double *h = l > 0 ? net->layer[l - 1].h : net->x;
  outer(net, layer, d->weights, d->layer[l].delta, h, batch, factor);
  add(out, d->weights, weights);
  if (rh != NULL) {
    outer(net, layer, d->weights, layer->delta, rh, batch, factor);
    add(out, d->weights, weights);
  }
  if (layer->b == NULL) return;
  net->k->row_sums(net->row, d->layer[l].delta, layer->out, batch, 1);
  for (int64_t o = 0; o < layer->out; o++) out[weights + o] += factor * net->row[o];
}

void gp_direction_hessian(gp_direction *d, int64_t batch, const double *v, double factor, double *out) {
  gp_net *net = d->net;
  int64_t at = gp_net_parameters(net);
  gp_direction_forward(d, batch, v, false);
  hessian_output(d, batch);
  for (int l = net->layers - 1; l >= 0; l--) {
    const gp_layer *layer = &net->layer[l];
    at -= slice(layer);
    hessian_layer(d, l, batch, l > 0 ? d->layer[l - 1].h : NULL, factor, out + at);
    if (l == 0) break;
    gp_direction_layer *below = &d->layer[l - 1];
    int64_t units = layer->in * batch;
    back_through(net, layer, below->delta, v + at, layer->delta, batch);
    back_through(net, layer, d->units, layer->w, d->layer[l].delta, batch);
    add(below->delta, d->units, units);
    bend(layer - 1, below, units);
  }
}
