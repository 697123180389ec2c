#include "direction.h"

#include <math.h>
#include <string.h>

#include "direction_norm.h"
#include "norm.h"
#include "residual.h"

static int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/* -- parameters -- */

int64_t gp_net_parameters(const gp_net *net) {
  int64_t count = 0;
  for (int l = 0; l < net->layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int arrays = gp_layer_parameters(&net->layer[l], p);
    for (int i = 0; i < arrays; i++) count += p[i].count;
  }
  return count;
}

int64_t gp_shape_parameters(const gp_net_shape *shape) {
  const gp_norm *norm = gp_norm_of(shape->norm);
  const gp_residual *residual = gp_residual_of(shape->residual);
  bool composed = norm != NULL && norm->weights, trained = residual != NULL && residual->trained;
  bool affine = norm != NULL && !composed && gp_norm_options_of(shape->norm)->affine;
  int64_t count = trained ? gp_residual_blocks(shape->residual, shape->layers - 1) : 0;
  for (int l = 0; l < shape->layers; l++) {
    int64_t in = shape->widths[l], out = shape->widths[l + 1];
    count += in * out + (shape->bias ? out : 0) + (composed ? out : 0);
    if (affine && l < shape->layers - 1) count += 2 * out;
  }
  return count;
}

static gp_places places_of(const gp_layer *layer) {
  gp_places at = {-1, -1, -1, -1, -1, -1, -1, 0};
  gp_parameter p[GP_PARAMETERS_MAX];
  int arrays = gp_layer_parameters(layer, p);
  for (int i = 0; i < arrays; i++) {
    const struct {
      const void *value;
      int64_t *place;
    } kinds[] = {{layer->w, &at.w},
                 {layer->b, &at.b},
                 {layer->norm.direction.value, &at.direction},
                 {layer->norm.gain.value, &at.gain},
                 {layer->norm.gamma.value, &at.gamma},
                 {layer->norm.beta.value, &at.beta},
                 {layer->alpha.value, &at.alpha}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
      if (p[i].at.value == kinds[k].value) *kinds[k].place = at.count;
    at.count += p[i].count;
  }
  return at;
}

/* -- memory -- */

static double *doubles(gp_arena *arena, int64_t count) {
  return gp_arena_take(arena, (size_t)count, sizeof(double));
}

/* What stands between z and h of a layer. */
typedef struct between {
  bool norm, norm_after, composed, ends, sums_before;
  int64_t statistics;
} between;

static between between_of(const gp_net_shape *shape, int number) {
  const gp_norm *norm = gp_norm_of(shape->norm);
  int hidden = shape->layers - 1;
  between b = {.composed = norm != NULL && norm->weights,
               .norm = norm != NULL && !norm->weights && number <= hidden,
               .ends = gp_residual_source(shape->residual, hidden, number) != 0};
  b.norm_after = b.norm && gp_norm_options_of(shape->norm)->place == GP_NORM_AFTER;
  b.sums_before = b.ends && gp_residual_options_of(shape->residual)->place == GP_RESIDUAL_BEFORE;
  b.statistics = norm != NULL && norm->by_row ? shape->widths[number] : shape->capacity;
  return b;
}

static void layout_between(gp_direction_layer *own, gp_arena *arena, const between *b, int64_t units) {
  bool before = b->norm && !b->norm_after, after = b->norm && b->norm_after;
  own->z = doubles(arena, units);
  own->u = before || b->sums_before ? doubles(arena, units) : own->z;
  own->a = doubles(arena, units);
  own->h = after || (b->ends && !b->sums_before) ? doubles(arena, units) : own->a;
  if (b->norm) own->normalised = doubles(arena, units);
  if (b->norm) own->scale = doubles(arena, b->statistics);
  if (b->norm) own->dy = doubles(arena, units);
  if (!b->ends) return;
  own->dsum = doubles(arena, units);
  if (b->sums_before)
    own->block = before ? doubles(arena, units) : own->z;
  else
    own->block = after ? doubles(arena, units) : own->a;
}

static void layout_layer(gp_direction_layer *own, gp_arena *arena, const gp_net_shape *shape, int number) {
  int64_t weights = shape->widths[number - 1] * shape->widths[number];
  int64_t units = shape->widths[number] * shape->capacity;
  between b = between_of(shape, number);
  layout_between(own, arena, &b, units);
  own->delta = doubles(arena, units);
  own->e = doubles(arena, units);
  own->second = doubles(arena, units);
  if (b.composed) own->w = doubles(arena, weights);
  if (b.composed) own->dw = doubles(arena, weights);
}

void gp_direction_layout(gp_direction *direction, gp_arena *arena, gp_net *net, const gp_net_shape *shape) {
  int64_t widest = shape->widths[0], largest = 0;
  direction->net = net;
  direction->layer = gp_arena_take(arena, (size_t)shape->layers, sizeof *direction->layer);
  for (int l = 0; l < shape->layers; l++) {
    gp_direction_layer measured, *own = direction->layer != NULL ? &direction->layer[l] : &measured;
    *own = (gp_direction_layer){0};
    if (net->layer != NULL) own->at = places_of(&net->layer[l]);
    layout_layer(own, arena, shape, l + 1);
    widest = most(widest, shape->widths[l + 1]);
    largest = most(largest, shape->widths[l] * shape->widths[l + 1]);
  }
  direction->x = doubles(arena, shape->widths[0] * shape->capacity);
  direction->skipped = doubles(arena, widest * shape->capacity);
  for (int i = 0; i < 2; i++) direction->units[i] = doubles(arena, widest * shape->capacity);
  for (int i = 0; i < 2; i++) direction->weights[i] = doubles(arena, largest);
}

/* -- products -- */

static void multiply(double *out, const double *x, const double *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) out[i] = x[i] * y[i];
}

