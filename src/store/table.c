/* A table over what is stored. Its columns are read some at a time, in a stage that is as long as the study, and a column
 * of one value throughout (most parameters of a sweep are) is kept as that value: a million runs are to fit. */
#include "table_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "h5base.h"

/* What stands where neither file nor journal has a value: as in a pending row. */
static void cells_unknown(gp_stage *columns) {
  const gp_cell unknown[] = {[GP_F64] = {.real = gp_canonical((double)NAN)},
                             [GP_I64] = {.integer = -1},
                             [GP_U64] = {.natural = 0},
                             [GP_TEXT] = {.text = ""},
                             [GP_STATE] = {.state = 0}};
  for (size_t v = 0; v < columns->schema->count; v++) {
    gp_cell *column = columns->cells[v];
    for (size_t i = 0; column != NULL && i < columns->rows; i++)
      column[i] = unknown[columns->schema->variables[v].type];
  }
}

static bool is_named(const char *name, const char *const *names) {
  for (; *names != NULL; names++)
    if (strcmp(*names, name) == 0) return true;
  return false;
}

/* The value of a cell in eight bytes; of equal texts in a row the stage keeps one copy. */
static uint64_t cell_bits(const gp_variable *variable, const gp_cell *cell) {
  uint64_t bits = 0;
  if (variable->type == GP_STATE) return (unsigned char)cell->state;
  memcpy(&bits, cell, sizeof bits);
  return bits;
}

