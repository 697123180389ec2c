#include "precision.h"

#include <float.h>
#include <string.h>

/* In the order of the enum; the smallest normal numbers are those of kernel/format_list.h. */
static const gp_precision precisions[GP_PRECISION_COUNT] = {
    [GP_FLOAT32] = {.name = "float32", .bits = 32, .smallest_normal = (double)FLT_MIN},
    [GP_FLOAT64] = {.name = "float64", .bits = 64, .smallest_normal = DBL_MIN},
    [GP_BFLOAT16] = {"bfloat16", 32, true, GP_FORMAT_bfloat16, 0x1p-126},
    [GP_FLOAT16] = {"float16", 32, true, GP_FORMAT_float16, 0x1p-14},
};

const char *const gp_precision_words[GP_PRECISION_COUNT + 1] = {"float32", "float64", "bfloat16", "float16",
                                                                NULL};

const gp_precision *gp_precision_at(int index) {
  return &precisions[index];
}

void gp_net_store(const gp_net *net, void *x, int64_t count) {
  if (net->storage != NULL && x != NULL) net->k->round[net->storage->format](x, count, net->lanes);
}

double gp_net_smallest_normal(const gp_net *net, int lane) {
  const gp_precision *plain = gp_precision_at(net->k->bits == 32 ? GP_FLOAT32 : GP_FLOAT64);
  double normal = (net->storage != NULL ? net->storage : plain)->smallest_normal;
  return net->loss_scale != NULL ? normal / net->loss_scale[lane] : normal;
}

void gp_net_store_parameter(const gp_net *net, const gp_parameter *p) {
  if (p->at.master != NULL) memcpy(p->at.value, p->at.master, gp_net_bytes(net, p->count));
  gp_net_store(net, p->at.value, p->count);
}

/* x /= loss scale of its lane, in the network's own precision: exact for powers of two that do not underflow. */
static void unscale(const gp_net *net, void *x, int64_t count) {
  gp_field all = {.rows = 1, .cols = count, .lanes = net->lanes, .by_row = true};
  if (net->loss_scale != NULL) net->k->field_affine(x, x, net->loss_unscale, NULL, &all);
}

void gp_net_store_gradients(gp_net *net, int64_t batch, bool input) {
  if (net->storage == NULL && net->loss_scale == NULL) return;
  for (int l = 0; l < net->layers; l++) {
    gp_layer *layer = &net->layer[l];
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(layer, p);
    bool composed = layer->norm.direction.value != NULL; /* then dw is no parameter's gradient */
    for (int j = 0; j < count; j++) {
      gp_net_store(net, p[j].at.gradient, p[j].count);
      unscale(net, p[j].at.gradient, p[j].count);
    }
    if (composed) unscale(net, layer->dw, layer->in * layer->out);
    unscale(net, layer->delta, layer->out * batch);
  }
  if (!input) return;
  gp_net_store(net, net->dx, net->layer[0].in * batch);
  unscale(net, net->dx, net->layer[0].in * batch);
}
