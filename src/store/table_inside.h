/* What a table is made of, for table.c and table_join.c. */
#ifndef GP_TABLE_INSIDE_H
#define GP_TABLE_INSIDE_H

#include "source.h"
#include "table.h"

struct gp_table {
  gp_source *source;
  const gp_schema *schema; /* the journal's newest, else the file's */
  gp_cell **cells;         /* per-run variables: a cell per run, or the one of all runs */
  size_t *stride;          /* 1 or 0 accordingly */
  int *by_name;            /* the variables in the order of their names */
  double *seconds;
  gp_stage *series; /* per variable, its series once it was asked for */
  bool *wanted;
  gp_pool pool, text;
  gp_table *const *parts; /* of a joined table, which has no source; else NULL */
  size_t part_count, rows;
};

/* Room for a table whose schema and rows are known; no cells yet. */
gp_status gp_table_arrays(gp_table *table);

/* A series of a joined table from those of its parts. */
gp_status gp_table_join_series(gp_table *table, gp_stage *stage, int variable);

#endif
