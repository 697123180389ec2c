/* One list over file and journal. Values of the file are read in runs of neighbouring rows, since each read
 * of HDF5 costs microseconds and each chunk has to be decompressed; records of the journal one by one. */
#include "source.h"

#include <stdlib.h>

#include "shards.h"

enum { IDS_AT_ONCE = 4096, SEGMENT_BYTES = 16 << 20 };

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the list of stored runs");
}

static gp_status buffer_reserve(gp_source *source, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return no_memory();
  if (bytes <= source->buffer_size) return GP_OK;
  unsigned char *buffer = realloc(source->buffer, bytes);
  if (buffer == NULL) return no_memory();
  source->buffer = buffer;
  source->buffer_size = bytes;
  return GP_OK;
}

/* Adds a row of the file. Two rows of one run would make one of them unreachable. */
static gp_status add_row(gp_source *source, size_t row, const char *id, int state) {
  gp_run_key key;
  gp_h5_reader *file = source->file;
  if (!gp_run_key_parse(&key, id))
    return gp_fail(GP_ERR_FILE, "%s: row %zu has no proper run_id", file->path, row);
  if (state < GP_RUN_PENDING || state > GP_RUN_ERROR)
    return gp_fail(GP_ERR_FILE, "%s: row %zu has the unknown status %d", file->path, row, state);
  size_t at = gp_runmap_add(&source->map, key, row);
  if (at == SIZE_MAX) return no_memory();
  if (at != row) return gp_fail(GP_ERR_FILE, "%s: run %s is there twice", file->path, id);
  source->runs[source->count++] = (gp_stored){key, row, SIZE_MAX, 0, (unsigned char)state, false};
  return GP_OK;
}

/* Identities and states of a block of rows. */
static gp_status read_rows(gp_source *source, size_t start, size_t count, int status_variable) {
  gp_h5_reader *file = source->file;
  signed char states[IDS_AT_ONCE];
  char id[34] = {0};
  memset(states, GP_RUN_DONE, sizeof states);
  GP_TRY(buffer_reserve(source, count, file->string));
  GP_TRY(gp_h5_read(file, 0, start, count, source->buffer));
  if (status_variable >= 0) GP_TRY(gp_h5_read(file, (size_t)status_variable, start, count, states));
  size_t length = file->string < 33 ? file->string : 33;
  for (size_t i = 0; i < count; i++) {
    memcpy(id, source->buffer + i * file->string, length);
    GP_TRY(add_row(source, start + i, id, states[i]));
  }
  return GP_OK;
}

static gp_status list_file(gp_source *source) {
  gp_h5_reader *file = source->file;
  if (file == NULL) return GP_OK;
  int status_variable = gp_schema_find(&file->schema, "status");
  if (status_variable >= 0 && file->schema.variables[status_variable].type != GP_STATE) status_variable = -1;
  for (size_t start = 0; start < file->rows; start += IDS_AT_ONCE) {
    size_t left = file->rows - start;
    GP_TRY(read_rows(source, start, left < IDS_AT_ONCE ? left : IDS_AT_ONCE, status_variable));
  }
  return GP_OK;
}

/* Whether a record takes the place of what is known of its run: a later one of the same journal does; of another one
 * only when it does not put a failure over a result. */
static bool record_counts(const gp_stored *known, unsigned journal, unsigned char state) {
  if (known->frame == SIZE_MAX || known->journal == journal) return true;
  return known->state != GP_RUN_DONE || state == GP_RUN_DONE;
}

static gp_status list_journal(gp_source *source, unsigned number) {
  gp_scan *journal = source->journals[number];
  for (size_t i = 0; i < journal->count; i++) {
    const gp_frame *frame = &journal->frames[i];
    size_t at = gp_runmap_add(&source->map, frame->key, source->count);
    if (at == SIZE_MAX) return no_memory();
    if (at == source->count)
      source->runs[source->count++] = (gp_stored){frame->key, SIZE_MAX, SIZE_MAX, 0, 0, false};
    gp_stored *run = &source->runs[at];
    if (!record_counts(run, number, frame->state)) continue;
    run->frame = i;
    run->journal = number;
    run->state = frame->state;
  }
  return GP_OK;
}

/* One journal, when it is there and was begun. */
static gp_status open_journal(gp_source *source, const char *path, unsigned number) {
  char *name = gp_shard_path(path, number);
  gp_scan *scan = NULL;
  gp_status status = name == NULL ? no_memory() : gp_scan_open(&scan, name);
  free(name);
  if (scan != NULL) source->journals[source->journal_count++] = scan;
  return status;
}

static gp_status open_journals(gp_source *source, const char *path) {
  unsigned *numbers;
  size_t count;
  GP_TRY(gp_shards_list(&numbers, &count, path));
  source->journals = calloc(count + 1, sizeof(gp_scan *));
  gp_status status = source->journals == NULL ? no_memory() : open_journal(source, path, 0);
  for (size_t i = 0; i < count && status == GP_OK; i++) status = open_journal(source, path, numbers[i]);
  free(numbers);
  return status;
}

