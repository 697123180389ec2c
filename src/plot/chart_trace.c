/* Points, axes and captions of the charts of lines; their rows are in chart_rows.c. */
#include "chart_trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_layout.h"
#include "plot_words.h"

typedef gp_trace_drawn trace;

enum { POINT_CROSS = 2, POINT_DOT = 7, POINT_ABOVE = 9, POINT_BELOW = 11, LINES = 7 };

/* ---- values ---- */

static gp_shape shape_of(const trace *g, size_t row) {
  return gp_table_schema(g->frame->table)->variables[g->variable[row]].shape;
}

double gp_trace_look(const trace *g, const double *series, size_t run, gp_place at) {
  if (series == NULL || at.step >= g->checkpoints || at.layer >= g->layers) return (double)NAN;
  return series[(run * g->checkpoints + at.step) * g->layers + at.layer];
}

static bool has_layers(const trace *g, size_t row) {
  return shape_of(g, row) == GP_PER_LAYER || shape_of(g, row) == GP_PER_RUN_LAYER;
}

static bool has_steps(const trace *g, size_t row) {
  return shape_of(g, row) == GP_PER_LAYER || shape_of(g, row) == GP_PER_CHECKPOINT;
}

/* The value at a place without held parts. */
static double read_at(const trace *g, size_t run, gp_place at) {
  if (shape_of(g, at.row) == GP_PER_RUN) return gp_table_real(g->frame->table, g->variable[at.row], run);
  size_t steps = has_steps(g, at.row) ? g->checkpoints : 1, layers = has_layers(g, at.row) ? g->layers : 1;
  size_t step = steps > 1 ? at.step : 0, layer = layers > 1 ? at.layer : 0;
  return step < steps && layer < layers ? g->series[at.row][(run * steps + step) * layers + layer]
                                        : (double)NAN;
}

static size_t largest_layer(const trace *g, size_t run, gp_place at) {
  size_t found = 0;
  double most = NAN;
  for (at.layer = 0; at.layer < g->layers; at.layer++) {
    double value = read_at(g, run, at);
    if (isnan(most) || value > most) most = value, found = at.layer;
  }
  return found;
}

/* The layer without a role: that of the request, the first, the last hidden one, or the one with the largest value. */
static size_t held_layer(const trace *g, size_t run, gp_place at) {
  double depth = gp_frame_real(g->frame, "depth", run);
  if (!has_layers(g, at.row)) return 0;
  if (g->frame->layer.count == 1) return (size_t)g->frame->layer.levels[0].number - 1;
  if (g->trace->layer == GP_LAYER_LARGEST) return largest_layer(g, run, at);
  return g->trace->layer == GP_LAYER_FIRST || !(depth >= 1) ? 0 : (size_t)depth - 1;
}

static gp_place settle_layer(const trace *g, size_t run, gp_place at) {
  if (at.layer == GP_HELD) at.layer = held_layer(g, run, at);
  return at;
}

/* The last checkpoint that has a value: update_* has none at the very end, a diverged run none for long. */
gp_place gp_trace_settle(const trace *g, size_t run, gp_place at) {
  if (at.step != GP_HELD) return settle_layer(g, run, at);
  bool one = g->frame->step.count == 1;
  at.step = 0;
  if (one) gp_place_put(&at, g->frame, &g->frame->step, 0);
  if (one || g->trace->initial || !has_steps(g, at.row)) return settle_layer(g, run, at);
  for (size_t k = g->checkpoints; k-- > 0;) {
    at.step = k;
    gp_place place = settle_layer(g, run, at);
    if (!isnan(read_at(g, run, place))) return place;
  }
  return settle_layer(g, run, at);
}

double gp_trace_value(const trace *g, size_t run, gp_place at) {
  return read_at(g, run, gp_trace_settle(g, run, at));
}

/* ---- points ---- */

static const gp_point no_point = {{NAN, NAN, NAN}, NAN, NAN, NAN, 0};

gp_point gp_trace_quantiles(const trace *g, const size_t *runs, size_t n, gp_place at) {
  gp_point point = no_point;
  for (size_t i = 0; i < n; i++) {
    double value = gp_trace_value(g, runs[i], at);
    if (!isnan(value)) g->scratch[point.runs++] = value;
  }
  point.band = gp_band_of(g->scratch, point.runs);
  if (g->trace->predict == NULL || point.runs == 0) return point;
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double value = g->trace->predict(g, runs[i], at);
    if (!isnan(value)) g->scratch[kept++] = value;
  }
  point.predicted = gp_band_of(g->scratch, kept).median;
  return point;
}

