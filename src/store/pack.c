/* Packing in two passes over the plan, a block of rows at a time: the first finds the longest text (the width
 * of the text columns must depend on what is in the file and on nothing else), the second writes. */
#include "pack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "apart.h"
#include "h5base.h"
#include "h5layout.h"
#include "h5reader.h"
#include "publish.h"
#include "pack_sources.h"

enum {
  BLOCK_BYTES = 16 << 20, /* of memory for a block of rows */
  BLOCK_ROWS_MIN = 16,
  BLOCK_ROWS_MAX = 4096,
  BLOCK_ROWS_SMALL = 64, /* chunks are not made smaller than this because there are few runs */
  RUN_ID_BYTES = 32
};

typedef struct packing {
  const gp_schema *schema;
  const gp_pack_plan *plan;
  gp_source *const *sources;
  size_t source_count;
  gp_cell *cells;
  bool *wanted;
  size_t *runs;   /* stored run of each row of the block in one source, or SIZE_MAX */
  size_t *owners; /* source of each row of the block, or SIZE_MAX */
  size_t block, string;
} packing;

/* The identity of a row; the plan is the caller's, but a wrong identity would be a wrong file. */
static gp_status key_of(const gp_pack_plan *plan, size_t row, gp_run_key *key) {
  const char *id = plan->run_id(plan->context, row);
  if (gp_run_key_parse(key, id)) return GP_OK;
  return gp_fail(GP_ERR_CONFIG, "'%.40s' (row %zu of the plan) is no identity of a run", id, row);
}

/* Marks the stored runs that the plan has; *foreign counts the finished ones that it has not. */
static gp_status claim(gp_source *source, const gp_pack_plan *plan, unsigned char *state, size_t *foreign,
                       char example[static 33]) {
  for (size_t row = 0; row < plan->rows; row++) {
    gp_run_key key;
    GP_TRY(key_of(plan, row, &key));
    gp_stored *run = gp_source_find(source, key);
    if (run != NULL) run->claimed = true;
    if (state != NULL) state[row] = run == NULL ? GP_RUN_PENDING : run->state;
  }
  *foreign = 0;
  example[0] = '\0';
  for (size_t i = 0; i < source->count; i++) {
    const gp_stored *run = &source->runs[i];
    if (run->claimed || run->state == GP_RUN_PENDING) continue;
    if (++*foreign == 1) gp_run_key_format(example, run->key);
  }
  return GP_OK;
}

static gp_status pack_scan(const char *path, const gp_pack_plan *plan, unsigned char *state, size_t *foreign,
                           char example[static 33]) {
  gp_source *source;
  GP_TRY(gp_source_open(&source, path));
  gp_status status = claim(source, plan, state, foreign, example);
  gp_source_close(source);
  return status;
}

gp_status gp_pack_scan(const char *path, const gp_pack_plan *plan, unsigned char *state, size_t *foreign,
                       char foreign_example[static 33]) {
  gp_status status;
  GP_H5_QUIET(status = pack_scan(path, plan, state, foreign, foreign_example));
  return status;
}

/* The first source in which a run is finished; for rows that come from the sources alone, else one that has it pending.
 * SIZE_MAX when there is none. */
static size_t find_owner(const packing *p, gp_run_key key) {
  size_t pending = SIZE_MAX;
  for (size_t s = 0; s < p->source_count; s++) {
    const gp_stored *run = gp_source_find(p->sources[s], key);
    if (run == NULL) continue;
    if (run->state != GP_RUN_PENDING) return s;
    if (pending == SIZE_MAX) pending = s;
  }
  return p->plan->fill == NULL ? pending : SIZE_MAX;
}

/* The part of a block that one source owns. */
static gp_status load_owned(packing *p, gp_stage *stage, size_t s, size_t count) {
  bool any = false;
  for (size_t i = 0; i < count; i++) {
    gp_run_key key = {0};
    bool owned = p->owners[i] == s && gp_run_key_parse(&key, stage->cells[0][i].text);
    p->runs[i] = owned ? (size_t)(gp_source_find(p->sources[s], key) - p->sources[s]->runs) : SIZE_MAX;
    any |= owned;
  }
  return any ? gp_source_load(p->sources[s], stage, p->runs, 0, count) : GP_OK;
}

/* Rows start .. start + count - 1 of the plan, as they will be in the file: what the plan knows, then what is
 * stored. */
