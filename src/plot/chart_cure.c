/* cure-matrix: what was done against a pathology (rows) by the pathology (columns): did it train, the gradient's factor per
 * layer, the steps to half of the baseline loss, and what it cost. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart.h"
#include "plot_words.h"

enum { PANELS = 4, ROWS_MAX = 24 };

typedef struct matrix {
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast; /* color is the cure */
  const double *loss, *seconds;
  size_t checkpoints, panel[PANELS], panels, rows;
  double *scratch;
  size_t *trained, *cells; /* per cure: cells most of whose runs trained, cells that were run */
} matrix;

typedef struct verdict {
  double trained, factor, steps, seconds;
  size_t runs;
} verdict;

/* The first checkpoint whose loss is below half of the baseline's (SCIENCE section 2: trained); infinite when none is. */
static double steps_to_half(const matrix *g, size_t run) {
  double half = gp_frame_real(g->frame, "baseline_loss", run) / 2;
  for (size_t k = 0; k < g->checkpoints && g->loss != NULL; k++)
    if (g->loss[run * g->checkpoints + k] < half)
      return (double)gp_table_schema(g->frame->table)->checkpoints[k];
  return (double)INFINITY;
}

static double factor_of(const matrix *g, size_t run) {
  return gp_frame_real(g->frame, "gradient_factor", run);
}

static double seconds_of(const matrix *g, size_t run) {
  return g->seconds != NULL ? g->seconds[run] : (double)NAN;
}

static double median_of(const matrix *g, const size_t *runs, size_t n, double (*of)(const matrix *, size_t)) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double value = of(g, runs[i]);
    if (!isnan(value)) g->scratch[kept++] = value;
  }
  return gp_band_of(g->scratch, kept).median;
}

static verdict judge(const matrix *g, size_t p, size_t y, size_t x) {
  verdict v = {.trained = 0};
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], y, x, &v.runs);
  for (size_t i = 0; i < v.runs; i++) v.trained += gp_run_is(g->frame, runs[i], "healthy");
  v.factor = median_of(g, runs, v.runs, factor_of);
  v.steps = median_of(g, runs, v.runs, steps_to_half);
  v.seconds = median_of(g, runs, v.runs, seconds_of);
  return v;
}

static void caption_cell(matrix *g, size_t p, size_t y, size_t x, const verdict *v, double cost) {
  gp_text name = {0}, plain = {0};
  gp_say_level(&name, g->frame, g->cast.color, y);
  gp_text_add(&name, ", ");
  gp_say_level(&name, g->frame, g->cast.x, x);
  if (g->cast.panel != NULL) gp_text_add(&name, ", ");
  if (g->cast.panel != NULL) gp_say_level(&name, g->frame, g->cast.panel, g->panel[p]);
  gp_plain_markup(&plain, name.data != NULL ? name.data : "");
  gp_text_add(&g->figure->caption, "%-52s %4.0f of %-4zu %10.4g %10.4g %8.3g\n",
              plain.data != NULL ? plain.data : "", v->trained, v->runs, v->factor, v->steps, cost);
  g->figure->caption.failed |= name.failed || plain.failed;
  gp_text_free(&name);
  gp_text_free(&plain);
}

static void draw_panel(matrix *g, size_t p) {
  gp_text what = {0};
  gp_say_level(&what, g->frame, g->cast.panel, g->panel[p]);
  gp_figure_block(g->figure, what.data != NULL ? what.data : "",
                  "column row share_trained trained runs factor steps_to_half cost x");
  gp_text_free(&what);
  for (size_t x = 0; x < g->cast.xs; x++) {
    double first = NAN; /* costs are relative to the first cure that was run there */
    for (size_t y = 0; y < g->rows; y++) {
      verdict v = judge(g, p, y, x);
      if (isnan(first)) first = v.seconds;
      double share = v.runs > 0 ? v.trained / (double)v.runs : (double)NAN, cost = v.seconds / first;
      double row[] = {
          (double)x + 1, (double)(g->rows - y),      share, v.trained, (double)v.runs, v.factor, v.steps,
          cost,          g->cast.x->levels[x].number};
      gp_figure_row(g->figure, row, sizeof row / sizeof *row);
      g->cells[y] += v.runs > 0;
      g->trained[y] += v.runs > 0 && 2 * v.trained > (double)v.runs;
      if (v.runs > 0) caption_cell(g, p, y, x, &v, cost);
    }
  }
}

/* "Batch norm trains in 5 of 6 settings, none in 1 of 6": the best cure, and the first of the file. */
static void say_title(matrix *g) {
  gp_text *title = &g->figure->title;
  size_t best = 0;
  for (size_t y = 1; y < g->rows; y++)
    if (g->trained[y] > g->trained[best]) best = y;
  if (g->trained[best] == 0) {
    gp_text_add(title, "Nothing that was tried trains in any setting");
    return;
  }
  gp_say_level(title, g->frame, g->cast.color, best);
  gp_text_add(title, " trains in %zu of %zu settings", g->trained[best], g->cells[best]);
  if (best > 0) {
    gp_text_add(title, "; ");
    gp_say_level(title, g->frame, g->cast.color, 0);
    gp_text_add(title, " in %zu of %zu", g->trained[0], g->cells[0]);
  }
  gp_text_capital(title, 0);
}

