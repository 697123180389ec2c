/* The claims of the underflow study: which gradients vanish by mathematics and which by the number format.
 *
 * Every net exists in four precisions and, with the same weights, with and without a loss scale. Float64 stands for mathematics. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "statistics.h"
#include "study_chart.h"
#include "study_view.h"

/* The least normal number: below it digits are lost, and 2^-10 (float16) or 2^-23 (float32) further down everything. */
typedef struct format {
  const char *name;
  double least;
} format;
static const format formats[] = {
    {"float64", 0x1p-1022}, {"float32", 0x1p-126}, {"bfloat16", 0x1p-126}, {"float16", 0x1p-14}};
enum { FORMATS = sizeof formats / sizeof *formats };
static const double SCALE = 65536;

static bool is_run(const study_view *v, size_t run, const char *activation, double depth,
                   const char *precision, bool scaled) {
  return study_is(v, "activation", run, activation) && study_real(v, "depth", run) == depth &&
         study_is(v, "precision", run, precision) &&
         study_is(v, "loss_scale", run, scaled ? "static" : "none");
}

/* The float64 twin of a run, without a scale. */
static size_t twin_of(const study_view *v, size_t run) {
  for (size_t other = 0; other < v->runs; other++) {
    bool same = study_real(v, "depth", other) == study_real(v, "depth", run) &&
                study_real(v, "seed", other) == study_real(v, "seed", run) &&
                study_is(v, "activation", run, "sigmoid") == study_is(v, "activation", other, "sigmoid");
    if (same && study_is(v, "precision", other, "float64") && study_is(v, "loss_scale", other, "none"))
      return other;
  }
  return v->runs;
}

/* ---- how many hidden layers keep their gradient, counted from the output ---- */

static int layers_kept(const study_view *v, size_t run) {
  int kept = 0;
  for (size_t l = (size_t)study_real(v, "depth", run); l >= 1; l--, kept++)
    if (!(study_layer(v, "underflow_fraction", run, 0, l) < 0.5)) break;
  return kept;
}

/* The layers whose delta, by float64, is a normal number of the format once the scale has lifted it. */
static int layers_expected(const study_view *v, size_t run, const format *f) {
  double scale = study_is(v, "loss_scale", run, "static") ? SCALE : 1;
  size_t twin = twin_of(v, run);
  int kept = 0;
  if (twin == v->runs) return -1;
  for (size_t l = (size_t)study_real(v, "depth", run); l >= 1; l--, kept++)
    if (!(study_layer(v, "delta_rms", twin, 0, l) * scale >= f->least)) break;
  return kept;
}

typedef struct tally {
  size_t runs, near; /* runs; those within one layer of the expected number */
  double kept, expected;
} tally;

/* Of the deepest sigmoid nets. */
static tally count(const study_view *v, const format *f, double depth, bool scaled) {
  tally t = {0};
  for (size_t run = 0; run < v->runs; run++) {
    if (!is_run(v, run, "sigmoid", depth, f->name, scaled)) continue;
    int kept = layers_kept(v, run), expected = layers_expected(v, run, f);
    t.runs++;
    t.near += kept >= expected - 1 && kept <= expected + 1;
    t.kept += kept, t.expected += expected;
  }
  t.kept /= (double)t.runs, t.expected /= (double)t.runs;
  return t;
}

static double deepest(const study_view *v) {
  double depth = 0;
  for (size_t run = 0; run < v->runs; run++) depth = fmax(depth, study_real(v, "depth", run));
  return depth;
}

/* ---- claims ---- */

/* The rms over units and examples is compared with a fraction of them, so one layer either way. */
static gp_status claim_reach(gp_claims *out, const study_view *v, const format *f, bool scaled) {
  tally t = count(v, f, deepest(v), scaled);
  STUDY_CLAIM(claim, out, "sigmoid, %s%s: the gradient is there as far back as its size is a normal number",
              f->name, scaled ? ", loss times 65536" : "");
  gp_claim_measured(claim, "%.1f of %.0f layers (mean of %zu seeds)", t.kept, deepest(v), t.runs);
  gp_claim_expected(claim, "%.1f, and each run within one layer (%zu are)", t.expected, t.near);
  claim->held = t.runs > 0 && t.near == t.runs;
  return GP_OK;
}

