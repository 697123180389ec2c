/* What charts share. */
#include "chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_layout.h"
#include "plot_words.h"
#include "statistics.h"

enum { ORDERED = 12 };

static double quantile(double *values, size_t n, double q) {
  double found = gp_quantile(values, n, q);
  return isnan(found) && n > 0 ? (double)INFINITY : found; /* between two infinities */
}

gp_band gp_band_of(double *values, size_t n) {
  return (gp_band){
      .median = quantile(values, n, 0.5), .low = quantile(values, n, 0.1), .high = quantile(values, n, 0.9)};
}

/* Okabe and Ito 2008, without their yellow (too faint for a line on white), then three of Tol's muted colours. */
static const char *const okabe_ito[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
                                        "#56B4E9", "#444444", "#882255", "#999933", "#332288"};
/* The same hues, lighter. */
static const char *const on_dark[] = {"#56B4E9", "#FF8A3D", "#2CC295", "#E79AC4", "#F0C040",
                                      "#8FD3FF", "#C8C8C8", "#D58AA8", "#CFCF7A", "#A99BFF"};
static const unsigned char viridis[][3] = {{68, 1, 84},    {72, 40, 120},  {62, 74, 137},  {49, 104, 142},
                                           {38, 130, 142}, {31, 158, 137}, {53, 183, 121}, {109, 205, 89},
                                           {180, 222, 44}, {253, 231, 37}};

void gp_line_color(char out[static GP_COLOR_BYTES], size_t index, size_t count, bool ordered, bool dark) {
  static const size_t known = sizeof okabe_ito / sizeof *okabe_ito;
  if (!ordered || count < 2) {
    snprintf(out, GP_COLOR_BYTES, "%s", (dark ? on_dark : okabe_ito)[index % known]);
    return;
  }
  /* The last fifth of the scale is too bright on white, the first too dark on black. */
  double share = (double)index / (double)(count - 1),
         at = dark ? 9 * (0.25 + 0.749 * share) : 9 * 0.85 * share;
  size_t low = (size_t)at;
  unsigned rgb[3];
  for (int k = 0; k < 3; k++) {
    double mixed = viridis[low][k] + (at - (double)low) * (viridis[low + 1][k] - viridis[low][k]);
    rgb[k] = (unsigned)(mixed + 0.5) & 0xFF;
  }
  snprintf(out, GP_COLOR_BYTES, "#%02X%02X%02X", rgb[0], rgb[1], rgb[2]);
}

void gp_say_seeds(gp_text *out, const gp_cast *cast) {
  if (cast->replicates > 1 && cast->band != NULL) {
    gp_text_add(out, "median of %zu runs over ", cast->replicates);
    gp_markup_plain(out, cast->band);
    gp_text_add(out, ", band 10–90 %%");
  } else if (cast->replicates > 1)
    gp_text_add(out, "median of %zu seeds, band 10–90 %%", cast->replicates);
  else
    gp_text_add(out, "one seed");
}

void gp_say_setup(gp_text *out, const gp_frame *frame, const gp_cast *cast) {
  static const char *const columns[] = {"depth", "width", "shape", "init", NULL};
  if (cast->held.length > 0) gp_text_add(out, "; %s", cast->held.data);
  if (frame->request->where != NULL) {
    gp_text_add(out, "; runs with ");
    gp_markup_plain(out, frame->request->where);
  }
  for (size_t i = 0; columns[i] != NULL; i++) {
    gp_text value = {0};
    const gp_axis *axis = gp_frame_axis(frame, columns[i]);
    bool shown =
        (axis == NULL || axis->count < 2) && gp_frame_constant(frame, columns[i], &value) && value.length > 0;
    if (shown) gp_text_add(out, "; %s %s", columns[i], value.data);
    out->failed |= value.failed;
    gp_text_free(&value);
  }
  gp_text data = {0};
  if (gp_frame_constant(frame, "data", &data) && !data.failed) gp_text_add(out, "; %s", data.data);
  gp_text_free(&data);
}

void gp_say_level(gp_text *out, const gp_frame *frame, const gp_axis *axis, size_t level) {
  if (axis == NULL) {
    if (!gp_frame_constant(frame, "activation", out)) gp_text_add(out, "the network");
    return;
  }
  bool alone = strcmp(axis->name, "activation") == 0 || (!axis->numeric && strchr(axis->name, '_') == NULL);
  if (!alone && strcmp(axis->name, "depth") == 0)
    gp_text_add(out, "depth ");
  else if (!alone) {
    gp_markup_column(out, axis->name);
    gp_text_add(out, " ");
  }
  gp_text_add(out, "%s", axis->levels[level].label);
}

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to lay out the chart");
}

