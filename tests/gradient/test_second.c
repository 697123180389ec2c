/* Measurements on the double twin against dense linear algebra on matrices made of finite differences, and against closed
 * forms. */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "dense_eigen.h"
#include "second_case.h"

static gp_second_settings everything(void) {
  gp_second_settings set = gp_second_default();
  set.needs = ~(unsigned)GP_NEED_EIGENVALUES; /* which makes the search for the largest a longer one */
  return set;
}

static void make(second_case *c, const char *words) {
  gp_second_settings set = everything();
  second_case_make(c, words, &set, "auto");
}

/* The twin's parameter number p of a flat vector. */
static double *parameter(const second_case *c, int64_t p) {
  for (int l = 0;; l++) {
    const gp_layer *layer = &c->second.twin.net.layer[l];
    int64_t weights = layer->in * layer->out, biases = layer->b != NULL ? layer->out : 0;
    if (p < weights) return (double *)layer->w + p;
    if (p < weights + biases) return (double *)layer->b + (p - weights);
    p -= weights + biases;
  }
}

/* The outputs of training row `row`, with x changed at `feature` by `step`. */
static void outputs_of(second_case *c, int64_t row, int64_t feature, double step, double *out) {
  gp_net *net = &c->second.twin.net;
  double *x = net->x;
  for (int64_t f = 0; f < c->inputs; f++)
    x[f] = c->given->data.x[row * c->inputs + f] + (f == feature ? step : 0);
  gp_net_forward(net, 1, true);
  memcpy(out, gp_net_outputs(net), (size_t)c->outputs * sizeof *out);
  c->second.twin.held = 0;
}

static void combine(double *out, double d[4][16], double h, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double coarse = (d[0][i] - d[1][i]) / (2 * h), fine = (d[2][i] - d[3][i]) / h;
    out[i] = (4 * fine - coarse) / 3;
  }
}

/* Column `feature` of the input Jacobian at a row. Error: order h^4 = 1e-12 and 2^-53 / h = 1e-13. */
static void input_slope(second_case *c, int64_t row, int64_t feature, double *out) {
  const double h = 1e-3, steps[4] = {h, -h, h / 2, -h / 2};
  double d[4][16];
  for (int i = 0; i < 4; i++) outputs_of(c, row, feature, steps[i], d[i]);
  combine(out, d, h, c->outputs);
}

static void parameter_slope(second_case *c, int64_t row, int64_t p, double *out) {
  const double h = 1e-3, steps[4] = {h, -h, h / 2, -h / 2};
  double d[4][16], *at = parameter(c, p), kept = *at;
  for (int i = 0; i < 4; i++) {
    *at = kept + steps[i];
    outputs_of(c, row, -1, 0, d[i]);
  }
  *at = kept;
  combine(out, d, h, c->outputs);
}

/* gram (n, n) = J J^T of J (n, m). */
static void gram_of(double *gram, const double *j, int64_t n, int64_t m) {
  for (int64_t a = 0; a < n; a++)
    for (int64_t b = 0; b < n; b++) {
      gram[a * n + b] = 0;
      for (int64_t k = 0; k < m; k++) gram[a * n + b] += j[a * m + k] * j[b * m + k];
    }
}

/* -- curvature -- */

static const char *const nets[] = {
    "",
    "activation=sigmoid depth=1 output=tanh",
    "data.targets=1 activation=gelu",
    "data=blobs data.classes=3 data.samples=20 loss=cross_entropy activation=softplus",
    "data=spirals data.samples=14 loss=binary_cross_entropy width=3 depth=3 bias=false",
    "precision=float32 activation=silu parametrization=ntk",
    "depth=0 data.targets=3"};
enum { NETS = sizeof nets / sizeof *nets };

static void product_ends(gp_second *second, double out[2]) {
  int64_t count;
  const double *sigma = gp_second_product(second, &count);
  out[0] = sigma[0], out[1] = sigma[count - 1];
}

