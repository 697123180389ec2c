/* Where the values of one run, stored for its own checkpoints and layers or for those of an older study, take
 * their places in the study's; what has no place must have been padding. */
#include "stage.h"

#include <stdlib.h>

#include "bytes.h"

static gp_status no_memory(double bytes) {
  return gp_fail(GP_ERR_MEMORY, "no memory for %.0f bytes of results", bytes);
}

/* Elements of a variable's column; false when the number overflows. */
static bool column_count(const gp_stage *stage, const gp_variable *variable, size_t *count) {
  size_t each = gp_shape_steps(variable->shape, stage->schema->checkpoint_count);
  if (__builtin_mul_overflow(
          each, gp_shape_width(variable->shape, stage->schema->layer_count, stage->schema->inner), &each))
    return false;
  return !__builtin_mul_overflow(each, stage->rows, count) && *count < SIZE_MAX / sizeof(double);
}

static void fill_nan(double *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = gp_canonical((double)NAN);
}

/* calloc would do for cells, but a series must begin as NaN: rows that no one fills are then padding already.
 */
static gp_status column_create(gp_stage *stage, size_t v) {
  const gp_variable *variable = &stage->schema->variables[v];
  size_t count;
  if (!column_count(stage, variable, &count)) return no_memory(INFINITY);
  void *column = malloc((count + 1) * sizeof(double));
  if (column == NULL) return no_memory((double)count * sizeof(double));
  if (variable->shape == GP_PER_RUN) {
    stage->cells[v] = memset(column, 0, (count + 1) * sizeof(gp_cell));
  } else {
    stage->series[v] = column;
    fill_nan(column, count);
  }
  return GP_OK;
}

gp_status gp_stage_create(gp_stage *stage, const gp_schema *schema, size_t rows, const bool *wanted) {
  *stage = (gp_stage){.schema = schema, .rows = rows};
  stage->cells = gp_pool_take(&stage->tables, schema->count, sizeof *stage->cells);
  stage->series = gp_pool_take(&stage->tables, schema->count, sizeof *stage->series);
  stage->seconds = gp_pool_take(&stage->tables, rows + 1, sizeof *stage->seconds);
  if (stage->cells == NULL || stage->series == NULL || stage->seconds == NULL)
    return no_memory((double)(schema->count + rows) * sizeof(double));
  fill_nan(stage->seconds, rows);
  for (size_t v = 0; v < schema->count; v++)
    if (wanted[v]) GP_TRY(column_create(stage, v));
  return GP_OK;
}

void gp_stage_free(gp_stage *stage) {
  for (size_t v = 0; stage->series != NULL && stage->cells != NULL && v < stage->schema->count; v++) {
    free(stage->cells[v]);
    free(stage->series[v]);
  }
  gp_pool_free(&stage->tables);
  gp_pool_free(&stage->text);
  free(stage->steps);
  *stage = (gp_stage){0};
}

void gp_stage_reset(gp_stage *stage) {
  gp_pool_clear(&stage->text);
  fill_nan(stage->seconds, stage->rows);
  for (size_t v = 0; v < stage->schema->count; v++) {
    size_t count;
    if (stage->cells[v] != NULL) memset(stage->cells[v], 0, stage->rows * sizeof(gp_cell));
    if (stage->series[v] != NULL && column_count(stage, &stage->schema->variables[v], &count))
      fill_nan(stage->series[v], count);
  }
}

/* Most texts of a sweep are those of the row before. */
gp_status gp_stage_put_text(gp_stage *stage, size_t row, size_t variable, const char *text, size_t length) {
  gp_cell *column = stage->cells[variable];
  const char *before = row > 0 ? column[row - 1].text : NULL;
  bool same = before != NULL && strncmp(before, text, length) == 0 && before[length] == '\0';
  column[row].text = same ? before : gp_pool_text(&stage->text, text, length);
  return column[row].text == NULL ? no_memory((double)length) : GP_OK;
}

gp_status gp_stage_put_cell(gp_stage *stage, size_t row, size_t variable, gp_cell cell) {
  gp_cell *column = stage->cells[variable];
  if (column == NULL) return GP_OK;
  gp_type type = stage->schema->variables[variable].type;
  if (type == GP_TEXT) {
    const char *text = cell.text ? cell.text : "";
    return gp_stage_put_text(stage, row, variable, text, strlen(text));
  }
  if (type == GP_F64) cell.real = gp_canonical(cell.real);
  column[row] = cell;
  return GP_OK;
}

gp_status gp_stage_put_cells(gp_stage *stage, size_t row, const gp_cell *cells) {
  for (size_t v = 0; v < stage->schema->count; v++)
    if (stage->cells[v] != NULL) GP_TRY(gp_stage_put_cell(stage, row, v, cells[v]));
  return GP_OK;
}

