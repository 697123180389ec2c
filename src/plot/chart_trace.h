/* Lines of any measured quantity over any axis: layer, step, or what was swept.
 *
 * A chart is a const gp_trace: what is drawn, which axes it would like for x, colour and panel, how values become one
 * point, and how its finding is said. What has no role is held: a layer or step by the rule of the chart (or by the
 * request), a swept column as in plot_cast.h. */
#ifndef GP_CHART_TRACE_H
#define GP_CHART_TRACE_H

#include "chart.h"

enum { GP_TRACE_ROWS = 3, GP_TRACE_PANELS = 8 };

/* One point of a line, over the runs of a cell. */
typedef struct gp_point {
  gp_band band;
  double predicted, predicted_low, predicted_high; /* NaN: no theory */
  size_t runs;                                     /* that have a value */
} gp_point;

typedef struct gp_ends {
  double low, high;
} gp_ends;

typedef enum gp_trace_layer { GP_LAYER_FIRST, GP_LAYER_LARGEST, GP_LAYER_LAST_HIDDEN } gp_trace_layer;

struct gp_trace_drawn;

typedef struct gp_trace {
  const char
      *quantity[GP_TRACE_ROWS]; /* variables; each gets a row of panels. Those the file lacks are left out */
  const char *row_name[GP_TRACE_ROWS]; /* what a row shows, where there are several: its y title */
  const char *name;                    /* in sentences: "the update ratio" */
  const char *y_title;
  const char *const *x, *const *color, *const *panel; /* wishes, as in gp_wish */
  bool initial; /* a step without a role is the first, else the last a run has */
  bool log_y;
  double floor, ceiling;  /* ends of a linear axis that is not fitted to the data; both 0: fitted */
  gp_trace_layer layer;   /* which one, when it has no role */
  size_t color_most;      /* levels of an inner axis drawn as lines; 0: seven */
  const double *guide_at; /* horizontal lines, with their names */
  const char *const *guide_text;
  size_t guides;
  const char *band_words;   /* the subtitle's words on line and band; NULL: median of N seeds, band 10-90 % */
  const char *theory_words; /* its words on the dashed line */
  bool theory_colored;      /* each dashed line in the colour of its line */
  /* Points by another way than quantiles over runs; NULL: those. Values by gp_trace_value. */
  gp_point (*fold)(const struct gp_trace_drawn *drawn, const size_t *runs, size_t n, gp_place at);
  /* What theory says of a run there; NULL: nothing. */
  double (*predict)(const struct gp_trace_drawn *drawn, size_t run, gp_place at);
  /* The finding; NULL: how the quantity changes along the lines of each panel. */
  void (*say)(gp_text *title, const struct gp_trace_drawn *drawn);
} gp_trace;

/* Of the charts that have a drawing of their own as long as no other axis is asked for. */
extern const gp_trace gp_trace_delta, gp_trace_weight, gp_trace_loss;

/* What the functions of a chart may look at. */
typedef struct gp_trace_drawn {
  const gp_trace *trace;
  gp_figure *figure;
  const gp_frame *frame;
  gp_cast cast;
  gp_axis thin; /* an inner colour axis with few levels */
  const double *series[GP_TRACE_ROWS];
  int variable[GP_TRACE_ROWS];
  size_t row[GP_TRACE_ROWS], rows; /* rows that are drawn, as indices of `quantity` */
  size_t checkpoints, layers, panel[GP_TRACE_PANELS], panels;
  double *scratch; /* replicates + layers + 1 */
  gp_point *first, *last,
      *most;            /* rows x panels x colors: the ends of the lines, the point with the largest median */
  size_t *last_x;       /* ... the level of x they end at */
  double *height;       /* ... where the line ends, for its label */
  gp_ends lines, bands; /* of what is drawn, log10 on a log axis */
  size_t zeros, infinities, ends; /* marks */
} gp_trace_drawn;

/* The place with held parts filled in by the chart's rule. */
gp_place gp_trace_settle(const gp_trace_drawn *drawn, size_t run, gp_place at);
/* A run's value there: the held layer and step by the chart's rule, NaN where it has none. */
double gp_trace_value(const gp_trace_drawn *drawn, size_t run, gp_place at);
/* A series of the file at a place of a run that gives step and layer; NaN where the file or the run has none. */
double gp_trace_look(const gp_trace_drawn *drawn, const double *series, size_t run, gp_place at);

/* The point of line (row, panel, color) at level x; row as in `row`, panel as in `panel`. */
gp_point gp_trace_point(const gp_trace_drawn *drawn, size_t row, size_t panel, size_t color, size_t x);

/* Quantiles over the runs of a cell, and the median of `predict`. */
gp_point gp_trace_quantiles(const gp_trace_drawn *drawn, const size_t *runs, size_t n, gp_place at);

/* Draws. GP_ERR_NO when the file lacks every quantity or has no axis for x. */
gp_status gp_trace_draw(const gp_chart *chart, gp_figure *figure, const gp_frame *frame);

#endif
