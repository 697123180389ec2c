/* The rows of a plan: specs, data sets, identities; what makes a row impossible or an axis idle. */
#include <stdlib.h>
#include <string.h>

#include "plan_state.h"
#include "run.h"

enum { CHECKPOINTS_MAX = 1000000 };

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the plan");
}

void gp_plan_index(const gp_plan *plan, size_t row, size_t index[static GP_AXES_MAX]) {
  gp_grid_indices(&plan->grid, plan->config.axis_count, gp_grid_point(&plan->grid, row), index);
}

void gp_plan_given(const gp_plan *plan, const size_t *index, gp_spec *spec) {
  *spec = plan->base;
  gp_grid_apply(&plan->config, index, spec);
}

/* ---- data sets ---- */

static bool key_of(const gp_text *text, gp_run_key *key) {
  char hash[GP_HASH_TEXT];
  if (text->failed) return false;
  gp_hash_text(hash, text->data, text->length);
  return gp_run_key_parse(key, hash);
}

static bool data_key(const gp_plan *plan, const gp_spec *spec, gp_run_key *key) {
  gp_text text = {0};
  gp_canonical_data(&text, &plan->config.parameters, spec);
  bool fine = key_of(&text, key);
  gp_text_free(&text);
  return fine;
}

static gp_status keep_dataset(gp_plan *plan, gp_dataset *data, gp_run_key key) {
  if (plan->dataset_count == plan->dataset_capacity) {
    size_t capacity = plan->dataset_capacity > 0 ? 2 * plan->dataset_capacity : 8;
    gp_dataset **grown = realloc(plan->datasets, capacity * sizeof(gp_dataset *));
    if (grown == NULL) return no_memory();
    plan->datasets = grown;
    plan->dataset_capacity = capacity;
  }
  if (gp_runmap_add(&plan->dataset_of, key, plan->dataset_count) == SIZE_MAX) return no_memory();
  plan->datasets[plan->dataset_count++] = data;
  return GP_OK;
}

/* Where the key of a path is written; line 0, the file as a whole, when it is not and a default does not fit. Options
 * stay with the list that their item stands in. */
static gp_mark mark_of(const gp_config *config, const char *path) {
  const gp_node *node = gp_config_node(config, path);
  const char *dot = strchr(path, '.');
  gp_mark mark = node->mark;
  size_t length = dot != NULL ? (size_t)(dot - path) : 0;
  bool is_section = dot != NULL && node != config->root && strlen(node->key) == length &&
                    strncmp(node->key, path, length) == 0 && strcmp(node->key, "data") != 0;
  if (node == config->root || is_section) mark.line = 0;
  return mark;
}

/* A batch that no one wrote is not "train.batch" to who reads the message. */
static void name_default(const gp_config *config, gp_status status, const char *path) {
  static const char batch[] = "train.batch";
  const gp_node *node = gp_config_node(config, path);
  if (strcmp(path, batch) != 0 || (node->key != NULL && strcmp(node->key, "batch") == 0)) return;
  gp_text text = {0};
  gp_text_add(&text, "the default batch of%s; write batch: full", gp_message() + sizeof batch);
  if (!text.failed) gp_fail(status, "%s", text.data);
  gp_text_free(&text);
}

/* The key that a message begins with. */
static void message_key(char path[static 128]) {
  const char *message = gp_message();
  size_t length = strcspn(message, ":"), n = length < 128 ? length : 0;
  memcpy(path, message, n);
  path[n] = '\0';
}

/* Shows the error of a row where its key is written: the message begins with the key. */
static gp_status fail_row(const gp_plan *plan, gp_status status, const size_t *index) {
  char path[128];
  message_key(path);
  gp_mark mark = mark_of(&plan->config, path);
  name_default(&plan->config, status, path);
  gp_text where = {0};
  gp_plan_describe_index(plan, index, &where);
  gp_fail_place(status, mark);
  if (where.length > 0 && !where.failed) {
    gp_text all = {0};
    gp_text_add(&all, "%s\nin the run %s", gp_message(), where.data);
    if (!all.failed) gp_fail(status, "%s", all.data);
    gp_text_free(&all);
  }
  gp_text_free(&where);
  return status;
}

