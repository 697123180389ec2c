#include "direction_case.h"

#include <float.h>
#include <stdlib.h>

#include "rng.h"

/* The twin's capacity holds the batch and every training row. */
static void make_twin(net_case *c, const char *tier) {
  gp_trainer *t = c->trainer;
  int64_t rows = c->given->data.train;
  gp_net_shape shape = {.layers = t->net.layers,
                        .widths = t->widths,
                        .capacity = rows > c->batch ? rows : c->batch,
                        .bias = c->given->spec.bias,
                        .norm = &c->given->spec.norm,
                        .residual = &c->given->spec.residual};
  cr_assert_eq(gp_shape_parameters(&shape), gp_net_parameters(&t->net));
  gp_twin_layout(&c->twin, &c->arena, gp_tier_find(tier), &shape);
  cr_assert_eq(gp_arena_commit(&c->arena), GP_OK);
  gp_twin_layout(&c->twin, &c->arena, gp_tier_find(tier), &shape);
  gp_twin_load(&c->twin, &t->net, 0);
  gp_twin_mirror(&c->twin, &t->net, 0, c->batch);
}

static void add_array(net_case *c, double *at, int64_t count) {
  c->at[c->arrays] = at;
  c->start[++c->arrays] = c->parameters += count;
}

static double *normal(net_case *c, uint32_t layer) {
  double *x = malloc((size_t)c->parameters * sizeof *x);
  for (int64_t i = 0; i < c->parameters; i++)
    x[i] = gp_rng_normal((gp_stream){7, GP_PURPOSE_TEST, layer}, (uint64_t)i);
  return x;
}

void net_case_make_on(net_case *c, const char *words, const char *tier) {
  *c = (net_case){.given = calloc(1, sizeof *c->given)};
  spec_case_make(
      c->given,
      "data=spirals data.samples=24 data.test=0 activation=tanh width=5 depth=2 batch=6 precision=float64 "
      "seed=3",
      words);
  c->trainer = engine_on("auto");
  cr_assert_eq(gp_train_prepare(c->trainer, &c->given->spec, &c->given->data), GP_OK, "%s", gp_message());
  c->batch = c->trainer->batch;
  gp_batch_rows(c->trainer, 0);
  gp_batch_forward(c->trainer);
  make_twin(c, tier);
  for (int l = 0; l < c->twin.net.layers; l++) {
    gp_layer *layer = &c->twin.net.layer[l];
    gp_parameter p[GP_PARAMETERS_MAX];
    int arrays = gp_layer_parameters(layer, p);
    for (int i = 0; i < arrays; i++) add_array(c, p[i].at.value, p[i].count);
    c->outputs = layer->out;
  }
  cr_assert_eq(c->parameters, gp_net_parameters(&c->twin.net));
  /* Biases start at 0, where some second derivatives are 0 too. */
  double *shift = normal(c, 3);
  for (int a = 0; a < c->arrays; a++)
    for (int64_t i = c->start[a]; i < c->start[a + 1]; i++) c->at[a][i - c->start[a]] += 0.1 * shift[i];
  free(shift);
  c->u = normal(c, 1);
  c->v = normal(c, 2);
  for (int i = 0; i < 8; i++) c->work[i] = calloc((size_t)c->parameters, sizeof(double));
}

void net_case_make(net_case *c, const char *words) {
  net_case_make_on(c, words, "auto");
}

void net_case_free(net_case *c) {
  for (int i = 0; i < 8; i++) free(c->work[i]);
  free(c->u);
  free(c->v);
  gp_arena_free(&c->arena);
  gp_trainer_free(c->trainer);
  spec_case_free(c->given);
  free(c->given);
}

gp_examples net_case_examples(const net_case *c) {
  return (gp_examples){c->given->data.x, c->trainer->lane[0].target, c->given->data.train,
                       c->given->data.train};
}

double net_case_pass(net_case *c) {
  double loss;
  gp_net_compose(&c->twin.net);
  gp_net_forward(&c->twin.net, c->batch, true);
  gp_net_loss(&c->twin.net, c->batch, &loss);
  gp_direction_curve(&c->twin.direction, c->batch);
  return loss;
}

void net_case_product(net_case *c, const double *v, double *out) {
  net_case_pass(c);
  for (int64_t i = 0; i < c->parameters; i++) out[i] = 0;
  gp_direction_hessian(&c->twin.direction, c->batch, v, gp_loss_batch_factor(&c->twin.net.loss, c->batch),
                       out);
}

static void move(net_case *c, const double *v, double step) {
  for (int a = 0; a < c->arrays; a++)
    for (int64_t i = c->start[a]; i < c->start[a + 1]; i++) c->at[a][i - c->start[a]] += step * v[i];
}