/* ln(65536)/ln(1/factor) layers, with the mean-field factor of sigmoid and Glorot, 0.236. */
static gp_status claim_scale(gp_claims *out, const study_view *v, const format *f) {
  double expected = log(SCALE) / -log(0.236), depth = deepest(v);
  double gained = count(v, f, depth, true).kept - count(v, f, depth, false).kept;
  STUDY_CLAIM(claim, out, "sigmoid, %s: a loss scale of 65536 buys ln 65536 / ln(1/0.236) layers and no more",
              f->name);
  gp_claim_measured(claim, "%.1f layers", gained);
  gp_claim_expected(claim, "%.1f within 1", expected);
  claim->held = fabs(gained - expected) <= 1;
  return GP_OK;
}

/* Multiplying by a power of two and dividing again rounds nothing where nothing underflows. */
static gp_status claim_same(gp_claims *out, const study_view *v) {
  size_t pairs = 0, same = 0;
  for (size_t run = 0; run < v->runs; run++)
    for (size_t other = 0; other < v->runs && !study_is(v, "loss_scale", run, "none"); other++) {
      bool pair = study_is(v, "loss_scale", other, "none") && !study_is(v, "precision", run, "float16") &&
                  twin_of(v, run) == twin_of(v, other);
      for (size_t f = 0; f < FORMATS; f++)
        pair &= study_is(v, "precision", run, formats[f].name) ==
                study_is(v, "precision", other, formats[f].name);
      if (!pair || study_real(v, "depth", run) >= deepest(v)) continue;
      pairs++;
      same += study_real(v, "gradient_factor", run) == study_real(v, "gradient_factor", other);
    }
  STUDY_CLAIM(claim, out,
              "where a format has the range, a loss scale changes nothing: the factor, bit for bit");
  gp_claim_measured(claim, "%zu of %zu pairs (float64, float32, bfloat16; all depths but the deepest)", same,
                    pairs);
  gp_claim_expected(claim, "all");
  claim->held = pairs > 0 && same == pairs;
  return GP_OK;
}

static gp_status claim_healthy(gp_claims *out, const study_view *v) {
  size_t runs = 0, whole = 0;
  for (size_t run = 0; run < v->runs; run++) {
    if (!study_is(v, "activation", run, "tanh")) continue;
    runs++;
    whole += layers_kept(v, run) == (int)study_real(v, "depth", run);
  }
  STUDY_CLAIM(claim, out, "tanh with Glorot's weights loses no layer in any format, to the deepest net");
  gp_claim_measured(claim, "%zu of %zu runs", whole, runs);
  gp_claim_expected(claim, "all");
  claim->held = runs > 0 && whole == runs;
  return GP_OK;
}

/* The same nets: vanishing is what mathematics says of them, dead what float16 makes of it. */
static gp_status claim_verdict(gp_claims *out, const study_view *v) {
  size_t half = 0, dead = 0, full = 0, vanishing = 0;
  for (size_t run = 0; run < v->runs; run++) {
    bool deep = study_is(v, "activation", run, "sigmoid") && study_real(v, "depth", run) >= 20 &&
                study_is(v, "loss_scale", run, "none");
    if (deep && study_is(v, "precision", run, "float16")) half++, dead += study_is(v, "verdict", run, "dead");
    if (deep && study_is(v, "precision", run, "float64"))
      full++, vanishing += study_is(v, "verdict", run, "vanishing");
  }
  STUDY_CLAIM(claim, out, "sigmoid from 20 layers: vanishing in float64, exactly zero in float16");
  gp_claim_measured(claim, "%zu of %zu vanishing, %zu of %zu dead", vanishing, full, dead, half);
  gp_claim_expected(claim, "all, all");
  claim->held = half > 0 && dead == half && full > 0 && vanishing == full;
  return GP_OK;
}

