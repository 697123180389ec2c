/* Charts from a result table, drawn by gnuplot from scripts that stay beside the pictures.
 *
 *   table -> frame (axes, levels, replicates) -> chart (figure: variables, data, caption) -> NAME.gp NAME.dat NAME.txt
 *         -> gnuplot NAME.gp -> NAME.svg NAME.pdf NAME.png
 *
 * NAME.gp is self-contained: `gnuplot NAME.gp` in its folder draws the figure again, restyled or not. */
#ifndef GP_PLOT_H
#define GP_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"
#include "table.h"
#include "text.h"

/* cairolatex: NAME-latex.tex to \input, with NAME-latex.pdf beside it; its labels are set by LaTeX. */
enum gp_plot_format { GP_PLOT_SVG = 1, GP_PLOT_PDF = 2, GP_PLOT_PNG = 4, GP_PLOT_LATEX = 8 };

/* Widths: of a page's text (7.2 in), of a column (3.4 in), of a slide (10 in, large letters). */
enum gp_plot_width { GP_PLOT_TEXT, GP_PLOT_COLUMN, GP_PLOT_SLIDE };

typedef struct gp_plot_request {
  const char *const *charts; /* names; NULL-terminated. NULL: those that the axes of the file make sensible */
  unsigned formats;          /* gp_plot_format bits; 0: svg, pdf and png */
  const char *directory;     /* made when missing */
  const char *x, *color,
      *panel;          /* swept columns (or layer, step) to take these roles; NULL: chosen by the chart */
  const char *command; /* how to make the figures again, for the captions; NULL: left out */
  const char *band;    /* "seed,init": columns folded into median and band; NULL: the seeds */
  const bool *keep;    /* per run of the table: whether it is drawn; NULL: all are */
  const char *layer,
      *step;         /* "1,5": only these layers and steps; NULL: all. One alone is where charts without
                                    such a role take their values */
  const char *where; /* what `keep` was made of, for subtitles: "depth=5, seed<3"; NULL: nothing */
  const char *const
      *paths; /* files to name in captions with their hashes, NULL-terminated; NULL: the path alone */
  enum gp_plot_width width;
  bool dark; /* light lines on a dark page */
} gp_plot_request;

/* One line per entry. */
typedef struct gp_plot_result {
  gp_text files;    /* paths written */
  gp_text findings; /* what each chart says, plain text */
  gp_text notes;    /* what could not be drawn and why, warnings of gnuplot */
} gp_plot_result;

/* A chart for `plot --list`. */
typedef struct gp_plot_entry {
  const char *name, *summary, *needs;
} gp_plot_entry;

/* All charts, ended by an entry without a name. Static. */
const gp_plot_entry *gp_plot_charts(void);

/* Reads the names "svg,pdf" as format bits. GP_ERR_USAGE lists the formats. */
gp_status gp_plot_formats(unsigned *out, const char *names);

/* The width and the theme ("light", "dark") of that name. GP_ERR_USAGE lists the names. */
gp_status gp_plot_width_named(enum gp_plot_width *out, const char *name);
gp_status gp_plot_theme_named(bool *dark, const char *name);

/* Draws. `path` names the table's file in captions. A chart of the default set that the file cannot fill becomes a
 * note; one that was asked for by name is GP_ERR_USAGE. GP_ERR_USAGE also for unknown charts and columns, GP_ERR_IO
 * when a file cannot be written or gnuplot is missing or fails (scripts and data are there even then). `out` holds what
 * was done up to an error; the caller frees it with gp_plot_result_free. */
gp_status gp_plot_draw(gp_table *table, const char *path, const gp_plot_request *request,
                       gp_plot_result *out);
void gp_plot_result_free(gp_plot_result *result);

#endif
