/* Probes on the double twin: what is measured of one lane's network, see second.h. */
#include <math.h>
#include <string.h>

#include "probe_items.h"
#include "singular.h"
#include "statistics.h"

/* -- options -- */

#define SETTING(field, label, preset, least, most, help, ...)                                                \
  GP_INT(gp_second_settings, field, label, preset, least, most, help, ##__VA_ARGS__)

#define HESSIAN_SETTINGS                                                                                     \
  SETTING(hessian_samples, "samples", 0, 0, 1e9,                                                             \
          "the loss is that of the first n training rows; 0: of all"),                                       \
      SETTING(hessian_iterations, "iterations", 100, 1, 10000, "Hessian-vector products at most"),           \
      GP_REAL(gp_second_settings, hessian_tolerance, "tolerance", 1e-6, 1e-14, 1,                            \
              "error bound at which it ends, relative to the spectrum's size")

static const gp_option hessian_options[] = {HESSIAN_SETTINGS, GP_OPTIONS_END};
static const gp_option eigenvalue_options[] = {
    SETTING(hessian_count, "count", 5, 1, 1000, "how many, the largest first"), HESSIAN_SETTINGS,
    GP_OPTIONS_END};
static const gp_option jacobian_options[] = {
    SETTING(jacobian_samples, "samples", 8, 1, 1e6, "mean over the first n training rows"),
    SETTING(jacobian_draws, "draws", 0, 0, 1e6, "0: exact moments; else estimated from n random directions"),
    GP_OPTIONS_END};
static const gp_option ntk_options[] = {
    SETTING(ntk_samples, "samples", 16, 1, 1e5, "kernel of the first n training rows"), GP_OPTIONS_END};
static const gp_option pair_options[] = {
    SETTING(pair_samples, "samples", 16, 2, 1e5, "every pair of the first n training rows"), GP_OPTIONS_END};

/* -- measuring -- */

static void sharpness(gp_second *s, double *out) {
  *out = gp_second_hessian(s)[0];
}
static void hessian_eigenvalues(gp_second *s, double *out) {
  memcpy(out, gp_second_hessian(s), (size_t)s->set.hessian_count * sizeof *out);
}
static void hessian_error_bound(gp_second *s, double *out) {
  gp_second_hessian(s);
  *out = s->hessian_bound;
}

static void jacobian(gp_second *s, double *out, int which) {
  double moments[3];
  gp_second_jacobian(s, moments);
  *out = moments[which];
}
static void jacobian_m1(gp_second *s, double *out) {
  jacobian(s, out, 0);
}
static void jacobian_m2(gp_second *s, double *out) {
  jacobian(s, out, 1);
}
static void jacobian_sigma_max(gp_second *s, double *out) {
  jacobian(s, out, 2);
}

static void ntk_trace(gp_second *s, double *out) {
  *out = gp_second_ntk_trace(s);
}
static void ntk_eigenvalue(gp_second *s, double *out) {
  *out = gp_second_ntk_eigenvalue(s);
}

static void preactivation_correlation(gp_second *s, double *out) {
  gp_second_pairs(s, out, false);
}
static void delta_correlation(gp_second *s, double *out) {
  gp_second_pairs(s, out, true);
}

/* -- singular values: of every layer, falling -- */

typedef double summary(const double *sigma, int64_t count);

static void each_layer(gp_second *s, double *out, summary *of) {
  for (int l = 1; l <= s->twin.net.layers; l++) {
    int64_t count;
    const double *sigma = gp_second_singular(s, l, &count);
    out[l - 1] = of(sigma, count);
  }
}

static double largest(const double *sigma, int64_t count) {
  (void)count;
  return sigma[0];
}
static double smallest(const double *sigma, int64_t count) {
  return sigma[count - 1];
}
static double mean(const double *sigma, int64_t count) {
  return gp_mean(sigma, (size_t)count);
}

static void weight_sigma_max(gp_second *s, double *out) {
  each_layer(s, out, largest);
}
static void weight_sigma_min(gp_second *s, double *out) {
  each_layer(s, out, smallest);
}
static void weight_sigma_mean(gp_second *s, double *out) {
  each_layer(s, out, mean);
}
static void weight_rank(gp_second *s, double *out) {
  each_layer(s, out, gp_effective_rank);
}

static void product_sigma_max(gp_second *s, double *out) {
  int64_t count;
  *out = gp_second_product(s, &count)[0];
}
static void product_sigma_min(gp_second *s, double *out) {
  int64_t count;
  const double *sigma = gp_second_product(s, &count);
  *out = sigma[count - 1];
}

/* All of them, missing beyond as many as the matrix has. */
static void put_all(double *out, const double *sigma, int64_t count, int64_t places) {
  for (int64_t i = 0; i < places; i++) out[i] = i < count ? sigma[i] : (double)NAN;
}

static void weight_singular_values(gp_second *s, double *out) {
  for (int l = 1; l <= s->twin.net.layers; l++) {
    int64_t count;
    const double *sigma = gp_second_singular(s, l, &count);
    put_all(out + (l - 1) * s->places, sigma, count, s->places);
  }
}
static void product_singular_values(gp_second *s, double *out) {
  int64_t count;
  const double *sigma = gp_second_product(s, &count);
  put_all(out, sigma, count, s->places);
}

/* -- items -- */

#define ON_TWIN(label, summary_, source_, options_, group_, needs_, shape_)                                  \
  const gp_probe gp_probe_##label = {.item = {#label, summary_, source_, options_},                          \
                                     .group = group_,                                                        \
                                     .units = "1",                                                           \
                                     .time = GP_ON_TWIN,                                                     \
                                     .on_twin = label,                                                       \
                                     .shape = shape_,                                                        \
                                     .needs = needs_}

