/* The claims of the exploding-and-clipping study: how far the gradient explodes, and what clipping does and does not change. */
#include <math.h>

#include "study_view.h"

static bool clipped(const study_view *v, size_t run) {
  return !study_is(v, "clip", run, "none");
}

static bool chaotic(const study_view *v, size_t run) {
  return study_real(v, "predicted_chi_1", run) > 1.1;
}

static double lowest_rate(const study_view *v) {
  double rate = INFINITY;
  for (size_t run = 0; run < v->runs; run++) rate = fmin(rate, study_real(v, "learning_rate", run));
  return rate;
}

/* Once per seed: runs that differ in rate or clipping begin with the same net. Three standard errors of theory's own
 * deviation, and a third of it for several examples (src/theory/scatter.h). */
static gp_status claim_span(gp_claims *out, const study_view *v) {
  double total = 0, n = 0, expected = NAN, sd = NAN, rate = lowest_rate(v);
  for (size_t run = 0; run < v->runs; run++) {
    if (!chaotic(v, run) || clipped(v, run) || study_real(v, "learning_rate", run) != rate) continue;
    total += study_real(v, "gradient_span", run);
    n++;
    expected = study_real(v, "predicted_gradient_span_typical", run);
    sd = study_real(v, "predicted_gradient_span_sd", run);
  }
  double error = (3 / sqrt(n) + 1.0 / 3) * sd;
  STUDY_CLAIM(claim, out, "in chaos the gradient grows on its way back by so many decades");
  gp_claim_measured(claim, "%.3f (mean of %.0f seeds)", total / n, n);
  gp_claim_expected(claim, "%.3f within %.3f", expected, error);
  claim->held = n > 0 && expected > 0 && fabs(total / n - expected) <= error;
  return GP_OK;
}

/* The run of the same net and rate without clipping. */
static size_t twin_of(const study_view *v, size_t run) {
  for (size_t other = 0; other < v->runs; other++)
    if (!clipped(v, other) && chaotic(v, other) == chaotic(v, run) &&
        study_real(v, "learning_rate", other) == study_real(v, "learning_rate", run) &&
        study_real(v, "seed", other) == study_real(v, "seed", run))
      return other;
  return v->runs;
}

static gp_status claim_same_start(gp_claims *out, const study_view *v) {
  size_t runs = 0, same = 0;
  for (size_t run = 0; run < v->runs; run++) {
    size_t other = clipped(v, run) ? twin_of(v, run) : v->runs;
    if (other == v->runs) continue;
    bool equal = true;
    for (size_t l = 1; l <= v->layers; l++) {
      double a = study_layer(v, "delta_rms", run, 0, l), b = study_layer(v, "delta_rms", other, 0, l);
      equal &= a == b || (isnan(a) && isnan(b));
    }
    runs++;
    same += equal;
  }
  STUDY_CLAIM(claim, out, "clipping leaves the error signal as it is: it changes updates only");
  gp_claim_measured(claim,
                    "delta of %zu of %zu clipped runs equals their unclipped twin's at step 0, bit for bit",
                    same, runs);
  gp_claim_expected(claim, "all");
  claim->held = runs > 0 && same == runs;
  return GP_OK;
}

/* |update| <= rate x 1 over all layers, at every checkpoint; weights' part only, so the bound is not tight. */
static gp_status claim_bound(gp_claims *out, const study_view *v) {
  size_t steps = 0;
  double most = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!clipped(v, run)) continue;
    for (size_t k = 0; k + 1 < v->checkpoints; k++) {
      double square = 0;
      for (size_t l = 1; l <= v->layers; l++) {
        double norm = study_layer(v, "update_norm", run, k, l);
        square += isnan(norm) ? 0 : norm * norm;
      }
      most = fmax(most, sqrt(square) / study_real(v, "learning_rate", run));
      steps++;
    }
  }
  STUDY_CLAIM(claim, out, "no clipped update is longer than the learning rate times the largest norm, 1");
  gp_claim_measured(claim, "%.6f at most, in %zu updates", most, steps);
  gp_claim_expected(claim, "at most 1 (and 1e-5 of rounding)");
  claim->held = steps > 0 && most <= 1 + 1e-5 && most > 0.9;
  return GP_OK;
}

typedef struct counts {
  size_t runs, trained, diverged;
} counts;

static counts count(const study_view *v, bool chaos, bool clip, double rate) {
  counts c = {0};
  for (size_t run = 0; run < v->runs; run++) {
    if (chaotic(v, run) != chaos || clipped(v, run) != clip || study_real(v, "learning_rate", run) != rate)
      continue;
    c.runs++;
    c.trained += study_is(v, "verdict", run, "healthy");
    c.diverged += study_is(v, "verdict", run, "diverged");
  }
  return c;
}

/* The largest rate at which more than half of the seeds train; 0 for none. */
static double usable(const study_view *v, bool chaos, bool clip) {
  double best = 0;
  for (size_t run = 0; run < v->runs; run++) {
    double rate = study_real(v, "learning_rate", run);
    counts c = count(v, chaos, clip, rate);
    if (2 * c.trained > c.runs) best = fmax(best, rate);
  }
  return best;
}

/* A chaotic net's gradient norm is many times 1, and clipping divides the step by as much. */
static gp_status claim_rate(gp_claims *out, const study_view *v) {
  double with = usable(v, true, true), without = usable(v, true, false);
  STUDY_CLAIM(claim, out, "in chaos clipping makes higher rates usable");
  gp_claim_measured(claim, "most seeds train up to rate %g with it, up to %g without", with, without);
  gp_claim_expected(claim, "at least ten times higher");
  claim->held = with > 0 && with >= 9.99 * without;
  return GP_OK;
}

/* Next to the critical line gradients have their size at every depth, and there is nothing to cure. */
static gp_status claim_control(gp_claims *out, const study_view *v) {
  double with = usable(v, false, true), without = usable(v, false, false);
  STUDY_CLAIM(claim, out, "on the critical line clipping is not needed");
  gp_claim_measured(claim, "most seeds train up to rate %g with it, up to %g without", with, without);
  gp_claim_expected(claim, "the same rate");
  claim->held = without > 0 && with == without;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"clip",
                                        "learning_rate",
                                        "seed",
                                        "verdict",
                                        "gradient_span",
                                        "predicted_chi_1",
                                        "predicted_gradient_span_typical",
                                        "predicted_gradient_span_sd",
                                        NULL};
  static const char *const series[] = {"delta_rms", "update_norm", NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, series));
  GP_TRY(claim_span(out, &v));
  GP_TRY(claim_same_start(out, &v));
  GP_TRY(claim_bound(out, &v));
  GP_TRY(claim_rate(out, &v));
  return claim_control(out, &v);
}

static const char *const quick[] = {"learning_rate=0.01,0.1", NULL};
static const char *const charts[] = {"gradient-by-layer", "loss-curves", "verdict-map", NULL};

extern const gp_study gp_study_exploding_and_clipping;
const gp_study gp_study_exploding_and_clipping = {
    .item = {.name = "exploding-and-clipping",
             .summary = "a chaotic tanh net: how far its gradient explodes, and what clipping the norm does",
             .source = "Pascanu et al. 2013; Schoenholz et al. 2017"},
    .question = "What does an exploding gradient do to training, and is clipping its norm a cure?",
    .config = "exploding-and-clipping",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