static void write_texts(gp_figure *figure, const char *name, gp_text *texts, size_t n) {
  const char **pointers = calloc(n + 1, sizeof *pointers);
  figure->failed |= pointers == NULL;
  for (size_t i = 0; i < n && pointers != NULL; i++) {
    figure->failed |= texts[i].failed;
    pointers[i] = texts[i].data != NULL && !texts[i].failed ? texts[i].data : "";
  }
  if (pointers != NULL) gp_figure_texts(figure, name, pointers, n);
  free(pointers);
}

static void free_texts(gp_text *texts, size_t n) {
  for (size_t i = 0; texts != NULL && i < n; i++) gp_text_free(&texts[i]);
  free(texts);
}

/* Widens the right margin for a text of that size which begins `offset` inches from the panels, up to a third of the page. */
static void make_room(gp_figure *figure, const char *markup, double points, double offset) {
  double wanted = offset + (markup != NULL ? gp_markup_width(markup) * points / 72 : 0) + 0.05;
  figure->right = fmin(fmax(figure->right, wanted), figure->width / 3);
}

gp_status gp_lines_write(gp_figure *figure, const gp_frame *frame, const gp_cast *cast) {
  gp_text *names = calloc(cast->colors, sizeof *names), *colors = calloc(cast->colors, sizeof *colors);
  bool ordered = cast->color != NULL && cast->color->numeric;
  for (size_t c = 0; c < cast->colors && names != NULL && colors != NULL; c++) {
    char color[GP_COLOR_BYTES];
    gp_line_color(color, c, cast->colors, ordered, figure->dark);
    gp_text_add(&colors[c], "%s", color);
    if (ordered && strcmp(cast->color->name, "depth") != 0) /* a bare 30 at a line's end says little */
      gp_text_add(&names[c], "%s", cast->color->levels[c].label);
    else
      gp_say_level(&names[c], frame, cast->color, c);
    if (cast->color == NULL || strcmp(cast->color->name, "file") != 0) gp_text_capital(&names[c], 0);
    make_room(figure, names[c].data, 9, 0.2);
  }
  gp_status status = names == NULL || colors == NULL ? no_memory() : GP_OK;
  if (status == GP_OK) {
    gp_text_add(&figure->head, "lines = %zu\n", cast->colors);
    write_texts(figure, "line_text", names, cast->colors);
    write_texts(figure, "line_color", colors, cast->colors);
  }
  free_texts(names, cast->colors);
  free_texts(colors, cast->colors);
  return status;
}

gp_status gp_panels_write(gp_figure *figure, const gp_frame *frame, const gp_cast *cast, const size_t *panel,
                          size_t count) {
  gp_text *titles = calloc(count, sizeof *titles);
  if (titles == NULL) return no_memory();
  for (size_t p = 0; p < count; p++) {
    bool crowded = figure->width < 5 && count > 2; /* no room for "20 hidden layers" */
    bool depth = cast->panel != NULL && strcmp(cast->panel->name, "depth") == 0 && !crowded;
    if (depth)
      gp_text_add(&titles[p], "%s hidden layer%s", cast->panel->levels[panel[p]].label,
                  cast->panel->levels[panel[p]].number == 1 ? "" : "s");
    else if (cast->panel != NULL)
      gp_say_level(&titles[p], frame, cast->panel, panel[p]);
    gp_text_capital(&titles[p], 0);
  }
  figure->panels = count;
  write_texts(figure, "panel_title", titles, count);
  free_texts(titles, count);
  return GP_OK;
}

void gp_key_write(gp_figure *figure, const char *title, const char *const *text, const char *const *color,
                  size_t n) {
  if (n > 0) make_room(figure, title, 8.5, 0.2);
  for (size_t i = 0; i < n; i++) make_room(figure, text[i], 8.5, 0.5);
  gp_text_add(&figure->head, "key_count = %zu\n", n);
  gp_figure_text(figure, "key_title", title);
  gp_figure_texts(figure, "key_text", text, n);
  gp_figure_texts(figure, "key_color", color, n);
}

size_t gp_levels_pick(size_t *pick, size_t count, size_t most) {
  size_t chosen = count < most ? count : most;
  for (size_t i = 0; i < chosen; i++) pick[i] = chosen > 1 ? i * (count - 1) / (chosen - 1) : count - 1;
  return chosen;
}

