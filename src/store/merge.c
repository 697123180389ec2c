/* Joining result files; see merge.h. */
#include "merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare.h"
#include "h5base.h"
#include "journal.h"
#include "pack_sources.h"
#include "publish.h"
#include "shards.h"

enum { BLOCK = 64 }; /* rows compared at once */

struct gp_merge {
  gp_source **sources;
  const char **paths; /* borrowed */
  size_t count;
  char *path, *journal_path;
  gp_journal *journal; /* the lock of OUT */
  bool journal_was_there, written;
  unsigned short *owner; /* of each row: 1 + the first source that finished it, 0: none */
  gp_merge_counts counts;
};

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to merge");
}

/* ---- do they belong together? ---- */

/* What of two schemas differs, for people; NULL when nothing does. */
static const char *schema_difference(const gp_schema *a, const gp_schema *b) {
  static const struct {
    const char *name, *what;
  } known[] = {{"config", "another configuration"}, {"gradpath_version", "another version of gradpath"}};
  gp_text x = {0}, y = {0};
  gp_schema_encode(&x, a);
  gp_schema_encode(&y, b);
  bool same = !x.failed && !y.failed && x.length == y.length && memcmp(x.data, y.data, x.length) == 0;
  gp_text_free(&x);
  gp_text_free(&y);
  const char *what = same ? NULL : "other variables or attributes";
  for (size_t i = 0; i < a->attribute_count && i < b->attribute_count && !same; i++)
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
      if (strcmp(a->attributes[i].name, known[k].name) == 0 &&
          strcmp(a->attributes[i].text, b->attributes[i].text) != 0)
        return known[k].what;
  return what;
}

/* A file that can take part holds its study's rows, and its journal only runs among them. */
static gp_status check_whole(const gp_source *source, const char *path) {
  if (source->file == NULL && source->journal_count == 0)
    return gp_fail(GP_ERR_FILE, "%s: there is no such file", path);
  bool whole = source->file != NULL && source->count == source->file->rows;
  if (whole) return GP_OK;
  return gp_fail(GP_ERR_FILE, "%s: runs are in its journal only; first: gradpath pack %s", path, path);
}

static gp_status check_alike(const gp_source *first, const char *first_path, const gp_source *other,
                             const char *path) {
  const char *what = schema_difference(&first->file->schema, &other->file->schema);
  if (what != NULL) return gp_fail(GP_ERR_FILE, "%s was made by %s than %s", path, what, first_path);
  bool same = first->count == other->count;
  for (size_t i = 0; i < first->count && same; i++)
    same = first->runs[i].key.high == other->runs[i].key.high &&
           first->runs[i].key.low == other->runs[i].key.low;
  return same ? GP_OK : gp_fail(GP_ERR_FILE, "%s does not have the runs of %s", path, first_path);
}

/* Opens one more file. The first says what the others must be. */
static gp_status add_source(gp_merge *merge, const char *path) {
  gp_source **slot = &merge->sources[merge->count];
  merge->paths[merge->count] = path;
  GP_TRY(gp_source_open(slot, path));
  merge->count++;
  GP_TRY(check_whole(*slot, path));
  return merge->count == 1 ? GP_OK : check_alike(merge->sources[0], merge->paths[0], *slot, path);
}

/* ---- the present OUT ---- */

static bool exists(const char *path) {
  return access(path, F_OK) == 0;
}

/* Adds OUT as the last source when it is there; refuses one that is something else. */
static gp_status add_present(gp_merge *merge) {
  struct stat info;
  if (stat(merge->path, &info) != 0 && errno == ENOENT && !merge->journal_was_there) return GP_OK;
  if (exists(merge->path) && !S_ISREG(info.st_mode))
    return gp_fail(GP_ERR_IO, "%s: not a regular file, cannot be the output", merge->path);
  gp_status status = add_source(merge, merge->path);
  if (status != GP_ERR_FILE) return status;
  return gp_fail_prefix(status, "%s is there already and is left as it is: ", merge->path);
}

static void drop_present(gp_merge *merge, size_t inputs) {
  if (merge->count == inputs) return;
  gp_source_close(merge->sources[--merge->count]);
  merge->sources[merge->count] = NULL;
}

