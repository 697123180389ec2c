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

static bool is_replicate(const char *name) {
  size_t length = strlen(name);
  return strcmp(name, "seed") == 0 || (length > 5 && strcmp(name + length - 5, "_seed") == 0);
}

static gp_status make_axis(gp_axis *axis, const gp_frame *frame, int variable) {
  *axis = (gp_axis){
      .name = gp_table_schema(frame->table)->variables[variable].name, .variable = variable, .numeric = true};
  axis->replicate = is_replicate(axis->name);
  axis->level_of = calloc(frame->runs + 1, sizeof *axis->level_of);
  if (axis->level_of == NULL) return no_memory();
  size_t hint = 0;
  for (size_t r = 0; r < frame->runs; r++) {
    char buffer[32];
    const char *word = gp_table_word(frame->table, variable, r, buffer);
    GP_TRY(level_of_run(axis, word, hint, &axis->level_of[r]));
    hint = axis->level_of[r];
  }
  return sort_levels(axis, frame->runs);
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
  for (size_t r = 0; r < frame->runs && status == GP_OK; r++) status = fold_run(&whole, owner, option, r);
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

static bool has_role(const gp_plot_request *request, const char *name) {
  const char *const names[] = {request->panel, request->color, request->x};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (names[i] != NULL && strcmp(names[i], name) == 0) return true;
  }
  return false;
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

gp_status gp_frame_make(gp_frame *out, gp_table *table, const gp_plot_request *request) {
  *out = (gp_frame){.table = table, .request = request, .runs = gp_table_runs(table)};
  out->done = calloc(out->runs + 1, sizeof *out->done);
  if (out->done == NULL) return no_memory();
  int status = gp_table_find(table, "status");
  for (size_t r = 0; r < out->runs; r++)
    out->done[r] = status < 0 || gp_table_cell(table, status, r).state == GP_RUN_DONE;
  GP_TRY(read_axes(out));
  return fold_options(out);
}

void gp_frame_free(gp_frame *frame) {
  for (size_t a = 0; a < frame->axis_count; a++) free_axis(&frame->axes[a]);
  free(frame->axes);
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
  if (variable < 0 || gp_table_schema(frame->table)->variables[variable].shape == GP_PER_RUN)
    return gp_fail(GP_ERR_NO, "the file has no series '%s'", name);
  return gp_table_series(frame->table, variable, out);
}

/* ---- cast ---- */

static bool taken(const gp_cast *cast, const gp_axis *axis) {
  return axis->replicate || axis == cast->panel || axis == cast->color || axis == cast->x;
}

static gp_status asked(const gp_axis **out, const gp_frame *frame, const char *name) {
  *out = gp_frame_axis(frame, name);
  if (*out != NULL) return GP_OK;
  gp_text known = {0};
  const char **names = calloc(frame->axis_count + 1, sizeof *names);
  for (size_t a = 0; names != NULL && a < frame->axis_count; a++) {
    names[a] = frame->axes[a].name;
    gp_markup_listed(&known, names[a], a, frame->axis_count);
  }
  const char *nearest = names != NULL ? gp_text_nearest(name, names, frame->axis_count) : NULL;
  gp_status status =
      gp_fail(GP_ERR_USAGE, "'%s' is not a swept column of this file%s%s%s (swept: %s)", name,
              nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
              nearest != NULL ? "'?" : "", known.length > 0 && !known.failed ? known.data : "none");
  free(names);
  gp_text_free(&known);
  return status;
}

gp_status gp_frame_check_roles(const gp_frame *frame) {
  const gp_plot_request *request = frame->request;
  const char *const names[] = {request->panel, request->color, request->x};
  const gp_axis *found;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (names[i] != NULL) GP_TRY(asked(&found, frame, names[i]));
  }
  return GP_OK;
}

/* Runs that differ only in these share their initialisation: no axis for a chart of step 0. */
static bool of_training(const gp_axis *axis) {
  static const char *const prefixes[] = {"learning_rate", "optimizer",    "batch",
                                         "steps",         "weight_decay", "decoupled"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    if (strncmp(axis->name, prefixes[i], strlen(prefixes[i])) == 0) return true;
  }
  return false;
}

static bool fits(const gp_axis *axis, const char *wish) {
  if (strcmp(wish, "*") == 0) return axis->count > 1;
  if (strcmp(wish, "#") == 0) return axis->count > 1 && !of_training(axis);
  return strcmp(wish, axis->name) == 0;
}

static const gp_axis *wished(const gp_cast *cast, const gp_frame *frame, const char *const *names) {
  for (; names != NULL && *names != NULL; names++) {
    for (size_t a = 0; a < frame->axis_count; a++) {
      const gp_axis *axis = &frame->axes[a];
      if (fits(axis, *names) && !taken(cast, axis)) return axis;
    }
  }
  return NULL;
}

