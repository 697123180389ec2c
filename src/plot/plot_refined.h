/* A refined map's places: where the levels of its axes lie on the finest grid, and how large a point's cell is.
 *
 * The root attribute `refined` names the two axes with the points of the finest grid and the step of the first round's:
 * "learning_rate 1025 32 depth 9 1". A point belongs to the coarsest round's grid that holds it; its cell is as wide as the
 * steps of that grid. Cells of finer points lie over those of coarser ones. */
#ifndef GP_PLOT_REFINED_H
#define GP_PLOT_REFINED_H

#include "plot_frame.h"

typedef struct gp_refined_side {
  char name[64]; /* column */
  size_t points, step;
  double *place; /* of each level, from 0; owned */
  bool log;
  double low, high; /* its ends; on a log axis log10 of them */
} gp_refined_side;

typedef struct gp_refined {
  bool on;
  gp_refined_side side[2];
  size_t levels; /* of refinement, the first round's included */
} gp_refined;

/* Reads the attribute; `on` is false for a map that is not refined. */
void gp_refined_read(gp_refined *out, const gp_table *table);

/* Finds the places of two axes. Where they are not the refined ones the map is an ordinary one. GP_ERR_MEMORY. */
gp_status gp_refined_place(gp_refined *refined, const gp_axis *x, const gp_axis *y);
void gp_refined_free(gp_refined *refined);

/* The side of that axis, or NULL: not refined. */
const gp_refined_side *gp_refined_side_of(const gp_refined *refined, const gp_axis *axis);

/* The cell of a point: its level of refinement (0: the first round), width and height in steps of the finest grid. */
typedef struct gp_refined_cell {
  size_t level, width, height;
} gp_refined_cell;
gp_refined_cell gp_refined_cell_of(const gp_refined *refined, const gp_refined_side *x, double at_x,
                                   const gp_refined_side *y, double at_y);

#endif
