/* The same input and the same target in every row: the smallest task there is. With value 1, target 0 and the loss f^2/2
 * a linear net of one hidden layer is the model of the catapult (SCIENCE section 4). */
#include "data_list.h"
#include "generate.h"

typedef struct constant_options {
  int64_t train, test, features, targets;
  double value, target;
} constant_options;

static const gp_option options[] = {
    GP_ROW_SAMPLES(constant_options, 1, 1),
    GP_ROW_TEST(constant_options, 0),
    GP_INT(constant_options, features, "features", 1, 1, 65536, "inputs"),
    GP_INT(constant_options, targets, "targets", 1, 1, 65536, "outputs"),
    GP_REAL(constant_options, value, "value", 1, -1e6, 1e6, "every input", .flags = GP_NUMERIC),
    GP_REAL(constant_options, target, "target_value", 0, -1e6, 1e6, "every target", .flags = GP_NUMERIC),
    GP_OPTIONS_END,
};

static gp_status make_constant(gp_dataset *out, const void *settings, uint64_t seed,
                               const gp_data_common *common) {
  const constant_options *o = settings;
  int64_t rows = o->train + o->test;
  (void)seed, (void)common;
  GP_TRY(gp_dataset_allocate(out, o->train, o->test, o->features, o->targets, 0));
  for (int64_t i = 0; i < rows * o->features; i++) out->x[i] = o->value;
  for (int64_t i = 0; i < rows * o->targets; i++) out->y[i] = o->target;
  return GP_OK;
}

const gp_data_item gp_data_constant = {
    .item = {.name = "constant",
             .summary = "one input and one target, the same in every row (regression)",
             .source = "Lewkowycz et al. 2020",
             .options = options},
    .make = make_constant,
};
