/* Schedules, clipping and matrix-wise initialisers by what defines them: closed forms, invariants, orthogonality. Whole
 * runs with them are compared in test_oracle.c, lanes and tiers in test_plans.c. */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "init.h"
#include "schedule.h"

static const char common[] =
    "data=blobs data.samples=40 data.test=0 data.classes=3 data.features=4 depth=3 width=8 activation=tanh "
    "learning_rate=0.1 batch=full steps=6 every=1 precision=float64 ";

/* -- schedules -- */

/* The definition of a schedule in long double. */
typedef long double curve(const gp_choice *s, long double t, long double T);

static long double step_curve(const gp_choice *s, long double t, long double T) {
  (void)T;
  return powl(spec_option(s, "factor", NAN), floorl(t / spec_option(s, "every", NAN)));
}
static long double exponential_curve(const gp_choice *s, long double t, long double T) {
  (void)T;
  return powl(spec_option(s, "rate", NAN), t);
}
static long double cosine_curve(const gp_choice *s, long double t, long double T) {
  long double low = spec_option(s, "final", NAN);
  return low + (1 - low) * (1 + cosl(3.14159265358979323846264L * t / T)) / 2;
}
static long double warmup_curve(const gp_choice *s, long double t, long double T) {
  (void)T;
  return fminl(1, (t + 1) / spec_option(s, "steps", NAN));
}
static long double reciprocal_curve(const gp_choice *s, long double t, long double T) {
  (void)T;
  return 1 / (1 + spec_option(s, "rate", NAN) * t);
}
/* The polyline through (0, 1), the peak half way to the tail, (the tail's begin, 1) and (T, 0). */
static long double one_cycle_curve(const gp_choice *s, long double t, long double T) {
  long double tail = spec_option(s, "tail", NAN) * T, top = (T - tail) / 2,
              rise = spec_option(s, "peak", NAN) - 1;
  return t <= top ? 1 + rise * t / top : t <= 2 * top ? 1 + rise * (2 * top - t) / top : (T - t) / tail;
}

static const struct {
  const char *words;
  curve *curve;
} schedules[] = {{"schedule=step schedule.every=7 schedule.factor=0.5", step_curve},
                 {"schedule=step schedule.every=1 schedule.factor=1.5", step_curve},
                 {"schedule=exponential schedule.rate=0.97", exponential_curve},
                 {"schedule=cosine", cosine_curve},
                 {"schedule=cosine schedule.final=0.2", cosine_curve},
                 {"schedule=warmup schedule.steps=10", warmup_curve},
                 {"schedule=warmup schedule.steps=100000", warmup_curve},
                 {"schedule=one_cycle", one_cycle_curve},
                 {"schedule=one_cycle schedule.peak=3 schedule.tail=0.3", one_cycle_curve},
                 {"schedule=reciprocal schedule.rate=0.05", reciprocal_curve}};

/* The power has an error of 2 + |y ln x|/10 ulp, the rest a few roundings; the cosine cancels against 1. */
Test(families, schedules_are_their_closed_forms) {
  static const int64_t lengths[] = {1, 2, 10, 97, 1000};
  for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
    spec_case c;
    spec_case_make(&c, common, schedules[i].words);
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
      for (int64_t t = 0; t < lengths[n]; t++) {
        double factor = gp_schedule_factor(&c.spec.schedule, t, lengths[n]);
        long double wanted = schedules[i].curve(&c.spec.schedule, t, lengths[n]);
        cr_assert(fabsl(factor - wanted) <= 1e-14L * fmaxl(1, wanted),
                  "%s, step %d of %d: %.17g, wanted %.17Lg", schedules[i].words, (int)t, (int)lengths[n],
                  factor, wanted);
      }
    spec_case_free(&c);
  }
}

/* -- clipping -- */

/* Update norms over the rate at step 0 (plain gradient descent: the clipped gradient), and the gradient's own. */
typedef struct norms {
  double update[8], gradient[8], bias[8], whole;
} norms;

static norms first_norms(const char *words) {
  spec_case c;
  norms n;
  gp_trainer *trainer = engine_on("auto");
  spec_case_make(&c, common, words);
  gp_trace trace = engine_run(trainer, &c);
  for (size_t l = 0; l < trace.layer_count; l++) {
    n.update[l] = engine_series(&trace, "update_norm")[l] / c.spec.learning_rate;
    n.gradient[l] = engine_series(&trace, "weight_gradient_norm")[l];
    n.bias[l] = engine_series(&trace, "bias_gradient_norm")[l];
  }
  n.whole = engine_series(&trace, "gradient_norm")[0];
  gp_trainer_free(trainer);
  spec_case_free(&c);
  return n;
}

