/* One run: spec + workspace -> trace. Planning can fail; running cannot and does not allocate. */
#ifndef GP_RUN_H
#define GP_RUN_H

#include <signal.h>
#include <stdbool.h>

#include "dataset.h"
#include "schema.h"
#include "spec.h"

typedef struct gp_trainer gp_trainer;

/* How to compute, never what: nothing here can change a bit of any result. */
typedef struct gp_train_options {
  const char *tier; /* auto | portable | avx2 | avx512 | neon */
} gp_train_options;

/* What a run left behind. Everything is owned by the trainer and valid until its next prepare. */
typedef struct gp_trace {
  const int64_t *checkpoints;
  size_t checkpoint_count, layer_count;
  const size_t *inner;  /* (GP_INNERS) lengths of the inner dimensions */
  const gp_cell *cells; /* one per variable of gp_train_variables() */
  const double *const
      *series; /* likewise: (checkpoint) or (checkpoint x layer) or with an inner dimension behind;
                                * NULL: not measured */
  double seconds;
} gp_trace;

typedef struct gp_run_limits {
  double seconds;                    /* 0: none */
  const volatile sig_atomic_t *stop; /* non-zero: leave at the next step; NULL: none */
} gp_run_limits;

/* The variables every run yields, in file order: status, verdict, conditions, steps_done, diverged_at,
 * gradient_factor ... then per checkpoint, then per layer. Static, the same for all specs. */
const gp_variable *gp_train_variables(size_t *count);

/* Whether a run with that selection of probes has variable number `variable`: all but probes on the double twin that
 * nobody asked for. */
bool gp_train_measures(const char *probes, size_t variable);

/* Lengths of the inner dimensions of what a resolved run measures; 0: none of it lies over one. GP_ERR_MEMORY. */
gp_status gp_train_inner(const gp_spec *spec, const gp_dataset *data, size_t inner[GP_INNERS]);

/* A worker's workspace, empty. The tier must be supported by this CPU (GP_ERR_USAGE lists those that are). */
gp_status gp_trainer_create(gp_trainer **out, const gp_train_options *options);
void gp_trainer_free(gp_trainer *trainer);

/* The name of the tier in use ("avx512"), and the tiers this CPU supports as "portable, avx2". */
const char *gp_trainer_tier(const gp_trainer *trainer);
const char *gp_train_tiers(void);

/* Bytes a worker needs for this run alone (lanes 1), or for a group of so many lanes. */
size_t gp_train_bytes(const gp_spec *spec, const gp_dataset *data, int lanes);

/* Floating-point operations of one step (products only, 2 per multiply-add): the cost model's first term. */
double gp_train_step_flops(const gp_spec *spec, const gp_dataset *data);

/* Lays out memory for a resolved spec (reusing the arena when it is large enough). GP_ERR_MEMORY. */
gp_status gp_train_prepare(gp_trainer *trainer, const gp_spec *spec, const gp_dataset *data);

/* Trains. Returns the final state (GP_RUN_DONE, GP_RUN_STOPPED, GP_RUN_TIMEOUT); a diverged run is done. */
enum gp_run_state gp_train_run(gp_trainer *trainer, const gp_run_limits *limits, gp_trace *out);

#endif
