/* loss-curves: training loss against step, one panel per activation, coloured by learning rate. */
#include "chart_trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_words.h"

enum { PANELS = 8, TICKS = 12, POINT_CROSS = 2, POINT_ABOVE = 9 }; /* a filled triangle */

typedef struct curves {
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast;
  const double *loss; /* run x checkpoint */
  const int64_t *step;
  size_t checkpoints, panel[PANELS], panels;
  size_t lost, returned;     /* curves that end in a cross; that leave the frame for a while */
  double *scratch, *end;     /* replicates; panels x colors */
  double low, high, ceiling; /* smallest and largest median; the top of the frame at most */
} curves;

static bool diverged(const curves *g, size_t run) {
  double at = gp_frame_real(g->frame, "diverged_at", run);
  return at >= 0 || gp_run_is(g->frame, run, "diverged");
}

/* Median over seeds at a checkpoint. A diverged run counts as infinite from there on; one that was stopped earlier for
 * another reason is left out. */
static gp_band loss_band(curves *g, const size_t *runs, size_t n, size_t k) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double value = g->loss[runs[i] * g->checkpoints + k];
    if (isnan(value) && diverged(g, runs[i])) value = INFINITY;
    if (!isnan(value)) g->scratch[kept++] = value;
  }
  return gp_band_of(g->scratch, kept);
}

static void block_title(curves *g, size_t p, size_t c) {
  gp_text what = {0};
  gp_say_level(&what, g->frame, g->cast.panel, g->panel[p]);
  gp_text_add(&what, " | ");
  gp_say_level(&what, g->frame, g->cast.color, c);
  gp_figure_block(g->figure, what.data != NULL ? what.data : "",
                  "step+1 median p10 p90 predicted mark_y mark_type step");
  gp_text_free(&what);
}

/* Where the curve from one point to the next crosses the ceiling, on log axes; the first point when it is lost at once. */
static double crossing(double x0, double y0, double x1, double y1, double ceiling) {
  if (!(y0 > 0) || !isfinite(y1) || y1 <= ceiling) return x0;
  return x0 * pow(x1 / x0, log(ceiling / y0) / log(y1 / y0));
}

static bool ends_lost(curves *g, const size_t *runs, size_t n) {
  double last = n > 0 && g->checkpoints > 0 ? loss_band(g, runs, n, g->checkpoints - 1).median : (double)NAN;
  return last > g->ceiling;
}

/* A curve that is lost at the end stops with a cross where it leaves the frame; one that comes back is clipped, with a
 * mark on the edge. */
static void draw_curve(curves *g, size_t p, size_t c) {
  size_t n;
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, 0, &n);
  bool above = false;
  double before = NAN, x_before = 1, ceiling = ends_lost(g, runs, n) ? g->ceiling : (double)INFINITY;
  block_title(g, p, c);
  for (size_t k = 0; k < g->checkpoints; k++) {
    gp_band band = loss_band(g, runs, n, k);
    double x = (double)g->step[k] + 1;
    if (isnan(band.median)) continue;
    if (!(band.median < ceiling) || isinf(band.median)) {
      double at = isnan(before) ? x : crossing(x_before, before, x, band.median, g->ceiling);
      if (!isnan(before) && isfinite(band.median))
        gp_figure_row(g->figure, (double[]){at, g->ceiling, NAN, NAN, NAN, NAN, NAN, at - 1}, 8);
      double mark = isnan(before) || isfinite(band.median) ? g->ceiling : before;
      gp_figure_row(g->figure, (double[]){at, NAN, NAN, NAN, NAN, mark, POINT_CROSS, at - 1}, 8);
      g->high = fmax(g->high, mark);
      g->lost++;
      break;
    }
    bool leaves = band.median > g->ceiling && !above;
    double mark = leaves ? (double)INFINITY : (double)NAN, type = leaves ? POINT_ABOVE : (double)NAN;
    above = band.median > g->ceiling;
    g->returned += leaves;
    gp_figure_row(g->figure, (double[]){x, band.median, band.low, band.high, NAN, mark, type, x - 1}, 8);
    g->low = fmin(g->low, band.low), g->high = fmax(g->high, fmin(band.high, g->ceiling));
    before = band.median, x_before = x;
    g->end[p * g->cast.colors + c] = band.median;
  }
  if (isnan(before)) gp_figure_row(g->figure, (double[]){1, NAN, NAN, NAN, NAN, NAN, NAN, 0}, 8);
}