gp_point gp_trace_point(const trace *g, size_t row, size_t p, size_t c, size_t x) {
  size_t n;
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, x, &n);
  gp_place at = {g->row[row], GP_HELD, GP_HELD, GP_HELD};
  gp_place_put(&at, g->frame, g->cast.panel, g->panel[p]);
  gp_place_put(&at, g->frame, g->cast.color, c);
  gp_place_put(&at, g->frame, g->cast.x, x);
  return g->trace->fold != NULL ? g->trace->fold(g, runs, n, at) : gp_trace_quantiles(g, runs, n, at);
}

/* Steps stand on a logarithmic axis of step + 1; words by their place. */
static double x_of(const trace *g, size_t x) {
  const gp_axis *axis = g->cast.x;
  if (!axis->numeric) return (double)x + 1;
  return axis->levels[x].number + (axis == &g->frame->step);
}

static double drawable(const trace *g, double value) {
  bool fits = isfinite(value) && (!g->trace->log_y || value > 0);
  return fits ? value : (double)NAN;
}

/* Lines set the axis; what bands reach beyond it counts up to a point (y_range). */
static void widen(const trace *g, gp_ends *ends, double value) {
  value = drawable(g, value);
  if (isnan(value)) return;
  if (g->trace->log_y) value = log10(value);
  ends->low = fmin(ends->low, value), ends->high = fmax(ends->high, value);
}

/* A median that the axis cannot show is marked on the edge it lies beyond. */
static double mark_of(trace *g, const gp_point *point, double *height) {
  double median = point->band.median;
  *height = isinf(median) ? median : -(double)INFINITY;
  if (isinf(median)) return g->infinities++, median > 0 ? POINT_ABOVE : POINT_BELOW;
  if (g->trace->log_y && median <= 0) return g->zeros++, POINT_BELOW;
  *height = (g->cast.x->numeric && g->cast.xs > 2) ? (double)NAN : median;
  return isnan(*height) ? (double)NAN : POINT_DOT;
}

static void write_point(trace *g, const gp_point *point, double x, double number) {
  double height, mark = mark_of(g, point, &height);
  double row[] = {x,
                  drawable(g, point->band.median),
                  drawable(g, point->band.low),
                  drawable(g, point->band.high),
                  drawable(g, point->predicted),
                  height,
                  mark,
                  (double)point->runs,
                  drawable(g, point->predicted_low),
                  drawable(g, point->predicted_high),
                  number};
  gp_figure_row(g->figure, row, sizeof row / sizeof *row);
  widen(g, &g->lines, row[1]), widen(g, &g->lines, row[4]);
  widen(g, &g->bands, row[2]), widen(g, &g->bands, row[3]);
  widen(g, &g->bands, row[8]), widen(g, &g->bands, row[9]);
}

/* Runs that diverged end their line with a cross where it was seen last. */
static bool ended(const trace *g, size_t p, size_t c, size_t x) {
  size_t n, lost = 0;
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, x, &n);
  for (size_t i = 0; i < n; i++) lost += gp_frame_real(g->frame, "diverged_at", runs[i]) >= 0;
  return g->cast.x == &g->frame->step && 2 * lost > n;
}

static void remember(trace *g, size_t at, const gp_point *point, size_t x) {
  if (g->first[at].runs == 0) g->first[at] = *point;
  g->last[at] = *point;
  g->last_x[at] = x;
  if (!(g->most[at].band.median >= point->band.median)) g->most[at] = *point;
  double height = drawable(g, point->band.median);
  if (!isnan(height)) g->height[at] = g->trace->log_y ? log10(height) : height;
}

