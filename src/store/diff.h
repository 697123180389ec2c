/* What two result files hold differently. Runs are matched by identity, checkpoints by step, layers and
 * inner dimensions by number. */
#ifndef GP_DIFF_H
#define GP_DIFF_H

#include <stdbool.h>

#include "table.h"

/* One variable that both files have. Sizes of differences count where both values are finite numbers. */
typedef struct gp_diff_variable {
  int a, b;                  /* its index in either file; -1: only the other one has it */
  size_t values;             /* that differ in any bit */
  size_t runs;               /* that have such a value */
  double absolute, relative; /* largest |a - b| and |a - b| / max(|a|, |b|); 0 when none could be taken */
  size_t run_a, run_b;       /* rows of the first value that differs */
  gp_position place;         /* and where, in a series */
} gp_diff_variable;

typedef struct gp_diff {
  size_t *only_a, only_a_count; /* rows that the other file does not have at all, or only as pending */
  size_t *only_b, only_b_count;
  size_t *rows_a, *rows_b, both; /* rows of the runs that are finished in both */
  gp_diff_variable *variables;   /* those that differ: other values, or in one file only */
  size_t variable_count;
  size_t differing_runs; /* of `both` */
} gp_diff;

/* Compares two open tables; their series are loaded. A finished run is one whose state is not pending. GP_ERR_MEMORY,
 * and what gp_table_series says. `out` is to be freed in any case. */
gp_status gp_diff_make(gp_diff *out, gp_table *a, gp_table *b);
void gp_diff_free(gp_diff *diff);

/* Whether nothing differs. */
bool gp_diff_empty(const gp_diff *diff);

#endif
