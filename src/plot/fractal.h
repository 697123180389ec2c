/* The boundary of trainability in a plane of two settings (Sohl-Dickstein 2024): which nets converge, how fast, and the
 * dimension of what lies between.
 *
 * l_t = loss_t / loss_0. A net converged iff the mean of its last 20 normalised losses is below 1. Its value is minus the
 * sum of l_t if it did, the sum of 1 / l_t if it did not (nothing from a loss that is not finite), the sums over all steps, by
 * the trapezoid rule between checkpoints. */
#ifndef GP_FRACTAL_H
#define GP_FRACTAL_H

#include "plot_refined.h"

typedef struct gp_fractal {
  const gp_axis *x,
      *y; /* the two numeric axes with most levels, in the order of the file; owned by the frame */
  gp_refined refined;   /* how the levels lie, when the map is refined */
  size_t columns, rows; /* their levels; the finest grid of a refined map, where each point fills its cell */
  size_t trainings;     /* runs that were judged */
  double *
      shade; /* columns x rows, row by row from the lowest y: values equalised, -1 to 0 for nets that converged,
                           0 to 1 for those that did not; NaN where there is no run */
  double share; /* of the cells: converged */
  size_t edges; /* 2 x 2 blocks that hold both kinds */
  double
      dimension; /* box-counting dimension of these, boxes of 2 to 32 cells; NaN without edges or below 64 cells */
} gp_fractal;

/* GP_ERR_NO when the file has no two numeric axes or no loss; GP_ERR_MEMORY. Seeds beyond the first are left out. Freed with
 * gp_fractal_free. */
gp_status gp_fractal_make(gp_fractal *out, const gp_frame *frame);
void gp_fractal_free(gp_fractal *fractal);

/* Minus the least-squares slope of ln(number of boxes that hold an edge) against ln(size), sizes 2, 4, ... 32, of a map of
 * signs (-1, 1; 0: nothing there, no edge). Edges are counted into `edges`. */
double gp_box_dimension(const signed char *sign, size_t columns, size_t rows, size_t *edges);

#endif
