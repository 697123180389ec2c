/* Drawing the charts of a file and saying what came of it, for `plot` and `study`. */
#ifndef GP_DRAW_H
#define GP_DRAW_H

#include "cli.h"
#include "plot.h"

/* Appends the folder charts of a result file go to: its path without .h5. */
void cli_chart_folder(gp_text *out, const char *path);

/* Opens the files and draws the runs that meet `where` (NULL: all), several files as one table with a column `file`;
 * findings and the files written on stdout, notes on stderr. */
gp_status cli_draw(const char *const *paths, size_t count, const gp_plot_request *request,
                   const cli_texts *where);

/* Says what a drawing came to, in the same words, and frees it. */
void cli_say_drawn(gp_plot_result *result);

#endif
