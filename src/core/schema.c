#include "schema.h"

#include <stdio.h>

const char *const gp_run_state_words[] = {"pending",       "done",  "stopped", "timeout",
                                          "out_of_memory", "error", NULL};

const gp_inner_item gp_inner_table[GP_INNERS] = {
    [GP_BIN] = {"bin", "bin of a histogram", 0},
    [GP_EIGENVALUE] = {"eigenvalue", "rank of the eigenvalue, the largest first", 1},
    [GP_SINGULAR_VALUE] = {"singular_value", "rank of the singular value, the largest first", 1},
};

const gp_shape_item gp_shape_table[GP_SHAPES] = {
    [GP_PER_RUN] = {0},
    [GP_PER_CHECKPOINT] = {.steps = true},
    [GP_PER_LAYER] = {.steps = true, .layers = true},
    [GP_PER_RUN_LAYER] = {.layers = true},
    [GP_PER_VALUE_BIN] = {true, true, GP_BIN, GP_BINS_VALUE},
    [GP_PER_MAGNITUDE_BIN] = {true, true, GP_BIN, GP_BINS_MAGNITUDE},
    [GP_PER_EIGENVALUE] = {.steps = true, .inner = GP_EIGENVALUE},
    [GP_PER_SINGULAR_VALUE] = {.steps = true, .inner = GP_SINGULAR_VALUE},
    [GP_PER_LAYER_SINGULAR_VALUE] = {.steps = true, .layers = true, .inner = GP_SINGULAR_VALUE},
};

gp_position gp_position_of(gp_shape shape, size_t i, const size_t inner[GP_INNERS], int64_t checkpoint) {
  size_t length = gp_shape_inner(shape, inner);
  return (gp_position){.checkpoint = checkpoint,
                       .layer = i / length + 1,
                       .inner = i % length + (size_t)gp_inner_table[gp_shape_table[shape].inner].first};
}

void gp_position_text(char out[GP_POSITION_TEXT], gp_shape shape, const gp_position *place) {
  const gp_shape_item *over = &gp_shape_table[shape];
  int used = 0;
  out[0] = '\0';
  if (over->steps) used += snprintf(out, GP_POSITION_TEXT, "step %lld", (long long)place->checkpoint);
  if (over->layers)
    used += snprintf(out + used, GP_POSITION_TEXT - (size_t)used, "%slayer %zu", used > 0 ? ", " : "",
                     place->layer);
  if (over->inner != GP_NO_INNER)
    snprintf(out + used, GP_POSITION_TEXT - (size_t)used, ", %s %zu", gp_inner_table[over->inner].name,
             place->inner);
}
