/* The claims of the cures study: one change at a time to a net whose gradient vanishes, and what each does.
 *
 * A row of the matrix says how its runs differ from the sick net. Factors are per layer back, of delta_rms. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "statistics.h"
#include "study_view.h"

enum { ACTIVATION, INIT, NORM, RESIDUAL, OPTIMIZER, CLIP, SETTINGS, SEEDS_MAX = 64 };

static const struct {
  const char *column, *sick;
} settings[SETTINGS] = {
    [ACTIVATION] = {"activation", "sigmoid"}, [INIT] = {"init", "lecun"},         [NORM] = {"norm", "none"},
    [RESIDUAL] = {"residual", "none"},        [OPTIMIZER] = {"optimizer", "sgd"}, [CLIP] = {"clip", "none"}};
static const double SICK_RATE = 0.1;

/* What theory says the cure does to the gradient. */
typedef enum fate { VANISHES, ARRIVES, ARRIVES_AND_TRAINS } fate;

typedef struct row {
  const char *words;
  const char *to[SETTINGS]; /* NULL: as in the sick net */
  double rate;              /* 0: as in the sick net */
  fate fate;
} row;

/* Mean field decides which gradient arrives: factor^19 above the three decades of `vanishing`. Adam, clipping and the rate act
 * behind the gradient and cannot change it. */
static const row rows[] = {
    {"nothing", {0}, 0, VANISHES},
    {"tanh", {[ACTIVATION] = "tanh"}, 0, VANISHES},
    {"ReLU", {[ACTIVATION] = "relu"}, 0, VANISHES},
    {"Glorot", {[INIT] = "xavier"}, 0, VANISHES},
    {"He", {[INIT] = "he"}, 0, VANISHES},
    {"orthogonal", {[INIT] = "orthogonal"}, 0, VANISHES},
    {"critical sigma_w", {[INIT] = "mean_field"}, 0, ARRIVES_AND_TRAINS},
    {"batch norm", {[NORM] = "batch"}, 0, ARRIVES_AND_TRAINS},
    {"layer norm", {[NORM] = "layer"}, 0, VANISHES},
    {"residual", {[RESIDUAL] = "identity"}, 0, ARRIVES},
    {"Adam", {[OPTIMIZER] = "adam"}, 0, VANISHES},
    {"clipping", {[CLIP] = "norm"}, 0, VANISHES},
    {"lower rate", {0}, 0.01, VANISHES},
    {"higher rate", {0}, 1, VANISHES},
    {"tanh + Glorot", {[ACTIVATION] = "tanh", [INIT] = "xavier"}, 0, ARRIVES_AND_TRAINS},
    {"tanh + orthogonal", {[ACTIVATION] = "tanh", [INIT] = "orthogonal"}, 0, ARRIVES_AND_TRAINS},
    {"ReLU + He", {[ACTIVATION] = "relu", [INIT] = "he"}, 0, ARRIVES_AND_TRAINS},
};
enum { ROWS = sizeof rows / sizeof *rows };

static bool in_row(const study_view *v, size_t run, const row *r) {
  for (size_t i = 0; i < SETTINGS; i++)
    if (!study_is(v, settings[i].column, run, r->to[i] != NULL ? r->to[i] : settings[i].sick)) return false;
  return study_real(v, "learning_rate", run) == (r->rate > 0 ? r->rate : SICK_RATE);
}

/* ---- what was measured of a row ---- */

typedef struct measured {
  size_t runs, trained, halved;
  double factor, span; /* geometric mean, mean */
  double half,
      cost; /* median step of half the baseline's loss, of the runs that reach it; median seconds per step */
  double forecast,
      error;        /* the factor theory predicts and its standard error over these seeds, of the logarithm */
  char verdict[32]; /* of most runs */
} measured;

/* The first checkpoint at which half of the baseline's loss is gone; NaN for none. */
static double half_step(const study_view *v, size_t run) {
  const int64_t *steps = gp_table_schema(v->table)->checkpoints;
  for (size_t k = 0; k < v->checkpoints; k++)
    if (study_at(v, "loss", run, k) < study_real(v, "baseline_loss", run) / 2) return (double)steps[k];
  return (double)NAN;
}

