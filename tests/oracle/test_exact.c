/* Results that follow from a proof or can be done by hand (SCIENCE section 4), met by the engine itself: weights and
 * data are put in, a forward pass, a step or a whole run comes out. */
#include <stdio.h>

#include "engine.h"
#include "precision.h"

static const char *const precisions[] = {"precision=float32", "precision=float64"};

/* A prepared single-plan trainer of a case. */
typedef struct bench {
  spec_case c;
  gp_trainer *trainer;
} bench;

static void bench_make(bench *b, const char *words, const char *more) {
  spec_case_make(&b->c, words, more);
  b->trainer = engine_on("auto");
}

static void bench_free(bench *b) {
  gp_trainer_free(b->trainer);
  spec_case_free(&b->c);
}

static void prepare(bench *b) {
  cr_assert_eq(gp_train_prepare(b->trainer, &b->c.spec, &b->c.data), GP_OK, "%s", gp_message());
}

static gp_trace run(bench *b) {
  gp_trace trace;
  cr_assert_eq(gp_train_run(b->trainer, NULL, &trace), GP_RUN_DONE);
  return trace;
}

static gp_layer *layer_of(const bench *b, int number) {
  return &b->trainer->net.layer[number - 1];
}

static void put(const bench *b, void *array, const double *values, int64_t n) {
  b->trainer->net.k->narrow(array, values, n, 1);
}