/* The journals are opened first: a writer that packs renames the new file in before it removes them, so in this
 * order no run can be missed. */
static gp_status source_open(gp_source *source, const char *path) {
  GP_TRY(open_journals(source, path));
  GP_TRY(gp_h5_reader_open(&source->file, path));
  size_t most = source->file ? source->file->rows : 0;
  for (size_t j = 0; j < source->journal_count; j++) most += source->journals[j]->count;
  source->runs = calloc(most + 1, sizeof *source->runs);
  if (source->runs == NULL) return no_memory();
  GP_TRY(list_file(source));
  for (unsigned j = 0; j < source->journal_count; j++) GP_TRY(list_journal(source, j));
  return GP_OK;
}

gp_status gp_source_open(gp_source **out, const char *path) {
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return no_memory();
  gp_status status = source_open(*out, path);
  if (status == GP_OK) return GP_OK;
  gp_source_close(*out);
  *out = NULL;
  return status;
}

void gp_source_close(gp_source *source) {
  if (source == NULL) return;
  gp_h5_reader_close(source->file);
  for (size_t j = 0; j < source->journal_count; j++) gp_scan_close(source->journals[j], true);
  free(source->journals);
  gp_runmap_free(&source->map);
  gp_pool_free(&source->maps);
  free(source->runs);
  free(source->buffer);
  free(source);
}

const gp_schema *gp_source_schema(const gp_source *source) {
  const gp_scan *first = source->journal_count > 0 ? source->journals[0] : NULL;
  if (first != NULL) return &first->schemas[first->schema_count - 1];
  return source->file != NULL ? &source->file->schema : NULL;
}

gp_stored *gp_source_find(gp_source *source, gp_run_key key) {
  size_t at = gp_runmap_find(&source->map, key);
  return at == SIZE_MAX ? NULL : &source->runs[at];
}

static gp_status make_map(gp_source *source, int **map, const gp_schema *schema, const gp_schema *from,
                          const char *path) {
  *map = gp_pool_take(&source->maps, schema->count, sizeof **map);
  if (*map == NULL) return no_memory();
  gp_status status = gp_schema_map(*map, schema, from);
  return status == GP_OK ? GP_OK : gp_fail_prefix(status, "%s: ", path);
}

/* Maps from the stage's variables to those of each of a journal's schemas. */
static gp_status bind_journal(gp_source *source, size_t number, const gp_schema *schema) {
  const gp_scan *journal = source->journals[number];
  int **maps = gp_pool_take(&source->maps, journal->schema_count + 1, sizeof *maps);
  if (maps == NULL) return no_memory();
  source->journal_maps[number] = maps;
  for (size_t s = 0; s < journal->schema_count; s++)
    GP_TRY(make_map(source, &maps[s], schema, &journal->schemas[s], journal->path));
  return GP_OK;
}

/* The same for everything that is stored. */
static gp_status bind_schema(gp_source *source, const gp_schema *schema) {
  gp_h5_reader *file = source->file;
  if (source->schema == schema) return GP_OK;
  if (file != NULL) GP_TRY(make_map(source, &source->file_map, schema, &file->schema, file->path));
  source->journal_maps = gp_pool_take(&source->maps, source->journal_count + 1, sizeof *source->journal_maps);
  if (source->journal_maps == NULL) return no_memory();
  for (size_t j = 0; j < source->journal_count; j++) GP_TRY(bind_journal(source, j, schema));
  source->schema = schema;
  return GP_OK;
}

/* One call of gp_source_load. */
typedef struct load {
  gp_source *source;
  gp_stage *stage;
  const size_t *runs;
  size_t first, count;
} load;

/* The stored run for row `i`; NULL for none. */
static const gp_stored *run_at(const load *l, size_t i) {
  size_t index = l->runs == NULL ? l->first + i : l->runs[i];
  return index == SIZE_MAX ? NULL : &l->source->runs[index];
}

/* From the stage's variables to those of a run's record. */
static const int *record_map(const gp_source *source, const gp_stored *run) {
  return source->journal_maps[run->journal][source->journals[run->journal]->frames[run->frame].schema];
}

/* Its row in the file, when variable `v` is read from there: the record in the journal comes first, but one
 * made before a parameter column existed does not have that column. */
static size_t row_at(const load *l, size_t v, size_t i) {
  const gp_stored *run = run_at(l, i);
  if (run == NULL) return SIZE_MAX;
  if (run->frame == SIZE_MAX) return run->row;
  const int *map = record_map(l->source, run);
  return map[v] < 0 && l->stage->cells[v] != NULL ? run->row : SIZE_MAX;
}

/* A part of a load whose rows lie close together in the file, to be read at once. */
typedef struct segment {
  size_t begin, end; /* of the load */
  size_t low, high;  /* rows of the file, inclusive */
} segment;

