/* Two interleaving half circles of radius 1: class 0 the upper one around (0, 0), class 1 the lower one
 * around (1, 1/2), so that each one's end lies in the other's opening. */
#include "data_list.h"
#include "elementary.h"
#include "generate.h"

typedef struct moons_options {
  int64_t train, test;
  double noise;
} moons_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(moons_options, 512, 1),
    GP_ROW_TEST(moons_options, 256),
    GP_ROW_NOISE(moons_options, 0.1),
    GP_OPTIONS_END,
};

/* One angle in (0, pi) per row; the lower moon is the upper one turned and shifted. */
static void moons_point(double *x, int32_t label, const gp_draw *draw, const void *settings) {
  (void)settings;
  double angle = 3.141592653589793 * gp_draw_uniform(draw, GP_FIELD_POSITION, 0, 1);
  double c = gp_cos(angle), s = gp_sin(angle);
  x[0] = label == 0 ? c : 1 - c;
  x[1] = label == 0 ? s : 0.5 - s;
}

static gp_status make_moons(gp_dataset *out, const void *settings, uint64_t seed,
                            const gp_data_common *common) {
  const moons_options *o = settings;
  (void)common;
  gp_point_set set = {.train = o->train,
                      .test = o->test,
                      .features = 2,
                      .classes = 2,
                      .noise = o->noise,
                      .point = moons_point};
  return gp_generate_points(out, &set, o, seed);
}

const gp_data_item gp_data_moons = {
    .item = {.name = "moons", .summary = "two interleaving half circles", .source = "", .options = options},
    .make = make_moons,
};
