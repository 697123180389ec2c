/* The claims of the sigmoid-versus-ReLU depth study.
 *
 * Runs that differ only in learning rate share their initialisation: they are not replicates. Quantities at
 * initialisation are therefore taken once per (activation, depth, seed), from the run of the lowest learning rate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "statistics.h"

/* The columns the claims read. */
typedef struct columns {
  int activation, depth, rate, seed, factor, span, verdict, final_loss, baseline, diverged_at, loss;
} columns;

typedef struct reader {
  gp_table *table;
  columns at;
  const double *loss;     /* (run, checkpoint) */
  double lowest, highest; /* learning rates */
} reader;

static gp_status open_columns(reader *r) {
  static const char *const names[] = {"activation",      "depth",         "learning_rate", "seed",
                                      "gradient_factor", "gradient_span", "verdict",       "final_loss",
                                      "baseline_loss",   "diverged_at",   "loss"};
  int *const fields[] = {&r->at.activation, &r->at.depth,       &r->at.rate,    &r->at.seed,
                         &r->at.factor,     &r->at.span,        &r->at.verdict, &r->at.final_loss,
                         &r->at.baseline,   &r->at.diverged_at, &r->at.loss};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    *fields[i] = gp_table_find(r->table, names[i]);
    if (*fields[i] < 0) return gp_fail(GP_ERR_FILE, "the result file has no column %s", names[i]);
  }
  return gp_table_series(r->table, r->at.loss, &r->loss);
}

static double real(const reader *r, int column, size_t run) {
  return gp_table_real(r->table, column, run);
}

static bool is(const reader *r, int column, size_t run, const char *word) {
  char buffer[32];
  return strcmp(gp_table_word(r->table, column, run, buffer), word) == 0;
}

static void find_rates(reader *r) {
  r->lowest = (double)INFINITY;
  r->highest = -(double)INFINITY;
  for (size_t run = 0; run < gp_table_runs(r->table); run++) {
    r->lowest = fmin(r->lowest, real(r, r->at.rate, run));
    r->highest = fmax(r->highest, real(r, r->at.rate, run));
  }
}

static double deepest(const reader *r) {
  double depth = 0;
  for (size_t run = 0; run < gp_table_runs(r->table); run++) depth = fmax(depth, real(r, r->at.depth, run));
  return depth;
}

/* ---- at initialisation: one value per seed ---- */

/* A quantity over seeds: factors multiply, and a median is the same on any scale. */
typedef struct over_seeds {
  size_t count;
  double median, least, most; /* NaN without a value */
} over_seeds;