ON_TWIN(sharpness,
        "largest eigenvalue of the Hessian of the training loss; costs up to `iterations` passes of 3 "
        "training steps "
        "over its samples, and as many vectors of all parameters",
        "Pearlmutter 1994; Lanczos 1950", hessian_options, "curvature", GP_NEED_HESSIAN, GP_PER_CHECKPOINT);

ON_TWIN(hessian_eigenvalues,
        "the `count` largest eigenvalues of the same Hessian; equal ones may appear once; costs as sharpness "
        "does, more products the more are asked for",
        "Lanczos 1950", eigenvalue_options, "eigenvalues", GP_NEED_HESSIAN | GP_NEED_EIGENVALUES,
        GP_PER_EIGENVALUE);
ON_TWIN(hessian_error_bound,
        "a true eigenvalue lies within it of each of hessian_eigenvalues: the largest Lanczos residual",
        "Parlett 1980, section 13.2", eigenvalue_options, "eigenvalues",
        GP_NEED_HESSIAN | GP_NEED_EIGENVALUES, GP_PER_CHECKPOINT);

ON_TWIN(jacobian_m1,
        "(1/n) tr J J^T of the input-output Jacobian J (n rows), mean over its samples; costs n or `draws` "
        "columns of "
        "2 passes a sample, for all three of its group",
        "Pennington et al. 2017", jacobian_options, "jacobian", GP_NEED_JACOBIAN, GP_PER_CHECKPOINT);
ON_TWIN(jacobian_m2, "(1/n) tr (J J^T)^2, at the same cost", "Pennington et al. 2017", jacobian_options,
        "jacobian", GP_NEED_JACOBIAN, GP_PER_CHECKPOINT);
ON_TWIN(jacobian_sigma_max,
        "largest singular value of J, mean over its samples; costs up to 100 double passes a sample",
        "Pennington et al. 2017", jacobian_options, "jacobian", GP_NEED_JACOBIAN, GP_PER_CHECKPOINT);

ON_TWIN(ntk_trace,
        "trace of the tangent kernel of its samples; costs a backward pass for every sample and output",
        "Jacot et al. 2018", ntk_options, "kernel", GP_NEED_NTK, GP_PER_CHECKPOINT);
ON_TWIN(ntk_eigenvalue,
        "largest eigenvalue of the tangent kernel; costs up to 100 double passes over its samples",
        "Jacot et al. 2018", ntk_options, "kernel", GP_NEED_NTK, GP_PER_CHECKPOINT);

ON_TWIN(preactivation_correlation, "cosine between the pre-activations of two examples, mean over all pairs",
        "Poole et al. 2016, eq. 5", pair_options, "pairs", GP_NEED_PAIRS, GP_PER_LAYER);
ON_TWIN(delta_correlation, "cosine between the deltas of two examples, mean over all pairs",
        "Schoenholz et al. 2017, eq. 10", pair_options, "pairs", GP_NEED_PAIRS, GP_PER_LAYER);

ON_TWIN(weight_sigma_max,
        "largest singular value of W; costs about 10 n^2 m multiply-adds for n x m, for all of its group", "",
        NULL, "spectra", GP_NEED_SINGULAR, GP_PER_LAYER);
ON_TWIN(weight_sigma_min, "smallest singular value of W", "", NULL, "spectra", GP_NEED_SINGULAR,
        GP_PER_LAYER);
ON_TWIN(weight_sigma_mean, "mean singular value of W", "", NULL, "spectra", GP_NEED_SINGULAR, GP_PER_LAYER);
ON_TWIN(weight_rank, "effective rank of W: exp of the entropy of its singular values over their sum",
        "Roy and Vetterli 2007", NULL, "spectra", GP_NEED_SINGULAR, GP_PER_LAYER);
ON_TWIN(product_sigma_max, "largest singular value of the end-to-end product of all weights",
        "Saxe et al. 2014", NULL, "spectra", GP_NEED_PRODUCT, GP_PER_CHECKPOINT);
ON_TWIN(product_sigma_min,
        "smallest singular value of the end-to-end product; below 1e-16 of the largest it is rounding",
        "Saxe et al. 2014", NULL, "spectra", GP_NEED_PRODUCT, GP_PER_CHECKPOINT);

ON_TWIN(weight_singular_values, "all singular values of W, falling", "", NULL, "singular_values",
        GP_NEED_SINGULAR, GP_PER_LAYER_SINGULAR_VALUE);
ON_TWIN(product_singular_values, "all singular values of the end-to-end product, falling", "Saxe et al. 2014",
        NULL, "singular_values", GP_NEED_PRODUCT, GP_PER_SINGULAR_VALUE);

static void underflow_fraction(gp_second *s, double *out) {
  gp_second_underflow(s, out);
}
ON_TWIN(underflow_fraction,
        "share of the deltas, non-zero in double, that are zero or subnormal in the run's precision; costs a "
        "double pass",
        "", NULL, "precision", GP_NEED_UNDERFLOW, GP_PER_LAYER);
