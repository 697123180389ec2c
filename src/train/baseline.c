/* The loss of the best constant predictor, which verdicts compare a run with.
 *
 * Every loss here is a sum over outputs, so each output has a best constant of its own:
 *   mse                    the mean; the loss is the spread of the targets
 *   cross-entropies        the class shares; their entropy
 *   mae, huber             the root of the slope sum_i psi(c - y_i), which does not decrease in c, by bisection down to
 *                          neighbouring doubles (for mae a median)
 *   hinge                  1 or -1, by the larger class: linear in between and worse beyond, so 2 x the smaller share
 *   perceptron             c = 0 has loss 0, which says nothing: constants of size 1 count, so the smaller share */
#include <math.h>

#include "elementary.h"
#include "trainer.h"

typedef struct column {
  const gp_spec *spec;
  const gp_dataset *data;
  int64_t o, outputs;
} column;

static double target(const column *c, int64_t row) {
  return gp_target(c->spec, c->data, row, c->o, c->outputs);
}

static double mean(const column *c) {
  return gp_target_mean(c->spec, c->data, 0, c->data->train, c->o, c->outputs);
}

static double entropy(double share) {
  return share > 0 ? -share * gp_log(share) : 0;
}

static double class_entropy(const column *c) {
  return entropy(mean(c));
}
static double binary_entropy(const column *c) {
  double share = mean(c);
  return entropy(share) + entropy(1 - share);
}

static double smaller_share(const column *c) {
  double share = (mean(c) + 1) / 2;
  return share < 0.5 ? share : 1 - share;
}
static double twice_smaller_share(const column *c) {
  return 2 * smaller_share(c);
}

/* mae is huber's loss with width 0, but for the scale: |r| cut to 0 leaves the sign. */
static double cut(const column *c, double gap) {
  double width = gp_loss_options_of(&c->spec->loss)->width;
  if (width == 0) return (gap > 0) - (gap < 0);
  return gap > width ? width : gap < -width ? -width : gap;
}

/* Mean loss of the constant, and the sum of its slopes. */
static double constant_loss(const column *c, double constant, double *slope) {
  double width = gp_loss_options_of(&c->spec->loss)->width, total = 0;
  *slope = 0;
  for (int64_t row = 0; row < c->data->train; row++) {
    double gap = constant - target(c, row), bent = cut(c, gap);
    total += width == 0 ? fabs(gap) : bent * (gap - bent / 2);
    *slope += bent;
  }
  return total / (double)c->data->train;
}

static double best_constant(const column *c) {
  double low = INFINITY, high = -INFINITY, slope;
  for (int64_t row = 0; row < c->data->train; row++) {
    low = fmin(low, target(c, row));
    high = fmax(high, target(c, row));
  }
  double best = fmin(constant_loss(c, low, &slope), constant_loss(c, high, &slope));
  for (double middle = low + (high - low) / 2; middle > low && middle < high;
       middle = low + (high - low) / 2) {
    best = fmin(best, constant_loss(c, middle, &slope));
    *(slope < 0 ? &low : &high) = middle;
  }
  return best;
}

double gp_baseline(const gp_spec *spec, const gp_dataset *data) {
  static double (*const of_kind[])(const column *) = {
      [GP_LOSS_CROSS_ENTROPY] = class_entropy, [GP_LOSS_BINARY_CROSS_ENTROPY] = binary_entropy,
      [GP_LOSS_MAE] = best_constant,           [GP_LOSS_HUBER] = best_constant,
      [GP_LOSS_HINGE] = twice_smaller_share,   [GP_LOSS_PERCEPTRON] = smaller_share};
  int64_t outputs = gp_loss_outputs(&spec->loss, data->classes, data->outputs);
  int kind = gp_loss_of(&spec->loss)->kind;
  double total = 0;
  for (int64_t o = 0; o < outputs && kind != GP_LOSS_MSE; o++)
    total += of_kind[kind](&(column){spec, data, o, outputs});
  if (kind == GP_LOSS_MSE) total = gp_target_spread(spec, data, 0, data->train) / (double)data->train;
  double examples = gp_loss_options_of(&spec->loss)->reduction == GP_REDUCTION_SUM ? (double)data->train : 1;
  return total * gp_loss_weight(&spec->loss, outputs) * examples;
}
