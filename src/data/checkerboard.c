/* Checkerboard: points uniform in the square [-1, 1]^2, the class is the colour of their field. */
#include "data_list.h"

#include <math.h>

#include "generate.h"

typedef struct checkerboard_options {
  int64_t train, test, fields;
  double noise;
} checkerboard_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(checkerboard_options, 512, 1),
    GP_ROW_TEST(checkerboard_options, 256),
    GP_ROW_NOISE(checkerboard_options, 0),
    GP_INT(checkerboard_options, fields, "fields", 4, 2, 1024, "fields along each side"),
    GP_OPTIONS_END,
};

static gp_status make_checkerboard(gp_dataset *out, const void *settings, uint64_t seed,
                                   const gp_data_common *common) {
  const checkerboard_options *o = settings;
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, 2, 2, 2));
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    int64_t sum = 0;
    for (int64_t j = 0; j < 2; j++) {
      double u = gp_draw_uniform(&draw, GP_FIELD_POSITION, j, 2);
      out->x[2 * i + j] = 2 * u - 1;
      sum += (int64_t)floor(u * (double)o->fields);
    }
    gp_dataset_set_label(out, i, (int32_t)(sum % 2));
    gp_dataset_add_noise(out, i, &draw, o->noise);
  }
  return GP_OK;
}

const gp_data_item gp_data_checkerboard = {
    .item = {.name = "checkerboard",
             .summary = "points of a square, classed by the fields of a checkerboard",
             .source = "",
             .options = options},
    .make = make_checkerboard,
};
