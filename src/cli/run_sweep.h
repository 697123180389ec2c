/* A sweep as the command line runs it: signals, progress, and what is said at the end. For `run` and `study`. */
#ifndef GP_RUN_SWEEP_H
#define GP_RUN_SWEEP_H

#include "cli.h"
#include "sweep.h"

/* Runs what is missing, with a progress display on stderr, and reports on stdout what the file now holds. A stopped
 * sweep prints the command that continues it. `options` needs output, jobs and the like; the rest is filled in. */
gp_status cli_sweep(gp_plan *plan, gp_sweep_options *options, const cli_call *call);

/* Prints runs, axes, predicted time, memory and file size of what these options would run (stdout). `jobs` workers
 * are assumed for the time, 0 for one per processor. */
gp_status cli_print_plan(gp_plan *plan, const gp_sweep_options *options);

/* Overrides that make the quick version of a configuration: its study's own, or a tenth of the steps and the first
 * seed. */
typedef struct cli_quick {
  const char *overrides[32];
  char texts[2][64];
} cli_quick;
void cli_quick_make(cli_quick *out, const gp_plan *plan);

/* Appends the default output of a plan: results/<study>.h5, with -quick or .I-of-N before the suffix. */
void cli_default_output(gp_text *out, const gp_plan *plan, bool quick, int shard, int shards);

#endif
