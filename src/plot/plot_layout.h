/* Where things go: panels on the page, ticks on an axis, labels apart. */
#ifndef GP_PLOT_LAYOUT_H
#define GP_PLOT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

enum { GP_PANELS_MAX = 24 };

/* Panel edges as fractions of the page, gnuplot's screen coordinates (0 at the bottom). */
typedef struct gp_grid {
  size_t columns, rows;
  double left[GP_PANELS_MAX], right[GP_PANELS_MAX], bottom[GP_PANELS_MAX], top[GP_PANELS_MAX];
} gp_grid;

/* Rows and columns for so many panels: that many columns, or with 0 one row up to four panels,
 * then two, then three, then rows of four. */
void gp_grid_shape(gp_grid *grid, size_t panels, size_t columns);

/* The page in inches; margins around all panels, gaps between them. */
typedef struct gp_page {
  double width, height, left, right, top, bottom, gap_x, gap_y;
} gp_page;
void gp_grid_place(gp_grid *grid, size_t panels, const gp_page *page);

/* Moves positions apart to at least `distance`, as little as possible, inside [low, high] where they fit; their order
 * is kept. Least squares by merging neighbours (pool adjacent violators). n <= 64. */
void gp_spread(double *position, size_t n, double distance, double low, double high);

/* The step between ticks on an axis of `span` decades with about `wanted` ticks: 1, 2, 3, 5, 6, 10 ... decades. */
double gp_decade_step(double span, double wanted);

/* A step of 1, 2 or 5 times a power of ten for an axis of that span. */
double gp_linear_step(double span, double wanted);

enum { GP_TICKS_MAX = 24 };

/* Ticks of an axis and their labels in markup. */
typedef struct gp_ticks {
  double at[GP_TICKS_MAX];
  gp_text text[GP_TICKS_MAX];
  size_t count;
} gp_ticks;

/* Adds ticks between low and high: on a log axis (ends given as log10, ticks as values) powers of ten when it is long
 * and 1, 2, 5 when it is short; on a linear one round steps. */
void gp_ticks_choose(gp_ticks *ticks, bool log_axis, double low, double high);
void gp_ticks_free(gp_ticks *ticks);

#endif
