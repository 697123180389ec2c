/* A result file as a report sees it: axes split into those of the network and those of its training, runs in groups.
 *
 * Runs that differ only in how they are trained begin with the same network, so what holds at step 0 is told once for
 * all of them; whether they trained is counted over all of them. */
#ifndef GP_REPORT_DATA_H
#define GP_REPORT_DATA_H

#include "plot_frame.h"

enum { GP_REPORT_AXES = 64 }; /* swept columns beyond these are not told apart */

typedef struct gp_axes {
  const gp_axis *items[GP_REPORT_AXES];
  size_t count;
} gp_axes;

typedef struct gp_report_data {
  gp_table *table;
  const char *path; /* as given; borrowed */
  gp_plot_request request;
  gp_frame frame;
  gp_axes network, training, replicates; /* axes with more than one level, in file order */
  const gp_axis *depth;                  /* of `network`, or NULL */
  size_t finished;
  double *values; /* room for one number per run */
} gp_report_data;

/* Finished runs that have the same levels of some axes, in file order. */
typedef struct gp_run_group {
  const size_t *runs;
  size_t count;
} gp_run_group;

/* Groups by the levels of the axes, the last varies fastest. */
typedef struct gp_run_groups {
  gp_run_group *items;
  size_t count;
  size_t *runs; /* all of them, group after group */
} gp_run_groups;

/* Opens the file. Errors as gp_table_open; GP_ERR_MEMORY. Closed with gp_report_data_close (also after a failure). */
gp_status gp_report_data_open(gp_report_data *out, const char *path);
void gp_report_data_close(gp_report_data *data);

/* GP_ERR_MEMORY. Freed with gp_run_groups_free. No axes: one group, none without finished runs. */
gp_status gp_run_groups_make(gp_run_groups *out, const gp_report_data *data, const gp_axes *axes);
void gp_run_groups_free(gp_run_groups *groups);

/* The axes of `from` without one of them (NULL: a copy). */
gp_axes gp_axes_without(const gp_axes *from, const gp_axis *axis);

/* Of the group's runs, those that the first one's training axes have too: one per network. Returns how many; `out` has room for all of the group. */
size_t gp_run_group_networks(const gp_report_data *data, const gp_run_group *group, size_t *out);

/* Median of a per-run column over runs, NaN left out; NaN when none is left. Overwrites `values`. */
double gp_runs_median(const gp_report_data *data, const size_t *runs, size_t count, const char *column);

/* How many of the runs have that verdict ("healthy": trained). */
size_t gp_runs_with(const gp_report_data *data, const size_t *runs, size_t count, const char *verdict);

/* Appends words in plain text: a column's name, the level of an axis in a table, the levels of a run in a sentence
 * ("sigmoid, depth 20"). */
void gp_say_column(gp_text *out, const char *column);
void gp_say_axis_level(gp_text *out, const gp_axis *axis, size_t level);
void gp_say_run(gp_text *out, const gp_axes *axes, size_t run);

/* Appends 10^decades in two digits: "5.2e-13", also where a double has no such number. */
void gp_say_decades(gp_text *out, double decades);

#endif
