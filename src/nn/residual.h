/* Residual connections: the family, where they begin and end, and a layer's pass through one.
 *
 * The first hidden layer is the stem. The hidden layers after it are cut into blocks of `every` layers, a rest at the end has no
 * connection; the output of the layer before a block is added at its last layer:
 *
 *   after    h_l = alpha a_l + h_{l-k},  a_l = phi(z_l): nothing stands in the way from block to block   He et al. 2016b
 *   before   h_l = phi(alpha z_l + h_{l-k}): the sum goes through the activation                        He et al. 2016a
 *
 * with z_l or a_l normalised where a normalisation stands there. alpha is 1 (identity), a number (scaled) or trained from 0, one per block (rezero). */
#ifndef GP_RESIDUAL_H
#define GP_RESIDUAL_H

#include "net.h"

enum gp_residual_place { GP_RESIDUAL_AFTER, GP_RESIDUAL_BEFORE };

typedef struct gp_residual_options {
  double alpha; /* scaled: NaN (auto) until a spec is resolved */
  int64_t every;
  int place;
} gp_residual_options;

typedef struct gp_residual {
  gp_item item;
  double alpha; /* at the start; NaN: the option */
  bool trained;
} gp_residual;

extern const gp_family gp_residual_family;

static inline const gp_residual_options *gp_residual_options_of(const gp_choice *choice) {
  return (const gp_residual_options *)(const void *)choice->options;
}

/* The item, or NULL for none (also for a NULL choice). */
const gp_residual *gp_residual_of(const gp_choice *choice);

/* The layer whose output is added at layer `number` (1..L) of a network with that many hidden layers; 0: none is. */
int gp_residual_source(const gp_choice *choice, int hidden, int number);

/* How many blocks there are. */
int gp_residual_blocks(const gp_choice *choice, int hidden);

/* Where layer `number` stands in its block, 1 .. every; 0: in none; -1: it is the output layer. */
int gp_residual_position(const gp_choice *choice, int hidden, int number);

/* Replaces `alpha: auto` by 1/sqrt(blocks). */
void gp_residual_resolve(gp_choice *choice, int hidden);

/* alpha at the start. */
double gp_residual_alpha(const gp_choice *choice);

#endif
