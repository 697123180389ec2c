#include "loss.h"

#include "elementary.h"

static const char *const outputs_words[] = {"sum", "mean", NULL};
static const char *const reduction_words[] = {"mean", "sum", NULL};
static const char *const labels_words[] = {"zero_one", "plus_minus", NULL};

#define OUTPUTS                                                                                              \
  GP_WORD(gp_loss_options, outputs, "outputs", outputs_words, GP_OUTPUTS_SUM,                                \
          "an example's loss: sum or mean over outputs")
#define REDUCTION                                                                                            \
  GP_WORD(gp_loss_options, reduction, "reduction", reduction_words, GP_REDUCTION_MEAN,                       \
          "the batch loss: mean or sum over examples")

#define LABELS                                                                                               \
  GP_WORD(gp_loss_options, labels, "labels", labels_words, GP_LABELS_ZERO_ONE,                               \
          "targets of classes: 0 and 1, or -1 and +1")

static const gp_option mse_options[] = {
    OUTPUTS, REDUCTION, GP_BOOL(gp_loss_options, half, "half", 0, "times 1/2"), LABELS, GP_OPTIONS_END};
static const gp_option mae_options[] = {OUTPUTS, REDUCTION, LABELS, GP_OPTIONS_END};
static const gp_option huber_options[] = {OUTPUTS, REDUCTION,
                                          GP_REAL(gp_loss_options, width, "delta", 1, 0, 1e300,
                                                  "quadratic up to this distance", .flags = GP_OPEN_MIN),
                                          LABELS, GP_OPTIONS_END};
static const gp_option cross_entropy_options[] = {REDUCTION, GP_OPTIONS_END};
/* binary_cross_entropy, hinge, perceptron */
static const gp_option binary_options[] = {OUTPUTS, REDUCTION, GP_OPTIONS_END};

static double second_mse(double z, double y, double width) {
  (void)z, (void)y, (void)width;
  return 2;
}

static double second_flat(double z, double y, double width) {
  (void)z, (void)y, (void)width;
  return 0;
}

static double second_huber(double z, double y, double width) {
  return z - y < width && y - z < width ? 1 : 0;
}

static double second_logistic(double z, double y, double width) {
  (void)y, (void)width;
  return gp_sigmoid(z) * gp_sigmoid(-z);
}

static const gp_loss mse = {.item = {"mse", "squared error, no 1/2 unless half", "", mse_options},
                            .formula = "(p - y)^2",
                            .delta = "2 (p - y)",
                            .kind = GP_LOSS_MSE,
                            .second = second_mse,
                            .output = "linear"};
static const gp_loss mae = {.item = {"mae", "absolute error, slope 0 at 0", "Laplace 1774", mae_options},
                            .formula = "|p - y|",
                            .delta = "sign(p - y)",
                            .kind = GP_LOSS_MAE,
                            .second = second_flat,
                            .output = "linear"};
static const gp_loss huber = {.item = {"huber", "r^2/2 up to delta, delta |r| - delta^2/2 beyond",
                                       "Huber 1964, eq. 2.3", huber_options},
                              .formula = "(p - y)^2/2 up to |p - y| = delta, then delta |p - y| - delta^2/2",
                              .delta = "p - y within [-delta, delta]",
                              .kind = GP_LOSS_HUBER,
                              .second = second_huber,
                              .output = "linear"};
static const gp_loss cross_entropy = {.item = {"cross_entropy", "softmax and log-likelihood, from logits",
                                               "Bridle 1990", cross_entropy_options},
                                      .formula = "-y ln p, p = e^z/sum(e^z)",
                                      .delta = "p - y",
                                      .kind = GP_LOSS_CROSS_ENTROPY,
                                      .logits = true,
                                      .classes = true,
                                      .output = "auto"};
static const gp_loss binary_cross_entropy = {.item = {"binary_cross_entropy",
                                                      "sigmoid and log-likelihood per output, from logits",
                                                      "", binary_options},
                                             .formula = "-y ln p - (1 - y) ln(1 - p), p = 1/(1 + e^-z)",
                                             .delta = "p - y",
                                             .kind = GP_LOSS_BINARY_CROSS_ENTROPY,
                                             .second = second_logistic,
                                             .logits = true,
                                             .classes = true,
                                             .output = "sigmoid"};
static const gp_loss hinge = {.item = {"hinge", "max(0, 1 - y z) per output, labels -1 and +1",
                                       "Cortes and Vapnik 1995", binary_options},
                              .formula = "max(0, 1 - y z)",
                              .delta = "-y if y z < 1, else 0",
                              .kind = GP_LOSS_HINGE,
                              .second = second_flat,
                              .logits = true,
                              .classes = true,
                              .signs = true,
                              .output = "linear"};
