/* Regression of y = sin(frequency x) + noise, x uniform in (-pi, pi). */
#include "data_list.h"
#include "elementary.h"
#include "generate.h"

typedef struct sine_options {
  int64_t train, test;
  double frequency, noise;
} sine_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(sine_options, 256, 1),
    GP_ROW_TEST(sine_options, 128),
    GP_REAL(sine_options, frequency, "frequency", 1, 0, 1e6, "periods over the range of x",
            .flags = GP_NUMERIC),
    GP_REAL(sine_options, noise, "noise", 0, 0, 100, "standard deviation of the Gaussian noise on the target",
            .flags = GP_NUMERIC),
    GP_OPTIONS_END,
};

static gp_status make_sine(gp_dataset *out, const void *settings, uint64_t seed,
                           const gp_data_common *common) {
  const sine_options *o = settings;
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, 1, 1, 0));
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    out->x[i] = 3.141592653589793 * (2 * gp_draw_uniform(&draw, GP_FIELD_POSITION, 0, 1) - 1);
    out->y[i] = gp_sin(o->frequency * out->x[i]);
    if (o->noise > 0) out->y[i] += o->noise * gp_draw_normal(&draw, GP_FIELD_NOISE, 0, 1);
  }
  return GP_OK;
}

const gp_data_item gp_data_sine = {
    .item = {.name = "sine",
             .summary = "y = sin(frequency x), x uniform in (-pi, pi) (regression)",
             .source = "",
             .options = options},
    .make = make_sine,
};
