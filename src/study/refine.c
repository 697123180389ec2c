/* Refining a map; see refine.h. */
#include "refine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

static gp_status no_memory(size_t count) {
  return gp_fail(GP_ERR_MEMORY, "no memory for a map of %zu points", count);
}

/* ---- the configuration ---- */

enum { UNTIL_MAX = 1000000 };

typedef struct request {
  const gp_node *x, *y, *until;
} request;

static gp_status read_keys(request *out, const gp_node *node) {
  static const char *const names[] = {"x", "y", "until"};
  const gp_node **const places[] = {&out->x, &out->y, &out->until};
  if (node->kind != GP_NODE_MAP)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "refine must be {x: AXIS, y: AXIS, until: N}, not %s",
                      gp_node_kind_text(node));
  for (const gp_node *n = node->first; n != NULL; n = n->next) {
    size_t i = 0;
    while (i < 3 && strcmp(n->key, names[i]) != 0) i++;
    if (i == 3) return gp_fail_unknown(n->key_mark, "key of refine", n->key, names, 3);
    *places[i] = n;
  }
  for (size_t i = 0; i < 3; i++)
    if (*places[i] == NULL)
      return gp_fail_at(GP_ERR_CONFIG, node->mark, "refine needs '%s': {x: AXIS, y: AXIS, until: N}",
                        names[i]);
  return GP_OK;
}

/* Refinement chooses the points itself, so nothing else may. */
static gp_status check_alone(const gp_config *config) {
  if (config->where != NULL)
    return gp_fail_at(GP_ERR_CONFIG, config->where->key_mark,
                      "where and refine both choose points; give one");
  if (config->random > 0)
    return gp_fail_at(GP_ERR_CONFIG, config->refine->key_mark,
                      "random and refine both choose points; give one");
  return GP_OK;
}

/* The names that a group of zip ties; what is no group is found by who ties them. */
static gp_status check_group(const gp_config *config, const gp_node *group, size_t axis) {
  for (const gp_node *n = group->first; n != NULL; n = n->next) {
    size_t tied;
    if (n->kind == GP_NODE_SCALAR && gp_axis_named(&tied, config, n, "zip") == GP_OK && tied == axis)
      return gp_fail_at(GP_ERR_CONFIG, n->mark, "zip ties an axis that refine refines");
    if (n->kind == GP_NODE_LIST) GP_TRY(check_group(config, n, axis));
  }
  return GP_OK;
}

/* Seeds are what verdicts are counted over; the steps of a run decide which checkpoints the file has. */
static gp_status bind_side(gp_refine_side *side, gp_config *config, const gp_node *name, double until) {
  static const char *const unfit[] = {"seed", "data.seed", "train.steps"};
  gp_values values = {0};
  GP_TRY(gp_axis_named(&side->axis, config, name, "refine"));
  gp_axis *axis = &config->axes[side->axis];
  for (size_t i = 0; i < sizeof unfit / sizeof unfit[0]; i++)
    if (strcmp(axis->parameter->path, unfit[i]) == 0)
      return gp_fail_at(GP_ERR_CONFIG, name->mark, "refine: '%s' is no axis of a map", unfit[i]);
  gp_status status = gp_values_refine(&values, &side->step, axis->node, axis->parameter->option, until);
  if (status == GP_OK) status = gp_axis_replace(axis, &values);
  side->length = values.count;
  free(values.items);
  return status == GP_OK && config->zip != NULL ? check_group(config, config->zip, side->axis) : status;
}

gp_status gp_refine_bind(gp_refine *refine, gp_config *config) {
  request keys = {0};
  int64_t until;
  if (config->refine == NULL) return GP_OK;
  GP_TRY(read_keys(&keys, config->refine));
  GP_TRY(check_alone(config));
  GP_TRY(gp_integer_read(&until, keys.until, "until", 2, UNTIL_MAX));
  GP_TRY(bind_side(&refine->x, config, keys.x, (double)until));
  GP_TRY(bind_side(&refine->y, config, keys.y, (double)until));
  if (refine->x.axis == refine->y.axis)
    return gp_fail_at(GP_ERR_CONFIG, keys.y->mark, "refine: x and y are the same axis");
  if (refine->x.step == 1 && refine->y.step == 1)
    return gp_fail_at(GP_ERR_CONFIG, keys.until->mark,
                      "until: %lld leaves nothing to refine, the axes have %zu and %zu points; until counts "
                      "the steps of the finest grid from one end of an axis to the other",
                      (long long)until, refine->x.length, refine->y.length);
  refine->on = true;
  return GP_OK;
}

/* ---- the first round ---- */

/* Points of one site. */
static uint64_t count_seeds(const gp_grid *grid, const gp_config *config) {
  for (size_t a = 0; a < config->axis_count; a++)
    if (strcmp(config->axes[a].parameter->path, "seed") == 0) return grid->length[grid->dimension[a]];
  return 1;
}

