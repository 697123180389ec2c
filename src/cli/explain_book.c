/* Collecting one step of one run for `explain`, and refusing what cannot be followed by hand. */
#include "explain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "optimizer.h"
#include "precision.h"
#include "residual.h"

static gp_status too_large(const char *what, int64_t value, int64_t most, const char *advice) {
  return gp_fail(GP_ERR_USAGE, "explain writes every number out: %s %lld is more than %lld; try %s", what,
                 (long long)value, (long long)most, advice);
}

static gp_status refuse(const explain_book *b) {
  const gp_trainer *t = b->trainer;
  for (int l = 0; l <= t->net.layers; l++) {
    int64_t width = l == 0 ? t->net.layer[0].in : t->net.layer[l - 1].out;
    if (width > EXPLAIN_WIDTH)
      return too_large(l == 0               ? "the number of inputs"
                       : l == t->net.layers ? "the number of outputs"
                                            : "the width",
                       width, EXPLAIN_WIDTH, l == 0 || l == t->net.layers ? "smaller data" : "width=3");
  }
  if (t->net.layers > EXPLAIN_LAYERS)
    return too_large("the depth", t->net.layers - 1, EXPLAIN_LAYERS - 1, "depth=3");
  if (t->batch > EXPLAIN_EXAMPLES) return too_large("the batch of", t->batch, EXPLAIN_EXAMPLES, "batch=2");
  if (t->net.storage != NULL)
    return gp_fail(
        GP_ERR_USAGE,
        "explain needs precision float32 or float64: %s is rounded between the lines, and its sums "
        "do not come out by hand",
        gp_precision_words[b->spec->precision]);
  if (t->net.loss_scale != NULL)
    return gp_fail(GP_ERR_USAGE,
                   "explain needs train.loss_scale=none: a scaled loss has other deltas than its formula");
  return GP_OK;
}

/* ---- collecting ---- */

static gp_status keep(void *context, int64_t step, int layer, const char *name, int rank, const int64_t *dims,
                      const double *values) {
  explain_book *b = context;
  (void)step;
  if (b->count == b->capacity) {
    size_t room = b->capacity * 2 + 32;
    explain_array *grown = realloc(b->arrays, room * sizeof *grown);
    if (grown == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
    b->arrays = grown;
    b->capacity = room;
  }
  explain_array *a = &b->arrays[b->count++];
  *a = (explain_array){
      .layer = layer, .rows = rank == 2 ? dims[0] : 1, .cols = rank == 0 ? 1 : dims[rank - 1]};
  snprintf(a->name, sizeof a->name, "%s", name);
  memcpy(a->x, values, (size_t)(a->rows * a->cols) * sizeof *values);
  return GP_OK;
}

const explain_array *explain_find(const explain_book *b, int layer, const char *name) {
  for (size_t i = 0; i < b->count; i++)
    if (b->arrays[i].layer == layer && strcmp(b->arrays[i].name, name) == 0) return &b->arrays[i];
  return NULL;
}

const double *explain_values(const explain_book *b, int layer, const char *name) {
  const explain_array *a = explain_find(b, layer, name);
  return a != NULL ? a->x : NULL;
}

const double *explain_output(const explain_book *b, int l) {
  return l == 0 ? b->x : explain_values(b, l, "activation");
}

bool explain_is_plain(const explain_book *b, int l) {
  return explain_find(b, l, "normalised") == NULL && b->layer[l].source == 0 &&
         b->layer[l].activation != NULL;
}

const char *explain_symbol(const char *name) {
  static const char *const names[][2] = {
      {"weight", "W"},         {"bias", "b"},         {"weight_direction", "v"},  {"weight_gain", "gain"},
      {"norm_gamma", "gamma"}, {"norm_beta", "beta"}, {"residual_alpha", "alpha"}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i][0], name) == 0) return names[i][1];
  return name;
}

static void set_layers(explain_book *b) {
  const gp_net *net = &b->trainer->net;
  b->layers = net->layers;
  for (int l = 1; l <= b->layers; l++) {
    const gp_layer *from = &net->layer[l - 1];
    const explain_array *alpha = explain_find(b, l, "residual_alpha");
    b->layer[l] = (explain_layer){.in = from->in,
                                  .out = from->out,
                                  .multiplier = from->multiplier,
                                  .source = from->source,
                                  .sums_before = from->sums_before,
                                  .activation = from->activation,
                                  .choice = l == b->layers ? &b->spec->output : &b->spec->activation,
                                  .alpha = alpha != NULL       ? alpha->x[0]
                                           : from->source != 0 ? gp_residual_alpha(&b->spec->residual)
                                                               : 0};
  }
}

/* The batch as the network saw it. */
static void set_examples(explain_book *b) {
  const double *rows = explain_find(b, 0, "batch")->x;
  int64_t in = b->data->features, out = b->layer[b->layers].out;
  for (int64_t e = 0; e < b->batch; e++) {
    int64_t row = (int64_t)rows[e];
    for (int64_t i = 0; i < in; i++) b->x[e * in + i] = b->data->x[row * in + i];
    for (int64_t o = 0; o < out; o++) b->target[e * out + o] = gp_target(b->spec, b->data, row, o, out);
  }
}

/* The network holds the step's batch and the weights after its update. */
static void see_loss_after(explain_book *b) {
  b->loss_before = explain_find(b, 0, "loss")->x[0];
  b->updated = explain_find(b, 1, "bias_update") != NULL || explain_find(b, 1, "weight_update") != NULL;
  if (!b->updated) return;
  gp_batch_forward(b->trainer);
  b->loss_after = b->trainer->batch_loss[0];
}

gp_status explain_collect(explain_book *b, int64_t step) {
  gp_visitor visitor = {keep, b};
  b->step = step;
  GP_TRY(gp_train_prepare(b->trainer, b->spec, b->data));
  b->batch = b->trainer->batch;
  GP_TRY(refuse(b));
  GP_TRY(gp_train_inspect(b->trainer, &step, 1, &visitor));
  if (b->count == 0)
    return gp_fail(GP_ERR_USAGE, "the loss is not finite before step %lld: there is nothing to explain",
                   (long long)step);
  set_layers(b);
  set_examples(b);
  see_loss_after(b);
  explain_by_hand(b);
  return GP_OK;
}

void explain_free(explain_book *b) {
  free(b->arrays);
  b->arrays = NULL;
}
