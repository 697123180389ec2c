/* A schema: what makes one fit for a file, and as bytes. */
#include "record.h"

#include <stdlib.h>

enum { LAYERS_MAX = 1000000, INNER_MAX = 65536, NAME_MAX_BYTES = 255, STATES_MAX = 127 };

static const char *const reserved_names[] = {"run", "checkpoint", "layer", "string", "provenance"};

const char *const gp_edge_names[GP_BINS_KINDS][2] = {
    [GP_BINS_VALUE] = {"value_bin_lower", "value_bin_upper"},
    [GP_BINS_MAGNITUDE] = {"magnitude_bin_lower", "magnitude_bin_upper"}};

/* A name becomes a path in the HDF5 file, a column for other programs, and a word on a terminal. */
static bool name_is_fit(const char *name) {
  if (name == NULL || name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL) return false;
  for (size_t i = 0; i < sizeof reserved_names / sizeof reserved_names[0]; i++)
    if (strcmp(name, reserved_names[i]) == 0) return false;
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++)
    if (strcmp(name, gp_inner_table[d].name) == 0) return false;
  for (int i = 0; i < 2 * GP_BINS_KINDS; i++)
    if (strcmp(name, gp_edge_names[i / 2][i % 2]) == 0) return false;
  for (const char *c = name; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7F) return false;
  return strnlen(name, NAME_MAX_BYTES + 1) <= NAME_MAX_BYTES;
}

static size_t meaning_count(const gp_variable *variable) {
  size_t count = 0;
  while (variable->meanings != NULL && variable->meanings[count] != NULL) count++;
  return count;
}