static const gp_loss perceptron = {
    .item = {"perceptron", "max(0, -y z) per output, labels -1 and +1; a threshold unit predicts",
             "Rosenblatt 1958", binary_options},
    .formula = "max(0, -y z), p = sign(z)",
    .delta = "-y if y z <= 0, else 0",
    .kind = GP_LOSS_PERCEPTRON,
    .second = second_flat,
    .logits = true,
    .classes = true,
    .signs = true,
    .output = "sign"};

static const gp_item *const items[] = {
    &cross_entropy.item, &binary_cross_entropy.item, &mse.item, &mae.item, &huber.item,
    &hinge.item,         &perceptron.item,           NULL};

const gp_family gp_loss_family = {"loss", "what training makes small", items};

double gp_loss_weight(const gp_choice *choice, int64_t outputs) {
  const gp_loss_options *o = gp_loss_options_of(choice);
  double weight = o->outputs == GP_OUTPUTS_MEAN ? 1.0 / (double)outputs : 1.0;
  return o->half ? weight / 2 : weight;
}

double gp_loss_batch_factor(const gp_choice *choice, int64_t batch) {
  return gp_loss_options_of(choice)->reduction == GP_REDUCTION_MEAN ? 1.0 / (double)batch : 1.0;
}

bool gp_loss_signs(const gp_choice *choice) {
  return gp_loss_of(choice)->signs || gp_loss_options_of(choice)->labels == GP_LABELS_PLUS_MINUS;
}

int64_t gp_loss_outputs(const gp_choice *choice, int64_t classes, int64_t targets) {
  return classes == 2 && gp_loss_of(choice)->kind != GP_LOSS_CROSS_ENTROPY ? 1 : targets;
}

/* Below, at or above a point. */
static int side_of(double x, double point) {
  return (x > point) + (x >= point);
}

int gp_loss_piece(const gp_choice *choice, double z, double y) {
  double width = gp_loss_options_of(choice)->width;
  switch (gp_loss_of(choice)->kind) {
  case GP_LOSS_MAE:
    return side_of(z, y);
  case GP_LOSS_HUBER:
    return side_of(z - y, -width) + side_of(z - y, width);
  case GP_LOSS_HINGE:
    return side_of(y * z, 1);
  case GP_LOSS_PERCEPTRON:
    return side_of(y * z, 0);
  default:
    return 0;
  }
}

void gp_loss_eval(const gp_choice *choice, const gp_loss_kernels *kernels, double *loss, double *p,
                  double *delta, const double *z, const double *y, int64_t outputs, int64_t columns) {
  double weight = gp_loss_weight(choice, outputs), width = gp_loss_options_of(choice)->width;
  switch (gp_loss_of(choice)->kind) {
  case GP_LOSS_CROSS_ENTROPY:
    kernels->cross_entropy(loss, p, delta, z, y, outputs, columns, weight);
    break;
  case GP_LOSS_BINARY_CROSS_ENTROPY:
    kernels->binary_cross_entropy(loss, p, delta, z, y, outputs, columns, weight);
    break;
  case GP_LOSS_MSE:
    kernels->mse(loss, p, delta, z, y, outputs, columns, weight);
    break;
  default: {
    gp_loss_by_width *const kernel[] = {[GP_LOSS_MAE] = kernels->mae,
                                        [GP_LOSS_HUBER] = kernels->huber,
                                        [GP_LOSS_HINGE] = kernels->hinge,
                                        [GP_LOSS_PERCEPTRON] = kernels->perceptron};
    kernel[gp_loss_of(choice)->kind](loss, p, delta, z, y, outputs, columns, weight, width);
    break;
  }
  }
}

static void second_softmax(double *rdelta, const double *rz, const double *p, int64_t outputs,
                           int64_t columns, double weight) {
  for (int64_t j = 0; j < columns; j++) {
    double mean = 0;
    for (int64_t o = 0; o < outputs; o++) mean += p[o * columns + j] * rz[o * columns + j];
    for (int64_t o = 0; o < outputs; o++)
      rdelta[o * columns + j] = weight * p[o * columns + j] * (rz[o * columns + j] - mean);
  }
}

void gp_loss_second(const gp_choice *choice, double *rdelta, const double *rz, const double *z,
                    const double *p, const double *y, int64_t outputs, int64_t columns) {
  double weight = gp_loss_weight(choice, outputs), width = gp_loss_options_of(choice)->width;
  double (*second)(double, double, double) = gp_loss_of(choice)->second;
  if (second == NULL) {
    second_softmax(rdelta, rz, p, outputs, columns, weight);
    return;
  }
  for (int64_t i = 0; i < outputs * columns; i++) rdelta[i] = weight * second(z[i], y[i], width) * rz[i];
}