/* What ends above five times the highest start is lost; the frame need not follow it. */
static void find_ceiling(curves *g) {
  double start = -INFINITY;
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) {
      size_t n;
      const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, 0, &n);
      double first = loss_band(g, runs, n, 0).median;
      if (isfinite(first)) start = fmax(start, first);
    }
  }
  g->ceiling = start > 0 ? 5 * start : 1;
}

/* ---- words ---- */

static bool trains(const curves *g, size_t panel, size_t c) {
  size_t n, healthy = 0;
  const size_t *runs = gp_cast_runs(&g->cast, panel, c, 0, &n);
  for (size_t i = 0; i < n; i++) healthy += gp_run_is(g->frame, runs[i], "healthy");
  return 2 * healthy > n;
}

static void say_settings(gp_text *out, const curves *g) {
  gp_text_add(out, " of %zu ", g->cast.colors);
  if (strcmp(g->cast.color->name, "learning_rate") == 0)
    gp_text_add(out, "learning rates");
  else
    gp_text_add(out, "settings of "), gp_markup_column(out, g->cast.color->name);
}

/* "sigmoid trains at 0 of 7 learning rates, tanh at 2 of 7, ReLU at 1 of 7": one part for each panel. */
static void say_panels(gp_text *title, const curves *g, const size_t *count) {
  for (size_t p = 0; p < g->panels; p++) {
    gp_text_add(title, p > 0 ? ", " : "");
    gp_say_level(title, g->frame, g->cast.panel, g->panel[p]);
    if (g->cast.colors == 1) {
      gp_text_add(title, count[p] > 0 ? " trains" : " does not train");
      continue;
    }
    gp_text_add(title, "%s at %zu", p == 0 ? " trains" : "", count[p]);
    if (p == 0)
      say_settings(title, g);
    else /* a bare "at 1" reads as the learning rate 1 */
      gp_text_add(title, " of %zu", g->cast.colors);
  }
}

static void say_title(curves *g) {
  gp_text *title = &g->figure->title;
  size_t count[PANELS] = {0}, some = 0;
  if (gp_table_find(g->frame->table, "verdict") < 0) {
    gp_text_add(title, "Training loss");
    return;
  }
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) count[p] += trains(g, g->panel[p], c);
    some += count[p] > 0;
  }
  if (g->cast.held.length > 0) gp_text_add(title, "At %s, ", g->cast.held.data);
  if (g->panels > 4) {
    gp_text_add(title, "%zu of %zu train", some, g->panels);
    if (g->cast.colors > 1) gp_text_add(title, " at one or more"), say_settings(title, g);
  } else {
    say_panels(title, g, count);
  }
  gp_text_capital(title, 0);
}

static void say_caption(curves *g) {
  gp_text *out = &g->figure->caption;
  gp_text_add(out, "Median loss at the last checkpoint reached, and runs that diverged:\n\n%-44s %14s %10s\n",
              "", "loss", "diverged");
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) {
      size_t n, lost = 0;
      const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, 0, &n);
      for (size_t i = 0; i < n; i++) lost += diverged(g, runs[i]);
      gp_text name = {0}, plain = {0};
      gp_say_level(&name, g->frame, g->cast.panel, g->panel[p]);
      gp_text_add(&name, ", ");
      gp_say_level(&name, g->frame, g->cast.color, c);
      gp_plain_markup(&plain, name.data != NULL ? name.data : "");
      gp_text_add(out, "%-44s %14.6g %6zu of %zu\n", plain.data != NULL ? plain.data : "",
                  g->end[p * g->cast.colors + c], lost, n);
      gp_text_free(&name);
      gp_text_free(&plain);
    }
  }
}

/* ---- axes ---- */