/* The side of every kink that every pre-activation and output lies on, as one number. */
static uint64_t sides(const net_case *c) {
  const gp_net *net = &c->twin.net;
  uint64_t hash = 14695981039346656037u;
  for (int l = 0; l < net->layers; l++) {
    const gp_activation *a = net->layer[l].activation;
    const double *u = net->layer[l].u;
    for (const double *k = a != NULL ? a->kinks : NULL; k != NULL && !isnan(*k); k++)
      for (int64_t i = 0; i < net->layer[l].out * c->batch; i++) hash = (hash ^ (u[i] > *k)) * 1099511628211u;
  }
  for (int64_t i = 0; i < c->outputs * c->batch; i++)
    hash = (hash ^ (uint64_t)gp_loss_piece(&net->loss, net->out[i], net->y[i])) * 1099511628211u;
  return hash;
}

static void gradient_at(net_case *c, double *out) {
  gp_net *net = &c->twin.net;
  gp_net_backward(net, c->batch, false);
  for (int l = 0; l < net->layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int arrays = gp_layer_parameters(&net->layer[l], p);
    for (int i = 0; i < arrays; out += p[i++].count)
      memcpy(out, p[i].at.gradient, (size_t)p[i].count * sizeof *out);
  }
}

static void outputs_at(net_case *c, double *out) {
  memcpy(out, gp_net_outputs(&c->twin.net), (size_t)(c->outputs * c->batch) * sizeof *out);
}

typedef void reading(net_case *c, double *out);

/* Central difference along v; false when a kink lies between. */
static bool difference(net_case *c, reading *read, const double *v, double h, double *out, double *other,
                       int64_t n) {
  net_case_pass(c);
  uint64_t here = sides(c);
  move(c, v, h);
  net_case_pass(c);
  bool smooth = sides(c) == here;
  read(c, out);
  move(c, v, -2 * h);
  net_case_pass(c);
  smooth = smooth && sides(c) == here;
  read(c, other);
  move(c, v, h);
  for (int64_t i = 0; i < n; i++) out[i] = (out[i] - other[i]) / (2 * h);
  return smooth;
}

/* Richardson's extrapolation over h, h/2, h/4 into out; *doubt: how much the last extrapolation still changed. False when
 * a kink is in the way. */
static bool extrapolate(net_case *c, reading *read, const double *v, double h, double *out, double *d[4],
                        int64_t n, double *doubt) {
  for (int i = 0; i < 3; i++)
    if (!difference(c, read, v, h / (1 << i), d[i], d[3], n)) return false;
  *doubt = 0;
  for (int64_t i = 0; i < n; i++) {
    double first = (4 * d[1][i] - d[0][i]) / 3, second = (4 * d[2][i] - d[1][i]) / 3;
    out[i] = (16 * second - first) / 15;
    *doubt = fmax(*doubt, fabs(out[i] - second));
  }
  return true;
}

/* The step with the least doubt: a large one where the function is nearly a polynomial, a small one where it bends. Returns
 * the smallest difference of arguments, 0 when a kink is too close. */
static double slope(net_case *c, reading *read, const double *v, double *out, int64_t n) {
  double *d[4], *now = malloc((size_t)n * sizeof *now), best = INFINITY, used = 0, doubt;
  for (int i = 0; i < 4; i++) d[i] = malloc((size_t)n * sizeof(double));
  for (double h = 4e-3; h > 1e-6 && (h > 1e-4 || isinf(best)); h /= 4) {
    if (!extrapolate(c, read, v, h, now, d, n, &doubt) || !(doubt < best)) continue;
    best = doubt, used = h / 2;
    memcpy(out, now, (size_t)n * sizeof *out);
  }
  for (int i = 0; i < 4; i++) free(d[i]);
  free(now);
  return used;
}

bool net_case_gradient_slope(net_case *c, const double *v, double *out, double *noise) {
  double step = slope(c, gradient_at, v, out, c->parameters), largest = 0, *gradient = c->work[7];
  net_case_pass(c);
  gradient_at(c, gradient);
  for (int64_t i = 0; i < c->parameters; i++) largest = fmax(largest, fabs(gradient[i]));
  *noise = 64 * DBL_EPSILON * largest / step;
  return step > 0;
}

bool net_case_output_slope(net_case *c, const double *v, double *out) {
  return slope(c, outputs_at, v, out, c->outputs * c->batch) > 0;
}

static double *entry(const net_case *c, int64_t p) {
  int a = 0;
  while (c->start[a + 1] <= p) a++;
  return c->at[a] + (p - c->start[a]);
}

double net_case_second_difference(net_case *c, int64_t p, int64_t q) {
  double *x = entry(c, p), *y = entry(c, q), estimate[2];
  for (int i = 0; i < 2; i++) {
    double h = i == 0 ? 1e-2 : 5e-3, sum = 0;
    for (int corner = 0; corner < 4; corner++) {
      double sx = corner & 1 ? h : -h, sy = corner & 2 ? h : -h, kept_x = *x, kept_y = *y;
      *x += sx;
      *y += sy;
      sum += (sx > 0) == (sy > 0) ? net_case_pass(c) : -net_case_pass(c);
      *y = kept_y;
      *x = kept_x;
    }
    estimate[i] = sum / (4 * h * h);
  }
  return (4 * estimate[1] - estimate[0]) / 3;
}
