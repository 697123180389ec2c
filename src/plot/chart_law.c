/* Charts of what seeds do, with the exact law of a finite ReLU net beside them: one number per cell of runs.
 *
 *   dead-at-birth   share of nets that no signal leaves before the first step, against depth
 *   seed-spread     standard deviation over seeds of the gradient span, against depth
 */
#include "chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "finite_width.h"
#include "plot_words.h"
#include "statistics.h"

enum { PANELS = 8, DEEPEST = 1024 };

typedef struct law law;

/* What one of these charts draws. */
typedef struct law_kind {
  const char *quantity;
  double (*of)(const law *g, size_t run);         /* a run's number; NaN: none */
  double (*fold)(const double *value, size_t n);  /* ... over seeds */
  double (*error)(double folded, size_t n);       /* its standard error */
  double (*predict)(int64_t width, size_t depth); /* NaN: no law */
  const char *y_title, *title, *missing;
} law_kind;

struct law {
  const law_kind *kind;
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast;
  const double *series; /* dead_fraction: run x checkpoint x layer, or NULL */
  size_t checkpoints, layers, panel[PANELS], panels, points;
  size_t told;                     /* level of x of the first line's last number, which the title tells */
  double *scratch, *last, *theory; /* replicates; panels x colors: the deepest nets */
  double high;
};

/* ---- the two quantities ---- */

/* A signal that is lost stays lost where biases are 0, so the last hidden layer tells. */
static double dead_at_birth(const law *g, size_t run) {
  double depth = gp_frame_real(g->frame, "depth", run);
  if (g->series == NULL || !(depth >= 1) || depth > (double)g->layers) return (double)NAN;
  double share = g->series[run * g->checkpoints * g->layers + (size_t)depth - 1];
  return isnan(share) ? share : share == 1;
}

static double share_error(double share, size_t n) {
  return sqrt(share * (1 - share) / (double)n);
}

static double predict_dead(int64_t width, size_t depth) {
  int64_t widths[DEEPEST];
  if (depth > DEEPEST) return (double)NAN;
  for (size_t l = 0; l < depth; l++) widths[l] = width;
  return gp_dead_probability(widths, depth);
}

static double span_of(const law *g, size_t run) {
  return gp_frame_real(g->frame, "gradient_span", run);
}

/* Of a nearly normal quantity. */
static double deviation_error(double deviation, size_t n) {
  return n > 1 ? deviation / sqrt(2 * (double)(n - 1)) : (double)NAN;
}

/* depth - 1 independent layers between the first and the last delta; a decade of delta is 2 ln 10 of ln delta^2. */
static double predict_spread(int64_t width, size_t depth) {
  if (depth < 3) return (double)NAN;
  return sqrt((double)(depth - 1) * gp_rectifier_log_law(width, 2).variance) / (2 * log(10));
}

static const law_kind kinds[] = {
    {"dead_fraction", dead_at_birth, gp_mean, share_error, predict_dead, "share of nets that are dead",
     "are dead before the first step", "no net is dead at birth"},
    {"gradient_span", span_of, gp_deviation, deviation_error, predict_spread,
     "deviation over seeds of the span (decades)", "decades apart by the seed alone",
     "no cell has two runs with a gradient span"},
};

/* ---- drawing ---- */

/* The law asks for ReLU, equal widths and zero biases; the scatter of other nets is in the file, to leading order in the
 * width (predicted_gradient_span_sd). */
static double predicted(const law *g, size_t run) {
  char word[32];
  double depth = gp_frame_real(g->frame, "depth", run), width = gp_frame_real(g->frame, "width", run);
  bool fits = depth >= 1 && width >= 1 && !(gp_frame_real(g->frame, "init_bias_variance", run) > 0) &&
              strcmp(gp_frame_word(g->frame, "activation", run, word), "relu") == 0;
  if (fits) return g->kind->predict((int64_t)width, (size_t)depth);
  return g->kind == &kinds[1] ? gp_frame_real(g->frame, "predicted_gradient_span_sd", run) : (double)NAN;
}

