/* Writing a figure's script, data and caption. */
#include "plot_figure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "plot_latex.h"
#include "plot_words.h"

static const double TITLE_LINE = 0.215, SUBTITLE_LINE = 0.165;    /* inches from line to line */
static const double TITLE_EM = 13 / 72.0, SUBTITLE_EM = 9 / 72.0; /* font sizes of style.gp */
static const double ROW_GAP = 0.5;
enum { LINES_MAX = 4 };

void gp_figure_free(gp_figure *figure) {
  gp_text *texts[] = {&figure->head,  &figure->data,     &figure->caption,
                      &figure->title, &figure->subtitle, &figure->latex};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) gp_text_free(texts[i]);
}

/* ---- values as gnuplot reads them ---- */

static void add_real(gp_text *out, double value) {
  char buffer[32];
  if (isnan(value))
    gp_text_add(out, "NaN");
  else if (isinf(value)) /* gnuplot has no infinity; this is beyond every axis */
    gp_text_add(out, value > 0 ? "1e308" : "-1e308");
  else
    gp_text_add(out, "%s", gp_text_real(buffer, value));
}

/* A quote becomes the typographic apostrophe: then nothing in the text can end the string, and gnuplot 5.4 does not
 * read a doubled quote at the beginning of an array's element. */
static void add_quoted(gp_text *out, const char *text) {
  gp_text_add(out, "'");
  for (const char *s = text; *s != '\0'; s++) {
    if (*s == '\'')
      gp_text_add(out, "’");
    else
      gp_text_add_bytes(out, (unsigned char)*s < 0x20 || *s == 0x7F ? " " : s, 1);
  }
  gp_text_add(out, "'");
}

/* A literal of a whole number would divide as an integer in gnuplot. */
void gp_figure_real(gp_figure *figure, const char *name, double value) {
  gp_text_add(&figure->head, "%s = 1.0*", name);
  add_real(&figure->head, value);
  gp_text_add(&figure->head, "\n");
}

/* Titles are large; cairolatex itself knows no sizes. */
static void add_latex(gp_figure *figure, const char *name, const char *markup) {
  gp_text text = {0};
  bool title = strcmp(name, "title") == 0, column = figure->zoom > 0 && figure->zoom < 1;
  gp_text_add(&text, "%s ",
              title && !column ? "\\large"
              : title          ? "\\normalsize"
              : column         ? "\\scriptsize"
                               : "\\footnotesize");
  gp_latex_markup(&text, markup);
  add_quoted(&figure->latex, *markup != '\0' && !text.failed ? text.data : "");
  figure->failed |= text.failed;
  gp_text_free(&text);
}

/* Colours are texts too, and stay what they are; signs are data of `with labels`, which eats backslashes. */
static bool is_spoken(const char *name) {
  return strstr(name, "color") == NULL && strstr(name, "sign") == NULL;
}

void gp_figure_text(gp_figure *figure, const char *name, const char *markup) {
  gp_text_add(&figure->latex, "%s = ", name);
  add_latex(figure, name, markup);
  gp_text_add(&figure->latex, "\n");
  gp_text_add(&figure->head, "%s = ", name);
  add_quoted(&figure->head, markup);
  gp_text_add(&figure->head, "\n");
}

void gp_figure_reals(gp_figure *figure, const char *name, const double *values, size_t n) {
  gp_text_add(&figure->head, "array %s[%zu] = [", name, n > 0 ? n : 1);
  for (size_t i = 0; i < n; i++) {
    gp_text_add(&figure->head, "%s", i > 0 ? ", " : "");
    add_real(&figure->head, values[i]);
  }
  gp_text_add(&figure->head, n > 0 ? "]\n" : "NaN]\n");
}

void gp_figure_texts(gp_figure *figure, const char *name, const char *const *markup, size_t n) {
  gp_text_add(&figure->head, "array %s[%zu] = [", name, n > 0 ? n : 1);
  for (size_t i = 0; i < n; i++) {
    gp_text_add(&figure->head, "%s", i > 0 ? ", " : "");
    add_quoted(&figure->head, markup[i]);
  }
  gp_text_add(&figure->head, n > 0 ? "]\n" : "'']\n");
  if (n == 0 || !is_spoken(name)) return;
  gp_text_add(&figure->latex, "array %s[%zu] = [", name, n);
  for (size_t i = 0; i < n; i++) {
    gp_text_add(&figure->latex, "%s", i > 0 ? ", " : "");
    add_latex(figure, name, markup[i]);
  }
  gp_text_add(&figure->latex, "]\n");
}

/* ---- data ---- */

void gp_figure_block(gp_figure *figure, const char *what, const char *columns) {
  gp_text_add(&figure->data, "%s# ", figure->data.length > 0 ? "\n\n" : "");
  for (const char *s = what; *s != '\0'; s++)
    gp_text_add_bytes(&figure->data, (unsigned char)*s < 0x20 ? " " : s, 1);
  gp_text_add(&figure->data, "\n# %s\n", columns);
}

