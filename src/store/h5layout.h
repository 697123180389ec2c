/* Writing a result file: the netCDF-4 data model by HDF5 and H5DS calls (INTERFACE section 4, PLATFORM
 * section 1). */
#ifndef GP_H5LAYOUT_H
#define GP_H5LAYOUT_H

#include "stage.h"

typedef struct gp_h5_layout gp_h5_layout;

/* What is known before the first row is written. */
typedef struct gp_h5_outline {
  const gp_schema *schema;
  size_t rows;
  size_t string;                  /* bytes of the longest text, at least 1 */
  size_t block;                   /* rows of a chunk */
  const gp_attribute *provenance; /* NULL: no group */
  size_t provenance_count;
} gp_h5_outline;

/* Creates the file at `path` (borrowed, too) with all dimensions, variables and attributes. On failure *out
 * is NULL and the file is left for the caller to remove. The outline's pointers are borrowed until finish or
 * discard. */
gp_status gp_h5_layout_create(gp_h5_layout **out, const char *path, const gp_h5_outline *outline);

/* Writes rows start .. start + count - 1 from the stage's first rows. `start` is a multiple of the block. */
gp_status gp_h5_layout_write(gp_h5_layout *layout, const gp_stage *stage, size_t start, size_t count);

/* Closes everything with every close checked; frees the layout either way. */
gp_status gp_h5_layout_finish(gp_h5_layout *layout);

/* Closes after an error. NULL is allowed. */
void gp_h5_layout_discard(gp_h5_layout *layout);

#endif