static gp_status load_block(packing *p, gp_stage *stage, size_t start, size_t count) {
  for (size_t i = 0; i < count; i++) {
    gp_run_key key;
    char id[33];
    if (p->plan->fill != NULL) GP_TRY(p->plan->fill(p->plan->context, start + i, p->cells));
    GP_TRY(key_of(p->plan, start + i, &key));
    gp_run_key_format(id, key);
    p->cells[0].text = id;
    GP_TRY(gp_stage_put_cells(stage, i, p->cells));
    p->owners[i] = find_owner(p, key);
  }
  for (size_t s = 0; s < p->source_count; s++) GP_TRY(load_owned(p, stage, s, count));
  return GP_OK;
}

/* Loads the plan block by block and hands each to `use`. */
static gp_status blocks_do(packing *p, gp_stage *stage,
                           gp_status (*use)(packing *, gp_stage *, size_t, size_t, gp_h5_layout *),
                           gp_h5_layout *layout) {
  for (size_t start = 0; start < p->plan->rows; start += p->block) {
    size_t left = p->plan->rows - start, count = left < p->block ? left : p->block;
    gp_stage_reset(stage);
    GP_TRY(load_block(p, stage, start, count));
    GP_TRY(use(p, stage, start, count, layout));
  }
  return GP_OK;
}

/* The longest text of a block. */
static gp_status measure_block(packing *p, gp_stage *stage, size_t start, size_t count,
                               gp_h5_layout *layout) {
  (void)start, (void)layout;
  for (size_t v = 0; v < p->schema->count; v++) {
    for (size_t i = 0; stage->cells[v] != NULL && i < count; i++) {
      size_t length = strlen(stage->cells[v][i].text);
      if (length > p->string) p->string = length;
    }
  }
  return GP_OK;
}

static gp_status write_block(packing *p, gp_stage *stage, size_t start, size_t count, gp_h5_layout *layout) {
  (void)p;
  return gp_h5_layout_write(layout, stage, start, count);
}

/* The width of the text columns. */
static gp_status measure(packing *p) {
  gp_stage stage;
  p->string = RUN_ID_BYTES;
  p->block = BLOCK_ROWS_MAX;
  for (size_t v = 0; v < p->schema->count; v++) p->wanted[v] = p->schema->variables[v].type == GP_TEXT;
  gp_status status = gp_stage_create(&stage, p->schema, p->block, p->wanted);
  if (status == GP_OK) status = blocks_do(p, &stage, measure_block, NULL);
  gp_stage_free(&stage);
  return status;
}

/* Rows of a chunk: a function of the schema and the number of rows, since it decides the bytes of the file.
 */
static size_t block_rows(const gp_schema *schema, size_t rows, size_t string) {
  double row_bytes = 0;
  for (size_t v = 0; v < schema->count; v++) {
    const gp_variable *variable = &schema->variables[v];
    double each =
        (double)gp_shape_count(variable->shape, schema->checkpoint_count, schema->layer_count, schema->inner);
    row_bytes += variable->type == GP_TEXT ? (double)string : 8 * each;
  }
  size_t block = BLOCK_ROWS_MAX;
  while (block > BLOCK_ROWS_MIN && (double)block * row_bytes > BLOCK_BYTES) block /= 2;
  while (block > BLOCK_ROWS_SMALL && block / 2 >= rows) block /= 2;
  return block;
}

/* The second pass: the whole file, closed and checked, not yet published. */
static gp_status write_file(packing *p, const char *path) {
  gp_stage stage = {0};
  gp_h5_layout *layout = NULL;
  p->block = block_rows(p->schema, p->plan->rows, p->string);
  gp_h5_outline outline = {p->schema, p->plan->rows,       p->string,
                           p->block,  p->plan->provenance, p->plan->provenance_count};
  for (size_t v = 0; v < p->schema->count; v++) p->wanted[v] = true;
  gp_status status = GP_OK;
  GP_TRY_DONE(gp_stage_create(&stage, p->schema, p->block, p->wanted));
  GP_TRY_DONE(gp_h5_layout_create(&layout, path, &outline));
  GP_TRY_DONE(blocks_do(p, &stage, write_block, layout));
done:
  gp_stage_free(&stage);
  if (status == GP_OK) return gp_h5_layout_finish(layout);
  gp_h5_layout_discard(layout);
  return status;
}

