/* Thresholds of the verdict on a run (SCIENCE section 2); config section `verdict`. */
#ifndef GP_RULES_H
#define GP_RULES_H

typedef struct gp_verdict_rules {
  double trained_below;      /* x baseline: 0.5 */
  double diverged_above;     /* x baseline: 10 */
  double dead_fraction;      /* 0.9 */
  double span;               /* decades: 3 */
  double growth;             /* of the gradient norm: 1e3 */
  double saturated_fraction; /* 0.9 */
  double rise, rise_share;   /* oscillating: 0.05 of the range on more than 0.3 of the checkpoints */
} gp_verdict_rules;

#endif
