/* The double twin: a float64 network on one lane, of the structure of a running one, that is given its weights, exactly
 * widened, and some examples. Everything second-order or spectral is computed on the twin, so that it comes out the same
 * whatever precision, plan and lane the run has.
 *
 * Many examples go through in pieces, in their own order; the size of the pieces must depend on the specification alone,
 * for it is part of the order of a sum. */
#ifndef GP_TWIN_H
#define GP_TWIN_H

#include "direction.h"

/* Examples as rows: x (rows, n_0), y (rows, n_L), row-major. Borrowed. `piece` of them at most go through at once; no
 * more than the twin's capacity. */
typedef struct gp_examples {
  const double *x, *y;
  int64_t rows, piece;
} gp_examples;

typedef struct gp_twin {
  gp_net net;
  gp_direction direction;
  int64_t held, first; /* examples in the network, the first of them; held 0: none that a pass has seen */
  double loss;         /* of those, summed over the examples */
} gp_twin;

/* Takes all memory; of `shape` lanes and states do not matter. */
void gp_twin_layout(gp_twin *twin, gp_arena *arena, const gp_tier *tier, const gp_net_shape *shape);

/* Everything trained, the activations and the loss of one lane of a network of the same structure. */
void gp_twin_load(gp_twin *twin, const gp_net *net, int lane);

/* The examples that lane holds, `batch` of them, as it sees them. */
void gp_twin_mirror(gp_twin *twin, const gp_net *net, int lane, int64_t batch);

/* Rows [first, first + count) of the examples into the network, with a forward pass and phi', the loss, the deltas and
 * everything gp_direction_hessian needs. Free when they are already there. */
void gp_twin_bring(gp_twin *twin, const gp_examples *examples, int64_t first, int64_t count);

/* out (P) = H v, H the Hessian of the loss over all the examples (their mean or sum, as the loss says). */
void gp_twin_hessian(gp_twin *twin, const gp_examples *examples, double *out, const double *v);

#endif
