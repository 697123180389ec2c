/* Regression on a random linear map: y = W x / sqrt(features) + noise, x and W standard normal. What a deep linear net
 * can learn exactly. Products are single fused multiply-add chains in index order (DESIGN invariant 1). */
#include "data_list.h"

#include <math.h>
#include <stdlib.h>

#include "generate.h"
#include "rng.h"

typedef struct linear_teacher_options {
  int64_t train, test, features, targets;
  double noise;
} linear_teacher_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(linear_teacher_options, 256, 1),
    GP_ROW_TEST(linear_teacher_options, 128),
    GP_INT(linear_teacher_options, features, "features", 16, 1, 65536, "inputs"),
    GP_INT(linear_teacher_options, targets, "targets", 4, 1, 65536, "outputs"),
    GP_REAL(linear_teacher_options, noise, "noise", 0, 0, 100,
            "standard deviation of the Gaussian noise on each target", .flags = GP_NUMERIC),
    GP_OPTIONS_END,
};

static void teach_row(double *x, double *y, const double *map, const linear_teacher_options *o,
                      const gp_draw *draw) {
  for (int64_t j = 0; j < o->features; j++) x[j] = gp_draw_normal(draw, GP_FIELD_POSITION, j, o->features);
  for (int64_t k = 0; k < o->targets; k++) {
    for (int64_t j = 0; j < o->features; j++) y[k] = fma(map[k * o->features + j], x[j], y[k]);
    if (o->noise > 0) y[k] += o->noise * gp_draw_normal(draw, GP_FIELD_NOISE, k, o->targets);
  }
}

/* The map is drawn from the data seed too (its own purpose): one seed, one task. */
static gp_status make_linear_teacher(gp_dataset *out, const void *settings, uint64_t seed,
                                     const gp_data_common *common) {
  const linear_teacher_options *o = settings;
  gp_stream stream = {.seed = seed, .purpose = GP_PURPOSE_TEACHER};
  int64_t count = o->features * o->targets; /* at most 2^32 */
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, o->features, o->targets, 0));
  double *map = calloc((size_t)count, sizeof *map);
  if (map == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory for the teacher's weights");
  for (int64_t i = 0; i < count; i++) map[i] = gp_rng_normal(stream, (uint64_t)i) / sqrt((double)o->features);
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    teach_row(out->x + i * o->features, out->y + i * o->targets, map, o, &draw);
  }
  free(map);
  return GP_OK;
}

const gp_data_item gp_data_linear_teacher = {
    .item = {.name = "linear_teacher",
             .summary = "outputs of a random linear map on standard normal inputs (regression)",
             .source = "Saxe et al. 2014",
             .options = options},
    .make = make_linear_teacher,
};
