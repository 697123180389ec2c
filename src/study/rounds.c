/* The rounds of a refined map; see rounds.h. */
#include "rounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan_state.h"
#include "shards.h"
#include "table.h"

enum { VERDICTS_MAX = 64, OUTCOMES = VERDICTS_MAX + 16 }; /* verdicts, then the states of runs without one */

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the rounds of a map");
}

void gp_rounds_free(gp_rounds *rounds) {
  gp_runmap_free(&rounds->outcomes);
}

static gp_status note(gp_rounds *rounds, gp_run_key key, enum gp_run_state state, int verdict) {
  bool judged = state == GP_RUN_DONE && verdict >= 0 && verdict < VERDICTS_MAX;
  size_t outcome = judged ? (size_t)verdict : VERDICTS_MAX + (size_t)state;
  return gp_runmap_add(&rounds->outcomes, key, outcome) == SIZE_MAX ? no_memory() : GP_OK;
}

gp_status gp_rounds_note_row(gp_rounds *rounds, const gp_plan *plan, size_t row, enum gp_run_state state,
                             int verdict) {
  return note(rounds, plan->ids[row], state, verdict);
}

void gp_rounds_missing(const gp_rounds *rounds, const gp_plan *plan, unsigned char *wanted) {
  for (size_t row = 0; row < plan->grid.rows; row++)
    wanted[row] = gp_runmap_find(&rounds->outcomes, plan->ids[row]) == SIZE_MAX;
}

/* ---- a round ---- */

/* What most seeds of a site came to, the first of the list among equals; false when one has not come to its end. The
 * points of a site follow each other. */
static bool vote(const gp_rounds *rounds, const gp_run_key *keys, size_t seeds, int *verdict) {
  size_t votes[OUTCOMES] = {0};
  for (size_t s = 0; s < seeds; s++) {
    size_t outcome = gp_runmap_find(&rounds->outcomes, keys[s]);
    if (outcome == SIZE_MAX) return false;
    votes[outcome]++;
  }
  *verdict = 0;
  for (int i = 1; i < OUTCOMES; i++)
    if (votes[i] > votes[*verdict]) *verdict = i;
  return true;
}

/* The verdict of every chosen site; false when one is missing. */
static bool vote_all(const gp_rounds *rounds, const gp_plan *plan, int *verdicts) {
  const gp_refine *refine = &plan->grid.refine;
  const gp_named_points *named = &plan->named;
  size_t at = 0;
  for (size_t i = 0; i < refine->count; i++) {
    while (named->points[at] < refine->sites[i] * refine->seeds) at++;
    if (!vote(rounds, named->keys + at, (size_t)refine->seeds, &verdicts[i])) return false;
  }
  return true;
}

static gp_status grow(gp_plan *plan, const uint64_t *sites, size_t count) {
  GP_TRY(gp_refine_add(&plan->grid.refine, sites, count));
  return gp_plan_extend(plan);
}

gp_status gp_rounds_next(const gp_rounds *rounds, gp_plan *plan, bool *grown) {
  const gp_refine *refine = &plan->grid.refine;
  int *verdicts = malloc((refine->count + 1) * sizeof *verdicts);
  uint64_t *sites = NULL;
  size_t count = 0;
  *grown = false;
  if (verdicts == NULL) return no_memory();
  gp_status status = GP_OK;
  if (vote_all(rounds, plan, verdicts)) status = gp_refine_next(&sites, &count, refine, verdicts);
  if (status == GP_OK && count > 0) status = grow(plan, sites, count);
  *grown = status == GP_OK && count > 0;
  free(verdicts);
  free(sites);
  return status;
}

/* ---- what is stored ---- */

/* One stored, finished run, and where it says that it lies. */
typedef struct stored {
  gp_run_key key;
  double x, y;
} stored;

typedef struct store {
  stored *runs;
  size_t count;
} store;

static const char *column_of(const gp_plan *plan, const gp_refine_side *side) {
  return plan->config.axes[side->axis].parameter->column;
}

