/* The table of optimisers. Where frameworks differ, the comment at the item says which form is meant. */
#include "optimizer.h"

#define MOMENTUM(preset)                                                                                     \
  GP_REAL(gp_optimizer_options, momentum, "momentum", preset, 0, 1, "velocity v <- momentum v - rate g",     \
          .flags = GP_NUMERIC | GP_OPEN_MAX)
#define BETA1                                                                                                \
  GP_REAL(gp_optimizer_options, momentum, "beta1", 0.9, 0, 1, "decay of the mean of gradients",              \
          .flags = GP_NUMERIC | GP_OPEN_MAX)
#define SECOND(label, preset, help)                                                                          \
  GP_REAL(gp_optimizer_options, second, label, preset, 0, 1, help, .flags = GP_NUMERIC | GP_OPEN_MAX)
#define EPSILON(preset)                                                                                      \
  GP_REAL(gp_optimizer_options, epsilon, "epsilon", preset, 0, 1e6, "keeps the division finite",             \
          .flags = GP_NUMERIC | GP_OPEN_MIN),                                                                \
      GP_BOOL(gp_optimizer_options, epsilon_inside, "epsilon_inside", 0,                                     \
              "divide by sqrt(s + epsilon) instead of sqrt(s) + epsilon")

static const gp_option sgd_options[] = {
    MOMENTUM(0),
    GP_BOOL(gp_optimizer_options, nesterov, "nesterov", 0, "look ahead: update by momentum v - rate g"),
    GP_OPTIONS_END};
static const gp_option momentum_options[] = {MOMENTUM(0.9), GP_OPTIONS_END};
static const gp_option adagrad_options[] = {EPSILON(1e-10), GP_OPTIONS_END};
static const gp_option rmsprop_options[] = {SECOND("decay", 0.9, "decay of the mean of squares"),
                                            EPSILON(1e-8), GP_OPTIONS_END};
static const gp_option adam_options[] = {BETA1, SECOND("beta2", 0.999, "decay of the mean of squares"),
                                         EPSILON(1e-8), GP_OPTIONS_END};
static const gp_option lion_options[] = {BETA1, SECOND("beta2", 0.99, "decay of the momentum it keeps"),
                                         GP_OPTIONS_END};

/* The rate is inside the velocity (Sutskever et al. 2013), so a change of the rate leaves old steps as they were;
 * PyTorch multiplies the whole velocity by the present rate. The two agree at a constant rate. Dampening: none. */
static const gp_optimizer sgd = {.item = {"sgd", "stochastic gradient descent, with momentum if asked",
                                          "Polyak 1964; Sutskever et al. 2013, eq. 3-4", sgd_options},
                                 .formula = {"velocity <- momentum velocity - rate g", "w <- w + velocity"},
                                 .slot = GP_UPDATE_velocity,
                                 .states = {"velocity"}};
static const gp_optimizer heavy_ball = {
    .item = {"heavy_ball", "gradient descent with momentum: w += v", "Polyak 1964", momentum_options},
    .formula = {"velocity <- momentum velocity - rate g", "w <- w + velocity"},
    .slot = GP_UPDATE_velocity,
    .states = {"velocity"}};
/* The gradient is taken at the weights that are stored, which are the looked-ahead ones (as in PyTorch and Keras), not
 * at w + momentum v as the theory writes it; the sequence of looked-ahead points is the same. */
static const gp_optimizer nesterov = {
    .item = {"nesterov", "accelerated gradient: w += momentum v - rate g",
             "Nesterov 1983; Sutskever et al. 2013, eq. 3-4", momentum_options},
    .formula = {"velocity <- momentum velocity - rate g", "w <- w + momentum velocity - rate g"},
    .slot = GP_UPDATE_velocity,
    .states = {"velocity"},
    .nesterov = true};
/* The sum of squares starts at 0 (PyTorch; TensorFlow starts at 0.1). The paper has no epsilon. */
static const gp_optimizer adagrad = {
    .item = {"adagrad", "rate over the root of the sum of squares", "Duchi et al. 2011", adagrad_options},
    .formula = {"square_sum <- square_sum + g^2", "w <- w - rate g / (sqrt(square_sum) + epsilon)"},
    .slot = GP_UPDATE_adagrad,
    .states = {"square_sum"}};
/* Not centred and without momentum. Epsilon beside the root (PyTorch); inside in the first TensorFlow. */
static const gp_optimizer rmsprop = {.item = {"rmsprop", "rate over the root of a running mean of squares",
                                              "Tieleman and Hinton 2012, lecture 6.5", rmsprop_options},
                                     .formula = {"square_mean <- decay square_mean + (1 - decay) g^2",
                                                 "w <- w - rate g / (sqrt(square_mean) + epsilon)"},
                                     .slot = GP_UPDATE_rmsprop,
                                     .states = {"square_mean"}};
