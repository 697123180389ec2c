#include "moment.h"

#include <math.h>

/* Where an array lies: a member of gp_layer, or one of the copies that are kept. */
enum { PREVIOUS = -1, INITIAL = -2, NO_ARRAY = -3 };
#define IN(member) (ptrdiff_t) offsetof(gp_layer, member)

static const struct {
  enum gp_sum_kind kind;
  ptrdiff_t x, y;
  enum { UNITS, WEIGHTS, BIASES } over;
} table[GP_MOMENTS] = {[GP_MOMENT_Z] = {GP_SUM, IN(z), NO_ARRAY, UNITS},
                       [GP_MOMENT_Z_SQUARES] = {GP_SUM_SQUARES, IN(z), NO_ARRAY, UNITS},
                       [GP_MOMENT_H] = {GP_SUM, IN(h), NO_ARRAY, UNITS},
                       [GP_MOMENT_H_SQUARES] = {GP_SUM_SQUARES, IN(h), NO_ARRAY, UNITS},
                       [GP_MOMENT_DELTA_SQUARES] = {GP_SUM_SQUARES, IN(delta), NO_ARRAY, UNITS},
                       [GP_MOMENT_H_ABSOLUTE] = {GP_SUM_ABSOLUTE, IN(h), NO_ARRAY, UNITS},
                       [GP_MOMENT_W_SQUARES] = {GP_SUM_SQUARES, IN(w), NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_DW_SQUARES] = {GP_SUM_SQUARES, IN(dw), NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_W_DW] = {GP_SUM_PRODUCT, IN(w), IN(dw), WEIGHTS},
                       [GP_MOMENT_DW_PREVIOUS] = {GP_SUM_PRODUCT, IN(dw), PREVIOUS, WEIGHTS},
                       [GP_MOMENT_PREVIOUS_SQUARES] = {GP_SUM_SQUARES, PREVIOUS, NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_INITIAL_SQUARES] = {GP_SUM_SQUARES, INITIAL, NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_W_INITIAL] = {GP_SUM_DISTANCE, IN(w), INITIAL, WEIGHTS},
                       [GP_MOMENT_DW_ABSOLUTE] = {GP_SUM_ABSOLUTE, IN(dw), NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_DB_SQUARES] = {GP_SUM_SQUARES, IN(db), NO_ARRAY, BIASES}};

static const void *array_at(const gp_probe_view *view, int layer, ptrdiff_t where) {
  const gp_layer *l = &view->net->layer[layer - 1];
  void *const *kept = where == PREVIOUS ? view->previous : view->initial;
  if (where >= 0) return *(void *const *)(const void *)((const unsigned char *)l + where);
  return where == NO_ARRAY || kept == NULL ? NULL : kept[layer - 1];
}

void gp_moments_make(const gp_probe_view *view, int layer, unsigned wanted) {
  gp_sum_job jobs[GP_MOMENTS];
  const gp_layer *l = &view->net->layer[layer - 1];
  const int64_t length[] = {[UNITS] = l->out * view->batch, [WEIGHTS] = l->in * l->out, [BIASES] = l->out};
  int count = 0, lanes = view->net->lanes;
  for (int m = 0; m < GP_MOMENTS; m++) {
    double *out = view->moments + (ptrdiff_t)m * lanes;
    const void *x = array_at(view, layer, table[m].x), *y = array_at(view, layer, table[m].y);
    bool there = (wanted >> m & 1) != 0 && x != NULL && (y != NULL || table[m].y == NO_ARRAY);
    if (there) jobs[count++] = (gp_sum_job){table[m].kind, length[table[m].over], x, y, out};
    for (int lane = 0; lane < lanes && !there; lane++) out[lane] = NAN;
  }
  *view->spread_known = false;
  view->net->k->sums(jobs, count, lanes);
}
