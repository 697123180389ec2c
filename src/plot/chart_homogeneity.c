/* homogeneity-by-layer: the inner product of weights and gradient, layer against first layer, one panel for each kind of
 * net: a level line at 1 where the net is homogeneous. */
#include "chart.h"

#include <math.h>
#include <stdlib.h>

#include "plot_words.h"

enum { PANELS = 4 };
static const double LOW = -1,
                    HIGH = 3; /* ratios beyond stand on the frame: without the rule they have no bounds */

typedef struct ratio {
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast;
  const double *series; /* run x checkpoint x layer */
  size_t checkpoints, layers, panel[PANELS], panels;
  double *scratch, *last; /* replicates; panels x colors: the median of the last layer */
} ratio;

/* At the end of training: biases begin at 0, where they change nothing. */
static double ratio_at(const ratio *g, size_t run, size_t layer) {
  const double *first = g->series + (run * g->checkpoints + g->checkpoints - 1) * g->layers;
  return first[layer - 1] / first[0];
}

static void draw_line(ratio *g, size_t p, size_t c) {
  size_t n;
  const size_t *runs = gp_cast_runs(&g->cast, g->panel[p], c, 0, &n);
  gp_text what = {0};
  gp_say_level(&what, g->frame, g->cast.color, c);
  gp_figure_block(g->figure, what.data != NULL ? what.data : "",
                  "layer median p10 p90 predicted mark_y mark_type runs");
  gp_text_free(&what);
  for (size_t l = 1; l <= g->layers; l++) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
      double value = ratio_at(g, runs[i], l);
      if (!isnan(value)) g->scratch[kept++] = value;
    }
    gp_band band = gp_band_of(g->scratch, kept);
    double row[] = {(double)l, band.median, band.low, band.high, NAN, NAN, NAN, (double)kept};
    gp_figure_row(g->figure, row, sizeof row / sizeof *row);
    if (kept > 0) g->last[p * g->cast.colors + c] = band.median;
  }
}

static void write_axes(ratio *g) {
  double low[PANELS], high[PANELS], step[PANELS], one = 1;
  const char *text = "the same in every layer";
  for (size_t p = 0; p < g->panels; p++) {
    low[p] = 1, high[p] = 1.02 * (double)g->layers;
    step[p] = fmax(1, gp_linear_step((double)g->layers, 5));
  }
  gp_lines_axes(g->figure, &(gp_line_axes){.x_low = low,
                                           .x_high = high,
                                           .x_step = step,
                                           .y_low = LOW,
                                           .y_high = HIGH,
                                           .x_title = "layer (1 = next to the input)",
                                           .y_title = "⟨{/:Italic W}, ∇{/:Italic W}⟩ over the first layer’s",
                                           .guide_at = &one,
                                           .guide_text = &text,
                                           .guides = 1});
  for (size_t i = 0; i < g->panels * g->cast.colors; i++)
    g->last[i] = (fmin(fmax(g->last[i], LOW), HIGH) - LOW) / (HIGH - LOW);
  gp_labels_write(g->figure, g->last, g->panels, g->cast.colors);
}

static gp_status compose(ratio *g) {
  gp_figure *figure = g->figure;
  figure->template_ = "lines";
  figure->left = 0.72, figure->right = 0.95, figure->foot = 0.52;
  gp_figure_height(figure, 2.28);
  GP_TRY(gp_lines_write(figure, g->frame, &g->cast));
  GP_TRY(gp_panels_write(figure, g->frame, &g->cast, g->panel, g->panels));
  for (size_t p = 0; p < g->panels; p++) {
    for (size_t c = 0; c < g->cast.colors; c++) draw_line(g, p, c);
  }
  write_axes(g);
  gp_key_write(figure, "", NULL, NULL, 0);
  gp_text_add(&figure->title, "One number for every layer where the net is homogeneous");
  gp_say_seeds(&figure->subtitle, &g->cast);
  gp_text_capital(&figure->subtitle, 0);
  gp_text_add(&figure->subtitle, "; at the end of training");
  if (g->cast.panel != NULL) {
    gp_text_add(&figure->subtitle, "; panels: ");
    gp_markup_column(&figure->subtitle, g->cast.panel->name);
  }
  gp_say_setup(&figure->subtitle, g->frame, &g->cast);
  gp_text_add(
      &figure->caption,
      "Inner product of a layer's weights and their gradient over that of the first layer. It is 1 in every "
      "layer\nof a bias-free net of ReLU, leaky ReLU or linear units (Euler's theorem), and has no rule in "
      "others.\nValues beyond the frame stand on its edge.\n");
  return GP_OK;
}

static gp_status draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  static const char *const panel[] = {"bias", "#", NULL}, *const color[] = {"activation", "#", NULL};
  const gp_schema *schema = gp_table_schema(frame->table);
  ratio g = {.figure = figure,
             .frame = frame,
             .checkpoints = schema->checkpoint_count,
             .layers = schema->layer_count};
  GP_TRY(gp_frame_series(frame, chart->quantity, &g.series));
  GP_TRY(gp_cast_make(&g.cast, frame, &(gp_wish){.panel = panel, .color = color}));
  g.panels = gp_levels_pick(g.panel, g.cast.panels, PANELS);
  g.scratch = calloc(g.cast.replicates + 1, sizeof *g.scratch);
  g.last = calloc(g.panels * g.cast.colors, sizeof *g.last);
  gp_status status = g.scratch != NULL && g.last != NULL
                         ? compose(&g)
                         : gp_fail(GP_ERR_MEMORY, "no memory for the chart %s", chart->entry.name);
  free(g.scratch);
  free(g.last);
  gp_cast_free(&g.cast);
  return status;
}

const gp_chart gp_chart_homogeneity = {
    .entry = {.name = "homogeneity-by-layer",
              .summary = "inner product of weights and gradient against layer, relative to the first layer",
              .needs = "the series homogeneity"},
    .quantity = "homogeneity",
    .draw = draw,
    .own_x = "layer",
};
