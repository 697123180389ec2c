#include "twin.h"

void gp_twin_layout(gp_twin *twin, gp_arena *arena, const gp_tier *tier, const gp_net_shape *shape) {
  gp_net_shape own = *shape;
  own.lanes = 1;
  own.states = 0;
  own.storage = NULL;
  own.scaled = false;
  gp_net_layout(&twin->net, arena, tier, 64, &own);
  gp_direction_layout(&twin->direction, arena, &twin->net, &own);
  twin->held = 0;
}

/* One lane of `count` reals, widened. */
static void take_lane(double *out, const gp_net *net, const void *from, int lane, int64_t count) {
  const float *f = from;
  const double *d = from;
  for (int64_t i = 0; i < count; i++)
    out[i] = net->k->bits == 32 ? (double)f[i * net->lanes + lane] : d[i * net->lanes + lane];
}

static void load_layer(gp_layer *to, const gp_net *net, const gp_layer *from, int lane) {
  gp_parameter p[GP_PARAMETERS_MAX], q[GP_PARAMETERS_MAX];
  int arrays = gp_layer_parameters(from, p);
  gp_layer_parameters(to, q);
  to->multiplier = from->multiplier;
  to->activation = from->activation;
  take_lane(to->params, net, from->params, lane, GP_ACT_PARAMS_MAX);
  for (int i = 0; i < arrays; i++) take_lane(q[i].at.value, net, p[i].at.value, lane, p[i].count);
  if (from->alpha.value != NULL) take_lane(to->alpha.value, net, from->alpha.value, lane, 1);
}

void gp_twin_load(gp_twin *twin, const gp_net *net, int lane) {
  twin->net.loss = net->loss;
  twin->held = 0;
  if (net->norm_eps != NULL) twin->net.norm_eps[0] = net->norm_eps[lane];
  for (int l = 0; l < net->layers; l++) load_layer(&twin->net.layer[l], net, &net->layer[l], lane);
  gp_net_compose(&twin->net);
}

/* The passes that everything else builds on. */
static void pass(gp_twin *twin, int64_t batch) {
  gp_net_forward(&twin->net, batch, true);
  gp_net_loss(&twin->net, batch, &twin->loss);
  twin->loss /= gp_loss_batch_factor(&twin->net.loss, batch);
  gp_direction_curve(&twin->direction, batch);
}

void gp_twin_mirror(gp_twin *twin, const gp_net *net, int lane, int64_t batch) {
  take_lane(twin->net.x, net, net->x, lane, net->layer[0].in * batch);
  int64_t targets = net->layer[net->layers - 1].out * batch;
  for (int64_t i = 0; i < targets; i++) twin->net.y[i] = net->y[i * net->lanes + lane];
  pass(twin, batch);
  twin->held = 0;
}

static void gather(double *out, const double *rows, int64_t features, int64_t count) {
  for (int64_t f = 0; f < features; f++)
    for (int64_t b = 0; b < count; b++) out[f * count + b] = rows[b * features + f];
}

void gp_twin_bring(gp_twin *twin, const gp_examples *examples, int64_t first, int64_t count) {
  if (twin->held == count && twin->first == first) return;
  int64_t inputs = twin->net.layer[0].in, outputs = twin->net.layer[twin->net.layers - 1].out;
  gather(twin->net.x, examples->x + first * inputs, inputs, count);
  gather(twin->net.y, examples->y + first * outputs, outputs, count);
  pass(twin, count);
  twin->first = first;
  twin->held = count;
}

void gp_twin_hessian(gp_twin *twin, const gp_examples *examples, double *out, const double *v) {
  double factor = gp_loss_batch_factor(&twin->net.loss, examples->rows);
  int64_t parameters = gp_net_parameters(&twin->net), piece = examples->piece;
  for (int64_t i = 0; i < parameters; i++) out[i] = 0;
  for (int64_t first = 0; first < examples->rows; first += piece) {
    int64_t rest = examples->rows - first, count = rest < piece ? rest : piece;
    gp_twin_bring(twin, examples, first, count);
    gp_direction_hessian(&twin->direction, count, v, factor, out);
  }
}
