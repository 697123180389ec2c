/* The grid that the axes span, and the points of it that are runs.
 *
 * A dimension is an axis, or several that `zip` ties. Points are numbered with the last dimension fastest; the seed's is
 * last. Every point is a run unless `where`, `random` or `refine` chooses some: those are kept as a list in ascending
 * order. */
#ifndef GP_GRID_H
#define GP_GRID_H

#include "refine.h"

enum { GP_ROWS_MAX = 20000000 };

typedef struct gp_grid {
  size_t *dimension; /* of each axis */
  size_t *length;    /* of each dimension, in order */
  uint64_t *stride;  /* points from one value of a dimension to the next */
  size_t dimensions;
  uint64_t points;  /* product of the lengths */
  uint64_t *chosen; /* the point of each row, or NULL when row and point are the same */
  size_t rows;
  gp_refine refine; /* of a map that is refined: `chosen` are its points so far */
} gp_grid;

/* Lays out the dimensions and chooses the rows, of a refined map those of the first round. `base` holds the defaults. GP_ERR_CONFIG: a zip of unequal lengths, too
 * many points, a `where` that nothing meets. Free with gp_grid_free in any case. */
gp_status gp_grid_make(gp_grid *grid, gp_config *config, const gp_spec *base);
void gp_grid_free(gp_grid *grid);

/* Takes the present points of a refined map as rows: a new list, the caller frees the one that was there. `name` is the
 * configuration's. GP_ERR_MEMORY, GP_ERR_CONFIG when they are too many. */
gp_status gp_grid_take_points(gp_grid *grid, const char *name);

/* The point of a row. */
static inline uint64_t gp_grid_point(const gp_grid *grid, size_t row) {
  return grid->chosen != NULL ? grid->chosen[row] : row;
}

/* The value's number of each axis at a point: index[axis_count]. */
void gp_grid_indices(const gp_grid *grid, size_t axis_count, uint64_t point, size_t *index);

/* Applies the given value of each axis to a spec that holds the defaults: items first, then their options. */
void gp_grid_apply(const gp_config *config, const size_t *index, gp_spec *spec);

#endif