/* Journals that no file stands beside and that hold no run are nothing: an earlier merge was killed, and left its lock. */
static gp_status find_journals(gp_merge *merge) {
  gp_source *source;
  merge->journal_was_there = gp_shards_exist(merge->path);
  if (!merge->journal_was_there || exists(merge->path)) return GP_OK;
  gp_status status = gp_source_open(&source, merge->path);
  if (status == GP_OK) merge->journal_was_there = source->count > 0;
  if (status == GP_OK) gp_source_close(source);
  return status == GP_ERR_FILE ? GP_OK : status; /* whatever it is, it is looked at once more */
}

/* OUT is looked at before its lock is taken, since taking it may write a journal, and again under the lock. */
static gp_status lock_output(gp_merge *merge) {
  size_t inputs = merge->count, cut;
  GP_TRY(find_journals(merge));
  GP_TRY(add_present(merge));
  drop_present(merge, inputs);
  GP_TRY(gp_shards_check_idle(merge->path));
  GP_TRY(gp_journal_open(&merge->journal, merge->journal_path, &merge->sources[0]->file->schema, &cut));
  return exists(merge->path) ? add_present(merge) : GP_OK;
}

/* ---- do they agree? ---- */

/* Two stages and what goes into them. */
typedef struct agreement {
  gp_stage mine, theirs; /* of the source in hand; of the owners */
  size_t runs[BLOCK], owned[BLOCK];
} agreement;

static gp_status conflict(const gp_merge *merge, size_t row, size_t source, const gp_difference *d) {
  char id[33], where[GP_POSITION_TEXT];
  gp_run_key_format(id, merge->sources[0]->runs[row].key);
  gp_position_text(where, d->shape, &d->place);
  return gp_fail(GP_ERR_FILE, "run %zu (run_id %s) is not the same in %s and %s: %s%s%s is %s and %s", row,
                 id, merge->paths[merge->owner[row] - 1], merge->paths[source], d->variable,
                 where[0] != '\0' ? " at " : "", where, d->first, d->second);
}

/* Loads what the earlier sources hold of the rows that are in `runs`. */
static gp_status load_owners(const gp_merge *merge, agreement *a, size_t source, size_t start, size_t count) {
  for (size_t o = 0; o < source; o++) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
      bool owned = a->runs[i] != SIZE_MAX && merge->owner[start + i] == o + 1;
      a->owned[i] = owned ? start + i : SIZE_MAX; /* all sources have the same rows */
      any |= owned;
    }
    if (any) GP_TRY(gp_source_load(merge->sources[o], &a->theirs, a->owned, 0, count));
  }
  return GP_OK;
}

static gp_status compare_block(gp_merge *merge, agreement *a, size_t source, size_t start, size_t count) {
  size_t both = 0;
  for (size_t i = 0; i < count; i++) {
    bool finished = merge->sources[source]->runs[start + i].state != GP_RUN_PENDING;
    a->runs[i] = finished && merge->owner[start + i] != 0 ? start + i : SIZE_MAX;
    both += a->runs[i] != SIZE_MAX;
    if (finished && merge->owner[start + i] == 0) {
      merge->owner[start + i] = (unsigned short)(source + 1);
      merge->counts.finished++;
    }
  }
  if (both == 0) return GP_OK;
  merge->counts.overlapping += both;
  gp_stage_reset(&a->mine);
  gp_stage_reset(&a->theirs);
  GP_TRY(gp_source_load(merge->sources[source], &a->mine, a->runs, 0, count));
  GP_TRY(load_owners(merge, a, source, start, count));
  for (size_t i = 0; i < count; i++) {
    gp_difference d;
    if (a->runs[i] != SIZE_MAX && !gp_rows_same(&d, &a->theirs, i, &a->mine, i))
      return conflict(merge, start + i, source, &d);
  }
  return GP_OK;
}