/* What does not depend on the other variables. */
static gp_status variable_check(const gp_variable *variable, gp_status status) {
  if (!name_is_fit(variable->name))
    return gp_fail(status, "'%.80s' is no name for a variable of a result file",
                   variable->name ? variable->name : "");
  if ((unsigned)variable->shape >= GP_SHAPES || variable->type > GP_STATE)
    return gp_fail(status, "variable '%s' has an unknown shape or type", variable->name);
  if (variable->shape != GP_PER_RUN && variable->type != GP_F64)
    return gp_fail(status, "variable '%s' is a series but not real", variable->name);
  size_t words = meaning_count(variable);
  if (variable->type == GP_STATE && (words == 0 || words > STATES_MAX))
    return gp_fail(status, "variable '%s' is a state with %zu words (1 to %d)", variable->name, words,
                   STATES_MAX);
  return GP_OK;
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorting finds a repeated name in n log n: a hostile header may hold very many. */
static gp_status names_check(const gp_schema *schema, gp_status status) {
  const char **names = malloc((schema->count + 1) * sizeof *names);
  if (names == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %zu variables", schema->count);
  for (size_t v = 0; v < schema->count; v++) names[v] = schema->variables[v].name;
  qsort(names, schema->count, sizeof *names, compare_names);
  gp_status result = GP_OK;
  for (size_t v = 1; v < schema->count && result == GP_OK; v++)
    if (strcmp(names[v - 1], names[v]) == 0)
      result = gp_fail(status, "variable '%s' is there twice", names[v]);
  free(names);
  return result;
}

/* Bins are the same in every file. */
static gp_status inner_check(const gp_schema *schema, gp_status status) {
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++) {
    size_t length = schema->inner[d];
    bool fits = d == GP_BIN ? length == GP_BINS : length > 0 && length <= INNER_MAX;
    if (gp_schema_uses(schema, d) && !fits)
      return gp_fail(status, "a dimension '%s' of length %zu is not plausible", gp_inner_table[d].name,
                     length);
  }
  return GP_OK;
}

gp_status gp_schema_check(const gp_schema *schema, gp_status status) {
  if (schema->checkpoint_count == 0 || schema->layer_count == 0 || schema->layer_count > LAYERS_MAX)
    return gp_fail(status, "a result file needs a checkpoint and 1 to %d layers, not %zu and %zu", LAYERS_MAX,
                   schema->checkpoint_count, schema->layer_count);
  for (size_t c = 1; c < schema->checkpoint_count; c++)
    if (schema->checkpoints[c - 1] >= schema->checkpoints[c])
      return gp_fail(status, "the checkpoints of a result file must ascend");
  for (size_t v = 0; v < schema->count; v++) GP_TRY(variable_check(&schema->variables[v], status));
  if (schema->count == 0 || strcmp(schema->variables[0].name, "run_id") != 0 ||
      schema->variables[0].type != GP_TEXT)
    return gp_fail(status, "the first variable of a result file must be the text run_id");
  GP_TRY(inner_check(schema, status));
  return names_check(schema, status);
}

int gp_schema_find(const gp_schema *schema, const char *name) {
  for (size_t v = 0; v < schema->count; v++)
    if (strcmp(schema->variables[v].name, name) == 0) return (int)v;
  return -1;
}

size_t gp_shape_count(gp_shape shape, size_t checkpoints, size_t layers, const size_t inner[GP_INNERS]) {
  return gp_shape_steps(shape, checkpoints) * gp_shape_width(shape, layers, inner);
}

bool gp_schema_uses(const gp_schema *schema, gp_inner inner) {
  for (size_t v = 0; v < schema->count; v++)
    if (gp_shape_table[schema->variables[v].shape].inner == inner) return true;
  return false;
}

static void variable_encode(gp_text *out, const gp_variable *variable) {
  gp_put_text(out, variable->name);
  gp_put_text(out, variable->long_name);
  gp_put_text(out, variable->units);
  gp_put_text(out, variable->note);
  gp_put_u32(out, variable->shape);
  gp_put_u32(out, variable->type);
  size_t words = meaning_count(variable);
  gp_put_u32(out, (uint32_t)words);
  for (size_t i = 0; i < words; i++) gp_put_text(out, variable->meanings[i]);
}

void gp_schema_encode(gp_text *out, const gp_schema *schema) {
  gp_put_u32(out, (uint32_t)schema->count);
  for (size_t v = 0; v < schema->count; v++) variable_encode(out, &schema->variables[v]);
  gp_put_u64(out, schema->checkpoint_count);
  for (size_t c = 0; c < schema->checkpoint_count; c++) gp_put_u64(out, (uint64_t)schema->checkpoints[c]);
  gp_put_u64(out, schema->layer_count);
  for (int d = GP_NO_INNER + 1; d < GP_INNERS; d++)
    if (gp_schema_uses(schema, d)) gp_put_u64(out, schema->inner[d]);
  gp_put_u32(out, (uint32_t)schema->attribute_count);
  for (size_t a = 0; a < schema->attribute_count; a++) {
    gp_put_text(out, schema->attributes[a].name);
    gp_put_text(out, schema->attributes[a].text);
  }
}

/* A copy of the next text in the pool; NULL for a stored NULL and when there is no memory (then `in` turns
 * bad). */
static const char *get_text(gp_bytes *in, gp_pool *pool) {
  const char *text = gp_get_text(in);
  if (text == NULL) return NULL;
  const char *copy = gp_pool_text(pool, text, strlen(text));
  if (copy == NULL) in->bad = true;
  return copy;
}

/* Room for `count` elements of which each takes at least `least` bytes of what is left: a count that the
 * bytes cannot hold is refused before anything is allocated. */
static void *get_room(gp_bytes *in, gp_pool *pool, uint64_t count, size_t least, size_t size) {
  void *room = count > in->left / least ? NULL : gp_pool_take(pool, (size_t)count + 1, size);
  if (room == NULL) in->bad = true;
  return room;
}

static void meanings_decode(gp_bytes *in, gp_pool *pool, gp_variable *variable) {
  uint32_t words = gp_get_u32(in);
  const char **meanings = get_room(in, pool, words, 5, sizeof *meanings);
  if (words == 0 || meanings == NULL) return;
  for (uint32_t i = 0; i < words && !in->bad; i++) {
    meanings[i] = get_text(in, pool);
    if (meanings[i] == NULL) in->bad = true;
  }
  variable->meanings = meanings;
}

static void variable_decode(gp_bytes *in, gp_pool *pool, gp_variable *variable) {
  variable->name = get_text(in, pool);
  variable->long_name = get_text(in, pool);
  variable->units = get_text(in, pool);
  variable->note = get_text(in, pool);
  variable->shape = (gp_shape)gp_get_u32(in);
  variable->type = (gp_type)gp_get_u32(in);
  if ((unsigned)variable->shape >= GP_SHAPES) in->bad = true; /* it is looked up in tables */
  meanings_decode(in, pool, variable);
}

static void attributes_decode(gp_bytes *in, gp_pool *pool, gp_schema *schema) {
  uint32_t count = gp_get_u32(in);
  gp_attribute *attributes = get_room(in, pool, count, 8, sizeof *attributes);
  if (attributes == NULL) return;
  for (uint32_t a = 0; a < count && !in->bad; a++) {
    attributes[a].name = get_text(in, pool);
    attributes[a].text = get_text(in, pool);
    if (attributes[a].name == NULL || attributes[a].text == NULL) in->bad = true;
  }
  schema->attributes = attributes;
  schema->attribute_count = count;
}

gp_status gp_schema_decode(gp_schema *schema, gp_pool *pool, const void *bytes, size_t length) {
  gp_bytes in = {bytes, length, false};
  *schema = (gp_schema){.count = gp_get_u32(&in)};
  gp_variable *variables = get_room(&in, pool, schema->count, 28, sizeof *variables);
  for (size_t v = 0; v < schema->count && !in.bad; v++) variable_decode(&in, pool, &variables[v]);
  schema->variables = variables;
  uint64_t checkpoints = gp_get_u64(&in);
  int64_t *steps = get_room(&in, pool, checkpoints, 8, sizeof *steps);
  for (uint64_t c = 0; c < checkpoints && !in.bad; c++) steps[c] = (int64_t)gp_get_u64(&in);
  schema->checkpoints = steps;
  schema->checkpoint_count = (size_t)checkpoints;
  schema->layer_count = (size_t)gp_get_u64(&in);
  for (int d = GP_NO_INNER + 1; d < GP_INNERS && !in.bad; d++)
    if (gp_schema_uses(schema, d)) schema->inner[d] = (size_t)gp_get_u64(&in);
  attributes_decode(&in, pool, schema);
  if (in.bad || in.left > 0) return gp_fail(GP_ERR_FILE, "the description of the variables is damaged");
  return gp_schema_check(schema, GP_ERR_FILE);
}
