/* Sums and counts over the arrays of a layer, made for all probes that ask for them: what several probes need is made once.
 * Sums over weights run side by side, those of a few layers at a time; what is asked of activations and deltas is made in one
 * pass (the kernel `survey`) when most of it is asked for. */
#ifndef GP_PROBE_MOMENT_H
#define GP_PROBE_MOMENT_H

#include "probe.h"

/* In the order in which sums of equal length stand together: over (O, B), over (O, I), over (O). */
enum gp_moment {
  GP_MOMENT_Z,
  GP_MOMENT_Z_SQUARES,
  GP_MOMENT_H,
  GP_MOMENT_H_SQUARES,
  GP_MOMENT_DELTA_SQUARES,
  GP_MOMENT_H_ABSOLUTE,
  GP_MOMENT_W_SQUARES,
  GP_MOMENT_DW_SQUARES,
  GP_MOMENT_W_DW,
  GP_MOMENT_DW_PREVIOUS, /* product with the gradient one step before */
  GP_MOMENT_PREVIOUS_SQUARES,
  GP_MOMENT_INITIAL_SQUARES,
  GP_MOMENT_W_INITIAL, /* squared distance from the weights at the start */
  GP_MOMENT_DW_ABSOLUTE,
  GP_MOMENT_UPDATE_SQUARES, /* after an update, which has put the true one in the gradient's place */
  GP_MOMENT_DB_SQUARES,
  GP_MOMENTS,
  /* More than one number per lane, or counts: members of gp_moments. */
  GP_TALLY_H_ZEROS = GP_MOMENTS,
  GP_TALLY_D_ZEROS,
  GP_TALLY_D_SMALL,
  GP_TALLY_DELTA_ROWS,
  GP_TALLY_EXAMPLES
};

enum { GP_MOMENT_LAYERS = 4 }; /* whose sums over weights are made at once */

typedef struct gp_moments {
  double *all;                /* (GP_MOMENT_LAYERS, GP_MOMENTS, lanes) */
  double *now;                /* (GP_MOMENTS, lanes): of the layer being measured */
  int64_t *h_zeros;           /* (lanes): how many h are exactly 0 */
  int64_t *d_zeros, *d_small; /* (O, lanes): examples with |d| = 0, |d| < 0.05 max |phi'|, d = phi' */
  double *delta_rows;         /* (O, lanes): sums of delta over the examples */
  double *delta_columns, *below_columns; /* (B, lanes): an example's squares of delta, of the layer's input */
  double *h_columns;                     /* (B, lanes): of its h, the next layer's input, when known */
  bool h_columns_known;
  bool spread_known;
} gp_moments;

/* Takes the memory for layers of at most `widest` units and batches of at most `capacity`. */
void gp_moments_layout(gp_moments *moments, gp_arena *arena, int64_t widest, int64_t capacity, int lanes);

/* Makes what `wanted` names of a layer (1..L); sums of arrays it has not got are NaN. The layers are to be taken in order, all
 * with the same `wanted`. */
void gp_moments_make(const gp_probe_view *view, int layer, unsigned wanted);

/* The sums of that kind, one per lane. */
static inline const double *gp_moment_of(const gp_probe_view *view, enum gp_moment moment) {
  return view->moments->now + (ptrdiff_t)moment * view->net->lanes;
}

#endif
