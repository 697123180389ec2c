/* Reading arrays of a plain HDF5 file by name, such as a dump (tree.h), or one that someone made by hand.
 *
 * The file may be anyone's: only hard links are followed, only storage inside the file and known filters are read, and an
 * array is only read when it has the shape that the caller expects, so that nothing is sized by what the file says. */
#ifndef GP_TREE_READER_H
#define GP_TREE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

typedef struct gp_tree_reader gp_tree_reader;

/* GP_ERR_DATA with path and reason: no such file, not a regular one, not HDF5. */
gp_status gp_tree_open(gp_tree_reader **out, const char *path);
/* NULL is allowed. */
void gp_tree_reader_close(gp_tree_reader *reader);

/* The numbers of the root's groups "step_000100", ascending: at most `capacity` of them are written, all are counted. */
gp_status gp_tree_steps(gp_tree_reader *reader, int64_t *steps, size_t capacity, size_t *count);

/* Whether there is such an object, by hard links all the way ("step_000100/layer_01/weight"). */
bool gp_tree_has(gp_tree_reader *reader, const char *name);

/* Reads a whole array of numbers as doubles, row-major. GP_ERR_DATA: not there, not an array of numbers, or not of these
 * extents; the message says both shapes. */
gp_status gp_tree_read(gp_tree_reader *reader, const char *name, int rank, const int64_t *dims, double *out);

#endif
