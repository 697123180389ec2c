/* depth-span: decades between the first and the last hidden layer's gradient, against depth. */
#include "chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_words.h"

enum { PANELS = 8, POINT_DOT = 7 };
static const double VANISHED = -3, EXPLODED = 3; /* SCIENCE section 2, the verdict's defaults */

typedef struct span {
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast;
  size_t panel[PANELS], panels;
  double *scratch, *last,
      *theory;     /* replicates; panels x colors: median and prediction where the line ends */
  double *deepest; /* panels x colors: median at the deepest net, NaN where none was measured */
  double low, high;
} span;

/* A run's prediction: its own column, or depth - 1 intervals of the predicted factor. */
static double predicted_span(const span *g, size_t run) {
  double own = gp_frame_real(g->frame, "predicted_gradient_span", run);
  double factor = gp_frame_real(g->frame, "predicted_gradient_factor", run);
  double depth = gp_frame_real(g->frame, "depth", run);
  return isnan(own) && depth >= 3 ? (depth - 1) * log10(factor) : own;
}

static void widen(span *g, double value) {
  if (!isfinite(value)) return;
  g->low = fmin(g->low, value);
  g->high = fmax(g->high, value);
}

static void draw_point(span *g, size_t p, size_t c, size_t x) {
  size_t n, kept = 0, at = p * g->cast.colors + c;
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, x, &n);
  for (size_t i = 0; i < n; i++) {
    double value = gp_frame_real(g->frame, "gradient_span", runs[i]);
    if (!isnan(value)) g->scratch[kept++] = value;
  }
  gp_band band = gp_band_of(g->scratch, kept);
  double theory = n > 0 ? predicted_span(g, runs[0]) : (double)NAN, depth = g->cast.x->levels[x].number;
  gp_figure_row(
      g->figure,
      (double[]){depth, band.median, band.low, band.high, theory, band.median, POINT_DOT, (double)kept}, 8);
  widen(g, band.low), widen(g, band.high), widen(g, theory);
  if (x + 1 == g->cast.xs) g->deepest[at] = band.median;
  if (isfinite(band.median)) g->last[at] = band.median, g->theory[at] = theory;
}

static void draw_line(span *g, size_t p, size_t c) {
  gp_text what = {0};
  gp_say_level(&what, g->frame, g->cast.panel, g->panel[p]);
  gp_text_add(&what, " | ");
  gp_say_level(&what, g->frame, g->cast.color, c);
  gp_figure_block(g->figure, what.data != NULL ? what.data : "",
                  "x median p10 p90 predicted mark_y mark_type runs");
  gp_text_free(&what);
  g->last[p * g->cast.colors + c] = g->theory[p * g->cast.colors + c] = NAN;
  for (size_t x = 0; x < g->cast.xs; x++) draw_point(g, p, c, x);
}

static int direction_of(double decades) {
  return isnan(decades) ? 2 : decades < -1 ? -1 : decades > 1 ? 1 : 0;
}

static bool is_activation(const gp_axis *axis) {
  return axis != NULL && strcmp(axis->name, "activation") == 0;
}

/* The title tells of the lines, or of the panels where those are the activations; of each the strongest change among
 * the deepest nets. NaN where none of these was measured. */
static double told_of(const span *g, size_t subject) {
  bool by_panel = is_activation(g->cast.panel);
  double told = NAN;
  for (size_t other = 0; other < (by_panel ? g->cast.colors : g->panels); other++) {
    size_t p = by_panel ? subject : other, c = by_panel ? other : subject;
    double decades = g->deepest[p * g->cast.colors + c];
    if (isnan(told) || fabs(decades) > fabs(told)) told = decades;
  }
  return told;
}

/* One group: those that lose more than a decade (-1), gain more (1), or neither (0). */
static void say_group(gp_text *out, span *g, int direction, size_t *said) {
  bool by_panel = is_activation(g->cast.panel);
  size_t members = 0, index = 0, subjects = by_panel ? g->panels : g->cast.colors;
  const char *most = (by_panel ? g->cast.colors : g->panels) > 1 ? " up to" : "";
  for (size_t s = 0; s < subjects; s++) members += direction_of(told_of(g, s)) == direction;
  for (size_t s = 0; s < subjects; s++) {
    gp_text part = {0};
    if (direction_of(told_of(g, s)) != direction) continue;
    if (index == 0 && (*said)++ > 0) gp_text_add(out, "; ");
    gp_say_level(&part, g->frame, by_panel ? g->cast.panel : g->cast.color, by_panel ? g->panel[s] : s);
    if (direction != 0 && index == 0) gp_text_add(&part, " %s%s", direction < 0 ? "loses" : "gains", most);
    if (direction != 0) gp_text_add(&part, " %.1f", fabs(told_of(g, s)));
    gp_markup_listed(out, part.data != NULL ? part.data : "", index++, members);
    gp_text_free(&part);
  }
  if (members > 0 && direction != 0) gp_text_add(out, " decades of gradient");
}

/* "At depth 30 sigmoid loses 18.4 decades of gradient; tanh and ReLU less than one" */
static void say_title(span *g) {
  gp_text *title = &g->figure->title;
  size_t said = 0;
  gp_text_add(title, "At ");
  gp_say_level(title, g->frame, g->cast.x, g->cast.xs - 1);
  bool activations = is_activation(g->cast.color) || is_activation(g->cast.panel);
  if (g->cast.held.length > 0 && !activations) gp_text_add(title, ", %s,", g->cast.held.data);
  gp_text_add(title, " ");
  say_group(title, g, -1, &said);
  say_group(title, g, 1, &said);
  size_t before = said;
  if (before == 0) gp_text_add(title, "the gradient of ");
  say_group(title, g, 0, &said);
  if (said > before)
    gp_text_add(title, before > 0 ? " less than one" : " nets stays within a decade");
  else if (said == 0)
    gp_text_add(title, "the nets cannot be measured");
}

