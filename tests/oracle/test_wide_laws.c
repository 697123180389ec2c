/* Laws of wide random networks (SCIENCE section 4), measured on the engine: Glorot's factors, SELU's fixed point, tanh at
 * criticality. Seeds are fixed; the bounds are those of the table. */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "rng.h"
#include "singular.h"

static double mean_square(const gp_net *net, const void *x, int64_t n) {
  double sum;
  net->k->sum_squares(&sum, x, n, 1);
  return sum / (double)n;
}

/* Rows of independent normal numbers, each scaled to a mean square. */
static void fill_inputs(gp_dataset *data, double square, uint64_t seed) {
  for (int64_t e = 0; e < data->train; e++) {
    double *x = data->x + e * data->features, sum = 0;
    for (int64_t f = 0; f < data->features; f++) {
      x[f] = gp_rng_normal((gp_stream){seed, GP_PURPOSE_TEST, 5}, (uint64_t)(e * data->features + f));
      sum += x[f] * x[f];
    }
    for (int64_t f = 0; f < data->features; f++) x[f] *= sqrt(square * (double)data->features / sum);
  }
}

static void forward(gp_trainer *t, const spec_case *c) {
  cr_assert_eq(gp_train_prepare(t, &c->spec, &c->data), GP_OK, "%s", gp_message());
  gp_batch_rows(t, 0);
  gp_batch_gather(t);
  gp_net_forward(&t->net, t->batch, true);
}

/* -- Glorot and Bengio 2010: weights in +-1/sqrt(n) against the normalised initialisation -- */

enum { GLOROT_WIDTH = 500, GLOROT_DEPTH = 10, GLOROT_SEEDS = 10 };

typedef struct factors {
  double forward, backward, singular;
} factors;

static void backward_from_outside(gp_trainer *t, uint64_t seed) {
  static double direction[GLOROT_WIDTH * 50];
  double loss;
  int64_t count = GLOROT_WIDTH * t->batch;
  gp_net_loss(&t->net, t->batch, &loss);
  for (int64_t i = 0; i < count; i++)
    direction[i] = gp_rng_normal((gp_stream){seed, GP_PURPOSE_TEST, 3}, (uint64_t)i);
  t->net.k->narrow(t->net.layer[GLOROT_DEPTH].delta, direction, count, 1);
  gp_net_backward(&t->net, t->batch, false);
}

static double mean_singular(const gp_net *net, int layer) {
  enum { N = GLOROT_WIDTH };
  double *w = malloc(N * N * sizeof *w), *a = malloc(N * N * sizeof *a), sigma[N], sum = 0;
  net->k->widen(w, net->layer[layer].w, N * N, 1);
  gp_singular_matrix(sigma, w, N, N, a, net->k64);
  for (int i = 0; i < N; i++) sum += sigma[i] / N;
  free(w);
  free(a);
  return sum;
}

/* Mean over layers and seeds of the factor on the variance from one layer to the next, both ways. */
static factors glorot(const char *init) {
  gp_trainer *t = engine_on("auto");
  spec_case c;
  factors f = {0, 0, 0};
  spec_case_make(&c,
                 "data=gaussian data.samples=50 data.features=500 data.targets=500 depth=10 width=500 "
                 "activation=linear bias=false loss=mse batch=full steps=0 every=1",
                 init);
  for (int s = 0; s < GLOROT_SEEDS; s++) {
    c.spec.seed = 50 + s;
    fill_inputs(&c.data, 1, (uint64_t)s);
    forward(t, &c);
    backward_from_outside(t, (uint64_t)s);
    const gp_layer *layer = t->net.layer;
    int64_t count = GLOROT_WIDTH * t->batch;
    for (int l = 1; l <= GLOROT_DEPTH; l++) {
      const void *below = l > 1 ? layer[l - 2].h : t->net.x;
      f.forward += mean_square(&t->net, layer[l - 1].h, count) / mean_square(&t->net, below, count);
      f.backward +=
          mean_square(&t->net, layer[l - 1].delta, count) / mean_square(&t->net, layer[l].delta, count);
    }
    if (s == 0) f.singular = mean_singular(&t->net, GLOROT_DEPTH / 2);
  }
  f.forward /= GLOROT_DEPTH * GLOROT_SEEDS;
  f.backward /= GLOROT_DEPTH * GLOROT_SEEDS;
  gp_trainer_free(t);
  spec_case_free(&c);
  return f;
}

static void check_glorot(const char *init, double factor, double singular) {
  factors f = glorot(init);
  cr_log_info("%s: forward %.4f, backward %.4f, mean singular value %.4f\n", init, f.forward, f.backward,
              f.singular);
  cr_assert_leq(fabs(f.forward / factor - 1), 0.02, "%s: forward %.4f", init, f.forward);
  cr_assert_leq(fabs(f.backward / factor - 1), 0.02, "%s: backward %.4f", init, f.backward);
  cr_assert_leq(fabs(f.singular / singular - 1), 0.01, "%s: mean singular value %.4f", init, f.singular);
}

/* 0.0447213... = 1/sqrt(500): the usual initialisation before 2010. */
Test(wide_laws, glorot_factors) {
  check_glorot("init=uniform init.range=0.044721359549995794", 1.0 / 3, 0.4901);
  check_glorot("init=xavier init.distribution=uniform", 1, 0.8488);
  check_glorot("init=xavier", 1, 0.8488);
}

/* -- Klambauer et al. 2017: W ~ N(0, 1/n) with selu keeps mean 0 and variance 1 -- */

