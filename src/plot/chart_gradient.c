/* gradient-by-layer: the size of the gradient against the layer at initialisation, small multiples by depth. */
#include "chart_trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_layout.h"
#include "plot_words.h"
#include "statistics.h"

enum { PANELS = 8, POINT_ZERO = 11, POINT_INFINITE = 9 }; /* filled triangles, down and up */

/* Decades per layer below which a gradient counts as kept: one decade over 30 layers. */
static const double KEPT = 1.0 / 30;

typedef struct gradient {
  const gp_chart *chart;
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast;
  const double *series;                   /* run x checkpoint x layer */
  const double *predicted, *predicted_sd; /* run x layer, or NULL: of ln delta_rms */
  size_t checkpoints, layers;
  size_t panel[PANELS], panels;
  double *scratch;  /* replicates */
  double *end;      /* panels x colors: median of the last layer drawn */
  gp_band *factor;  /* panels x colors: gradient_factor */
  double *theory;   /* panels x colors: predicted factor */
  double low, high; /* of everything drawn, log10 */
  /* What the title tells of: panels or lines, and the decades per layer of each. */
  const gp_axis *subject;
  size_t subjects;
  bool by_panel, at_most;
  double *told;
} gradient;

/* Hidden layers of a run: what `depth` says, or the layers that have values less the output's. */
static size_t hidden_of(const gradient *g, size_t run) {
  double depth = gp_frame_real(g->frame, "depth", run);
  if (depth >= 0) return depth < (double)g->layers ? (size_t)depth : g->layers;
  size_t count = 0;
  while (count < g->layers && !isnan(g->series[run * g->checkpoints * g->layers + count])) count++;
  return count > 0 ? count - 1 : 0;
}

/* Weights have a gradient at the output layer too; delta is followed through the hidden layers, as the factor is. */
static size_t last_layer_extra(const gradient *g) {
  return strcmp(g->chart->quantity, "delta_rms") != 0;
}

static double value_at(const gradient *g, size_t run, size_t layer) {
  return g->series[run * g->checkpoints * g->layers + layer - 1];
}

/* exp(-slope) of ln value over the hidden layers, as SCIENCE section 2 defines gradient_factor. */
static double factor_of(const gradient *g, size_t run) {
  size_t hidden = hidden_of(g, run);
  double *x = calloc(2 * hidden + 1, sizeof *x), slope = NAN;
  for (size_t l = 1; x != NULL && l <= hidden; l++) {
    x[l - 1] = (double)l;
    x[hidden + l - 1] = log(value_at(g, run, l));
  }
  if (x != NULL && hidden >= 3) slope = gp_slope(x, x + hidden, hidden, NULL);
  free(x);
  return isfinite(slope) ? exp(-slope) : (double)NAN;
}

static void widen(gradient *g, double value) {
  if (!(value > 0) || isinf(value)) return;
  g->low = fmin(g->low, log10(value));
  g->high = fmax(g->high, log10(value));
}

/* Median over runs of a per-run number, NaN left out. */
static gp_band band_of_runs(gradient *g, const size_t *runs, size_t n,
                            double (*of)(const gradient *, size_t)) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double value = of(g, runs[i]);
    if (!isnan(value)) g->scratch[kept++] = value;
  }
  return gp_band_of(g->scratch, kept);
}

static double predicted_factor_of(const gradient *g, size_t run) {
  const char *name = "predicted_gradient_factor_typical";
  bool has = gp_table_find(g->frame->table, name) >= 0;
  return gp_frame_real(g->frame, has ? name : "predicted_gradient_factor", run);
}

/* What the prediction is multiplied by at its 90 % quantile over seeds (divided by at 10 %): the band that seeds should
 * fill, a normal number of ln delta_rms. */
static double spread(const gradient *g, size_t run, size_t layer) {
  static const double p90 = 1.2815515655446004;
  if (g->predicted == NULL || g->predicted_sd == NULL) return (double)NAN;
  return exp(p90 * g->predicted_sd[run * g->layers + layer - 1]);
}

/* The prediction is relative; it is hung on the measured median of the last hidden layer. */
static double prediction(const gradient *g, size_t run, size_t layer, size_t hidden, double factor,
                         double anchor) {
  if (g->predicted != NULL) {
    const double *row = g->predicted + run * g->layers;
    return row[layer - 1] / row[hidden - 1] * anchor;
  }
  return anchor * pow(factor, (double)(hidden - layer));
}

static gp_band layer_band(gradient *g, const size_t *runs, size_t n, size_t layer, double *mark) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double value = value_at(g, runs[i], layer);
    g->scratch[kept++] = isnan(value) ? (double)INFINITY : value;
  }
  gp_band band = gp_band_of(g->scratch, kept);
  *mark = band.median == 0 ? POINT_ZERO : isinf(band.median) ? POINT_INFINITE : (double)NAN;
  return band;
}

