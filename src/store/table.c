/* A table over what is stored: a stage that is as long as the study, filled once. */
#include "table_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "h5base.h"

/* What stands where neither file nor journal has a value: as in a pending row. */
static void cells_unknown(gp_table *table) {
  const gp_cell unknown[] = {[GP_F64] = {.real = gp_canonical((double)NAN)},
                             [GP_I64] = {.integer = -1},
                             [GP_U64] = {.natural = 0},
                             [GP_TEXT] = {.text = ""},
                             [GP_STATE] = {.state = 0}};
  for (size_t v = 0; v < table->schema->count; v++) {
    gp_cell *column = table->columns.cells[v];
    for (size_t i = 0; column != NULL && i < table->rows; i++)
      column[i] = unknown[table->schema->variables[v].type];
  }
}

static bool is_named(const char *name, const char *const *names) {
  for (; *names != NULL; names++)
    if (strcmp(*names, name) == 0) return true;
  return false;
}

/* `names` is NULL for all columns. */
static gp_status table_open(gp_table *table, const char *path, const char *const *names) {
  GP_TRY(gp_source_open(&table->source, path));
  gp_source *source = table->source;
  table->schema = gp_source_schema(source);
  if (table->schema == NULL) return gp_fail(GP_ERR_IO, "%s: no such file, and no journal of one", path);
  size_t count = table->schema->count;
  table->rows = source->count;
  table->series = gp_pool_take(&table->pool, count, sizeof *table->series);
  table->wanted = gp_pool_take(&table->pool, count, sizeof *table->wanted);
  if (table->series == NULL || table->wanted == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  for (size_t v = 0; v < count; v++) {
    const gp_variable *variable = &table->schema->variables[v];
    table->wanted[v] = variable->shape == GP_PER_RUN && (names == NULL || is_named(variable->name, names));
  }
  GP_TRY(gp_stage_create(&table->columns, table->schema, source->count, table->wanted));
  cells_unknown(table);
  return gp_source_load(source, &table->columns, NULL, 0, source->count);
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
  for (size_t v = 0; table->series != NULL && v < table->schema->count; v++) gp_stage_free(&table->series[v]);
  gp_stage_free(&table->columns);
  gp_pool_free(&table->pool);
  if (table->source != NULL) GP_H5_QUIET(gp_source_close(table->source));
  free(table);
}

const gp_schema *gp_table_schema(const gp_table *table) {
  return table->schema;
}

size_t gp_table_runs(const gp_table *table) {
  return table->rows;
}

int gp_table_find(const gp_table *table, const char *name) {
  return gp_schema_find(table->schema, name);
}

gp_cell gp_table_cell(const gp_table *table, int variable, size_t run) {
  return table->columns.cells[variable][run];
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
  return table->columns.seconds;
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
