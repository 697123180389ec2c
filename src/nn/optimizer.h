/* Optimisers: items and the settings of one update. */
#ifndef GP_OPTIMIZER_H
#define GP_OPTIMIZER_H

#include "option.h"

typedef struct gp_optimizer_options {
  double momentum;
  bool nesterov;
} gp_optimizer_options;

typedef struct gp_optimizer {
  gp_item item;
} gp_optimizer;

extern const gp_family gp_optimizer_family;

static inline const gp_optimizer_options *gp_optimizer_options_of(const gp_choice *choice) {
  return (const gp_optimizer_options *)(const void *)choice->options;
}

#endif
