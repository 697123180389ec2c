/* Which runs and which columns of a result table: --where, --sort, --columns. */
#ifndef GP_SELECT_H
#define GP_SELECT_H

#include "cli.h"
#include "table.h"

/* Row numbers of a table, in the order to show them; free with free(rows). */
typedef struct cli_rows {
  size_t *rows;
  size_t count;
} cli_rows;

/* Column numbers (schema variables, per run); free with free(items). */
typedef struct cli_columns {
  int *items;
  size_t count;
} cli_columns;

/* The per-run column of that name. GP_ERR_USAGE with the nearest match. */
gp_status cli_column(const gp_table *table, const char *name, int *out);

/* The rows that meet every condition ("depth=5,8", "final_loss<0.1", "verdict!=healthy"), sorted by `sort`
 * ("-gradient_factor,depth": a minus turns the order; NaN last) or in file order when it is NULL. A number equals a
 * cell when it does so in four significant digits. */
gp_status cli_rows_select(cli_rows *out, const gp_table *table, const cli_texts *where, const char *sort);

/* The swept columns (attribute `axes`), in order. */
gp_status cli_axes(cli_columns *out, const gp_table *table);

/* Appends one column, or those of a comma-separated list ("all": every per-run column); repeated ones once. */
gp_status cli_columns_add(cli_columns *columns, int variable);
gp_status cli_columns_add_names(cli_columns *columns, const gp_table *table, const char *names);

/* Whether a variable holds numbers. */
bool cli_is_number(const gp_table *table, int variable);

/* A cell for people: four significant digits, states and texts as they are. */
const char *cli_cell(const gp_table *table, int variable, size_t run, char buffer[static 32]);

/* Median over rows of a column, leaving out NaN, except that the final loss of a diverged run counts as infinite; NaN when none is left or memory ran out. */
double cli_median(const gp_table *table, int variable, const size_t *rows, size_t count);

#endif
