/* Several tables as one: a schema that holds them all, cells copied, series when they are asked for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "table_inside.h"

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to compare the files");
}

/* Variables of all parts, each once, and the labels' column last. */
static gp_status join_variables(gp_schema *schema, gp_table *table) {
  size_t room = 1, count = 0;
  for (size_t p = 0; p < table->part_count; p++) room += table->parts[p]->schema->count;
  gp_variable *variables = gp_pool_take(&table->pool, room, sizeof *variables);
  if (variables == NULL) return no_memory();
  schema->variables = variables;
  for (size_t p = 0; p < table->part_count; p++) {
    const gp_schema *part = table->parts[p]->schema;
    for (size_t v = 0; v < part->count; v++) {
      schema->count = count;
      bool known = gp_schema_find(schema, part->variables[v].name) >= 0 ||
                   strcmp(part->variables[v].name, "file") == 0;
      if (!known) variables[count++] = part->variables[v];
    }
  }
  variables[count++] = (gp_variable){
      .name = "file", .long_name = "result file", .units = "1", .shape = GP_PER_RUN, .type = GP_TEXT};
  schema->count = count;
  return GP_OK;
}

static int by_step(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static gp_status join_checkpoints(gp_schema *schema, gp_table *table) {
  size_t room = 1, count = 0, kept = 0;
  for (size_t p = 0; p < table->part_count; p++) room += table->parts[p]->schema->checkpoint_count;
  int64_t *steps = gp_pool_take(&table->pool, room, sizeof *steps);
  if (steps == NULL) return no_memory();
  for (size_t p = 0; p < table->part_count; p++) {
    const gp_schema *part = table->parts[p]->schema;
    for (size_t k = 0; k < part->checkpoint_count; k++) steps[count++] = part->checkpoints[k];
    if (part->layer_count > schema->layer_count) schema->layer_count = part->layer_count;
    for (int i = 0; i < GP_INNERS; i++)
      if (part->inner[i] > schema->inner[i]) schema->inner[i] = part->inner[i];
  }
  qsort(steps, count, sizeof *steps, by_step);
  for (size_t k = 0; k < count; k++)
    if (kept == 0 || steps[kept - 1] != steps[k]) steps[kept++] = steps[k];
  schema->checkpoints = steps;
  schema->checkpoint_count = kept;
  return GP_OK;
}

static bool lists_axis(const gp_text *axes, const char *name, size_t length) {
  for (const char *at = axes->length > 0 ? axes->data : ""; *at != '\0';
       at += strcspn(at, " "), at += *at == ' ')
    if (strcspn(at, " ") == length && strncmp(at, name, length) == 0) return true;
  return false;
}

/* Attributes of the first table; `axes` are those of any, and `file`. */
static gp_status join_attributes(gp_schema *schema, gp_table *table) {
  static const char apart[] = ", []\"\n";
  const gp_schema *first = table->parts[0]->schema;
  gp_text axes = {0};
  for (size_t p = 0; p < table->part_count; p++) {
    const char *at = gp_table_attribute(table->parts[p], "axes");
    for (at = at != NULL ? at + strspn(at, apart) : ""; *at != '\0'; at += strspn(at, apart)) {
      size_t length = strcspn(at, apart);
      if (!lists_axis(&axes, at, length)) gp_text_add(&axes, "%.*s ", (int)length, at);
      at += length;
    }
  }
  gp_text_add(&axes, "file");
  gp_attribute *attributes = gp_pool_take(&table->pool, first->attribute_count + 1, sizeof *attributes);
  char *text = axes.failed ? NULL : gp_pool_text(&table->pool, axes.data, axes.length);
  gp_text_free(&axes);
  if (attributes == NULL || text == NULL) return no_memory();
  for (size_t a = 0; a < first->attribute_count; a++)
    if (strcmp(first->attributes[a].name, "axes") != 0)
      attributes[schema->attribute_count++] = first->attributes[a];
  attributes[schema->attribute_count++] = (gp_attribute){"axes", text};
  schema->attributes = attributes;
  return GP_OK;
}

static gp_status make_schema(gp_table *table) {
  gp_schema *schema = gp_pool_take(&table->pool, 1, sizeof *schema);
  if (schema == NULL) return no_memory();
  table->schema = schema;
  GP_TRY(join_variables(schema, table));
  GP_TRY(join_checkpoints(schema, table));
  return join_attributes(schema, table);
}

/* What a table without the column holds: as in a pending row. */
static gp_cell unknown_of(gp_type type) {
  switch (type) {
  case GP_F64:
    return (gp_cell){.real = (double)NAN};
  case GP_I64:
    return (gp_cell){.integer = -1};
  case GP_TEXT:
    return (gp_cell){.text = ""};
  default:
    return (gp_cell){.natural = 0};
  }
}

/* One column of all parts, one after the other. */
static gp_status join_column(gp_table *table, size_t v, const char *const *labels) {
  const gp_variable *variable = &table->schema->variables[v];
  gp_cell *column = malloc((table->rows + 1) * sizeof *column);
  size_t row = 0;
  if (column == NULL) return no_memory();
  table->cells[v] = column;
  table->stride[v] = 1;
  for (size_t p = 0; p < table->part_count; p++) {
    const gp_table *part = table->parts[p];
    bool is_label = v + 1 == table->schema->count;
    int own = is_label ? -1 : gp_table_find(part, variable->name);
    gp_cell missing = is_label ? (gp_cell){.text = labels[p]} : unknown_of(variable->type);
    for (size_t r = 0; r < part->rows; r++) column[row++] = own >= 0 ? gp_table_cell(part, own, r) : missing;
  }
  return GP_OK;
}

static gp_status join_cells(gp_table *table, const char *const *labels) {
  double *seconds = table->seconds;
  for (size_t v = 0; v < table->schema->count; v++)
    if (table->schema->variables[v].shape == GP_PER_RUN) GP_TRY(join_column(table, v, labels));
  for (size_t p = 0; p < table->part_count; p++) {
    memcpy(seconds, gp_table_seconds(table->parts[p]), table->parts[p]->rows * sizeof *seconds);
    seconds += table->parts[p]->rows;
  }
  return GP_OK;
}

gp_status gp_table_join_series(gp_table *table, gp_stage *stage, int variable) {
  const gp_variable *wanted = &table->schema->variables[variable];
  size_t row = 0;
  for (size_t p = 0; p < table->part_count; p++) {
    gp_table *part = table->parts[p];
    const double *values = NULL;
    int own = gp_table_find(part, wanted->name);
    if (own >= 0) GP_TRY(gp_table_series(part, own, &values));
    GP_TRY(gp_stage_steps(stage, part->schema->checkpoints, part->schema->checkpoint_count));
    size_t size = gp_shape_steps(wanted->shape, part->schema->checkpoint_count) *
                  gp_shape_width(wanted->shape, part->schema->layer_count, part->schema->inner);
    for (size_t r = 0; r < part->rows && values != NULL; r++)
      GP_TRY(gp_stage_put_series(stage, row + r, (size_t)variable, values + r * size,
                                 part->schema->checkpoint_count, part->schema->layer_count,
                                 part->schema->inner));
    row += part->rows;
  }
  return GP_OK;
}

static gp_status join(gp_table *table, const char *const *labels) {
  GP_TRY(make_schema(table));
  for (size_t p = 0; p < table->part_count; p++) table->rows += table->parts[p]->rows;
  GP_TRY(gp_table_arrays(table));
  return join_cells(table, labels);
}

gp_status gp_table_join(gp_table **out, gp_table *const *tables, const char *const *labels, size_t count) {
  *out = NULL;
  gp_table *table = calloc(1, sizeof *table);
  if (table == NULL) return no_memory();
  table->parts = tables;
  table->part_count = count;
  gp_status status = join(table, labels);
  if (status == GP_OK)
    *out = table;
  else
    gp_table_close(table);
  return status;
}