/* Where the key or the file is named that a data set's message begins with; else where the data set is. */
static gp_mark data_mark(const gp_plan *plan, const gp_spec *spec) {
  char path[128];
  message_key(path);
  if (strncmp(path, "data.", 5) == 0) return mark_of(&plan->config, path);
  for (const gp_option *o = spec->data.item->options; o != NULL && o->name != NULL; o++) {
    if (!(o->flags & GP_PATH)) continue;
    const char *file = *(const char *const *)gp_option_value(o, spec->data.options);
    if (file == NULL || strncmp(gp_message(), file, strlen(file)) != 0) continue;
    const gp_node *node = gp_node_member(gp_config_node(&plan->config, "data"), o->name);
    if (node != NULL) return node->key_mark;
  }
  return gp_config_node(&plan->config, "data")->mark;
}

static gp_status make_dataset(gp_plan *plan, const gp_spec *spec, gp_run_key key) {
  gp_dataset *data = calloc(1, sizeof *data);
  if (data == NULL) return no_memory();
  gp_status status = gp_dataset_make(data, &spec->data, &spec->data_common);
  if (status != GP_OK) {
    free(data);
    return gp_fail_place(status, data_mark(plan, spec));
  }
  status = keep_dataset(plan, data, key);
  if (status != GP_OK) {
    gp_dataset_free(data);
    free(data);
  }
  return status;
}

const gp_dataset *gp_plan_dataset(const gp_plan *plan, size_t row) {
  return plan->datasets[plan->data_rows[row]];
}

/* ---- visiting the rows ---- */

/* Points are visited in order; what only the seed changes is taken from the row before. */
typedef struct visitor {
  gp_plan *plan;
  size_t index[GP_AXES_MAX], last[GP_AXES_MAX];
  size_t seed_axis;
  bool warm; /* `last` and `head` hold a row */
  gp_spec spec;
  const gp_dataset *data;
  size_t data_number; /* in the plan */
  gp_text head;       /* the canonical text up to the seed's line */
  size_t head_length;
  gp_run_key data_key;
  gp_checkpoints checkpoints; /* those whose steps are in the union already */
  const char *probes;         /* and the selection of probes they were with */
  int64_t steps;
  int64_t *all; /* checkpoints of all rows, with repeats */
  size_t all_count, all_capacity;
} visitor;

static bool only_seed_changed(const visitor *v) {
  for (size_t a = 0; a < v->plan->config.axis_count; a++)
    if (a != v->seed_axis && v->index[a] != v->last[a]) return false;
  return v->warm;
}

static gp_status take_data(visitor *v) {
  gp_run_key key;
  if (!data_key(v->plan, &v->spec, &key)) return no_memory();
  if (v->data != NULL && key.high == v->data_key.high && key.low == v->data_key.low) return GP_OK;
  if (gp_runmap_find(&v->plan->dataset_of, key) == SIZE_MAX) GP_TRY(make_dataset(v->plan, &v->spec, key));
  v->data_number = gp_runmap_find(&v->plan->dataset_of, key);
  v->data = v->plan->datasets[v->data_number];
  v->data_key = key;
  return GP_OK;
}

