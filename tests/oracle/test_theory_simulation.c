/* Theory against the engine itself: nets at initialisation, many seeds, each activation at two (sigma_w^2, sigma_b^2).
 *
 * One example: three standard errors of the mean over seeds, theory's own standard deviation; of the standard deviation
 * itself sd / sqrt(2 (N - 1)), and 8 % more for what the expansion in 1/width leaves out at width 64 and depth 12 (the next
 * term is of relative order depth / width times a number below 1/2). Several examples are known less well (scatter.h): a
 * third of the standard deviation between seeds, on the mean as on the deviation. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../unit/plan_case.h"
#include "predict.h"
#include "run.h"

enum { SEEDS = 250, DEPTH = 12 };

typedef struct net {
  const char *activation;
  double weight, bias;
} net;

static const net nets[] = {
    {"sigmoid", 1, 0},      {"sigmoid", 4, 0.1}, {"tanh", 1.5, 0.05}, {"tanh", 2.5, 0.1},   {"relu", 2, 0},
    {"relu", 1.5, 0.1},     {"erf", 1, 0.05},    {"erf", 2, 0.05},    {"gelu", 1.5, 0.2},   {"gelu", 2, 0.5},
    {"selu", 1, 0},         {"selu", 1.2, 0.1},  {"linear", 1, 0},    {"leaky_relu", 2, 0}, {"silu", 2, 0.5},
    {"hard_tanh", 2, 0.05}, {"softplus", 1, 0},  {"elu", 1.2, 0.05}};

/* `on` examples are measured; the output's error is that of a square loss on targets of size 1. */
static gp_plan *plan_for(const net *n, const char *on, const char *init) {
  char text[2048], first[256];
  snprintf(first, sizeof first, init, n->weight, n->bias);
  snprintf(text, sizeof text,
           "study: theory\n"
           "data: {name: gaussian, samples: 16, test: 0, features: 32, targets: 4}\n"
           "model: {activation: %s, depth: %d, width: 64, bias: true, init: %s}\n"
           "train: {loss: mse, optimizer: sgd, learning_rate: 0.001, batch: full, steps: 1}\n"
           "seed: 0..%d\n"
           "precision: float64\n"
           "record: {checkpoints: [0, 1], on: %s, probes: [delta_rms, preactivation_rms]}\n",
           n->activation, DEPTH, first, SEEDS - 1, on);
  return plan_of(text, NULL);
}

static size_t variable(const char *name) {
  size_t count, v = 0;
  const gp_variable *variables = gp_train_variables(&count);
  while (v < count && strcmp(variables[v].name, name) != 0) v++;
  cr_assert_lt(v, count);
  return v;
}

typedef struct sample {
  double total, square;
  size_t n;
} sample;

static void take(sample *s, double x) {
  if (isfinite(x)) s->total += x, s->square += x * x, s->n++;
}

static double mean_of(const sample *s) {
  return s->total / (double)s->n;
}

static double deviation_of(const sample *s) {
  double n = (double)s->n, mean = mean_of(s);
  return sqrt((s->square - n * mean * mean) / (n - 1));
}

/* `slack`: how much of the deviation between seeds the mean may be off besides, and by which share the deviation. */
typedef struct slack {
  double mean, ratio;
} slack;
static const slack exact = {0, 0.08}, rough = {1.0 / 3, 1.0 / 3};

static void judge(const char *what, const sample *s, double mean, double sd, const slack *may) {
  double root = sqrt((double)s->n), residual = (mean_of(s) - mean) / (sd / root),
         ratio = deviation_of(s) / sd;
  cr_expect_leq(fabs(residual), 3 + may->mean * root,
                "%s: measured %.5f, predicted %.5f: %+.2f standard errors", what, mean_of(s), mean, residual);
  cr_expect_leq(fabs(ratio - 1), 3 / (sqrt(2.0) * root) + may->ratio, "%s: deviation %.5f, predicted %.5f",
                what, deviation_of(s), sd);
}

