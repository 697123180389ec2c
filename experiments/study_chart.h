/* A line chart of a study's own, in the house style: what the charts of `gradpath plot` do not know how to draw.
 *
 * Lines are written one after the other, panel by panel: study_chart_line, then its points in order, for each of
 * panels x lines. Texts are markup of gnuplot and borrowed until study_chart_draw. Frees itself in study_chart_draw. */
#ifndef GP_STUDY_CHART_H
#define GP_STUDY_CHART_H

#include "plot_figure.h"

enum { STUDY_PANELS_MAX = 12, STUDY_LINES_MAX = 12 };

typedef struct study_chart {
  const char *name, *title, *subtitle, *x_title, *y_title;
  const char *caption; /* a paragraph below the set-up in NAME.txt: measured and predicted, what to look at */
  bool x_log, y_log;
  size_t panels, lines;
  const char *panel_text[STUDY_PANELS_MAX], *line_text[STUDY_LINES_MAX];
  bool ordered;           /* shades of one palette instead of colours */
  double guide;           /* a horizontal line with its name, where guide_text is not NULL */
  const char *guide_text; /* NULL: none */
  double y_low, y_high;   /* of the axis; both 0: what the points need */
  /* inside */
  gp_figure figure;
  size_t line; /* lines begun */
  double x_least[STUDY_PANELS_MAX], x_most[STUDY_PANELS_MAX], y_least, y_most;
  double end[STUDY_PANELS_MAX * STUDY_LINES_MAX];
} study_chart;

void study_chart_line(study_chart *chart);

/* A point: its band (y twice for none) and what theory says there (NaN: nothing). NaN as y breaks the line; on a
 * logarithmic axis values that are not positive are left out. */
void study_chart_point(study_chart *chart, double x, double y, double low, double high, double predicted);

/* Lays the axes out, writes NAME.gp, .dat, .txt and runs gnuplot. GP_ERR_MEMORY, GP_ERR_IO. */
gp_status study_chart_draw(study_chart *chart, const gp_plot_request *request, gp_plot_result *out);

/* Writes the three files of a figure, notes its title among the findings and runs gnuplot; frees the figure. */
gp_status study_figure_draw(gp_figure *figure, const gp_plot_request *request, gp_plot_result *out);

#endif
