/* Dimensions, points and rows of a sweep; see grid.h. */
#include "grid.h"

#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "where.h"

enum { NONE = -1 };

/* Points that are looked at one by one, when `where` or `random` chooses. */
#define SCAN_MAX 2e7

/* ---- dimensions ---- */

/* Ties the axes of one group: they share the dimension of the first. */
static gp_status tie(const gp_config *config, int *group, int number, const gp_node *list) {
  size_t first = 0;
  if (list->kind != GP_NODE_LIST || list->count < 2)
    return gp_fail_at(GP_ERR_CONFIG, list->mark,
                      "zip ties lists of at least two parameters: [[model.width, train.batch]]");
  for (const gp_node *n = list->first; n != NULL; n = n->next) {
    size_t a;
    GP_TRY(gp_axis_named(&a, config, n, "zip"));
    if (n == list->first) first = a;
    if (group[a] != NONE) return gp_fail_at(GP_ERR_CONFIG, n->mark, "zip: '%s' is tied twice", n->text);
    if (config->axes[a].length != config->axes[first].length)
      return gp_fail_at(GP_ERR_CONFIG, n->mark, "zip: %s has %zu values and %s has %zu",
                        config->axes[first].parameter->path, config->axes[first].length,
                        config->axes[a].parameter->path, config->axes[a].length);
    group[a] = number;
  }
  return GP_OK;
}

static gp_status tie_all(const gp_config *config, int *group) {
  const gp_node *zip = config->zip;
  if (zip == NULL) return GP_OK;
  if (zip->kind == GP_NODE_LIST && zip->first != NULL && zip->first->kind == GP_NODE_SCALAR)
    return tie(config, group, 0, zip); /* one group, written flat */
  if (zip->kind != GP_NODE_LIST)
    return gp_fail_at(GP_ERR_CONFIG, zip->mark, "zip must be a list of lists of parameters, not %s",
                      gp_node_kind_text(zip));
  int number = 0;
  for (const gp_node *n = zip->first; n != NULL; n = n->next) GP_TRY(tie(config, group, number++, n));
  return GP_OK;
}

/* Numbers the dimensions in the order of the configuration, leaving out `last` (the group or axis of the seed). */
static void number_dimensions(gp_grid *grid, const gp_config *config, const int *group, size_t seed,
                              bool seeds) {
  for (size_t a = 0; a < config->axis_count; a++) {
    bool with_seed = a == seed || (seed < config->axis_count && group[a] != NONE && group[a] == group[seed]);
    if (with_seed != seeds) continue;
    size_t earlier = a;
    for (size_t b = 0; b < a && earlier == a && group[a] != NONE; b++)
      if (group[b] == group[a]) earlier = b;
    if (earlier < a) {
      grid->dimension[a] = grid->dimension[earlier];
      continue;
    }
    grid->length[grid->dimensions] = config->axes[a].length;
    grid->dimension[a] = grid->dimensions++;
  }
}

static gp_status count_points(gp_grid *grid, const gp_config *config) {
  grid->points = 1;
  for (size_t d = grid->dimensions; d-- > 0;) {
    grid->stride[d] = grid->points;
    if (__builtin_mul_overflow(grid->points, grid->length[d], &grid->points) || grid->points >> 62 != 0)
      return gp_fail(GP_ERR_CONFIG, "%s: error: the axes multiply to more than 2^62 points",
                     config->source.name);
  }
  return GP_OK;
}

static gp_status lay_out(gp_grid *grid, const gp_config *config) {
  size_t n = config->axis_count, seed = n;
  int *group = malloc((n + 1) * sizeof *group);
  grid->dimension = malloc((n + 1) * sizeof *grid->dimension);
  grid->length = malloc((n + 1) * sizeof *grid->length);
  grid->stride = malloc((n + 1) * sizeof *grid->stride);
  if (group == NULL || grid->dimension == NULL || grid->length == NULL || grid->stride == NULL) {
    free(group);
    return gp_fail(GP_ERR_MEMORY, "no memory for the axes");
  }
  for (size_t a = 0; a < n; a++) {
    group[a] = NONE;
    if (strcmp(config->axes[a].parameter->path, "seed") == 0) seed = a;
  }
  gp_status status = tie_all(config, group);
  number_dimensions(grid, config, group, seed, false);
  number_dimensions(grid, config, group, seed, true);
  free(group);
  return status == GP_OK ? count_points(grid, config) : status;
}

void gp_grid_indices(const gp_grid *grid, size_t axis_count, uint64_t point, size_t *index) {
  for (size_t a = 0; a < axis_count; a++) {
    size_t d = grid->dimension[a];
    index[a] = grid->length[d] > 1 ? (size_t)(point / grid->stride[d] % grid->length[d]) : 0;
  }
}

void gp_grid_apply(const gp_config *config, const size_t *index, gp_spec *spec) {
  for (int options = 0; options < 2; options++)
    for (size_t a = 0; a < config->axis_count; a++) {
      const gp_axis *axis = &config->axes[a];
      if ((axis->parameter->choice != NULL) != options) continue;
      for (size_t s = axis->start[index[a]]; s < axis->start[index[a] + 1]; s++)
        gp_setting_apply(&axis->settings[s], spec);
    }
}