/* The gradient factors at that depth, one per seed. */
static gp_status factor_at(over_seeds *out, const reader *r, const char *activation, double depth) {
  size_t runs = gp_table_runs(r->table), n = 0;
  double *values = malloc((runs + 1) * sizeof *values);
  if (values == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  for (size_t run = 0; run < runs; run++)
    if (is(r, r->at.activation, run, activation) && real(r, r->at.depth, run) == depth &&
        real(r, r->at.rate, run) == r->lowest && !isnan(real(r, r->at.factor, run)))
      values[n++] = real(r, r->at.factor, run);
  *out = (over_seeds){n, gp_quantile(values, n, 0.5), gp_quantile(values, n, 0), gp_quantile(values, n, 1)};
  free(values);
  return GP_OK;
}

static gp_status claim_factor(gp_claims *out, const reader *r, const char *activation, double low,
                              double high) {
  over_seeds factor;
  double depth = deepest(r);
  GP_TRY(factor_at(&factor, r, activation, depth));
  gp_claim *claim = gp_claims_add(out, "%s at depth %.0f: the gradient factor per layer at initialisation",
                                  activation, depth);
  if (claim == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_claim_range(claim, factor.median, low, high);
  gp_claim_measured(claim, "%.4f (median of %zu seeds, %.4f to %.4f)", factor.median, factor.count,
                    factor.least, factor.most);
  return GP_OK;
}

/* ---- over the learning rates ---- */

typedef struct counts {
  size_t runs, trained, diverged;
} counts;

/* Runs of an activation with from <= depth <= to, at one learning rate or (NaN) at all. */
static counts count_runs(const reader *r, const char *activation, double from, double to, double rate) {
  counts c = {0};
  for (size_t run = 0; run < gp_table_runs(r->table); run++) {
    double depth = real(r, r->at.depth, run);
    if (!is(r, r->at.activation, run, activation) || depth < from || depth > to) continue;
    if (!isnan(rate) && real(r, r->at.rate, run) != rate) continue;
    c.runs++;
    c.trained += is(r, r->at.verdict, run, "healthy");
    c.diverged += is(r, r->at.verdict, run, "diverged");
  }
  return c;
}

static gp_status claim_sigmoid_never_trains(gp_claims *out, const reader *r) {
  counts c = count_runs(r, "sigmoid", 8, (double)INFINITY, (double)NAN);
  gp_claim *claim =
      gp_claims_add(out, "sigmoid nets of depth 8 and more train at no learning rate of the range");
  if (claim == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_claim_measured(claim, "%zu of %zu runs trained", c.trained, c.runs);
  gp_claim_expected(claim, "0");
  claim->held = c.runs > 0 && c.trained == 0;
  return GP_OK;
}

/* Each depth of 8 and more must have a ReLU run that trained. */
static gp_status claim_relu_trains(gp_claims *out, const reader *r) {
  size_t depths = 0, trained = 0;
  counts all = count_runs(r, "relu", 8, (double)INFINITY, (double)NAN);
  for (double depth = 8; depth <= deepest(r); depth++) {
    counts c = count_runs(r, "relu", depth, depth, (double)NAN);
    depths += c.runs > 0;
    trained += c.trained > 0;
  }
  gp_claim *claim = gp_claims_add(out, "ReLU nets of the same depths train at some learning rate");
  if (claim == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_claim_measured(claim, "at %zu of %zu depths (%zu of %zu runs)", trained, depths, all.trained, all.runs);
  gp_claim_expected(claim, "at every depth");
  claim->held = depths > 0 && trained == depths;
  return GP_OK;
}

static gp_status claim_deep_relu_diverges(gp_claims *out, const reader *r) {
  counts c = count_runs(r, "relu", 20, (double)INFINITY, r->highest);
  gp_claim *claim = gp_claims_add(
      out, "ReLU nets of depth 20 and more diverge at the highest learning rate (%.4g)", r->highest);
  if (claim == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_claim_measured(claim, "%zu of %zu runs diverged", c.diverged, c.runs);
  gp_claim_expected(claim, "every one");
  claim->held = c.runs > 0 && c.diverged == c.runs;
  return GP_OK;
}

/* ---- the lowest rate ---- */

/* How often the training loss rises between checkpoints by more than a thousandth of its value: minibatch noise at a
 * small rate is far below that. */
static bool monotone(const reader *r, size_t run) {
  const gp_schema *schema = gp_table_schema(r->table);
  const double *loss = r->loss + run * schema->checkpoint_count;
  double before = (double)INFINITY;
  for (size_t k = 0; k < schema->checkpoint_count; k++) {
    if (isnan(loss[k])) continue;
    if (loss[k] > before * 1.001) return false;
    before = loss[k];
  }
  return true;
}

typedef struct shallow {
  size_t runs, untrained, finite, monotone, spans;
  double span; /* largest magnitude where it exists */
} shallow;

static shallow look_at_shallow(const reader *r, double deepest_shallow) {
  shallow s = {0};
  for (size_t run = 0; run < gp_table_runs(r->table); run++) {
    if (real(r, r->at.depth, run) > deepest_shallow || real(r, r->at.rate, run) != r->lowest) continue;
    double span = fabs(real(r, r->at.span, run));
    s.runs++;
    s.untrained += !is(r, r->at.verdict, run, "healthy");
    s.finite += isfinite(real(r, r->at.final_loss, run)) && real(r, r->at.diverged_at, run) < 0;
    s.monotone += monotone(r, run);
    s.spans += !isnan(span);
    s.span = isnan(span) ? s.span : fmax(s.span, span);
  }
  return s;
}

static gp_status claim_shallow_stalls(gp_claims *out, const reader *r) {
  enum { SHALLOW = 3 };
  shallow s = look_at_shallow(r, SHALLOW);
  gp_claim *claim = gp_claims_add(
      out, "at the lowest learning rate (%.4g) nets of depth 1 to %d do not train", r->lowest, SHALLOW);
  if (claim == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_claim_measured(claim, "%zu of %zu runs did not", s.untrained, s.runs);
  gp_claim_expected(claim, "all");
  claim->held = s.runs > 0 && s.untrained == s.runs;
  claim =
      gp_claims_add(out, "... and are not broken: finite, falling loss and a gradient span below 3 decades");
  if (claim == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  gp_claim_measured(
      claim,
      "%zu of %zu finite, %zu falling (no rise above 0.1 %%), largest span %.2f decades (%zu runs have one)",
      s.finite, s.runs, s.monotone, s.span, s.spans);
  gp_claim_expected(claim, "all finite and falling, below 3 decades");
  claim->held = s.runs > 0 && s.finite == s.runs && s.monotone == s.runs && s.span < 3;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  reader r = {.table = table};
  GP_TRY(open_columns(&r));
  find_rates(&r);
  GP_TRY(claim_factor(out, &r, "sigmoid", 0.95 * 0.236, 1.05 * 0.236));
  GP_TRY(claim_factor(out, &r, "relu", 0.95, 1.05));
  GP_TRY(claim_factor(out, &r, "tanh", 0.93, 1));
  GP_TRY(claim_sigmoid_never_trains(out, &r));
  GP_TRY(claim_relu_trains(out, &r));
  GP_TRY(claim_deep_relu_diverges(out, &r));
  return claim_shallow_stalls(out, &r);
}

static const char *const quick[] = {"depth=1,3,8,20,30", "learning_rate=log(1e-3,10,5)", "seed=0..2",
                                    "steps=400", NULL};

extern const gp_study gp_study_sigmoid_vs_relu;
const gp_study gp_study_sigmoid_vs_relu = {
    .item = {.name = "sigmoid-vs-relu",
             .summary = "gradients against depth: sigmoid and xavier, tanh and xavier, ReLU and he",
             .source = "SCIENCE 3: factor per layer 0.236, 1, 1"},
    .question = "How far back does the gradient reach?",
    .config = "sigmoid-vs-relu",
    .quick = quick,
    .claims = state_claims,
};