/* All eigenvalues of the Hessian assembled from products with unit vectors (test_direction compares those with
 * differences), against Lanczos. */
Test(second, hessian_eigenvalues) {
  for (int i = 0; i < NETS; i++) {
    second_case c;
    gp_second_settings set = everything();
    set.needs |= GP_NEED_EIGENVALUES;
    set.hessian_count = 3;
    set.hessian_tolerance = 1e-10;
    second_case_make(&c, nets[i], &set, "auto");
    int64_t n = c.parameters;
    double *unit = calloc((size_t)n, sizeof *unit), *h = calloc((size_t)(n * n), sizeof *h);
    double *wanted = calloc((size_t)n, sizeof *wanted);
    gp_examples all = c.second.train;
    all.piece = all.rows;
    for (int64_t q = 0; q < n; q++) {
      unit[q] = 1;
      gp_twin_hessian(&c.second.twin, &all, h + q * n, unit);
      unit[q] = 0;
    }
    dense_eigen(wanted, h, (int)n);
    double size = fmax(fabs(wanted[0]), fabs(wanted[n - 1]));
    const double *top = gp_second_hessian(&c.second);
    cr_assert_leq(c.second.hessian_bound, 1e-9 * size, "%s", nets[i]);
    for (int k = 0; k < 3; k++)
      cr_assert_leq(fabs(top[k] - wanted[n - 1 - k]), c.second.hessian_bound + 1e-13 * size, "%s: %d",
                    nets[i], k);
    for (int k = 0; k < 3; k++)
      cr_assert_float_eq(top[k], wanted[n - 1 - k], 1e-9 * size, "%s: %d: %.12g, not %.12g", nets[i], k,
                         top[k], wanted[n - 1 - k]);
    free(unit), free(h), free(wanted);
    second_case_free(&c);
  }
}

/* A linear layer under squared error: the Hessian is 2 (1/N) sum x x^T with the bias' 1 in x, once per output. */
Test(second, sharpness_of_a_linear_layer) {
  second_case c;
  make(&c, "data.samples=50 data.features=4 data.targets=3 depth=0");
  double covariance[25] = {0}, wanted[5], top;
  for (int64_t row = 0; row < 50; row++) {
    double x[5] = {1, 1, 1, 1, 1};
    for (int f = 0; f < 4; f++) x[f] = c.given->data.x[row * 4 + f];
    for (int a = 0; a < 5; a++)
      for (int b = 0; b < 5; b++) covariance[a * 5 + b] += 2 * x[a] * x[b] / 50;
  }
  dense_eigen(wanted, covariance, 5);
  top = gp_second_hessian(&c.second)[0];
  cr_assert_float_eq(top, wanted[4], 1e-6 * wanted[4], "%.12g, not %.12g", top, wanted[4]);
  second_case_free(&c);
}

/* f = v u at x = 1, loss f^2/2: the tangent kernel is S = |u|^2 + |v|^2, and the Hessian of rows u, v is
 * [v v^T, v u^T + f; ...], with the eigenvalues of (S + sqrt(S^2 - 4 (|u|^2 |v|^2 - f^2 ...)))/2; at f = 0 it is S. */
Test(second, catapult_net) {
  second_case c;
  make(&c, "data.samples=1 data.features=1 data.targets=1 depth=1 width=2 activation=linear bias=false "
           "loss.half=true");
  c.given->data.x[0] = 1;
  double *u = c.second.twin.net.layer[0].w, *v = c.second.twin.net.layer[1].w, target = 0, kernel[2], top;
  u[0] = 0.6, u[1] = -0.2, v[0] = 0.3, v[1] = 0.9; /* f = 0 */
  c.second.train.y = &target;
  double s = u[0] * u[0] + u[1] * u[1] + v[0] * v[0] + v[1] * v[1];
  kernel[0] = gp_second_ntk_trace(&c.second), kernel[1] = gp_second_ntk_eigenvalue(&c.second);
  top = gp_second_hessian(&c.second)[0];
  cr_assert_float_eq(kernel[0], s, 1e-14);
  cr_assert_float_eq(kernel[1], s, 1e-14);
  cr_assert_float_eq(top, s, 1e-12);
  second_case_free(&c);
}

