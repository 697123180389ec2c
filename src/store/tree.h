/* A plain HDF5 file of groups and arrays, for `dump`: no netCDF dimensions, just names. Parent groups are
 * made on the way. Written to PATH.tmp and renamed by a successful close; the first error is kept and every
 * later call returns it. */
#ifndef GP_TREE_H
#define GP_TREE_H

#include <stdint.h>

#include "status.h"

/* The root attribute `format` of a dump: by it gp_tree_replaceable knows one. */
#define GP_TREE_FORMAT "gradpath dump 1"

typedef struct gp_tree gp_tree;

/* Whether a dump may be written at `path`: nothing is there, or an earlier dump. GP_ERR_IO when what is there is not a
 * regular file (a rename would put a file in the place of a device), GP_ERR_USAGE when it is any other file. */
gp_status gp_tree_replaceable(const char *path);

gp_status gp_tree_create(gp_tree **out, const char *path);
gp_status gp_tree_real(gp_tree *tree, const char *name, int rank, const int64_t *dims, const double *values);
gp_status gp_tree_integer(gp_tree *tree, const char *name, int rank, const int64_t *dims,
                          const int64_t *values);
/* A text attribute of an existing object ("/" for the root). */
gp_status gp_tree_attribute(gp_tree *tree, const char *object, const char *name, const char *text);
/* Closes and publishes; `tree` is freed either way. NULL is allowed. */
gp_status gp_tree_close(gp_tree *tree);
/* Closes and removes the unfinished file. */
void gp_tree_abandon(gp_tree *tree);

#endif