/* The verdict that most runs of the row have. */
static void find_verdict(const study_view *v, const row *r, char out[static 32]) {
  int variable = gp_table_find(v->table, "verdict");
  size_t most = 0;
  for (size_t run = 0; run < v->runs; run++) {
    char buffer[32];
    size_t count = 0;
    if (!in_row(v, run, r)) continue;
    const char *word = gp_table_word(v->table, variable, run, buffer);
    for (size_t other = 0; other < v->runs; other++)
      count += in_row(v, other, r) && study_is(v, "verdict", other, word);
    if (count <= most) continue;
    most = count;
    (void)snprintf(out, 32, "%s", word);
  }
}

static measured measure(const study_view *v, const row *r) {
  double half[SEEDS_MAX], cost[SEEDS_MAX], log_factor = 0, span = 0, forecast = NAN, sd = NAN;
  const double *seconds = gp_table_seconds(v->table);
  measured m = {0};
  for (size_t run = 0; run < v->runs && m.runs < SEEDS_MAX; run++) {
    if (!in_row(v, run, r)) continue;
    double step = half_step(v, run);
    log_factor += log(study_real(v, "gradient_factor", run));
    span += study_real(v, "gradient_span", run);
    forecast = study_real(v, "predicted_gradient_factor_typical", run);
    if (isnan(forecast)) forecast = study_real(v, "predicted_gradient_factor", run);
    sd = study_real(v, "predicted_gradient_factor_sd", run);
    if (!isnan(step)) half[m.halved++] = step;
    cost[m.runs++] = seconds[run] / study_real(v, "steps_done", run);
    m.trained += study_is(v, "verdict", run, "healthy");
  }
  m.factor = exp(log_factor / (double)m.runs), m.span = span / (double)m.runs;
  m.half = gp_quantile(half, m.halved, 0.5), m.cost = gp_quantile(cost, m.runs, 0.5);
  m.forecast = forecast, m.error = sd / sqrt((double)m.runs);
  find_verdict(v, r, m.verdict);
  return m;
}

/* ---- claims ---- */

/* Width 32, depth 20: theory's own error is of the order of 1/width, 3 %, and three standard errors of the mean over seeds.
 * Layer norm and residual connections have mean field of infinite width and no law of the scatter: the sick net's is taken. */
static gp_status claim_factor(gp_claims *out, const row *r, const measured *m, const measured *sick) {
  static const double THEORY = 0.03;
  double error = THEORY + 3 * (isnan(m->error) ? sick->error : m->error);
  STUDY_CLAIM(claim, out, "%s: the factor per layer back is the predicted one", r->words);
  gp_claim_measured(claim, "%.4f (mean of %zu seeds)", m->factor, m->runs);
  gp_claim_expected(claim, "%.4f within %.1f %%", m->forecast, 100 * error);
  claim->held = m->runs > 0 && fabs(log(m->factor / m->forecast)) <= error;
  return GP_OK;
}

/* No loss can tell the layers near the input apart from noise when three decades and more are gone. */
static gp_status claim_necessary(gp_claims *out, const measured *m) {
  size_t runs = 0, trained = 0;
  for (size_t i = 0; i < ROWS; i++)
    if (rows[i].fate == VANISHES) runs += m[i].runs, trained += m[i].trained;
  STUDY_CLAIM(claim, out,
              "where the gradient is predicted to vanish nothing trains, Adam and all rates included");
  gp_claim_measured(claim, "%zu of %zu runs trained", trained, runs);
  gp_claim_expected(claim, "0");
  claim->held = runs > 0 && trained == 0;
  return GP_OK;
}

static gp_status claim_trains(gp_claims *out, const row *r, const measured *m) {
  STUDY_CLAIM(claim, out, "%s trains", r->words);
  gp_claim_measured(claim, "%zu of %zu seeds, half of the loss gone by step %.0f", m->trained, m->runs,
                    m->half);
  gp_claim_expected(claim, "more than half of the seeds");
  claim->held = 2 * m->trained > m->runs;
  return GP_OK;
}

