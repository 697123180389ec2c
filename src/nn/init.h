/* Initialisers: how the weights of a layer are drawn, from (seed, layer, index) alone. */
#ifndef GP_INIT_H
#define GP_INIT_H

#include "option.h"

enum gp_fan { GP_FAN_IN, GP_FAN_OUT, GP_FAN_AVERAGE };
enum gp_distribution { GP_NORMAL, GP_UNIFORM };

/* Settings of every initialiser (an item shows those it uses). */
typedef struct gp_init_options {
  double gain;            /* factor on the standard deviation */
  double weight_variance; /* mean_field: sigma_w^2 */
  double bias_variance;   /* biases N(0, bias_variance) */
  double std, range;      /* normal, uniform */
  int fan, distribution;
} gp_init_options;

typedef struct gp_init {
  gp_item item;
  /* Variance of one weight of a layer with the given fans. */
  double (*variance)(const gp_init_options *options, double fan_in, double fan_out);
} gp_init;

extern const gp_family gp_init_family; /* `auto` first: replaced when a spec is resolved */

/* Variance of one weight, standard parametrization. */
double gp_init_variance(const gp_choice *choice, int64_t fan_in, int64_t fan_out);

/* Variance of one bias. */
double gp_init_bias_variance(const gp_choice *choice);

/* Weight number `index` = o fan_in + i of layer `layer` (1..L), of the given standard deviation: normal, or
 * uniform in +-sqrt(3) deviation, from stream (seed, GP_PURPOSE_WEIGHT, layer). */
double gp_init_weight(const gp_choice *choice, uint64_t seed, int layer, int64_t index, double deviation);

/* Bias number `index` = o of a layer: N(0, bias_variance), exactly 0 when that is 0. */
double gp_init_bias(const gp_choice *choice, uint64_t seed, int layer, int64_t index);

#endif