/* A zero cannot stand on a log axis: NaN leaves the line, a triangle on the axis says so. */
static double drawable(double value) {
  return value > 0 && isfinite(value) ? value : (double)NAN;
}

static void draw_line(gradient *g, size_t p, size_t c) {
  size_t n, at = p * g->cast.colors + c;
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, 0, &n);
  gp_text what = {0};
  gp_say_level(&what, g->frame, g->cast.panel, g->panel[p]);
  gp_text_add(&what, " | ");
  gp_say_level(&what, g->frame, g->cast.color, c);
  gp_figure_block(g->figure, what.data != NULL ? what.data : "",
                  "layer median p10 p90 predicted mark_y mark_type runs predicted_p10 predicted_p90");
  gp_text_free(&what);
  g->factor[at] = band_of_runs(g, runs, n, factor_of);
  g->theory[at] = band_of_runs(g, runs, n, predicted_factor_of).median;
  g->end[at] = NAN;
  size_t hidden = n > 0 ? hidden_of(g, runs[0]) : 0;
  double unused, first = NAN,
                 anchor = hidden > 0 ? layer_band(g, runs, n, hidden, &unused).median : (double)NAN;
  size_t last = hidden + last_layer_extra(g);
  last = last < g->layers ? last : g->layers;
  for (size_t l = 1; l <= last && n > 0; l++) {
    double mark,
        theory = last == hidden ? prediction(g, runs[0], l, hidden, g->theory[at], anchor) : (double)NAN;
    gp_band band = layer_band(g, runs, n, l, &mark);
    double row[] = {(double)l,
                    drawable(band.median),
                    drawable(band.low),
                    drawable(band.high),
                    drawable(theory),
                    isnan(mark)          ? (double)NAN
                    : mark == POINT_ZERO ? -(double)INFINITY
                                         : (double)INFINITY,
                    mark,
                    (double)n,
                    drawable(theory / spread(g, runs[0], l)),
                    drawable(theory * spread(g, runs[0], l))};
    gp_figure_row(g->figure, row, sizeof row / sizeof *row);
    for (size_t i = 1; i <= 4; i++) widen(g, row[i]);
    /* A touch of the first layer, so that lines which meet at the end are named in the order they come in. */
    if (!isnan(row[1]))
      first = isnan(first) ? log10(row[1]) : first,
      g->end[at] = log10(row[1]) + 0.01 * (first - log10(row[1]));
  }
  if (n == 0 || last == 0)
    gp_figure_row(g->figure, (double[]){0, NAN, NAN, NAN, NAN, NAN, NAN, 0, NAN, NAN}, 10);
}

/* ---- words ---- */

static int direction_of(double decades) {
  return isnan(decades) ? 2 : decades < -KEPT ? -1 : decades > KEPT ? 1 : 0;
}

static void say_subject(gp_text *out, const gradient *g, size_t s) {
  gp_say_level(out, g->frame, g->subject, g->by_panel ? g->panel[s] : s);
}

/* "sigmoid loses 0.64 and tanh 0.04 decades per layer"; more than three are counted, not named. */
static void say_change(gp_text *out, const gradient *g, int direction, size_t members) {
  size_t index = 0;
  double least = INFINITY, most = 0;
  const char *verb = direction < 0 ? "lose" : "gain";
  for (size_t s = 0; s < g->subjects; s++) {
    if (direction_of(g->told[s]) != direction) continue;
    double decades = fabs(g->told[s]);
    least = fmin(least, decades), most = fmax(most, decades);
    if (members > 3) continue;
    gp_text part = {0};
    say_subject(&part, g, s);
    if (index == 0) gp_text_add(&part, " %ss%s", verb, g->at_most ? " up to" : "");
    gp_text_add(&part, " %.2f", decades);
    gp_markup_listed(out, part.data != NULL ? part.data : "", index++, members);
    gp_text_free(&part);
  }
  if (members > 3) gp_text_add(out, "%zu %s %.2f to %.2f", members, verb, least, most);
  gp_text_add(out, " decades per layer");
}

static void say_kept(gp_text *out, const gradient *g, size_t members, bool others) {
  size_t index = 0;
  for (size_t s = 0; s < g->subjects && members <= 3; s++) {
    gp_text name = {0};
    if (direction_of(g->told[s]) != 0) continue;
    say_subject(&name, g, s);
    gp_markup_listed(out, name.data != NULL ? name.data : "", index++, members);
    gp_text_free(&name);
  }
  if (members > 3) gp_text_add(out, others ? "the others" : "all");
  gp_text_add(out, members > 1 ? " keep their gradient" : " keeps its gradient");
}