static void write_axis(gp_figure *figure, const char *name, const gp_axis *axis, size_t count, bool down) {
  const char *text[64];
  gp_text array = {0};
  size_t shown = count < 64 ? count : 64;
  for (size_t i = 0; i < shown; i++) text[i] = axis->levels[down ? shown - 1 - i : i].label;
  gp_text_add(&figure->head, "%s_cells = %zu\n", name, shown);
  gp_text_add(&array, "%s_tick_text", name);
  if (!array.failed) gp_figure_texts(figure, array.data, text, shown);
  figure->failed |= array.failed;
  gp_text_free(&array);
}

/* Room at the left for the longest name of a cure, at 8.5 points. */
static double left_margin(const matrix *g) {
  double widest = 0;
  for (size_t y = 0; y < g->rows; y++) widest = fmax(widest, gp_markup_width(g->cast.color->levels[y].label));
  return fmin(0.25 + widest * 8.5 / 72, 0.55 * g->figure->width);
}

/* Whether four lines of numbers fit into a cell, as the script decides it. */
static bool is_roomy(const matrix *g) {
  const gp_figure *figure = g->figure;
  double panels = (double)g->panels, gaps = 0.2 * (panels - 1);
  return (figure->width - figure->left - figure->right - gaps) / panels / (double)g->cast.xs > 0.55;
}

static gp_status compose(matrix *g) {
  gp_figure *figure = g->figure;
  figure->template_ = "matrix";
  figure->left = left_margin(g), figure->right = 0.15;
  figure->foot = figure->width < 5 ? 0.85 : 0.5; /* narrow cells turn the names under them */
  GP_TRY(gp_panels_write(figure, g->frame, &g->cast, g->panel, g->panels));
  figure->panel_columns = g->panels;
  figure->height = figure->foot + 0.56 * (double)g->rows;
  gp_text_add(&figure->caption, "%-52s %12s %10s %10s %8s\n", "", "trained", "factor", "to half", "cost");
  for (size_t p = 0; p < g->panels; p++) draw_panel(g, p);
  say_title(g);
  write_axis(figure, "x", g->cast.x, g->cast.xs, false);
  write_axis(figure, "y", g->cast.color, g->rows, true);
  gp_text x_title = {0};
  gp_markup_column(&x_title, g->cast.x->name);
  gp_figure_text(figure, "x_title", x_title.data != NULL ? x_title.data : "");
  gp_text_free(&x_title);
  gp_text_add(&figure->subtitle, "%s; ",
              is_roomy(g)
                  ? "Runs that trained; factor of the gradient per layer; steps to half of the baseline's "
                    "loss; seconds relative to the first row"
                  : "Runs that trained of those that were run");
  gp_text_add(&figure->subtitle, g->cast.replicates > 1 ? "medians of %zu seeds" : "one seed",
              g->cast.replicates);
  gp_say_setup(&figure->subtitle, g->frame, &g->cast);
  return GP_OK;
}

static gp_status allocate(matrix *g) {
  g->scratch = calloc(g->cast.replicates + 1, sizeof *g->scratch);
  g->trained = calloc(g->rows + 1, sizeof *g->trained);
  g->cells = calloc(g->rows + 1, sizeof *g->cells);
  bool failed = g->scratch == NULL || g->trained == NULL || g->cells == NULL;
  return failed ? gp_fail(GP_ERR_MEMORY, "no memory for the matrix of cures") : GP_OK;
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  static const char *const cure[] = {"cure", NULL}, *const x[] = {"activation", "depth", "*", NULL},
                           *const panel[] = {"depth", "learning_rate", "*", NULL};
  matrix g = {
      .figure = figure, .frame = frame, .checkpoints = gp_table_schema(frame->table)->checkpoint_count};
  if (gp_table_find(frame->table, chart->quantity) < 0)
    return gp_fail(GP_ERR_NO, "the file has no column '%s'", chart->quantity);
  if (gp_frame_series(frame, "loss", &g.loss) != GP_OK) g.loss = NULL;
  g.seconds = gp_table_seconds(frame->table);
  GP_TRY(gp_cast_make(&g.cast, frame, &(gp_wish){.panel = panel, .color = cure, .x = x, .grid = true}));
  gp_status status = GP_OK;
  if (g.cast.color == NULL || g.cast.colors < 2)
    status = gp_fail(GP_ERR_NO, "it needs a sweep over norm, residual, init, optimizer or clip");
  else if (g.cast.x == NULL)
    status = gp_fail(GP_ERR_NO, "it needs a sweep over activation, depth or another axis beside the cures");
  g.rows = g.cast.colors < ROWS_MAX ? g.cast.colors : ROWS_MAX;
  g.panels = gp_levels_pick(g.panel, g.cast.panels, PANELS);
  if (status == GP_OK) status = allocate(&g);
  if (status == GP_OK) status = compose(&g);
  free(g.scratch);
  free(g.trained);
  free(g.cells);
  gp_cast_free(&g.cast);
  return status;
}

const gp_chart gp_chart_cure = {
    .entry = {.name = "cure-matrix",
              .summary = "norm, residual, init, optimizer, clip against activation or depth: trained, "
                         "factor, steps, cost",
              .needs = "the column verdict, a sweep over a cure and one over another axis"},
    .quantity = "verdict",
    .draw = draw,
};
