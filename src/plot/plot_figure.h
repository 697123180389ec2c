/* A figure in the making: the variables its script begins with, its data blocks, its caption.
 *
 *   NAME.gp  = head (variables, arrays) + scripts/plot/style.gp + scripts/plot/<template>.gp
 *   NAME.dat = blocks apart by two blank lines, in the order they were begun (gnuplot's `index`)
 *   NAME-latex.gp = the texts as LaTeX, loaded for the format cairolatex only
 *   NAME.txt = title, set-up, measured and predicted numbers, where it came from
 *
 * Every text variable is written in single quotes, its own quotes as ’ and control characters as blanks: gnuplot runs
 * nothing inside single quotes. Texts are markup (plot_words.h). */
#ifndef GP_PLOT_FIGURE_H
#define GP_PLOT_FIGURE_H

#include <stdbool.h>

#include "plot.h"
#include "plot_layout.h"

typedef struct gp_figure {
  const char *name, *template_; /* "gradient-by-layer", "lines" */
  gp_text head, data, caption;
  gp_text latex;           /* the texts of `head` once more, as LaTeX */
  gp_text title, subtitle; /* markup, one paragraph each; wrapped when written */
  double width, height;    /* inches; height without title and subtitle; all inches are before `zoom` */
  double zoom;             /* of the whole page, letters included; 0: 1 */
  bool dark;
  double left, right, foot; /* margins in inches around the panels; foot holds the x title */
  size_t panels;
  size_t panel_columns; /* 0: chosen by the number of panels */
  bool failed;
} gp_figure;

void gp_figure_free(gp_figure *figure);

/* Sets width and zoom of a page. A column is laid out for fewer panels side by side. */
void gp_figure_page(gp_figure *figure, enum gp_plot_width width);

/* Rows and columns of its panels. */
void gp_figure_grid(gp_grid *grid, const gp_figure *figure);

/* Sets the height for panels of `panel_height` inches when they stand in one row; more rows are lower. After `panels`
 * and `foot` are known. */
void gp_figure_height(gp_figure *figure, double panel_height);

void gp_figure_real(gp_figure *figure, const char *name, double value);
void gp_figure_text(gp_figure *figure, const char *name, const char *markup);
/* `array name[n] = [...]`; of one NaN or '' when n is 0, since gnuplot has no empty arrays. */
void gp_figure_reals(gp_figure *figure, const char *name, const double *values, size_t n);
void gp_figure_texts(gp_figure *figure, const char *name, const char *const *markup, size_t n);

/* Begins the next block: a comment that says what it holds, and the names of its columns. */
void gp_figure_block(gp_figure *figure, const char *what, const char *columns);
/* One row; NaN is written as NaN. */
void gp_figure_row(gp_figure *figure, const double *values, size_t n);

/* Lays title and panels out, writes the three files into `directory`, and names them in `files`. */
gp_status gp_figure_write(gp_figure *figure, const char *directory, unsigned formats, gp_text *files);

#endif
