/* A chart as an item, and what charts share: bands over seeds, colours, set-up sentences. */
#ifndef GP_CHART_H
#define GP_CHART_H

#include "plot_cast.h"
#include "plot_figure.h"
#include "plot_frame.h"
#include "plot_layout.h"

/* Fills the figure from the frame. GP_ERR_NO, with the reason as message, when this file cannot fill the chart. */
typedef struct gp_chart {
  gp_plot_entry entry;
  const char *quantity; /* variable drawn, where one function serves several charts */
  bool preset;          /* part of the default set where the file has the quantity */
  gp_status (*draw)(const struct gp_chart *chart, gp_figure *figure, const gp_frame *frame);
  const struct gp_map *map;     /* as a heat map (chart_map.h), or NULL */
  const struct gp_trace *trace; /* as lines over any axis (chart_trace.h), or NULL */
  const char *own_x;            /* what `draw` has as x when that is no swept column: "layer", "step" */
} gp_chart;

extern const gp_chart gp_chart_activation_bins, gp_chart_gradient_bins, gp_chart_cure, gp_chart_over_time_map,
    gp_chart_phases, gp_chart_over_time, gp_chart_updates, gp_chart_distributions, gp_chart_lost_units,
    gp_chart_sharpness, gp_chart_noise, gp_chart_jacobian, gp_chart_seed_band, gp_chart_residuals;
extern const gp_chart gp_chart_gradient, gp_chart_weight_gradient, gp_chart_loss, gp_chart_trainability,
    gp_chart_verdict, gp_chart_span, gp_chart_dead, gp_chart_spread, gp_chart_homogeneity, gp_chart_fractal;

/* Median and the 10 % and 90 % quantiles; infinities are values, n == 0 gives NaN. Sorts the values in place. */
typedef struct gp_band {
  double median, low, high;
} gp_band;
gp_band gp_band_of(double *values, size_t n);

enum { GP_COLOR_BYTES = 8 };
/* "#RRGGBB" of line `index` of `count`: Okabe and Ito's colours, or shades of viridis when the levels are ordered. */
void gp_line_color(char out[static GP_COLOR_BYTES], size_t index, size_t count, bool ordered, bool dark);

/* Subtitle parts: "median of 5 seeds, band 10-90 %" and "width 32; depth 30; spirals" (what all runs share and what an
 * axis is held at). */
void gp_say_seeds(gp_text *out, const gp_cast *cast);
void gp_say_setup(gp_text *out, const gp_frame *frame, const gp_cast *cast);

/* The name of a level in a sentence: "ReLU", "width 64"; of a role that is not taken: the file's activation. */
void gp_say_level(gp_text *out, const gp_frame *frame, const gp_axis *axis, size_t level);

/* Writes line_text[] and line_color[] for the colours of a cast. */
gp_status gp_lines_write(gp_figure *figure, const gp_frame *frame, const gp_cast *cast);

/* Writes panel_title[] for the chosen panel levels. */
gp_status gp_panels_write(gp_figure *figure, const gp_frame *frame, const gp_cast *cast, const size_t *panel,
                          size_t count);

/* Panel titles of a figure with several rows: "Sigmoid: dead", one column per panel; of one row as gp_panels_write. */
gp_status gp_row_panels_write(gp_figure *figure, const gp_frame *frame, const gp_cast *cast,
                              const size_t *panel, size_t panels, const char *const *row_name,
                              const size_t *row, size_t rows);

/* Where in a run a value is taken, by index; GP_HELD: no role says, so the chart does. */
enum { GP_HELD = 1 << 30 };
typedef struct gp_place {
  size_t row, step, layer, bin; /* row: which of the chart's quantities */
} gp_place;

/* Takes level `level` of an inner axis into the place; any other axis (or NULL) leaves it alone. */
void gp_place_put(gp_place *at, const gp_frame *frame, const gp_axis *axis, size_t level);

/* Axes of line charts: one range of x per panel, one of y for all. */
typedef struct gp_line_axes {
  const double *x_low, *x_high, *x_step;
  bool x_log, y_log;
  double x_shift;        /* a log axis of number + shift: 1 for steps */
  double y_low, y_high;  /* log10 of the ends on a log axis */
  const double *tick_at; /* explicit ticks of x, or NULL */
  const char *const *tick_text;
  size_t ticks;
  const char *x_title, *y_title;
  const double *guide_at; /* horizontal guides, or NULL */
  const char *const *guide_text;
  size_t guides;
} gp_line_axes;
void gp_lines_axes(gp_figure *figure, const gp_line_axes *axes);

/* How an axis runs to the right: from where to where, and its ticks: explicit ones (texts owned by the axis), or with
 * ticks 0 one at every `step`. Steps stand on a logarithmic axis of step + 1, so that step 0 has a place; words at 1, 2, ... */
typedef struct gp_x_axis {
  double low, high, step;
  bool log_axis;
  size_t ticks;
} gp_x_axis;
/* Whether the levels rise by much the same factor from one to the next. */
bool gp_axis_is_geometric(const gp_axis *axis);
gp_x_axis gp_x_axis_of(const gp_axis *axis, double *tick, const char **text, size_t room);

/* Writes NAME_ticks, NAME_tick_at[], NAME_tick_text[]. */
void gp_ticks_write(gp_figure *figure, const char *name, const gp_ticks *ticks);

/* A key at the right of the panels; n 0 leaves it out. */
void gp_key_write(gp_figure *figure, const char *title, const char *const *text, const char *const *color,
                  size_t n);

/* At most `most` of `count` levels, evenly spread, the last one in; returns how many. */
size_t gp_levels_pick(size_t *pick, size_t count, size_t most);

/* Labels at line ends: `height[p * lines + c]` is the line's end as a share of the axis, NaN for none. Only the last
 * panel of each row is labelled. Writes label_y[]. Overwrites `height`. */
void gp_labels_write(gp_figure *figure, double *height, size_t panels, size_t lines);

/* Names the colours of a cast: numbers by a key at the right, others at the ends of their lines (`height` as for
 * gp_labels_write). */
void gp_names_write(gp_figure *figure, const gp_cast *cast, double *height, size_t panels);

/* Whether the run's verdict is that word. */
bool gp_run_is(const gp_frame *frame, size_t run, const char *verdict);

#endif