static double number(const gp_table *table, int variable, size_t run) {
  return variable < 0 ? (double)NAN : gp_table_real(table, variable, run);
}

static gp_status read_run(store *out, gp_rounds *rounds, const gp_table *table, size_t run,
                          const int variables[static 5], bool retry_failed) {
  stored *at = &out->runs[out->count];
  if (!gp_run_key_parse(&at->key, gp_table_cell(table, 0, run).text)) return GP_OK;
  int state = variables[1] < 0 ? GP_RUN_DONE : gp_table_cell(table, variables[1], run).state;
  int verdict = variables[2] < 0 ? -1 : gp_table_cell(table, variables[2], run).state;
  if (state == GP_RUN_PENDING) return GP_OK;
  at->x = number(table, variables[3], run), at->y = number(table, variables[4], run);
  out->count++;
  bool failed = state != GP_RUN_DONE && state != GP_RUN_STOPPED;
  return failed && retry_failed ? GP_OK : note(rounds, at->key, (enum gp_run_state)state, verdict);
}

static gp_status read_store(store *out, gp_rounds *rounds, const gp_plan *plan, const char *output,
                            bool retry_failed) {
  enum { COLUMNS = 5 };
  const gp_refine *refine = &plan->grid.refine;
  const char *const names[COLUMNS + 1] = {
      "run_id", "status", "verdict", column_of(plan, &refine->x), column_of(plan, &refine->y), NULL};
  int variables[COLUMNS];
  gp_table *table;
  GP_TRY(gp_table_open_columns(&table, output, names));
  for (size_t i = 0; i < COLUMNS; i++) variables[i] = gp_table_find(table, names[i]);
  size_t runs = gp_table_runs(table);
  out->runs = malloc((runs + 1) * sizeof *out->runs);
  gp_status status = out->runs == NULL ? no_memory() : GP_OK;
  for (size_t run = 0; run < runs && status == GP_OK; run++)
    status = read_run(out, rounds, table, run, variables, retry_failed);
  gp_table_close(table);
  return status;
}

/* ---- stored runs that the rounds did not choose ---- */

/* The number of the axis's value that is `number`, or SIZE_MAX. Ranges rise or fall, so all are looked at. */
static size_t value_at(const gp_plan *plan, const gp_refine_side *side, double number) {
  const gp_axis *axis = &plan->config.axes[side->axis];
  for (size_t i = 0; i < axis->length; i++) {
    const gp_setting *s = &axis->settings[axis->start[i]];
    bool whole = s->parameter->option->type == GP_OPTION_INT;
    if ((whole ? (double)s->value.integer : s->value.real) == number) return i;
  }
  return SIZE_MAX;
}

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* The runs that are in no row of the plan stay in the list. */
static gp_status drop_known(store *found, const gp_plan *plan) {
  gp_runmap rows = {0};
  size_t kept = 0;
  gp_status status = GP_OK;
  for (size_t row = 0; row < plan->grid.rows && status == GP_OK; row++)
    if (gp_runmap_add(&rows, plan->ids[row], row) == SIZE_MAX) status = no_memory();
  for (size_t i = 0; i < found->count && status == GP_OK; i++)
    if (gp_runmap_find(&rows, found->runs[i].key) == SIZE_MAX) found->runs[kept++] = found->runs[i];
  found->count = kept;
  gp_runmap_free(&rows);
  return status;
}

static size_t sort_unique(uint64_t *list, size_t count) {
  size_t kept = 0;
  if (count > 0) qsort(list, count, sizeof *list, compare);
  for (size_t i = 0; i < count; i++)
    if (i == 0 || list[i] != list[i - 1]) list[kept++] = list[i];
  return kept;
}

