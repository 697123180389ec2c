/* A line chart of a study's own; see study_chart.h. */
#include "study_chart.h"

#include <math.h>

#include "chart.h"
#include "plot_gnuplot.h"
#include "plot_words.h"

static double on_axis(bool log_axis, double value) {
  return log_axis ? value > 0 ? log10(value) : (double)NAN : value;
}

static void widen(double *least, double *most, double value) {
  if (!isfinite(value)) return;
  *least = fmin(*least, value);
  *most = fmax(*most, value);
}

void study_chart_line(study_chart *c) {
  gp_text what = {0};
  size_t panel = c->line / c->lines, line = c->line % c->lines;
  if (c->line == 0) {
    for (size_t p = 0; p < c->panels; p++) c->x_least[p] = INFINITY, c->x_most[p] = -INFINITY;
    c->y_least = INFINITY, c->y_most = -INFINITY;
    c->figure = (gp_figure){.name = c->name, .template_ = "lines", .width = 7.2};
  }
  gp_text_add(&what, "%s | %s", c->panel_text[panel] != NULL ? c->panel_text[panel] : "", c->line_text[line]);
  gp_figure_block(&c->figure, what.data != NULL ? what.data : "", "x y low high predicted mark_y mark_type");
  gp_text_free(&what);
  c->end[c->line++] = (double)NAN;
}

void study_chart_point(study_chart *c, double x, double y, double low, double high, double predicted) {
  size_t panel = (c->line - 1) / c->lines;
  double height = on_axis(c->y_log, y), place = on_axis(c->x_log, x);
  if (isnan(place)) return;
  if (isnan(height)) y = low = high = (double)NAN;
  if (c->y_log && !(low > 0)) low = y;
  if (!isnan(height)) c->end[c->line - 1] = height;
  gp_figure_row(&c->figure, (double[]){x, y, low, high, predicted, (double)NAN, 7}, 7);
  widen(&c->x_least[panel], &c->x_most[panel], place);
  widen(&c->y_least, &c->y_most, height);
  widen(&c->y_least, &c->y_most, on_axis(c->y_log, low));
  widen(&c->y_least, &c->y_most, on_axis(c->y_log, high));
}

static void write_axes(study_chart *c) {
  double low[STUDY_PANELS_MAX], high[STUDY_PANELS_MAX], step[STUDY_PANELS_MAX];
  double pad = 0.05 * fmax(c->y_most - c->y_least, 1e-12);
  bool given = c->y_high > c->y_low;
  double bottom = given ? on_axis(c->y_log, c->y_low) : c->y_least - pad;
  double top = given ? on_axis(c->y_log, c->y_high) : c->y_most + pad;
  for (size_t p = 0; p < c->panels; p++) {
    double span = c->x_most[p] - c->x_least[p];
    low[p] = c->x_log ? pow(10, c->x_least[p]) : c->x_least[p];
    high[p] = c->x_log ? pow(10, c->x_most[p]) : c->x_most[p];
    step[p] = c->x_log ? pow(10, gp_decade_step(span, c->panels > 2 ? 3 : 5))
                       : gp_linear_step(span, c->panels > 2 ? 4 : 5);
  }
  gp_lines_axes(&c->figure, &(gp_line_axes){.x_low = low,
                                            .x_high = high,
                                            .x_step = step,
                                            .x_log = c->x_log,
                                            .y_log = c->y_log,
                                            .y_low = bottom,
                                            .y_high = top,
                                            .x_title = c->x_title,
                                            .y_title = c->y_title,
                                            .guide_at = &c->guide,
                                            .guide_text = &c->guide_text,
                                            .guides = c->guide_text != NULL});
  for (size_t i = 0; i < c->panels * c->lines; i++) c->end[i] = (c->end[i] - bottom) / (top - bottom);
  gp_labels_write(&c->figure, c->end, c->panels, c->lines);
}

gp_status study_figure_draw(gp_figure *figure, const gp_plot_request *request, gp_plot_result *out) {
  unsigned formats = request->formats != 0 ? request->formats : GP_PLOT_SVG | GP_PLOT_PDF | GP_PLOT_PNG;
  if (request->command != NULL)
    gp_text_add(&figure->caption, "\nDraw again: gnuplot %s.gp\nMake again: %s\n", figure->name,
                request->command);
  gp_status status = gp_figure_write(figure, request->directory, formats, &out->files);
  if (status == GP_OK) {
    gp_plain_markup(&out->findings, figure->title.data);
    gp_text_add(&out->findings, "\n");
    status = gp_gnuplot_run(request->directory, figure->name, formats, out);
  }
  gp_figure_free(figure);
  return status;
}

gp_status study_chart_draw(study_chart *c, const gp_plot_request *request, gp_plot_result *out) {
  const char *colors[STUDY_LINES_MAX];
  char color[STUDY_LINES_MAX][GP_COLOR_BYTES];
  gp_figure *figure = &c->figure;
  for (size_t i = 0; i < c->lines; i++)
    gp_line_color(color[i], i, c->lines, c->ordered, figure->dark), colors[i] = color[i];
  figure->panels = c->panels;
  figure->left = 0.72, figure->right = 0.3, figure->foot = 0.52;
  for (size_t i = 0; i < c->lines; i++) /* names in 9 points at the lines' ends */
    figure->right = fmax(figure->right, 0.2 + gp_markup_width(c->line_text[i]) * 9 / 72);
  figure->height = c->panels <= 4 ? 2.8 : 4.4;
  gp_text_add(&figure->title, "%s", c->title);
  gp_text_add(&figure->subtitle, "%s", c->subtitle);
  gp_plain_markup(&figure->caption, c->title);
  gp_text_add(&figure->caption, "\n\n%s\n", c->caption != NULL ? c->caption : "");
  gp_figure_real(figure, "lines", (double)c->lines);
  gp_figure_texts(figure, "line_text", c->line_text, c->lines);
  gp_figure_texts(figure, "line_color", colors, c->lines);
  gp_figure_texts(figure, "panel_title", c->panel_text, c->panels);
  write_axes(c);
  gp_key_write(figure, "", NULL, NULL, 0);
  return study_figure_draw(figure, request, out);
}
