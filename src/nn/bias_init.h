/* Initialisers of the biases, from (seed, layer, index) alone. `auto` leaves them to the weights' initialiser, whose
 * options bias_mean and bias_variance say what they are. */
#ifndef GP_BIAS_INIT_H
#define GP_BIAS_INIT_H

#include "init.h"
#include "rng.h"

typedef struct gp_bias_init_options {
  double value;       /* constant */
  double mean, std;   /* normal */
  double range, gain; /* uniform; fan_in */
} gp_bias_init_options;

typedef struct gp_bias_init {
  gp_item item;
  /* Bias number `index` of a layer with that fan-in. NULL: as the weights' initialiser has it. */
  double (*draw)(const gp_bias_init_options *options, gp_stream stream, uint64_t index, double fan_in);
  /* Variance of one bias where mean-field theory speaks of them (normal, mean 0); NaN elsewhere. */
  double (*variance)(const gp_bias_init_options *options);
} gp_bias_init;

extern const gp_family gp_bias_init_family;

static inline const gp_bias_init *gp_bias_init_of(const gp_choice *choice) {
  return (const gp_bias_init *)(const void *)choice->item;
}

/* Whether the weights' initialiser says what the biases are, and whether its options say anything but 0. */
static inline bool gp_bias_init_is_auto(const gp_choice *choice) {
  return gp_bias_init_of(choice)->draw == NULL;
}
bool gp_bias_init_of_weights(const gp_choice *init);

/* Bias number `index` = o of layer `layer` (1..L) with `fan_in` inputs, `init` being the weights' initialiser; from stream
 * (seed, GP_PURPOSE_BIAS, layer). */
double gp_bias_init_draw(const gp_choice *choice, const gp_choice *init, uint64_t seed, int layer,
                         int64_t index, int64_t fan_in);

/* Variance of one bias; NaN as above. */
double gp_bias_init_variance(const gp_choice *choice, const gp_choice *init);

#endif
