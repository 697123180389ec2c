/* From a request to figures on disk. */
#include "plot.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "chart.h"
#include "chart_map.h"
#include "chart_trace.h"
#include "hash.h"
#include "plot_gnuplot.h"
#include "plot_words.h"

static const gp_chart *const charts[] = {
    &gp_chart_gradient,        &gp_chart_over_time,     &gp_chart_loss,
    &gp_chart_trainability,    &gp_chart_verdict,       &gp_chart_span,
    &gp_chart_updates,         &gp_chart_distributions, &gp_chart_activation_bins,
    &gp_chart_gradient_bins,   &gp_chart_lost_units,    &gp_chart_sharpness,
    &gp_chart_noise,           &gp_chart_jacobian,      &gp_chart_over_time_map,
    &gp_chart_phases,          &gp_chart_cure,          &gp_chart_seed_band,
    &gp_chart_residuals,       &gp_chart_spread,        &gp_chart_dead,
    &gp_chart_weight_gradient, &gp_chart_homogeneity,   &gp_chart_fractal};
enum { CHARTS = sizeof charts / sizeof *charts };

static gp_plot_entry entries[CHARTS + 1];
static pthread_once_t entries_once = PTHREAD_ONCE_INIT;

static void list_entries(void) {
  for (size_t i = 0; i < CHARTS; i++) entries[i] = charts[i]->entry;
}

const gp_plot_entry *gp_plot_charts(void) {
  pthread_once(&entries_once, list_entries);
  return entries;
}

void gp_plot_result_free(gp_plot_result *result) {
  gp_text_free(&result->files);
  gp_text_free(&result->findings);
  gp_text_free(&result->notes);
}

/* Makes the folder and those above it. */
static gp_status make_folder(const char *path) {
  gp_text part = {0};
  gp_status status = GP_OK;
  for (const char *slash = path; slash != NULL && status == GP_OK;) {
    slash = strchr(slash + 1, '/');
    gp_text_free(&part);
    gp_text_add_bytes(&part, path, slash != NULL ? (size_t)(slash - path) : strlen(path));
    if (part.failed)
      status = gp_fail(GP_ERR_MEMORY, "no memory for the path %s", path);
    else if (mkdir(part.data, 0777) != 0 && errno != EEXIST)
      status = gp_fail(GP_ERR_IO, "%s cannot be made: %s", part.data, strerror(errno));
  }
  gp_text_free(&part);
  return status;
}

/* The files by name and hash; one that is still a journal has no hash. */
static void add_files(gp_text *out, const gp_plot_request *request, const char *path) {
  const char *const one[] = {path, NULL};
  for (const char *const *file = request->paths != NULL ? request->paths : one; *file != NULL; file++) {
    char hash[GP_HASH_TEXT];
    gp_text_add(out, "%s %s", file == request->paths || request->paths == NULL ? "Data:" : "and", *file);
    if (gp_hash_file(hash, *file)) gp_text_add(out, " (xxh128 %s)", hash);
    gp_text_add(out, "\n");
  }
}

/* Title and set-up open the caption; where it came from closes it. */
static void finish_caption(gp_figure *figure, const gp_plot_request *request, const char *path, size_t runs) {
  gp_text whole = {0};
  gp_plain_markup(&whole, figure->title.data != NULL ? figure->title.data : figure->name);
  gp_text_add(&whole, "\n");
  gp_plain_markup(&whole, figure->subtitle.data != NULL ? figure->subtitle.data : "");
  gp_text_add(&whole, "\n\n%s\n", figure->caption.data != NULL ? figure->caption.data : "");
  add_files(&whole, request, path);
  gp_text_add(&whole, "%zu runs; the points drawn: %s.dat\nDraw again: gnuplot %s.gp\n", runs, figure->name,
              figure->name);
  if (request->command != NULL) gp_text_add(&whole, "Make again: %s\n", request->command);
  whole.failed |= figure->caption.failed || figure->title.failed || figure->subtitle.failed;
  gp_text_free(&figure->caption);
  figure->caption = whole;
}

static bool is_inner(const char *role) {
  return role != NULL && (strcmp(role, "layer") == 0 || strcmp(role, "step") == 0);
}

/* A chart whose x is the layer or the step by its nature becomes lines over the axis that was asked for. */
static gp_status fill(const gp_chart *chart, gp_figure *figure, const gp_frame *frame) {
  const gp_plot_request *request = frame->request;
  bool other = is_inner(request->color) || is_inner(request->panel) ||
               (request->x != NULL && chart->own_x != NULL && strcmp(request->x, chart->own_x) != 0);
  if (chart->map != NULL) return gp_map_draw(chart, figure, frame);
  if (chart->draw == NULL || (other && chart->trace != NULL)) return gp_trace_draw(chart, figure, frame);
  if (request->x != NULL && other)
    return gp_fail(GP_ERR_NO, "its x is the %s and nothing else", chart->own_x);
  return chart->draw(chart, figure, frame);
}

