/* The claims of the learning-rate study: too low is slow and nothing else, right trains, too high diverges, and a loss begins to
 * rise where rate times curvature is 2. */
#include <math.h>

#include "stability.h"
#include "statistics.h"
#include "study_chart.h"
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

/* ---- the threshold ---- */

/* Learning rate times the largest curvature at the start: a quadratic of that curvature is unstable above 2. */
static double reach(const study_view *v, size_t run) {
  return study_real(v, "learning_rate", run) * study_at(v, "sharpness", run, 0);
}

/* The largest loss of the first ten steps, as a multiple of the loss at the start; infinity where one is not finite. */
static double early_rise(const study_view *v, size_t run) {
  const int64_t *steps = gp_table_schema(v->table)->checkpoints;
  double most = 0, start = study_at(v, "loss", run, 0);
  for (size_t k = 1; k < v->checkpoints && steps[k] <= 10; k++) {
    double loss = study_at(v, "loss", run, k);
    most = isfinite(loss) ? fmax(most, loss / start) : (double)INFINITY;
  }
  return most;
}

/* Two layers of one unit have their catapult from 2 to 4; rectifier nets are published up to 12 (Lewkowycz et al. 2020). */
static const double EDGE = 2, BEYOND = 12;

static gp_status claim_stable(gp_claims *out, const study_view *v) {
  size_t runs = 0, stays = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!(reach(v, run) < EDGE)) continue;
    runs++;
    stays += early_rise(v, run) <= 1 + 1e-6;
  }
  STUDY_CLAIM(claim, out, "rate below 2 / curvature: no loss of the first ten steps is above the start");
  gp_claim_measured(claim, "%zu of %zu runs", stays, runs);
  gp_claim_expected(claim, "all");
  claim->held = runs > 0 && stays == runs;
  return GP_OK;
}

static gp_status claim_unstable(gp_claims *out, const study_view *v) {
  size_t runs = 0, rises = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!(reach(v, run) > BEYOND)) continue;
    runs++;
    rises += early_rise(v, run) > 1;
  }
  STUDY_CLAIM(claim, out, "rate above 12 / curvature: the loss rises above the start at once");
  gp_claim_measured(claim, "%zu of %zu runs", rises, runs);
  gp_claim_expected(claim, "all");
  claim->held = runs > 0 && rises == runs;
  return GP_OK;
}

/* Up, over the edge of the valley it began in, and down in a flatter one. */
static gp_status claim_catapult(gp_claims *out, const study_view *v, const char *activation) {
  size_t runs = 0, back = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!study_is(v, "activation", run, activation) || !(reach(v, run) > EDGE && early_rise(v, run) > 1))
      continue;
    runs++;
    back += study_is(v, "verdict", run, "healthy");
  }
  STUDY_CLAIM(claim, out, "%s: beyond the threshold some losses rise, are caught, and train: a catapult",
              activation);
  gp_claim_measured(claim, "%zu of %zu runs whose loss rose at the start train in the end", back, runs);
  gp_claim_expected(claim, "some, not all");
  claim->held = back > 0 && back < runs;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"activation", "learning_rate", "seed", "verdict", NULL};
  static const char *const series[] = {"loss", "sharpness", NULL};
  return study_view_open(v, table, columns, series);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  rates r = find_rates(&v);
  if (r.count < 2) return gp_fail(GP_ERR_FILE, "the result file has no sweep over learning rates");
  for (size_t i = 0; i < ACTIVATIONS; i++) GP_TRY(claim_low(out, &v, &r, activations[i]));
  for (size_t i = 0; i < ACTIVATIONS; i++) GP_TRY(claim_right(out, &v, &r, activations[i]));
  for (size_t i = 0; i < ACTIVATIONS; i++) GP_TRY(claim_high(out, &v, &r, activations[i]));
  GP_TRY(claim_sigmoid_needs_more(out, &v, &r));
  GP_TRY(claim_flow(out, &v, &r));
  GP_TRY(claim_stable(out, &v));
  GP_TRY(claim_unstable(out, &v));
  for (size_t i = 0; i < ACTIVATIONS; i++) GP_TRY(claim_catapult(out, &v, activations[i]));
  return GP_OK;
}

/* ---- the figure ---- */

enum { LINES = 3, SEEDS_MAX = 64 };
static const double FLOOR = 1e-4, CEILING = 1e4; /* of the axis; what is beyond stands on its end */

static double final_share(const study_view *v, size_t run) {
  double loss = study_at(v, "loss", run, v->checkpoints - 1);
  return isfinite(loss) ? loss / study_at(v, "loss", run, 0) : (double)INFINITY;
}

/* A point per rate: medians over the seeds of rate times curvature and of what is drawn over it. */
static void draw_line(study_chart *c, const study_view *v, const rates *r, const char *activation,
                      double (*value)(const study_view *, size_t)) {
  study_chart_line(c);
  for (size_t i = 0; i < r->count; i++) {
    double x[SEEDS_MAX] = {0}, y[SEEDS_MAX] = {0};
    size_t n = 0;
    for (size_t run = 0; run < v->runs && n < SEEDS_MAX; run++)
      if (in_cell(v, run, activation, r->at[i]))
        x[n] = reach(v, run), y[n++] = fmin(fmax(value(v, run), FLOOR), CEILING);
    double low = gp_quantile(y, n, 0.1), high = gp_quantile(y, n, 0.9);
    study_chart_point(c, gp_quantile(x, n, 0.5), gp_quantile(y, n, 0.5), low, high, (double)NAN);
  }
}

static void draw_threshold(study_chart *c) {
  double edge = gp_stability_threshold("sgd", 0);
  study_chart_line(c);
  study_chart_point(c, edge, FLOOR, FLOOR, FLOOR, (double)NAN);
  study_chart_point(c, edge, CEILING, CEILING, CEILING, (double)NAN);
}

static const study_chart figure = {
    .name = "stability-threshold",
    .title = "Above 2 over the curvature a loss rises at once; some are caught and train",
    .subtitle = "Loss against its start: worst of the first ten steps, and at the end; medians of the "
                "seeds, band 10–90 %; upright: rate × curvature = 2",
    .caption =
        "Between the threshold and divergence lies the catapult: the first steps go up, the end is low.",
    .x_title = "learning rate × largest curvature at the start",
    .y_title = "loss / loss at the start",
    .x_log = true,
    .y_log = true,
    .panels = ACTIVATIONS,
    .lines = LINES,
    .panel_text = {"Sigmoid", "Tanh", "ReLU"},
    .line_text = {"first steps", "end", "2"},
    .y_low = FLOOR,
    .y_high = CEILING};

static gp_status draw_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  study_view v;
  study_chart c = figure;
  GP_TRY(open_view(&v, table));
  rates r = find_rates(&v);
  for (size_t i = 0; i < ACTIVATIONS; i++) {
    draw_line(&c, &v, &r, activations[i], early_rise);
    draw_line(&c, &v, &r, activations[i], final_share);
    draw_threshold(&c);
  }
  return study_chart_draw(&c, request, out);
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
    .figures = draw_figures,
    .claims = state_claims,
};