void gp_figure_row(gp_figure *figure, const double *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    gp_text_add(&figure->data, "%s", i > 0 ? " " : "");
    add_real(&figure->data, values[i]);
  }
  gp_text_add(&figure->data, "\n");
}

/* ---- layout ---- */

/* Breaks markup at blanks into lines of at most `room` ems. What does not fit in LINES_MAX lines runs over. */
static size_t wrap(const char *markup, double room, gp_text lines[static LINES_MAX]) {
  size_t count = 0;
  const char *word = markup;
  while (*word != '\0') {
    size_t length = strcspn(word, " ");
    gp_text tried = {0};
    gp_text_add(&tried, "%s%s%.*s", lines[count].length > 0 ? lines[count].data : "",
                lines[count].length > 0 ? " " : "", (int)length, word);
    if (!tried.failed && gp_markup_width(tried.data) > room && lines[count].length > 0 &&
        count + 1 < LINES_MAX) {
      count++;
      gp_text_add_bytes(&lines[count], word, length);
      gp_text_free(&tried);
    } else {
      gp_text_free(&lines[count]);
      lines[count] = tried;
    }
    word += length + strspn(word + length, " ");
  }
  return *markup != '\0' ? count + 1 : 0;
}

/* Wraps into the fewest lines and then as evenly as that many lines allow: no word is left alone on the last. */
static size_t wrap_evenly(const char *markup, double room, gp_text lines[static LINES_MAX]) {
  size_t count = wrap(markup, room, lines);
  double least = count > 0 ? gp_markup_width(markup) / (double)count : room;
  for (double tried = least; count > 1 && tried < room; tried += 0.5) {
    gp_text even[LINES_MAX] = {{0}};
    size_t needed = wrap(markup, tried, even);
    bool fits = needed <= count && gp_markup_width(even[needed - 1].data) <= tried;
    gp_text *spare = fits ? lines : even;
    for (size_t i = 0; i < LINES_MAX; i++) gp_text_free(&spare[i]);
    if (!fits) continue;
    for (size_t i = 0; i < LINES_MAX; i++) lines[i] = even[i];
    return needed;
  }
  return count;
}

/* Titles begin where the panels do, unless long names stand before them. */
static double title_left(const gp_figure *figure) {
  return figure->left > 1.2 ? 0.2 : figure->left;
}

/* Adds `NAME_lines`, `NAME[]` for wrapped text; returns the number of lines. */
static size_t add_wrapped(gp_figure *figure, const char *name, const char *markup, double em) {
  gp_text lines[LINES_MAX] = {{0}};
  const char *pointers[LINES_MAX];
  size_t count = wrap_evenly(markup, (figure->width - title_left(figure) - 0.1) / em, lines);
  for (size_t i = 0; i < count; i++) {
    figure->failed |= lines[i].failed || lines[i].data == NULL;
    pointers[i] = lines[i].data != NULL ? lines[i].data : "";
  }
  gp_text_add(&figure->head, "%s_lines = %zu\n", name, count);
  gp_figure_texts(figure, name, pointers, count);
  for (size_t i = 0; i < LINES_MAX; i++) gp_text_free(&lines[i]);
  return count;
}

void gp_figure_page(gp_figure *figure, enum gp_plot_width width) {
  static const double inches[] = {[GP_PLOT_TEXT] = 7.2, [GP_PLOT_COLUMN] = 4.25, [GP_PLOT_SLIDE] = 7.2};
  static const double zooms[] = {[GP_PLOT_TEXT] = 1, [GP_PLOT_COLUMN] = 0.8, [GP_PLOT_SLIDE] = 10 / 7.2};
  figure->width = inches[width];
  figure->zoom = zooms[width];
}

void gp_figure_grid(gp_grid *grid, const gp_figure *figure) {
  size_t narrow = figure->panels < 2 ? 1 : 2, columns = figure->panel_columns;
  if (columns == 0 && figure->width < 5) columns = narrow;
  gp_grid_shape(grid, figure->panels, columns);
}

void gp_figure_height(gp_figure *figure, double panel_height) {
  gp_grid grid;
  gp_figure_grid(&grid, figure);
  double rows = (double)grid.rows, lower = grid.rows == 1 ? 1 : grid.rows == 2 ? 0.78 : 0.69;
  figure->height = figure->foot + rows * lower * panel_height + (rows - 1) * ROW_GAP;
}

static void add_panels(gp_figure *figure, double height, double top) {
  gp_grid grid;
  gp_figure_grid(&grid, figure);
  gp_page page = {figure->width, height, figure->left, figure->right, top, figure->foot, 0.2, ROW_GAP};
  gp_grid_place(&grid, figure->panels, &page);
  gp_text_add(&figure->head, "panels = %zu\npanel_columns = %zu\n", figure->panels, grid.columns);
  gp_figure_reals(figure, "panel_left", grid.left, figure->panels);
  gp_figure_reals(figure, "panel_right", grid.right, figure->panels);
  gp_figure_reals(figure, "panel_bottom", grid.bottom, figure->panels);
  gp_figure_reals(figure, "panel_top", grid.top, figure->panels);
}

