/* Archimedean spirals, one arm per class: radius t, angle 2 pi (turns t + class / classes), t uniform in (0,
 * 1). */
#include "data_list.h"
#include "elementary.h"
#include "generate.h"

typedef struct spirals_options {
  int64_t train, test, classes;
  double noise, turns;
} spirals_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(spirals_options, 512, 1),
    GP_ROW_TEST(spirals_options, 256),
    GP_ROW_NOISE(spirals_options, 0.1),
    GP_REAL(spirals_options, turns, "turns", 1, 0, 16, "turns of an arm from the centre to radius 1",
            .flags = GP_NUMERIC),
    GP_INT(spirals_options, classes, "classes", 2, 2, 8, "arms"),
    GP_OPTIONS_END,
};

/* Uniform in radius, not in arc length: the centre, where the arms meet, is sampled as densely as the rim. */
static void spirals_point(double *x, int32_t label, const gp_draw *draw, const void *settings) {
  const spirals_options *o = settings;
  double t = gp_draw_uniform(draw, GP_FIELD_POSITION, 0, 1);
  double angle = 6.283185307179586 * (o->turns * t + (double)label / (double)o->classes);
  x[0] = t * gp_cos(angle);
  x[1] = t * gp_sin(angle);
}

static gp_status make_spirals(gp_dataset *out, const void *settings, uint64_t seed,
                              const gp_data_common *common) {
  const spirals_options *o = settings;
  (void)common;
  gp_point_set set = {.train = o->train,
                      .test = o->test,
                      .features = 2,
                      .classes = o->classes,
                      .noise = o->noise,
                      .point = spirals_point};
  return gp_generate_points(out, &set, o, seed);
}

const gp_data_item gp_data_spirals = {
    .item = {.name = "spirals",
             .summary = "interleaved Archimedean spirals of unit radius, one arm per class",
             .source = "Lang and Witbrock 1988, Learning to tell two spirals apart",
             .options = options},
    .make = make_spirals,
};
