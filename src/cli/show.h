/* The parts of `gradpath show`. */
#ifndef GP_SHOW_H
#define GP_SHOW_H

#include "judge.h"
#include "sheet.h"
#include "select.h"

/* Study, question, number of runs by state, axes with their number of values. `selected` rows will be shown. */
void show_header(const gp_table *table, const char *path, const cli_columns *axes, size_t selected);

/* Whether seeds are an axis of at least two values: runs that differ only in the seed can then share a line. */
bool show_can_fold(const gp_table *table, const cli_columns *axes);

/* One line per combination of the axes other than the seed: verdicts counted, numbers as medians over the seeds. */
gp_status show_folded(const gp_table *table, const cli_rows *rows, const cli_columns *axes,
                      const cli_columns *columns);

/* One past the last of the rows that differ from row number `start` of `rows` in no axis but the seed, and follow it. */
size_t show_cell_end(const gp_table *table, const cli_columns *axes, const cli_rows *rows, size_t start);

/* One line per such cell: gradient factor and span, measured, predicted for this width, and the residual in standard
 * errors. GP_ERR_USAGE when the file has no predictions. */
gp_status show_theory(const gp_table *table, const cli_rows *rows, const cli_columns *axes,
                      sheet_format format);

/* The rows judged again. For people: how many of each stored verdict got which one now, then the runs whose verdict or
 * conditions changed (`all`: every run); for programs: every run. */
gp_status show_verdict(judge *j, const gp_table *table, const cli_rows *rows, const cli_columns *axes,
                       sheet_format format, bool all);

/* Prints the table for people. Results that the terminal has no room for are left out, and said to be; a column that
 * is named in `sort` (NULL: none) was asked for. */
void show_fitted(sheet *g, const char *sort);

/* One line per value of the first axis that is a name (activation, as a rule): verdicts and medians. */
gp_status show_summary(const gp_table *table, const cli_rows *rows, const cli_columns *axes);

/* One run: its parameters and results, then its layers at the first and the last checkpoint. */
gp_status show_run(gp_table *table, size_t run, sheet_format format);

/* Its histograms and spectra, printed for people; nothing where the file has none. */
gp_status show_inner(gp_table *table, size_t run);

#endif
