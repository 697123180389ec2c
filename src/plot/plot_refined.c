/* Places of a refined map; see plot_refined.h. */
#include "plot_refined.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gp_refined_read(gp_refined *out, const gp_table *table) {
  const char *text = gp_table_attribute(table, "refined");
  *out = (gp_refined){.on = false};
  gp_refined_side *a = &out->side[0], *b = &out->side[1];
  int read = text == NULL
                 ? 0
                 : sscanf(text, "%63s %zu %zu %63s %zu %zu", a->name, &a->points, &a->step, b->name, // NOLINT
                          &b->points, &b->step);
  out->on = read == 6 && a->points > 1 && b->points > 1 && a->step > 0 && b->step > 0;
  size_t coarsest = a->step > b->step ? a->step : b->step;
  for (out->levels = 1; out->on && coarsest > 1; coarsest /= 2) out->levels++;
}

/* Places of the levels if they are spaced evenly in their logarithm, or in their value; how far they are from whole places. */
static double place_all(gp_refined_side *side, const gp_axis *axis, bool log_axis) {
  double low = axis->levels[0].number, high = axis->levels[axis->count - 1].number, off = 0;
  if (log_axis && !(low > 0)) return INFINITY;
  side->log = log_axis;
  side->low = log_axis ? log10(low) : low, side->high = log_axis ? log10(high) : high;
  for (size_t i = 0; i < axis->count; i++) {
    double v = log_axis ? log10(axis->levels[i].number) : axis->levels[i].number;
    double at = (v - side->low) / (side->high - side->low) * (double)(side->points - 1);
    side->place[i] = round(at);
    off += fabs(at - side->place[i]);
  }
  return off;
}

static gp_status place_side(gp_refined_side *side, const gp_axis *axis) {
  side->place = malloc(axis->count * sizeof *side->place);
  if (side->place == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the places of a map");
  double off = place_all(side, axis, true);
  if (place_all(side, axis, false) > off) place_all(side, axis, true);
  return GP_OK;
}

gp_status gp_refined_place(gp_refined *refined, const gp_axis *x, const gp_axis *y) {
  const gp_axis *const axes[] = {x, y};
  gp_refined_side *side = refined->side;
  if (strcmp(side[0].name, x->name) != 0) side = NULL;
  refined->on = refined->on && x->numeric && y->numeric && x->count > 1 && y->count > 1;
  for (size_t i = 0; i < 2 && refined->on; i++) {
    gp_refined_side *own = &refined->side[(side == NULL) != (i == 1)];
    refined->on = strcmp(own->name, axes[i]->name) == 0;
    if (refined->on) GP_TRY(place_side(own, axes[i]));
  }
  return GP_OK;
}

void gp_refined_free(gp_refined *refined) {
  free(refined->side[0].place);
  free(refined->side[1].place);
}

const gp_refined_side *gp_refined_side_of(const gp_refined *refined, const gp_axis *axis) {
  for (size_t i = 0; i < 2 && refined->on; i++)
    if (strcmp(refined->side[i].name, axis->name) == 0) return &refined->side[i];
  return NULL;
}

static size_t step_at(const gp_refined_side *side, size_t level) {
  size_t step = side->step >> level;
  return step > 0 ? step : 1;
}

gp_refined_cell gp_refined_cell_of(const gp_refined *refined, const gp_refined_side *x, double at_x,
                                   const gp_refined_side *y, double at_y) {
  for (size_t level = 0;; level++) {
    size_t width = step_at(x, level), height = step_at(y, level);
    if (level + 1 >= refined->levels || ((size_t)at_x % width == 0 && (size_t)at_y % height == 0))
      return (gp_refined_cell){level, width, height};
  }
}
