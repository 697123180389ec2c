/* Running gnuplot on one script, without a shell, and checking what it made.
 *
 * gnuplot exits 0 when its output went to a full disk, so each picture is checked for its proper end
 * (</svg>, %%EOF, IEND). */
#ifndef GP_PLOT_GNUPLOT_H
#define GP_PLOT_GNUPLOT_H

#include "plot.h"

/* Runs `gnuplot -d NAME.gp` in `directory` (posix_spawn with an argument vector) and names the pictures in `files`.
 * What gnuplot says becomes a note. GP_ERR_IO when gnuplot is not installed, fails, or leaves a picture unfinished. */
gp_status gp_gnuplot_run(const char *directory, const char *name, unsigned formats, gp_plot_result *result);

#endif