static void draw_line(trace *g, size_t r, size_t p, size_t c) {
  size_t at = (r * g->panels + p) * g->cast.colors + c, rows = 0;
  double cross_x = NAN, cross_y = NAN;
  gp_text what = {0};
  gp_text_add(&what, "%s | ", g->trace->quantity[g->row[r]]);
  gp_say_level(&what, g->frame, g->cast.panel, g->panel[p]);
  gp_text_add(&what, " | ");
  gp_say_level(&what, g->frame, g->cast.color, c);
  gp_figure_block(g->figure, what.data != NULL ? what.data : "",
                  "x median p10 p90 predicted mark_y mark_type runs predicted_p10 predicted_p90 number");
  gp_text_free(&what);
  for (size_t x = 0; x < g->cast.xs; x++) {
    gp_point point = gp_trace_point(g, r, p, c, x);
    if (isnan(point.band.median)) continue;
    write_point(g, &point, x_of(g, x), g->cast.x->levels[x].number);
    remember(g, at, &point, x);
    rows++;
    cross_x = x_of(g, x), cross_y = drawable(g, point.band.median);
  }
  if (rows > 0 && g->last_x[at] + 2 < g->cast.xs && ended(g, p, c, 0)) {
    g->ends++;
    gp_figure_row(g->figure,
                  (double[]){cross_x, NAN, NAN, NAN, NAN, cross_y, POINT_CROSS, 0, NAN, NAN, cross_x}, 11);
  }
  if (rows == 0) gp_figure_row(g->figure, (double[]){1, NAN, NAN, NAN, NAN, NAN, NAN, 0, NAN, NAN, NAN}, 11);
}

/* A panel in which nothing has a value says so. */
static void write_notes(trace *g) {
  const char *note[GP_TRACE_ROWS * GP_TRACE_PANELS];
  for (size_t p = 0; p < g->rows * g->panels; p++) {
    note[p] = "no value";
    for (size_t c = 0; c < g->cast.colors; c++)
      if (g->first[p * g->cast.colors + c].runs > 0) note[p] = "";
  }
  gp_figure_texts(g->figure, "panel_note", note, g->rows * g->panels);
}

/* ---- words ---- */

static void say_name(gp_text *out, const trace *g, size_t at) {
  gp_text name = {0};
  size_t lines = g->cast.colors, p = at / lines % g->panels, r = at / lines / g->panels;
  if (g->rows > 1) gp_text_add(&name, "%s, ", g->trace->row_name[g->row[r]]);
  gp_say_level(&name, g->frame, g->cast.panel, g->panel[p]);
  gp_text_add(&name, ", ");
  gp_say_level(&name, g->frame, g->cast.color, at % lines);
  gp_plain_markup(out, name.data != NULL ? name.data : "");
  out->failed |= name.failed;
  gp_text_free(&name);
}

static void say_caption(trace *g) {
  gp_text *out = &g->figure->caption;
  gp_text_add(
      out, "The ends of each line, its largest point, and theory at its end:\n\n%-48s %11s %11s %11s %11s\n",
      "", "first", "last", "largest", "predicted");
  for (size_t i = 0; i < g->rows * g->panels * g->cast.colors; i++) {
    gp_text name = {0};
    say_name(&name, g, i);
    gp_text_add(out, "%-48s %11.4g %11.4g %11.4g %11.4g\n", name.data != NULL ? name.data : "",
                g->first[i].band.median, g->last[i].band.median, g->most[i].band.median,
                g->last[i].predicted);
    gp_text_free(&name);
  }
}

/* "In layer 1 ", "at depth 20 ": the level of the role that the sentence does not run over. */
static void say_aside(gp_text *title, const trace *g, bool by_panel) {
  const gp_axis *axis = by_panel ? g->cast.color : g->cast.panel;
  if (axis == NULL) return;
  gp_text_add(title, axis->inner ? "in " : axis->whole ? "with " : "at ");
  gp_say_level(title, g->frame, axis, by_panel ? 0 : g->panel[g->panels - 1]);
  gp_text_add(title, " ");
}

/* "In layer 1 the gradient goes from 1e-5 to 2e-5 (sigmoid), from 1e-3 to 4e-4 (tanh)": over the panels for the first
 * line, or over the lines of the last panel when the panels are no activations. */