static double at(const bench *b, const void *array, int64_t i) {
  return b->trainer->net.k->bits == 32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

/* The first batch through the network, and back. */
static void forward_and_back(bench *b) {
  gp_batch_rows(b->trainer, 0);
  gp_batch_forward(b->trainer);
  gp_net_backward(&b->trainer->net, b->trainer->batch, true);
}

/* -- by hand -- */

Test(exact, worked_forward_pass) {
  static const double x[] = {1, 2, 3}, w1[] = {.1, .2, -.1, .3, -.2, .05}, b1[] = {.1, -.1}, w2[] = {.5, -.3},
                      b2[] = {.2};
  for (int p = 0; p < 2; p++) {
    static bench b;
    bench_make(&b,
               "data=gaussian data.samples=1 data.features=3 data.targets=1 depth=1 width=2 activation=relu "
               "output=sigmoid loss=mse batch=full steps=1",
               precisions[p]);
    memcpy(b.c.data.x, x, sizeof x);
    prepare(&b);
    put(&b, layer_of(&b, 1)->w, w1, 6), put(&b, layer_of(&b, 1)->b, b1, 2);
    put(&b, layer_of(&b, 2)->w, w2, 2), put(&b, layer_of(&b, 2)->b, b2, 1);
    forward_and_back(&b);
    double tolerance = p == 0 ? 1e-6 : 1e-15;
    const gp_layer *hidden = layer_of(&b, 1), *out = layer_of(&b, 2);
    cr_assert_float_eq(at(&b, hidden->z, 0), 0.3, tolerance);
    cr_assert_float_eq(at(&b, hidden->z, 1), -0.05, tolerance);
    cr_assert_float_eq(at(&b, hidden->h, 0), 0.3, tolerance);
    cr_assert_eq(at(&b, hidden->h, 1), 0);
    cr_assert_float_eq(at(&b, out->z, 0), 0.35, tolerance);
    cr_assert_float_eq(at(&b, out->h, 0), 1 / (1 + exp(-0.35)), tolerance);
    bench_free(&b);
  }
}

/* a = 2 x, c = a + 9, e = c^2, g = e + 3. With the target 123 and the loss (g - y)^2 / 2, dC/dg is exactly 1. */
Test(exact, worked_chain_rule) {
  for (int p = 0; p < 2; p++) {
    static bench b;
    bench_make(
        &b,
        "data=gaussian data.samples=1 data.features=1 data.targets=1 depth=1 width=1 activation=square "
        "loss=mse loss.half=true batch=full steps=1",
        precisions[p]);
    b.c.data.x[0] = 1;
    b.c.data.y[0] = 123;
    prepare(&b);
    put(&b, layer_of(&b, 1)->w, (double[]){2}, 1), put(&b, layer_of(&b, 1)->b, (double[]){9}, 1);
    put(&b, layer_of(&b, 2)->w, (double[]){1}, 1), put(&b, layer_of(&b, 2)->b, (double[]){3}, 1);
    forward_and_back(&b);
    cr_assert_eq(at(&b, layer_of(&b, 2)->z, 0), 124);
    cr_assert_eq(at(&b, b.trainer->net.dx, 0), 44);
    bench_free(&b);
  }
}

/* W_L ... W_1 x for every example, in long double. */
static void collapse(const bench *b, const double *x, long double *out) {
  long double from[64], to[64];
  for (int64_t i = 0; i < b->c.data.features; i++) from[i] = (long double)x[i];
  for (int l = 1; l <= b->trainer->net.layers; l++) {
    const gp_layer *layer = layer_of(b, l);
    for (int64_t o = 0; o < layer->out; o++) {
      to[o] = 0;
      for (int64_t i = 0; i < layer->in; i++)
        to[o] += (long double)at(b, layer->w, o * layer->in + i) * from[i];
    }
    memcpy(from, to, sizeof from);
  }
  memcpy(out, from, sizeof from);
}

Test(exact, deep_linear_nets_collapse) {
  for (int depth = 0; depth <= 30; depth += 5) {
    char words[256];
    snprintf(words, sizeof words,
             "data=gaussian data.samples=9 data.features=6 data.targets=5 depth=%d width=24 seed=%d "
             "activation=linear loss=mse bias=false batch=full steps=1",
             depth, depth);
    static bench b;
    bench_make(&b, words, "precision=float32");
    prepare(&b);
    forward_and_back(&b);
    for (int64_t e = 0; e < 9; e++) {
      long double wanted[64], size = 0;
      collapse(&b, b.c.data.x + e * 6, wanted);
      for (int o = 0; o < 5; o++) size = fmaxl(size, fabsl(wanted[o]));
      for (int o = 0; o < 5; o++)
        cr_assert(fabsl((long double)at(&b, layer_of(&b, depth + 1)->z, o * 9 + e) - wanted[o]) <=
                      1e-5L * size,
                  "depth %d", depth);
    }
    bench_free(&b);
  }
}

Test(exact, sign_stops_every_hidden_gradient) {
  for (int p = 0; p < 2; p++) {
    static bench b;
    bench_make(&b, "data=blobs data.samples=32 data.test=0 depth=4 width=8 activation=sign steps=1 batch=32",
               precisions[p]);
    prepare(&b);
    forward_and_back(&b);
    for (int l = 1; l <= 5; l++) {
      double largest = 0;
      for (int64_t i = 0; i < layer_of(&b, l)->in * layer_of(&b, l)->out; i++)
        largest = fmax(largest, fabs(at(&b, layer_of(&b, l)->dw, i)));
      cr_assert_eq(largest == 0, l < 5, "layer %d: %g", l, largest);
    }
    bench_free(&b);
  }
}

/* -- homogeneity: <W_l, dC/dW_l> is the same for every l -- */

Test(exact, homogeneous_nets_balance) {
  static const char *const nets[] = {"activation=relu",
                                     "activation=leaky_relu activation.slope=0.2",
                                     "activation=linear",
                                     "activation=relu loss=mse",
                                     "activation=linear loss=mse batch=full",
                                     "activation=relu loss=binary_cross_entropy depth=6",
                                     "activation=relu parametrization=ntk",
                                     "activation=leaky_relu loss.reduction=sum shape=20-5-11"};
  for (int p = 0; p < 2; p++) {
    for (size_t n = 0; n < sizeof nets / sizeof *nets; n++) {
      static bench b;
      bench_make(
          &b,
          "data=blobs data.samples=60 data.test=0 depth=3 width=16 bias=false steps=10 every=1 batch=20 "
          "learning_rate=0.01 init=he",
          nets[n]);
      b.c.spec.precision = p == 0 ? GP_FLOAT32 : GP_FLOAT64;
      prepare(&b);
      gp_trace trace = run(&b);
      const double *inner = engine_series(&trace, "homogeneity"), *w = engine_series(&trace, "weight_norm"),
                   *g = engine_series(&trace, "weight_gradient_norm");
      size_t layers = trace.layer_count;
      for (size_t i = 0; i < trace.checkpoint_count * layers; i++) {
        size_t first = i / layers * layers;
        double scale = fmax(w[i] * g[i], w[first] * g[first]);
        cr_assert_lt(fabs(inner[i] - inner[first]), (p == 0 ? 1e-6 : 1e-13) * scale, "%s, %s, value %zu",
                     nets[n], precisions[p], i);
        cr_assert_gt(scale, 0);
      }
      bench_free(&b);
    }
  }
}

/* -- dynamics -- */

/* Saxe et al. 2014: weights diag(a_1, a_2) in every layer, inputs the unit vectors, targets diag(s_1, s_2), loss
 * 1/2 sum over examples: each mode obeys a <- a + eta a^(L-1) (s - a^L). */
static void check_modes(int layers, int p) {
  static const double s[] = {3, 0.7};
  double a[] = {0.3, 0.2}, eta = 0.02, tolerance = p == 0 ? 1e-5 : 1e-12;
  char words[256];
  snprintf(words, sizeof words,
           "data=gaussian data.samples=2 data.features=2 data.targets=2 depth=%d width=2 bias=false "
           "activation=linear loss=mse loss.half=true loss.reduction=sum learning_rate=0.02 batch=full "
           "steps=300 every=300",
           layers - 1);
  static bench b;
  bench_make(&b, words, precisions[p]);
  memcpy(b.c.data.x, (double[]){1, 0, 0, 1}, 4 * sizeof(double));
  memcpy(b.c.data.y, (double[]){s[0], 0, 0, s[1]}, 4 * sizeof(double));
  prepare(&b);
  for (int l = 1; l <= layers; l++) put(&b, layer_of(&b, l)->w, (double[]){a[0], 0, 0, a[1]}, 4);
  run(&b);
  for (int t = 0; t < 300; t++)
    for (int m = 0; m < 2; m++) a[m] += eta * pow(a[m], layers - 1) * (s[m] - pow(a[m], layers));
  for (int l = 1; l <= layers; l++) {
    for (int m = 0; m < 2; m++) {
      double weight = at(&b, layer_of(&b, l)->w, 3 * m);
      cr_assert_float_eq(weight, a[m], tolerance * fabs(a[m]), "L %d, mode %d, %s: %.15g, map %.15g", layers,
                         m, precisions[p], weight, a[m]);
    }
    cr_assert_eq(at(&b, layer_of(&b, l)->w, 1), 0);
  }
  bench_free(&b);
}

Test(exact, deep_linear_dynamics) {
  for (int p = 0; p < 2; p++)
    for (int layers = 1; layers <= 5; layers++) check_modes(layers, p);
}

/* L = 2 in continuous time: u = a^2, u(t) = s e^(2st) / (e^(2st) - 1 + s/u_0). A step of 1e-4 is off by O(eta). */
Test(exact, two_layers_follow_the_sigmoid_of_saxe) {
  static bench b;
  bench_make(
      &b,
      "data=gaussian data.samples=1 data.features=1 data.targets=1 depth=1 width=1 bias=false "
      "activation=linear "
      "loss=mse loss.half=true loss.reduction=sum learning_rate=1e-4 batch=full steps=10000 every=10000",
      precisions[1]);
  double s = 2, a = 0.3, growth = exp(2 * s * 1.0);
  b.c.data.x[0] = 1, b.c.data.y[0] = s;
  prepare(&b);
  for (int l = 1; l <= 2; l++) put(&b, layer_of(&b, l)->w, &a, 1);
  run(&b);
  double u = at(&b, layer_of(&b, 1)->w, 0) * at(&b, layer_of(&b, 2)->w, 0);
  cr_assert_float_eq(u, s * growth / (growth - 1 + s / (a * a)), 2e-3);
  bench_free(&b);
}

/* Lewkowycz et al. 2020. f = v.u, x = 1, target 0, loss f^2/2: f <- f (1 - eta S + eta^2 f^2),
 * S <- S + eta f^2 (eta S - 4). */
static void check_catapult(double eta_s, int p) {
  enum { WIDTH = 8 };
  char words[256];
  double u[WIDTH], v[WIDTH], f = 0, s = 0;
  for (int i = 0; i < WIDTH; i++) {
    u[i] = 0.4 + 0.05 * i, v[i] = i % 2 ? -0.3 : 0.35;
    f += u[i] * v[i], s += u[i] * u[i] + v[i] * v[i];
  }
  double eta = eta_s / s;
  snprintf(words, sizeof words,
           "data=gaussian data.samples=1 data.features=1 data.targets=1 depth=1 width=8 bias=false "
           "activation=linear loss=mse loss.half=true learning_rate=%.17g batch=full steps=60 every=60",
           eta);
  static bench b;
  bench_make(&b, words, precisions[p]);
  b.c.data.x[0] = 1, b.c.data.y[0] = 0;
  prepare(&b);
  put(&b, layer_of(&b, 1)->w, u, WIDTH), put(&b, layer_of(&b, 2)->w, v, WIDTH);
  gp_trace trace = run(&b);
  if (eta_s > 4) {
    cr_assert(engine_cell(&trace, "diverged_at").integer >= 0, "eta S %g", eta_s);
  } else {
    for (int t = 0; t < 60; t++) {
      double next = s + eta * f * f * (eta * s - 4);
      f *= 1 - eta * s + eta * eta * f * f;
      s = next;
    }
    double now = 0;
    for (int i = 0; i < WIDTH; i++)
      now += pow(at(&b, layer_of(&b, 1)->w, i), 2) + pow(at(&b, layer_of(&b, 2)->w, i), 2);
    cr_assert_float_eq(now, s, 1e-4 * s, "eta S %g, %s: S %.10g, map %.10g", eta_s, precisions[p], now, s);
    /* Above 2 the curvature must have come down below the limit of stability. */
    cr_assert_lt(eta * now, 2 + 1e-3, "eta S %g ends at %g", eta_s, eta * now);
  }
  bench_free(&b);
}

Test(exact, catapult) {
  static const double eta_s[] = {0.5, 1.5, 1.9, 2.5, 3, 3.5, 3.8, 4.2, 5};
  for (int p = 0; p < 2; p++)
    for (size_t i = 0; i < sizeof eta_s / sizeof *eta_s; i++) check_catapult(eta_s[i], p);
}

/* Largest stable eta lambda of one linear layer: x = 2, loss (w x)^2 / 2, so lambda = 4. Half a percent below it the
 * loss must fall, half a percent above it rise, over enough steps for that half percent to show. */
static void check_threshold(const char *optimizer, double threshold) {
  for (int above = 0; above < 2; above++) {
    char words[320];
    snprintf(
        words, sizeof words,
        "data=gaussian data.samples=1 data.features=1 data.targets=1 depth=0 bias=false activation=linear "
        "init=normal loss=mse loss.half=true batch=full steps=4000 every=4000 precision=float64 "
        "learning_rate=%.17g",
        threshold * (above ? 1.005 : 0.995) / 4);
    static bench b;
    bench_make(&b, words, optimizer);
    b.c.data.x[0] = 2, b.c.data.y[0] = 0;
    prepare(&b);
    gp_trace trace = run(&b);
    double first = engine_series(&trace, "loss")[0], last = engine_cell(&trace, "final_loss").real;
    cr_assert_eq(!(last < first), above, "%s at %s the threshold: loss %g to %g", optimizer,
                 above ? "+0.5 % of" : "-0.5 % of", first, last);
    bench_free(&b);
  }
}

Test(exact, stability_thresholds) {
  check_threshold("", 2);
  for (int i = 1; i <= 9; i += 2) {
    double beta = i / 10.0;
    char words[96];
    snprintf(words, sizeof words, "optimizer.momentum=%g", beta);
    check_threshold(words, 2 * (1 + beta));
    snprintf(words, sizeof words, "optimizer.momentum=%g optimizer.nesterov=true", beta);
    check_threshold(words, (2 + 2 * beta) / (1 + 2 * beta));
    snprintf(words, sizeof words, "optimizer=heavy_ball optimizer.momentum=%g", beta);
    check_threshold(words, 2 * (1 + beta));
    snprintf(words, sizeof words, "optimizer=nesterov optimizer.momentum=%g", beta);
    check_threshold(words, (2 + 2 * beta) / (1 + 2 * beta));
  }
}

/* Minsky and Papert: the best a single linear unit can do on XOR is its mean, 1/2 (or 0): error 1/4 (or 1). */
Test(exact, xor_defeats_one_layer) {
  static const char *const labels[] = {"loss.labels=zero_one", "loss.labels=plus_minus"};
  for (int l = 0; l < 2; l++) {
    static bench b;
    bench_make(&b,
               "data=xor data.test=0 depth=0 activation=linear loss=mse batch=full steps=3000 "
               "learning_rate=0.3 every=3000 "
               "precision=float64",
               labels[l]);
    prepare(&b);
    gp_trace trace = run(&b);
    cr_assert_float_eq(engine_cell(&trace, "final_loss").real, l == 0 ? 0.25 : 1, 1e-12);
    cr_assert_float_eq(engine_cell(&trace, "baseline_loss").real, l == 0 ? 0.25 : 1, 1e-15);
    bench_free(&b);
  }
}