/* ln gradient_factor, ln of delta over the whole net, and ln preactivation_rms in the middle. */
static void compare(const net *n, const char *on, const char *init, const slack *may) {
  gp_plan *plan = plan_for(n, on, init);
  gp_trainer *trainer;
  gp_spec spec;
  gp_trace trace;
  sample factor = {0}, whole = {0}, middle = {0};
  char what[96];
  cr_assert_eq(gp_trainer_create(&trainer, &(gp_train_options){"auto"}), GP_OK);
  for (size_t row = 0; row < SEEDS; row++) {
    cr_assert_eq(gp_plan_spec(plan, row, &spec), GP_OK);
    cr_assert_eq(gp_train_prepare(trainer, &spec, gp_plan_dataset(plan, row)), GP_OK);
    cr_assert_eq(gp_train_run(trainer, NULL, &trace), GP_RUN_DONE);
    const double *delta = trace.series[variable("delta_rms")],
                 *z = trace.series[variable("preactivation_rms")];
    take(&factor, log(trace.cells[variable("gradient_factor")].real));
    take(&whole, log(delta[0] / delta[DEPTH - 1]));
    take(&middle, log(z[DEPTH / 2 - 1]));
  }
  gp_prediction p;
  bool made;
  cr_assert_eq(gp_predict_network(&p, &spec, gp_plan_dataset(plan, 0), &made), GP_OK);
  cr_assert(made);
  snprintf(what, sizeof what, "%s %g %g, on %s, ", n->activation, n->weight, n->bias, on);
  size_t end = strlen(what);
  snprintf(what + end, sizeof what - end, "factor");
  judge(what, &factor, log(p.gradient_factor.typical), p.gradient_factor.sd, may);
  snprintf(what + end, sizeof what - end, "span");
  judge(what, &whole, log(p.delta_rms_typical[0]), p.delta_rms_sd[0], may);
  snprintf(what + end, sizeof what - end, "length");
  double ratio = deviation_of(&middle) / p.preactivation_sd[DEPTH / 2 - 1];
  cr_expect_leq(fabs(ratio - 1), 3 / sqrt(2.0 * SEEDS) + may->ratio, "%s: ratio of deviations %g", what,
                ratio);
  gp_prediction_free(&p);
  gp_trainer_free(trainer);
  gp_plan_free(plan);
}

static const char normal[] = "{name: mean_field, weight_variance: %g, bias_variance: %g}";

Test(theory_simulation, one_example, .timeout = 600) {
  for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) compare(&nets[i], "{first: 1}", normal, &exact);
}

Test(theory_simulation, sixteen_examples, .timeout = 600) {
  for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) compare(&nets[i], "batch", normal, &rough);
}

/* Orthogonal matrices, zero biases; how far seeds scatter is known to a third here too. */
Test(theory_simulation, orthogonal, .timeout = 600) {
  static const net cases[] = {{"tanh", 1.3, 0}, {"relu", 1.4, 0}};
  for (size_t i = 0; i < 2; i++)
    compare(&cases[i], "{first: 1}", "{name: orthogonal, gain: %g, bias_variance: %g}", &rough);
}

/* ---- wide nets: normalised and joined layers ---- */

/* Theory is of infinite width there. What width n adds is of order 1/n (with ReLU and identity joins, whose activations
 * have a large mean, 24/n in the comparison below): twice the mean at 2n less the mean at n is free of it, and what is left is
 * below a standard error at these widths. One output: the error signal's part along the activations is of order outputs/n.
 *
 * Batch normalisation's law is that of many layers and of examples alike to each other, so the inputs are nearly that (a
 * thousand features), and delta is compared in the middle. */
enum { WIDE_SEEDS = 80, BATCH = 32 };
typedef struct joined_net {
  net net;
  const char *extra;
} joined_net;

static const joined_net joined_nets[] = {
    {{"tanh", 1.5, 0.05}, "residual: identity"},
    {{"tanh", 1, 0}, "residual: {name: scaled, alpha: 0.5}"},
    {{"relu", 0.5, 0.1}, "residual: identity"},
    {{"relu", 2, 0}, "residual: scaled"},
    {{"gelu", 1.5, 0.2}, "residual: scaled"},
    {{"tanh", 1.5, 0.05}, "residual: {name: identity, every: 2}"},
    {{"relu", 1.5, 0.1}, "norm: layer"},
    {{"tanh", 1.5, 0.05}, "norm: layer"},
    {{"relu", 3, 0}, "norm: rms"},
    {{"sigmoid", 4, 0.1}, "norm: rms"},
    {{"relu", 2, 0.1}, "norm: {name: layer, place: after}"},
    {{"tanh", 2, 0.05}, "norm: {name: rms, place: after}"},
    {{"relu", 2, 0}, "norm: layer, residual: scaled"},
    {{"gelu", 2, 0.1}, "norm: {name: layer, place: after}, residual: identity"},
    {{"relu", 2, 0}, "norm: batch"},
    {{"relu", 1, 0.1}, "norm: batch"},
    {{"tanh", 1.5, 0}, "norm: batch"},
    {{"linear", 1, 0}, "norm: batch"}};

static bool is_batch(const joined_net *n) {
  return strcmp(n->extra, "norm: batch") == 0;
}

/* ln of delta between these layers is compared. */
static size_t from_layer(const joined_net *n) {
  return is_batch(n) ? 4 : 1;
}
static size_t to_layer(const joined_net *n) {
  return is_batch(n) ? DEPTH - 1 : DEPTH;
}