/* Roles the request names go first, so that no wish takes their axis. */
static gp_status give_roles(gp_cast *cast, const gp_frame *frame, const gp_wish *wish) {
  const gp_plot_request *request = frame->request;
  if (wish->panel != NULL && request->panel != NULL) GP_TRY(asked(&cast->panel, frame, request->panel));
  if (wish->color != NULL && request->color != NULL) GP_TRY(asked(&cast->color, frame, request->color));
  if (wish->x != NULL && request->x != NULL) GP_TRY(asked(&cast->x, frame, request->x));
  if (cast->x == NULL) cast->x = wished(cast, frame, wish->x);
  if (cast->color == NULL) cast->color = wished(cast, frame, wish->color);
  if (cast->panel == NULL) cast->panel = wished(cast, frame, wish->panel);
  cast->panels = cast->panel != NULL ? cast->panel->count : 1;
  cast->colors = cast->color != NULL ? cast->color->count : 1;
  cast->xs = cast->x != NULL ? cast->x->count : 1;
  return GP_OK;
}

/* The level an axis without a role is held at: the largest network, else what the sweep names first. */
static size_t held_level(const gp_axis *axis) {
  bool size = strcmp(axis->name, "depth") == 0 || strcmp(axis->name, "width") == 0;
  size_t first = 0;
  while (first + 1 < axis->count && axis->levels[first].absent) first++;
  return size ? axis->count - 1 : first;
}

static bool is_member(const gp_cast *cast, const gp_frame *frame, size_t run) {
  for (size_t a = 0; a < frame->axis_count; a++) {
    const gp_axis *axis = &frame->axes[a];
    size_t level = axis->level_of[run];
    /* A setting without the option has nothing that could be held. */
    if (!taken(cast, axis) && !axis->levels[level].absent && level != held_level(axis)) return false;
  }
  return frame->done[run];
}

static size_t level_in(const gp_axis *axis, size_t run) {
  return axis != NULL ? axis->level_of[run] : 0;
}

static size_t cell_of(const gp_cast *cast, size_t panel, size_t color, size_t x) {
  return (panel * cast->colors + color) * cast->xs + x;
}

static size_t cell_of_run(const gp_cast *cast, size_t run) {
  return cell_of(cast, level_in(cast->panel, run), level_in(cast->color, run), level_in(cast->x, run));
}

/* Counting sort of the runs into cells: one pass to count, one to place. */
static gp_status fill_cells(gp_cast *cast, const gp_frame *frame) {
  size_t cells = cast->panels * cast->colors * cast->xs;
  cast->start = calloc(cells + 2, sizeof *cast->start);
  cast->member = calloc(frame->runs + 1, sizeof *cast->member);
  if (cast->start == NULL || cast->member == NULL) return no_memory();
  for (size_t r = 0; r < frame->runs; r++) {
    if (is_member(cast, frame, r)) cast->start[cell_of_run(cast, r) + 2]++;
  }
  for (size_t c = 0; c < cells; c++) {
    if (cast->start[c + 2] > cast->replicates) cast->replicates = cast->start[c + 2];
    cast->start[c + 2] += cast->start[c + 1];
  }
  for (size_t r = 0; r < frame->runs; r++) {
    if (is_member(cast, frame, r)) cast->member[cast->start[cell_of_run(cast, r) + 1]++] = r;
  }
  return GP_OK;
}

static void say_held(gp_cast *cast, const gp_frame *frame, bool initial) {
  for (size_t a = 0; a < frame->axis_count; a++) {
    const gp_axis *axis = &frame->axes[a];
    if (taken(cast, axis) || axis->count < 2 || (initial && of_training(axis))) continue;
    gp_text_add(&cast->held, "%s", cast->held.length > 0 ? ", " : "");
    if (strcmp(axis->name, "depth") == 0) /* "depth 30", without the axis title's explanation */
      gp_text_add(&cast->held, "depth");
    else
      gp_markup_column(&cast->held, axis->name);
    gp_text_add(&cast->held, " %s", axis->levels[held_level(axis)].label);
  }
}

gp_status gp_cast_make(gp_cast *out, const gp_frame *frame, const gp_wish *wish) {
  *out = (gp_cast){0};
  GP_TRY(give_roles(out, frame, wish));
  say_held(out, frame, wish->initial);
  gp_status status = out->held.failed ? no_memory() : fill_cells(out, frame);
  if (status == GP_OK && out->replicates == 0)
    status = gp_fail(GP_ERR_NO, "the file holds no finished run for it");
  if (status != GP_OK) gp_cast_free(out);
  return status;
}

void gp_cast_free(gp_cast *cast) {
  gp_text_free(&cast->held);
  free(cast->start);
  free(cast->member);
  *cast = (gp_cast){0};
}

const size_t *gp_cast_runs(const gp_cast *cast, size_t panel, size_t color, size_t x, size_t *count) {
  size_t cell = cell_of(cast, panel, color, x);
  *count = cast->start[cell + 1] - cast->start[cell];
  return cast->member + cast->start[cell];
}
