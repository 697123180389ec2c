/* The trainer from inside: one network, or one lane group of networks of the same shape, from spec to trace.
 *
 * Arena of one worker, laid out by trainer_layout.c, measured and committed by the same code:
 *   net (weights, gradients, activations) | batch rows, order | staging | evaluation | probes | traces per
 * lane
 *
 * Every array of settings or results has one entry per lane; the single plan is lanes == 1. A last group that
 * is not full repeats its last run in the idle lanes. */
#ifndef GP_TRAINER_H
#define GP_TRAINER_H

#include "arena.h"
#include "cadence.h"
#include "moment.h"
#include "net.h"
#include "probe.h"
#include "run.h"

/* Results of one lane. */
typedef struct gp_lane {
  const gp_spec *spec;
  const gp_dataset *data;
  int64_t *order; /* the current epoch's permutation of the training rows */
  int64_t epoch;  /* which epoch `order` is; -1: none */
  const double *
      target; /* (rows, outputs): targets under the loss's label convention; lanes with the same data share */
  bool stopped;
  int64_t stopped_at; /* steps done when it stopped */
  bool non_finite;
  bool skips;                  /* this update: its scaled gradient was not finite */
  int64_t skipped, good_steps; /* updates so far; see gp_loss_scale_next */
  double final_loss, final_accuracy, final_test_loss, final_test_accuracy;
  double baseline, test_spread, spread; /* best constant loss; total squares of the targets (R^2) */
  size_t recorded;                      /* checkpoints (of record.checkpoints) written */
  gp_cell *cells;
  double **series; /* one pointer per variable; NULL for per-run ones and those not kept */
} gp_lane;

struct gp_trainer {
  const gp_tier *tier;
  gp_arena arena;
  int lanes;           /* of the network; >= count */
  int count;           /* runs in the group */
  const gp_spec *spec; /* of lane 0: what all lanes share */
  const gp_dataset *data;
  gp_net net;
  gp_lane *lane;
  int64_t batch, measured;       /* examples per step; examples probed (0: the batch itself) */
  int64_t *rows;                 /* (lanes, batch): rows of the present batch */
  const double **x_row, **y_row; /* (capacity, lanes): where the examples in the network lie */
  bool full_batch_in;            /* the network still holds the full batch */
  int64_t *widths;
  int64_t *checkpoint; /* steps at which something is recorded: the rows of the series */
  size_t checkpoints;
  size_t inner[GP_INNERS]; /* lengths of the series' inner dimensions; 0: nothing measured lies over it */
  gp_cadences cadences;    /* when the probes are measured */
  gp_walk walk[GP_PROBE_COUNT + 1]; /* where each of them stands */
  bool due[GP_PROBE_COUNT + 1];     /* which of them the present row belongs to */
  size_t *main_row, main_rows;      /* the rows that are checkpoints, as far as they are reached */
  void **previous, **initial; /* (L): gradients of the step before, weights at the start; NULL: nobody asks */
  double *rate, *rate_now;    /* (L, lanes): as configured; at the present step */
  double *momentum, *decay;   /* (lanes), like all settings of the update below */
  double *second, *epsilon;   /* of the optimiser */
  double *first_correction, *next_correction, *second_correction; /* at the present step; see gp_update */
  double *clip_max, *clip_factor;                                 /* (lanes); (L, lanes) */
  int states;                   /* arrays the optimiser keeps per parameter array */
  double *matrix;               /* (L's largest weights, lanes) and scratch; NULL: not needed */
  double *stage;                /* doubles on their way to and from the network */
  double *all_loss, *all_score; /* (rows, lanes): one evaluation of a whole set */
  double *value;                /* (lanes, inner dimension of a probe) */
  double *set_loss, *set_accuracy, *batch_loss; /* (lanes) */
  gp_probe_view view;
  gp_moments moments;
  double *
      update_squares; /* (L, lanes) of the last update of weights that was kept; NULL where it is changed afterwards */
  gp_second measures; /* the double twin and what is measured on it; needs 0: none */
  double *twin_value; /* (L, inner dimension): one probe of one lane */
  bool decay_used;
  bool skipping; /* a lane skips this update */
  void *kept; /* reals: a parameter and its states before an update, where that may be wanted back; or NULL */
  double seconds;
};

/* Lays out and initialises a group: `count` resolved specs of one shape on `lanes` lanes (1, or a multiple of
 * the kernel table's lane_block). Specs and data are borrowed until the next prepare. */
gp_status gp_trainer_prepare_group(gp_trainer *trainer, const gp_spec *const *specs,
                                   const gp_dataset *const *data, int count, int lanes);

/* Trains the group; states[lane] for each run. */
void gp_trainer_run_group(gp_trainer *trainer, const gp_run_limits *limits, enum gp_run_state *states);