/* Which values of a dimension belong to the first round: every so many of them. */
static size_t step_of(const gp_refine *refine, const gp_grid *grid, size_t dimension) {
  if (dimension == grid->dimension[refine->x.axis]) return refine->x.step;
  return dimension == grid->dimension[refine->y.axis] ? refine->y.step : 1;
}

static gp_status choose_written(gp_refine *refine, const gp_grid *grid, const gp_config *config) {
  size_t dimensions = grid->dimensions;
  while (dimensions > 0 && grid->stride[dimensions - 1] < refine->seeds) dimensions--;
  double expected = 1;
  for (size_t d = 0; d < dimensions; d++)
    expected *= (double)((grid->length[d] - 1) / step_of(refine, grid, d) + 1);
  if (expected * (double)refine->seeds > GP_ROWS_MAX)
    return gp_fail_at(GP_ERR_CONFIG, config->refine->mark,
                      "refine: the first round alone has more than %d runs; write ranges of fewer points",
                      GP_ROWS_MAX);
  size_t *at = calloc(dimensions + 1, sizeof *at);
  refine->sites = malloc(((size_t)expected + 1) * sizeof *refine->sites);
  if (at == NULL || refine->sites == NULL) {
    free(at);
    return no_memory((size_t)expected);
  }
  for (;;) {
    uint64_t site = 0;
    for (size_t d = 0; d < dimensions; d++) site += at[d] * (grid->stride[d] / refine->seeds);
    refine->sites[refine->count++] = site;
    size_t d = dimensions;
    while (d > 0 && (at[d - 1] += step_of(refine, grid, d - 1)) >= grid->length[d - 1]) at[--d] = 0;
    if (d == 0) break;
  }
  free(at);
  return GP_OK;
}

gp_status gp_refine_begin(gp_refine *refine, const struct gp_grid *grid, const gp_config *config) {
  refine->seeds = count_seeds(grid, config);
  refine->x.stride = grid->stride[grid->dimension[refine->x.axis]] / refine->seeds;
  refine->y.stride = grid->stride[grid->dimension[refine->y.axis]] / refine->seeds;
  return choose_written(refine, grid, config);
}

/* ---- a round ---- */

typedef struct rounder {
  const gp_refine *refine;
  const int *verdicts;
  uint64_t *out;
  size_t count, capacity;
  bool failed; /* no memory */
} rounder;

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* The verdict of a site, or NULL when it is not chosen. */
static const int *verdict_of(const rounder *r, uint64_t site) {
  const uint64_t *at = bsearch(&site, r->refine->sites, r->refine->count, sizeof site, compare);
  return at == NULL ? NULL : &r->verdicts[at - r->refine->sites];
}

/* Whether all chosen sites strictly between `from` and the one `width` strides on have that verdict. */
static bool edge_agrees(const rounder *r, int verdict, uint64_t from, uint64_t stride, size_t width) {
  size_t half = width / 2;
  if (half == 0) return true;
  const int *middle = verdict_of(r, from + half * stride);
  if (middle == NULL) return true;
  return *middle == verdict && edge_agrees(r, verdict, from, stride, half) &&
         edge_agrees(r, verdict, from + half * stride, stride, half);
}

/* A cell: its lowest corner, and its width in points of the finest grid. */
typedef struct cell {
  uint64_t site;
  size_t width, height;
} cell;

static bool agrees(const rounder *r, const cell *c) {
  const gp_refine_side *x = &r->refine->x, *y = &r->refine->y;
  uint64_t right = c->site + c->width * x->stride, above = c->site + c->height * y->stride;
  const uint64_t corners[] = {c->site, right, above, above + c->width * x->stride};
  int verdict = *verdict_of(r, c->site);
  for (size_t i = 1; i < 4; i++)
    if (*verdict_of(r, corners[i]) != verdict) return false;
  return edge_agrees(r, verdict, c->site, x->stride, c->width) &&
         edge_agrees(r, verdict, above, x->stride, c->width) &&
         edge_agrees(r, verdict, c->site, y->stride, c->height) &&
         edge_agrees(r, verdict, right, y->stride, c->height);
}

static void take(rounder *r, uint64_t site) {
  if (r->count == r->capacity) {
    size_t capacity = r->capacity > 0 ? 2 * r->capacity : 1024;
    uint64_t *grown = realloc(r->out, capacity * sizeof *grown);
    r->failed |= grown == NULL;
    if (grown == NULL) return;
    r->out = grown;
    r->capacity = capacity;
  }
  r->out[r->count++] = site;
}

