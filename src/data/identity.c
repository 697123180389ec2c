/* The autoencoder's task: the target is the input, y = x, on standard normal inputs. */
#include "data_list.h"
#include "generate.h"

typedef struct identity_options {
  int64_t train, test, features;
} identity_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(identity_options, 256, 1),
    GP_ROW_TEST(identity_options, 128),
    GP_INT(identity_options, features, "features", 16, 1, 65536, "inputs, and as many targets"),
    GP_OPTIONS_END,
};

/* Inputs are scaled after this (data.scale), targets are not: the target is the input as drawn. */
static gp_status make_identity(gp_dataset *out, const void *settings, uint64_t seed,
                               const gp_data_common *common) {
  const identity_options *o = settings;
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, o->features, o->features, 0));
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    double *x = out->x + i * o->features, *y = out->y + i * o->features;
    for (int64_t j = 0; j < o->features; j++)
      y[j] = x[j] = gp_draw_normal(&draw, GP_FIELD_POSITION, j, o->features);
  }
  return GP_OK;
}

const gp_data_item gp_data_identity = {
    .item = {.name = "identity",
             .summary = "targets equal to standard normal inputs: the autoencoder's task (regression)",
             .source = "",
             .options = options},
    .make = make_identity,
};