static void say_caption(span *g) {
  gp_text *out = &g->figure->caption;
  gp_text_add(out,
              "Decades from the last hidden layer to the first in the deepest nets that have them:\n\n%-44s "
              "%10s %10s\n",
              "", "measured", "predicted");
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) {
      gp_text name = {0}, plain = {0};
      gp_say_level(&name, g->frame, g->cast.panel, g->panel[p]);
      gp_text_add(&name, ", ");
      gp_say_level(&name, g->frame, g->cast.color, c);
      gp_plain_markup(&plain, name.data != NULL ? name.data : "");
      gp_text_add(out, "%-44s %10.3f %10.3f\n", plain.data != NULL ? plain.data : "",
                  g->last[p * g->cast.colors + c], g->theory[p * g->cast.colors + c]);
      gp_text_free(&name);
      gp_text_free(&plain);
    }
  }
}

static void write_axes(span *g) {
  double low[PANELS], high[PANELS], step[PANELS], guide[2];
  const char *guide_text[2];
  size_t guides = 0;
  double most = g->cast.x->levels[g->cast.xs - 1].number, pad = 0.06 * fmax(g->high - g->low, 1);
  double bottom = g->low - pad, top = fmax(g->high, 0) + pad;
  for (size_t p = 0; p < g->panels; p++)
    low[p] = strcmp(g->cast.x->name, "depth") == 0, high[p] = 1.03 * most;
  for (size_t p = 0; p < g->panels; p++) step[p] = most >= 10 ? 5 * ceil(most / 40) : 1;
  if (bottom < VANISHED) guide[guides] = VANISHED, guide_text[guides++] = "vanishing below";
  if (top > EXPLODED) guide[guides] = EXPLODED, guide_text[guides++] = "exploding above";
  gp_text x_title = {0};
  gp_markup_column(&x_title, g->cast.x->name);
  gp_lines_axes(g->figure, &(gp_line_axes){.x_low = low,
                                           .x_high = high,
                                           .x_step = step,
                                           .y_low = bottom,
                                           .y_high = top,
                                           .x_title = x_title.data != NULL ? x_title.data : "",
                                           .y_title = "gradient span (decades)",
                                           .guide_at = guide,
                                           .guide_text = guide_text,
                                           .guides = guides});
  gp_text_free(&x_title);
  for (size_t i = 0; i < g->panels * g->cast.colors; i++) g->last[i] = (g->last[i] - bottom) / (top - bottom);
  gp_labels_write(g->figure, g->last, g->panels, g->cast.colors);
}

static gp_status compose(span *g) {
  gp_figure *figure = g->figure;
  figure->template_ = "lines";
  figure->left = 0.72, figure->right = 0.85, figure->foot = 0.52;
  GP_TRY(gp_lines_write(figure, g->frame, &g->cast));
  GP_TRY(gp_panels_write(figure, g->frame, &g->cast, g->panel, g->panels));
  gp_figure_height(figure, 2.28);
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) draw_line(g, p, c);
  }
  if (!(g->high >= g->low))
    return gp_fail(GP_ERR_NO, "no run has a gradient span (nets of three hidden layers or more)");
  bool theory = false;
  for (size_t i = 0; i < g->panels * g->cast.colors; i++) theory |= isfinite(g->theory[i]);
  say_title(g);
  say_caption(g);
  write_axes(g);
  gp_key_write(figure, "", NULL, NULL, 0);
  gp_say_seeds(&figure->subtitle, &g->cast);
  gp_text_capital(&figure->subtitle, 0);
  gp_text_add(&figure->subtitle,
              theory ? "; dashed: mean-field prediction; at initialisation" : "; at initialisation");
  gp_say_setup(&figure->subtitle, g->frame, &g->cast);
  return GP_OK;
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  static const char *const panel[] = {"#", NULL}, *const color[] = {"activation", "#", NULL},
                           *const x[] = {"depth", NULL};
  span g = {.figure = figure, .frame = frame, .low = INFINITY, .high = -INFINITY};
  if (gp_table_find(frame->table, chart->quantity) < 0)
    return gp_fail(GP_ERR_NO, "the file has no column '%s'", chart->quantity);
  GP_TRY(gp_cast_make(&g.cast, frame, &(gp_wish){.panel = panel, .color = color, .x = x, .initial = true}));
  gp_status status = GP_OK;
  if (g.cast.x == NULL || !g.cast.x->numeric || g.cast.xs < 2)
    status = gp_fail(GP_ERR_NO, "it needs a sweep over depth (or another number as x)");
  g.panels = gp_levels_pick(g.panel, g.cast.panels, PANELS);
  g.scratch = calloc(g.cast.replicates + 1, sizeof *g.scratch);
  g.last = calloc(3 * g.panels * g.cast.colors, sizeof *g.last);
  g.theory = g.last != NULL ? g.last + g.panels * g.cast.colors : NULL;
  g.deepest = g.last != NULL ? g.theory + g.panels * g.cast.colors : NULL;
  if (status == GP_OK && (g.scratch == NULL || g.last == NULL))
    status = gp_fail(GP_ERR_MEMORY, "no memory for the chart of spans");
  if (status == GP_OK) status = compose(&g);
  free(g.scratch);
  free(g.last);
  gp_cast_free(&g.cast);
  return status;
}

const gp_chart gp_chart_span = {
    .entry = {.name = "depth-span",
              .summary = "decades between the gradients of the first and last hidden layer, against depth",
              .needs = "the column gradient_span and a sweep over depth"},
    .quantity = "gradient_span",
    .preset = true,
    .draw = draw,
};
