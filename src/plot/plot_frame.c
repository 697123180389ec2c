/* Axes, levels and cells of a result table. */
#include "plot_frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_words.h"

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to sort the runs of the chart");
}

/* ---- levels ---- */

static char *copy(const char *text) {
  char *made = strdup(text);
  return made;
}

static bool same_level(const gp_level *level, const char *word) {
  return strcmp(level->word, word) == 0;
}

static gp_status add_level(gp_axis *axis, const char *word) {
  gp_level *grown = realloc(axis->levels, (axis->count + 1) * sizeof *grown);
  if (grown == NULL) return no_memory();
  axis->levels = grown;
  gp_text label = {0};
  gp_level *level = &grown[axis->count];
  *level = (gp_level){.word = copy(word), .number = NAN};
  axis->count++;
  gp_markup_value(&label, word);
  level->label = label.data;
  if (!gp_text_to_real(word, &level->number)) axis->numeric = false;
  return level->word == NULL || label.failed ? no_memory() : GP_OK;
}

/* A sweep's last axes vary from row to row and its first ones hardly ever: looking at the
 * last hit and the one after it first finds most. */
static gp_status level_of_run(gp_axis *axis, const char *word, size_t hint, size_t *level) {
  size_t next = hint + 1 < axis->count ? hint + 1 : 0;
  if (hint < axis->count && same_level(&axis->levels[hint], word)) return *level = hint, GP_OK;
  if (next < axis->count && same_level(&axis->levels[next], word)) return *level = next, GP_OK;
  for (size_t i = 0; i < axis->count; i++) {
    if (same_level(&axis->levels[i], word)) return *level = i, GP_OK;
  }
  *level = axis->count;
  return add_level(axis, word);
}

/* NaN, an option that does not apply, comes first: the last level is the end of an axis. */
static int by_number(const void *a, const void *b) {
  double x = ((const gp_level *)a)->number, y = ((const gp_level *)b)->number;
  if (isnan(x) || isnan(y)) return isnan(y) - isnan(x);
  return (x > y) - (x < y);
}

/* Sorts numeric levels and renumbers the runs to match. */
static gp_status sort_levels(gp_axis *axis, size_t runs) {
  if (!axis->numeric || axis->count < 2) return GP_OK;
  const char **before = calloc(axis->count, sizeof *before);
  size_t *moved = calloc(axis->count, sizeof *moved);
  if (before != NULL && moved != NULL) {
    for (size_t i = 0; i < axis->count; i++) before[i] = axis->levels[i].word;
    qsort(axis->levels, axis->count, sizeof *axis->levels, by_number);
    for (size_t i = 0; i < axis->count; i++) {
      for (size_t j = 0; j < axis->count; j++) {
        if (axis->levels[j].word == before[i]) moved[i] = j;
      }
    }
    for (size_t r = 0; r < runs; r++) axis->level_of[r] = moved[axis->level_of[r]];
  }
  bool failed = before == NULL || moved == NULL;
  free(before);
  free(moved);
  return failed ? no_memory() : GP_OK;
}

static bool has_role(const gp_plot_request *request, const char *name) {
  const char *const names[] = {request->panel, request->color, request->x};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (names[i] != NULL && strcmp(names[i], name) == 0) return true;
  }
  return false;
}

/* Whether the comma-separated list has the name. */
static bool lists(const char *names, const char *name) {
  size_t length = strlen(name);
  for (const char *at = names; *at != '\0'; at += strcspn(at, ","), at += *at == ',')
    if (strcspn(at, ",") == length && strncmp(at, name, length) == 0) return true;
  return false;
}

/* The axes asked for as the band, else the seeds that no other role was asked of. */
static bool is_replicate(const gp_plot_request *request, const char *name) {
  size_t length = strlen(name);
  if (has_role(request, name)) return false;
  if (request->band != NULL) return lists(request->band, name);
  return strcmp(name, "seed") == 0 || (length > 5 && strcmp(name + length - 5, "_seed") == 0);
}

static bool is_kept(const gp_frame *frame, size_t run) {
  return frame->request->keep == NULL || frame->request->keep[run];
}