static void write_axes(curves *g) {
  double low[PANELS], high[PANELS], step[PANELS], at[TICKS];
  const char *text[TICKS];
  gp_x_axis x = gp_x_axis_of(&g->frame->step, at, text, TICKS);
  double top = fmin(g->high, g->ceiling), bottom = fmin(g->low, top);
  if (!(top >= bottom) || isinf(top)) top = 1, bottom = 0;
  bool log_axis = bottom > 0 && top / bottom > 10;
  if (log_axis) top = log10(top), bottom = log10(bottom);
  double pad = 0.05 * fmax(top - bottom, 1e-3);
  for (size_t p = 0; p < g->panels; p++) low[p] = x.low, high[p] = x.high, step[p] = x.step;
  gp_lines_axes(g->figure, &(gp_line_axes){.x_low = low,
                                           .x_high = high,
                                           .x_step = step,
                                           .x_log = true,
                                           .x_shift = 1,
                                           .y_log = log_axis,
                                           .y_low = bottom - pad,
                                           .y_high = top + pad,
                                           .tick_at = at,
                                           .tick_text = text,
                                           .ticks = x.ticks,
                                           .x_title = "step",
                                           .y_title = "training loss"});
  for (size_t i = 0; i < g->panels * g->cast.colors; i++)
    g->end[i] = ((log_axis ? log10(g->end[i]) : g->end[i]) - bottom + pad) / (top - bottom + 2 * pad);
}

static gp_status compose(curves *g) {
  gp_figure *figure = g->figure;
  figure->template_ = "lines";
  figure->left = 0.72, figure->right = 1.0, figure->foot = 0.52;
  GP_TRY(gp_lines_write(figure, g->frame, &g->cast));
  GP_TRY(gp_panels_write(figure, g->frame, &g->cast, g->panel, g->panels));
  gp_figure_height(figure, 1.98);
  for (size_t i = 0; i < g->panels * g->cast.colors; i++) g->end[i] = NAN;
  find_ceiling(g);
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) draw_curve(g, p, c);
  }
  say_title(g);
  say_caption(g);
  write_axes(g);
  gp_names_write(figure, &g->cast, g->end, g->panels);
  gp_say_seeds(&figure->subtitle, &g->cast);
  gp_text_capital(&figure->subtitle, 0);
  if (g->lost > 0) gp_text_add(&figure->subtitle, "; × where a curve leaves for good");
  if (g->returned > 0) gp_text_add(&figure->subtitle, "; triangle where one leaves for a while");
  if (g->cast.color != NULL && g->cast.color->numeric) {
    gp_text_add(&figure->subtitle, "; colour: ");
    gp_markup_column(&figure->subtitle, g->cast.color->name);
  }
  gp_say_setup(&figure->subtitle, g->frame, &g->cast);
  return GP_OK;
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  static const char *const panel[] = {"activation", "*", NULL}, *const color[] = {"learning_rate", "*", NULL};
  const gp_schema *schema = gp_table_schema(frame->table);
  curves g = {.figure = figure,
              .frame = frame,
              .checkpoints = schema->checkpoint_count,
              .step = schema->checkpoints,
              .low = INFINITY,
              .high = -INFINITY};
  GP_TRY(gp_frame_series(frame, chart->quantity, &g.loss));
  GP_TRY(gp_cast_make(&g.cast, frame, &(gp_wish){.panel = panel, .color = color}));
  g.panels = gp_levels_pick(g.panel, g.cast.panels, PANELS);
  g.scratch = calloc(g.cast.replicates + 1, sizeof *g.scratch);
  g.end = calloc(g.panels * g.cast.colors, sizeof *g.end);
  gp_status status = g.scratch == NULL || g.end == NULL
                         ? gp_fail(GP_ERR_MEMORY, "no memory for the loss curves")
                         : compose(&g);
  free(g.scratch);
  free(g.end);
  gp_cast_free(&g.cast);
  return status;
}

const gp_chart gp_chart_loss = {
    .entry = {.name = "loss-curves",
              .summary = "training loss against step, by activation and learning rate",
              .needs = "the series loss"},
    .quantity = "loss",
    .preset = true,
    .draw = draw,
    .trace = &gp_trace_loss,
    .own_x = "step",
};