/* Where on the map the runs lie, by x and y alone. */
static size_t places(uint64_t *out, const store *found, const gp_plan *plan) {
  const gp_refine *refine = &plan->grid.refine;
  size_t count = 0;
  for (size_t i = 0; i < found->count; i++) {
    size_t x = value_at(plan, &refine->x, found->runs[i].x), y = value_at(plan, &refine->y, found->runs[i].y);
    if (x != SIZE_MAX && y != SIZE_MAX)
      out[count++] = (x * refine->x.stride + y * refine->y.stride) * refine->seeds;
  }
  return sort_unique(out, count);
}

/* The points at the first x and the first y: the combinations of everything else. */
static size_t origins(uint64_t *out, const gp_plan *plan) {
  const gp_refine *refine = &plan->grid.refine;
  size_t count = 0;
  for (size_t i = 0; i < plan->named.count; i++) {
    uint64_t site = plan->named.points[i] / refine->seeds;
    bool first_x = site / refine->x.stride % refine->x.length == 0,
         first_y = site / refine->y.stride % refine->y.length == 0;
    if (first_x && first_y) out[count++] = plan->named.points[i];
  }
  return count;
}

/* Of some points of the grid, ascending, those that are runs of the list stay. */
static gp_status keep_stored(uint64_t *points, size_t *count, const store *found, gp_plan *plan) {
  gp_runmap keys = {0};
  size_t kept = 0;
  gp_run_key *names = malloc((*count + 1) * sizeof *names);
  gp_status status = names == NULL ? no_memory() : gp_plan_keys(names, plan, points, *count);
  for (size_t i = 0; i < found->count && status == GP_OK; i++)
    if (gp_runmap_add(&keys, found->runs[i].key, i) == SIZE_MAX) status = no_memory();
  for (size_t i = 0; i < *count && status == GP_OK; i++)
    if (gp_runmap_find(&keys, names[i]) != SIZE_MAX) points[kept++] = points[i];
  *count = kept;
  gp_runmap_free(&keys);
  free(names);
  return status;
}

/* Every place with every combination is tried. */
static gp_status admit(gp_plan *plan, const store *found) {
  uint64_t *place = malloc((found->count + 1) * sizeof *place), *points = NULL;
  uint64_t *origin = malloc((plan->named.count + 1) * sizeof *origin);
  gp_status status = place == NULL || origin == NULL ? no_memory() : GP_OK;
  size_t count = 0, here = 0, others = 0;
  if (status == GP_OK) here = places(place, found, plan), others = origins(origin, plan);
  if (status == GP_OK) points = calloc(here + 1, (others + 1) * sizeof *points);
  if (status == GP_OK && points == NULL) status = no_memory();
  for (size_t i = 0; i < here && points != NULL; i++)
    for (size_t j = 0; j < others; j++) points[count++] = place[i] + origin[j];
  if (status == GP_OK) {
    count = sort_unique(points, count);
    status = keep_stored(points, &count, found, plan);
  }
  if (status == GP_OK && count > 0) status = gp_refine_keep(&plan->grid.refine, points, count);
  if (status == GP_OK && count > 0) status = gp_plan_extend(plan);
  free(place);
  free(origin);
  free(points);
  return status;
}

gp_status gp_rounds_replay(gp_rounds *rounds, gp_plan *plan, const char *output, bool retry_failed) {
  store found = {0};
  bool grown = true;
  gp_rounds_free(rounds);
  *rounds = (gp_rounds){0};
  if (access(output, F_OK) != 0 && !gp_shards_exist(output)) return GP_OK;
  gp_status status = read_store(&found, rounds, plan, output, retry_failed);
  while (status == GP_OK && grown) status = gp_rounds_next(rounds, plan, &grown);
  if (status == GP_OK) status = drop_known(&found, plan);
  if (status == GP_OK && found.count > 0) status = admit(plan, &found);
  free(found.runs);
  return status;
}

gp_status gp_rounds_restore(gp_plan *plan, const char *output) {
  gp_rounds rounds = {0};
  if (!gp_plan_refines(plan)) return GP_OK;
  gp_status status = gp_rounds_replay(&rounds, plan, output, false);
  gp_rounds_free(&rounds);
  return status;
}
