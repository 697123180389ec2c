/* Laws of training (SCIENCE section 4) by simulation with the engine: preconditioned optimisers on a quadratic, one weight
 * layer below its critical rate and above it, slopes of the sigmoid, units that are dead at birth as a run records it. */
#include <stdio.h>
#include <stdlib.h>

#include "dense_eigen.h"
#include "engine.h"
#include "stability.h"

/* ---- preconditioned methods: Cohen et al. 2022, section 2 ---- */

/* One weight, loss (2 w)^2 / 2, so curvature 4. Gradients of size 1e-100 beside an epsilon of E make the preconditioner E, and
 * the method a linear one with rate eta/E; it has to stay so small, or the preconditioner grows and tames what diverges.
 * Half a percent below the threshold the loss falls, half a percent above it rises, once the corrections of the first steps,
 * which are larger ones, have died away. */
static void check_threshold(const char *optimizer, double momentum, double epsilon) {
  char words[400];
  double threshold = gp_stability_threshold(optimizer, momentum);
  for (int above = 0; above < 2; above++) {
    spec_case c;
    gp_trainer *trainer = engine_on("auto");
    double rate = threshold * (above ? 1.005 : 0.995) / 4 * epsilon;
    int used = snprintf(words, sizeof words, "optimizer=%s optimizer.epsilon=%g learning_rate=%.17g",
                        optimizer, epsilon, rate);
    if (momentum > 0) snprintf(words + used, sizeof words - (size_t)used, " optimizer.beta1=%g", momentum);
    spec_case_make(
        &c,
        "data=gaussian data.samples=1 data.features=1 data.targets=1 depth=0 bias=false activation=linear "
        "init=normal init.std=1e-100 loss=mse loss.half=true batch=full steps=600 every=300 "
        "precision=float64",
        words);
    c.data.x[0] = 2, c.data.y[0] = 0;
    gp_trace trace = engine_run(trainer, &c);
    const double *loss = engine_series(&trace, "loss");
    cr_assert_eq(!(loss[2] < loss[1]), above, "%s, %g, %+d: loss %g to %g", optimizer, momentum, above,
                 loss[1], loss[2]);
    gp_trainer_free(trainer);
    spec_case_free(&c);
  }
}

Test(training_laws, preconditioned_thresholds) {
  static const double momenta[] = {0.5, 0.8, 0.9, 0.95};
  for (int i = 0; i < 4; i++) {
    cr_assert_float_eq(gp_stability_threshold("adam", momenta[i]), 2 * (1 + momenta[i]) / (1 - momenta[i]),
                       1e-12);
    check_threshold("adam", momenta[i], 1);
    check_threshold("adamw", momenta[i], 100);
  }
  cr_assert_float_eq(gp_stability_threshold("adam", 0.9), 38, 1e-12);
  check_threshold("rmsprop", 0, 1);
}

/* Of two weights of curvatures 16 and 0.25 behind one preconditioner the steeper decides. */
Test(training_laws, the_steepest_direction_decides) {
  for (int above = 0; above < 2; above++) {
    spec_case c;
    gp_trainer *trainer = engine_on("auto");
    char words[96];
    snprintf(words, sizeof words, "learning_rate=%.17g", 38 * (above ? 1.005 : 0.995) / 16);
    spec_case_make(
        &c,
        "data=gaussian data.samples=2 data.features=2 data.targets=1 depth=0 bias=false activation=linear "
        "init=normal init.std=1e-100 loss=mse loss.half=true loss.reduction=sum batch=full steps=600 "
        "every=300 "
        "precision=float64 optimizer=adam optimizer.epsilon=1",
        words);
    const double x[] = {4, 0, 0, 0.5};
    memcpy(c.data.x, x, sizeof x);
    c.data.y[0] = c.data.y[1] = 0;
    gp_trace trace = engine_run(trainer, &c);
    const double *loss = engine_series(&trace, "loss");
    cr_assert_eq(!(loss[2] < loss[1]), above, "%+d: loss %g to %g", above, loss[1], loss[2]);
    gp_trainer_free(trainer);
    spec_case_free(&c);
  }
}

/* ---- Sohl-Dickstein 2024: with the hidden layer frozen training is linear, and its boundary a line ---- */

enum { EXAMPLES = 272, UNITS = 16 };

/* Largest curvature of mean (f - y)^2 in the output weights, f = m w . h: of 2 m^2 / N sum of h h^T. */
static double largest_curvature(gp_trainer *t, const spec_case *c) {
  double h[UNITS * EXAMPLES], hessian[UNITS * UNITS] = {0}, values[UNITS], m = t->net.layer[1].multiplier;
  cr_assert_eq(gp_train_prepare(t, &c->spec, &c->data), GP_OK);
  gp_batch_rows(t, 0);
  gp_batch_forward(t);
  memcpy(h, t->net.layer[0].h, sizeof h);
  m = t->net.layer[1].multiplier;
  for (int i = 0; i < UNITS; i++)
    for (int j = 0; j < UNITS; j++)
      for (int e = 0; e < EXAMPLES; e++)
        hessian[i * UNITS + j] += 2 * m * m * h[i * EXAMPLES + e] * h[j * EXAMPLES + e] / EXAMPLES;
  dense_eigen(values, hessian, UNITS);
  return values[UNITS - 1];
}

