/* Files that must not be lost: writing all bytes, and making a finished file take a name for good. */
#ifndef GP_PUBLISH_H
#define GP_PUBLISH_H

#include <stddef.h>

#include "status.h"

/* PATH followed by `suffix`, from malloc; NULL when there is no memory. */
char *gp_path_with(const char *path, const char *suffix);

/* Writes all bytes at `offset`, or fails with GP_ERR_IO (path and reason). */
gp_status gp_write_all(int fd, const char *path, const void *bytes, size_t length, long long offset);

/* fsync of the directory that holds `path`, so that a new name survives a power cut. */
gp_status gp_sync_folder(const char *path);

/* fsync of `from`, rename to `to`, fsync of the directory. On failure `from` is still there. */
gp_status gp_publish(const char *from, const char *to);

#endif