/* The next segment from `begin` on: it grows while at least a quarter of the rows it reads are wanted. */
static bool segment_next(segment *out, const load *l, size_t v, size_t begin) {
  size_t row_bytes = gp_h5_row_bytes(l->source->file, (size_t)l->source->file_map[v]);
  size_t most = SEGMENT_BYTES / row_bytes, used = 0;
  if (l->runs == NULL && l->source->journal_count == 0 && most > 0 &&
      begin < l->count) { /* the file, row by row */
    size_t size = l->count - begin < most ? l->count - begin : most, low = l->first + begin;
    *out = (segment){begin, begin + size, low, low + size - 1};
    return true;
  }
  *out = (segment){begin, begin, SIZE_MAX, 0};
  for (size_t i = begin; i < l->count; i++) {
    size_t row = row_at(l, v, i);
    if (row == SIZE_MAX) continue;
    size_t low = row < out->low ? row : out->low, high = row > out->high ? row : out->high;
    size_t span = high - low + 1;
    if (used > 0 && (span > 4 * (used + 1) || span > most)) break;
    *out = (segment){begin, i + 1, low, high};
    used++;
  }
  return used > 0;
}

/* Sets a cell from its bytes in the file. */
static gp_status put_file_cell(const load *l, size_t row, size_t v, const unsigned char *value) {
  gp_h5_reader *file = l->source->file;
  gp_type type = l->stage->schema->variables[v].type;
  gp_cell cell = {0};
  if (type == GP_TEXT)
    return gp_stage_put_text(l->stage, row, v, (const char *)value,
                             strnlen((const char *)value, file->string));
  if (type == GP_STATE)
    cell.state =
        (signed char)*value; // NOLINT(bugprone-signed-char-misuse,cert-str34-c): an int8, not a character
  else
    memcpy(&cell, value, sizeof cell);
  if (type == GP_STATE && cell.state < 0)
    return gp_fail(GP_ERR_FILE, "%s: '%s' is negative", file->path, l->stage->schema->variables[v].name);
  return gp_stage_put_cell(l->stage, row, v, cell);
}

/* One read of one variable, and its values into their rows. */
static gp_status load_segment(const load *l, size_t v, const segment *part) {
  gp_h5_reader *file = l->source->file;
  size_t stored = (size_t)l->source->file_map[v], row_bytes = gp_h5_row_bytes(file, stored);
  size_t span = part->high - part->low + 1;
  GP_TRY(buffer_reserve(l->source, span, row_bytes));
  GP_TRY(gp_h5_read(file, stored, part->low, span, l->source->buffer));
  for (size_t i = part->begin; i < part->end; i++) {
    size_t row = row_at(l, v, i);
    if (row == SIZE_MAX) continue;
    const unsigned char *value = l->source->buffer + (row - part->low) * row_bytes;
    if (l->stage->series[v] == NULL)
      GP_TRY(put_file_cell(l, i, v, value));
    else
      GP_TRY(gp_stage_put_series(l->stage, i, v, (const double *)(const void *)value,
                                 file->schema.checkpoint_count, file->schema.layer_count,
                                 file->schema.inner));
  }
  return GP_OK;
}

/* What the runs took to compute, where the file says it and the journal has no newer record. */
static void load_seconds(const load *l) {
  const double *seconds = l->source->file->seconds;
  for (size_t i = 0; seconds != NULL && i < l->count; i++) {
    const gp_stored *run = run_at(l, i);
    if (run != NULL && run->frame == SIZE_MAX) l->stage->seconds[i] = seconds[run->row];
  }
}

/* Variable by variable, as the file is stored. */
static gp_status load_file(const load *l) {
  const gp_schema *stored = &l->source->file->schema;
  GP_TRY(gp_stage_steps(l->stage, stored->checkpoints, stored->checkpoint_count));
  load_seconds(l);
  for (size_t v = 0; v < l->stage->schema->count; v++) {
    bool wanted = l->stage->cells[v] != NULL || l->stage->series[v] != NULL;
    if (!wanted || l->source->file_map[v] < 0) continue;
    segment part;
    for (size_t i = 0; segment_next(&part, l, v, i); i = part.end) GP_TRY(load_segment(l, v, &part));
  }
  return GP_OK;
}

/* Record by record, as the journal is. */
static gp_status load_journals(const load *l) {
  for (size_t i = 0; i < l->count; i++) {
    const gp_stored *run = run_at(l, i);
    if (run == NULL || run->frame == SIZE_MAX) continue;
    gp_record record;
    GP_TRY(gp_scan_record(l->source->journals[run->journal], run->frame, &record));
    GP_TRY(gp_stage_put_record(l->stage, i, record_map(l->source, run), &record));
  }
  return GP_OK;
}

gp_status gp_source_load(gp_source *source, gp_stage *stage, const size_t *runs, size_t first, size_t count) {
  const load l = {source, stage, runs, first, count};
  GP_TRY(bind_schema(source, stage->schema));
  if (source->file != NULL) GP_TRY(load_file(&l));
  return load_journals(&l);
}