static gp_status draw_chart(const gp_chart *chart, const gp_frame *frame, const char *path,
                            gp_plot_result *out) {
  const gp_plot_request *request = frame->request;
  unsigned formats = request->formats != 0 ? request->formats : GP_PLOT_SVG | GP_PLOT_PDF | GP_PLOT_PNG;
  gp_figure figure = {.name = chart->entry.name, .dark = request->dark};
  gp_figure_page(&figure, request->width);
  gp_status status = fill(chart, &figure, frame);
  if (status == GP_OK) {
    finish_caption(&figure, request, path, frame->runs);
    status = gp_figure_write(&figure, request->directory, formats, &out->files);
  }
  if (status == GP_OK) {
    gp_plain_markup(&out->findings, figure.title.data);
    gp_text_add(&out->findings, "\n");
    status = gp_gnuplot_run(request->directory, chart->entry.name, formats, out);
  }
  gp_figure_free(&figure);
  return status;
}

gp_status gp_plot_width_named(enum gp_plot_width *out, const char *name) {
  static const char *const names[] = {
      [GP_PLOT_TEXT] = "text", [GP_PLOT_COLUMN] = "column", [GP_PLOT_SLIDE] = "slide"};
  for (int i = 0; i < 3; i++)
    if (strcmp(names[i], name) == 0) return *out = (enum gp_plot_width)i, GP_OK;
  return gp_fail(GP_ERR_USAGE, "unknown width '%s' (widths: text, column, slide)", name);
}

gp_status gp_plot_theme_named(bool *dark, const char *name) {
  *dark = strcmp(name, "dark") == 0;
  if (*dark || strcmp(name, "light") == 0) return GP_OK;
  return gp_fail(GP_ERR_USAGE, "unknown theme '%s' (themes: light, dark)", name);
}

static gp_status unknown_chart(const char *name) {
  const char *names[CHARTS];
  gp_text list = {0};
  for (size_t i = 0; i < CHARTS; i++) {
    names[i] = charts[i]->entry.name;
    gp_text_add(&list, "%s%s", i > 0 ? ", " : "", names[i]);
  }
  const char *nearest = gp_text_nearest(name, names, CHARTS);
  gp_status status = gp_fail(GP_ERR_USAGE, "unknown chart '%s'%s%s%s (charts: %s)", name,
                             nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                             nearest != NULL ? "'?" : "", list.failed ? "see --list" : list.data);
  gp_text_free(&list);
  return status;
}

static gp_status chart_named(const gp_chart **out, const char *name) {
  for (size_t i = 0; i < CHARTS; i++) {
    if (strcmp(charts[i]->entry.name, name) == 0) return *out = charts[i], GP_OK;
  }
  return unknown_chart(name);
}

static gp_status draw_named(const gp_frame *frame, const char *path, gp_plot_result *out) {
  const gp_chart *chart = NULL;
  /* All names first: a misspelt one must not leave half of the figures behind. */
  for (const char *const *name = frame->request->charts; *name != NULL; name++)
    GP_TRY(chart_named(&chart, *name));
  for (const char *const *name = frame->request->charts; *name != NULL; name++) {
    GP_TRY(chart_named(&chart, *name));
    gp_status status = draw_chart(chart, frame, path, out);
    if (status == GP_ERR_NO) {
      (void)gp_fail_prefix(GP_ERR_USAGE, "%s cannot be drawn from %s: ", chart->entry.name, path);
      status = GP_ERR_USAGE;
    }
    GP_TRY(status);
  }
  return GP_OK;
}

static gp_status draw_preset(const gp_frame *frame, const char *path, gp_plot_result *out) {
  for (size_t i = 0; i < CHARTS; i++) {
    if (!charts[i]->preset || gp_table_find(frame->table, charts[i]->quantity) < 0) continue;
    gp_status status = draw_chart(charts[i], frame, path, out);
    /* What only some probes give is left out without a word. */
    bool missed = charts[i]->trace == NULL || charts[i]->draw != NULL;
    if (status == GP_ERR_NO && !missed) continue;
    if (status == GP_ERR_NO)
      gp_text_add(&out->notes, "%s was not drawn: %s\n", charts[i]->entry.name, gp_message());
    else
      GP_TRY(status);
  }
  return GP_OK;
}

gp_status gp_plot_draw(gp_table *table, const char *path, const gp_plot_request *request,
                       gp_plot_result *out) {
  *out = (gp_plot_result){0};
  gp_frame frame = {0};
  gp_status status = gp_frame_make(&frame, table, request);
  /* Before anything is written: the chart that uses the role may not be the first. */
  if (status == GP_OK) status = gp_frame_check_roles(&frame);
  if (status == GP_OK) status = make_folder(request->directory);
  if (status == GP_OK)
    status = request->charts != NULL ? draw_named(&frame, path, out) : draw_preset(&frame, path, out);
  gp_frame_free(&frame);
  if (status == GP_OK && (out->files.failed || out->findings.failed || out->notes.failed))
    status = gp_fail(GP_ERR_MEMORY, "no memory for the list of figures");
  return status;
}
