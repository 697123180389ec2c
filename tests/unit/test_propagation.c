/* Wide nets with normalised and joined layers: closed forms of closed forms, and draws that know nothing of them. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "activation.h"
#include "batch_norm_law.h"
#include "prediction.h"
#include "rng.h"

static gp_choice choice_of(const char *name) {
  gp_choice choice;
  const gp_item *item = gp_family_find(&gp_activation_family, name);
  cr_assert_not_null(item, "%s", name);
  gp_choice_set(&choice, item);
  return choice;
}

enum { DEPTH = 9 };
static const int64_t widths[DEPTH + 2] = {7, 64, 64, 64, 64, 64, 64, 64, 64, 64, 3};

static gp_prediction predict(const char *activation, double s, double b, const gp_layer_facts *facts) {
  gp_choice choice = choice_of(activation);
  double weight[DEPTH + 1], bias[DEPTH + 1];
  for (size_t l = 0; l <= DEPTH; l++) weight[l] = s, bias[l] = b;
  gp_prediction p;
  cr_assert_eq(gp_prediction_make(&p, &(gp_network_facts){.depth = DEPTH,
                                                          .widths = widths,
                                                          .weight_variance = weight,
                                                          .bias_variance = bias,
                                                          .input_mean_square = 0.8,
                                                          .activation = &choice,
                                                          .facts = facts}),
               GP_OK);
  return p;
}

/* With nothing beside the matrices it is the mean field of plain nets, which has its own tests. */
Test(propagation, plain_nets) {
  static const char *const names[] = {"tanh", "relu", "sigmoid", "gelu"};
  for (size_t i = 0; i < 4; i++) {
    gp_prediction a = predict(names[i], 1.7, 0.1, NULL),
                  b = predict(names[i], 1.7, 0.1, &(gp_layer_facts){0});
    for (size_t l = 0; l < DEPTH; l++) {
      cr_expect_float_eq(a.length[l], b.length[l], 1e-12);
      cr_expect_float_eq(a.delta_rms[l] / b.delta_rms[l], 1, 1e-11);
      cr_expect_float_eq(a.chi[l], b.chi[l], 1e-12);
      cr_expect(isnan(b.delta_rms_sd[l]) && isnan(b.delta_rms_typical[l]));
    }
    cr_expect_float_eq(a.gradient_factor.mean_field, b.gradient_factor.mean_field, 1e-12);
    gp_prediction_free(&a), gp_prediction_free(&b);
  }
}

static const int every_layer[DEPTH] = {0, 1, 2, 3, 4, 5, 6, 7, 8},
                 every_other[DEPTH] = {0, 0, 1, 0, 3, 0, 5, 0, 7};

/* Linear: lengths grow by 1 + alpha^2 s, and so does delta^2, going back. */
Test(propagation, linear_joins) {
  double s = 0.9, alpha = 0.6, growth = 1 + alpha * alpha * s;
  gp_prediction p = predict("linear", s, 0, &(gp_layer_facts){.source = every_layer, .alpha = alpha});
  for (size_t l = 1; l < DEPTH; l++) {
    cr_expect_float_eq(p.length[l], s * s * 0.8 * pow(growth, (double)l - 1), 1e-12);
    if (l + 1 < DEPTH) cr_expect_float_eq(p.chi[l], growth, 1e-12);
  }
  /* The first layer is no block: nothing is scaled there. */
  cr_expect_float_eq(p.chi[0], growth / (alpha * alpha), 1e-12);
  gp_prediction_free(&p);
}

/* ReLU with identity joins: E h and E h^2 by hand, the product of the two branches included. */
Test(propagation, relu_joins) {
  double s = 0.5, mean = 0, square = 0.8, q, pi = acos(-1);
  gp_prediction p = predict("relu", s, 0.1, &(gp_layer_facts){.source = every_layer, .alpha = 1});
  for (size_t l = 0; l < DEPTH; l++) {
    q = s * square + 0.1;
    cr_expect_float_eq(p.length[l], q, 1e-11, "layer %zu", l + 1);
    double m = sqrt(q / (2 * pi));
    square = l == 0 ? q / 2 : square + q / 2 + 2 * mean * m;
    mean = l == 0 ? m : mean + m;
    if (l + 1 < DEPTH) cr_expect_float_eq(p.chi[l], 1 + s / 2, 1e-12);
  }
  gp_prediction_free(&p);
}

