/* Packing: from finished runs (an older file, a journal) to the one HDF5 file, in plan order, atomically.
 *
 * Written to PATH.tmp, every close checked, fsynced, renamed over PATH, directory fsynced: PATH is always a
 * complete, openable file. Layout: INTERFACE section 4, PLATFORM section 1. */
#ifndef GP_PACK_H
#define GP_PACK_H

#include <stdbool.h>

#include "schema.h"
#include "status.h"

/* The planned rows of the file: identities in order, and the cells known before a run starts (parameters; the
 * result cells of a pending row: reals NaN, integers -1, text ""). `fill` writes row `row`'s cells, one per
 * variable, or fails. */
typedef struct gp_pack_plan {
  size_t rows;
  const char *(*run_id)(const void *context, size_t row); /* 32 hexadecimal digits */
  gp_status (*fill)(const void *context, size_t row, gp_cell *cells);
  const void *context;
  const gp_attribute *provenance; /* attributes of the group /provenance, or NULL to leave the group out */
  size_t provenance_count;
} gp_pack_plan;

/* Which rows of the plan are finished, in PATH or its journal: fills state[row] with a gp_run_state. Damaged
 * files are GP_ERR_FILE. `foreign` counts stored runs that belong to no row of the plan (the caller refuses
 * then), and `foreign_example` (33 bytes) names one. */
gp_status gp_pack_scan(const char *path, const gp_pack_plan *plan, unsigned char *state, size_t *foreign,
                       char foreign_example[static 33]);

/* Writes PATH from what the present PATH and PATH.journal hold. Rows that no one holds stay pending. */
gp_status gp_pack(const char *path, const gp_schema *schema, const gp_pack_plan *plan);

/* The same in a child process (see apart.h). When that dies, what it wrote is removed; PATH and its journals are as they
 * were, or PATH is complete. */
gp_status gp_pack_apart(const char *path, const gp_schema *schema, const gp_pack_plan *plan);

#endif