static void add(double *x, const double *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] += y[i];
}

static void copy(double *out, const double *x, int64_t n) {
  memcpy(out, x, (size_t)n * sizeof *x);
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

/* out (O, I) = m delta h^T. */
static void outer(const gp_net *net, const gp_layer *layer, double *out, const double *delta, const double *h,
                  int64_t batch) {
  gp_product product = {.m = layer->out,
                        .n = layer->in,
                        .k = batch,
                        .alpha = layer->multiplier,
                        .lanes = 1,
                        .scratch = net->scratch};
  net->k->product_nt(out, delta, h, &product);
}

/* R{W} of a layer along its slice of a direction. */
static const double *tangent_weights(const gp_direction_layer *own, const double *v) {
  return own->w != NULL ? own->w : v + own->at.w;
}

/* -- forward -- */

/* R{z}; `v` is the layer's slice of the direction, `rh` the tangent of its input h; either NULL where it is 0. */
static void forward_product(gp_direction *d, int l, int64_t batch, const double *v, const double *h,
                            const double *rh) {
  const gp_layer *layer = &d->net->layer[l];
  gp_direction_layer *own = &d->layer[l];
  int64_t units = layer->out * batch;
  if (v != NULL && own->w != NULL) gp_direction_compose(d->net, layer, own, v);
  if (v != NULL) through(d->net, layer, own->z, tangent_weights(own, v), h, batch);
  if (rh != NULL) through(d->net, layer, v != NULL ? d->units[0] : own->z, layer->w, rh, batch);
  if (v != NULL && rh != NULL) add(own->z, d->units[0], units);
  if (v == NULL && rh == NULL) memset(own->z, 0, (size_t)units * sizeof(double));
  if (v != NULL && own->at.b >= 0) d->net->k->add_bias(own->z, v + own->at.b, layer->out, batch, 1);
}

/* What a block's end adds to its connection: the normalised array where there is one, else the array before it. */
static const double *block_of(const gp_layer *layer) {
  bool normalised = layer->norm.y != NULL && layer->norm.after == !layer->sums_before;
  return normalised ? layer->norm.y : layer->sums_before ? layer->z : layer->a;
}

/* out = R{alpha x + h of the block's start}. */
static void forward_sum(gp_direction *d, int l, double *out, int64_t batch, const double *v) {
  const gp_layer *layer = &d->net->layer[l];
  const gp_direction_layer *own = &d->layer[l];
  const double *alpha = layer->alpha.value, *x = block_of(layer), *skip = d->layer[layer->source - 1].h;
  double ralpha = v != NULL && own->at.alpha >= 0 ? v[own->at.alpha] : 0;
  for (int64_t i = 0; i < layer->out * batch; i++)
    out[i] = *alpha * own->block[i] + (ralpha * x[i] + skip[i]);
}

static void forward_hidden(gp_direction *d, int l, int64_t batch, const double *v) {
  const gp_layer *layer = &d->net->layer[l];
  gp_direction_layer *own = &d->layer[l];
  bool norm = layer->norm.y != NULL, ends = layer->source != 0;
  if (norm && !layer->norm.after)
    gp_direction_norm_forward(d->net, layer, own, ends && layer->sums_before ? own->block : own->u, own->z,
                              batch, v);
  if (ends && layer->sums_before) forward_sum(d, l, own->u, batch, v);
  if (layer->activation != NULL) multiply(own->a, own->u, layer->d, layer->out * batch);
  if (norm && layer->norm.after)
    gp_direction_norm_forward(d->net, layer, own, ends && !layer->sums_before ? own->block : own->h, own->a,
                              batch, v);
  if (ends && !layer->sums_before) forward_sum(d, l, own->h, batch, v);
}

void gp_direction_forward(gp_direction *d, int64_t batch, const double *v, bool input) {
  const gp_net *net = d->net;
  const double *h = net->x, *rh = input ? d->x : NULL;
  for (int l = 0; l < net->layers; l++) {
    forward_product(d, l, batch, v, h, rh);
    forward_hidden(d, l, batch, v);
    if (v != NULL) v += d->layer[l].at.count;
    h = net->layer[l].h;
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
  copy(last->delta, seed, last->out * batch);
  if (last->activation != NULL) net->k->multiply(last->delta, last->d, last->out * batch, 1);
  gp_net_reverse(net, batch, 1, g != NULL, input);
  for (int l = 0; g != NULL && l < net->layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int arrays = gp_layer_parameters(&net->layer[l], p);
    for (int i = 0; i < arrays; g += p[i++].count) copy(g, p[i].at.gradient, p[i].count);
  }
}

/* NaN where there is none (sign, step): the plan refuses a Hessian then, and nothing else reads it. */
static void second_of(const gp_layer *layer, double *out, int64_t count) {
  const double *u = layer->u, *a = layer->a, *slope = layer->d, *options = layer->params;
  bool exists = layer->activation->second != NULL;
  for (int64_t i = 0; i < count; i++)
    out[i] = exists ? layer->activation->second(u[i], a[i], slope[i], options) : (double)NAN;
}

/* The gradient g of a sum at a block's end runs on along the connection, and alpha times it through the block. */
static void curve_sum(gp_direction *d, const gp_layer *layer, gp_direction_layer *own, double *g,
                      int64_t units) {
  const double *alpha = layer->alpha.value;
  copy(own->dsum, g, units);
  copy(d->net->skipped, g, units);
  for (int64_t i = 0; i < units; i++) g[i] *= *alpha;
}

static void curve_norm(gp_direction *d, gp_layer *layer, gp_direction_layer *own, double *g, int64_t batch) {
  copy(own->dy, g, layer->out * batch);
  gp_norm_backward(d->net, layer, g, batch, 1);
}

/* From dC/dh to dC/dz of a hidden layer, in place, as gp_net_reverse does it, keeping what its derivative needs. */
static void curve_hidden(gp_direction *d, int l, int64_t batch) {
  gp_layer *layer = &d->net->layer[l];
  gp_direction_layer *own = &d->layer[l];
  int64_t units = layer->out * batch;
  double *g = layer->delta;
  bool norm = layer->norm.y != NULL, ends = layer->source != 0;
  if (layer->feeds) add(g, d->net->skipped, units);
  if (ends && !layer->sums_before) curve_sum(d, layer, own, g, units);
  if (norm && layer->norm.after) curve_norm(d, layer, own, g, batch);
  copy(own->e, g, units);
  multiply(g, g, layer->d, units);
  if (ends && layer->sums_before) curve_sum(d, layer, own, g, units);
  if (norm && !layer->norm.after) curve_norm(d, layer, own, g, batch);
}

void gp_direction_curve(gp_direction *d, int64_t batch) {
  gp_net *net = d->net;
  for (int l = net->layers - 1; l >= 0; l--) {
    const gp_layer *layer = &net->layer[l], *above = l + 1 < net->layers ? layer + 1 : NULL;
    gp_direction_layer *own = &d->layer[l];
    if (layer->activation != NULL) second_of(layer, own->second, layer->out * batch);
    if (above != NULL) {
      back_through(net, above, layer->delta, above->w, above->delta, batch);
      curve_hidden(d, l, batch);
    } else {
      copy(own->e, net->dout, layer->out * batch);
    }
    if (own->dw != NULL) outer(net, layer, own->dw, layer->delta, l > 0 ? (layer - 1)->h : net->x, batch);
  }
}

/* R{dC/du} = phi' R{e} + phi'' e R{u}, in place. */
static void bend(const gp_layer *layer, gp_direction_layer *own, int64_t units) {
  const double *slope = layer->d;
  for (int64_t i = 0; i < units; i++)
    own->delta[i] = slope[i] * own->delta[i] + own->second[i] * own->e[i] * own->u[i];
}

static void hessian_output(gp_direction *d, int64_t batch) {
  gp_net *net = d->net;
  const gp_layer *last = &net->layer[net->layers - 1];
  gp_direction_layer *own = &d->layer[net->layers - 1];
  gp_loss_second(&net->loss, own->delta, gp_direction_outputs(d), net->out, net->p, net->y, last->out, batch);
  if (last->activation != NULL) bend(last, own, last->out * batch);
}

/* A product along a direction: where it comes from and goes to, layer by layer. */
typedef struct slice {
  const double *v;
  double *out;
  double factor;
} slice;

static void hessian_sum(gp_direction *d, int l, int64_t batch, const slice *s) {
  const gp_layer *layer = &d->net->layer[l];
  gp_direction_layer *own = &d->layer[l];
  const double *alpha = layer->alpha.value, *x = block_of(layer);
  int64_t units = layer->out * batch;
  double ralpha = own->at.alpha >= 0 ? s->v[own->at.alpha] : 0, sums[2];
  if (own->at.alpha >= 0) {
    d->net->k->dot(&sums[0], own->delta, x, units, 1);
    d->net->k->dot(&sums[1], own->dsum, own->block, units, 1);
    s->out[own->at.alpha] += s->factor * (sums[0] + sums[1]);
  }
  copy(d->skipped, own->delta, units);
  for (int64_t i = 0; i < units; i++) own->delta[i] = *alpha * own->delta[i] + ralpha * own->dsum[i];
}

/* R of curve_hidden. */
static void hessian_hidden(gp_direction *d, int l, int64_t batch, const slice *s) {
  const gp_layer *layer = &d->net->layer[l];
  gp_direction_layer *own = &d->layer[l];
  int64_t units = layer->out * batch;
  bool norm = layer->norm.y != NULL, ends = layer->source != 0;
  if (layer->feeds) add(own->delta, d->skipped, units);
  if (ends && !layer->sums_before) hessian_sum(d, l, batch, s);
  if (norm && layer->norm.after)
    gp_direction_norm_backward(d->net, layer, own, own->delta, own->e, d->units[0], batch, s->v, s->factor,
                               s->out);
  bend(layer, own, units);
  if (ends && layer->sums_before) hessian_sum(d, l, batch, s);
  if (norm && !layer->norm.after)
    gp_direction_norm_backward(d->net, layer, own, own->delta, layer->delta, d->units[0], batch, s->v,
                               s->factor, s->out);
}

/* Weights and biases of a layer: from delta, R{delta} and its input with its tangent (NULL: 0). */
static void hessian_weights(gp_direction *d, int l, int64_t batch, const double *rh, const slice *s) {
  gp_net *net = d->net;
  const gp_layer *layer = &net->layer[l];
  gp_direction_layer *own = &d->layer[l];
  int64_t weights = layer->in * layer->out;
  double *rdw = d->weights[0];
  outer(net, layer, rdw, own->delta, l > 0 ? net->layer[l - 1].h : net->x, batch);
  if (rh != NULL) {
    outer(net, layer, d->weights[1], layer->delta, rh, batch);
    add(rdw, d->weights[1], weights);
  }
  if (own->w != NULL)
    gp_direction_decompose(net, layer, own, rdw, s->v, s->factor, s->out);
  else
    for (int64_t i = 0; i < weights; i++) s->out[own->at.w + i] += s->factor * rdw[i];
  if (own->at.b < 0) return;
  net->k->row_sums(net->row, own->delta, layer->out, batch, 1);
  for (int64_t o = 0; o < layer->out; o++) s->out[own->at.b + o] += s->factor * net->row[o];
}

void gp_direction_hessian(gp_direction *d, int64_t batch, const double *v, double factor, double *out) {
  gp_net *net = d->net;
  int64_t at = gp_net_parameters(net);
  gp_direction_forward(d, batch, v, false);
  hessian_output(d, batch);
  for (int l = net->layers - 1; l >= 0; l--) {
    const gp_layer *layer = &net->layer[l];
    gp_direction_layer *own = &d->layer[l];
    at -= own->at.count;
    slice s = {v + at, out + at, factor};
    if (l + 1 < net->layers) hessian_hidden(d, l, batch, &s);
    hessian_weights(d, l, batch, l > 0 ? d->layer[l - 1].h : NULL, &s);
    if (l == 0) break;
    double *below = d->layer[l - 1].delta;
    back_through(net, layer, below, tangent_weights(own, s.v), layer->delta, batch);
    back_through(net, layer, d->units[0], layer->w, own->delta, batch);
    add(below, d->units[0], layer->in * batch);
  }
}