/* A finished run that is not in the plan would disappear with the old file. */
static gp_status refuse_foreign(gp_source *source, const gp_pack_plan *plan, const char *path) {
  size_t foreign;
  char example[33];
  GP_TRY(claim(source, plan, NULL, &foreign, example));
  if (foreign == 0) return GP_OK;
  return gp_fail(GP_ERR_CONFIG, "%s holds %zu finished run%s that the study does not have, for example %s",
                 path, foreign, foreign == 1 ? "" : "s", example);
}

/* The file as a reader will find it: it opens, and its first and last row are those of the plan. A library that went on
 * after an error must not take the place of an older file. */
static gp_status check_written(const packing *p, const char *temporary) {
  gp_h5_reader *reader;
  GP_TRY(gp_h5_reader_open(&reader, temporary));
  gp_status status = GP_OK;
  if (reader == NULL || reader->rows != p->plan->rows || reader->schema.count != p->schema->count)
    status = gp_fail(GP_ERR_IO, "%s: the file is not as it was written", temporary);
  for (size_t i = 0; i < 2 && status == GP_OK && p->plan->rows > 0; i++) {
    size_t row = i * (p->plan->rows - 1);
    char id[512] = "";
    if (reader->string < sizeof id) status = gp_h5_read(reader, 0, row, 1, id);
    if (status == GP_OK && strcmp(id, p->plan->run_id(p->plan->context, row)) != 0)
      status = gp_fail(GP_ERR_IO, "%s: row %zu is not as it was written", temporary, row);
  }
  gp_h5_reader_close(reader);
  return status == GP_ERR_FILE ? GP_ERR_IO : status;
}

/* Writes `temporary` and gives it the name `path`. */
static gp_status pack_to(packing *p, const char *path, const char *temporary) {
  GP_TRY(measure(p));
  gp_status status = write_file(p, temporary);
  if (status == GP_OK) status = check_written(p, temporary);
  if (status == GP_OK) status = gp_publish(temporary, path);
  if (status != GP_OK) unlink(temporary);
  return status;
}

gp_status gp_pack_sources(const char *path, const gp_schema *schema, const gp_pack_plan *plan,
                          gp_source *const *sources, size_t count) {
  gp_pool pool = {0};
  packing p = {.schema = schema, .plan = plan, .sources = sources, .source_count = count};
  gp_status status = GP_OK;
  GP_TRY(gp_schema_check(schema, GP_ERR_CONFIG));
  p.cells = gp_pool_take(&pool, schema->count, sizeof *p.cells);
  p.wanted = gp_pool_take(&pool, schema->count, sizeof *p.wanted);
  p.runs = gp_pool_take(&pool, BLOCK_ROWS_MAX, sizeof *p.runs);
  p.owners = gp_pool_take(&pool, BLOCK_ROWS_MAX, sizeof *p.owners);
  char *temporary = gp_path_with(path, ".tmp");
  if (p.cells == NULL || p.wanted == NULL || p.runs == NULL || p.owners == NULL || temporary == NULL)
    status = gp_fail(GP_ERR_MEMORY, "%s: no memory to pack", path);
  if (status == GP_OK) status = pack_to(&p, path, temporary);
  gp_pool_free(&pool);
  free(temporary);
  return status;
}

static gp_status pack(const char *path, const gp_schema *schema, const gp_pack_plan *plan) {
  gp_source *source;
  GP_TRY(gp_source_open(&source, path));
  gp_status status = refuse_foreign(source, plan, path);
  if (status == GP_OK) status = gp_pack_sources(path, schema, plan, &source, 1);
  gp_source_close(source);
  return status;
}

gp_status gp_pack(const char *path, const gp_schema *schema, const gp_pack_plan *plan) {
  gp_status status;
  GP_H5_QUIET(status = pack(path, schema, plan));
  return status;
}

typedef struct pack_call {
  const char *path;
  const gp_schema *schema;
  const gp_pack_plan *plan;
} pack_call;

static gp_status pack_called(void *context) {
  const pack_call *call = context;
  return gp_pack(call->path, call->schema, call->plan);
}

gp_status gp_pack_apart(const char *path, const gp_schema *schema, const gp_pack_plan *plan) {
  pack_call call = {path, schema, plan};
  char what[512];
  snprintf(what, sizeof what, "%s: packing", path);
  gp_status status = gp_apart(pack_called, &call, what);
  if (status == GP_OK) return GP_OK;
  char *temporary = gp_path_with(path, ".tmp");
  if (temporary != NULL) unlink(temporary);
  free(temporary);
  return status;
}