/* Algorithm 1: epsilon is added to the root of the corrected moment (PyTorch); the paper's section 2 form, Keras and
 * TensorFlow add it before the correction, which is an epsilon smaller by sqrt(1 - beta2^t). */
static const gp_optimizer adam = {
    .item = {"adam", "corrected mean over root mean square of gradients", "Kingma and Ba 2015, algorithm 1",
             adam_options},
    .formula = {"first_moment <- beta1 first_moment + (1 - beta1) g",
                "second_moment <- beta2 second_moment + (1 - beta2) g^2", "M = first_moment / (1 - beta1^t)",
                "S = second_moment / (1 - beta2^t)", "w <- w - rate M / (sqrt(S) + epsilon)"},
    .slot = GP_UPDATE_adam,
    .states = {"first_moment", "second_moment"},
    .corrected = true};
/* The decay is times the whole learning rate (PyTorch); the paper multiplies it by the schedule alone. */
static const gp_optimizer adamw = {
    .item = {"adamw", "adam with decoupled weight decay", "Loshchilov and Hutter 2019, algorithm 2",
             adam_options},
    .formula = {"first_moment <- beta1 first_moment + (1 - beta1) g",
                "second_moment <- beta2 second_moment + (1 - beta2) g^2", "M = first_moment / (1 - beta1^t)",
                "S = second_moment / (1 - beta2^t)", "w <- w - rate M / (sqrt(S) + epsilon)"},
    .slot = GP_UPDATE_adam,
    .states = {"first_moment", "second_moment"},
    .corrected = true,
    .decoupled = true};
/* beta1 is constant; PyTorch and Keras warm it up by the paper's factor 1 - 0.96^(t/250)/2. */
static const gp_optimizer nadam = {
    .item = {"nadam", "adam that looks one step ahead", "Dozat 2016, algorithm 2, constant beta1",
             adam_options},
    .formula = {"first_moment <- beta1 first_moment + (1 - beta1) g",
                "second_moment <- beta2 second_moment + (1 - beta2) g^2",
                "M = beta1 first_moment / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t)",
                "S = second_moment / (1 - beta2^t)", "w <- w - rate M / (sqrt(S) + epsilon)"},
    .slot = GP_UPDATE_nadam,
    .states = {"first_moment", "second_moment"},
    .corrected = true};
/* beta1 = beta2 gives signum (Bernstein et al. 2018, algorithm 2). The paper's weight decay is decoupled: true. */
static const gp_optimizer lion = {
    .item = {"lion", "the sign of a mean of gradients", "Chen et al. 2023, algorithm 2", lion_options},
    .formula = {"w <- w - rate sign(beta1 momentum + (1 - beta1) g)",
                "momentum <- beta2 momentum + (1 - beta2) g"},
    .slot = GP_UPDATE_lion,
    .states = {"momentum"}};
static const gp_optimizer sign_sgd = {.item = {"sign_sgd", "the sign of the gradient, 0 where it is 0",
                                               "Bernstein et al. 2018, algorithm 1", NULL},
                                      .formula = {"w <- w - rate sign(g)"},
                                      .slot = GP_UPDATE_sign};
/* Gradient descent on the perceptron loss is the rule: w += rate y x on every mistake, nothing otherwise. */
static const gp_optimizer perceptron = {
    .item = {"perceptron", "the perceptron rule: w += rate y x on every mistake", "Rosenblatt 1958", NULL},
    .formula = {"w <- w - rate g"},
    .slot = GP_UPDATE_velocity,
    .perceptron = true};

static const gp_item *const items[] = {&sgd.item,     &heavy_ball.item, &nesterov.item,   &adagrad.item,
                                       &rmsprop.item, &adam.item,       &adamw.item,      &nadam.item,
                                       &lion.item,    &sign_sgd.item,   &perceptron.item, NULL};

const gp_family gp_optimizer_family = {"optimizer", "how a gradient becomes an update", items};

const char *const *gp_optimizer_formula(const gp_choice *choice) {
  const gp_optimizer *optimizer = gp_optimizer_of(choice);
  if (gp_optimizer_states(choice) == 0 && optimizer->states[0] != NULL) return perceptron.formula;
  return gp_optimizer_options_of(choice)->nesterov ? nesterov.formula : optimizer->formula;
}

int gp_optimizer_states(const gp_choice *choice) {
  const gp_optimizer *optimizer = gp_optimizer_of(choice);
  if (optimizer->slot == GP_UPDATE_velocity) return gp_optimizer_options_of(choice)->momentum != 0;
  int count = 0;
  while (optimizer->states[count] != NULL) count++;
  return count;
}
