/* The claims of the learning-rate study: too low is slow and nothing else, right trains, too high diverges. */
#include <math.h>

#include "study_view.h"

static const char *const activations[] = {"sigmoid", "tanh", "relu"};
enum { ACTIVATIONS = sizeof activations / sizeof *activations, RATES_MAX = 64 };

typedef struct rates {
  double at[RATES_MAX]; /* ascending, for rows are in the order of the configuration */
  size_t count;
} rates;

static rates find_rates(const study_view *v) {
  rates r = {0};
  for (size_t run = 0; run < v->runs && r.count < RATES_MAX; run++) {
    double rate = study_real(v, "learning_rate", run);
    if (r.count == 0 || rate > r.at[r.count - 1]) r.at[r.count++] = rate;
  }
  return r;
}

static bool in_cell(const study_view *v, size_t run, const char *activation, double rate) {
  return study_is(v, "activation", run, activation) && study_real(v, "learning_rate", run) == rate;
}

typedef struct counts {
  size_t runs, trained, diverged, falling;
} counts;

/* Rounding may lift a float32 loss by a few parts in 10^7 where it hardly moves. */
static bool always_falls(const study_view *v, size_t run) {
  for (size_t k = 1; k < v->checkpoints; k++)
    if (!(study_at(v, "loss", run, k) <= study_at(v, "loss", run, k - 1) * (1 + 1e-6))) return false;
  return true;
}

static counts count(const study_view *v, const char *activation, double rate) {
  counts c = {0};
  for (size_t run = 0; run < v->runs; run++) {
    if (!in_cell(v, run, activation, rate)) continue;
    c.runs++;
    c.trained += study_is(v, "verdict", run, "healthy");
    c.diverged += study_is(v, "verdict", run, "diverged");
    c.falling += always_falls(v, run);
  }
  return c;
}

/* The smallest rate at which every seed trains; NaN when there is none. */
static double right_rate(const study_view *v, const rates *r, const char *activation) {
  for (size_t i = 0; i < r->count; i++) {
    counts c = count(v, activation, r->at[i]);
    if (c.runs > 0 && c.trained == c.runs) return r->at[i];
  }
  return (double)NAN;
}

static gp_status claim_low(gp_claims *out, const study_view *v, const rates *r, const char *activation) {
  counts c = count(v, activation, r->at[0]);
  STUDY_CLAIM(claim, out, "%s, learning rate %g: too low is slow, and nothing else", activation, r->at[0]);
  gp_claim_measured(claim, "%zu of %zu runs trained, the loss of %zu falls at every checkpoint", c.trained,
                    c.runs, c.falling);
  gp_claim_expected(claim, "0 trained, all fall");
  claim->held = c.runs > 0 && c.trained == 0 && c.falling == c.runs;
  return GP_OK;
}

static gp_status claim_right(gp_claims *out, const study_view *v, const rates *r, const char *activation) {
  double rate = right_rate(v, r, activation);
  STUDY_CLAIM(claim, out, "%s: at some rate every seed trains", activation);
  gp_claim_measured(claim, "from %g on", rate);
  gp_claim_expected(claim, "a rate between %g and %g", r->at[0], r->at[r->count - 1]);
  claim->held = !isnan(rate);
  return GP_OK;
}

static gp_status claim_high(gp_claims *out, const study_view *v, const rates *r, const char *activation) {
  double rate = r->at[r->count - 1];
  counts c = count(v, activation, rate);
  STUDY_CLAIM(claim, out, "%s, learning rate %g: too high diverges", activation, rate);
  gp_claim_measured(claim, "%zu of %zu runs diverged", c.diverged, c.runs);
  gp_claim_expected(claim, "all");
  claim->held = c.runs > 0 && c.diverged == c.runs;
  return GP_OK;
}

/* ---- quantities ---- */

/* Two hidden layers of slope 1/4 (and less off the middle) against slopes near 1. Rates are a decade apart, so 10 is the
 * smallest factor that can be seen. */
static gp_status claim_sigmoid_needs_more(gp_claims *out, const study_view *v, const rates *r) {
  double sigmoid = right_rate(v, r, "sigmoid"), tanh_rate = right_rate(v, r, "tanh");
  STUDY_CLAIM(claim, out, "sigmoid needs a higher rate than tanh for the same steps");
  gp_claim_measured(claim, "%g against %g", sigmoid, tanh_rate);
  gp_claim_expected(claim, "at least ten times");
  claim->held = sigmoid >= 9.99 * tanh_rate;
  return GP_OK;
}

static size_t checkpoint_of(const study_view *v, int64_t step) {
  const gp_schema *schema = gp_table_schema(v->table);
  for (size_t k = 0; k < v->checkpoints; k++)
    if (schema->checkpoints[k] == step) return k;
  return v->checkpoints;
}

/* The run of the same net at another rate: rows of one activation are rates x seeds. */
static size_t at_rate(const study_view *v, size_t run, double rate) {
  double seed = study_real(v, "seed", run);
  for (size_t other = run + 1; other < v->runs; other++)
    if (study_real(v, "seed", other) == seed && study_real(v, "learning_rate", other) == rate) return other;
  return v->runs;
}

/* Small rates follow the gradient flow, where only rate x steps counts. The error of Euler's steps is of the order
 * rate x curvature / 2, and a curvature of 20 would make 1 % at rate 0.001. */
static gp_status claim_flow(gp_claims *out, const study_view *v, const rates *r) {
  size_t early = checkpoint_of(v, 100), late = checkpoint_of(v, 1000), pairs = 0;
  double worst = 0;
  for (size_t run = 0; run < v->runs && late < v->checkpoints && early < v->checkpoints; run++) {
    if (study_real(v, "learning_rate", run) != r->at[0]) continue;
    size_t other = at_rate(v, run, 10 * r->at[0]);
    if (other == v->runs) continue;
    double slow = study_at(v, "loss", run, late), fast = study_at(v, "loss", other, early);
    worst = fmax(worst, fabs(slow / fast - 1));
    pairs++;
  }
  STUDY_CLAIM(claim, out, "too low a rate only stretches time: 1000 steps at %g are 100 steps at %g",
              r->at[0], 10 * r->at[0]);
  gp_claim_measured(claim, "losses of %zu pairs differ by at most %.3f %%", pairs, 100 * worst);
  gp_claim_expected(claim, "below 1 %%");
  claim->held = pairs > 0 && worst < 0.01;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"activation", "learning_rate", "seed", "verdict", NULL};
  static const char *const series[] = {"loss", NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, series));
  rates r = find_rates(&v);
  if (r.count < 2) return gp_fail(GP_ERR_FILE, "the result file has no sweep over learning rates");
  for (size_t i = 0; i < ACTIVATIONS; i++) GP_TRY(claim_low(out, &v, &r, activations[i]));
  for (size_t i = 0; i < ACTIVATIONS; i++) GP_TRY(claim_right(out, &v, &r, activations[i]));
  for (size_t i = 0; i < ACTIVATIONS; i++) GP_TRY(claim_high(out, &v, &r, activations[i]));
  GP_TRY(claim_sigmoid_needs_more(out, &v, &r));
  return claim_flow(out, &v, &r);
}

static const char *const quick[] = {"seed=0..2", NULL};
static const char *const charts[] = {"loss-curves", "trainability-map", "verdict-map", NULL};

extern const gp_study gp_study_learning_rate;
const gp_study gp_study_learning_rate = {
    .item = {.name = "learning-rate",
             .summary = "too low, right and too high learning rates, per activation",
             .source = ""},
    .question = "What do too low, right and too high learning rates look like?",
    .config = "learning-rate",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