static void say_change(gp_text *title, const trace *g) {
  const gp_cast *cast = &g->cast;
  bool by_panel = cast->panels > 1 && !(cast->color != NULL && strcmp(cast->color->name, "activation") == 0);
  size_t subjects = by_panel ? g->panels : cast->colors, count = 0, said = 0;
  say_aside(title, g, by_panel);
  if (cast->x != &g->frame->step) {
    gp_text_add(title, "from ");
    gp_say_level(title, g->frame, cast->x, 0);
    gp_text_add(title, " to %s ", cast->x->levels[cast->xs - 1].label);
  }
  gp_text_add(title, "%s", g->trace->name);
  for (int round = 0; round < 2; round++)
    for (size_t s = 0; s < subjects; s++) {
      size_t at = by_panel ? s * cast->colors : (g->panels - 1) * cast->colors + s;
      if (g->first[at].runs == 0 || said == 4) continue;
      if (round == 0) {
        count += count < 4;
        continue;
      }
      gp_text part = {0};
      gp_text_add(&part, "%sfrom ", said == 0 ? " goes " : "");
      gp_markup_brief(&part, g->first[at].band.median);
      gp_text_add(&part, " to ");
      gp_markup_brief(&part, g->last[at].band.median);
      if (subjects > 1) gp_text_add(&part, " (");
      if (subjects > 1)
        gp_say_level(&part, g->frame, by_panel ? cast->panel : cast->color, by_panel ? g->panel[s] : s);
      if (subjects > 1) gp_text_add(&part, ")");
      gp_markup_listed(title, part.data != NULL ? part.data : "", said++, count);
      gp_text_free(&part);
    }
  gp_text_capital(title, 0);
}

/* Where a layer or step without a role was taken. */
static void say_place(gp_text *out, const trace *g) {
  const gp_cast *cast = &g->cast;
  const gp_axis *roles[] = {cast->x, cast->color, cast->panel};
  bool layer = !has_layers(g, g->row[0]), step = !has_steps(g, g->row[0]);
  for (size_t i = 0; i < 3; i++) {
    layer |= roles[i] != NULL && roles[i]->inner && strcmp(roles[i]->name, "layer") == 0;
    step |= roles[i] != NULL && roles[i]->inner && strcmp(roles[i]->name, "step") == 0;
  }
  static const char *const layers[] = {"layer 1", "the largest of all layers", "the last hidden layer"};
  if (!layer && g->frame->layer.count == 1)
    gp_text_add(out, "; layer %s", g->frame->layer.levels[0].label);
  else if (!layer)
    gp_text_add(out, "; %s", layers[g->trace->layer]);
  if (!step && g->frame->step.count == 1)
    gp_text_add(out, "; step %s", g->frame->step.levels[0].label);
  else if (!step)
    gp_text_add(out, g->trace->initial ? "; at initialisation" : "; last checkpoint");
}

static void say_subtitle(trace *g) {
  gp_text *out = &g->figure->subtitle;
  if (g->trace->band_words != NULL)
    gp_text_add(out, g->trace->band_words, g->cast.replicates);
  else
    gp_say_seeds(out, &g->cast);
  gp_text_capital(out, 0);
  bool theory = false;
  for (size_t i = 0; i < g->rows * g->panels * g->cast.colors; i++) theory |= !isnan(g->last[i].predicted);
  if (theory && g->trace->theory_words != NULL) gp_text_add(out, "; %s", g->trace->theory_words);
  if (g->zeros > 0) gp_text_add(out, "; ▼ exactly 0");
  if (g->infinities > 0) gp_text_add(out, "; ▲ infinite");
  if (g->ends > 0) gp_text_add(out, "; × diverged");
  say_place(out, g);
  gp_say_setup(out, g->frame, &g->cast);
}

/* ---- axes ---- */

/* The ends of y: fitted, not closer than two decades on a log axis, or as the chart says. */
static void y_range(const trace *g, double *bottom, double *top) {
  *bottom = g->trace->floor, *top = g->trace->ceiling;
  if (*bottom < *top) return;
  bool has = g->lines.high >= g->lines.low;
  *bottom = has ? g->lines.low : 0, *top = has ? g->lines.high : 1;
  double reach = g->trace->log_y ? fmax(*top - *bottom, 2) : fmax(*top - *bottom, 0.5 * fabs(*top)) * 2;
  *bottom = fmax(fmin(g->bands.low, *bottom), *bottom - reach);
  *top = fmin(fmax(g->bands.high, *top), *top + reach);
  double least = g->trace->log_y ? 2 : fmax(0.1 * fabs(*top), 1e-12),
         missing = fmax(least - (*top - *bottom), 0) / 2;
  *bottom -= missing, *top += missing;
  double pad = 0.05 * (*top - *bottom);
  *bottom -= pad, *top += pad;
}

/* Guides that lie within the axis. */
static size_t visible_guides(const trace *g, double bottom, double top, double *at, const char **text) {
  size_t count = 0;
  for (size_t i = 0; i < g->trace->guides; i++) {
    double height = g->trace->log_y ? log10(g->trace->guide_at[i]) : g->trace->guide_at[i];
    if (height <= bottom || height >= top) continue;
    at[count] = g->trace->guide_at[i], text[count++] = g->trace->guide_text[i];
  }
  return count;
}