/* Takes a column over from the stage, or its one value (a shrunk array would leave a hole that no other one fits). */
static gp_status column_take(gp_table *table, size_t v, gp_stage *stage) {
  const gp_variable *variable = &table->schema->variables[v];
  gp_cell *column = stage->cells[v];
  uint64_t first = cell_bits(variable, column);
  table->stride[v] = 0;
  for (size_t i = 1; i < stage->rows && table->stride[v] == 0; i++)
    table->stride[v] = cell_bits(variable, &column[i]) != first;
  if (table->stride[v] != 0) {
    table->cells[v] = column;
    stage->cells[v] = NULL;
    return GP_OK;
  }
  table->cells[v] = malloc(sizeof *column);
  if (table->cells[v] == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a column");
  *table->cells[v] = *column;
  return GP_OK;
}

/* Reads the wanted columns. What the runs took comes with every group, and is the same each time. */
static gp_status group_load(gp_table *table) {
  gp_stage stage;
  size_t rows = table->source->count;
  gp_status status = gp_stage_create(&stage, table->schema, rows, table->wanted);
  if (status == GP_OK) {
    cells_unknown(&stage);
    status = gp_source_load(table->source, &stage, NULL, 0, rows);
  }
  for (size_t v = 0; v < table->schema->count && status == GP_OK; v++)
    if (table->wanted[v]) status = column_take(table, v, &stage);
  if (status == GP_OK) memcpy(table->seconds, stage.seconds, rows * sizeof *table->seconds);
  gp_pool_join(&table->text, &stage.text);
  gp_stage_free(&stage);
  return status;
}

/* All per-run columns or the named ones, as many at a time as GROUP_BYTES allows. A journal is read once for each group. */
static gp_status columns_load(gp_table *table, const char *const *names) {
  enum { GROUP_BYTES = 128 << 20 };
  size_t most = GROUP_BYTES / ((table->source->count + 1) * sizeof(gp_cell)), count = table->schema->count;
  gp_status status = GP_OK;
  for (size_t v = 0; v < count && status == GP_OK;) {
    size_t taken = 0;
    memset(table->wanted, 0, count * sizeof *table->wanted);
    for (; v < count && taken <= most; v++) {
      const gp_variable *variable = &table->schema->variables[v];
      table->wanted[v] = variable->shape == GP_PER_RUN && (names == NULL || is_named(variable->name, names));
      taken += table->wanted[v];
    }
    status = group_load(table);
  }
  return status;
}

static int compare_names(const void *a, const void *b, void *context) {
  const gp_variable *variables = context;
  return strcmp(variables[*(const int *)a].name, variables[*(const int *)b].name);
}

static void sort_names(gp_table *table) {
  for (size_t v = 0; v < table->schema->count; v++) table->by_name[v] = (int)v;
  qsort_r(table->by_name, table->schema->count, sizeof *table->by_name, compare_names,
          (void *)table->schema->variables);
}

gp_status gp_table_arrays(gp_table *table) {
  size_t count = table->schema->count;
  table->series = gp_pool_take(&table->pool, count, sizeof *table->series);
  table->wanted = gp_pool_take(&table->pool, count, sizeof *table->wanted);
  table->cells = gp_pool_take(&table->pool, count, sizeof *table->cells);
  table->stride = gp_pool_take(&table->pool, count, sizeof *table->stride);
  table->by_name = gp_pool_take(&table->pool, count, sizeof *table->by_name);
  table->seconds = gp_pool_take(&table->pool, table->rows + 1, sizeof *table->seconds);
  if (table->series == NULL || table->wanted == NULL || table->cells == NULL || table->stride == NULL ||
      table->by_name == NULL || table->seconds == NULL)
    return gp_fail(GP_ERR_MEMORY, "no memory for a table of %zu runs", table->rows);
  sort_names(table);
  return GP_OK;
}

/* `names` is NULL for all columns. */
static gp_status table_open(gp_table *table, const char *path, const char *const *names) {
  GP_TRY(gp_source_open(&table->source, path));
  table->schema = gp_source_schema(table->source);
  if (table->schema == NULL) return gp_fail(GP_ERR_IO, "%s: no such file, and no journal of one", path);
  table->rows = table->source->count;
  GP_TRY(gp_table_arrays(table));
  return columns_load(table, names);
}

gp_status gp_table_open(gp_table **out, const char *path) {
  return gp_table_open_columns(out, path, NULL);
}

gp_status gp_table_open_columns(gp_table **out, const char *path, const char *const *names) {
  *out = NULL;
  gp_table *table = calloc(1, sizeof *table);
  if (table == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  gp_status status;
  GP_H5_QUIET(status = table_open(table, path, names));
  if (status == GP_OK)
    *out = table;
  else
    gp_table_close(table);
  return status;
}

void gp_table_close(gp_table *table) {
  if (table == NULL) return;
  for (size_t v = 0; table->seconds != NULL && v < table->schema->count; v++) {
    gp_stage_free(&table->series[v]);
    free(table->cells[v]);
  }
  gp_pool_free(&table->pool);
  gp_pool_free(&table->text);
  if (table->source != NULL) GP_H5_QUIET(gp_source_close(table->source));
  free(table);
}

bool gp_table_same(const gp_table *table, int variable, size_t a, size_t b) {
  const gp_variable *described = &table->schema->variables[variable];
  gp_cell x = gp_table_cell(table, variable, a), y = gp_table_cell(table, variable, b);
  if (table->stride[variable] == 0) return true;
  if (described->type == GP_TEXT) return x.text == y.text || strcmp(x.text, y.text) == 0;
  return cell_bits(described, &x) == cell_bits(described, &y);
}

const gp_schema *gp_table_schema(const gp_table *table) {
  return table->schema;
}

size_t gp_table_runs(const gp_table *table) {
  return table->rows;
}

/* Charts ask for columns by name, run by run. */
int gp_table_find(const gp_table *table, const char *name) {
  size_t low = 0, high = table->schema->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = strcmp(name, table->schema->variables[table->by_name[middle]].name);
    if (order == 0) return table->by_name[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return -1;
}

gp_cell gp_table_cell(const gp_table *table, int variable, size_t run) {
  return table->cells[variable][run * table->stride[variable]];
}

double gp_table_real(const gp_table *table, int variable, size_t run) {
  gp_cell cell = gp_table_cell(table, variable, run);
  switch (table->schema->variables[variable].type) {
  case GP_F64:
    return cell.real;
  case GP_I64:
    return (double)cell.integer;
  case GP_U64:
    return (double)cell.natural;
  case GP_STATE:
    return cell.state;
  default:
    return gp_canonical((double)NAN);
  }
}

/* The word of a state, or NULL when the file's list has none for it. */
static const char *state_word(const gp_variable *variable, int state) {
  for (int i = 0; variable->meanings[i] != NULL; i++)
    if (i == state) return variable->meanings[i];
  return NULL;
}

const char *gp_table_word(const gp_table *table, int variable, size_t run, char buffer[static 32]) {
  const gp_variable *described = &table->schema->variables[variable];
  gp_cell cell = gp_table_cell(table, variable, run);
  const char *word = NULL;
  switch (described->type) {
  case GP_TEXT:
    return cell.text;
  case GP_F64:
    return gp_text_real(buffer, cell.real);
  case GP_I64:
    snprintf(buffer, 32, "%" PRId64, cell.integer);
    return buffer;
  case GP_U64:
    snprintf(buffer, 32, "%" PRIu64, cell.natural);
    return buffer;
  case GP_STATE:
    word = state_word(described, cell.state);
    break;
  }
  if (word != NULL) return word;
  snprintf(buffer, 32, "%d", cell.state);
  return buffer;
}

static gp_status series_load(gp_table *table, int variable) {
  gp_stage *stage = &table->series[variable];
  for (size_t v = 0; v < table->schema->count; v++) table->wanted[v] = v == (size_t)variable;
  gp_status status = gp_stage_create(stage, table->schema, table->rows, table->wanted);
  if (status == GP_OK)
    status = table->parts != NULL ? gp_table_join_series(table, stage, variable)
                                  : gp_source_load(table->source, stage, NULL, 0, table->rows);
  if (status != GP_OK) gp_stage_free(stage);
  return status;
}

gp_status gp_table_series(gp_table *table, int variable, const double **out) {
  gp_status status = GP_OK;
  *out = NULL;
  if (table->schema->variables[variable].shape == GP_PER_RUN)
    return gp_fail(GP_ERR_USAGE, "'%s' is not a series", table->schema->variables[variable].name);
  if (table->series[variable].series == NULL) GP_H5_QUIET(status = series_load(table, variable));
  if (status == GP_OK) *out = table->series[variable].series[variable];
  return status;
}

const double *gp_table_seconds(const gp_table *table) {
  return table->seconds;
}

const char *gp_table_attribute(const gp_table *table, const char *name) {
  for (size_t a = 0; a < table->schema->attribute_count; a++)
    if (strcmp(table->schema->attributes[a].name, name) == 0) return table->schema->attributes[a].text;
  return NULL;
}

const gp_attribute *gp_table_provenance(const gp_table *table, size_t *count) {
  const gp_h5_reader *file = table->source != NULL ? table->source->file : NULL;
  *count = file == NULL ? 0 : file->provenance_count;
  return file == NULL ? NULL : file->provenance;
}
