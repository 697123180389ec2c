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

/* A sweep's last axes vary from row to row and its first ones hardly ever: looking at the last hit first finds most. */
static gp_status level_of_run(gp_axis *axis, const char *word, size_t hint, size_t *level) {
  if (hint < axis->count && same_level(&axis->levels[hint], word)) return *level = hint, GP_OK;
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
  size_t hint = 0;
  for (size_t r = 0; r < frame->runs; r++) {
    char buffer[32];
    if (!is_kept(frame, r)) continue; /* stays at level 0 and belongs to no cell */
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
  size_t before = whole->count;
  gp_status status = word.failed || label.failed ? no_memory() : GP_OK;
  if (status == GP_OK) status = level_of_run(whole, word.data, before, &whole->level_of[run]);
  if (status == GP_OK && whole->count > before) {
    free((char *)whole->levels[before].label);
    whole->levels[before].label = label.data;
    label = (gp_text){0};
  }
  gp_text_free(&word);
  gp_text_free(&label);
  return status;
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

gp_status gp_frame_make(gp_frame *out, gp_table *table, const gp_plot_request *request) {
  *out = (gp_frame){.table = table, .request = request, .runs = gp_table_runs(table)};
  out->done = calloc(out->runs + 1, sizeof *out->done);
  if (out->done == NULL) return no_memory();
  int status = gp_table_find(table, "status");
  for (size_t r = 0; r < out->runs; r++)
    out->done[r] = is_kept(out, r) && (status < 0 || gp_table_cell(table, status, r).state == GP_RUN_DONE);
  GP_TRY(read_axes(out));
  GP_TRY(fold_options(out));
  const gp_schema *schema = gp_table_schema(table);
  GP_TRY(inner_axis(&out->layer, "layer", schema->layer_count, NULL, request->layer));
  return inner_axis(&out->step, "step", schema->checkpoint_count, schema->checkpoints, request->step);
}

void gp_frame_free(gp_frame *frame) {
  for (size_t a = 0; a < frame->axis_count; a++) free_axis(&frame->axes[a]);
  free(frame->axes);
  free_axis(&frame->layer);
  free_axis(&frame->step);
  free(frame->done);
  *frame = (gp_frame){0};
}

const gp_axis *gp_frame_axis(const gp_frame *frame, const char *name) {
  for (size_t a = 0; a < frame->axis_count; a++) {
    if (strcmp(frame->axes[a].name, name) == 0) return &frame->axes[a];
  }
  return NULL;
}

const char *gp_frame_word(const gp_frame *frame, const char *name, size_t run, char buffer[static 32]) {
  int variable = gp_table_find(frame->table, name);
  return variable < 0 ? "" : gp_table_word(frame->table, variable, run, buffer);
}

double gp_frame_real(const gp_frame *frame, const char *name, size_t run) {
  int variable = gp_table_find(frame->table, name);
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
