/* Batch normalisation before the activation, deep in a wide net at initialisation: after a few layers all examples of a batch
 * are alike to each other (Yang, Pennington, Rao, Sohl-Dickstein and Schoenholz 2019, section 3: the BSB1 fixed point), and
 * the rest is geometry of one vector, the B normalised pre-activations of a unit. */
#ifndef GP_BATCH_NORM_LAW_H
#define GP_BATCH_NORM_LAW_H

#include "meanfield.h"

typedef struct gp_batch_norm_law {
  double square; /* E[phi(x)^2] */
  double
      variance; /* E[phi(x_a)^2] - E[phi(x_a) phi(x_b)], a and b two examples: times sigma_w^2 that of the next layer's z */
  double chi; /* what the sum over units and examples of delta^2 is multiplied by for one layer back */
} gp_batch_norm_law;

/* For a batch of B examples, B at least 4 (NaN below: the mean of 1/variance does not exist at 3). Of the field only the
 * activation is used: neither sigma_w nor sigma_b has a part in any of the three. About 1e-9. */
gp_batch_norm_law gp_batch_norm_law_of(const gp_meanfield *field, double batch);

/* The same for a batch without end: E[phi'^2] / Var phi of a standard normal number; pi / (pi - 1) for ReLU, whose
 * gradient factor is 1.2112 per layer, and 1 for linear nets. */
gp_batch_norm_law gp_batch_norm_limit(const gp_meanfield *field);

#endif