/* Adam, clipping and rates leave the sick net as it is born: the same numbers to the last bit. */
static gp_status claim_behind(gp_claims *out, const measured *m) {
  size_t runs = 0, same = 0;
  for (size_t i = 0; i < ROWS; i++) {
    bool behind = rows[i].rate > 0 || rows[i].to[OPTIMIZER] != NULL || rows[i].to[CLIP] != NULL;
    if (!behind) continue;
    runs++;
    same += m[i].factor == m[0].factor && m[i].span == m[0].span;
  }
  STUDY_CLAIM(claim, out,
              "cures that act on the update leave the gradient they find: factor and span, bit for bit");
  gp_claim_measured(claim, "%zu of %zu rows", same, runs);
  gp_claim_expected(claim, "all");
  claim->held = runs > 0 && same == runs;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"activation",
                                        "init",
                                        "norm",
                                        "residual",
                                        "optimizer",
                                        "clip",
                                        "learning_rate",
                                        "verdict",
                                        "baseline_loss",
                                        "steps_done",
                                        "gradient_span",
                                        "gradient_factor",
                                        "predicted_gradient_factor",
                                        "predicted_gradient_factor_typical",
                                        "predicted_gradient_factor_sd",
                                        NULL};
  static const char *const series[] = {"loss", NULL};
  return study_view_open(v, table, columns, series);
}

/* Theory speaks of examples that are alike to each other, which those of a plane are not after twenty layers that are nearly
 * linear: its number is printed and not claimed. */
static bool batch_norm(const row *r) {
  return r->to[NORM] != NULL && strcmp(r->to[NORM], "batch") == 0;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  measured m[ROWS];
  GP_TRY(open_view(&v, table));
  for (size_t i = 0; i < ROWS; i++) m[i] = measure(&v, &rows[i]);
  for (size_t i = 0; i < ROWS; i++)
    if ((i == 0 || m[i].factor != m[0].factor) && !batch_norm(&rows[i]))
      GP_TRY(claim_factor(out, &rows[i], &m[i], &m[0]));
  GP_TRY(claim_behind(out, m));
  GP_TRY(claim_necessary(out, m));
  for (size_t i = 0; i < ROWS; i++)
    if (rows[i].fate == ARRIVES_AND_TRAINS) GP_TRY(claim_trains(out, &rows[i], &m[i]));
  return GP_OK;
}

/* ---- the matrix ---- */

static void add_row(gp_text *out, const row *r, const measured *m, double sick_cost) {
  gp_text_add(out, "  %-18s %4zu/%-3zu  %-11s %7.3f %9.3f %8.2f", r->words, m->trained, m->runs, m->verdict,
              m->factor, m->forecast, m->span);
  if (isnan(m->half))
    gp_text_add(out, "      never");
  else
    gp_text_add(out, " %10.0f", m->half);
  if (isfinite(m->cost / sick_cost)) gp_text_add(out, " %8.2fx", m->cost / sick_cost);
  gp_text_add(out, "\n");
}

static gp_status print_matrix(gp_text *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  double sick_cost = measure(&v, &rows[0]).cost;
  gp_text_add(out,
              "One cure at a time: factor of delta per layer back, decades from last to first hidden layer,\n"
              "step at which half of the loss is gone, seconds per step against the sick net\n\n");
  gp_text_add(out, "  %-18s %8s  %-11s %7s %9s %8s %10s %9s\n", "cure", "trained", "verdict", "factor",
              "predicted", "decades", "half loss", "cost");
  for (size_t i = 0; i < ROWS; i++) {
    measured m = measure(&v, &rows[i]);
    add_row(out, &rows[i], &m, sick_cost);
  }
  gp_text_add(out, "\n");
  return GP_OK;
}

static const char *const quick[] = {"seed=0..1", NULL};
static const char *const charts[] = {"cure-matrix", NULL};

extern const gp_study gp_study_cures;
const gp_study gp_study_cures = {
    .item = {.name = "cures",
             .summary = "twenty sigmoid layers and one cure at a time: does it train, and what does it cost",
             .source = "SCIENCE 3"},
    .question = "Which single change makes a deep sigmoid net train?",
    .config = "cures",
    .quick = quick,
    .charts = charts,
    .report = print_matrix,
    .claims = state_claims,
};