static int compare_steps(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void unite(visitor *v) {
  size_t kept = 0;
  qsort(v->all, v->all_count, sizeof *v->all, compare_steps);
  for (size_t i = 0; i < v->all_count; i++)
    if (i == 0 || v->all[i] != v->all[i - 1]) v->all[kept++] = v->all[i];
  v->all_count = kept;
}

/* Collects the checkpoints of a row unless the row before had the same. */
static gp_status take_checkpoints(visitor *v) {
  const gp_checkpoints *c = &v->spec.checkpoints;
  bool same = v->all_count > 0 && v->steps == v->spec.steps && c->kind == v->checkpoints.kind &&
              c->count == v->checkpoints.count && c->list == v->checkpoints.list &&
              v->spec.probes == v->probes;
  if (same) return GP_OK;
  v->checkpoints = *c;
  v->probes = v->spec.probes;
  v->steps = v->spec.steps;
  double every = c->kind == 1 ? (double)v->spec.steps / (double)c->count : 0;
  if (every > CHECKPOINTS_MAX) {
    gp_fail(GP_ERR_CONFIG, "record.checkpoints: %.0f checkpoints; a run has at most %d", every,
            CHECKPOINTS_MAX);
    return fail_row(v->plan, GP_ERR_CONFIG, v->index);
  }
  size_t count = (size_t)gp_spec_rows(&v->spec, NULL, 0);
  if (count > CHECKPOINTS_MAX) {
    gp_fail(GP_ERR_CONFIG, "record.probes: measured at %zu steps; a run has at most %d", count,
            CHECKPOINTS_MAX);
    return fail_row(v->plan, GP_ERR_CONFIG, v->index);
  }
  if (v->all_count + count > v->all_capacity) {
    if (v->all_count > 0) unite(v);
    size_t capacity = 2 * (v->all_count + count);
    int64_t *grown = realloc(v->all, capacity * sizeof *grown);
    if (grown == NULL) return no_memory();
    v->all = grown;
    v->all_capacity = capacity;
  }
  gp_spec_rows(&v->spec, v->all + v->all_count, (int64_t)count);
  v->all_count += count;
  return GP_OK;
}

/* The longest inner dimensions of any run. */
static gp_status take_inner(visitor *v) {
  size_t inner[GP_INNERS];
  GP_TRY(gp_train_inner(&v->spec, v->data, inner));
  for (int d = 0; d < GP_INNERS; d++)
    if (inner[d] > v->plan->schema.inner[d]) v->plan->schema.inner[d] = inner[d];
  return GP_OK;
}

/* Everything about a row that does not depend on its seed. */
static gp_status take_setting(visitor *v) {
  gp_plan_given(v->plan, v->index, &v->spec);
  GP_TRY(take_data(v));
  gp_status status = gp_spec_resolve(&v->spec, v->data);
  if (status == GP_OK) status = gp_given_take(&v->plan->given, &v->spec, v->data);
  if (status != GP_OK) return fail_row(v->plan, status, v->index);
  v->head.length = 0;
  gp_canonical_head(&v->head, &v->plan->config.parameters, &v->spec, v->data);
  v->head_length = v->head.length;
  size_t layers = (size_t)v->spec.depth + 1;
  if (layers > v->plan->schema.layer_count) v->plan->schema.layer_count = layers;
  GP_TRY(take_inner(v));
  return take_checkpoints(v);
}

static gp_status take_point(visitor *v, uint64_t point, gp_run_key *key) {
  gp_grid_indices(&v->plan->grid, v->plan->config.axis_count, point, v->index);
  if (only_seed_changed(v)) {
    const gp_axis *seeds = &v->plan->config.axes[v->seed_axis];
    if (v->seed_axis < v->plan->config.axis_count)
      v->spec.seed = seeds->settings[v->index[v->seed_axis]].value.integer;
  } else {
    GP_TRY(take_setting(v));
    memcpy(v->last, v->index, v->plan->config.axis_count * sizeof v->index[0]);
    v->warm = true;
  }
  v->head.length = v->head_length;
  gp_canonical_seed(&v->head, &v->spec);
  return key_of(&v->head, key) ? GP_OK : no_memory();
}

/* Identity and data set of every row. Points of a refined map that are known already are not visited again. */
static gp_status name_rows(visitor *v) {
  gp_plan *plan = v->plan;
  const gp_named_points *known = &plan->named;
  for (size_t row = 0, k = 0; row < plan->grid.rows; row++) {
    uint64_t point = gp_grid_point(&plan->grid, row);
    while (k < known->count && known->points[k] < point) k++;
    bool named = k < known->count && known->points[k] == point;
    if (named) {
      plan->ids[row] = known->keys[k];
      plan->data_rows[row] = known->data_rows[k];
    } else {
      GP_TRY(take_point(v, point, &plan->ids[row]));
      plan->data_rows[row] = (uint32_t)v->data_number;
    }
  }
  return GP_OK;
}

static void forget_names(gp_named_points *named) {
  free(named->points);
  free(named->keys);
  free(named->data_rows);
  *named = (gp_named_points){.count = 0};
}

/* Remembers the names of the rows before repeats are left out. */
static gp_status keep_names(gp_plan *plan) {
  size_t count = plan->grid.rows;
  gp_named_points named = {.points = malloc((count + 1) * sizeof *named.points),
                           .keys = malloc((count + 1) * sizeof *named.keys),
                           .data_rows = malloc((count + 1) * sizeof *named.data_rows),
                           .count = count};
  if (named.points == NULL || named.keys == NULL || named.data_rows == NULL) {
    forget_names(&named);
    return no_memory();
  }
  for (size_t row = 0; row < count; row++) named.points[row] = gp_grid_point(&plan->grid, row);
  memcpy(named.keys, plan->ids, count * sizeof *named.keys);
  memcpy(named.data_rows, plan->data_rows, count * sizeof *named.data_rows);
  forget_names(&plan->named);
  plan->named = named;
  return GP_OK;
}

static gp_status start_choosing(gp_plan *plan) {
  gp_grid *grid = &plan->grid;
  if (grid->chosen != NULL) return GP_OK;
  grid->chosen = malloc(grid->rows * sizeof *grid->chosen);
  if (grid->chosen == NULL) return no_memory();
  for (size_t i = 0; i < grid->rows; i++) grid->chosen[i] = i;
  return GP_OK;
}

/* Leaves out rows that are a run that is there already (an option that this row's item does not have was swept). */
static gp_status drop_repeats(gp_plan *plan) {
  gp_runmap seen = {0};
  size_t kept = 0;
  gp_status status = GP_OK;
  for (size_t row = 0; row < plan->grid.rows && status == GP_OK; row++) {
    size_t first = gp_runmap_add(&seen, plan->ids[row], kept);
    if (first == SIZE_MAX) status = no_memory();
    if (first != kept && status == GP_OK) status = start_choosing(plan);
    if (first != kept) continue;
    plan->ids[kept] = plan->ids[row];
    plan->data_rows[kept] = plan->data_rows[row];
    if (plan->grid.chosen != NULL) plan->grid.chosen[kept] = plan->grid.chosen[row];
    kept++;
  }
  plan->grid.rows = kept;
  gp_runmap_free(&seen);
  return status;
}

static gp_status identify(visitor *v) {
  GP_TRY(name_rows(v));
  if (v->plan->grid.refine.on) GP_TRY(keep_names(v->plan));
  return drop_repeats(v->plan);
}

/* ---- axes that nothing reads ---- */

/* Whether the row is another run when one of its axes takes its first value instead. */
static bool reads(visitor *v, size_t axis, size_t row) {
  gp_plan *plan = v->plan;
  gp_run_key key, data;
  gp_plan_index(plan, row, v->index);
  v->index[axis] = 0;
  gp_plan_given(plan, v->index, &v->spec);
  if (!data_key(plan, &v->spec, &data)) return true;
  size_t found = gp_runmap_find(&plan->dataset_of, data);
  if (found == SIZE_MAX || gp_spec_resolve(&v->spec, plan->datasets[found]) != GP_OK) return true;
  if (gp_given_take(&plan->given, &v->spec, plan->datasets[found]) != GP_OK) return true;
  v->head.length = 0;
  gp_canonical_head(&v->head, &plan->config.parameters, &v->spec, plan->datasets[found]);
  gp_canonical_seed(&v->head, &v->spec);
  return !key_of(&v->head, &key) || key.high != plan->ids[row].high || key.low != plan->ids[row].low;
}

/* Equal runs were left out, the first of them kept: an axis that nothing reads has only its first value left, unless
 * `random` or `zip` left it others. */
static bool is_idle(visitor *v, size_t axis) {
  size_t index[GP_AXES_MAX];
  bool moved = false;
  for (size_t row = 0; row < v->plan->grid.rows; row++) {
    gp_plan_index(v->plan, row, index);
    if (index[axis] == 0) continue;
    moved = true;
    if (reads(v, axis, row)) return false;
  }
  return moved || (v->plan->config.random == 0 && v->plan->config.where == NULL);
}

static gp_status check_idle(visitor *v) {
  for (size_t a = 0; a < v->plan->config.axis_count; a++) {
    const gp_axis *axis = &v->plan->config.axes[a];
    if (axis->length < 2 || !is_idle(v, a)) continue;
    return gp_fail_at(GP_ERR_CONFIG, axis->node->mark, "no run reads '%s', so sweeping it changes nothing",
                      axis->parameter->path);
  }
  return GP_OK;
}

static size_t seed_axis(const gp_plan *plan) {
  for (size_t a = 0; a < plan->config.axis_count; a++)
    if (strcmp(plan->config.axes[a].parameter->path, "seed") == 0) return a;
  return plan->config.axis_count;
}

static gp_status visitor_open(visitor **out, gp_plan *plan) {
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return no_memory();
  (*out)->plan = plan;
  (*out)->seed_axis = seed_axis(plan);
  return GP_OK;
}

static void visitor_close(visitor *v) {
  if (v == NULL) return;
  free(v->all);
  gp_text_free(&v->head);
  free(v);
}

static gp_status make_rows(gp_plan *plan) {
  size_t rows = plan->grid.rows;
  plan->ids = malloc((rows + 1) * sizeof *plan->ids);
  plan->data_rows = malloc((rows + 1) * sizeof *plan->data_rows);
  if (plan->ids != NULL && plan->data_rows != NULL) return GP_OK;
  return gp_fail(GP_ERR_MEMORY, "no memory for a plan of %zu runs: %zu bytes are wanted", rows,
                 rows * (sizeof *plan->ids + sizeof *plan->data_rows));
}

gp_status gp_plan_visit(gp_plan *plan) {
  visitor *v = NULL;
  gp_status status;
  GP_TRY_DONE(make_rows(plan));
  GP_TRY_DONE(visitor_open(&v, plan));
  GP_TRY_DONE(identify(v));
  GP_TRY_DONE(check_idle(v));
  unite(v);
  plan->checkpoints = v->all;
  plan->schema.checkpoint_count = v->all_count;
  v->all = NULL;
done:
  visitor_close(v);
  return status;
}

gp_status gp_plan_extend(gp_plan *plan) {
  gp_grid before = plan->grid;
  gp_run_key *ids = plan->ids;
  uint32_t *data_rows = plan->data_rows;
  visitor *v = NULL;
  gp_status status;
  plan->ids = NULL, plan->data_rows = NULL;
  GP_TRY_DONE(gp_grid_take_points(&plan->grid, plan->config.source.name));
  GP_TRY_DONE(make_rows(plan));
  GP_TRY_DONE(visitor_open(&v, plan));
  GP_TRY_DONE(identify(v));
done:
  visitor_close(v);
  if (status == GP_OK) {
    free(before.chosen), free(ids), free(data_rows);
    return GP_OK;
  }
  if (plan->grid.chosen != before.chosen) free(plan->grid.chosen);
  free(plan->ids), free(plan->data_rows);
  plan->grid.chosen = before.chosen, plan->grid.rows = before.rows;
  plan->ids = ids, plan->data_rows = data_rows;
  return status;
}

gp_status gp_plan_keys(gp_run_key *keys, gp_plan *plan, const uint64_t *points, size_t count) {
  visitor *v;
  GP_TRY(visitor_open(&v, plan));
  gp_status status = GP_OK;
  for (size_t i = 0; i < count && status == GP_OK; i++) status = take_point(v, points[i], &keys[i]);
  visitor_close(v);
  return status;
}

void gp_plan_forget(gp_plan *plan) {
  forget_names(&plan->named);
  free(plan->ids);
  free(plan->data_rows);
}
