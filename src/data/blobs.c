/* Gaussian clouds, one per class, their centres equally spaced on the unit circle of the first two inputs.
 * Further inputs carry noise only. */
#include "data_list.h"
#include "elementary.h"
#include "generate.h"

typedef struct blobs_options {
  int64_t train, test, classes, features;
  double noise;
} blobs_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(blobs_options, 512, 1),
    GP_ROW_TEST(blobs_options, 256),
    GP_ROW_NOISE(blobs_options, 0.3),
    GP_INT(blobs_options, classes, "classes", 3, 2, 64, "clouds"),
    GP_INT(blobs_options, features, "features", 2, 2, 65536, "inputs; from the third on they are noise"),
    GP_OPTIONS_END,
};

/* The centre alone: the noise that is added to every input makes the cloud. */
static void blobs_point(double *x, int32_t label, const gp_draw *draw, const void *settings) {
  const blobs_options *o = settings;
  (void)draw;
  double angle = 6.283185307179586 * (double)label / (double)o->classes;
  x[0] = gp_cos(angle);
  x[1] = gp_sin(angle);
}

static gp_status make_blobs(gp_dataset *out, const void *settings, uint64_t seed,
                            const gp_data_common *common) {
  const blobs_options *o = settings;
  (void)common;
  gp_point_set set = {.train = o->train,
                      .test = o->test,
                      .features = o->features,
                      .classes = o->classes,
                      .noise = o->noise,
                      .point = blobs_point};
  return gp_generate_points(out, &set, o, seed);
}

const gp_data_item gp_data_blobs = {
    .item = {.name = "blobs",
             .summary = "Gaussian clouds around points of the unit circle, one per class",
             .source = "",
             .options = options},
    .make = make_blobs,
};
