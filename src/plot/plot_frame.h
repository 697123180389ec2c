/* A table seen as a grid: swept columns as axes with levels, and which runs lie in a cell.
 *
 * Axes come from the root attribute `axes`; columns named seed or *_seed are replicates
 * (or those that the request names as its band) and belong to no role. Runs that the request does not keep are not seen.
 * An option that only some values of another axis have (activation_slope of leaky_relu) is told with that value,
 * "leaky ReLU (slope 0.1)", unless the request gives it a role of its own.
 * Roles are given in plot_cast.h. */
#ifndef GP_PLOT_FRAME_H
#define GP_PLOT_FRAME_H

#include <stdbool.h>

#include "plot.h"

typedef struct gp_level {
  double number;     /* NaN for words */
  const char *word;  /* as in the file; owned by the frame */
  const char *label; /* markup; owned by the frame */
  bool absent;       /* not a value: the setting has no such option */
} gp_level;

typedef struct gp_axis {
  const char *name;
  int variable;
  bool numeric, replicate;
  bool inner;       /* layer or step: within a run, not over runs */
  bool cure, whole; /* one of the columns that the axis `cure` combines; that axis itself */
  size_t count;
  gp_level *levels; /* numbers ascending, words in order of appearance */
  size_t *level_of; /* per run; NULL for an inner axis */
} gp_axis;

/* Where columns asked for run by run were found, by the address of their names. */
enum { GP_MEMO = 16 };
typedef struct gp_memo {
  const char *name[GP_MEMO];
  int variable[GP_MEMO];
} gp_memo;

typedef struct gp_frame {
  gp_memo *memo;
  gp_table *table;
  const gp_plot_request *request;
  size_t runs;
  size_t axis_count;
  gp_axis *axes;
  gp_axis layer, step; /* inner axes: 1..L, and the steps of the checkpoints */
  gp_axis bins
      [GP_BINS_KINDS]; /* value and magnitude: bins of histograms by their lower edges; count 0: the file has none */
  gp_axis
      cure; /* every combination of norm, residual, init, optimizer, clip ... that was swept; count 0: none was */
  bool *done; /* runs that have results and are kept */
} gp_frame;

/* GP_ERR_MEMORY. Freed with gp_frame_free (also after a failure). */
gp_status gp_frame_make(gp_frame *out, gp_table *table, const gp_plot_request *request);
void gp_frame_free(gp_frame *frame);

/* Whether runs that differ only in this share their initialisation: it matters from the first update on. */
bool gp_axis_of_training(const gp_axis *axis);

/* The axis of that column, or NULL. */
const gp_axis *gp_frame_axis(const gp_frame *frame, const char *name);

/* Appends a column's value where all finished runs share it (in markup), false (nothing appended) where they differ
 * or the file has no such column. */
bool gp_frame_constant(const gp_frame *frame, const char *column, gp_text *out);

/* A per-checkpoint or per-layer variable, loaded. GP_ERR_NO when the file lacks it. */
gp_status gp_frame_series(const gp_frame *frame, const char *name, const double **out);

/* A per-run variable's number; NaN where the file lacks it. Names here and below are literals: their address is kept. */
double gp_frame_real(const gp_frame *frame, const char *name, size_t run);
/* Its word; "" where the file lacks it. Valid until the buffer goes or the table is closed. */
const char *gp_frame_word(const gp_frame *frame, const char *name, size_t run, char buffer[static 32]);

#endif