static gp_status make_axis(gp_axis *axis, const gp_frame *frame, int variable) {
  *axis = (gp_axis){
      .name = gp_table_schema(frame->table)->variables[variable].name, .variable = variable, .numeric = true};
  axis->replicate = is_replicate(frame->request, axis->name);
  axis->level_of = calloc(frame->runs + 1, sizeof *axis->level_of);
  if (axis->level_of == NULL) return no_memory();
  size_t hint = 0, before = SIZE_MAX; /* the kept run before this one */
  for (size_t r = 0; r < frame->runs; r++) {
    char buffer[32];
    if (!is_kept(frame, r)) continue; /* stays at level 0 and belongs to no cell */
    bool same = before != SIZE_MAX && gp_table_same(frame->table, variable, before, r);
    before = r;
    axis->level_of[r] = hint;
    if (same) continue; /* as the first axes of a sweep from row to row */
    const char *word = gp_table_word(frame->table, variable, r, buffer);
    GP_TRY(level_of_run(axis, word, hint, &axis->level_of[r]));
    hint = axis->level_of[r];
  }
  return axis->count > 0 ? sort_levels(axis, frame->runs) : add_level(axis, "");
}

static void free_axis(gp_axis *axis) {
  for (size_t i = 0; i < axis->count; i++) {
    free((char *)axis->levels[i].word);
    free((char *)axis->levels[i].label);
  }
  free(axis->levels);
  free(axis->level_of);
}

/* ---- options ---- */

/* What a column holds for a setting that has no such option. */
static bool is_absent(gp_type type, const gp_level *level) {
  if (type == GP_TEXT) return *level->word == '\0' || strcmp(level->word, "none") == 0;
  return type == GP_F64 ? isnan(level->number) : type == GP_I64 && level->number == -1;
}

/* Marks the levels of an option; whether there are any. */
static gp_status mark_absent(const gp_frame *frame, gp_axis *axis, bool *some) {
  gp_type type = gp_table_schema(frame->table)->variables[axis->variable].type;
  *some = false;
  for (size_t i = 0; i < axis->count; i++) {
    gp_level *level = &axis->levels[i];
    if (!is_absent(type, level)) continue;
    free((char *)level->label);
    if ((level->label = copy("none")) == NULL) return no_memory();
    *some = level->absent = true;
  }
  return GP_OK;
}

/* The axis of words whose option this is: activation of activation_slope. */
static gp_axis *owner_of(const gp_frame *frame, const gp_axis *option) {
  for (size_t a = 0; a < frame->axis_count; a++) {
    gp_axis *axis = &frame->axes[a];
    size_t length = strlen(axis->name);
    if (!axis->numeric && strncmp(option->name, axis->name, length) == 0 && option->name[length] == '_')
      return axis;
  }
  return NULL;
}

/* Puts a run on the level of that word, which gets that label where it is new. Takes both texts over. */
static gp_status take_level(gp_axis *whole, size_t run, gp_text *word, gp_text *label) {
  size_t before = whole->count;
  gp_status status = word->failed || label->failed ? no_memory() : GP_OK;
  if (status == GP_OK) status = level_of_run(whole, word->data, before, &whole->level_of[run]);
  if (status == GP_OK && whole->count > before) {
    free((char *)whole->levels[before].label);
    whole->levels[before].label = label->data;
    *label = (gp_text){0};
  }
  gp_text_free(word);
  gp_text_free(label);
  return status;
}

/* "leaky_relu (slope 0.1)" as a level of the owner, told apart by word and shown by label. */
static gp_status fold_run(gp_axis *whole, const gp_axis *owner, const gp_axis *option, size_t run) {
  const gp_level *value = &owner->levels[owner->level_of[run]],
                 *setting = &option->levels[option->level_of[run]];
  gp_text word = {0}, label = {0};
  gp_text_add(&word, "%s", value->word);
  gp_text_add(&label, "%s", value->label);
  if (!setting->absent) {
    gp_text_add(&word, " (%s)", setting->word);
    gp_text_add(&label, " (");
    gp_markup_column(&label, option->name + strlen(owner->name) + 1);
    gp_text_add(&label, " %s)", setting->label);
  }
  return take_level(whole, run, &word, &label);
}

/* Makes the option part of its owner's levels and takes it from the axes. */
static gp_status fold_option(gp_frame *frame, gp_axis *owner, gp_axis *option) {
  gp_axis whole = {.name = owner->name, .variable = owner->variable};
  whole.level_of = calloc(frame->runs + 1, sizeof *whole.level_of);
  gp_status status = whole.level_of == NULL ? no_memory() : GP_OK;
  for (size_t r = 0; r < frame->runs && status == GP_OK; r++)
    if (is_kept(frame, r)) status = fold_run(&whole, owner, option, r);
  if (status != GP_OK) {
    free_axis(&whole);
    return status;
  }
  whole.numeric = false;
  free_axis(owner);
  *owner = whole;
  free_axis(option);
  size_t after = frame->axis_count - (size_t)(option - frame->axes) - 1;
  memmove(option, option + 1, after * sizeof *option);
  frame->axis_count--;
  return GP_OK;
}