/* -- Jacobians -- */

static void check_jacobian(second_case *c, const char *words) {
  double wanted[3] = {0}, found[3];
  int64_t n = c->outputs, rows = c->second.set.jacobian_samples;
  for (int64_t row = 0; row < rows; row++) {
    double j[16 * 16], column[16], gram[16 * 16], values[16];
    for (int64_t f = 0; f < c->inputs; f++) {
      input_slope(c, row, f, column);
      for (int64_t o = 0; o < n; o++) j[o * c->inputs + f] = column[o];
    }
    gram_of(gram, j, n, c->inputs);
    dense_eigen(values, gram, (int)n);
    for (int64_t o = 0; o < n; o++) {
      wanted[0] += values[o] / (double)(n * rows);
      wanted[1] += values[o] * values[o] / (double)(n * rows);
    }
    wanted[2] += sqrt(values[n - 1]) / (double)rows;
  }
  gp_second_jacobian(&c->second, found);
  for (int i = 0; i < 3; i++)
    cr_assert_float_eq(found[i], wanted[i], 1e-9 * (wanted[i] + 1), "%s: %d: %.12g, not %.12g", words, i,
                       found[i], wanted[i]);
}

Test(second, input_output_jacobian) {
  for (int i = 0; i < NETS; i++) {
    second_case c;
    make(&c, nets[i]);
    check_jacobian(&c, nets[i]);
    second_case_free(&c);
  }
}

/* Random signs: exact for one output, and within three standard errors of the exact moments for more. */
Test(second, random_directions_estimate_the_moments) {
  second_case c;
  gp_second_settings set = everything();
  double exact[3], estimate[3];
  make(&c, "data.targets=1");
  gp_second_jacobian(&c.second, exact);
  second_case_free(&c);
  set.jacobian_draws = 5;
  second_case_make(&c, "data.targets=1", &set, "auto");
  gp_second_jacobian(&c.second, estimate);
  for (int i = 0; i < 3; i++) cr_assert_float_eq(exact[i], estimate[i], 1e-14);
  second_case_free(&c);

  const char *wide = "data.samples=1 data.features=20 data.targets=12 width=16 activation=tanh depth=1";
  make(&c, wide);
  gp_second_jacobian(&c.second, exact);
  second_case_free(&c);
  set.jacobian_draws = 4000; /* the relative deviation of one draw is below sqrt 2 */
  second_case_make(&c, wide, &set, "auto");
  gp_second_jacobian(&c.second, estimate);
  second_case_free(&c);
  for (int i = 0; i < 2; i++) {
    cr_assert_neq(estimate[i], exact[i]);
    cr_assert_float_eq(estimate[i], exact[i], 3 * sqrt(2 / 4000.0) * exact[i], "%d: %g for %g", i,
                       estimate[i], exact[i]);
  }
  cr_assert_eq(estimate[2], exact[2]);
}

Test(second, tangent_kernel) {
  for (int i = 0; i < NETS; i++) {
    second_case c;
    make(&c, nets[i]);
    int64_t rows = c.second.set.ntk_samples, n = rows * c.outputs, m = c.parameters;
    double *j = calloc((size_t)(n * m), sizeof *j), *gram = calloc((size_t)(n * n), sizeof *gram);
    double *values = calloc((size_t)n, sizeof *values), column[16], found[2], trace = 0;
    for (int64_t row = 0; row < rows; row++)
      for (int64_t p = 0; p < m; p++) {
        parameter_slope(&c, row, p, column);
        for (int64_t o = 0; o < c.outputs; o++) j[(row * c.outputs + o) * m + p] = column[o];
      }
    gram_of(gram, j, n, m);
    dense_eigen(values, gram, (int)n);
    for (int64_t a = 0; a < n; a++) trace += values[a];
    for (int coupled = 0; coupled < 2; coupled++) {
      c.second.coupled = coupled;
      found[0] = gp_second_ntk_trace(&c.second), found[1] = gp_second_ntk_eigenvalue(&c.second);
      cr_assert_float_eq(found[0], trace, 1e-9 * trace, "%s: trace %.12g, not %.12g", nets[i], found[0],
                         trace);
      cr_assert_float_eq(found[1], values[n - 1], 1e-9 * trace, "%s: top %.12g, not %.12g", nets[i], found[1],
                         values[n - 1]);
    }
    free(j), free(gram), free(values);
    second_case_free(&c);
  }
}

