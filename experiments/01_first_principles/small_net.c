/* One small net, trained here and now; see small_net.h. */
#include "small_net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gp_status keep(void *context, int64_t step, int layer, const char *name, int rank, const int64_t *dims,
                      const double *values) {
  small_net *net = context;
  if (net->only != NULL && strcmp(net->only, name) != 0) return GP_OK;
  if (net->count == net->capacity) {
    size_t capacity = net->capacity > 0 ? 2 * net->capacity : 64;
    small_array *grown = realloc(net->arrays, capacity * sizeof *grown);
    if (grown == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
    net->arrays = grown, net->capacity = capacity;
  }
  small_array *a = &net->arrays[net->count];
  *a = (small_array){.step = step,
                     .layer = layer,
                     .rows = rank == 2 ? dims[0] : 1,
                     .columns = rank == 2   ? dims[1]
                                : rank == 1 ? dims[0]
                                            : 1};
  size_t size = (size_t)(a->rows * a->columns) * sizeof *values;
  if ((a->values = malloc(size)) == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  memcpy(a->values, values, size);
  snprintf(a->name, sizeof a->name, "%s", name);
  net->count++;
  return GP_OK;
}

gp_status small_net_train(small_net *net, const char *config, const int64_t *steps, size_t count) {
  gp_visitor visitor = {keep, net};
  gp_train_options options = {"auto"};
  gp_trainer *trainer = NULL;
  gp_spec spec;
  GP_TRY(gp_plan_load_text(&net->plan, "walk.yaml", config));
  GP_TRY(gp_plan_spec(net->plan, 0, &spec));
  net->data = gp_plan_dataset(net->plan, 0);
  GP_TRY(gp_trainer_create(&trainer, &options));
  gp_status status = gp_train_prepare(trainer, &spec, net->data);
  if (status == GP_OK) status = gp_train_inspect(trainer, steps, count, &visitor);
  gp_trainer_free(trainer);
  return status;
}

void small_net_free(small_net *net) {
  for (size_t i = 0; i < net->count; i++) free(net->arrays[i].values);
  free(net->arrays);
  gp_plan_free(net->plan);
  *net = (small_net){0};
}

const small_array *small_net_array(const small_net *net, int64_t step, int layer, const char *name) {
  for (size_t i = 0; i < net->count; i++) {
    const small_array *a = &net->arrays[i];
    if (a->step == step && a->layer == layer && strcmp(a->name, name) == 0) return a;
  }
  return NULL;
}

double small_net_output(const small_net *net, int64_t step, const double *x) {
  const small_array *w = small_net_array(net, step, 1, "weight"), *b = small_net_array(net, step, 1, "bias");
  const small_array *v = small_net_array(net, step, 2, "weight"), *c = small_net_array(net, step, 2, "bias");
  if (w == NULL || b == NULL || v == NULL || c == NULL) return (double)NAN;
  double out = c->values[0];
  for (int64_t o = 0; o < w->rows; o++) {
    double z = b->values[o];
    for (int64_t i = 0; i < w->columns; i++) z += w->values[o * w->columns + i] * x[i];
    out += v->values[o] * tanh(z);
  }
  return out;
}
