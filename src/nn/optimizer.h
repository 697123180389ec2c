/* Optimisers: items and the settings of one update. The rules themselves are kernels (kernel/update.inl). */
#ifndef GP_OPTIMIZER_H
#define GP_OPTIMIZER_H

#include "kernels.h"
#include "option.h"

/* Settings of every optimiser (an item shows those it uses). */
typedef struct gp_optimizer_options {
  double momentum;     /* momentum, or beta1 */
  double second;       /* beta2, or the decay of rmsprop */
  double epsilon;      /* keeps the division finite */
  bool epsilon_inside; /* sqrt(s + epsilon) instead of sqrt(s) + epsilon */
  bool nesterov;       /* of sgd: look ahead */
} gp_optimizer_options;

/* Of a rule as written on paper: at most so many. */
enum { GP_OPTIMIZER_LINES = 5 };

typedef struct gp_optimizer {
  gp_item item;
  int slot;                                     /* row of the kernel table's update rules */
  const char *states[GP_UPDATE_STATES_MAX + 1]; /* names of its state arrays, NULL-terminated */
  const char *formula[GP_OPTIMIZER_LINES + 1];  /* for one parameter w with gradient g, NULL-terminated */
  bool nesterov;                                /* always looks ahead */
  bool decoupled;                               /* weight decay is always beside the step */
  bool corrected;                               /* its means are divided by 1 - beta^t */
  bool perceptron;                              /* only for the loss of that name */
} gp_optimizer;

extern const gp_family gp_optimizer_family;

static inline const gp_optimizer *gp_optimizer_of(const gp_choice *choice) {
  return (const gp_optimizer *)(const void *)choice->item;
}
static inline const gp_optimizer_options *gp_optimizer_options_of(const gp_choice *choice) {
  return (const gp_optimizer_options *)(const void *)choice->options;
}

/* The rule that the choice comes down to, line by line, NULL-terminated: without momentum there is no velocity in it. */
const char *const *gp_optimizer_formula(const gp_choice *choice);

/* How many state arrays of a weight array's size it keeps: a velocity only with momentum. */
int gp_optimizer_states(const gp_choice *choice);

#endif
