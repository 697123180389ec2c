/* Every array of chosen steps, for `dump`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "inspect.h"
#include "optimizer.h"
#include "trainer.h"

typedef struct inspection {
  gp_trainer *trainer;
  const gp_visitor *visitor;
  int64_t step;
  double *flat, *turned; /* scratch: an array widened; the same in the shape people expect */
} inspection;

static gp_status visit(const inspection *in, int layer, const char *name, int rank, const int64_t *dims,
                       const double *values) {
  return in->visitor->array(in->visitor->context, in->step, layer, name, rank, dims, values);
}

/* An array of `rank` 2 (O, I), 1 (O) or 0 (one number), as stored; nothing when the network has none. */
static gp_status visit_parameter(const inspection *in, int number, const char *name, const void *x,
                                 int rank) {
  const gp_layer *layer = &in->trainer->net.layer[number - 1];
  int64_t dims[2] = {layer->out, layer->in};
  if (x == NULL) return GP_OK;
  in->trainer->net.k->widen(in->flat, x, rank == 2 ? layer->out * layer->in : rank == 1 ? layer->out : 1, 1);
  return visit(in, number, name, rank, dims, in->flat);
}

/* An activation array (features, B), turned to (B, features). */
static gp_status visit_examples(const inspection *in, int number, const char *name, const void *x,
                                int64_t features) {
  int64_t batch = in->trainer->batch, dims[2] = {batch, features};
  in->trainer->net.k->widen(in->flat, x, features * batch, 1);
  for (int64_t f = 0; f < features; f++)
    for (int64_t b = 0; b < batch; b++) in->turned[b * features + f] = in->flat[f * batch + b];
  return visit(in, number, name, 2, dims, in->turned);
}

/* The optimiser's state arrays of a parameter, by the names it gives them. */
static gp_status visit_states(const inspection *in, int number, const gp_parameter *p) {
  const gp_trainer *t = in->trainer;
  const unsigned char *state = p->at.state;
  for (int k = 0; k < t->states; k++) {
    char name[64];
    snprintf(name, sizeof name, "optimizer/%s_%s", p->name, gp_optimizer_of(&t->spec->optimizer)->states[k]);
    GP_TRY(visit_parameter(in, number, name, state + gp_net_bytes(&t->net, k * p->count), p->rank));
  }
  return GP_OK;
}

/* What is trained besides weights and biases, and every gradient. */
static gp_status visit_parameters(const inspection *in, int number) {
  const gp_layer *layer = &in->trainer->net.layer[number - 1];
  gp_parameter p[GP_PARAMETERS_MAX];
  int count = gp_layer_parameters(layer, p);
  char name[64];
  for (int j = 0; j < count; j++) {
    if (p[j].at.value != layer->w && p[j].at.value != layer->b)
      GP_TRY(visit_parameter(in, number, p[j].name, p[j].at.value, p[j].rank));
    if (p[j].at.gradient == layer->dw) continue;
    snprintf(name, sizeof name, "%s_gradient", p[j].name);
    GP_TRY(visit_parameter(in, number, name, p[j].at.gradient, p[j].rank));
  }
  for (int j = 0; j < count; j++) {
    snprintf(name, sizeof name, "%s_master", p[j].name);
    if (p[j].at.master != NULL) GP_TRY(visit_parameter(in, number, name, p[j].at.master, p[j].rank));
    GP_TRY(visit_states(in, number, &p[j]));
  }
  return GP_OK;
}

static gp_status visit_normalisation(const inspection *in, int number) {
  const gp_layer *layer = &in->trainer->net.layer[number - 1];
  const gp_norm_layer *n = &layer->norm;
  int64_t dims[1] = {layer->out};
  if (n->normalised == NULL) return GP_OK;
  GP_TRY(visit_examples(in, number, "normalised", n->normalised, layer->out));
  if (n->running_mean == NULL) return GP_OK;
  GP_TRY(visit(in, number, "norm_running_mean", 1, dims, n->running_mean));
  return visit(in, number, "norm_running_variance", 1, dims, n->running_variance);
}

static gp_status visit_layer(const inspection *in, int number) {
  const gp_layer *layer = &in->trainer->net.layer[number - 1];
  GP_TRY(visit_parameter(in, number, "weight", layer->w, 2));
  GP_TRY(visit_parameter(in, number, "bias", layer->b, 1));
  GP_TRY(visit_examples(in, number, "preactivation", layer->z, layer->out));
  GP_TRY(visit_examples(in, number, "activation", layer->h, layer->out));
  GP_TRY(visit_examples(in, number, "delta", layer->delta, layer->out));
  GP_TRY(visit_parameter(in, number, "weight_gradient", layer->dw, 2));
  GP_TRY(visit_normalisation(in, number));
  return visit_parameters(in, number);
}

static gp_status visit_batch(const inspection *in) {
  gp_trainer *t = in->trainer;
  int64_t dims[1] = {t->batch};
  for (int64_t b = 0; b < t->batch; b++) in->flat[b] = (double)t->rows[b];
  GP_TRY(visit(in, 0, "batch", 1, dims, in->flat));
  GP_TRY(visit(in, 0, "loss", 0, NULL, t->batch_loss));
  for (int l = 1; l <= t->net.layers; l++) GP_TRY(visit_layer(in, l));
  return visit_examples(in, 0, "input_gradient", t->net.dx, t->data->features);
}

static gp_status visit_updates(const inspection *in) {
  char name[64];
  for (int l = 1; l <= in->trainer->net.layers; l++) {
    const gp_layer *layer = &in->trainer->net.layer[l - 1];
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(layer, p);
    GP_TRY(visit_parameter(in, l, "weight_update", layer->dw, 2));
    for (int j = 0; j < count; j++) {
      if (p[j].at.gradient == layer->dw) continue;
      snprintf(name, sizeof name, "%s_update", p[j].name);
      GP_TRY(visit_parameter(in, l, name, p[j].at.gradient, p[j].rank));
    }
  }
  return GP_OK;
}

static gp_status inspect_steps(inspection *in, const int64_t *steps, size_t count) {
  gp_trainer *t = in->trainer;
  size_t next = 0;
  for (int64_t step = 0; next < count && step <= t->spec->steps; step++) {
    bool wanted = steps[next] == step;
    in->step = step;
    gp_batch_rows(t, step);
    gp_batch_forward(t);
    gp_net_backward(&t->net, t->batch, wanted);
    if (wanted) GP_TRY(visit_batch(in));
    if (step == t->spec->steps || !isfinite(t->batch_loss[0])) break;
    gp_trainer_update(t, step, wanted);
    if (wanted) GP_TRY(visit_updates(in));
    next += wanted;
  }
  return GP_OK;
}

gp_status gp_train_inspect(gp_trainer *trainer, const int64_t *steps, size_t step_count,
                           const gp_visitor *visitor) {
  int64_t most = trainer->data->features * trainer->batch;
  for (int l = 0; l < trainer->net.layers; l++) {
    const gp_layer *layer = &trainer->net.layer[l];
    int64_t weights = layer->in * layer->out, units = layer->out * trainer->batch;
    most = weights > most ? weights : most;
    most = units > most ? units : most;
  }
  inspection in = {.trainer = trainer, .visitor = visitor};
  in.flat = malloc((size_t)most * 2 * sizeof(double));
  if (in.flat == NULL)
    return gp_fail(GP_ERR_MEMORY, "out of memory: %zu bytes wanted to look inside a run", (size_t)most * 16);
  in.turned = in.flat + most;
  gp_status status = inspect_steps(&in, steps, step_count);
  free(in.flat);
  return status;
}
