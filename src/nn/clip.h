/* Gradient clipping: the family, and the factor a norm gives. */
#ifndef GP_CLIP_H
#define GP_CLIP_H

#include "option.h"

enum gp_clip_scope { GP_CLIP_NONE, GP_CLIP_NETWORK, GP_CLIP_LAYER, GP_CLIP_VALUE };

typedef struct gp_clip_options {
  double max;
} gp_clip_options;

typedef struct gp_clip {
  gp_item item;
  int scope;
} gp_clip;

extern const gp_family gp_clip_family;

static inline int gp_clip_scope_of(const gp_choice *choice) {
  return ((const gp_clip *)(const void *)choice->item)->scope;
}
static inline double gp_clip_max(const gp_choice *choice) {
  return ((const gp_clip_options *)(const void *)choice->options)->max;
}

/* What a gradient of that squared norm is multiplied by: max/norm above max, else exactly 1 (Pascanu et al. 2013,
 * algorithm 1; PyTorch divides by norm + 1e-6). An infinite norm gives 0, so infinite entries become NaN; NaN stays. */
double gp_clip_factor(double square, double max);

#endif
