/* The claims of the initialisation study: what a layer does to the variance of delta, and which nets train.
 *
 * Runs that differ only in learning rate share their initialisation, so a factor is taken once per seed. */
#include <math.h>

#include "study_view.h"

/* A cell and what theory says of it: sigma_w^2 E[phi'^2], exact for infinite width (SCIENCE section 4, Glorot factors). */
typedef struct row {
  const char *activation, *init, *words;
  double variance, tolerance; /* factor per layer on the variance of delta; relative */
} row;

/* Width 64, depth 30, five seeds. ln delta_rms walks with a variance per layer of 2/(4 n) (linear) and 5.4/(4 n) (ReLU), and a
 * slope through 30 points of a walk has the variance 1.2/30 of a step's: 0.8 % and 1.3 % on the mean over five seeds, 1.6 % and
 * 2.6 % on the variance factor. The mean of a logarithm lies below by 1/n and 2.6/n: 1.6 % and 4 %. Three standard errors
 * and the bias: 6 % and 12 %. Square orthogonal matrices keep every length: rounding only. */
static const row rows[] = {
    {"linear", "lecun", "uniform 1/sqrt n", 1.0 / 3, 0.06},
    {"linear", "xavier", "Glorot", 1, 0.06},
    {"linear", "he", "He", 2, 0.06},
    {"linear", "orthogonal", "orthogonal", 1, 1e-6},
    {"relu", "lecun", "uniform 1/sqrt n", 1.0 / 6, 0.12},
    {"relu", "xavier", "Glorot", 0.5, 0.12},
    {"relu", "he", "He", 1, 0.12},
    {"relu", "orthogonal", "orthogonal", 0.5, 0.12},
};

static bool in_cell(const study_view *v, size_t run, const char *activation, const char *init) {
  return study_is(v, "activation", run, activation) && study_is(v, "init", run, init);
}

static double lowest_rate(const study_view *v) {
  double rate = INFINITY;
  for (size_t run = 0; run < v->runs; run++) rate = fmin(rate, study_real(v, "learning_rate", run));
  return rate;
}

/* Geometric mean over seeds of gradient_factor^2. */
static double variance_factor(const study_view *v, const row *r, size_t *seeds) {
  double total = 0, rate = lowest_rate(v);
  *seeds = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!in_cell(v, run, r->activation, r->init) || study_real(v, "learning_rate", run) != rate) continue;
    total += 2 * log(study_real(v, "gradient_factor", run));
    ++*seeds;
  }
  return *seeds > 0 ? exp(total / (double)*seeds) : (double)NAN;
}

static gp_status claim_factor(gp_claims *out, const study_view *v, const row *r) {
  size_t seeds;
  double measured = variance_factor(v, r, &seeds);
  STUDY_CLAIM(claim, out, "%s, %s: factor per layer on the variance of delta", r->activation, r->words);
  gp_claim_measured(claim, r->tolerance < 1e-3 ? "%.9f (mean of %zu seeds)" : "%.4f (mean of %zu seeds)",
                    measured, seeds);
  gp_claim_expected(claim, "%.4f within %g %%", r->variance, 100 * r->tolerance);
  claim->held = fabs(measured / r->variance - 1) <= r->tolerance;
  return GP_OK;
}

/* ---- who trains ---- */

typedef struct counts {
  size_t runs, trained;
} counts;

static counts trained_at(const study_view *v, const char *init, double rate) {
  counts c = {0};
  for (size_t run = 0; run < v->runs; run++) {
    if (!in_cell(v, run, "relu", init)) continue;
    if (!isnan(rate) && study_real(v, "learning_rate", run) != rate) continue;
    c.runs++;
    c.trained += study_is(v, "verdict", run, "healthy");
  }
  return c;
}

/* Some rate at which every seed trains. */
static gp_status claim_he_trains(gp_claims *out, const study_view *v) {
  counts best = {0}, all = trained_at(v, "he", (double)NAN);
  double at = NAN;
  for (size_t run = 0; run < v->runs; run++) {
    double rate = study_real(v, "learning_rate", run);
    counts c = trained_at(v, "he", rate);
    if (best.runs == 0 || c.trained > best.trained) best = c, at = rate;
  }
  STUDY_CLAIM(claim, out,
              "thirty layers of ReLU with He's weights train: at one learning rate, with every seed");
  gp_claim_measured(claim, "%zu of %zu seeds at learning rate %g, %zu of %zu runs in all", best.trained,
                    best.runs, at, all.trained, all.runs);
  gp_claim_expected(claim, "every seed at some rate");
  claim->held = best.runs > 0 && best.trained == best.runs;
  return GP_OK;
}

static gp_status claim_stalls(gp_claims *out, const study_view *v, const char *init, const char *words) {
  counts c = trained_at(v, init, (double)NAN);
  STUDY_CLAIM(claim, out, "thirty layers of ReLU, %s: no run trains at any rate", words);
  gp_claim_measured(claim, "%zu of %zu runs trained", c.trained, c.runs);
  gp_claim_expected(claim, "0");
  claim->held = c.runs > 0 && c.trained == 0;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"activation",      "init",    "learning_rate",
                                        "gradient_factor", "verdict", NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, NULL));
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) GP_TRY(claim_factor(out, &v, &rows[i]));
  GP_TRY(claim_he_trains(out, &v));
  GP_TRY(claim_stalls(out, &v, "lecun", "uniform 1/sqrt n"));
  GP_TRY(claim_stalls(out, &v, "xavier", "Glorot"));
  return claim_stalls(out, &v, "orthogonal", "orthogonal without ReLU's gain");
}

static const char *const quick[] = {"learning_rate=0.01,0.03", "steps=400", "seed=0..2", NULL};
static const char *const charts[] = {"gradient-by-layer", "verdict-map", NULL};

extern const gp_study gp_study_initialisation;
const gp_study gp_study_initialisation = {
    .item = {.name = "initialisation",
             .summary =
                 "thirty layers under four initialisations: variance of delta per layer, and who trains",
             .source = "Glorot and Bengio 2010; He et al. 2015; SCIENCE 4"},
    .question = "Which initialisation carries a gradient through thirty layers, and does the net then train?",
    .config = "initialisation",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