void gp_labels_write(gp_figure *figure, double *height, size_t panels, size_t lines) {
  gp_grid grid;
  gp_figure_grid(&grid, figure);
  double rows = (double)grid.rows, gap = 0.5;
  double panel_height = (figure->height - figure->foot - (rows - 1) * gap) / rows;
  for (size_t p = 0; p < panels; p++) {
    double *h = height + p * lines, packed[64];
    size_t from[64], n = 0;
    bool labelled = p + 1 == panels || (p + 1) % grid.columns == 0;
    for (size_t c = 0; c < lines; c++) {
      if (labelled && n < 64 && isfinite(h[c])) packed[n] = fmin(fmax(h[c], 0), 1), from[n++] = c;
      h[c] = NAN;
    }
    gp_spread(packed, n, 0.15 / panel_height, -0.05, 1.05);
    for (size_t i = 0; i < n; i++) h[from[i]] = packed[i];
  }
  gp_figure_reals(figure, "label_y", height, panels * lines);
}

gp_status gp_row_panels_write(gp_figure *figure, const gp_frame *frame, const gp_cast *cast,
                              const size_t *panel, size_t panels, const char *const *row_name,
                              const size_t *row, size_t rows) {
  if (rows == 1) return gp_panels_write(figure, frame, cast, panel, panels);
  size_t count = rows * panels;
  gp_text *titles = calloc(count, sizeof *titles);
  if (titles == NULL) return no_memory();
  for (size_t i = 0; i < count; i++) {
    if (cast->panel != NULL) gp_say_level(&titles[i], frame, cast->panel, panel[i % panels]);
    gp_text_add(&titles[i], "%s%s", cast->panel != NULL ? ": " : "", row_name[row[i / panels]]);
    gp_text_capital(&titles[i], 0);
  }
  figure->panels = count;
  figure->panel_columns = panels > 1 ? panels : 0;
  write_texts(figure, "panel_title", titles, count);
  free_texts(titles, count);
  return GP_OK;
}

/* Of the checkpoints' steps (ascending), the one with that number. */
static size_t checkpoint_of(const gp_frame *frame, double step) {
  const gp_schema *schema = gp_table_schema(frame->table);
  size_t low = 0, high = schema->checkpoint_count;
  while (low + 1 < high) {
    size_t middle = (low + high) / 2;
    if ((double)schema->checkpoints[middle] <= step)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static size_t bin_of(enum gp_bins kind, double edge) {
  int b = 0;
  while (b + 1 < GP_BINS && gp_bin_edge(kind, b) < edge) b++;
  return (size_t)b;
}

void gp_place_put(gp_place *at, const gp_frame *frame, const gp_axis *axis, size_t level) {
  if (axis == NULL || !axis->inner) return;
  if (strcmp(axis->name, "layer") == 0)
    at->layer = (size_t)axis->levels[level].number - 1;
  else if (strcmp(axis->name, "step") != 0)
    at->bin = bin_of(strcmp(axis->name, "value") == 0 ? GP_BINS_VALUE : GP_BINS_MAGNITUDE,
                     axis->levels[level].number);
  else
    at->step = checkpoint_of(frame, axis->levels[level].number);
}

/* Ordered levels are explained once by a key, top to bottom as the palette goes; others at the line ends. */
static bool is_ordered(const gp_axis *axis) {
  return axis != NULL && axis->numeric && axis->count > 1 && axis->count <= ORDERED;
}

static void key_of_levels(gp_figure *figure, const gp_axis *axis) {
  const char *text[ORDERED], *color[ORDERED];
  char colors[ORDERED][GP_COLOR_BYTES];
  gp_text title = {0};
  for (size_t c = 0; c < axis->count; c++) {
    size_t k = axis->count - 1 - c;
    gp_line_color(colors[c], k, axis->count, true, figure->dark);
    text[c] = axis->levels[k].label, color[c] = colors[c];
  }
  gp_markup_column(&title, axis->name);
  gp_key_write(figure, title.data != NULL ? title.data : "", text, color, axis->count);
  gp_text_free(&title);
}

void gp_names_write(gp_figure *figure, const gp_cast *cast, double *height, size_t panels) {
  bool ordered = is_ordered(cast->color);
  if (ordered)
    key_of_levels(figure, cast->color);
  else
    gp_key_write(figure, "", NULL, NULL, 0);
  for (size_t i = 0; ordered && i < panels * cast->colors; i++) height[i] = NAN;
  gp_labels_write(figure, height, panels, cast->colors);
}

bool gp_run_is(const gp_frame *frame, size_t run, const char *verdict) {
  char buffer[32];
  return strcmp(gp_frame_word(frame, "verdict", run, buffer), verdict) == 0;
}