static void draw_point(law *g, size_t p, size_t c, size_t x) {
  size_t n, kept = 0, at = p * g->cast.colors + c;
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, x, &n);
  for (size_t i = 0; i < n; i++) {
    double value = g->kind->of(g, runs[i]);
    if (!isnan(value)) g->scratch[kept++] = value;
  }
  double value = kept > 0 ? g->kind->fold(g->scratch, kept) : (double)NAN;
  double error = g->kind->error(value, kept), theory = n > 0 ? predicted(g, runs[0]) : (double)NAN;
  double row[] = {
      g->cast.x->levels[x].number, value, value - error, value + error, theory, NAN, NAN, (double)kept};
  gp_figure_row(g->figure, row, sizeof row / sizeof *row);
  g->points += value > 0;
  g->high = fmax(g->high, fmax(value + error, theory));
  if (!isnan(value) && at == 0) g->told = x;
  if (!isnan(value)) g->last[at] = value, g->theory[at] = theory;
}

static void draw_line(law *g, size_t p, size_t c) {
  gp_text what = {0};
  gp_say_level(&what, g->frame, g->cast.panel, g->panel[p]);
  gp_text_add(&what, " | ");
  gp_say_level(&what, g->frame, g->cast.color, c);
  gp_figure_block(g->figure, what.data != NULL ? what.data : "",
                  "x value minus_error plus_error predicted mark_y mark_type runs");
  gp_text_free(&what);
  g->last[p * g->cast.colors + c] = g->theory[p * g->cast.colors + c] = NAN;
  for (size_t x = 0; x < g->cast.xs; x++) draw_point(g, p, c, x);
}

/* "At depth 20 width 2 0.996 and width 3 0.931 are dead before the first step" would be no sentence: the first line's
 * number is told, and the caption has the rest. */
static void say_title(law *g) {
  gp_text *title = &g->figure->title, level = {0};
  gp_say_level(&level, g->frame, g->cast.color, 0);
  gp_text_add(title, "At ");
  gp_say_level(title, g->frame, g->cast.x, g->told);
  gp_text_add(title, " and %s, ", level.data != NULL ? level.data : "");
  if (g->kind->fold == gp_mean)
    gp_text_add(title, "%.1f %% of the nets %s", 100 * g->last[0], g->kind->title);
  else
    gp_text_add(title, "gradients lie %.2f %s", g->last[0], g->kind->title);
  gp_text_free(&level);
}

static void say_caption(law *g) {
  gp_text *out = &g->figure->caption;
  gp_text_add(out, "The deepest nets (the law: one input, zero biases, any width):\n\n%-44s %10s %10s\n", "",
              "measured", "predicted");
  for (size_t i = 0; i < g->panels * g->cast.colors; i++) {
    gp_text name = {0}, plain = {0};
    gp_say_level(&name, g->frame, g->cast.panel, g->panel[i / g->cast.colors]);
    gp_text_add(&name, ", ");
    gp_say_level(&name, g->frame, g->cast.color, i % g->cast.colors);
    gp_plain_markup(&plain, name.data != NULL ? name.data : "");
    gp_text_add(out, "%-44s %10.4f %10.4f\n", plain.data != NULL ? plain.data : "", g->last[i], g->theory[i]);
    gp_text_free(&name);
    gp_text_free(&plain);
  }
}

static void write_axes(law *g) {
  double low[PANELS], high[PANELS], step[PANELS], top = 1.04 * g->high;
  double most = g->cast.x->levels[g->cast.xs - 1].number;
  for (size_t p = 0; p < g->panels; p++)
    low[p] = strcmp(g->cast.x->name, "depth") == 0, high[p] = 1.03 * most;
  for (size_t p = 0; p < g->panels; p++) step[p] = fmax(1, gp_linear_step(most, 5));
  gp_text x_title = {0};
  gp_markup_column(&x_title, g->cast.x->name);
  gp_lines_axes(g->figure, &(gp_line_axes){.x_low = low,
                                           .x_high = high,
                                           .x_step = step,
                                           .y_low = 0,
                                           .y_high = top,
                                           .x_title = x_title.data != NULL ? x_title.data : "",
                                           .y_title = g->kind->y_title});
  gp_text_free(&x_title);
  for (size_t i = 0; i < g->panels * g->cast.colors; i++) g->last[i] /= top;
  gp_labels_write(g->figure, g->last, g->panels, g->cast.colors);
}