/* ---- choosing ---- */

/* A permutation of [0, 2^bits) by four rounds of a Feistel network (Luby and Rackoff 1988), keyed by the house's random
 * numbers: point number `i` of a random order, without holding the order. */
static uint64_t permute(uint64_t i, int half, uint64_t seed) {
  uint64_t mask = ((uint64_t)1 << half) - 1, left = i >> half, right = i & mask;
  for (uint32_t round = 0; round < 4; round++) {
    uint32_t words[4];
    gp_rng_words(words, (gp_stream){seed, GP_PURPOSE_SWEEP, round}, right);
    uint64_t mixed = left ^ ((((uint64_t)words[1] << 32) | words[0]) & mask);
    left = right;
    right = mixed;
  }
  return left << half | right;
}

typedef struct chooser {
  gp_grid *grid;
  const gp_config *config;
  const gp_where *where;
  const gp_spec *base;
  size_t *index, capacity, wanted;
} chooser;

static gp_status consider(chooser *c, uint64_t point) {
  gp_grid *grid = c->grid;
  if (c->where != NULL) {
    gp_spec spec = *c->base;
    gp_grid_indices(grid, c->config->axis_count, point, c->index);
    gp_grid_apply(c->config, c->index, &spec);
    if (!gp_where_holds(c->where, &spec)) return GP_OK;
  }
  if (grid->rows == c->capacity) {
    size_t capacity = c->capacity > 0 ? 2 * c->capacity : 256;
    uint64_t *chosen = realloc(grid->chosen, capacity * sizeof *chosen);
    if (chosen == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %zu runs", capacity);
    grid->chosen = chosen;
    c->capacity = capacity;
  }
  grid->chosen[grid->rows++] = point;
  return GP_OK;
}

static int compare_points(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static gp_status choose(chooser *c) {
  uint64_t points = c->grid->points, seed = (uint64_t)c->config->random_seed;
  int half = 1;
  while (half < 31 && (uint64_t)1 << (2 * half) < points) half++;
  bool random = c->config->random > 0;
  c->wanted = random ? (size_t)c->config->random : GP_ROWS_MAX + 1;
  uint64_t end = random ? (uint64_t)1 << (2 * half) : points, looked = 0;
  for (uint64_t i = 0; i < end && c->grid->rows < c->wanted; i++) {
    uint64_t point = random ? permute(i, half, seed) : i;
    if (point >= points) continue;
    if ((double)looked++ > SCAN_MAX)
      return gp_fail_at(GP_ERR_CONFIG, c->config->where->mark,
                        "where: it leaves too few of %.3g points to find them", (double)points);
    GP_TRY(consider(c, point));
  }
  if (random && c->grid->rows > 0) qsort(c->grid->chosen, c->grid->rows, sizeof(uint64_t), compare_points);
  return GP_OK;
}

static gp_status choose_rows(gp_grid *grid, gp_config *config, const gp_spec *base) {
  chooser c = {.grid = grid, .config = config, .base = base};
  gp_where *where = NULL;
  if (config->where != NULL)
    GP_TRY(gp_where_parse(&where, &config->pool, &config->parameters, config->where));
  c.where = where;
  c.index = malloc((config->axis_count + 1) * sizeof *c.index);
  if (c.index == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the axes");
  gp_status status = choose(&c);
  free(c.index);
  if (status == GP_OK && grid->rows == 0)
    status = gp_fail_at(GP_ERR_CONFIG, config->where->mark, "where: no point of the grid meets it");
  return status;
}

static gp_status check_rows(const gp_grid *grid, const char *name) {
  if (grid->rows <= GP_ROWS_MAX) return GP_OK;
  return gp_fail(
      GP_ERR_CONFIG,
      "%s: error: more than %d runs (the axes span %.6g points); choose some with sweep: {random: N}", name,
      GP_ROWS_MAX, (double)grid->points);
}

gp_status gp_grid_take_points(gp_grid *grid, const char *name) {
  uint64_t *points;
  size_t count;
  GP_TRY(gp_refine_points(&points, &count, &grid->refine));
  grid->chosen = points;
  grid->rows = count;
  return check_rows(grid, name);
}

gp_status gp_grid_make(gp_grid *grid, gp_config *config, const gp_spec *base) {
  *grid = (gp_grid){0};
  GP_TRY(gp_refine_bind(&grid->refine, config));
  GP_TRY(lay_out(grid, config));
  if (grid->refine.on) {
    GP_TRY(gp_refine_begin(&grid->refine, grid, config));
    return gp_grid_take_points(grid, config->source.name);
  }
  if (config->where != NULL || (config->random > 0 && (uint64_t)config->random < grid->points)) {
    GP_TRY(choose_rows(grid, config, base));
  } else {
    grid->rows = grid->points > GP_ROWS_MAX ? GP_ROWS_MAX + 1 : (size_t)grid->points;
  }
  return check_rows(grid, config->source.name);
}

void gp_grid_free(gp_grid *grid) {
  free(grid->dimension);
  free(grid->length);
  free(grid->stride);
  free(grid->chosen);
  gp_refine_free(&grid->refine);
}
