/* Looking inside one run: every array of chosen steps, and the gradient check. */
#ifndef GP_INSPECT_H
#define GP_INSPECT_H

#include "run.h"

/* Receives each array, widened to double, row-major, in the shapes of INTERFACE section 5 (weight (O, I),
 * preactivation (B, O) ...). layer 0 stands for the whole network ("batch", "loss", "input_gradient").
 * A scalar has rank 0. `values` is valid during the call only. */
typedef struct gp_visitor {
  gp_status (*array)(void *context, int64_t step, int layer, const char *name, int rank, const int64_t *dims,
                     const double *values);
  void *context;
} gp_visitor;

/* Trains the prepared run and visits the given steps (ascending, each <= spec.steps; the updates of the last
 * step are missing). A visitor's failure ends the run and is returned. Allocates (it is not the training loop
 * of a sweep). */
gp_status gp_train_inspect(gp_trainer *trainer, const int64_t *steps, size_t step_count,
                           const gp_visitor *visitor);

/* One row per parameter array. */
typedef struct gp_gradcheck_row {
  int layer;                /* 0: the network input */
  const char *name;         /* "weight", "bias", "input" */
  int64_t checked, skipped; /* entries compared; entries left out because a kink lies within the step */
  double largest;           /* largest |gradient| entry of the array */
  double error;             /* largest signed difference, as a share of `largest` */
  bool resolved;            /* false: so small that the rounding of the loss hides GP_GRADCHECK_LIMIT of it */
  bool counts;              /* resolved, or a difference beyond rounding: enters `worst` */
} gp_gradcheck_row;

/* Gradients agree when no difference is more than this share of its array's largest entry. */
#define GP_GRADCHECK_LIMIT 1e-7

typedef struct gp_gradcheck {
  gp_gradcheck_row *rows;
  size_t count;
  double worst; /* of the arrays that are resolved, and of those whose difference is more than rounding */
} gp_gradcheck;

/* Compares every gradient of the spec's network at initialisation, in double, with Richardson-extrapolated
 * central differences of the batch loss (at most `max_entries` entries per array, evenly spread; 0: all).
 * The caller frees with gp_gradcheck_free. */
gp_status gp_gradcheck_run(gp_gradcheck *out, const gp_spec *spec, const gp_dataset *data,
                           int64_t max_entries);
/* The same at the point after `step` updates of a run in double. */
typedef struct gp_gradcheck_how {
  int64_t max_entries, step;
  bool
      as_it_is; /* false: a factor trained from 0 (rezero) is moved to 1/2, so that its block has gradients */
  /* Receives every entry compared, in the order of the rows; difference is NaN where a kink lies within the step. Or NULL. */
  void (*entry)(void *context, int layer, const char *name, int64_t index, double gradient,
                double difference);
  void *context;
} gp_gradcheck_how;
gp_status gp_gradcheck_at(gp_gradcheck *out, const gp_spec *spec, const gp_dataset *data,
                          const gp_gradcheck_how *how);
void gp_gradcheck_free(gp_gradcheck *check);

#endif
