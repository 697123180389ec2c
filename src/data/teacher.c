/* Regression on the outputs of a random network with one hidden layer, without biases:
 *
 *   h = tanh(W x / sqrt(features)),   y = V h / sqrt(teacher_width) + noise,   x, W, V standard normal
 *
 * Products are single fused multiply-add chains in index order (DESIGN invariant 1). */
#include "data_list.h"

#include <math.h>
#include <stdlib.h>

#include "elementary.h"
#include "generate.h"
#include "rng.h"

typedef struct teacher_options {
  int64_t train, test, features, width, targets;
  double noise;
} teacher_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(teacher_options, 512, 1),
    GP_ROW_TEST(teacher_options, 256),
    GP_INT(teacher_options, features, "features", 16, 1, 65536, "inputs"),
    GP_INT(teacher_options, width, "teacher_width", 16, 1, 65536, "hidden units of the teacher"),
    GP_INT(teacher_options, targets, "targets", 1, 1, 65536, "outputs"),
    GP_REAL(teacher_options, noise, "noise", 0, 0, 100,
            "standard deviation of the Gaussian noise on each target", .flags = GP_NUMERIC),
    GP_OPTIONS_END,
};

/* The teacher's weights and one row's hidden layer, in one block. */
typedef struct teacher_net {
  double *block, *inner, *outer,
      *hidden; /* inner (width, features), outer (targets, width), hidden (width) */
} teacher_net;

/* Standard normal over sqrt(fan_in), so that the hidden sums and the outputs are of order 1 at any width. */
static void draw_weights(double *weight, int64_t count, int64_t fan_in, uint64_t seed, uint32_t layer) {
  gp_stream stream = {.seed = seed, .purpose = GP_PURPOSE_TEACHER, .layer = layer};
  double scale = sqrt((double)fan_in);
  for (int64_t i = 0; i < count; i++) weight[i] = gp_rng_normal(stream, (uint64_t)i) / scale;
}

static gp_status net_make(teacher_net *net, const teacher_options *o, uint64_t seed) {
  /* At most 2^16 each, so the counts cannot overflow. */
  int64_t inner = o->width * o->features, outer = o->targets * o->width;
  net->block = calloc((size_t)(inner + outer + o->width), sizeof *net->block);
  if (net->block == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory for the teacher's weights");
  net->inner = net->block;
  net->outer = net->inner + inner;
  net->hidden = net->outer + outer;
  draw_weights(net->inner, inner, o->features, seed, 0);
  draw_weights(net->outer, outer, o->width, seed, 1);
  return GP_OK;
}

/* out (rows) = weight (rows, columns) in (columns) */
static void multiply(double *out, const double *weight, const double *in, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++) {
    double sum = 0;
    for (int64_t j = 0; j < columns; j++) sum = fma(weight[i * columns + j], in[j], sum);
    out[i] = sum;
  }
}

static void teach_row(double *x, double *y, const teacher_net *net, const teacher_options *o,
                      const gp_draw *draw) {
  for (int64_t j = 0; j < o->features; j++) x[j] = gp_draw_normal(draw, GP_FIELD_POSITION, j, o->features);
  multiply(net->hidden, net->inner, x, o->width, o->features);
  for (int64_t i = 0; i < o->width; i++) net->hidden[i] = gp_tanh(net->hidden[i]);
  multiply(y, net->outer, net->hidden, o->targets, o->width);
  for (int64_t k = 0; k < o->targets && o->noise > 0; k++)
    y[k] += o->noise * gp_draw_normal(draw, GP_FIELD_NOISE, k, o->targets);
}

/* The teacher is drawn from the data seed too (its own purpose): one seed, one task. */
static gp_status make_teacher(gp_dataset *out, const void *settings, uint64_t seed,
                              const gp_data_common *common) {
  const teacher_options *o = settings;
  teacher_net net = {0};
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, o->features, o->targets, 0));
  GP_TRY(net_make(&net, o, seed));
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    teach_row(out->x + i * o->features, out->y + i * o->targets, &net, o, &draw);
  }
  free(net.block);
  return GP_OK;
}

const gp_data_item gp_data_teacher = {
    .item = {.name = "teacher",
             .summary = "outputs of a random tanh network on standard normal inputs (regression)",
             .source = "Gardner and Derrida 1989; Saad and Solla 1995",
             .options = options},
    .make = make_teacher,
};