static gp_status fold_options(gp_frame *frame) {
  for (size_t a = 0; a < frame->axis_count;) {
    gp_axis *option = &frame->axes[a], *owner = owner_of(frame, option);
    bool some = false;
    if (owner != NULL) GP_TRY(mark_absent(frame, option, &some));
    if (some && !has_role(frame->request, option->name))
      GP_TRY(fold_option(frame, owner, option));
    else
      a++;
  }
  return GP_OK;
}

/* ---- frame ---- */

/* The attribute lists names apart by blanks or commas; names that are no column are passed over. */
static gp_status read_axes(gp_frame *frame) {
  const char *attribute = gp_table_attribute(frame->table, "axes");
  char *names = copy(attribute != NULL ? attribute : ""), *rest = NULL;
  if (names == NULL) return no_memory();
  frame->axes = calloc(strlen(names) + 1, sizeof *frame->axes);
  gp_status status = frame->axes == NULL ? no_memory() : GP_OK;
  for (char *name = strtok_r(names, ", []\"\n", &rest); name != NULL && status == GP_OK;
       name = strtok_r(NULL, ", []\"\n", &rest)) {
    int variable = gp_table_find(frame->table, name);
    if (variable < 0 || gp_table_schema(frame->table)->variables[variable].shape != GP_PER_RUN) continue;
    status = make_axis(&frame->axes[frame->axis_count++], frame, variable);
  }
  free(names);
  return status;
}

/* An axis inside every run: layers 1..count, or the steps of the checkpoints; only those on the list, when there is one. */
static gp_status inner_axis(gp_axis *axis, const char *name, size_t count, const int64_t *numbers,
                            const char *list) {
  *axis = (gp_axis){.name = name, .variable = -1, .numeric = true, .inner = true};
  for (size_t i = 0; i < count; i++) {
    char word[32];
    gp_text_real(word, numbers != NULL ? (double)numbers[i] : (double)(i + 1));
    if (list == NULL || lists(list, word)) GP_TRY(add_level(axis, word));
  }
  return list == NULL || axis->count > 0 ? GP_OK : gp_fail(GP_ERR_USAGE, "the file has no %s %s", name, list);
}

/* Bins by their lower edges; the first begins at minus infinity, or at 0. */
static gp_status bin_axis(gp_axis *axis, enum gp_bins kind) {
  *axis = (gp_axis){
      .name = kind == GP_BINS_VALUE ? "value" : "magnitude", .variable = -1, .numeric = true, .inner = true};
  for (int b = 0; b < GP_BINS; b++) {
    char word[32];
    double edge = gp_bin_edge(kind, b);
    gp_text label = {0};
    gp_text_real(word, edge);
    GP_TRY(add_level(axis, word));
    gp_level *level = &axis->levels[axis->count - 1];
    level->number = edge;
    if (kind == GP_BINS_MAGNITUDE && edge > 0)
      gp_text_add(&label, "2^{%s%.0f}", edge < 1 ? "−" : "", fabs(log2(edge)));
    if (isinf(edge)) gp_text_add(&label, "−∞");
    if (label.failed) return no_memory();
    if (label.length == 0) continue;
    free((char *)level->label);
    level->label = label.data;
  }
  return GP_OK;
}

/* ---- cures ---- */

/* What is done against a pathology, and how a value is said. */
static const struct {
  const char *column, *before, *after;
} cures[] = {{"norm", "", " norm"},    {"norm_place", "", " place"}, {"residual", "residual ", ""},
             {"init", "", ""},         {"parametrization", "", ""},  {"optimizer", "", ""},
             {"clip", "clip by ", ""}, {"clip_max", "clip at ", ""}};
enum { CURES = sizeof cures / sizeof *cures };

static bool is_plain(const gp_level *level) {
  return level->absent || strcmp(level->word, "none") == 0 || strcmp(level->word, "") == 0;
}

/* "batch norm + residual identity" as a level of the whole; "no cure" where every part is plain. */
static gp_status cure_run(gp_frame *frame, size_t run) {
  gp_axis *whole = &frame->cure;
  gp_text word = {0}, label = {0};
  for (size_t i = 0; i < CURES; i++) {
    const gp_axis *axis = gp_frame_axis(frame, cures[i].column);
    if (axis == NULL || !axis->cure) continue;
    const gp_level *level = &axis->levels[axis->level_of[run]];
    gp_text_add(&word, "%s|", level->word);
    if (is_plain(level)) continue;
    gp_text_add(&label, "%s%s%s%s", label.length > 0 ? " + " : "", cures[i].before, level->label,
                cures[i].after);
  }
  if (label.length == 0) gp_text_add(&label, "no cure");
  return take_level(whole, run, &word, &label);
}

