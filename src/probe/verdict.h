/* The verdict on one run, from its own history alone (SCIENCE section 2). */
#ifndef GP_VERDICT_H
#define GP_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules.h"

/* First match wins, in this order; all but healthy and diverged only for runs that did not train. */
enum gp_verdict {
  GP_VERDICT_NONE,
  GP_VERDICT_DIVERGED,
  GP_VERDICT_DEAD,
  GP_VERDICT_VANISHING,
  GP_VERDICT_EXPLODING,
  GP_VERDICT_SATURATED,
  GP_VERDICT_OSCILLATING,
  GP_VERDICT_STALLED,
  GP_VERDICT_HEALTHY
};
extern const char *const gp_verdict_words[];

/* Bit of a condition in `conditions`: 1 << verdict, for every verdict but none. */
#define GP_CONDITION(verdict) (1u << (verdict))

/* What a verdict is judged on. Series are per checkpoint reached; per-layer ones are (checkpoints, stride). */
typedef struct gp_history {
  size_t checkpoints, stride;
  const size_t *rows; /* which rows of the series the checkpoints are; NULL: 0, 1, ... */
  int hidden;         /* hidden layers: columns 0 .. hidden - 1 */
  const double *loss, *gradient_norm;
  const double *delta_rms, *dead_fraction, *saturated_fraction;
  double baseline; /* loss of the best constant predictor */
  double final_loss;
  bool non_finite; /* the run ended at a non-finite loss */
} gp_history;

/* The verdict and every condition that held. A history without checkpoints has no verdict. */
enum gp_verdict gp_verdict_of(const gp_history *history, const gp_verdict_rules *rules, uint32_t *conditions);

#endif