Test(families, clipping_bounds_updates_and_leaves_gradients) {
  norms plain = first_norms(""), by_norm = first_norms("clip=norm clip.max=0.05"),
        by_layer = first_norms("clip=layer_norm clip.max=0.02"),
        bare = first_norms("clip=norm clip.max=0.05 bias=false");
  double squares = 0;
  cr_assert_gt(plain.whole, 0.1);
  for (int l = 0; l < 4; l++) {
    double layer = sqrt(plain.gradient[l] * plain.gradient[l] + plain.bias[l] * plain.bias[l]);
    squares += bare.update[l] * bare.update[l];
    /* Probes of gradients see what backward left, the same bits. */
    cr_assert_eq(by_norm.gradient[l], plain.gradient[l]);
    cr_assert_eq(by_layer.bias[l], plain.bias[l]);
    cr_assert_float_eq(plain.update[l], plain.gradient[l], 1e-14);
    /* One factor for the whole network keeps the ratio between layers; one per layer does not. */
    cr_assert_float_eq(by_norm.update[l], plain.gradient[l] * 0.05 / plain.whole, 1e-14);
    cr_assert_float_eq(by_layer.update[l], plain.gradient[l] * fmin(1, 0.02 / layer), 1e-14);
  }
  cr_assert_float_eq(sqrt(squares), 0.05, 1e-14);
}

/* A bound that is never reached changes no bit; a bound on values holds for every entry. */
Test(families, clipping_that_does_nothing_changes_nothing) {
  static const char *const idle[] = {"clip=norm clip.max=1e6",
                                     "clip=layer_norm clip.max=1e6",
                                     "clip=value clip.max=1e6",
                                     "schedule=warmup schedule.steps=1",
                                     "schedule=step schedule.every=1000000",
                                     "schedule=exponential schedule.rate=1"};
  gp_trainer *a = engine_on("auto"), *b = engine_on("auto");
  spec_case plain, same;
  spec_case_make(&plain, common, "optimizer=adam");
  gp_trace wanted = engine_run(a, &plain);
  for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
    char words[128];
    snprintf(words, sizeof words, "optimizer=adam %s", idle[i]);
    spec_case_make(&same, common, words);
    gp_trace trace = engine_run(b, &same);
    cr_assert_null(engine_difference(&trace, &wanted), "%s changed %s", idle[i],
                   engine_difference(&trace, &wanted));
    spec_case_free(&same);
  }
  norms value = first_norms("clip=value clip.max=1e-4");
  /* Nearly every entry is above 1e-4, so the norm is nearly 1e-4 sqrt(n), and never above. */
  cr_assert(value.update[1] <= 1e-4 * 8 * (1 + 1e-12) && value.update[1] > 0.8e-4 * 8, "%g", value.update[1]);
  gp_trainer_free(a);
  gp_trainer_free(b);
  spec_case_free(&plain);
}

/* -- initialisers -- */

/* Largest entry of W^T W - 1 (or W W^T - 1 when wide). */
static double departure(const double *w, int64_t in, int64_t out) {
  bool tall = out >= in;
  int64_t count = tall ? in : out, length = tall ? out : in;
  double worst = 0;
  for (int64_t a = 0; a < count; a++)
    for (int64_t b = 0; b <= a; b++) {
      long double dot = 0;
      for (int64_t j = 0; j < length; j++)
        dot += tall ? (long double)w[j * in + a] * w[j * in + b] : (long double)w[a * in + j] * w[b * in + j];
      worst = fmax(worst, fabs((double)(dot - (a == b))));
    }
  return worst;
}

/* Householder's Q is orthogonal to a few units of rounding times the root of the size: 1e-14 up to 120. */
Test(families, orthogonal_is_orthogonal) {
  static const int64_t shapes[][2] = {{1, 1},   {2, 2},    {1, 9},    {9, 1},
                                      {64, 64}, {33, 120}, {120, 33}, {100, 100}};
  gp_init_options o = {.gain = 1};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    gp_init_layer layer = {.seed = s, .number = 2, .layers = 4, .in = shapes[s][0], .out = shapes[s][1]};
    double *w = malloc((size_t)(layer.in * layer.out) * sizeof *w);
    double *scratch = malloc(gp_init_scratch(layer.in, layer.out) * sizeof *scratch);
    gp_init_orthogonal(&o, &layer, w, scratch);
    cr_assert_leq(departure(w, layer.in, layer.out), 1e-14, "%d x %d: off by %.1e", (int)layer.out,
                  (int)layer.in, departure(w, layer.in, layer.out));
    free(w);
    free(scratch);
  }
}

