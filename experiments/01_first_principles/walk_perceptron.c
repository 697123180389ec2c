/* First station: one unit, what it measures, what it learns and what it cannot; two more, and it can. */
#include <math.h>
#include <stdio.h>

#include "walk.h"

/* ---- a perceptron measures a signed distance ---- */

/* The distance from p to the line w.x + b = 0 by search along it: golden section on the squared distance. */
static double searched_distance(const double w[2], double b, const double p[2]) {
  double n2 = w[0] * w[0] + w[1] * w[1], foot[2] = {-b * w[0] / n2, -b * w[1] / n2}, low = -100, high = 100;
  const double golden = 0.6180339887498949;
  double best = INFINITY;
  for (int i = 0; i < 200; i++) {
    double t[2] = {high - golden * (high - low), low + golden * (high - low)}, d[2];
    for (int k = 0; k < 2; k++)
      d[k] = hypot(foot[0] - w[1] * t[k] - p[0], foot[1] + w[0] * t[k] - p[1]), best = fmin(best, d[k]);
    if (d[0] < d[1])
      high = t[1];
    else
      low = t[0];
  }
  return best;
}

static gp_status show_distance(const walk *to) {
  static const double w[2] = {3, 4}, b = -5, points[][2] = {{3, 4}, {1, 0.5}, {0, 0}, {-1, 2}};
  double worst = 0;
  walk_say(to,
           "1. A perceptron measures a signed distance: (w.x + b)/|w| with w = (3, 4), b = -5, |w| = 5\n\n"
           "   %-14s %8s %16s %20s\n",
           "x", "w.x + b", "signed distance", "nearest point by search");
  for (int i = 0; i < 4; i++) {
    const double *p = points[i];
    double z = w[0] * p[0] + w[1] * p[1] + b, distance = z / 5, searched = searched_distance(w, b, p);
    worst = fmax(worst, fabs(fabs(distance) - searched));
    walk_say(to, "   (%4.1f, %4.1f)   %8.2f %16.3f %20.3f\n", p[0], p[1], z, distance, searched);
  }
  walk_say(to, "\n");
  char measured[100];
  snprintf(measured, sizeof measured, "largest difference from a search along the line %.1e", worst);
  return walk_claim(to, worst < 1e-6, "a perceptron's (w.x + b)/|w| is the signed distance to its line",
                    measured, "below 1e-6, what a search can find");
}

/* ---- Novikoff's bound ---- */

gp_status walk_gate(small_net *net, const char *gate, int64_t steps) {
  static int64_t every[8 * WALK_GATE_STEPS + 1];
  char config[400];
  snprintf(
      config, sizeof config,
      "study: walk\ndata: {name: gate, gate: %s}\nmodel: {depth: 0, init: zeros}\ntrain: {loss: perceptron, "
      "optimizer: perceptron, learning_rate: 1, batch: 1, steps: %lld}\nprecision: float64\nseed: 0\n",
      gate, (long long)steps);
  for (int64_t i = 0; i <= steps; i++) every[i] = i;
  return small_net_train(net, config, every, (size_t)steps + 1);
}

/* Steps that changed the bias: the rule adds +-1 to it at every mistake. And how many corners the unit has right at a step. */
static int count_mistakes(const small_net *net, int64_t steps) {
  int mistakes = 0;
  for (int64_t s = 0; s < steps; s++)
    mistakes +=
        small_net_array(net, s, 1, "bias")->values[0] != small_net_array(net, s + 1, 1, "bias")->values[0];
  return mistakes;
}

static int count_right(const small_net *net, int64_t step) {
  const double *w = small_net_array(net, step, 1, "weight")->values,
               b = small_net_array(net, step, 1, "bias")->values[0];
  int right = 0;
  for (int i = 0; i < 4; i++) {
    double z = w[0] * net->data->x[2 * i] + w[1] * net->data->x[2 * i + 1] + b;
    right += net->data->label[i] == 1 ? z > 0 : z < 0;
  }
  return right;
}

static int most_right(const small_net *net, int64_t steps) {
  int most = 0, right;
  for (int64_t s = 0; s <= steps; s++)
    if ((right = count_right(net, s)) > most) most = right;
  return most;
}

/* (R/gamma)^2 with the 1 of the bias as a third input: R^2 = 3, and 1/gamma^2 the square of the shortest separating vector,
 * (2, 2, -3) of AND and (2, 2, -1) of OR. */
