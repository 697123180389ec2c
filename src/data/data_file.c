/* Plain and gzip files through one door (contract in data_file.h): zlib itself reads plain files unchanged.
 */
#include "data_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
  BUFFER_BYTES = 1 << 16,
  CHUNK_BYTES = 1 << 20,
  DEFLATE_RATIO = 1032 /* 258 bytes per two bits: the best deflate can do (zlib's technical notes) */
};

static gp_status open_failed(const char *path, const char *reason) {
  return gp_fail(GP_ERR_DATA, "%s: cannot be read: %s", path, reason);
}

/* O_NONBLOCK: opening a pipe without a writer must fail below, not wait. Regular files do not care. */
static gp_status open_regular(gp_data_file *file, int *fd) {
  struct stat info;
  *fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0) return open_failed(file->path, strerror(errno));
  if (fstat(*fd, &info) == 0 && S_ISREG(info.st_mode)) {
    file->size = info.st_size;
    return GP_OK;
  }
  close(*fd);
  return open_failed(file->path, "not a regular file");
}

gp_status gp_data_file_open(gp_data_file *file, const char *key, const char *path) {
  int fd;
  *file = (gp_data_file){.path = path};
  if (path == NULL || path[0] == '\0')
    return gp_fail(GP_ERR_CONFIG, "data.%s: needs the path of a file", key);
  GP_TRY(open_regular(file, &fd));
  file->gz = gzdopen(fd, "rb");
  if (file->gz == NULL) {
    close(fd);
    return gp_fail(GP_ERR_MEMORY, "%s: out of memory", path);
  }
  gzbuffer(file->gz, BUFFER_BYTES);
  file->packed = !gzdirect(file->gz);
  return GP_OK;
}

/* zlib's code tells the machine's failures from the file's. */
static gp_status read_failed(const gp_data_file *file, int code, const char *reason) {
  if (code == Z_ERRNO)
    return gp_fail(GP_ERR_IO, "%s: byte %lld: %s", file->path, (long long)file->offset, strerror(errno));
  if (code == Z_MEM_ERROR) return gp_fail(GP_ERR_MEMORY, "%s: out of memory", file->path);
  const char *named = strncmp(reason, "<fd:", 4) == 0 ? strstr(reason, ">: ") : NULL; /* zlib's name for it */
  return gp_fail(GP_ERR_DATA, "%s: byte %lld: broken gzip stream: %s", file->path, (long long)file->offset,
                 named != NULL ? named + 3 : reason);
}

gp_status gp_data_file_read(gp_data_file *file, void *out, size_t want, size_t *got) {
  unsigned char *to = out;
  *got = 0;
  while (*got < want) {
    unsigned chunk = want - *got < CHUNK_BYTES ? (unsigned)(want - *got) : CHUNK_BYTES;
    int read = gzread(file->gz, to + *got, chunk), code;
    const char *reason = gzerror(file->gz, &code);
    if (read > 0) *got += (size_t)read, file->offset += read;
    /* A stream cut short leaves Z_BUF_ERROR beside the bytes that could be saved. */
    if (read < 0 || code == Z_BUF_ERROR) return read_failed(file, code, reason);
    if ((unsigned)read < chunk) break;
  }
  return GP_OK;
}

int64_t gp_data_file_limit(const gp_data_file *file) {
  int64_t limit;
  if (!file->packed) return file->size;
  return __builtin_mul_overflow(file->size, (int64_t)DEFLATE_RATIO, &limit) ? INT64_MAX : limit;
}

void gp_data_file_close(gp_data_file *file) {
  if (file->gz != NULL) gzclose_r(file->gz);
  file->gz = NULL;
}
