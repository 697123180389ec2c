/* Reading results: a table of runs from an HDF5 file, its journal, or both (a sweep in progress).
 *
 * Rows are in file order; a run that is in the journal replaces its pending row. Per-run columns are loaded
 * on open, series on first use, whole, as double (run x checkpoint [x layer], row-major, NaN where a run has
 * none). */
#ifndef GP_TABLE_H
#define GP_TABLE_H

#include <stdbool.h>

#include "schema.h"
#include "status.h"

typedef struct gp_table gp_table;

/* Opens PATH (an .h5 file, or the name it will have: PATH.journal alone is enough). Foreign, damaged or
 * truncated files: GP_ERR_FILE with the reason. */
gp_status gp_table_open(gp_table **out, const char *path);
/* The same with only those of the per-run columns (others must not be asked for, names that are not stored are passed
 * over), and no series: for files of very many runs. The names are ended by NULL. */
gp_status gp_table_open_columns(gp_table **out, const char *path, const char *const *names);
/* The rows of several tables as one, with a text column `file` (one label for each) that becomes one of the swept columns;
 * columns and series that a table lacks are unknown there, checkpoints are the union. Borrows the tables. GP_ERR_FILE when
 * a variable differs in kind between them, GP_ERR_MEMORY. */
gp_status gp_table_join(gp_table **out, gp_table *const *tables, const char *const *labels, size_t count);

void gp_table_close(gp_table *table);

const gp_schema *gp_table_schema(const gp_table *table);
size_t gp_table_runs(const gp_table *table);

/* Index of a variable in the schema, or -1. */
int gp_table_find(const gp_table *table, const char *name);

/* Cell of a per-run variable. Text is owned by the table. */
gp_cell gp_table_cell(const gp_table *table, int variable, size_t run);

/* The cell as a number (integers and states converted; NaN for text). */
double gp_table_real(const gp_table *table, int variable, size_t run);

/* Whether two runs have the same value there: bits of a number, bytes of a text. Much cheaper than two words. */
bool gp_table_same(const gp_table *table, int variable, size_t a, size_t b);

/* The cell as text: numbers as they read back, states by word. The buffer is used for numbers only. */
const char *gp_table_word(const gp_table *table, int variable, size_t run, char buffer[static 32]);

/* The whole series, loaded once, owned by the table. GP_ERR_FILE or GP_ERR_MEMORY. */
gp_status gp_table_series(gp_table *table, int variable, const double **out);

/* What each run took to compute, in seconds; NaN where that is not known. Owned by the table. */
const double *gp_table_seconds(const gp_table *table);

/* A root attribute, or NULL. */
const char *gp_table_attribute(const gp_table *table, const char *name);

/* The attributes of the file's group /provenance (to carry them over when it is packed again), owned by the
 * table; NULL when there is no such group. */
const gp_attribute *gp_table_provenance(const gp_table *table, size_t *count);

#endif
