/* Comparing rows; see compare.h. */
#include "compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool gp_real_same(double a, double b) {
  double x = gp_canonical(a), y = gp_canonical(b);
  return memcmp(&x, &y, sizeof x) == 0;
}

static bool cell_same(gp_type type, gp_cell a, gp_cell b) {
  if (type == GP_F64) return gp_real_same(a.real, b.real);
  if (type == GP_TEXT) return strcmp(a.text, b.text) == 0;
  return type == GP_STATE ? a.state == b.state : a.natural == b.natural;
}

static void cell_text(char out[static 64], const gp_variable *variable, gp_cell cell) {
  char buffer[32];
  switch (variable->type) {
  case GP_F64:
    snprintf(out, 64, "%s", gp_text_real(buffer, cell.real));
    break;
  case GP_I64:
    snprintf(out, 64, "%" PRId64, cell.integer);
    break;
  case GP_U64:
    snprintf(out, 64, "%" PRIu64, cell.natural);
    break;
  case GP_TEXT:
    snprintf(out, 64, "'%.60s'", cell.text);
    break;
  case GP_STATE: {
    int words = 0;
    while (variable->meanings[words] != NULL) words++;
    bool known = cell.state >= 0 && cell.state < words;
    snprintf(out, 64, "%.40s (%d)", known ? variable->meanings[cell.state] : "unknown", cell.state);
    break;
  }
  }
}

/* Says which variable it is, and what stands there. */
static void describe(gp_difference *out, const gp_variable *variable, gp_cell a, gp_cell b) {
  *out = (gp_difference){.shape = variable->shape};
  snprintf(out->variable, sizeof out->variable, "%s", variable->name);
  cell_text(out->first, variable, a);
  cell_text(out->second, variable, b);
}

static bool series_same(gp_difference *out, const gp_schema *schema, size_t v, const double *a,
                        const double *b) {
  const gp_variable *variable = &schema->variables[v];
  size_t width = gp_shape_width(variable->shape, schema->layer_count, schema->inner);
  for (size_t i = 0; i < gp_shape_steps(variable->shape, schema->checkpoint_count) * width; i++) {
    if (gp_real_same(a[i], b[i])) continue;
    describe(out, variable, (gp_cell){.real = a[i]}, (gp_cell){.real = b[i]});
    out->place = gp_position_of(variable->shape, i % width, schema->inner, schema->checkpoints[i / width]);
    return false;
  }
  return true;
}

bool gp_rows_same(gp_difference *out, const gp_stage *a, size_t row_a, const gp_stage *b, size_t row_b) {
  const gp_schema *schema = a->schema;
  for (size_t v = 0; v < schema->count; v++) {
    const gp_variable *variable = &schema->variables[v];
    if (a->cells[v] != NULL && !cell_same(variable->type, a->cells[v][row_a], b->cells[v][row_b])) {
      describe(out, variable, a->cells[v][row_a], b->cells[v][row_b]);
      return false;
    }
    size_t count =
        gp_shape_count(variable->shape, schema->checkpoint_count, schema->layer_count, schema->inner);
    if (a->series[v] != NULL &&
        !series_same(out, schema, v, a->series[v] + row_a * count, b->series[v] + row_b * count))
      return false;
  }
  return true;
}