/* The sign of R's diagonal must be fixed, or entries of Q lean to one side (Mezzadri 2007): over 400 draws of 3 x 3 the
 * mean of the first entry is 0 within 4 standard errors of sqrt(1/3/400). */
Test(families, orthogonal_is_uniformly_drawn) {
  gp_init_options o = {.gain = 1};
  double w[9], scratch[32], sum[9] = {0};
  cr_assert_leq(gp_init_scratch(3, 3), 32);
  for (uint64_t seed = 0; seed < 400; seed++) {
    gp_init_layer layer = {.seed = seed, .number = 1, .layers = 2, .in = 3, .out = 3};
    gp_init_orthogonal(&o, &layer, w, scratch);
    for (int i = 0; i < 9; i++) sum[i] += w[i];
  }
  for (int i = 0; i < 9; i++) cr_assert_leq(fabs(sum[i] / 400), 4 * sqrt(1.0 / 3 / 400), "entry %d", i);
}

/* A bias-free relu network with mirrored weights is the product of its blocks: f(-x) = -f(x), and the norm is kept up
 * to the narrowing at the output. Here: example 1 is minus example 0. */
Test(families, looks_linear_is_linear) {
  gp_trainer *trainer = engine_on("auto");
  spec_case c;
  spec_case_make(&c, common, "activation=relu init=looks_linear depth=6 width=20 bias=false loss=mse");
  double *x = c.data.x;
  for (int64_t f = 0; f < c.data.features; f++) {
    x[c.data.features + f] = -x[f];
    x[2 * c.data.features + f] = 3 * x[f];
  }
  cr_assert_eq(gp_train_prepare(trainer, &c.spec, &c.data), GP_OK);
  gp_batch_rows(trainer, 0);
  gp_batch_forward(trainer);
  double largest = 0;
  for (int64_t o = 0; o < c.data.outputs; o++) {
    const double *out = trainer->net.out + o * trainer->batch;
    largest = fmax(largest, fabs(out[0]));
    cr_assert_float_eq(out[1], -out[0], 1e-13);
    cr_assert_float_eq(out[2], 3 * out[0], 1e-13);
  }
  cr_assert_gt(largest, 0.01);
  gp_trainer_free(trainer);
  spec_case_free(&c);
}

/* Variance of each layer's output on the first batch, from its mean and rms at step 0. */
static void first_variances(const char *words, double variance[8]) {
  spec_case c;
  gp_trainer *trainer = engine_on("auto");
  spec_case_make(&c, common, words);
  gp_trace trace = engine_run(trainer, &c);
  for (size_t l = 0; l < trace.layer_count; l++) {
    double mean = engine_series(&trace, "preactivation_mean")[l],
           rms = engine_series(&trace, "preactivation_rms")[l];
    variance[l] = rms * rms - mean * mean;
  }
  gp_trainer_free(trainer);
  spec_case_free(&c);
}

/* What lsuv is for: unit variance at every layer, within the tolerance; without biases the output is linear in the factor,
 * and one pass makes it exact. The orthogonal start is off, or the test would say nothing. */
Test(families, lsuv_gives_every_layer_unit_variance) {
  double variance[8];
  bool off = false;
  first_variances("init=orthogonal", variance);
  for (int l = 0; l < 4; l++) off = off || fabs(variance[l] - 1) > 0.5;
  cr_assert(off);
  first_variances("init=lsuv init.bias_variance=0.3", variance);
  for (int l = 0; l < 4; l++) cr_assert_lt(fabs(variance[l] - 1), 0.1, "layer %d: %g", l + 1, variance[l]);
  first_variances("init=lsuv init.tolerance=0 init.passes=1 activation=relu batch=8", variance);
  for (int l = 0; l < 4; l++)
    cr_assert_float_eq(variance[l], 1, 1e-13, "layer %d: %.17g", l + 1, variance[l]);
  first_variances("init=lsuv init.tolerance=0 init.passes=1 activation=relu batch=8 precision=float32",
                  variance);
  for (int l = 0; l < 4; l++) cr_assert_float_eq(variance[l], 1, 1e-6, "layer %d: %.17g", l + 1, variance[l]);
}

