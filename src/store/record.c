/* One run as bytes. */
#include "record.h"

/* Whether the run's checkpoints are a subset of the schema's, both ascending, and its layers fit. */
static bool in_schema(const gp_schema *schema, const gp_record *record) {
  size_t at = 0;
  for (size_t c = 0; c < record->checkpoint_count; c++) {
    while (at < schema->checkpoint_count && schema->checkpoints[at] < record->checkpoints[c]) at++;
    if (at == schema->checkpoint_count || schema->checkpoints[at] != record->checkpoints[c]) return false;
    at++;
  }
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++)
    if (gp_schema_uses(schema, d) && record->inner[d] > schema->inner[d]) return false;
  return record->layer_count <= schema->layer_count;
}

/* The values of a series; missing ones where the run measured none. */
static void put_series(gp_text *out, const double *values, size_t count) {
  const double missing = gp_canonical((double)NAN);
  if (values != NULL) gp_put_reals(out, values, count);
  for (size_t i = 0; values == NULL && i < count; i++) gp_put_reals(out, &missing, 1);
}

static void put_cell(gp_text *out, gp_type type, gp_cell cell) {
  if (type == GP_F64)
    gp_put_reals(out, &cell.real, 1);
  else
    gp_put_u64(out, cell.natural);
}

/* Wide cells first, texts last: everything of 8 bytes stays aligned. */
static gp_status put_cells(gp_text *out, const gp_schema *schema, const gp_record *record) {
  for (size_t v = 0; v < schema->count; v++) {
    const gp_variable *variable = &schema->variables[v];
    if (variable->shape != GP_PER_RUN || variable->type > GP_U64) continue;
    put_cell(out, variable->type, record->cells[v]);
  }
  for (size_t v = 0; v < schema->count; v++) {
    if (schema->variables[v].type != GP_STATE) continue;
    int state = record->cells[v].state;
    if (state < 0 || state > 127)
      return gp_fail(GP_ERR_CONFIG, "state %d of '%s' is out of range", state, schema->variables[v].name);
    gp_text_add_bytes(out, &(char){(char)state}, 1);
  }
  /* The identity is stored once, as 16 bytes: variable 0 is not among the texts. */
  for (size_t v = 1; v < schema->count; v++)
    if (schema->variables[v].type == GP_TEXT)
      gp_put_text(out, record->cells[v].text ? record->cells[v].text : "");
  return GP_OK;
}

gp_status gp_record_encode(gp_text *out, const gp_schema *schema, const gp_record *record) {
  gp_run_key key;
  if (!gp_run_key_parse(&key, record->run_id))
    return gp_fail(GP_ERR_CONFIG, "'%.40s' is no identity of a run (32 hexadecimal digits)", record->run_id);
  if (!in_schema(schema, record))
    return gp_fail(GP_ERR_CONFIG, "run %s has checkpoints or layers that its file does not have",
                   record->run_id);
  gp_put_u64(out, key.high);
  gp_put_u64(out, key.low);
  gp_put_u32(out, (uint32_t)record->checkpoint_count);
  gp_put_u32(out, (uint32_t)record->layer_count);
  gp_put_reals(out, &record->seconds, 1);
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++)
    if (gp_schema_uses(schema, d)) gp_put_u64(out, record->inner[d]);
  for (size_t c = 0; c < record->checkpoint_count; c++) gp_put_u64(out, (uint64_t)record->checkpoints[c]);
  for (size_t v = 0; v < schema->count; v++) {
    gp_shape shape = schema->variables[v].shape;
    if (shape == GP_PER_RUN) continue;
    put_series(out, record->series[v],
               gp_shape_count(shape, record->checkpoint_count, record->layer_count, record->inner));
  }
  GP_TRY(put_cells(out, schema, record));
  return out->failed ? gp_fail(GP_ERR_MEMORY, "no memory for the record of run %s", record->run_id) : GP_OK;
}

/* The next `count` x `width` values of 8 bytes, in place; NULL when there are fewer. */
static const void *get_values(gp_bytes *in, size_t count, size_t width) {
  size_t bytes;
  if (__builtin_mul_overflow(count, width, &bytes) || __builtin_mul_overflow(bytes, (size_t)8, &bytes)) {
    in->bad = true;
    return NULL;
  }
  return gp_get_bytes(in, bytes);
}

/* The same order back; states and texts are checked here, numbers cannot be wrong. */
static void get_cells(gp_bytes *in, const gp_schema *schema, gp_record *record, gp_cell *cells) {
  for (size_t v = 0; v < schema->count; v++) {
    const gp_variable *variable = &schema->variables[v];
    if (variable->shape == GP_PER_RUN && variable->type <= GP_U64) cells[v].natural = gp_get_u64(in);
  }
  for (size_t v = 0; v < schema->count; v++) {
    if (schema->variables[v].type != GP_STATE) continue;
    cells[v].state = (int)gp_get_u8(in);
    if (cells[v].state > 127) in->bad = true;
  }
  cells[0].text = record->run_id;
  for (size_t v = 1; v < schema->count; v++) {
    if (schema->variables[v].type != GP_TEXT) continue;
    cells[v].text = gp_get_text(in);
    if (cells[v].text == NULL) in->bad = true;
  }
}

static gp_status misfit(const gp_record *record) {
  return gp_fail(GP_ERR_FILE, "the record of run %s does not fit the description of the variables",
                 record->run_id);
}

gp_status gp_record_decode(gp_record *record, gp_run_key *key, gp_cell *cells, const double **series,
                           const gp_schema *schema, const void *bytes, size_t length) {
  gp_bytes in = {bytes, length, false};
  key->high = gp_get_u64(&in);
  key->low = gp_get_u64(&in);
  gp_run_key_format(record->run_id, *key);
  record->checkpoint_count = gp_get_u32(&in);
  record->layer_count = gp_get_u32(&in);
  const double *seconds = get_values(&in, 1, 1);
  record->seconds = seconds == NULL ? (double)NAN : *seconds;
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++)
    record->inner[d] = gp_schema_uses(schema, d) ? (size_t)gp_get_u64(&in) : 0;
  record->checkpoints = get_values(&in, record->checkpoint_count, 1);
  /* Lengths that the schema does not have are refused before they are multiplied. */
  if (in.bad || !in_schema(schema, record)) return misfit(record);
  for (size_t v = 0; v < schema->count; v++) {
    gp_shape shape = schema->variables[v].shape;
    if (shape == GP_PER_RUN) continue;
    series[v] = get_values(&in, gp_shape_steps(shape, record->checkpoint_count),
                           gp_shape_width(shape, record->layer_count, record->inner));
  }
  get_cells(&in, schema, record, cells);
  record->cells = cells;
  record->series = series;
  return in.bad || in.left > 0 ? misfit(record) : GP_OK;
}

int gp_cells_state(const gp_schema *schema, const gp_cell *cells) {
  int v = gp_schema_find(schema, "status");
  return v >= 0 && schema->variables[v].type == GP_STATE ? cells[v].state : GP_RUN_DONE;
}
