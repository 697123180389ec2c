/* Activations as the rest of the house sees them: name, options, facts, and evaluation in double. The vector
 * bodies live in kernel/; this table binds them to names. */
#ifndef GP_ACTIVATION_H
#define GP_ACTIVATION_H

#include <stdbool.h>

#include "option.h"

typedef enum gp_activation_class {
  GP_ACT_LINEAR,
  GP_ACT_SATURATING,
  GP_ACT_RECTIFIER,
  GP_ACT_SELU,
  GP_ACT_OTHER
} gp_activation_class;

typedef struct gp_activation {
  gp_item item;
  const char *formula, *derivative; /* phi(z) and phi'(z) as written on paper; h stands for phi(z) */
  int slot;                         /* row of the kernel table */
  gp_activation_class class_;       /* decides `init: auto` */
  bool bounded;                     /* saturated_fraction is defined */
  double slope_max;                 /* max |phi'|; NaN where none exists */
  bool homogeneous;                 /* phi(a z) = a phi(z), a > 0 */
  int smoothness;                   /* 0 discontinuous, 1 kinked, 2 smooth (has phi'') */
  const double *kinks;              /* NaN-terminated points excluded from gradient checks; NULL: none */
  /* phi''(z), from z, h = phi(z), d = phi'(z) and the options: of a kinked one wherever it exists (0 for a piecewise
   * linear one), 0 or one side's at a kink. NULL: it has none that says anything (sign, step). */
  double (*second)(double z, double h, double d, const double *options);
} gp_activation;

extern const gp_family gp_activation_family;
/* `auto` (by the loss) and every activation. */
extern const gp_family gp_output_family;

/* An activation's options are doubles only: the options of its choice, in order, are the kernel's parameters.
 *
 * h = phi(z), d = phi'(z) for n doubles, by the portable double kernel (same bits as every tier). Either
 * output may be NULL. */
void gp_activation_eval(const gp_choice *choice, const double *z, double *h, double *d, size_t n);

#endif
