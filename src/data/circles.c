/* Concentric circles, one per class: class k of c has radius (k + 1) / c; the angle is uniform. */
#include "data_list.h"
#include "elementary.h"
#include "generate.h"

typedef struct circles_options {
  int64_t train, test, classes;
  double noise;
} circles_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(circles_options, 512, 1),
    GP_ROW_TEST(circles_options, 256),
    GP_ROW_NOISE(circles_options, 0.1),
    GP_INT(circles_options, classes, "classes", 2, 2, 8, "circles, the outermost of radius 1"),
    GP_OPTIONS_END,
};

/* Every circle has the same number of rows, so the inner ones are denser along their length. */
static void circles_point(double *x, int32_t label, const gp_draw *draw, const void *settings) {
  const circles_options *o = settings;
  double radius = (double)(label + 1) / (double)o->classes;
  double angle = 6.283185307179586 * gp_draw_uniform(draw, GP_FIELD_POSITION, 0, 1);
  x[0] = radius * gp_cos(angle);
  x[1] = radius * gp_sin(angle);
}

static gp_status make_circles(gp_dataset *out, const void *settings, uint64_t seed,
                              const gp_data_common *common) {
  const circles_options *o = settings;
  (void)common;
  gp_point_set set = {.train = o->train,
                      .test = o->test,
                      .features = 2,
                      .classes = o->classes,
                      .noise = o->noise,
                      .point = circles_point};
  return gp_generate_points(out, &set, o, seed);
}

const gp_data_item gp_data_circles = {
    .item = {.name = "circles",
             .summary = "concentric circles, one per class, the outermost of radius 1",
             .source = "",
             .options = options},
    .make = make_circles,
};