static void x_title_of(gp_text *out, const gp_axis *axis) {
  if (axis->inner && strcmp(axis->name, "layer") == 0)
    gp_text_add(out, "layer (1 = next to the input)");
  else
    gp_markup_column(out, axis->name);
}

static void write_axes(trace *g) {
  enum { GUIDES = 4, TICKS = 12 };
  gp_line_axes axes = {.y_log = g->trace->log_y, .y_title = g->trace->y_title};
  double guide[GUIDES], tick[TICKS];
  const char *guide_text[GUIDES], *tick_text[TICKS];
  gp_text title = {0};
  y_range(g, &axes.y_low, &axes.y_high);
  x_title_of(&title, g->cast.x);
  axes.x_title = title.data != NULL ? title.data : "";
  axes.guides = visible_guides(g, axes.y_low, axes.y_high, guide, guide_text);
  axes.guide_at = guide, axes.guide_text = guide_text;
  axes.tick_at = tick, axes.tick_text = tick_text;
  gp_x_axis x = gp_x_axis_of(g->cast.x, tick, tick_text, TICKS);
  axes.x_log = x.log_axis, axes.ticks = x.ticks, axes.x_shift = g->cast.x == &g->frame->step;
  double low[GP_TRACE_ROWS * GP_TRACE_PANELS], high[GP_TRACE_ROWS * GP_TRACE_PANELS],
      step[GP_TRACE_ROWS * GP_TRACE_PANELS];
  for (size_t i = 0; i < g->rows * g->panels; i++) low[i] = x.low, high[i] = x.high, step[i] = x.step;
  axes.x_low = low, axes.x_high = high, axes.x_step = step;
  gp_lines_axes(g->figure, &axes);
  gp_text_free(&title);
  for (size_t i = 0; i < g->rows * g->panels * g->cast.colors; i++)
    g->height[i] = (g->height[i] - axes.y_low) / (axes.y_high - axes.y_low);
}

/* ---- the whole ---- */

/* Each row of panels has a title of its own at the left; what the columns are stands over the first. */
static gp_status write_panels(trace *g) {
  const char *title[GP_TRACE_ROWS];
  gp_figure *figure = g->figure;
  GP_TRY(gp_panels_write(figure, g->frame, &g->cast, g->panel, g->panels));
  if (g->rows == 1) return GP_OK;
  for (size_t r = 0; r < g->rows; r++) title[r] = g->trace->row_name[g->row[r]];
  figure->panels = g->rows * g->panels;
  figure->panel_columns = g->panels;
  gp_figure_texts(figure, "row_title", title, g->rows);
  return GP_OK;
}

static bool has_theory_band(const trace *g) {
  for (size_t i = 0; i < g->rows * g->panels * g->cast.colors; i++)
    if (!isnan(g->most[i].predicted_low)) return true;
  return false;
}

static gp_status compose(trace *g) {
  gp_figure *figure = g->figure;
  figure->template_ = "lines";
  figure->left = 0.72, figure->right = 0.85, figure->foot = 0.52;
  GP_TRY(gp_lines_write(figure, g->frame, &g->cast));
  GP_TRY(write_panels(g));
  gp_figure_height(figure, 1.98);
  for (size_t i = 0; i < g->rows * g->panels * g->cast.colors; i++)
    draw_line(g, i / g->cast.colors / g->panels, i / g->cast.colors % g->panels, i % g->cast.colors);
  if (!(g->lines.high >= g->lines.low) && g->zeros + g->infinities == 0)
    return gp_fail(GP_ERR_NO, "no run has a value of %s there", g->trace->quantity[g->row[0]]);
  write_notes(g);
  gp_figure_real(figure, "theory_band", has_theory_band(g));
  gp_figure_real(figure, "theory_colored", g->trace->theory_colored);
  if (g->trace->say != NULL)
    g->trace->say(&figure->title, g);
  else
    say_change(&figure->title, g);
  say_caption(g);
  say_subtitle(g);
  write_axes(g);
  return gp_names_write(figure, &g->cast, g->height, g->rows * g->panels), GP_OK;
}

