/* The claims of the seed-lottery study: mean and variance of ln delta^2 per layer, and the scatter over whole nets.
 *
 * Layers are independent in law, so every layer of every net is a draw: increments are pooled over layers, nets and
 * depths of one width. Nets of different depth share their first weights, but not the path of the signal back, which
 * begins at another layer: treating them as separate draws is a little generous to the standard errors, so only the
 * deepest nets are pooled. */
#include <math.h>
#include <stdlib.h>

#include "finite_width.h"
#include "statistics.h"
#include "study_view.h"

static double depth_of(const study_view *v, size_t run) {
  return study_real(v, "depth", run);
}

static bool of_width(const study_view *v, size_t run, double width) {
  return study_real(v, "width", run) == width;
}

static double deepest(const study_view *v) {
  double depth = 0;
  for (size_t run = 0; run < v->runs; run++) depth = fmax(depth, depth_of(v, run));
  return depth;
}

/* ln delta_l^2 - ln delta_{l+1}^2 of the deepest nets of a width; widths are equal, so the mean over units may stand for
 * the sum. Returns how many; `out` has room for runs x layers. */
static size_t increments(const study_view *v, double width, double *out) {
  double most = deepest(v);
  size_t n = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!of_width(v, run, width) || depth_of(v, run) != most) continue;
    for (size_t l = 1; l < (size_t)most; l++)
      out[n++] = 2 * log(study_layer(v, "delta_rms", run, 0, l) / study_layer(v, "delta_rms", run, 0, l + 1));
  }
  return n;
}

/* ln of the whole gain of delta^2 from the last to the first hidden layer, one number per net of that depth. */
static size_t totals(const study_view *v, double width, double depth, double *out) {
  size_t n = 0;
  for (size_t run = 0; run < v->runs; run++)
    if (of_width(v, run, width) && depth_of(v, run) == depth)
      out[n++] = 2 * log(study_layer(v, "delta_rms", run, 0, 1) /
                         study_layer(v, "delta_rms", run, 0, (size_t)depth));
  return n;
}

/* Mean of (x - centre)^power. */
static double moment(const double *x, size_t n, double centre, int power) {
  double total = 0;
  for (size_t i = 0; i < n; i++)
    total += power == 2 ? (x[i] - centre) * (x[i] - centre) : pow(x[i] - centre, power);
  return total / (double)n;
}

/* Three standard errors: sqrt(v/N) of a mean, sqrt((m4 - v^2)/N) of a variance. */
static gp_status claim_layer(gp_claims *out, double width, const double *x, size_t n) {
  gp_log_law law = gp_rectifier_log_law((int64_t)width, 2);
  double mean = gp_mean(x, n), variance = moment(x, n, mean, 2), fourth = moment(x, n, mean, 4);
  double mean_error = sqrt(law.variance / (double)n);
  double variance_error = sqrt((fourth - variance * variance) / (double)n);
  STUDY_CLAIM(first, out, "width %.0f: the mean of ln delta^2 per layer", width);
  gp_claim_measured(first, "%.6f from %zu layers (%+.2f standard errors)", mean, n,
                    (mean - law.mean) / mean_error);
  gp_claim_expected(first, "%.6f within %.6f", law.mean, 3 * mean_error);
  first->held = fabs(mean - law.mean) <= 3 * mean_error;
  STUDY_CLAIM(second, out, "width %.0f: the variance of ln delta^2 per layer", width);
  gp_claim_measured(second, "%.6f (%+.2f standard errors)", variance,
                    (variance - law.variance) / variance_error);
  gp_claim_expected(second, "%.6f within %.6f", law.variance, 3 * variance_error);
  second->held = fabs(variance - law.variance) <= 3 * variance_error;
  return GP_OK;
}

/* Independent layers add: variance (depth - 1) v over seeds. A sum of many layers is nearly normal, where the standard
 * error of a variance is sqrt(2/(N - 1)) of it; the layers' own excess kurtosis adds less than a tenth to that. */
static gp_status claim_total(gp_claims *out, double width, double depth, const double *x, size_t n) {
  double variance = (depth - 1) * gp_rectifier_log_law((int64_t)width, 2).variance;
  double deviation = gp_deviation(x, n), error = variance * sqrt(2 / (double)(n - 1));
  STUDY_CLAIM(claim, out, "width %.0f, depth %.0f: the variance over seeds adds up over layers", width,
              depth);
  gp_claim_measured(claim, "%.3f over %zu seeds (%+.2f standard errors)", deviation * deviation, n,
                    (deviation * deviation - variance) / error);
  gp_claim_expected(claim, "%.3f within %.3f", variance, 3 * error);
  claim->held = fabs(deviation * deviation - variance) <= 3 * error;
  return GP_OK;
}

/* The mean of ln falls below ln of the mean, which is 0: the typical net loses gradient although the average net does
 * not. Held when the median loss is within three standard errors (1.2533 sigma/sqrt N) of the sum of the means. */
static gp_status claim_typical(gp_claims *out, double width, double depth, double *x, size_t n) {
  gp_log_law law = gp_rectifier_log_law((int64_t)width, 2);
  double expected = (depth - 1) * law.mean, error = 1.2533 * sqrt((depth - 1) * law.variance / (double)n);
  double median = gp_quantile(x, n, 0.5);
  STUDY_CLAIM(claim, out, "width %.0f, depth %.0f: the typical net loses gradient, the mean one does not",
              width, depth);
  gp_claim_measured(claim, "median of ln delta^2 from last to first layer %.3f (%+.2f standard errors)",
                    median, (median - expected) / error);
  gp_claim_expected(claim, "%.3f within %.3f; ln of the mean is 0", expected, 3 * error);
  claim->held = fabs(median - expected) <= 3 * error;
  return GP_OK;
}

static gp_status claim_width(gp_claims *out, const study_view *v, double width, double *scratch) {
  double most = deepest(v);
  size_t n = increments(v, width, scratch);
  if (n == 0) return gp_fail(GP_ERR_FILE, "the result file has no nets of width %.0f", width);
  GP_TRY(claim_layer(out, width, scratch, n));
  n = totals(v, width, most, scratch);
  GP_TRY(claim_total(out, width, most, scratch, n));
  return claim_typical(out, width, most, scratch, n);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"depth", "width", NULL}, *const series[] = {"delta_rms", NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, series));
  double *scratch = malloc((v.runs * v.layers + 1) * sizeof *scratch);
  if (scratch == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_status status = claim_width(out, &v, 50, scratch);
  if (status == GP_OK) status = claim_width(out, &v, 100, scratch);
  free(scratch);
  return status;
}

static const char *const quick[] = {"seed=0..99", "depth=10,30", NULL};
static const char *const charts[] = {"seed-spread", "gradient-by-layer", NULL};

extern const gp_study gp_study_seed_lottery;
const gp_study gp_study_seed_lottery = {
    .item = {.name = "seed-lottery",
             .summary = "the log-normal scatter of the gradient over seeds, ReLU and He, with the exact law",
             .source = "Hanin 2018; Hanin and Nica 2020; SCIENCE 3"},
    .question = "How much of the gradient is decided by the seed?",
    .config = "seed-lottery",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