static gp_status compare_sources(gp_merge *merge, agreement *a, const bool *wanted) {
  const gp_schema *schema = &merge->sources[0]->file->schema;
  GP_TRY(gp_stage_create(&a->mine, schema, BLOCK, wanted));
  GP_TRY(gp_stage_create(&a->theirs, schema, BLOCK, wanted));
  for (size_t s = 0; s < merge->count; s++)
    for (size_t start = 0; start < merge->counts.rows; start += BLOCK) {
      size_t left = merge->counts.rows - start;
      GP_TRY(compare_block(merge, a, s, start, left < BLOCK ? left : BLOCK));
    }
  return GP_OK;
}

static gp_status check_agreement(gp_merge *merge) {
  agreement a = {0};
  size_t variables = merge->sources[0]->file->schema.count;
  merge->counts.rows = merge->sources[0]->count;
  merge->owner = calloc(merge->counts.rows + 1, sizeof *merge->owner);
  bool *wanted = malloc(variables * sizeof *wanted);
  if (wanted != NULL) memset(wanted, true, variables * sizeof *wanted);
  gp_status status =
      merge->owner == NULL || wanted == NULL ? no_memory() : compare_sources(merge, &a, wanted);
  gp_stage_free(&a.mine);
  gp_stage_free(&a.theirs);
  free(wanted);
  return status;
}

/* ---- opening and writing ---- */

static gp_status merge_open(gp_merge *merge, const char *path, const char *const *inputs, size_t count) {
  merge->sources = calloc(count + 1, sizeof *merge->sources);
  merge->paths = calloc(count + 1, sizeof *merge->paths);
  merge->path = gp_path_with(path, "");
  merge->journal_path = gp_path_with(path, ".journal");
  if (!merge->sources || !merge->paths || !merge->path || !merge->journal_path) return no_memory();
  for (size_t i = 0; i < count; i++) GP_TRY(add_source(merge, inputs[i]));
  GP_TRY(lock_output(merge));
  return check_agreement(merge);
}

gp_status gp_merge_open(gp_merge **out, const char *path, const char *const *inputs, size_t count) {
  enum { FILES_MAX = 65000 };
  gp_status status;
  *out = NULL;
  if (count == 0 || count > FILES_MAX)
    return gp_fail(GP_ERR_USAGE, "merge takes 1 to %d files", (int)FILES_MAX);
  gp_merge *merge = calloc(1, sizeof *merge);
  if (merge == NULL) return no_memory();
  GP_H5_QUIET(status = merge_open(merge, path, inputs, count));
  if (status == GP_OK)
    *out = merge;
  else
    gp_merge_close(merge);
  return status;
}

gp_merge_counts gp_merge_count(const gp_merge *merge) {
  return merge->counts;
}

size_t gp_merge_files(const gp_merge *merge) {
  return merge->count;
}

const gp_attribute *gp_merge_provenance(const gp_merge *merge, size_t file, size_t *count) {
  const gp_h5_reader *reader = merge->sources[file]->file;
  *count = reader->provenance_count;
  return reader->provenance;
}

/* The rows of the result are those of every source. */
static const char *row_id(const void *context, size_t row) {
  static _Thread_local char id[33];
  const gp_merge *merge = context;
  gp_run_key_format(id, merge->sources[0]->runs[row].key);
  return id;
}

gp_status gp_merge_write(gp_merge *merge, const gp_attribute *provenance, size_t count) {
  gp_pack_plan plan = {.rows = merge->counts.rows,
                       .run_id = row_id,
                       .context = merge,
                       .provenance = provenance,
                       .provenance_count = count};
  gp_status status;
  GP_H5_QUIET(status = gp_pack_sources(merge->path, &merge->sources[0]->file->schema, &plan, merge->sources,
                                       merge->count));
  merge->written = status == GP_OK;
  return status;
}

void gp_merge_close(gp_merge *merge) {
  if (merge == NULL) return;
  if (merge->written) gp_shards_remove(merge->path);
  /* What a journal of OUT held is in OUT now; one that was only made as a lock goes in any case. */
  gp_journal_close(merge->journal, merge->written || !merge->journal_was_there);
  for (size_t s = 0; s < merge->count; s++) GP_H5_QUIET(gp_source_close(merge->sources[s]));
  free(merge->sources);
  free(merge->paths);
  free(merge->path);
  free(merge->journal_path);
  free(merge->owner);
  free(merge);
}