/* The trace of one lane. */
void gp_trainer_trace(const gp_trainer *trainer, int lane, gp_trace *out);

/* trainer_layout.c */
void gp_trainer_layout(gp_trainer *trainer, gp_arena *arena, const gp_spec *const *specs,
                       const gp_dataset *const *data);
void gp_trainer_initialise(gp_trainer *trainer);

/* lsuv.c: scales the weights that were drawn, layer by layer, to outputs of unit variance. alpha: as gp_net_initialise. */
void gp_trainer_unit_variance(gp_trainer *trainer, const double *alpha);

/* batch.c: fetch rows of the data into net->x and net->y. */
void gp_batch_rows(gp_trainer *trainer, int64_t step); /* the rows of step `step`, into trainer->rows */
void gp_batch_gather(gp_trainer *trainer);             /* those rows */
void gp_batch_gather_range(gp_trainer *trainer, int64_t from,
                           int64_t count);  /* consecutive rows, all lanes */
void gp_batch_forward(gp_trainer *trainer); /* gather, forward, batch_loss, output delta */

/* evaluate.c: loss and accuracy (R^2 for regression) of rows [from, from + count) into set_loss,
 * set_accuracy. */
void gp_evaluate(gp_trainer *trainer, int64_t from, int64_t count, bool test);
double gp_target_mean(const gp_spec *spec, const gp_dataset *data, int64_t from, int64_t count, int64_t o,
                      int64_t outputs);
/* Sum over examples and outputs of the squared distance of the targets from their mean. */
double gp_target_spread(const gp_spec *spec, const gp_dataset *data, int64_t from, int64_t count);
/* Target o of a row under the loss's label convention. */
double gp_target(const gp_spec *spec, const gp_dataset *data, int64_t row, int64_t o, int64_t outputs);

/* baseline.c: loss of the best constant predictor on the training rows. */
double gp_baseline(const gp_spec *spec, const gp_dataset *data);

/* update.c: update number step + 1 from the gradients of the last backward pass. With `keep` the true update
 * replaces the gradient. */
void gp_trainer_update(gp_trainer *trainer, int64_t step, bool keep);

/* scaling.c: the first scale; before an update, which lanes skip it and the scale after it; after the update of `value`
 * (p's master or p itself), what the lanes that skip it have kept, with a true update of 0 where `keep`. */
void gp_scaling_start(gp_trainer *trainer);
void gp_scaling_judge(gp_trainer *trainer);
void gp_scaling_undo(const gp_trainer *trainer, const gp_parameter *p, void *value, bool keep);

/* trace.c: names and places of the variables, and their filling. */
enum {
  GP_VAR_STATUS,
  GP_VAR_VERDICT,
  GP_VAR_CONDITIONS,
  GP_VAR_STEPS_DONE,
  GP_VAR_DIVERGED_AT,
  GP_VAR_SKIPPED_STEPS,
  GP_VAR_GRADIENT_FACTOR,
  GP_VAR_GRADIENT_SPAN,
  GP_VAR_FINAL_LOSS,
  GP_VAR_BEST_LOSS,
  GP_VAR_FINAL_ACCURACY,
  GP_VAR_FINAL_TEST_LOSS,
  GP_VAR_FINAL_TEST_ACCURACY,
  GP_VAR_BASELINE,
  GP_VAR_LOSS,
  GP_VAR_ACCURACY,
  GP_VAR_TEST_LOSS,
  GP_VAR_TEST_ACCURACY,
  GP_VAR_BATCH_LOSS,
  GP_VAR_LOSS_SCALE_FACTOR,
  GP_VAR_GRADIENT_NORM,
  GP_VAR_PROBES,
  GP_VAR_COUNT = GP_VAR_PROBES + GP_PROBE_COUNT
};
void gp_trace_set(gp_trainer *trainer, int variable, size_t checkpoint, const double *values);
void gp_trace_probe(gp_trainer *trainer, size_t checkpoint, gp_probe_time time);
/* Opens row `checkpoint` of that step: which cadences it belongs to. */
void gp_trace_open(gp_trainer *trainer, size_t checkpoint, int64_t step);
/* Whether some probe of that time is measured in the open row. */
bool gp_trace_due(const gp_trainer *trainer, gp_probe_time time);
/* trace_twin.c: lane by lane, what is measured on the double twin. */
void gp_trace_twin(gp_trainer *trainer, size_t checkpoint);
/* Conditions of a lane's history so far (bits of GP_CONDITION), and its verdict. */
int gp_trace_verdict(const gp_trainer *trainer, int lane, uint32_t *conditions);
/* Whether a run keeps a series of that variable: those with an inner dimension only when asked for. */
bool gp_trace_keeps(const gp_trainer *trainer, size_t variable);
void gp_trace_finish(gp_trainer *trainer, int lane, enum gp_run_state state);

#endif
