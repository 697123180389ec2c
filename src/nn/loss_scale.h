/* Loss scaling: the backward pass runs on a multiple of the loss, so that gradients small enough to underflow in a 16-bit
 * format do not (Micikevicius et al. 2018, section 3.2). Gradients are divided by the scale before anything sees them:
 * clipping, the optimiser, probes, dumps. */
#ifndef GP_LOSS_SCALE_H
#define GP_LOSS_SCALE_H

#include "option.h"

typedef struct gp_loss_scale_options {
  double scale; /* fixed, or at the start */
  double growth, backoff;
  int64_t interval;
} gp_loss_scale_options;

typedef struct gp_loss_scale {
  gp_item item;
  bool scales, dynamic;
} gp_loss_scale;

extern const gp_family gp_loss_scale_family;

static inline const gp_loss_scale *gp_loss_scale_of(const gp_choice *choice) {
  return (const gp_loss_scale *)(const void *)choice->item;
}

/* The scale of the first step; 1 without scaling. */
double gp_loss_scale_start(const gp_choice *choice);

/* The scale after a step. `good` counts the steps without an overflow since it last changed. It stays within 2^-100 and
 * 2^100, where its reciprocal is a float of full precision. */
double gp_loss_scale_next(const gp_choice *choice, double scale, bool overflow, int64_t *good);

#endif