/* Blocks of two layers: the identity passes delta's source on, the block adds s D s D to it. */
Test(propagation, blocks_of_two) {
  double s = 1.2, chi = s * s, alpha = 0.5;
  gp_prediction p = predict("linear", s, 0, &(gp_layer_facts){.source = every_other, .alpha = alpha});
  for (size_t l = 2; l + 2 < DEPTH; l += 2) /* from one block's end to that of the one before */
    cr_expect_float_eq(pow(p.delta_rms[l] / p.delta_rms[l + 2], 2), 1 + alpha * alpha * chi, 1e-12);
  for (size_t l = 1; l + 1 < DEPTH; l += 2) cr_expect_float_eq(p.chi[l], s, 1e-12);
  gp_prediction_free(&p);
}

/* 1/sqrt L keeps the product bounded by e^(s D), whatever the depth; alpha 0 has no delta to speak of. */
Test(propagation, scaled_and_switched_off) {
  double alpha = 1 / sqrt(8);
  gp_prediction p = predict("relu", 2, 0, &(gp_layer_facts){.source = every_layer, .alpha = alpha});
  cr_expect_float_eq(pow(p.delta_rms[1] / p.delta_rms[DEPTH - 1], 2), pow(1 + 1.0 / 8, DEPTH - 2), 1e-11);
  gp_prediction_free(&p);
  p = predict("relu", 2, 0, &(gp_layer_facts){.source = every_layer, .alpha = 0});
  cr_expect(isnan(p.gradient_factor.mean_field) && isnan(p.delta_rms[3]));
  cr_expect_float_eq(p.length[5], p.length[1], 1e-12);
  gp_prediction_free(&p);
}

/* Layer and rms normalisation: ReLU without biases keeps delta's length whatever the weights' variance. */
Test(propagation, layer_norms) {
  for (double s = 0.25; s < 8; s *= 2)
    for (int norm = GP_LAYER_CENTRED; norm <= GP_LAYER_RMS; norm++) {
      gp_prediction p = predict("relu", s, 0, &(gp_layer_facts){.norm = (enum gp_layer_norm)norm});
      for (size_t l = 1; l + 1 < DEPTH; l++) {
        cr_expect_float_eq(p.chi[l], 1, 1e-12);
        cr_expect_float_eq(p.length[l], s / 2, 1e-12);
      }
      gp_prediction_free(&p);
    }
  /* Behind the activation the mean goes too: chi = s D / V(s), V = (pi - 1) / (2 pi) q. */
  double s = 3, pi = acos(-1);
  gp_prediction p = predict("relu", s, 0, &(gp_layer_facts){.norm = GP_LAYER_CENTRED, .behind = true});
  cr_expect_float_eq(p.length[4], s, 1e-12);
  cr_expect_float_eq(p.chi[4], pi / (pi - 1), 1e-12);
  gp_prediction_free(&p);
  p = predict("relu", s, 0, &(gp_layer_facts){.norm = GP_LAYER_RMS, .behind = true});
  cr_expect_float_eq(p.chi[4], 1, 1e-12);
  gp_prediction_free(&p);
}

/* Published values (Yang et al. 2019): (B - 2) / (B - 3) for linear nets, pi / (pi - 1) for ReLU and a large batch. */
Test(propagation, batch_norm_as_published) {
  gp_choice linear = choice_of("linear"), relu = choice_of("relu"), tanh_ = choice_of("tanh");
  double pi = acos(-1);
  for (double batch = 4; batch < 2000; batch *= 3) {
    gp_batch_norm_law law = gp_batch_norm_law_of(&(gp_meanfield){.activation = &linear}, batch);
    cr_expect_float_eq(law.chi, (batch - 2) / (batch - 3), 1e-9 * law.chi, "batch %g: %.12g", batch, law.chi);
    cr_expect_float_eq(law.square, 1, 1e-10);
    cr_expect_float_eq(law.variance, batch / (batch - 1), 1e-9);
  }
  cr_expect_float_eq(gp_batch_norm_limit(&(gp_meanfield){.activation = &relu}).chi, pi / (pi - 1), 1e-12);
  cr_expect_float_eq(sqrt(pi / (pi - 1)), 1.2112, 5e-5);
  const gp_choice *both[] = {&relu, &tanh_};
  for (size_t i = 0; i < 2; i++) {
    gp_meanfield field = {.activation = both[i]};
    double limit = gp_batch_norm_limit(&field).chi, near = gp_batch_norm_law_of(&field, 4000).chi,
           far = gp_batch_norm_law_of(&field, 1000).chi;
    cr_expect_lt(fabs(near - limit), 0.3 * fabs(far - limit)); /* of order 1/B */
    cr_expect_float_eq(near, limit, 2e-3);
  }
  cr_expect(isnan(gp_batch_norm_law_of(&(gp_meanfield){.activation = &relu}, 3).chi));
}

