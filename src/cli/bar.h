/* Progress of a sweep on stderr: one redrawn line on a terminal, a plain line now and then elsewhere. */
#ifndef GP_BAR_H
#define GP_BAR_H

#include <stdbool.h>
#include <stddef.h>

#include "sweep.h"

typedef struct cli_bar {
  bool redraws;
  double last; /* monotonic seconds of the last line */
} cli_bar;

/* From now on bars stay silent (--quiet). */
void cli_bar_silence(void);

void cli_bar_begin(cli_bar *bar);
/* The callback of gp_sweep_options; context is a cli_bar. */
void cli_bar_draw(void *context, const gp_progress *progress);
/* Wipes the line. */
void cli_bar_end(cli_bar *bar);

/* Adds "healthy 12, stalled 3": the verdicts that occur. */
void cli_verdicts(gp_text *out, const gp_progress *progress);

#endif