/* -- layers -- */

Test(second, pairs_of_examples) {
  second_case c;
  double forward[3], backward[3];
  make(&c, "data=two_point data.features=8 data.correlation=0.3 depth=2");
  gp_second_pairs(&c.second, forward, false);
  gp_second_pairs(&c.second, backward, true);
  const gp_net *net = &c.second.twin.net;
  for (int l = 0; l < 3; l++)
    for (int side = 0; side < 2; side++) {
      const double *x = side ? net->layer[l].delta : net->layer[l].z;
      double xx = 0, yy = 0, xy = 0;
      for (int64_t u = 0; u < net->layer[l].out; u++) {
        xx += x[2 * u] * x[2 * u], yy += x[2 * u + 1] * x[2 * u + 1], xy += x[2 * u] * x[2 * u + 1];
      }
      cr_assert_float_eq((side ? backward : forward)[l], xy / sqrt(xx * yy), 1e-14, "layer %d", l + 1);
    }
  second_case_free(&c);
}

/* Orthogonal weights keep the angle; three rows have three pairs; equal rows have correlation 1. */
Test(second, pairs_under_an_isometry) {
  second_case c;
  double forward[1], backward[1], wanted = 0;
  make(&c,
       "data.features=5 data.targets=5 data.samples=3 depth=0 init=orthogonal bias=false precision=float64");
  gp_second_pairs(&c.second, forward, false);
  gp_second_pairs(&c.second, backward, true);
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < a; b++) {
      double xx = 0, yy = 0, xy = 0;
      for (int f = 0; f < 5; f++) {
        double x = c.given->data.x[a * 5 + f], y = c.given->data.x[b * 5 + f];
        xx += x * x, yy += y * y, xy += x * y;
      }
      wanted += xy / sqrt(xx * yy) / 3;
    }
  cr_assert_float_eq(forward[0], wanted, 1e-14);
  second_case_free(&c);
  make(&c, "data=constant data.samples=4");
  double equal[3], deltas[3];
  gp_second_pairs(&c.second, equal, false);
  gp_second_pairs(&c.second, deltas, true);
  for (int l = 0; l < 3; l++) cr_assert(fabs(equal[l] - 1) < 1e-15 && fabs(deltas[l] - 1) < 1e-15);
  second_case_free(&c);
}

Test(second, singular_values_of_layers_and_product) {
  second_case c;
  int64_t count;
  double out[2];
  make(&c, "init=orthogonal data.features=4 data.targets=4 width=4 precision=float64 parametrization=ntk");
  for (int l = 1; l <= 3; l++) {
    const double *sigma = gp_second_singular(&c.second, l, &count);
    cr_assert_eq(count, 4);
    for (int i = 0; i < 4; i++)
      cr_assert_float_eq(sigma[i], 2, 1e-14, "layer %d", l); /* times sqrt(fan_in) */
  }
  product_ends(&c.second, out); /* and the multiplier takes it away again */
  cr_assert(fabs(out[0] - 1) < 1e-14 && fabs(out[1] - 1) < 1e-14);
  second_case_free(&c);
  /* A linear net: the product is its input-output Jacobian. */
  double moments[3];
  make(&c, "activation=linear depth=3 data.features=5 data.targets=3 width=7");
  product_ends(&c.second, out);
  gp_second_jacobian(&c.second, moments);
  cr_assert_float_eq(out[0], moments[2], 1e-13);
  second_case_free(&c);
}

