/* A second implementation of the whole run, in double, to be read beside SCIENCE.md: loops over examples, the
 * textbook delta recursion, libm's functions, plain sums. It shares with the engine the description of a run
 * (gp_spec), the data and the random numbers (core/rng.h, keyed as nn/init.h and train/batch.c say), nothing else.
 *
 *   z_l = m_l W_l h_{l-1} + b_l,  h_l = phi(z_l),  delta_l = (m_{l+1} W_{l+1}^T delta_{l+1}) phi'(z_l)   per example
 *
 * Rumelhart, Hinton and Williams 1986; names and definitions: SCIENCE sections 1 and 2. */
#ifndef ORACLE_H
#define ORACLE_H

#include "spec_text.h"

/* A trained array besides weights and biases: value, gradient, the optimiser's two memories, the last true update. */
typedef struct oracle_array {
  double *x, *dx, *m, *s, *u;
  int64_t n;
  bool weight; /* weight decay is meant for it */
} oracle_array;

/* One weight layer. Per-example arrays are (B, O), one row per example. */
typedef struct oracle_layer {
  int64_t in, out;
  double multiplier, rate;
  const char *activation;                      /* NULL: none (the loss works on z) */
  double option;                               /* slope of leaky_relu, alpha of elu and celu */
  double *w, *b, *dw, *db, *vw, *vb, *uw, *ub; /* weights, gradients, velocities, last true update */
  double *start, *before;                      /* weights at step 0; dw of the step before */
  bool stepped;                                /* there was a step before */
  double *sw, *sb;                             /* second moments */
  double *z, *u, *a, *h, *delta;               /* u: what phi is given; a = phi(u); delta = dC/dz */
  /* oracle_modify.c */
  int number, source;
  double alpha_value;
  double *hat, *y, *along; /* x^ and gamma x^ + beta; gradient that came along a connection */
  double *spread, *batch_mean, *batch_variance, *running_mean, *running_variance;
  oracle_array extra[4], *gamma, *beta, *v, *g, *alpha;
  int extras;
} oracle_layer;

/* What is recorded, by the names of the result file. */
enum {
  ORACLE_PER_CHECKPOINT = 6,
  ORACLE_PER_LAYER = 29,
  ORACLE_BINNED = 4,
  ORACLE_BINS = 64,
  ORACLE_LAYERS_MAX = 64,
  ORACLE_ROOMS = 1024
};
extern const char *const oracle_checkpoint_names[ORACLE_PER_CHECKPOINT];
extern const char *const oracle_layer_names[ORACLE_PER_LAYER];
extern const char *const oracle_binned_names[ORACLE_BINNED];

typedef struct oracle_cells {
  int64_t verdict, conditions, steps_done, diverged_at;
  double gradient_factor, gradient_span, final_loss, best_loss, final_accuracy, final_test_loss,
      final_test_accuracy, baseline;
} oracle_cells;

typedef struct oracle {
  const gp_spec *spec; /* as given: the oracle resolves `auto` itself */
  const gp_dataset *data;
  int layers;
  oracle_layer layer[ORACLE_LAYERS_MAX];
  int64_t batch;   /* examples of an update */
  const double *y; /* targets as the loss wants them, (rows, outputs) */
  double *dx;      /* (B, n_0): gradient of the batch loss with respect to the input */
  int64_t *order, epoch;
  size_t checkpoints, recorded;
  double *series[ORACLE_PER_CHECKPOINT];
  double *layered[ORACLE_PER_LAYER]; /* (checkpoints, layers) */
  double *binned[ORACLE_BINNED];     /* (checkpoints, layers, ORACLE_BINS) */
  double *at_edge
      [ORACLE_BINNED]; /* (checkpoints, layers): how many float may put into another bin: within 0.1 % of an
                                      * edge, or magnitudes below a millionth of the largest, which cancelled */
  oracle_cells cells;
  void *room[ORACLE_ROOMS];
  size_t rooms;
} oracle;

/* The whole run. Checkpoints must be `every`. */
void oracle_run(oracle *o, const spec_case *c);
void oracle_free(oracle *o);

/* The pieces, for tests of single steps: memory and initial weights; rows 0 .. count - 1 named by `rows` through the
 * network (batch loss returned); deltas and gradients; one update (oracle_update.c), the step counted from 0. */
void oracle_make(oracle *o, const spec_case *c);
double oracle_forward(oracle *o, const int64_t *rows, int64_t count, bool training);
void oracle_backward(oracle *o, const int64_t *rows, int64_t count);
void oracle_update(oracle *o, int64_t step);

double *oracle_doubles(oracle *o, int64_t count);

/* oracle_modify.c: normalisations and residual connections; z to u, a to h, and back. */
void oracle_modify_make(oracle *o, int number, int64_t rows);
void oracle_modify_before(oracle *o, oracle_layer *a, int64_t count, bool training);
void oracle_modify_after(oracle *o, oracle_layer *a, int64_t count, bool training);
void oracle_modify_clear(oracle *o, int64_t count);
void oracle_modify_back(oracle *o, oracle_layer *a, int64_t count, double factor);
void oracle_modify_weights_back(oracle_layer *a);
void oracle_modify_weights(oracle_layer *a);
void oracle_modify_track(oracle *o);

/* oracle_init.c: weights and biases of layer `number` (from 1); lsuv's scaling of all of them by the first batch. */
void oracle_draw(oracle *o, int number);
void oracle_unit_variance(oracle *o, const int64_t *rows);

/* oracle_measure.c */
void oracle_evaluate(oracle *o, int64_t from, int64_t count, double *loss, double *accuracy);
void oracle_measure_layers(oracle *o, size_t checkpoint, const int64_t *rows, int64_t count);
void oracle_measure_batch(oracle *o, size_t checkpoint);
const double *oracle_input(const oracle *o, int number, int64_t e, int64_t row);
void oracle_measure_update(oracle *o, size_t checkpoint);
void oracle_finish(oracle *o);

/* oracle_math.c: phi and phi' by name; loss of one example and its slope dloss/doutput. */
double oracle_phi(const char *name, double option, double z);
double oracle_slope(const char *name, double option, double z);
bool oracle_bound(const char *name, double *largest_slope);
double oracle_example_loss(const gp_choice *loss, const double *out, const double *y, int64_t outputs,
                           double *p, double *slope);
double oracle_batch_factor(const gp_choice *loss, int64_t count);

#endif