static void say_group(gp_text *out, const gradient *g, int direction, size_t *said) {
  size_t members = 0;
  for (size_t s = 0; s < g->subjects; s++) members += direction_of(g->told[s]) == direction;
  if (members == 0) return;
  if (*said > 0) gp_text_add(out, "; ");
  if (direction != 0)
    say_change(out, g, direction, members);
  else
    say_kept(out, g, members, *said > 0);
  (*said)++;
}

static bool is_axis(const gp_axis *axis, const char *name) {
  return axis != NULL && strcmp(axis->name, name) == 0;
}

/* The title tells of each line, or of each panel where those are the activations. Along the other axis the deepest
 * nets count, and where it is not depth the strongest change: "keeps its gradient" then holds for every line. */
static void find_subjects(gradient *g) {
  const gp_cast *cast = &g->cast;
  g->by_panel = is_axis(cast->panel, "activation") || (cast->panel != NULL && is_axis(cast->color, "depth"));
  g->subject = g->by_panel ? cast->panel : cast->color;
  g->subjects = g->by_panel ? g->panels : cast->colors;
  bool deepest = is_axis(g->by_panel ? cast->color : cast->panel, "depth");
  size_t others = g->by_panel ? cast->colors : g->panels;
  g->at_most = !deepest && others > 1;
  for (size_t s = 0; s < g->subjects; s++) {
    g->told[s] = NAN;
    for (size_t o = deepest ? others - 1 : 0; o < others; o++) {
      size_t at = g->by_panel ? s * cast->colors + o : o * cast->colors + s;
      double decades = log10(g->factor[at].median);
      if (isnan(g->told[s]) || fabs(decades) > fabs(g->told[s])) g->told[s] = decades;
    }
  }
}

static void say_title(gradient *g) {
  gp_text *title = &g->figure->title;
  size_t said = 0;
  find_subjects(g);
  /* Among activations a title stands for the other settings too; else it must not seem to. */
  if (g->cast.held.length > 0 && !is_axis(g->subject, "activation"))
    gp_text_add(title, "At %s, ", g->cast.held.data);
  for (int direction = -1; direction <= 1; direction += 2) say_group(title, g, direction, &said);
  say_group(title, g, 0, &said);
  if (said == 0) gp_text_add(title, "The gradient by layer at initialisation");
  gp_text_capital(title, 0);
}

static void say_caption(gradient *g) {
  gp_text *out = &g->figure->caption;
  gp_text_add(
      out,
      "Factor by which %s changes for one layer further back (least squares over the hidden layers):\n\n",
      g->chart->quantity);
  gp_text_add(out, "%-36s %10s %10s %10s %10s\n", "", "median", "p10", "p90", "predicted");
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) {
      gp_text name = {0}, plain = {0};
      gp_say_level(&name, g->frame, g->cast.panel, g->panel[p]);
      gp_text_add(&name, ", ");
      gp_say_level(&name, g->frame, g->cast.color, c);
      gp_plain_markup(&plain, name.data != NULL ? name.data : "");
      const gp_band *f = &g->factor[p * g->cast.colors + c];
      gp_text_add(out, "%-36s %10.4f %10.4f %10.4f %10.4f\n", plain.data != NULL ? plain.data : "", f->median,
                  f->low, f->high, g->theory[p * g->cast.colors + c]);
      gp_text_free(&name);
      gp_text_free(&plain);
    }
  }
}

/* ---- the whole ---- */

/* Panels of fewer than three layers show no slope: left out while deeper ones exist. */
static void choose_panels(gradient *g) {
  size_t first = 0;
  const gp_axis *axis = g->cast.panel;
  if (axis != NULL && strcmp(axis->name, "depth") == 0) {
    while (first + 1 < axis->count && axis->levels[first].number < 3) first++;
  }
  g->panels = gp_levels_pick(g->panel, g->cast.panels - first, PANELS);
  for (size_t p = 0; p < g->panels; p++) g->panel[p] += first;
}

static void write_axes(gradient *g) {
  gp_figure *figure = g->figure;
  double low[PANELS], high[PANELS], step[PANELS];
  bool has = g->high >= g->low;
  double bottom = has ? g->low : -1, top = has ? g->high : 1;
  /* Less than two decades would make a mountain of a seed's noise. */
  double short_of = fmax(2 - (top - bottom), 0) / 2;
  bottom -= short_of, top += short_of;
  double pad = 0.04 * (top - bottom);
  for (size_t p = 0; p < g->panels; p++) {
    size_t n, most = 1;
    for (size_t c = 0; c < g->cast.colors; c++) {
      const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, 0, &n);
      for (size_t i = 0; i < n; i++) {
        size_t hidden = hidden_of(g, runs[i]);
        most = hidden > most ? hidden : most;
      }
    }
    most += last_layer_extra(g);
    low[p] = most > 1, high[p] = 1.04 * (double)most; /* layers count from 1 */
    step[p] = fmax(1, gp_linear_step((double)most, 5));
  }
  bool delta = strcmp(g->chart->quantity, "delta_rms") == 0;
  gp_lines_axes(figure, &(gp_line_axes){.x_low = low,
                                        .x_high = high,
                                        .x_step = step,
                                        .y_log = true,
                                        .y_low = bottom - pad,
                                        .y_high = top + pad,
                                        .x_title = "layer (1 = next to the input)",
                                        .y_title = delta ? "gradient  {/:Italic δ}_{rms}"
                                                         : "gradient  ‖∇{/:Italic W}_ℓ‖_F"});
  for (size_t i = 0; i < g->panels * g->cast.colors; i++)
    g->end[i] = (g->end[i] - bottom + pad) / (top - bottom + 2 * pad);
  gp_labels_write(figure, g->end, g->panels, g->cast.colors);
}

