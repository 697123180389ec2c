/* Roles and cells. */
#include "plot_cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_words.h"

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to sort the runs of the chart");
}

static bool taken(const gp_cast *cast, const gp_axis *axis) {
  const gp_axis *roles[] = {cast->panel, cast->color, cast->x};
  for (size_t i = 0; i < 3; i++)
    if (axis->cure && roles[i] != NULL && roles[i]->whole) return true;
  return axis->replicate || axis == cast->panel || axis == cast->color || axis == cast->x;
}

/* Layer, step and cure last: a swept column of that name would win. */
static const gp_axis *axis_named(const gp_frame *frame, const char *name) {
  const gp_axis *found = gp_frame_axis(frame, name);
  if (found == NULL && strcmp(name, "layer") == 0) found = &frame->layer;
  if (found == NULL && strcmp(name, "step") == 0) found = &frame->step;
  for (int b = 0; b < GP_BINS_KINDS; b++)
    if (found == NULL && frame->bins[b].count > 0 && strcmp(name, frame->bins[b].name) == 0)
      found = &frame->bins[b];
  if (found == NULL && strcmp(name, "cure") == 0 && frame->cure.count > 0) found = &frame->cure;
  return found;
}

static gp_status asked(const gp_axis **out, const gp_frame *frame, const char *name, size_t length) {
  char word[128];
  snprintf(word, sizeof word, "%.*s", (int)length, name);
  *out = axis_named(frame, word);
  if (*out != NULL) return GP_OK;
  gp_text known = {0};
  const char **names = calloc(frame->axis_count + 2, sizeof *names);
  for (size_t a = 0; names != NULL && a < frame->axis_count; a++) {
    names[a] = frame->axes[a].name;
    gp_markup_listed(&known, names[a], a, frame->axis_count);
  }
  if (names != NULL) names[frame->axis_count] = "layer", names[frame->axis_count + 1] = "step";
  const char *nearest = names != NULL ? gp_text_nearest(word, names, frame->axis_count + 2) : NULL;
  gp_status status =
      gp_fail(GP_ERR_USAGE, "'%s' is not a swept column of this file%s%s%s (swept: %s)", word,
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
    if (names[i] != NULL) GP_TRY(asked(&found, frame, names[i], strlen(names[i])));
  }
  for (const char *at = request->band != NULL ? request->band : ""; *at != '\0';) {
    size_t length = strcspn(at, ",");
    GP_TRY(asked(&found, frame, at, length));
    if (found->inner) return gp_fail(GP_ERR_USAGE, "the band is taken over runs, not over '%s'", found->name);
    at += length + (at[length] == ',');
  }
  return GP_OK;
}

/* Runs that differ only in these share their initialisation: no axis for a chart of step 0. */
bool gp_axis_of_training(const gp_axis *axis) {
  static const char *const prefixes[] = {"learning_rate", "optimizer",    "batch",
                                         "steps",         "weight_decay", "decoupled"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    if (strncmp(axis->name, prefixes[i], strlen(prefixes[i])) == 0) return true;
  }
  return false;
}

static bool fits(const gp_axis *axis, const char *wish) {
  if (strcmp(wish, "*") == 0) return axis->count > 1;
  if (strcmp(wish, "+") == 0) return axis->count > 1 && axis->numeric;
  if (strcmp(wish, "#") == 0) return axis->count > 1 && !gp_axis_of_training(axis);
  return strcmp(wish, axis->name) == 0;
}

static const gp_axis *wished(const gp_cast *cast, const gp_frame *frame, const char *const *names) {
  for (; names != NULL && *names != NULL; names++) {
    const gp_axis *named = axis_named(frame, *names);
    if (named != NULL && (named->inner || named->whole) && !taken(cast, named)) return named;
    for (size_t a = 0; a < frame->axis_count; a++) {
      const gp_axis *axis = &frame->axes[a];
      if (fits(axis, *names) && !taken(cast, axis)) return axis;
    }
  }
  return NULL;
}

/* A role that was asked for, unless the chart has none of the kind. */
static gp_status give(const gp_axis **out, const gp_frame *frame, const gp_wish *wish,
                      const char *const *wishes, const char *name) {
  if (wishes == NULL || name == NULL) return GP_OK;
  GP_TRY(asked(out, frame, name, strlen(name)));
  if (!(*out)->inner || wish->inner) return GP_OK;
  return gp_fail(GP_ERR_NO, "'%s' has no free role in this chart", name);
}

