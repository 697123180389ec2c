/* A small network in double with its twin, random directions, and differences along them. */
#ifndef DIRECTION_CASE_H
#define DIRECTION_CASE_H

#include "engine.h"
#include "twin.h"

typedef struct net_case {
  spec_case *given;
  gp_trainer *trainer;
  gp_arena arena;
  gp_twin twin; /* holds the batch of step 0 */
  int64_t batch, outputs, parameters;
  int arrays;
  int64_t start[64]; /* where each array of parameters begins in a flat vector */
  double *at[64];    /* and lies in the twin */
  double *u, *v;     /* random directions */
  double *work[8];   /* (parameters) each */
} net_case;

/* `words` change a small spec (see spec_text.h); the twin is on that tier ("auto" for the first form). */
void net_case_make(net_case *c, const char *words);
void net_case_make_on(net_case *c, const char *words, const char *tier);
void net_case_free(net_case *c);

/* All training rows as the twin wants them. */
gp_examples net_case_examples(const net_case *c);

/* Forward pass, loss and the preparation for products. Returns the batch loss. */
double net_case_pass(net_case *c);

/* out = H v of the batch loss. */
void net_case_product(net_case *c, const double *v, double *out);

/* Differences along v of the gradient of the batch loss (P), and of the outputs (n_L, B). False when a kink is too close
 * for them. *noise: what rounding alone makes of an entry, some units in the last place of the largest gradient over the
 * step. */
bool net_case_gradient_slope(net_case *c, const double *v, double *out, double *noise);
bool net_case_output_slope(net_case *c, const double *v, double *out);

/* d2 loss / d theta_p d theta_q from the loss alone. */
double net_case_second_difference(net_case *c, int64_t p, int64_t q);

#endif
