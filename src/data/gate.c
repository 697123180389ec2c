/* A logic gate of two inputs: the four corners of the unit square and what the gate answers.
 *
 *   row 0: (0, 0)    row 1: (0, 1)    row 2: (1, 0)    row 3: (1, 1)
 *
 * A line separates the answers of all gates here but xor: a perceptron learns them (Novikoff 1962). */
#include "data_list.h"
#include "generate.h"

enum { GATES = 5 };
static const char *const gates[] = {"and", "or", "nand", "nor", "xor", NULL};
static const int32_t answers[GATES][4] = {
    {0, 0, 0, 1}, {0, 1, 1, 1}, {1, 1, 1, 0}, {1, 0, 0, 0}, {0, 1, 1, 0}};

typedef struct gate_options {
  int gate;
} gate_options;

static const gp_option options[] = {
    GP_WORD(gate_options, gate, "gate", gates, 0, "which gate"),
    GP_OPTIONS_END,
};

static gp_status make_gate(gp_dataset *out, const void *settings, uint64_t seed,
                           const gp_data_common *common) {
  const gate_options *o = settings;
  (void)seed, (void)common;
  GP_TRY(gp_dataset_allocate(out, 4, 0, 2, 2, 2));
  for (int32_t i = 0; i < 4; i++) {
    out->x[2 * i] = i / 2;
    out->x[2 * i + 1] = i % 2;
    gp_dataset_set_label(out, i, answers[o->gate][i]);
  }
  return GP_OK;
}

const gp_data_item gp_data_gate = {
    .item = {.name = "gate",
             .summary = "the four points of a logic gate of two inputs",
             .source = "McCulloch and Pitts 1943; Minsky and Papert 1969",
             .options = options},
    .make = make_gate,
};
