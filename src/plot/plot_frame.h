/* A table seen as a grid: swept columns as axes with levels, and which runs lie in a cell.
 *
 * Axes come from the root attribute `axes`; columns named seed or *_seed are replicates and belong to no role.
 * An option that only some values of another axis have (activation_slope of leaky_relu) is told with that value,
 * "leaky ReLU (slope 0.1)", unless the request gives it a role of its own.
 * A cast gives the roles panel, colour and x to axes; an axis without a role is held at one level. */
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
  size_t count;
  gp_level *levels; /* numbers ascending, words in order of appearance */
  size_t *level_of; /* per run */
} gp_axis;

typedef struct gp_frame {
  gp_table *table;
  const gp_plot_request *request;
  size_t runs;
  size_t axis_count;
  gp_axis *axes;
  bool *done; /* runs that have results */
} gp_frame;

/* GP_ERR_MEMORY. Freed with gp_frame_free (also after a failure). */
gp_status gp_frame_make(gp_frame *out, gp_table *table, const gp_plot_request *request);
void gp_frame_free(gp_frame *frame);

/* The axis of that column, or NULL. */
const gp_axis *gp_frame_axis(const gp_frame *frame, const char *name);

/* Appends a column's value where all finished runs share it (in markup), false (nothing appended) where they differ
 * or the file has no such column. */
bool gp_frame_constant(const gp_frame *frame, const char *column, gp_text *out);

/* GP_ERR_USAGE, with the nearest name, when the request gives a role to a column that is not swept. */
gp_status gp_frame_check_roles(const gp_frame *frame);

/* A per-checkpoint or per-layer variable, loaded. GP_ERR_NO when the file lacks it. */
gp_status gp_frame_series(const gp_frame *frame, const char *name, const double **out);

/* A per-run variable's number; NaN where the file lacks it. */
double gp_frame_real(const gp_frame *frame, const char *name, size_t run);
/* Its word; "" where the file lacks it. Valid until the buffer goes or the table is closed. */
const char *gp_frame_word(const gp_frame *frame, const char *name, size_t run, char buffer[static 32]);

/* Wishes for the roles: column names in order of preference, NULL-terminated ("*": any axis that is left;
 * "#": any that matters before training begins). */
typedef struct gp_wish {
  const char *const *panel, *const *color, *const *x;
  bool initial; /* a chart of step 0: axes that matter only in training are not worth a word */
} gp_wish;

typedef struct gp_cast {
  const gp_axis *panel, *color, *x; /* NULL: the role is not taken and has one level */
  size_t panels, colors, xs;        /* levels of each role */
  size_t replicates;                /* runs in the fullest cell */
  gp_text held;                     /* markup: "depth 30, width 64": axes without a role */
  size_t *start, *member;           /* runs by cell */
} gp_cast;

/* GP_ERR_USAGE when the request names a column that is not swept, GP_ERR_MEMORY. Only finished runs are cast. */
gp_status gp_cast_make(gp_cast *out, const gp_frame *frame, const gp_wish *wish);
void gp_cast_free(gp_cast *cast);

/* The runs of a cell, in file order. */
const size_t *gp_cast_runs(const gp_cast *cast, size_t panel, size_t color, size_t x, size_t *count);

#endif