static gp_status compose(law *g) {
  gp_figure *figure = g->figure;
  figure->template_ = "lines";
  figure->left = 0.72, figure->right = 0.85, figure->foot = 0.52;
  GP_TRY(gp_lines_write(figure, g->frame, &g->cast));
  GP_TRY(gp_panels_write(figure, g->frame, &g->cast, g->panel, g->panels));
  gp_figure_height(figure, 2.28);
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) draw_line(g, p, c);
  }
  if (g->points == 0) return gp_fail(GP_ERR_NO, "%s", g->kind->missing);
  say_title(g);
  say_caption(g);
  write_axes(g);
  gp_key_write(figure, "", NULL, NULL, 0);
  gp_text_add(&figure->subtitle, "%zu seeds, band ± one standard error; dashed: %s; at initialisation",
              g->cast.replicates,
              g->kind == &kinds[0] ? "exact for one input" : "theory, for ReLU exact for one input");
  if (g->cast.color != NULL && g->cast.color->numeric) {
    gp_text_add(&figure->subtitle, "; colour: ");
    gp_markup_column(&figure->subtitle, g->cast.color->name);
  }
  gp_say_setup(&figure->subtitle, g->frame, &g->cast);
  return GP_OK;
}

static gp_status allocate(law *g) {
  size_t lines = g->panels * g->cast.colors;
  g->scratch = calloc(g->cast.replicates + 1, sizeof *g->scratch);
  g->last = calloc(2 * lines, sizeof *g->last);
  g->theory = g->last != NULL ? g->last + lines : NULL;
  bool failed = g->scratch == NULL || g->last == NULL;
  return failed ? gp_fail(GP_ERR_MEMORY, "no memory for a chart over seeds") : GP_OK;
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  static const char *const panel[] = {"#", NULL}, *const color[] = {"width", "#", NULL},
                           *const x[] = {"depth", NULL};
  const gp_schema *schema = gp_table_schema(frame->table);
  law g = {.kind = strcmp(chart->quantity, kinds[0].quantity) == 0 ? &kinds[0] : &kinds[1],
           .figure = figure,
           .frame = frame,
           .checkpoints = schema->checkpoint_count,
           .layers = schema->layer_count};
  if (g.kind == &kinds[0]) GP_TRY(gp_frame_series(frame, chart->quantity, &g.series));
  GP_TRY(gp_cast_make(&g.cast, frame, &(gp_wish){.panel = panel, .color = color, .x = x, .initial = true}));
  gp_status status = GP_OK;
  if (g.cast.x == NULL || !g.cast.x->numeric || g.cast.xs < 2)
    status = gp_fail(GP_ERR_NO, "it needs a sweep over depth");
  g.panels = gp_levels_pick(g.panel, g.cast.panels, PANELS);
  if (status == GP_OK) status = allocate(&g);
  if (status == GP_OK) status = compose(&g);
  free(g.scratch);
  free(g.last);
  gp_cast_free(&g.cast);
  return status;
}

const gp_chart gp_chart_dead = {
    .entry = {.name = "dead-at-birth",
              .summary =
                  "share of nets that are dead before the first step, against depth, with the exact law",
              .needs = "the series dead_fraction and a sweep over depth"},
    .quantity = "dead_fraction",
    .draw = draw,
};

const gp_chart gp_chart_spread = {
    .entry = {.name = "seed-spread",
              .summary = "how far seeds scatter the gradient span, against depth, with the deviation that "
                         "theory predicts",
              .needs = "the column gradient_span and sweeps over depth and seeds"},
    .quantity = "gradient_span",
    .draw = draw,
};
