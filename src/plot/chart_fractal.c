/* trainability-fractal: which nets of a plane of two settings converge, in the colouring of Sohl-Dickstein 2024. */
#include "chart.h"

#include <math.h>
#include <stdlib.h>

#include "fractal.h"
#include "plot_words.h"

/* The range of an axis as gnuplot needs it: cells are evenly spaced in the logarithm, or in the value. */
typedef struct extent {
  double low, high; /* of the cells' middles: log10 on a log axis */
  bool log;
} extent;

static extent extent_of(const gp_fractal *f, const gp_axis *axis) {
  const gp_refined_side *side = gp_refined_side_of(&f->refined, axis);
  if (side != NULL) return (extent){side->low, side->high, side->log};
  double low = axis->levels[0].number, high = axis->levels[axis->count - 1].number;
  bool is_log = low > 0 && high / low >= 100;
  /* A zoom spans little: then the levels themselves tell, by the step in the middle. */
  if (low > 0 && !is_log && axis->count > 2) {
    double first = axis->levels[1].number / low, last = high / axis->levels[axis->count - 2].number;
    is_log = fabs(first / last - 1) < 1e-6 * fabs(first - 1) + 1e-12;
  }
  return is_log ? (extent){log10(low), log10(high), true} : (extent){low, high, false};
}

static void write_axis(gp_figure *figure, const char *which, const gp_fractal *f, const gp_axis *axis,
                       size_t cells) {
  extent e = extent_of(f, axis);
  gp_text name = {0}, title = {0};
  gp_ticks ticks = {0};
  double half = cells > 1 ? (e.high - e.low) / (double)(cells - 1) / 2 : 0.5;
  gp_text_add(&name, "%s_low", which);
  gp_figure_real(figure, name.data, e.low - half);
  gp_text_free(&name);
  gp_text_add(&name, "%s_high", which);
  gp_figure_real(figure, name.data, e.high + half);
  gp_text_free(&name);
  gp_text_add(&name, "%s_title", which);
  gp_markup_column(&title, axis->name);
  gp_figure_text(figure, name.data, title.data);
  gp_ticks_choose(&ticks, e.log, e.low, e.high);
  for (size_t i = 0; i < ticks.count && e.log; i++) ticks.at[i] = log10(ticks.at[i]);
  gp_ticks_write(figure, which, &ticks);
  gp_ticks_free(&ticks);
  gp_text_free(&name);
  gp_text_free(&title);
}

/* No page shows more cells than this on a side: of a finer map every so many are drawn. */
enum { DRAWN = 1024 };

static void write_cells(gp_figure *figure, const gp_fractal *f) {
  extent x = extent_of(f, f->x), y = extent_of(f, f->y);
  size_t side = f->columns > f->rows ? f->columns : f->rows, each = (side - 1) / DRAWN + 1;
  gp_figure_block(figure, f->refined.on ? "one row per cell" : "one row per net", "x y shade");
  for (size_t r = 0; r < f->rows; r += each)
    for (size_t c = 0; c < f->columns; c += each) {
      double row[] = {x.low + (x.high - x.low) * (double)c / (double)(f->columns > 1 ? f->columns - 1 : 1),
                      y.low + (y.high - y.low) * (double)r / (double)(f->rows > 1 ? f->rows - 1 : 1),
                      f->shade[r * f->columns + c]};
      gp_figure_row(figure, row, 3);
    }
}

static void say(gp_figure *figure, const gp_frame *frame, const gp_cast *cast, const gp_fractal *f) {
  if (isnan(f->dimension))
    gp_text_add(&figure->title, "%.0f %% of the nets converge", 100 * f->share);
  else
    gp_text_add(&figure->title,
                "The boundary between nets that converge and nets that do not has dimension %.2f",
                f->dimension);
  if (f->refined.on) gp_text_add(&figure->subtitle, "%zu trainings, refined to ", f->trainings);
  gp_text_add(
      &figure->subtitle,
      f->refined.on
          ? "%zu × %zu points; blue: %.0f %% that converge, red: the others; the darker the slower"
          : "%zu × %zu trainings; blue: %.0f %% that converge, red: the others; the darker the slower",
      f->columns, f->rows, 100 * f->share);
  gp_say_setup(&figure->subtitle, frame, cast);
  gp_text_add(&figure->caption,
              "converged: %.4f of %zu nets\nedges (2 x 2 blocks with both kinds): %zu\nbox-counting "
              "dimension, boxes of 2 to "
              "32 cells: %.4f\n",
              f->share, f->columns * f->rows, f->edges, f->dimension);
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  static const char *const none[] = {NULL};
  gp_fractal f;
  gp_cast cast;
  (void)chart;
  GP_TRY(gp_fractal_make(&f, frame));
  gp_status status = gp_cast_make(&cast, frame, &(gp_wish){.panel = none, .color = none, .x = none});
  if (status == GP_OK) {
    gp_text_free(&cast.held);
    figure->template_ = "fractal";
    figure->width = fmin(figure->width, 6.2), figure->height = figure->width - 0.3, figure->left = 0.85,
    figure->right = 0.25, figure->foot = 0.62;
    figure->panels = 1;
    say(figure, frame, &cast, &f);
    write_axis(figure, "x", &f, f.x, f.columns);
    write_axis(figure, "y", &f, f.y, f.rows);
    write_cells(figure, &f);
    gp_cast_free(&cast);
  }
  gp_fractal_free(&f);
  return status;
}

const gp_chart gp_chart_fractal = {
    .entry = {.name = "trainability-fractal",
              .summary = "which nets converge over two settings, and the dimension of the boundary",
              .needs = "sweeps over two numbers and the series loss"},
    .quantity = "loss",
    .draw = draw,
};
