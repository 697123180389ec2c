/* Laws of random networks that are exact at finite width (SCIENCE section 3; Hanin 2018, Hanin and Nica 2019), measured
 * on the engine over many seeds. The bounds are standard errors of these very sample sizes; the seeds are fixed, so a
 * test that passes once passes always. */
#include <stdio.h>

#include "engine.h"
#include "rng.h"

enum { DEPTH = 30, WIDTH = 50, SEEDS = 240 };

/* For fan-in 50 and a gain that keeps the mean: mean and variance per layer of ln |delta|^2 given survival. */
static const double log_mean = -0.051739, log_variance = 0.108168;

static double norm2(const gp_net *net, const void *x, int64_t n) {
  double sum;
  net->k->sum_squares(&sum, x, n, 1);
  return sum;
}

/* One example, and an output direction that does not depend on the network: without it the law does not hold. */
static void backward_from_fixed_direction(gp_trainer *t, uint64_t seed) {
  double direction[WIDTH], loss;
  gp_layer *last = &t->net.layer[t->net.layers - 1];
  for (int i = 0; i < WIDTH; i++)
    direction[i] = gp_rng_normal((gp_stream){seed, GP_PURPOSE_TEST, 3}, (uint64_t)i);
  gp_batch_rows(t, 0);
  gp_batch_gather(t);
  gp_net_forward(&t->net, 1, true);
  gp_net_loss(&t->net, 1, &loss);
  t->net.k->narrow(last->delta, direction, WIDTH, 1);
  gp_net_backward(&t->net, 1, false);
}

typedef struct moments {
  double mean, variance;
} moments;

static moments moments_of(const double *x, int n) {
  moments m = {0, 0};
  for (int i = 0; i < n; i++) m.mean += x[i] / n;
  for (int i = 0; i < n; i++) m.variance += (x[i] - m.mean) * (x[i] - m.mean) / (n - 1);
  return m;
}

/* ln of the factor on |h|^2 from the input to the last hidden layer, and on |delta|^2 over the 30 hidden layers. */
static void measure(const char *init, double forward[SEEDS], double backward[SEEDS]) {
  gp_trainer *t = engine_on("auto");
  spec_case c;
  char words[128];
  snprintf(words, sizeof words, "depth=%d width=%d init=%s", DEPTH, WIDTH, init);
  spec_case_make(
      &c,
      "data=gaussian data.samples=1 data.features=50 data.targets=50 activation=relu bias=false loss=mse "
      "batch=full steps=0 every=1",
      words);
  for (int s = 0; s < SEEDS; s++) {
    c.spec.seed = 1000 + s;
    cr_assert_eq(gp_train_prepare(t, &c.spec, &c.data), GP_OK);
    backward_from_fixed_direction(t, (uint64_t)s);
    const gp_net *net = &t->net;
    forward[s] = log(norm2(net, net->layer[DEPTH - 1].h, WIDTH) / norm2(net, net->x, WIDTH));
    backward[s] = log(norm2(net, net->layer[0].delta, WIDTH) / norm2(net, net->layer[DEPTH].delta, WIDTH));
  }
  gp_trainer_free(t);
  spec_case_free(&c);
}

/* The mean within 3 standard errors; the variance within 4 (its own scatter is sqrt(2/n), the fourth moment adds to it). */
static void check(const char *what, const double *x, double per_layer) {
  moments m = moments_of(x, SEEDS);
  double mean = DEPTH * (log_mean + per_layer), variance = DEPTH * log_variance;
  cr_log_info("%s: mean %.3f (law %.3f), variance %.3f (law %.3f)\n", what, m.mean, mean, m.variance,
              variance);
  cr_assert_leq(fabs(m.mean - mean), 3 * sqrt(variance / SEEDS), "%s: mean %.4f, law %.4f", what, m.mean,
                mean);
  cr_assert_leq(fabs(m.variance / variance - 1), 4 * sqrt(2.0 / SEEDS), "%s: variance %.4f, law %.4f", what,
                m.variance, variance);
}

Test(laws, relu_with_he_is_log_normal_about_its_law) {
  double forward[SEEDS], backward[SEEDS];
  measure("he", forward, backward);
  check("He, forward", forward, 0);
  check("He, backward", backward, 0);
}

/* Variance 1/fan_in halves |delta|^2 in every hidden layer: 2^-30 over 30 of them, after the finite-width correction. */
Test(laws, without_the_factor_of_he_every_layer_halves) {
  double forward[SEEDS], backward[SEEDS];
  measure("lecun", forward, backward);
  check("LeCun, forward", forward, -log(2));
  check("LeCun, backward", backward, -log(2));
}

/* A net is dead at birth when some layer's units are all off for the input: P = 1 - prod (1 - 2^-n). */
static void check_dead(int width, int depth, double probability) {
  enum { NETS = 2500 };
  gp_trainer *t = engine_on("auto");
  spec_case c;
  char words[96];
  int dead = 0;
  snprintf(words, sizeof words, "width=%d depth=%d", width, depth);
  spec_case_make(
      &c,
      "data=gaussian data.samples=1 data.features=2 data.targets=2 activation=relu bias=false loss=mse "
      "batch=full steps=0 every=1",
      words);
  for (int s = 0; s < NETS; s++) {
    c.spec.seed = s;
    cr_assert_eq(gp_train_prepare(t, &c.spec, &c.data), GP_OK);
    gp_batch_rows(t, 0);
    gp_batch_gather(t);
    gp_net_forward(&t->net, 1, true);
    dead += norm2(&t->net, t->net.layer[depth - 1].h, width) == 0;
  }
  double scatter = sqrt(probability * (1 - probability) / NETS);
  cr_assert_leq(fabs((double)dead / NETS - probability), 3 * scatter,
                "width %d, depth %d: %d of %d dead, law %.4f", width, depth, dead, NETS, probability);
  gp_trainer_free(t);
  spec_case_free(&c);
}

Test(laws, dead_at_birth) {
  check_dead(2, 5, 0.7627);
  check_dead(2, 10, 0.9437);
  check_dead(3, 5, 0.4871);
  check_dead(3, 10, 0.7369);
}
