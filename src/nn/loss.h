/* Losses: items, conventions, and the bridge from the output layer to the loss kernels. */
#ifndef GP_LOSS_H
#define GP_LOSS_H

#include "kernels.h"
#include "option.h"

enum gp_outputs { GP_OUTPUTS_SUM, GP_OUTPUTS_MEAN };
enum gp_reduction { GP_REDUCTION_MEAN, GP_REDUCTION_SUM };
enum gp_labels { GP_LABELS_ZERO_ONE, GP_LABELS_PLUS_MINUS };
enum gp_loss_kind {
  GP_LOSS_MSE,
  GP_LOSS_CROSS_ENTROPY,
  GP_LOSS_BINARY_CROSS_ENTROPY,
  GP_LOSS_MAE,
  GP_LOSS_HUBER,
  GP_LOSS_HINGE,
  GP_LOSS_PERCEPTRON
};

/* An example's loss sums (or averages) over outputs; the batch loss is the mean (or sum) over examples. */
typedef struct gp_loss_options {
  int outputs, reduction, labels;
  bool half;    /* mse: times 1/2 */
  double width; /* huber: quadratic within, linear beyond */
} gp_loss_options;

typedef struct gp_loss {
  gp_item item;
  /* Of one output with prediction p, logit z and target y: its loss; dloss/dz, or dloss/dp where p = phi(z). */
  const char *formula, *delta;
  int kind;
  bool logits;        /* works on z itself (softmax, sigmoid, margin): no named output activation */
  bool classes;       /* needs a classification data set */
  bool signs;         /* targets of classes are always -1 and +1 */
  const char *output; /* the named output that is the same as `auto`, or "auto" */
  /* d2loss/dz2 of one output (0 for a piecewise linear loss, wherever it exists); NULL: outputs are coupled (softmax). */
  double (*second)(double z, double y, double width);
} gp_loss;

extern const gp_family gp_loss_family;

static inline const gp_loss *gp_loss_of(const gp_choice *choice) {
  return (const gp_loss *)(const void *)choice->item;
}
static inline const gp_loss_options *gp_loss_options_of(const gp_choice *choice) {
  return (const gp_loss_options *)(const void *)choice->options;
}

/* The factor on an example's loss and delta: 1/outputs for outputs: mean, 1/2 for half. */
double gp_loss_weight(const gp_choice *choice, int64_t outputs);

/* The batch loss is this factor times the sum over its examples: 1/B or 1. It also scales every gradient. */
double gp_loss_batch_factor(const gp_choice *choice, int64_t batch);

/* Whether targets of classes are -1 and +1 rather than 0 and 1. Several classes: one against the rest. */
bool gp_loss_signs(const gp_choice *choice);

/* How many outputs a network needs for data with these classes (0: regression) and target columns: one for
 * two classes unless the loss is cross_entropy, otherwise one per class or target. */
int64_t gp_loss_outputs(const gp_choice *choice, int64_t classes, int64_t targets);

/* On which piece of the loss an output z lies, for gradient checks across kinks; 0 for smooth losses. */
int gp_loss_piece(const gp_choice *choice, double z, double y);

/* Per-example loss (columns), prediction p, delta = dloss/dprediction-layer input as stated in kernels.h. */
void gp_loss_eval(const gp_choice *choice, const gp_loss_kernels *kernels, double *loss, double *p,
                  double *delta, const double *z, const double *y, int64_t outputs, int64_t columns);

/* R{delta} = (d2loss/dz2) R{z} (outputs, columns), from what gp_loss_eval was given and returned: for softmax
 * p (R{z} - sum_o p R{z}) (Pearlmutter 1994), for the others their second derivative times R{z}. */
void gp_loss_second(const gp_choice *choice, double *rdelta, const double *rz, const double *z,
                    const double *p, const double *y, int64_t outputs, int64_t columns);

#endif