static gp_status allocate(gradient *g) {
  size_t lines = g->panels * g->cast.colors;
  g->scratch = calloc(g->cast.replicates + 1, sizeof *g->scratch);
  g->end = calloc(lines, sizeof *g->end);
  g->factor = calloc(lines, sizeof *g->factor);
  g->told = calloc(lines, sizeof *g->told);
  g->theory = calloc(lines, sizeof *g->theory);
  bool failed =
      g->scratch == NULL || g->end == NULL || g->factor == NULL || g->theory == NULL || g->told == NULL;
  return failed ? gp_fail(GP_ERR_MEMORY, "no memory for the chart %s", g->chart->entry.name) : GP_OK;
}

static void release(gradient *g) {
  free(g->scratch);
  free(g->end);
  free(g->factor);
  free(g->told);
  free(g->theory);
  gp_cast_free(&g->cast);
}

static gp_status compose(gradient *g) {
  gp_figure *figure = g->figure;
  figure->template_ = "lines";
  figure->left = 0.72, figure->right = 0.72, figure->foot = 0.52;
  GP_TRY(gp_lines_write(figure, g->frame, &g->cast));
  GP_TRY(gp_panels_write(figure, g->frame, &g->cast, g->panel, g->panels));
  gp_figure_height(figure, 1.98);
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) draw_line(g, p, c);
  }
  write_axes(g);
  gp_figure_real(figure, "theory_band", g->predicted_sd != NULL);
  gp_key_write(figure, "", NULL, NULL, 0);
  say_title(g);
  gp_say_seeds(&figure->subtitle, &g->cast);
  gp_text_capital(&figure->subtitle, 0);
  bool theory = false;
  for (size_t i = 0; i < g->panels * g->cast.colors; i++) theory |= isfinite(g->theory[i]);
  if (theory && strcmp(g->chart->quantity, "delta_rms") == 0)
    gp_text_add(&figure->subtitle, g->predicted != NULL ? "; dashed: theory at this width, thin: its band"
                                                        : "; dashed: mean-field prediction");
  gp_text_add(&figure->subtitle, "; at initialisation");
  gp_say_setup(&figure->subtitle, g->frame, &g->cast);
  say_caption(g);
  return GP_OK;
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  static const char *const panel[] = {"depth", "#", NULL}, *const color[] = {"activation", "#", NULL};
  const gp_schema *schema = gp_table_schema(frame->table);
  gradient g = {.chart = chart,
                .figure = figure,
                .frame = frame,
                .checkpoints = schema->checkpoint_count,
                .layers = schema->layer_count,
                .low = INFINITY,
                .high = -INFINITY};
  GP_TRY(gp_frame_series(frame, chart->quantity, &g.series));
  if (gp_frame_series(frame, "predicted_delta_rms", &g.predicted) != GP_OK) g.predicted = NULL;
  if (gp_frame_series(frame, "predicted_delta_rms_sd", &g.predicted_sd) != GP_OK) g.predicted_sd = NULL;
  GP_TRY(gp_cast_make(&g.cast, frame, &(gp_wish){.panel = panel, .color = color, .initial = true}));
  choose_panels(&g);
  gp_status status = allocate(&g);
  if (status == GP_OK) status = compose(&g);
  release(&g);
  return status;
}

const gp_chart gp_chart_gradient = {
    .entry = {.name = "gradient-by-layer",
              .summary = "gradient (rms of delta) against layer at initialisation, by activation and depth",
              .needs = "the series delta_rms"},
    .quantity = "delta_rms",
    .preset = true,
    .draw = draw,
    .trace = &gp_trace_delta,
    .own_x = "layer",
};

const gp_chart gp_chart_weight_gradient = {
    .entry = {.name = "weight-gradient-by-layer",
              .summary =
                  "norm of the weight gradient against layer at initialisation, by activation and depth",
              .needs = "the series weight_gradient_norm"},
    .quantity = "weight_gradient_norm",
    .draw = draw,
    .trace = &gp_trace_weight,
    .own_x = "layer",
};