/* The sites that halve a cell: the middles of the edges that can be halved, and the cell's own. */
static size_t middles(const gp_refine *refine, const cell *c, uint64_t out[static 5]) {
  uint64_t half_x = c->width / 2 * refine->x.stride, half_y = c->height / 2 * refine->y.stride;
  uint64_t right = c->site + c->width * refine->x.stride, above = c->site + c->height * refine->y.stride;
  size_t count = 0;
  if (half_x > 0) out[count++] = c->site + half_x, out[count++] = above + half_x;
  if (half_y > 0) out[count++] = c->site + half_y, out[count++] = right + half_y;
  if (half_x > 0 && half_y > 0) out[count++] = c->site + half_x + half_y;
  return count;
}

/* The quarters of a halved cell, or its halves. */
static size_t parts(const gp_refine *refine, const cell *c, cell out[static 4]) {
  size_t width = c->width > 1 ? c->width / 2 : 1, height = c->height > 1 ? c->height / 2 : 1, count = 0;
  for (size_t y = 0; y < c->height; y += height)
    for (size_t x = 0; x < c->width; x += width)
      out[count++] = (cell){c->site + x * refine->x.stride + y * refine->y.stride, width, height};
  return count;
}

/* Takes the sites that a cell or a part of it wants. Cells to look at wait on a stack: each level leaves at most three. */
static void look(rounder *r, const cell *whole) {
  enum { LEVELS = 64 };
  cell stack[4 + 3 * LEVELS] = {*whole};
  for (size_t top = 1; top > 0;) {
    cell c = stack[--top];
    uint64_t middle[5];
    size_t count = middles(r->refine, &c, middle), missing = 0;
    for (size_t i = 0; i < count; i++) missing += verdict_of(r, middle[i]) == NULL;
    if (count == 0) continue; /* the finest */
    if (missing == 0)
      top += parts(r->refine, &c, &stack[top]);
    else if (!agrees(r, &c))
      for (size_t i = 0; i < count; i++)
        if (verdict_of(r, middle[i]) == NULL) take(r, middle[i]);
  }
}

/* The place of a site along a side. */
static size_t index_of(const gp_refine_side *side, uint64_t site) {
  return (size_t)(site / side->stride % side->length);
}

gp_status gp_refine_next(uint64_t **out, size_t *count, const gp_refine *refine, const int *verdicts) {
  rounder r = {.refine = refine, .verdicts = verdicts};
  for (size_t i = 0; i < refine->count; i++) {
    size_t x = index_of(&refine->x, refine->sites[i]), y = index_of(&refine->y, refine->sites[i]);
    bool written = x % refine->x.step == 0 && y % refine->y.step == 0;
    if (written && x + 1 < refine->x.length && y + 1 < refine->y.length)
      look(&r, &(cell){refine->sites[i], refine->x.step, refine->y.step});
  }
  *out = r.out;
  *count = 0;
  if (r.failed) return no_memory(r.count);
  if (r.count > 0) qsort(r.out, r.count, sizeof *r.out, compare);
  for (size_t i = 0; i < r.count; i++)
    if (i == 0 || r.out[i] != r.out[i - 1]) r.out[(*count)++] = r.out[i];
  return GP_OK;
}

/* ---- lists ---- */

static size_t merge(uint64_t *out, const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count) {
  size_t i = 0, j = 0, count = 0;
  while (i < a_count || j < b_count) {
    bool from_a = j == b_count || (i < a_count && a[i] <= b[j]);
    uint64_t next = from_a ? a[i++] : b[j++];
    if (count == 0 || out[count - 1] != next) out[count++] = next;
  }
  return count;
}

static gp_status add_to(uint64_t **list, size_t *length, const uint64_t *more, size_t count) {
  uint64_t *all = malloc((*length + count + 1) * sizeof *all);
  if (all == NULL) return no_memory(*length + count);
  *length = merge(all, *list, *length, more, count);
  free(*list);
  *list = all;
  return GP_OK;
}

gp_status gp_refine_add(gp_refine *refine, const uint64_t *sites, size_t count) {
  return add_to(&refine->sites, &refine->count, sites, count);
}

gp_status gp_refine_keep(gp_refine *refine, const uint64_t *points, size_t count) {
  return add_to(&refine->extra, &refine->extra_count, points, count);
}

gp_status gp_refine_points(uint64_t **out, size_t *count, const gp_refine *refine) {
  size_t own = refine->count * (size_t)refine->seeds, all = 0;
  *count = 0;
  *out = malloc((own + refine->extra_count + 1) * sizeof **out);
  uint64_t *points = malloc((own + 1) * sizeof *points);
  if (*out == NULL || points == NULL) {
    free(points);
    return no_memory(own);
  }
  for (size_t i = 0; i < refine->count; i++)
    for (uint64_t s = 0; s < refine->seeds; s++) points[all++] = refine->sites[i] * refine->seeds + s;
  *count = merge(*out, points, all, refine->extra, refine->extra_count);
  free(points);
  return GP_OK;
}

void gp_refine_free(gp_refine *refine) {
  free(refine->sites);
  free(refine->extra);
}
