/* Random inputs and random targets, all standard normal and independent: regression without structure, what
 * can only be memorised. */
#include "data_list.h"
#include "generate.h"

typedef struct gaussian_options {
  int64_t train, test, features, targets;
  double deviation;
} gaussian_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(gaussian_options, 256, 1),
    GP_ROW_TEST(gaussian_options, 0),
    GP_INT(gaussian_options, features, "features", 16, 1, 65536, "inputs"),
    GP_INT(gaussian_options, targets, "targets", 1, 1, 65536, "outputs"),
    GP_REAL(gaussian_options, deviation, "deviation", 1, 0, 1e6, "standard deviation of the inputs"),
    GP_OPTIONS_END,
};

/* Inputs and targets are different fields of the stream: independent by construction. */
static gp_status make_gaussian(gp_dataset *out, const void *settings, uint64_t seed,
                               const gp_data_common *common) {
  const gaussian_options *o = settings;
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, o->features, o->targets, 0));
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    double *x = out->x + i * o->features, *y = out->y + i * o->targets;
    for (int64_t j = 0; j < o->features; j++)
      x[j] = o->deviation * gp_draw_normal(&draw, GP_FIELD_POSITION, j, o->features);
    for (int64_t k = 0; k < o->targets; k++) y[k] = gp_draw_normal(&draw, GP_FIELD_TARGET, k, o->targets);
  }
  return GP_OK;
}

const gp_data_item gp_data_gaussian = {
    .item = {.name = "gaussian",
             .summary = "random inputs and random targets, normal (regression)",
             .source = "",
             .options = options},
    .make = make_gaussian,
};