/* The rows whose variable the file has. */
static gp_status find_rows(trace *g) {
  for (size_t r = 0; r < GP_TRACE_ROWS && g->trace->quantity[r] != NULL; r++) {
    g->variable[r] = gp_table_find(g->frame->table, g->trace->quantity[r]);
    if (g->variable[r] < 0) continue;
    if (shape_of(g, r) != GP_PER_RUN) GP_TRY(gp_frame_series(g->frame, g->trace->quantity[r], &g->series[r]));
    g->row[g->rows++] = r;
  }
  return g->rows > 0 ? GP_OK : gp_fail(GP_ERR_NO, "the file has no '%s'", g->trace->quantity[0]);
}

/* An inner axis of many levels as lines: a few of them, the last one in. */
static void thin_colors(trace *g) {
  const gp_axis *axis = g->cast.color;
  size_t most = g->trace->color_most > 0 ? g->trace->color_most : LINES, pick[LINES];
  if (axis == NULL || !axis->inner || axis->count <= most) return;
  g->thin = *axis;
  g->thin.levels = calloc(most, sizeof *g->thin.levels);
  if (g->thin.levels == NULL) return;
  g->thin.count = gp_levels_pick(pick, axis->count, most);
  for (size_t i = 0; i < g->thin.count; i++) g->thin.levels[i] = axis->levels[pick[i]];
  g->cast.color = &g->thin;
  g->cast.colors = g->thin.count;
}

static gp_status check_inner(const trace *g) {
  const gp_axis *roles[] = {g->cast.x, g->cast.color, g->cast.panel};
  if (g->cast.x == NULL) return gp_fail(GP_ERR_NO, "nothing that could be x was swept");
  for (size_t i = 0; i < 3; i++) {
    if (roles[i] == NULL || !roles[i]->inner) continue;
    bool layer = strcmp(roles[i]->name, "layer") == 0;
    if (!layer && strcmp(roles[i]->name, "step") != 0) return gp_fail(GP_ERR_NO, "it has no bins");
    if (!(layer ? has_layers(g, g->row[0]) : has_steps(g, g->row[0])))
      return gp_fail(GP_ERR_NO, "%s has one value for all %ss", g->trace->quantity[g->row[0]],
                     roles[i]->name);
  }
  return GP_OK;
}

static gp_status allocate(trace *g) {
  size_t lines = g->rows * g->panels * g->cast.colors;
  g->scratch = calloc(g->cast.replicates + g->layers + 1, sizeof *g->scratch);
  g->height = calloc(lines, sizeof *g->height);
  g->last_x = calloc(lines, sizeof *g->last_x);
  bool failed = g->scratch == NULL || g->height == NULL || g->last_x == NULL;
  for (size_t k = 0; g->height != NULL && k < lines; k++) g->height[k] = NAN;
  gp_point **points[] = {&g->first, &g->last, &g->most};
  for (size_t i = 0; i < 3; i++) {
    *points[i] = calloc(lines, sizeof **points[i]);
    failed |= *points[i] == NULL;
    for (size_t k = 0; *points[i] != NULL && k < lines; k++) (*points[i])[k] = no_point;
  }
  return failed ? gp_fail(GP_ERR_MEMORY, "no memory for a chart of lines") : GP_OK;
}

static void release(trace *g) {
  free(g->scratch);
  free(g->height);
  free(g->last_x);
  free(g->first);
  free(g->last);
  free(g->most);
  free(g->thin.levels);
  gp_cast_free(&g->cast);
}

gp_status gp_trace_draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  const gp_schema *schema = gp_table_schema(frame->table);
  trace g = {.trace = chart->trace,
             .figure = figure,
             .frame = frame,
             .checkpoints = schema->checkpoint_count,
             .layers = schema->layer_count,
             .lines = {INFINITY, -INFINITY},
             .bands = {INFINITY, -INFINITY}};
  GP_TRY(find_rows(&g));
  GP_TRY(gp_cast_make(&g.cast, frame,
                      &(gp_wish){.panel = g.trace->panel,
                                 .color = g.trace->color,
                                 .x = g.trace->x,
                                 .initial = g.trace->initial,
                                 .inner = true}));
  gp_status status = check_inner(&g);
  thin_colors(&g);
  g.panels = gp_levels_pick(g.panel, g.cast.panels, g.rows > 1 ? 4 : GP_TRACE_PANELS);
  if (status == GP_OK) status = allocate(&g);
  if (status == GP_OK) status = compose(&g);
  release(&g);
  return status;
}