/* Roles the request names go first, so that no wish takes their axis. */
static gp_status give_roles(gp_cast *cast, const gp_frame *frame, const gp_wish *wish) {
  const gp_plot_request *request = frame->request;
  GP_TRY(give(&cast->panel, frame, wish, wish->panel, request->panel));
  GP_TRY(give(&cast->color, frame, wish, wish->color, request->color));
  GP_TRY(give(&cast->x, frame, wish, wish->x, request->x));
  /* Files are there to be compared. */
  const gp_axis *file = gp_frame_axis(frame, "file"), **role = wish->grid ? &cast->panel : &cast->color;
  bool free = file != NULL && file->count > 1 && !taken(cast, file);
  if (free && *role == NULL && (wish->grid ? wish->panel : wish->color) != NULL) *role = file;
  if (cast->x == NULL) cast->x = wished(cast, frame, wish->x);
  if (cast->color == NULL) cast->color = wished(cast, frame, wish->color);
  if (cast->panel == NULL) cast->panel = wished(cast, frame, wish->panel);
  cast->panels = cast->panel != NULL ? cast->panel->count : 1;
  cast->colors = cast->color != NULL ? cast->color->count : 1;
  cast->xs = cast->x != NULL ? cast->x->count : 1;
  return GP_OK;
}

/* The level an axis without a role is held at: the largest network, the middle of the learning rates, else what the sweep
 * names first. */
static size_t held_level(const gp_axis *axis) {
  bool size = strcmp(axis->name, "depth") == 0 || strcmp(axis->name, "width") == 0;
  size_t first = 0;
  while (first + 1 < axis->count && axis->levels[first].absent) first++;
  if (strcmp(axis->name, "learning_rate") == 0) return (first + axis->count - 1) / 2;
  return size ? axis->count - 1 : first;
}

static bool is_member(const gp_cast *cast, const gp_frame *frame, size_t run) {
  if (!frame->done[run]) return false;
  for (size_t a = 0; a < frame->axis_count; a++) {
    const gp_axis *axis = &frame->axes[a];
    size_t level = axis->level_of[run];
    /* A setting without the option has nothing that could be held. */
    if (!taken(cast, axis) && !axis->levels[level].absent && level != held_level(axis)) return false;
  }
  return true;
}

static size_t level_in(const gp_axis *axis, size_t run) {
  return axis != NULL && !axis->inner ? axis->level_of[run] : 0;
}

/* Levels that tell runs apart. */
static size_t outer_count(const gp_axis *axis) {
  return axis != NULL && !axis->inner ? axis->count : 1;
}

static size_t cell_of(const gp_cast *cast, size_t panel, size_t color, size_t x) {
  return (panel * outer_count(cast->color) + color) * outer_count(cast->x) + x;
}

static size_t cell_of_run(const gp_cast *cast, size_t run) {
  return cell_of(cast, level_in(cast->panel, run), level_in(cast->color, run), level_in(cast->x, run));
}

/* Counting sort of the runs into cells: one pass to count, one to place. */
static gp_status fill_cells(gp_cast *cast, const gp_frame *frame) {
  size_t cells = outer_count(cast->panel) * outer_count(cast->color) * outer_count(cast->x);
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
    if (taken(cast, axis) || axis->count < 2 || (initial && gp_axis_of_training(axis))) continue;
    gp_text_add(&cast->held, "%s", cast->held.length > 0 ? ", " : "");
    if (strcmp(axis->name, "depth") == 0) /* "depth 30", without the axis title's explanation */
      gp_text_add(&cast->held, "depth");
    else
      gp_markup_column(&cast->held, axis->name);
    gp_text_add(&cast->held, " %s", axis->levels[held_level(axis)].label);
  }
}

gp_status gp_cast_make(gp_cast *out, const gp_frame *frame, const gp_wish *wish) {
  *out = (gp_cast){.band = frame->request->band};
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
  size_t cell = cell_of(cast, outer_count(cast->panel) > 1 ? panel : 0,
                        outer_count(cast->color) > 1 ? color : 0, outer_count(cast->x) > 1 ? x : 0);
  *count = cast->start[cell + 1] - cast->start[cell];
  return cast->member + cast->start[cell];
}