static gp_status show_gate(const walk *to, const char *gate, int bound) {
  small_net net = {.only = NULL};
  char text[100], measured[120], expected[60];
  gp_status status = walk_gate(&net, gate, WALK_GATE_STEPS);
  if (status == GP_OK) {
    int mistakes = count_mistakes(&net, WALK_GATE_STEPS), right = count_right(&net, WALK_GATE_STEPS);
    const double *w = small_net_array(&net, WALK_GATE_STEPS, 1, "weight")->values;
    double b = small_net_array(&net, WALK_GATE_STEPS, 1, "bias")->values[0];
    walk_say(to, "   %-4s %2d mistakes, at most %2d; w = (%g, %g), b = %g; %d of 4 corners right\n", gate,
             mistakes, bound, w[0], w[1], b, right);
    snprintf(text, sizeof text, "the perceptron learns %s within Novikoff's bound", gate);
    snprintf(measured, sizeof measured, "%d mistakes, %d of 4 right", mistakes, right);
    snprintf(expected, sizeof expected, "at most %d, 4", bound);
    status = walk_claim(to, mistakes <= bound && right == 4, text, measured, expected);
  }
  small_net_free(&net);
  return status;
}

static gp_status show_never(const walk *to) {
  const int64_t steps = 8 * WALK_GATE_STEPS;
  small_net net = {.only = NULL};
  char measured[120];
  gp_status status = walk_gate(&net, "xor", steps);
  if (status == GP_OK) {
    int mistakes = count_mistakes(&net, steps), right = most_right(&net, steps);
    walk_say(to, "   xor  %d mistakes in %lld steps and no end; never more than %d of 4 corners right\n\n",
             mistakes, (long long)steps, right);
    snprintf(measured, sizeof measured, "%d mistakes in %lld steps, at best %d of 4 right", mistakes,
             (long long)steps, right);
    status = walk_claim(to, mistakes > (int)steps / 4 && right < 4, "the perceptron never learns xor",
                        measured, "a mistake in every epoch of 4, at best 3");
  }
  small_net_free(&net);
  return status;
}

/* ---- two hidden units ---- */

gp_status walk_xor(small_net *net, int seed, bool *solved) {
  static const int64_t steps[] = {0, WALK_XOR_STEPS};
  char config[400];
  snprintf(
      config, sizeof config,
      "study: walk\ndata: {name: gate, gate: xor}\nmodel: {activation: tanh, depth: 1, width: 2}\n"
      "train: {loss: binary_cross_entropy, optimizer: adam, learning_rate: 0.05, batch: full, steps: %d}\n"
      "precision: float64\nseed: %d\n",
      WALK_XOR_STEPS, seed);
  *solved = false;
  GP_TRY(small_net_train(net, config, steps, 2));
  int right = 0;
  for (int i = 0; i < 4; i++)
    right += (small_net_output(net, WALK_XOR_STEPS, net->data->x + 2 * i) > 0) == (net->data->label[i] == 1);
  *solved = right == 4;
  return GP_OK;
}

static void show_solution(const walk *to, const small_net *net) {
  walk_say(to, "   one of them: x -> two lines -> answer\n");
  for (int i = 0; i < 4; i++) {
    const double *x = net->data->x + 2 * i;
    double z = small_net_output(net, WALK_XOR_STEPS, x);
    walk_say(to, "   (%g, %g)  z = %7.3f  p = %.4f  wanted %d\n", x[0], x[1], z, 1 / (1 + exp(-z)),
             net->data->label[i]);
  }
  walk_say(to, "\n");
}

static gp_status show_hidden(const walk *to) {
  int solved = 0;
  gp_status status = GP_OK;
  char measured[80];
  walk_say(to, "3. Two hidden units solve xor (tanh, 2-2-1, Adam, %d steps)\n\n", WALK_XOR_STEPS);
  for (int seed = 0; seed < WALK_XOR_SEEDS && status == GP_OK; seed++) {
    small_net net = {.only = NULL};
    bool good;
    status = walk_xor(&net, seed, &good);
    if (status == GP_OK && good && solved++ == 0) show_solution(to, &net);
    small_net_free(&net);
  }
  GP_TRY(status);
  walk_say(to,
           "   %d of %d seeds get all four corners right; the others stop in a saddle or a local minimum\n\n",
           solved, WALK_XOR_SEEDS);
  snprintf(measured, sizeof measured, "%d of %d seeds", solved, WALK_XOR_SEEDS);
  return walk_claim(to, 2 * solved > WALK_XOR_SEEDS, "a 2-2-1 net solves xor", measured, "more than half");
}

gp_status walk_perceptron(const walk *to) {
  GP_TRY(show_distance(to));
  walk_say(to,
           "2. It learns what a line separates: the perceptron rule from w = 0, one example at a time\n\n");
  GP_TRY(show_gate(to, "and", 51));
  GP_TRY(show_gate(to, "or", 27));
  GP_TRY(show_never(to));
  return show_hidden(to);
}
