/* A data file read from front to back, gunzipped on the way when its content (not its name) says gzip. */
#ifndef GP_DATA_FILE_H
#define GP_DATA_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct gzFile_s;

typedef struct gp_data_file {
  const char *path;    /* borrowed */
  struct gzFile_s *gz; /* NULL when not open */
  int64_t size;        /* bytes on disk */
  int64_t offset;      /* bytes read so far, unpacked: what messages call "byte" */
  bool packed;
} gp_data_file;

/* Opens the path that config key data.`key` gives. GP_ERR_CONFIG: no path; GP_ERR_DATA: no such file, not a
 * regular file ... with the system's reason; GP_ERR_MEMORY. Close also after a failure (a zeroed file may be
 * closed). */
gp_status gp_data_file_open(gp_data_file *file, const char *key, const char *path);

/* Reads `want` bytes, fewer (in `got`) only at the end of the file. GP_ERR_DATA: broken gzip stream;
 * GP_ERR_IO. */
gp_status gp_data_file_read(gp_data_file *file, void *out, size_t want, size_t *got);

/* The most bytes the file can unpack to: its size, or for gzip that times the format's largest ratio. What a
 * header claims is held against it before anything is allocated. */
int64_t gp_data_file_limit(const gp_data_file *file);

void gp_data_file_close(gp_data_file *file);

#endif
