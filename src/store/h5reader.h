/* Reading a result file. The file may be damaged, truncated or made by someone else to harm: only hard links
 * in the root, plain chunked storage, known filters and types are followed, and sizes are checked against
 * what the file really stores before anything of that size is allocated. */
#ifndef GP_H5READER_H
#define GP_H5READER_H

#include "record.h"

typedef struct gp_h5_handles gp_h5_handles;

typedef struct gp_h5_reader {
  gp_schema schema; /* as found; "Conventions" is not among its attributes */
  size_t rows;
  size_t string;                  /* bytes of a text cell in the file */
  const gp_attribute *provenance; /* of the group, or NULL */
  size_t provenance_count;
  const double *seconds; /* of /provenance, one per row, or NULL */
  char *path;
  gp_pool pool;
  gp_h5_handles *handles;
} gp_h5_reader;

/* Opens PATH; *out is NULL (and GP_OK) when there is no such file. GP_ERR_FILE with the reason, GP_ERR_IO. */
gp_status gp_h5_reader_open(gp_h5_reader **out, const char *path);

/* NULL is allowed. */
void gp_h5_reader_close(gp_h5_reader *reader);

/* Bytes of one row of a variable as gp_h5_read yields it: doubles or 8-byte integers, `string` chars, or one
 * int8. */
size_t gp_h5_row_bytes(const gp_h5_reader *reader, size_t variable);

/* Reads rows start .. start + count - 1 of a variable. */
gp_status gp_h5_read(gp_h5_reader *reader, size_t variable, size_t start, size_t count, void *values);

#endif
