/* Parity: inputs -1 or +1 at random, class 1 when the number of +1 is odd. No single input says anything about the class,
 * and with k inputs the gradients of all 2^k parities are nearly the same (Shalev-Shwartz et al. 2017, section 2). */
#include "data_list.h"
#include "generate.h"

typedef struct parity_options {
  int64_t train, test, features;
  double noise;
} parity_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(parity_options, 512, 1),
    GP_ROW_TEST(parity_options, 256),
    GP_ROW_NOISE(parity_options, 0),
    GP_INT(parity_options, features, "features", 4, 1, 4096, "inputs whose parity is the class"),
    GP_OPTIONS_END,
};

static gp_status make_parity(gp_dataset *out, const void *settings, uint64_t seed,
                             const gp_data_common *common) {
  const parity_options *o = settings;
  (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, o->features, 2, 2));
  for (int64_t i = 0; i < o->train + o->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    int32_t odd = 0;
    for (int64_t j = 0; j < o->features; j++) {
      int32_t up = gp_draw_uniform(&draw, GP_FIELD_POSITION, j, o->features) > 0.5;
      out->x[i * o->features + j] = up ? 1 : -1;
      odd ^= up;
    }
    gp_dataset_set_label(out, i, odd);
    gp_dataset_add_noise(out, i, &draw, o->noise);
  }
  return GP_OK;
}

const gp_data_item gp_data_parity = {
    .item = {.name = "parity",
             .summary = "random signs; the class is whether the number of +1 is odd",
             .source = "Minsky and Papert 1969; Shalev-Shwartz et al. 2017",
             .options = options},
    .make = make_parity,
};