static void add_page(gp_figure *figure) {
  size_t titles = add_wrapped(figure, "title", figure->title.data, TITLE_EM);
  size_t subtitles = add_wrapped(figure, "subtitle", figure->subtitle.data, SUBTITLE_EM);
  double first = 0.2, second = first + (double)titles * TITLE_LINE - 0.01;
  double top = second + (double)subtitles * SUBTITLE_LINE + 0.2, height = figure->height + top;
  gp_text_add(&figure->head, "dark = %d\n", figure->dark);
  gp_figure_real(figure, "zoom", figure->zoom > 0 ? figure->zoom : 1);
  gp_figure_real(figure, "page_width", figure->width);
  gp_figure_real(figure, "page_height", height);
  gp_figure_real(figure, "title_x", title_left(figure) / figure->width);
  gp_figure_real(figure, "title_y", 1 - first / height);
  gp_figure_real(figure, "title_step", TITLE_LINE / height);
  gp_figure_real(figure, "subtitle_y", 1 - second / height);
  gp_figure_real(figure, "subtitle_step", SUBTITLE_LINE / height);
  add_panels(figure, height, top);
}

/* ---- files ---- */

static gp_status append_file(gp_text *out, const char *name) {
  gp_text path = {0};
  gp_status status = gp_data_path(&path, name);
  FILE *file = status == GP_OK ? fopen(path.data, "rb") : NULL;
  if (status == GP_OK && file == NULL) status = gp_fail(GP_ERR_IO, "%s: %s", path.data, strerror(errno));
  char piece[4096];
  for (size_t got; file != NULL && (got = fread(piece, 1, sizeof piece, file)) > 0;)
    gp_text_add_bytes(out, piece, got);
  if (file != NULL) fclose(file);
  gp_text_free(&path);
  return status;
}

static gp_status write_file(const char *directory, const char *name, const char *extension,
                            const gp_text *text, gp_text *files) {
  gp_text path = {0};
  gp_text_add(&path, "%s/%s%s", directory, name, extension);
  if (path.failed || text->failed || text->data == NULL) {
    gp_text_free(&path);
    return gp_fail(GP_ERR_MEMORY, "no memory to write the figure %s", name);
  }
  FILE *file = fopen(path.data, "wb");
  bool written = file != NULL && fwrite(text->data, 1, text->length, file) == text->length;
  int error = errno;
  if (file != NULL && fclose(file) != 0) written = false, error = errno;
  gp_status status = written ? GP_OK : gp_fail(GP_ERR_IO, "%s: %s", path.data, strerror(error));
  if (written) gp_text_add(files, "%s\n", path.data);
  gp_text_free(&path);
  return status;
}

static void begin_script(gp_text *script, const gp_figure *figure, unsigned formats) {
  gp_text_add(script,
              "# %s: draw again with `gnuplot %s.gp` in this folder; the data are in %s.dat.\n"
              "# Three parts: what this figure is made of, the house style, the chart.\n\n"
              "name = '%s'\nformats = '%s%s%s%s'\n",
              figure->name, figure->name, figure->name, figure->name, formats & GP_PLOT_SVG ? "svg " : "",
              formats & GP_PLOT_PDF ? "pdf " : "", formats & GP_PLOT_PNG ? "png " : "",
              formats & GP_PLOT_LATEX ? "cairolatex " : "");
}

static gp_status make_script(gp_text *script, gp_figure *figure, unsigned formats) {
  char template_[128];
  snprintf(template_, sizeof template_, "scripts/plot/%s.gp", figure->template_);
  add_page(figure);
  if (figure->failed || figure->head.failed)
    return gp_fail(GP_ERR_MEMORY, "no memory for the figure %s", figure->name);
  begin_script(script, figure, formats);
  gp_text_add(script, "%s\n", figure->head.data);
  GP_TRY(append_file(script, "scripts/plot/style.gp"));
  gp_text_add(script, "\n");
  return append_file(script, template_);
}

gp_status gp_figure_write(gp_figure *figure, const char *directory, unsigned formats, gp_text *files) {
  gp_text script = {0};
  gp_status status = make_script(&script, figure, formats);
  if (status == GP_OK) status = write_file(directory, figure->name, ".dat", &figure->data, files);
  if (status == GP_OK) status = write_file(directory, figure->name, ".txt", &figure->caption, files);
  if (status == GP_OK) status = write_file(directory, figure->name, ".gp", &script, files);
  if (status == GP_OK && (formats & GP_PLOT_LATEX) != 0)
    status = write_file(directory, figure->name, "-latex.gp", &figure->latex, files);
  gp_text_free(&script);
  return status;
}