/* Cut at two deviations of the parent, variance as asked: 20000 draws, standard error of the variance about 0.0075. */
Test(families, truncated_normal_has_its_variance) {
  spec_case c;
  spec_case_make(&c, common, "init=lecun init.distribution=truncated");
  double squares = 0, most = 0;
  for (int64_t i = 0; i < 20000; i++) {
    double w = gp_init_weight(&c.spec.init, 3, 1, i, 1);
    squares += w * w;
    most = fmax(most, fabs(w));
  }
  cr_assert_float_eq(squares / 20000, 1, 0.03);
  cr_assert(most <= 2 / 0.8796256610342398 && most > 2.2, "%g", most);
  spec_case_free(&c);
}

Test(families, sparse_has_k_connections_per_unit) {
  gp_init_options o = {.k = 5, .std = 2};
  gp_init_layer layer = {.seed = 9, .number = 1, .layers = 2, .in = 30, .out = 200};
  static double w[6000];
  double squares = 0, column[30] = {0};
  gp_init_sparse(&o, &layer, w, NULL);
  for (int u = 0; u < 200; u++) {
    int count = 0;
    for (int i = 0; i < 30; i++) {
      count += w[u * 30 + i] != 0;
      column[i] += w[u * 30 + i] != 0;
      squares += w[u * 30 + i] * w[u * 30 + i];
    }
    cr_assert_eq(count, 5);
  }
  cr_assert_float_eq(squares / 1000, 4, 4 * 4 * sqrt(2.0 / 1000));
  /* Every input is picked by 200 x 5/30 units, within 4.5 deviations of the binomial. */
  for (int i = 0; i < 30; i++) cr_assert_float_eq(column[i], 200 / 6.0, 4.5 * sqrt(200 / 6.0 * 5 / 6));
}

/* -- the perceptron -- */

/* Novikoff 1962: on data with margin gamma and radius R (the constant input of the bias included) the rule makes at most
 * (R/gamma)^2 mistakes. The margin is that of some separating direction, here of the last weights, which can only make
 * the bound larger. XOR has no such direction, and the rule never stops. */
Test(families, the_perceptron_rule_keeps_novikoffs_bound) {
  gp_trainer *trainer = engine_on("auto");
  spec_case c;
  spec_case_make(
      &c, "precision=float64 batch=1 every=1 depth=0 steps=2000 init=zeros learning_rate=1",
      "data=blobs data.classes=2 data.samples=40 data.test=0 data.noise=0.3 data.features=3 data.seed=4 "
      "loss=perceptron optimizer=perceptron");
  gp_trace trace = engine_run(trainer, &c);
  const double *update = engine_series(&trace, "update_norm"), *w = trainer->net.layer[0].w;
  double bias = *(const double *)trainer->net.layer[0].b, radius = 0, margin = INFINITY, norm = bias * bias;
  int mistakes = 0;
  for (size_t t = 0; t + 1 < trace.checkpoint_count; t++) mistakes += update[t] > 0;
  for (int i = 0; i < 3; i++) norm += w[i] * w[i];
  for (int64_t r = 0; r < c.data.train; r++) {
    const double *x = c.data.x + 3 * r;
    double z = bias + w[0] * x[0] + w[1] * x[1] + w[2] * x[2],
           square = 1 + x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
    margin = fmin(margin, (c.data.label[r] == 1 ? z : -z) / sqrt(norm));
    radius = fmax(radius, sqrt(square));
  }
  cr_assert_gt(margin, 0, "not separated");
  cr_assert(mistakes > 0 && mistakes <= radius * radius / (margin * margin), "%d mistakes, bound %g",
            mistakes, radius * radius / (margin * margin));
  cr_assert_eq(engine_cell(&trace, "final_accuracy").real, 1);
  spec_case_free(&c);
  spec_case_make(&c, "precision=float64 batch=1 every=1 depth=0 steps=500 init=zeros learning_rate=1",
                 "data=xor data.test=0 loss=perceptron optimizer=perceptron");
  trace = engine_run(trainer, &c);
  int late = 0;
  for (size_t t = 400; t < 500; t++) late += engine_series(&trace, "update_norm")[t] > 0;
  cr_assert_gt(late, 20);
  cr_assert_lt(engine_cell(&trace, "final_accuracy").real, 1);
  gp_trainer_free(trainer);
  spec_case_free(&c);
}