/* The constants solve the two equations of the fixed point: over z ~ N(0, 1), mean 0 and mean square 1. */
Test(wide_laws, selu_constants) {
  const double alpha = 1.6732632423543772, lambda = 1.0507009873554805;
  double mean = 0, square = 0, slope = 0;
  enum { N = 400000 };
  for (int i = 0; i <= N; i++) { /* trapezoid over +-12; both sides of the kink at 0 lie on the grid */
    double z = -12 + 24.0 * i / N, weight = exp(-z * z / 2) / sqrt(2 * M_PI) * 24 / N;
    double h = lambda * (z > 0 ? z : alpha * expm1(z)), d = lambda * (z > 0 ? 1 : alpha * exp(z));
    mean += weight * h, square += weight * h * h, slope += weight * h * d * z;
  }
  cr_assert_float_eq(mean, 0, 1e-8);
  cr_assert_float_eq(square, 1, 1e-8);
  cr_assert_float_eq(slope, 0.7826, 1e-4, "d q'/d q is %.6f", slope);
}

/* Mean and mean square of every layer's activations, averaged over seeds, from inputs of mean square q. */
static void selu_moments(double q, double mean[4], double square[4]) {
  enum { SEEDS = 10, N = 1000, B = 200 };
  gp_trainer *t = engine_on("auto");
  spec_case c;
  spec_case_make(&c,
                 "data=gaussian data.samples=200 data.features=1000 data.targets=1 depth=3 width=1000 "
                 "activation=selu init=lecun bias=false loss=mse batch=full steps=0 every=1",
                 "");
  mean[0] = 0, square[0] = q;
  for (int l = 1; l <= 3; l++) mean[l] = square[l] = 0;
  for (int s = 0; s < SEEDS; s++) {
    c.spec.seed = s;
    fill_inputs(&c.data, q, (uint64_t)s);
    forward(t, &c);
    for (int l = 1; l <= 3; l++) {
      double sum;
      t->net.k->sum(&sum, t->net.layer[l - 1].h, N * B, 1);
      mean[l] += sum / (N * B) / SEEDS;
      square[l] += mean_square(&t->net, t->net.layer[l - 1].h, N * B) / SEEDS;
    }
  }
  gp_trainer_free(t);
  spec_case_free(&c);
}

/* Over 2e6 units the standard error of a mean square is 0.001; from a deviation of 0.2, 5 % of the second is 0.006. */
Test(wide_laws, selu_fixed_point) {
  static const double start[] = {0.8, 1.2};
  double mean[4], square[4];
  selu_moments(1, mean, square);
  for (int l = 1; l <= 3; l++) {
    cr_assert_float_eq(mean[l], 0, 0.005, "layer %d: mean %g", l, mean[l]);
    cr_assert_float_eq(square[l], 1, 0.01, "layer %d: mean square %g", l, square[l]);
  }
  for (int i = 0; i < 2; i++) {
    selu_moments(start[i], mean, square);
    for (int l = 1; l <= 2; l++) {
      double ratio = (square[l] - 1) / (square[l - 1] - 1);
      cr_log_info("selu from %g, layer %d: %.4f\n", start[i], l, ratio);
      cr_assert_leq(fabs(ratio / 0.7826 - 1), 0.05, "from %g, layer %d: %.4f", start[i], l, ratio);
    }
  }
}

/* -- tanh at criticality: sigma_w = 1, sigma_b = 0, q_1 = 1; 2 l q_l tends to 1, slowly -- */

enum { TANH_WIDTH = 2000, TANH_EXAMPLES = 32, TANH_SEEDS = 8 };

/* A chain of one-layer networks, each fed with what the last one gave: 50 layers of that width at once would take two
 * gigabytes. q[l] is the mean square pre-activation of layer l. */
static void tanh_chain(gp_trainer *t, spec_case *c, int seed, double q[51]) {
  static float h[TANH_WIDTH * TANH_EXAMPLES];
  fill_inputs(&c->data, 1, (uint64_t)seed);
  for (int l = 1; l <= 50; l++) {
    c->spec.seed = 1000 * (seed + 1) + l;
    cr_assert_eq(gp_train_prepare(t, &c->spec, &c->data), GP_OK);
    gp_batch_rows(t, 0);
    gp_batch_gather(t);
    if (l > 1) memcpy(t->net.x, h, sizeof h);
    gp_net_forward(&t->net, t->batch, false);
    q[l] = mean_square(&t->net, t->net.layer[0].z, TANH_WIDTH * TANH_EXAMPLES);
    memcpy(h, t->net.layer[0].h, sizeof h);
  }
}

Test(wide_laws, tanh_at_criticality) {
  static const struct {
    int layer;
    double law;
  } points[] = {{20, 1.0914}, {50, 1.0431}};
  static double q[TANH_SEEDS][51];
  gp_trainer *t = engine_on("auto");
  spec_case c;
  spec_case_make(&c,
                 "data=gaussian data.samples=32 data.features=2000 data.targets=1 depth=1 width=2000 "
                 "activation=tanh init=mean_field bias=false loss=mse batch=full steps=0 every=1",
                 "");
  for (int s = 0; s < TANH_SEEDS; s++) tanh_chain(t, &c, s, q[s]);
  for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
    double mean = 0, squares = 0;
    int l = points[p].layer;
    for (int s = 0; s < TANH_SEEDS; s++) mean += 2 * l * q[s][l] / TANH_SEEDS;
    for (int s = 0; s < TANH_SEEDS; s++) squares += pow(2 * l * q[s][l] - mean, 2);
    double error = sqrt(squares / (TANH_SEEDS - 1) / TANH_SEEDS);
    cr_log_info("tanh at criticality, layer %d: %.4f +- %.4f (law %.4f)\n", l, mean, error, points[p].law);
    cr_assert_leq(fabs(mean - points[p].law), 3 * error + 0.02 * points[p].law, "layer %d: %.4f +- %.4f", l,
                  mean, error);
  }
  gp_trainer_free(t);
  spec_case_free(&c);
}