/* In a net: the law between its layers, and the inputs' own variance below the first. */
Test(propagation, batch_norm_in_a_net) {
  gp_choice relu = choice_of("relu");
  gp_batch_norm_law law = gp_batch_norm_law_of(&(gp_meanfield){.activation = &relu}, 24);
  gp_prediction p = predict("relu", 1.5, 0.2, &(gp_layer_facts){.norm = GP_LAYER_BATCH, .batch = 24});
  for (size_t l = 1; l + 1 < DEPTH; l++) {
    cr_expect_float_eq(p.chi[l], law.chi, 1e-12);
    cr_expect_float_eq(p.length[l], 1.5 * law.square + 0.2, 1e-12);
  }
  cr_expect_float_eq(p.chi[0], law.chi * law.variance / 0.8, 1e-12);
  gp_prediction_free(&p);
  cr_expect_not(gp_propagation_knows(&(gp_layer_facts){.norm = GP_LAYER_BATCH, .batch = 24, .behind = true}));
  cr_expect_not(
      gp_propagation_knows(&(gp_layer_facts){.norm = GP_LAYER_BATCH, .batch = 24, .source = every_layer}));
}

/* Batch normalisation itself, as one would program it, over random units: the trace and the averages come from draws. */
typedef struct drawn {
  double square, pair, grown, grown2, n;
} drawn;

static void draw_unit(drawn *out, const gp_choice *choice, int batch, uint64_t unit) {
  enum { MOST = 16 };
  const gp_stream stream = {.seed = 5, .purpose = GP_PURPOSE_PROBE, .layer = 0};
  double z[MOST], x[MOST], h[MOST], d[MOST], g[MOST], mean = 0, square = 0, grads = 0, along = 0, total = 0;
  for (int a = 0; a < batch; a++) {
    z[a] = gp_rng_normal(stream, unit * 64 + (uint64_t)a), mean += z[a] / batch;
    g[a] = gp_rng_normal(stream, unit * 64 + 32 + (uint64_t)a), grads += g[a] / batch;
  }
  for (int a = 0; a < batch; a++) square += (z[a] - mean) * (z[a] - mean) / batch, g[a] -= grads;
  for (int a = 0; a < batch; a++) x[a] = (z[a] - mean) / sqrt(square);
  gp_activation_eval(choice, x, h, d, (size_t)batch);
  grads = 0;
  for (int a = 0; a < batch; a++) {
    g[a] *= d[a], grads += g[a] / batch, along += g[a] * x[a] / batch;
    out->square += h[a] * h[a] / batch;
    for (int b = 0; b < batch; b++) out->pair += a == b ? 0 : h[a] * h[b] / (batch * (batch - 1));
  }
  for (int a = 0; a < batch; a++) {
    double dz = (g[a] - grads - along * x[a]) / sqrt(square);
    total += dz * dz;
  }
  total /= batch - 1; /* the mean of |g|^2 */
  out->grown += total, out->grown2 += total * total, out->n++;
}

Test(propagation, batch_norm_against_draws, .timeout = 120) {
  static const char *const names[] = {"relu", "tanh", "sigmoid", "hard_tanh"};
  enum { UNITS = 400000 };
  for (size_t i = 0; i < 4; i++)
    for (int batch = 8; batch <= 16; batch *= 2) {
      gp_choice choice = choice_of(names[i]);
      drawn sum = {0};
      for (uint64_t u = 0; u < UNITS; u++) draw_unit(&sum, &choice, batch, u);
      gp_batch_norm_law law = gp_batch_norm_law_of(&(gp_meanfield){.activation = &choice}, batch);
      /* z has variance 1 here and `variance` there: chi = growth / variance. */
      double mean = sum.grown / sum.n, error = sqrt((sum.grown2 / sum.n - mean * mean) / sum.n);
      cr_expect_leq(fabs(law.chi * law.variance - mean), 3 * error, "%s, batch %d: %.6f, drawn %.6f +- %.6f",
                    names[i], batch, law.chi * law.variance, mean, error);
      cr_expect_float_eq(law.square, sum.square / sum.n, 2e-3 * law.square);
      cr_expect_float_eq(law.variance, (sum.square - sum.pair) / sum.n, 3e-3 * law.variance);
    }
}