typedef struct wide_sample { /* of ln delta, and of ln preactivation_rms at two places */
  sample span, middle, last;
} wide_sample;

static gp_plan *wide_plan(const joined_net *n, int width) {
  char text[2048];
  snprintf(text, sizeof text,
           "study: theory\n"
           "data: {name: gaussian, samples: %d, test: 0, features: %d, targets: 1}\n"
           "model: {activation: %s, depth: %d, width: %d, init: {name: mean_field, weight_variance: %g, "
           "bias_variance: %g}, %s}\n"
           "train: {loss: mse, optimizer: sgd, learning_rate: 1e-9, batch: full, steps: 1}\n"
           "seed: 0..%d\n"
           "precision: float64\n"
           "record: {checkpoints: [0, 1], on: %s, probes: [delta_rms, preactivation_rms]}\n",
           is_batch(n) ? BATCH : 4, is_batch(n) ? 1000 : 32, n->net.activation, DEPTH, width, n->net.weight,
           n->net.bias, n->extra, WIDE_SEEDS - 1, is_batch(n) ? "batch" : "{first: 1}");
  return plan_of(text, NULL);
}

static gp_prediction measure_wide(wide_sample *out, const joined_net *n, int width) {
  gp_plan *plan = wide_plan(n, width);
  gp_trainer *trainer;
  gp_spec spec;
  gp_trace trace;
  gp_prediction p;
  bool made;
  *out = (wide_sample){0};
  cr_assert_eq(gp_trainer_create(&trainer, &(gp_train_options){"auto"}), GP_OK);
  for (size_t row = 0; row < WIDE_SEEDS; row++) {
    cr_assert_eq(gp_plan_spec(plan, row, &spec), GP_OK);
    cr_assert_eq(gp_train_prepare(trainer, &spec, gp_plan_dataset(plan, row)), GP_OK);
    cr_assert_eq(gp_train_run(trainer, NULL, &trace), GP_RUN_DONE);
    const double *delta = trace.series[variable("delta_rms")],
                 *z = trace.series[variable("preactivation_rms")];
    take(&out->span, log(delta[from_layer(n) - 1] / delta[to_layer(n) - 1]));
    take(&out->middle, log(z[DEPTH / 2 - 1]));
    take(&out->last, log(z[DEPTH - 1]));
  }
  cr_assert_eq(gp_predict_network(&p, &spec, gp_plan_dataset(plan, 0), &made), GP_OK);
  cr_assert(made);
  gp_trainer_free(trainer);
  gp_plan_free(plan);
  return p;
}

static void judge_wide(const char *what, const sample *narrow, const sample *wide, double predicted) {
  double mean = 2 * mean_of(wide) - mean_of(narrow), a = deviation_of(wide), b = deviation_of(narrow);
  double error = sqrt((4 * a * a + b * b) / WIDE_SEEDS), residual = (mean - predicted) / error;
  cr_assert(narrow->n == WIDE_SEEDS && wide->n == WIDE_SEEDS);
  cr_expect_leq(fabs(residual), 3, "%s: measured %.5f, predicted %.5f: %+.2f standard errors", what, mean,
                predicted, residual);
}

static void compare_wide(const joined_net *n, int width) {
  char what[160];
  wide_sample narrow, wide;
  gp_prediction p = measure_wide(&narrow, n, width);
  gp_prediction_free(&p);
  p = measure_wide(&wide, n, 2 * width);
  snprintf(what, sizeof what, "%s %g %g, %s, ", n->net.activation, n->net.weight, n->net.bias, n->extra);
  size_t end = strlen(what);
  snprintf(what + end, sizeof what - end, "delta");
  judge_wide(what, &narrow.span, &wide.span,
             log(p.delta_rms[from_layer(n) - 1] / p.delta_rms[to_layer(n) - 1]));
  snprintf(what + end, sizeof what - end, "length in the middle");
  judge_wide(what, &narrow.middle, &wide.middle, log(p.length[DEPTH / 2 - 1]) / 2);
  snprintf(what + end, sizeof what - end, "length at the end");
  judge_wide(what, &narrow.last, &wide.last, log(p.length[DEPTH - 1]) / 2);
  gp_prediction_free(&p);
}

Test(theory_simulation, normalised_and_joined, .timeout = 900) {
  for (size_t i = 0; i < sizeof joined_nets / sizeof *joined_nets; i++)
    compare_wide(&joined_nets[i], is_batch(&joined_nets[i]) ? 64 : 128);
}

/* The length map itself, for the plain nets: what the comparisons above leave out. */
Test(theory_simulation, lengths, .timeout = 900) {
  for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
    compare_wide(&(joined_net){nets[i], "bias: true"}, 64);
}