/* States are stored as numbers: the words of the shorter list must be those of the longer one. */
static bool meanings_agree(const gp_variable *a, const gp_variable *b) {
  if (a->type != GP_STATE) return true;
  for (size_t i = 0; a->meanings[i] != NULL && b->meanings[i] != NULL; i++)
    if (strcmp(a->meanings[i], b->meanings[i]) != 0) return false;
  return true;
}

gp_status gp_schema_map(int *map, const gp_schema *to, const gp_schema *from) {
  for (size_t v = 0; v < to->count; v++) {
    const gp_variable *wanted = &to->variables[v];
    map[v] = gp_schema_find(from, wanted->name);
    if (map[v] < 0) continue;
    const gp_variable *found = &from->variables[map[v]];
    if (found->type != wanted->type || found->shape != wanted->shape || !meanings_agree(wanted, found))
      return gp_fail(GP_ERR_FILE, "variable '%s' is stored with another type, shape or meaning",
                     wanted->name);
  }
  return GP_OK;
}

gp_status gp_stage_steps(gp_stage *stage, const int64_t *checkpoints, size_t count) {
  if (count > stage->step_room) {
    size_t *steps = realloc(stage->steps, count * sizeof *steps);
    if (steps == NULL) return no_memory((double)count * sizeof *steps);
    stage->steps = steps;
    stage->step_room = count;
  }
  const gp_schema *schema = stage->schema;
  size_t at = 0;
  for (size_t c = 0; c < count; c++) {
    while (at < schema->checkpoint_count && schema->checkpoints[at] < checkpoints[c]) at++;
    bool found = at < schema->checkpoint_count && schema->checkpoints[at] == checkpoints[c];
    stage->steps[c] = found ? at : SIZE_MAX;
  }
  return GP_OK;
}

/* Copies the values that have a place; true when one that has none is a number. */
static bool copy_values(double *to, const double *from, size_t room, size_t count) {
  for (size_t i = 0; i < count && i < room; i++) to[i] = gp_canonical(from[i]);
  for (size_t i = room; i < count; i++)
    if (!isnan(from[i])) return true;
  return false;
}

/* Layers and places of the inner dimension that the values of one checkpoint are laid out over. */
typedef struct block {
  size_t layers, inner;
} block;

static block block_of(gp_shape shape, size_t layers, const size_t inner[GP_INNERS]) {
  return (block){gp_shape_layers(shape, layers), gp_shape_inner(shape, inner)};
}

/* The values of one checkpoint, `to` NULL: it has no place. */
static bool copy_block(double *to, const double *from, block room, block count) {
  if (to == NULL) return copy_values(NULL, from, 0, count.layers * count.inner);
  if (room.inner == count.inner)
    return copy_values(to, from, room.layers * room.inner, count.layers * count.inner);
  bool lost = false;
  for (size_t l = 0; l < count.layers; l++) {
    bool there = l < room.layers;
    lost |= copy_values(there ? to + l * room.inner : NULL, from + l * count.inner, there ? room.inner : 0,
                        count.inner);
  }
  return lost;
}

gp_status gp_stage_put_series(gp_stage *stage, size_t row, size_t variable, const double *values,
                              size_t checkpoints, size_t layers, const size_t inner[GP_INNERS]) {
  const gp_variable *described = &stage->schema->variables[variable];
  gp_shape shape = described->shape;
  block room = block_of(shape, stage->schema->layer_count, stage->schema->inner);
  block count = block_of(shape, layers, inner);
  size_t width = room.layers * room.inner, steps = gp_shape_steps(shape, checkpoints);
  double *to = stage->series[variable] + row * gp_shape_steps(shape, stage->schema->checkpoint_count) * width;
  bool lost = false;
  for (size_t c = 0; c < steps; c++) {
    size_t step = gp_shape_table[shape].steps ? stage->steps[c] : 0;
    lost |= copy_block(step == SIZE_MAX ? NULL : to + step * width, values + c * count.layers * count.inner,
                       room, count);
  }
  if (lost)
    return gp_fail(GP_ERR_FILE, "'%s' holds values at checkpoints or layers that the study does not have",
                   described->name);
  return GP_OK;
}

gp_status gp_stage_put_record(gp_stage *stage, size_t row, const int *map, const gp_record *record) {
  GP_TRY(gp_stage_steps(stage, record->checkpoints, record->checkpoint_count));
  stage->seconds[row] = record->seconds;
  for (size_t v = 0; v < stage->schema->count; v++) {
    if (map[v] < 0) continue;
    if (stage->cells[v] != NULL) GP_TRY(gp_stage_put_cell(stage, row, v, record->cells[map[v]]));
    if (stage->series[v] != NULL && record->series[map[v]] != NULL)
      GP_TRY(gp_stage_put_series(stage, row, v, record->series[map[v]], record->checkpoint_count,
                                 record->layer_count, record->inner));
  }
  return GP_OK;
}