static gp_status make_cure(gp_frame *frame) {
  size_t parts = 0;
  for (size_t a = 0; a < frame->axis_count; a++) {
    gp_axis *axis = &frame->axes[a];
    for (size_t i = 0; i < CURES; i++)
      axis->cure |= axis->count > 1 && !axis->replicate && strcmp(axis->name, cures[i].column) == 0;
    parts += axis->cure;
  }
  if (parts == 0) return GP_OK;
  frame->cure = (gp_axis){.name = "cure", .variable = -1, .whole = true};
  frame->cure.level_of = calloc(frame->runs + 1, sizeof *frame->cure.level_of);
  if (frame->cure.level_of == NULL) return no_memory();
  for (size_t r = 0; r < frame->runs; r++)
    if (is_kept(frame, r)) GP_TRY(cure_run(frame, r));
  frame->cure.numeric = false;
  return GP_OK;
}

gp_status gp_frame_make(gp_frame *out, gp_table *table, const gp_plot_request *request) {
  *out = (gp_frame){.table = table, .request = request, .runs = gp_table_runs(table)};
  out->done = calloc(out->runs + 1, sizeof *out->done);
  out->memo = calloc(1, sizeof *out->memo);
  if (out->done == NULL || out->memo == NULL) return no_memory();
  int status = gp_table_find(table, "status");
  for (size_t r = 0; r < out->runs; r++)
    out->done[r] = is_kept(out, r) && (status < 0 || gp_table_cell(table, status, r).state == GP_RUN_DONE);
  GP_TRY(read_axes(out));
  GP_TRY(fold_options(out));
  GP_TRY(make_cure(out));
  const gp_schema *schema = gp_table_schema(table);
  for (int b = 0; b < GP_BINS_KINDS && schema->inner[GP_BIN] > 0; b++)
    GP_TRY(bin_axis(&out->bins[b], (enum gp_bins)b));
  GP_TRY(inner_axis(&out->layer, "layer", schema->layer_count, NULL, request->layer));
  return inner_axis(&out->step, "step", schema->checkpoint_count, schema->checkpoints, request->step);
}

void gp_frame_free(gp_frame *frame) {
  for (size_t a = 0; a < frame->axis_count; a++) free_axis(&frame->axes[a]);
  free(frame->axes);
  free_axis(&frame->layer);
  free_axis(&frame->step);
  free_axis(&frame->cure);
  for (int b = 0; b < GP_BINS_KINDS; b++) free_axis(&frame->bins[b]);
  free(frame->done);
  free(frame->memo);
  *frame = (gp_frame){0};
}

const gp_axis *gp_frame_axis(const gp_frame *frame, const char *name) {
  for (size_t a = 0; a < frame->axis_count; a++) {
    if (strcmp(frame->axes[a].name, name) == 0) return &frame->axes[a];
  }
  return NULL;
}

/* A name's place depends on nothing but itself, so that a lookup costs one comparison the second time. */
static int find_column(const gp_frame *frame, const char *name) {
  size_t slot = ((uintptr_t)name / 4) % GP_MEMO;
  if (frame->memo->name[slot] != name) {
    frame->memo->variable[slot] = gp_table_find(frame->table, name);
    frame->memo->name[slot] = name;
  }
  return frame->memo->variable[slot];
}

const char *gp_frame_word(const gp_frame *frame, const char *name, size_t run, char buffer[static 32]) {
  int variable = find_column(frame, name);
  return variable < 0 ? "" : gp_table_word(frame->table, variable, run, buffer);
}

double gp_frame_real(const gp_frame *frame, const char *name, size_t run) {
  int variable = find_column(frame, name);
  return variable < 0 ? (double)NAN : gp_table_real(frame->table, variable, run);
}

bool gp_frame_constant(const gp_frame *frame, const char *column, gp_text *out) {
  char first[32], other[32];
  const char *word = NULL;
  for (size_t r = 0; r < frame->runs; r++) {
    if (!frame->done[r]) continue;
    if (word == NULL)
      word = gp_frame_word(frame, column, r, first);
    else if (strcmp(word, gp_frame_word(frame, column, r, other)) != 0)
      return false;
  }
  if (word == NULL || *word == '\0') return false;
  gp_markup_value(out, word);
  return true;
}

gp_status gp_frame_series(const gp_frame *frame, const char *name, const double **out) {
  int variable = gp_table_find(frame->table, name);
  gp_shape shape = variable < 0 ? GP_PER_RUN : gp_table_schema(frame->table)->variables[variable].shape;
  if (shape == GP_PER_RUN || gp_shape_table[shape].inner != GP_NO_INNER)
    return gp_fail(GP_ERR_NO, "the file has no series '%s'", name);
  return gp_table_series(frame->table, variable, out);
}