static gp_status open_view(study_view *v, gp_table *table) {
  static const char *const columns[] = {"activation", "depth",   "precision",       "loss_scale",
                                        "seed",       "verdict", "gradient_factor", NULL};
  static const char *const series[] = {"delta_rms", "underflow_fraction", NULL};
  return study_view_open(v, table, columns, series);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  study_view v;
  GP_TRY(open_view(&v, table));
  for (size_t f = 0; f < FORMATS; f++) GP_TRY(claim_reach(out, &v, &formats[f], false));
  GP_TRY(claim_reach(out, &v, &formats[3], true));
  GP_TRY(claim_scale(out, &v, &formats[3]));
  GP_TRY(claim_scale(out, &v, &formats[1]));
  GP_TRY(claim_same(out, &v));
  GP_TRY(claim_healthy(out, &v));
  return claim_verdict(out, &v);
}

/* ---- the figure ---- */

enum { LINES = 5 };
static const struct {
  const char *precision;
  bool scaled;
} lines[LINES] = {
    {"float64", false}, {"float32", false}, {"bfloat16", false}, {"float16", true}, {"float16", false}};

static void draw_line(study_chart *c, const study_view *v, const char *activation, double depth,
                      size_t line) {
  study_chart_line(c);
  for (size_t l = 1; l <= (size_t)depth; l++) {
    double values[64];
    size_t n = 0;
    for (size_t run = 0; run < v->runs && n < 64; run++)
      if (is_run(v, run, activation, depth, lines[line].precision, lines[line].scaled))
        values[n++] = study_layer(v, "delta_rms", run, 0, l);
    double low = gp_quantile(values, n, 0.1), high = gp_quantile(values, n, 0.9);
    study_chart_point(c, (double)l, gp_quantile(values, n, 0.5), low, high, (double)NAN);
  }
}

static const study_chart figure = {
    .name = "where-formats-end",
    .title = "The sigmoid’s gradient vanishes by itself; the format decides where it becomes zero",
    .subtitle = "Error signal by layer at initialisation, depth 80, width 32, Glorot; median of the seeds; "
                "a line ends where every delta is exactly 0",
    .caption = "bfloat16 has the range of float32 and ends where it ends; float16 loses sigmoid nets of ten\n"
               "layers, and a loss scale of 65536 buys eight more.",
    .x_title = "layer (1 = next to the input)",
    .y_title = "error signal, rms",
    .y_log = true,
    .panels = 2,
    .lines = LINES,
    .panel_text = {"Sigmoid", "Tanh"},
    .line_text = {"float64", "float32", "bfloat16", "float16, scaled", "float16"}};

static gp_status draw_figures(gp_plot_result *out, const gp_plot_request *request, gp_table *table) {
  study_view v;
  study_chart c = figure;
  GP_TRY(open_view(&v, table));
  for (size_t line = 0; line < LINES; line++) draw_line(&c, &v, "sigmoid", deepest(&v), line);
  for (size_t line = 0; line < LINES; line++) draw_line(&c, &v, "tanh", deepest(&v), line);
  return study_chart_draw(&c, request, out);
}

static const char *const quick[] = {"seed=0..1", NULL};
static const char *const charts[] = {"gradient-by-layer", "verdict-map", NULL};

extern const gp_study gp_study_underflow;
const gp_study gp_study_underflow = {
    .item = {.name = "underflow",
             .summary = "vanished by mathematics or by the number format: four precisions, with and without "
                        "loss scaling",
             .source = "Micikevicius et al. 2018"},
    .question = "When a gradient is gone, is it the mathematics or the number format?",
    .config = "underflow",
    .quick = quick,
    .charts = charts,
    .figures = draw_figures,
    .claims = state_claims,
};
