/* Holding records against stored runs; see check.h. Both go into stages of one row, padded alike. */
#include "check.h"

#include <stdlib.h>

#include "h5base.h"
#include "source.h"

struct gp_check {
  gp_source *source;
  const gp_schema *schema; /* the journal's newest, else the file's */
  gp_stage stored, given;
  gp_pool pool;
  int *map;
};

static gp_status check_open(gp_check *check, const char *path) {
  GP_TRY(gp_source_open(&check->source, path));
  gp_source *source = check->source;
  check->schema = gp_source_schema(source);
  if (check->schema == NULL) return gp_fail(GP_ERR_IO, "%s: no such file, and no journal of one", path);
  size_t count = check->schema->count;
  bool *wanted = gp_pool_take(&check->pool, count, sizeof *wanted);
  check->map = gp_pool_take(&check->pool, count, sizeof *check->map);
  if (wanted == NULL || check->map == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  for (size_t v = 0; v < count; v++) wanted[v] = true;
  GP_TRY(gp_stage_create(&check->stored, check->schema, 1, wanted));
  return gp_stage_create(&check->given, check->schema, 1, wanted);
}

gp_status gp_check_open(gp_check **out, const char *path) {
  gp_status status;
  *out = NULL;
  gp_check *check = calloc(1, sizeof *check);
  if (check == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  GP_H5_QUIET(status = check_open(check, path));
  if (status == GP_OK)
    *out = check;
  else
    gp_check_close(check);
  return status;
}

void gp_check_close(gp_check *check) {
  if (check == NULL) return;
  gp_stage_free(&check->stored);
  gp_stage_free(&check->given);
  gp_pool_free(&check->pool);
  GP_H5_QUIET(gp_source_close(check->source));
  free(check);
}

size_t gp_check_runs(const gp_check *check) {
  return check->source->count;
}

void gp_check_run_id(const gp_check *check, size_t run, char id[static 33]) {
  gp_run_key_format(id, check->source->runs[run].key);
}

int gp_check_state(const gp_check *check, size_t run) {
  return check->source->runs[run].state;
}

const char *gp_check_config(const gp_check *check) {
  for (size_t a = 0; a < check->schema->attribute_count; a++)
    if (strcmp(check->schema->attributes[a].name, "config") == 0) return check->schema->attributes[a].text;
  return "";
}

size_t gp_check_find(const gp_check *check, const char *id) {
  gp_run_key key;
  const gp_stored *run = gp_run_key_parse(&key, id) ? gp_source_find(check->source, key) : NULL;
  return run == NULL ? SIZE_MAX : (size_t)(run - check->source->runs);
}

/* Names must be the same on both sides; types are checked by gp_schema_map. */
static gp_status check_schema(gp_check *check, const gp_schema *schema) {
  GP_TRY(gp_schema_map(check->map, check->schema, schema));
  for (size_t v = 0; v < check->schema->count; v++)
    if (check->map[v] < 0)
      return gp_fail(GP_ERR_FILE, "the file holds '%s', which this version of gradpath does not compute",
                     check->schema->variables[v].name);
  for (size_t v = 0; v < schema->count; v++)
    if (gp_schema_find(check->schema, schema->variables[v].name) < 0)
      return gp_fail(GP_ERR_FILE, "this version of gradpath computes '%s', which the file does not hold",
                     schema->variables[v].name);
  return GP_OK;
}

static gp_status check_record(gp_check *check, size_t run, const gp_schema *schema, const gp_record *record) {
  GP_TRY(check_schema(check, schema));
  gp_stage_reset(&check->stored);
  gp_stage_reset(&check->given);
  GP_TRY(gp_source_load(check->source, &check->stored, &run, 0, 1));
  return gp_stage_put_record(&check->given, 0, check->map, record);
}

gp_status gp_check_record(gp_check *check, size_t run, const gp_schema *schema, const gp_record *record,
                          bool *same, gp_difference *out) {
  gp_status status;
  GP_H5_QUIET(status = check_record(check, run, schema, record));
  *same = status == GP_OK && gp_rows_same(out, &check->stored, 0, &check->given, 0);
  return status;
}
