/* Joining result files of one study into one: shards, or copies that were continued apart.
 *
 * Every input holds the rows of the whole study, those of other shards pending. The result has each row from an input
 * that finished it, so that its bytes are those of a file that was computed in one piece. */
#ifndef GP_MERGE_H
#define GP_MERGE_H

#include <stddef.h>

#include "schema.h"
#include "status.h"

typedef struct gp_merge gp_merge;

/* What came together. */
typedef struct gp_merge_counts {
  size_t rows, finished; /* of the study; in the result */
  size_t overlapping;    /* runs that more than one file had, with the same bits */
} gp_merge_counts;

/* Opens the inputs and, where there is one, the present OUT as a further input; takes the lock of OUT and checks
 * everything: the same study (schema, configuration, rows), and equal bits where runs are in several files. GP_ERR_FILE
 * names the file, and for runs that differ the run and the first value; also for an OUT that is no result of this
 * study, which is left alone, and for an input that is a journal only. GP_ERR_IO, GP_ERR_MEMORY. *out is NULL then. */
gp_status gp_merge_open(gp_merge **out, const char *path, const char *const *inputs, size_t count);

gp_merge_counts gp_merge_count(const gp_merge *merge);

/* Files that take part, the present OUT last; and the attributes of the group /provenance of one, NULL without. */
size_t gp_merge_files(const gp_merge *merge);
const gp_attribute *gp_merge_provenance(const gp_merge *merge, size_t file, size_t *count);

/* Writes OUT, atomically. `provenance` NULL leaves the group out. */
gp_status gp_merge_write(gp_merge *merge, const gp_attribute *provenance, size_t count);

/* Gives the lock back. NULL is allowed. */
void gp_merge_close(gp_merge *merge);

#endif
