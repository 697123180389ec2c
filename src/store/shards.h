/* The journals of one output: PATH.journal, and PATH.journal.1, .2, ... when several processes worked on it.
 *
 * Every process writes its own, since a file that several append to is safe on no network file system. The lock of
 * PATH.journal is the lock of the output; the numbered ones are locked by who writes them. */
#ifndef GP_SHARDS_H
#define GP_SHARDS_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

/* The numbers in use, ascending, from malloc (NULL when there are none). GP_ERR_IO, GP_ERR_MEMORY. */
gp_status gp_shards_list(unsigned **numbers, size_t *count, const char *path);

/* PATH.journal for number 0, else PATH.journal.NUMBER, from malloc; NULL when there is no memory. */
char *gp_shard_path(const char *path, unsigned number);

/* Whether PATH.journal or a numbered one is there. */
bool gp_shards_exist(const char *path);

/* Whether a process that is alive holds PATH.journal, and with it the output. */
bool gp_shards_held(const char *path);

/* GP_ERR_IO when a process that is alive writes one of the numbered journals: a job that was thought dead. */
gp_status gp_shards_check_idle(const char *path);

/* Makes PATH.journal.1 to PATH.journal.LAST where they are missing, so that every process finds its own in a folder
 * that the first one has looked at. */
gp_status gp_shards_make(const char *path, unsigned last);

/* Removes the numbered journals, once everything in them is in a packed file. */
gp_status gp_shards_remove(const char *path);

/* Renames them to those of the path TO. */
gp_status gp_shards_move(const char *path, const char *to);

#endif
