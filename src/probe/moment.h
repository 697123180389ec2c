/* Sums over the arrays of a layer, made for all probes that ask for them in one call of the kernel `sums`: what several probes
 * need is summed once, and sums of equal length run side by side. */
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
  GP_MOMENT_DW_SQUARES, /* of the update after an update */
  GP_MOMENT_W_DW,
  GP_MOMENT_DW_PREVIOUS, /* product with the gradient one step before */
  GP_MOMENT_PREVIOUS_SQUARES,
  GP_MOMENT_INITIAL_SQUARES,
  GP_MOMENT_W_INITIAL, /* squared distance from the weights at the start */
  GP_MOMENT_DW_ABSOLUTE,
  GP_MOMENT_DB_SQUARES,
  GP_MOMENTS
};

/* Fills view->moments for the bits of `wanted` that the layer has (1..L); the others are NaN. */
void gp_moments_make(const gp_probe_view *view, int layer, unsigned wanted);

/* The sums of that kind, one per lane. */
static inline const double *gp_moment_of(const gp_probe_view *view, enum gp_moment moment) {
  return view->moments + (ptrdiff_t)moment * view->net->lanes;
}

#endif
