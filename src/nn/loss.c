#include "loss.h"

static const char *const outputs_words[] = {"sum", "mean", NULL};
static const char *const reduction_words[] = {"mean", "sum", NULL};
static const char *const labels_words[] = {"zero_one", "plus_minus", NULL};

#define OUTPUTS                                                                                              \
  GP_WORD(gp_loss_options, outputs, "outputs", outputs_words, GP_OUTPUTS_SUM,                                \
          "an example's loss: sum or mean over outputs")
#define REDUCTION                                                                                            \
  GP_WORD(gp_loss_options, reduction, "reduction", reduction_words, GP_REDUCTION_MEAN,                       \
          "the batch loss: mean or sum over examples")

static const gp_option mse_options[] = {
    OUTPUTS, REDUCTION, GP_BOOL(gp_loss_options, half, "half", 0, "times 1/2"),
    GP_WORD(gp_loss_options, labels, "labels", labels_words, GP_LABELS_ZERO_ONE,
            "targets of classes: 0 and 1, or -1 and +1"),
    GP_OPTIONS_END};
static const gp_option cross_entropy_options[] = {REDUCTION, GP_OPTIONS_END};
static const gp_option binary_options[] = {OUTPUTS, REDUCTION, GP_OPTIONS_END};

static const gp_loss mse = {
    {"mse", "squared error, no 1/2 unless half", "", mse_options}, GP_LOSS_MSE, false, false};
static const gp_loss cross_entropy = {
    {"cross_entropy", "softmax and log-likelihood, from logits", "Bridle 1990", cross_entropy_options},
    GP_LOSS_CROSS_ENTROPY,
    true,
    true};
static const gp_loss binary_cross_entropy = {
    {"binary_cross_entropy", "sigmoid and log-likelihood per output, from logits", "", binary_options},
    GP_LOSS_BINARY_CROSS_ENTROPY,
    true,
    true};

static const gp_item *const items[] = {&cross_entropy.item, &binary_cross_entropy.item, &mse.item, NULL};

const gp_family gp_loss_family = {"loss", "what training makes small", items};

double gp_loss_weight(const gp_choice *choice, int64_t outputs) {
  const gp_loss_options *o = gp_loss_options_of(choice);
  double weight = o->outputs == GP_OUTPUTS_MEAN ? 1.0 / (double)outputs : 1.0;
  return o->half ? weight / 2 : weight;
}

double gp_loss_batch_factor(const gp_choice *choice, int64_t batch) {
  return gp_loss_options_of(choice)->reduction == GP_REDUCTION_MEAN ? 1.0 / (double)batch : 1.0;
}

int64_t gp_loss_outputs(const gp_choice *choice, int64_t classes, int64_t targets) {
  return classes == 2 && gp_loss_of(choice)->kind != GP_LOSS_CROSS_ENTROPY ? 1 : targets;
}

void gp_loss_eval(const gp_choice *choice, const gp_loss_kernels *kernels, double *loss, double *p,
                  double *delta, const double *z, const double *y, int64_t outputs, int64_t columns) {
  double weight = gp_loss_weight(choice, outputs);
  switch (gp_loss_of(choice)->kind) {
  case GP_LOSS_CROSS_ENTROPY:
    kernels->cross_entropy(loss, p, delta, z, y, outputs, columns, weight);
    break;
  case GP_LOSS_BINARY_CROSS_ENTROPY:
    kernels->binary_cross_entropy(loss, p, delta, z, y, outputs, columns, weight);
    break;
  default:
    kernels->mse(loss, p, delta, z, y, outputs, columns, weight);
    break;
  }
}