/* Weights of 1e-10 in a chain of single units: the delta of layer l is 2 z 1e-10^(L - l) times, in float 0 or subnormal
 * below 1.2e-38, and in double normal down to 2e-308. */
Test(second, underflow) {
  second_case c;
  double out[6];
  make(&c, "precision=float32 data.features=1 data.targets=1 width=1 depth=5 activation=linear init=constant "
           "init.value=1e-10 bias=false");
  gp_second_underflow(&c.second, out);
  for (int l = 0; l < 6; l++) cr_assert_eq(out[l], l < 2 ? 1 : 0, "layer %d: %g", l + 1, out[l]);
  second_case_free(&c);
  make(&c, "precision=float64 data.features=1 data.targets=1 width=1 depth=5 activation=linear init=constant "
           "init.value=1e-10 bias=false");
  gp_second_underflow(&c.second, out);
  for (int l = 0; l < 6; l++) cr_assert_eq(out[l], 0);
  second_case_free(&c);
  make(&c, "activation=sign");
  gp_second_underflow(&c.second, out);
  cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == 0, "nothing but zeros in double");
  second_case_free(&c);
}

/* -- bits -- */

/* Every measurement on every tier, and with other probes taking part of the memory. */
Test(second, same_bits_on_every_tier_and_selection) {
  for (int i = 0; i < NETS; i++) {
    double first[16] = {0};
    int runs = 0;
    for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
      if (!(*tier)->supported()) continue;
      for (int alone = 0; alone < 2; alone++) {
        second_case c;
        double now[16] = {0};
        gp_second_settings set = everything();
        if (alone) set.needs = GP_NEED_HESSIAN | GP_NEED_JACOBIAN | GP_NEED_NTK | GP_NEED_PRODUCT;
        second_case_make(&c, nets[i], &set, (*tier)->name);
        now[0] = gp_second_hessian(&c.second)[0];
        gp_second_jacobian(&c.second, now + 1);
        now[4] = gp_second_ntk_eigenvalue(&c.second), now[5] = gp_second_ntk_trace(&c.second);
        product_ends(&c.second, now + 6);
        if (runs++ == 0) memcpy(first, now, sizeof now);
        cr_assert_eq(memcmp(first, now, sizeof now), 0, "%s on %s", nets[i], (*tier)->name);
        second_case_free(&c);
      }
    }
  }
}

/* -- in a run -- */

/* What is measured changes no run: every variable that both runs have is the same, bit for bit. */
Test(second, probes_do_not_touch_the_run) {
  const char *common =
      "data=spirals data.samples=40 activation=tanh width=6 depth=2 batch=8 steps=20 every=5 ";
  const char *const extra[] = {"", "precision=float64 batch=full", "flush_to_zero=true on=train"};
  for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
    spec_case plain, measured;
    gp_trainer *one = engine_on("auto"), *other = engine_on("auto");
    char words[256];
    size_t count;
    const gp_variable *variables = gp_train_variables(&count);
    snprintf(words, sizeof words,
             "%s probes=all,curvature,eigenvalues,singular_values,jacobian,kernel,pairs,spectra,precision",
             extra[i]);
    spec_case_make(&plain, common, extra[i]);
    spec_case_make(&measured, common, words);
    gp_trace a = engine_run(one, &plain), b = engine_run(other, &measured);
    size_t first = engine_variable("sharpness");
    for (size_t v = 0; v < count; v++)
      for (size_t j = 0; j < engine_count(&a, &variables[v]); j++) {
        double x = engine_value(&a, variables, v, j), y = engine_value(&b, variables, v, j);
        cr_assert(v < first ? engine_same(x, y) : isnan(x), "%s: %s", extra[i], variables[v].name);
        cr_assert(v < first || isfinite(y), "%s: %s is %g", extra[i], variables[v].name, y);
      }
    spec_case_free(&plain), spec_case_free(&measured);
    gp_trainer_free(one), gp_trainer_free(other);
  }
}

