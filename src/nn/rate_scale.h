/* Learning rates that depend on a layer's width: a factor on the rate of each layer, which first, last and list set. */
#ifndef GP_RATE_SCALE_H
#define GP_RATE_SCALE_H

#include "option.h"

typedef struct gp_rate_scale_options {
  double base; /* the width at which a layer has the configured rate */
} gp_rate_scale_options;

typedef struct gp_rate_scale {
  gp_item item;
  double (*factor)(double base, double fan_in, double fan_out, bool first, bool last); /* NULL: 1 */
} gp_rate_scale;

extern const gp_family gp_rate_scale_family;

/* Factor on the rate of layer `number` (1 .. layers) of these fans. */
double gp_rate_scale_factor(const gp_choice *choice, int number, int layers, int64_t fan_in, int64_t fan_out);

#endif
