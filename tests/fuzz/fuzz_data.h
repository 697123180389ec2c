/* Making a data set of any bytes. */
#ifndef FUZZ_DATA_H
#define FUZZ_DATA_H

#include "dataset.h"
#include "fuzz_input.h"

static inline void fuzz_set_text(gp_choice *choice, const char *name, const char *text) {
  const gp_option *option = gp_option_find(choice->item->options, name);
  *(const char **)gp_option_field(option, choice->options) = text;
}

/* Makes and frees the data set; a failure must have left a message and no memory. */
static inline void fuzz_make(const gp_choice *choice) {
  gp_data_common common = {.first = INT64_MIN, .split = 0.8, .scaling = GP_SCALING_STANDARDIZE};
  gp_dataset data;
  gp_status status = gp_dataset_make(&data, choice, &common);
  if (status != GP_OK && (gp_message()[0] == '\0' || data.x != NULL)) __builtin_trap();
  if (status == GP_OK && (data.train < 1 || data.classes == 1)) __builtin_trap();
  gp_dataset_free(&data);
}

#endif