static void check_series(const gp_trace *trace, const char *name, double wanted, size_t at) {
  double found = engine_series(trace, name)[at];
  cr_assert_eq(found, wanted, "%s: %.17g, not %.17g", name, found, wanted);
}

/* Every probe of a run is the measurement of its name. */
Test(second, probes_are_the_measurements) {
  second_case c;
  double top, moments[3], ends[2], z[3], delta[3], lost[3];
  int64_t count;
  make(&c, "probes=curvature,jacobian,kernel,pairs,spectra,precision");
  gp_trainer *trainer = engine_on("auto");
  gp_trace trace = engine_run(trainer, c.given);
  c.second.seed = c.second.hessian.start.seed = (uint64_t)c.given->spec.seed;
  top = gp_second_hessian(&c.second)[0];
  gp_second_jacobian(&c.second, moments);
  product_ends(&c.second, ends);
  gp_second_pairs(&c.second, z, false);
  gp_second_pairs(&c.second, delta, true);
  gp_second_underflow(&c.second, lost);
  check_series(&trace, "sharpness", top, 0);
  check_series(&trace, "jacobian_m1", moments[0], 0);
  check_series(&trace, "jacobian_m2", moments[1], 0);
  check_series(&trace, "jacobian_sigma_max", moments[2], 0);
  check_series(&trace, "ntk_trace", gp_second_ntk_trace(&c.second), 0);
  check_series(&trace, "ntk_eigenvalue", gp_second_ntk_eigenvalue(&c.second), 0);
  check_series(&trace, "product_sigma_max", ends[0], 0);
  check_series(&trace, "product_sigma_min", ends[1], 0);
  for (size_t l = 0; l < 3; l++) {
    const double *sigma = gp_second_singular(&c.second, (int)l + 1, &count);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += sigma[i];
    check_series(&trace, "weight_sigma_max", sigma[0], l);
    check_series(&trace, "weight_sigma_min", sigma[count - 1], l);
    cr_assert_float_eq(engine_series(&trace, "weight_sigma_mean")[l], sum / (double)count, 1e-15);
    cr_assert(engine_series(&trace, "weight_rank")[l] > 1 &&
              engine_series(&trace, "weight_rank")[l] <= (double)count);
    check_series(&trace, "preactivation_correlation", z[l], l);
    check_series(&trace, "delta_correlation", delta[l], l);
    check_series(&trace, "underflow_fraction", lost[l], l);
  }
  gp_trainer_free(trainer);
  second_case_free(&c);
}

/* Options of a selection. */
Test(second, selections) {
  gp_second_settings set;
  char word[64];
  cr_assert(gp_probe_settings("all,gradients", &set, word));
  cr_assert_eq(set.needs, 0, "all is what is measured on the network itself");
  cr_assert(gp_probe_settings("all, sharpness(samples=12;tolerance=1e-4), pairs", &set, word));
  cr_assert_eq(set.needs, GP_NEED_HESSIAN | GP_NEED_PAIRS);
  cr_assert_eq(set.hessian_samples, 12);
  cr_assert_eq(set.hessian_tolerance, 1e-4);
  cr_assert_eq(set.hessian_iterations, 100);
  const char *const wrong[] = {"sharpness(sample=3)", "sharpness(samples=-1)", "sharpness(samples=1.5)",
                               "sharpness(samples)",  "spectra(samples=3)",    "jacobian_m1(draws=x)"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_assert_not(gp_probe_settings(wrong[i], &set, word), "%s", wrong[i]);
  cr_assert_not(gp_probe_unknown("all,sharpness(samples=3),delta_rms", word));
  cr_assert(gp_probe_unknown("delta_rms,sharpnes(samples=3)", word));
  cr_assert_str_eq(word, "sharpnes");
}
