/* Roles: which axis is x, which tells colours apart, which gets a panel per level, and the runs of each cell.
 *
 * An axis without a role is held at one level; replicates (seeds, or the band that was asked for) are folded. */
#ifndef GP_PLOT_CAST_H
#define GP_PLOT_CAST_H

#include "plot_frame.h"

/* GP_ERR_USAGE, with the nearest name, when the request gives a role to a column that is not swept. */
gp_status gp_frame_check_roles(const gp_frame *frame);

/* Wishes for the roles: column names in order of preference, NULL-terminated ("*": any axis that is left; "+": any of numbers;
 * "#": any that matters before training begins). */
typedef struct gp_wish {
  const char *const *panel, *const *color, *const *x;
  bool initial; /* a chart of step 0: axes that matter only in training are not worth a word */
  bool inner;   /* layer and step may have roles */
  bool grid;    /* a map: several files are compared by panel, else by colour */
} gp_wish;

typedef struct gp_cast {
  const gp_axis *panel, *color, *x; /* NULL: the role is not taken and has one level */
  size_t panels, colors, xs;        /* levels of each role */
  size_t replicates;                /* runs in the fullest cell */
  const char *band;                 /* what they differ in, when it was asked for; NULL: the seed */
  gp_text held;                     /* markup: "depth 30, width 64": axes without a role */
  size_t *start, *member;           /* runs by cell */
} gp_cast;

/* GP_ERR_USAGE when the request names a column that is not swept, GP_ERR_NO when a role is not for this chart,
 * GP_ERR_MEMORY. Only finished runs are cast. */
gp_status gp_cast_make(gp_cast *out, const gp_frame *frame, const gp_wish *wish);
void gp_cast_free(gp_cast *cast);

/* The runs of a cell, in file order; an inner axis does not tell runs apart. */
const size_t *gp_cast_runs(const gp_cast *cast, size_t panel, size_t color, size_t x, size_t *count);

#endif
