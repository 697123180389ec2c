/* One small net, trained here and now from a configuration in a few words, with its arrays at chosen steps: what the walk
 * looks into. */
#ifndef GP_SMALL_NET_H
#define GP_SMALL_NET_H

#include "inspect.h"
#include "plan.h"

typedef struct small_array {
  int64_t step;
  int layer; /* 0: the whole network ("loss", "input_gradient") */
  char name[40];
  int64_t rows, columns; /* (O, I) of a weight, (B, O) of examples; 1 where there is no such dimension */
  double *values;
} small_array;

typedef struct small_net {
  gp_plan *plan;
  const gp_dataset *data;
  const char *only; /* keep the arrays of this name; NULL: all */
  small_array *arrays;
  size_t count, capacity;
} small_net;

/* Trains the one run that the text of a configuration describes and keeps its arrays at `steps` (ascending; the updates of the
 * last one are missing). Start from {.only = ...}; free with small_net_free in any case. GP_ERR_CONFIG, GP_ERR_MEMORY. */
gp_status small_net_train(small_net *net, const char *config, const int64_t *steps, size_t count);
void small_net_free(small_net *net);

/* The array of that step, layer and name, or NULL. */
const small_array *small_net_array(const small_net *net, int64_t step, int layer, const char *name);

/* The output of a net of one tanh layer at its last kept step, for one input of `features` numbers: read from the weights,
 * not from the engine. */
double small_net_output(const small_net *net, int64_t step, const double *x);

#endif
