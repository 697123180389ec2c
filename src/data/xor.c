/* Exclusive or: the four corners of the unit square, the smallest data no linear classifier separates.
 *
 *   row 0: (0, 0) -> 0    row 1: (0, 1) -> 1    row 2: (1, 0) -> 1    row 3: (1, 1) -> 0
 *
 * Rows 0 to 3 are exact. Further training rows, and all test rows, are noisy copies in the same order. */
#include "data_list.h"
#include "generate.h"

typedef struct xor_options {
  int64_t train, test;
  double noise;
} xor_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(xor_options, 4, 4),
    GP_ROW_TEST(xor_options, 0),
    GP_REAL(xor_options, noise, "noise", 0.1, 0, 100,
            "standard deviation of the Gaussian noise on each input of the rows after the first four",
            .flags = GP_NUMERIC),
    GP_OPTIONS_END,
};

static gp_status make_xor(gp_dataset *out, const void *settings, uint64_t seed,
                          const gp_data_common *common) {
  const xor_options *o = settings;
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, 2, 2, 2));
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    int32_t a = draw.row / 2 % 2, b = draw.row % 2;
    out->x[2 * i] = a;
    out->x[2 * i + 1] = b;
    gp_dataset_set_label(out, i, a ^ b);
    if (i >= 4) gp_dataset_add_noise(out, i, &draw, o->noise);
  }
  return GP_OK;
}

const gp_data_item gp_data_xor = {
    .item = {.name = "xor",
             .summary = "the four points of exclusive or, or noisy copies of them",
             .source = "Minsky and Papert 1969, Perceptrons",
             .options = options},
    .make = make_xor,
};