/* Whether the mean of the last 20 losses is below the first: how that paper tells converged from diverged. */
static bool converges(gp_trainer *t, spec_case *c, double rate) {
  c->spec.learning_rate_last = rate;
  gp_trace trace = engine_run(t, c);
  const double *loss = engine_series(&trace, "loss");
  double mean = 0;
  for (int i = 0; i < 20; i++) mean += loss[trace.checkpoint_count - 20 + (size_t)i] / loss[0] / 20;
  return mean < 1;
}

Test(training_laws, the_frozen_boundary_is_a_line) {
  gp_trainer *t = engine_on("auto");
  for (int seed = 0; seed < 5; seed++) {
    spec_case c;
    char words[64];
    snprintf(words, sizeof words, "seed=%d data.seed=%d", seed, seed);
    spec_case_make(
        &c,
        "data=gaussian data.samples=272 data.test=0 data.features=16 data.targets=1 "
        "data.deviation=1.4142135623730951 depth=1 width=16 activation=tanh init=mean_field "
        "parametrization=mean_field bias=false loss=mse batch=full steps=500 every=1 precision=float64 "
        "learning_rate_first=0 probes=weight_norm",
        words);
    double edge = 2 / largest_curvature(t, &c);
    cr_assert(converges(t, &c, 0.997 * edge), "seed %d: diverges below %g", seed, edge);
    cr_assert_not(converges(t, &c, 1.003 * edge), "seed %d: converges above %g", seed, edge);
    spec_case_free(&c);
  }
  gp_trainer_free(t);
}

/* ---- sigmoid' is at most a quarter, and L of them at most 4^-L ---- */

/* The largest product of slopes along a path through the net, a unit from each layer: the product of the layers' largest
 * slopes of one example. With zero weights every slope is exactly a quarter, and the product exactly 4^-L. */
static double largest_path(gp_trainer *t, int64_t example) {
  double product = 1;
  for (int l = 0; l < t->net.layers - 1; l++) {
    const gp_layer *layer = &t->net.layer[l];
    double largest = 0;
    for (int64_t u = 0; u < layer->out; u++) {
      int64_t at = u * t->batch + example;
      largest = fmax(largest, t->net.k->bits == 32 ? (double)((const float *)layer->d)[at]
                                                   : ((const double *)layer->d)[at]);
    }
    product *= largest;
  }
  return product;
}

Test(training_laws, sigmoid_slopes_multiply_to_at_most_a_quarter_each) {
  static const char *const inits[] = {"init=zeros", "init=xavier", "init=normal init.std=3"};
  for (int p = 0; p < 2; p++)
    for (int i = 0; i < 3; i++) {
      spec_case c;
      char words[96];
      gp_trainer *t = engine_on("auto");
      snprintf(words, sizeof words, "%s %s", inits[i], p == 0 ? "precision=float32" : "precision=float64");
      spec_case_make(
          &c,
          "data=blobs data.samples=40 data.test=0 depth=30 width=20 activation=sigmoid batch=full steps=0",
          words);
      cr_assert_eq(gp_train_prepare(t, &c.spec, &c.data), GP_OK);
      gp_batch_rows(t, 0);
      gp_batch_forward(t);
      for (int64_t e = 0; e < t->batch; e++) {
        double product = largest_path(t, e);
        cr_assert(product > 0 && product <= ldexp(1, -60), "%s: %g", words, product);
        if (i == 0) cr_assert_eq(product, ldexp(1, -60));
      }
      gp_trainer_free(t);
      spec_case_free(&c);
    }
}

/* ---- dead at birth, as a run says it ---- */

/* P = 1 - prod_l (1 - 2^-n_l): a layer of which every unit is off for the one input has dead_fraction 1 at step 0, and every
 * delta before it is exactly 0. */
static void check_born_dead(int width, int depth) {
  enum { NETS = 4000 };
  gp_trainer *t = engine_on("auto");
  spec_case c;
  char words[96];
  int dead = 0;
  double law = 1 - pow(1 - ldexp(1, -width), depth);
  snprintf(words, sizeof words, "width=%d depth=%d", width, depth);
  spec_case_make(&c,
                 "data=gaussian data.samples=1 data.features=3 data.targets=1 activation=relu loss=mse "
                 "batch=full steps=0 "
                 "every=1",
                 words);
  for (int s = 0; s < NETS; s++) {
    c.spec.seed = s;
    gp_trace trace = engine_run(t, &c);
    const double *born_dead = engine_series(&trace, "dead_fraction"),
                 *delta = engine_series(&trace, "delta_rms");
    bool off = false;
    for (int l = 0; l < depth; l++) off = off || born_dead[l] == 1;
    cr_assert_eq(delta[0] == 0, off, "seed %d", s);
    dead += off;
  }
  cr_assert_leq(fabs((double)dead / NETS - law), 3 * sqrt(law * (1 - law) / NETS),
                "%d x %d: %d of %d, law %.4f", width, depth, dead, NETS, law);
  gp_trainer_free(t);
  spec_case_free(&c);
}

Test(training_laws, born_dead_is_recorded) {
  check_born_dead(2, 5);
  check_born_dead(3, 10);
  check_born_dead(4, 20);
}
