/* The calls between a finished file and a name that survives a power cut. close() is checked, too: on network
 * file systems it is where a full disk is reported. */
#include "publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *gp_path_with(const char *path, const char *suffix) {
  size_t length = strlen(path), more = strlen(suffix);
  char *joined = malloc(length + more + 1);
  if (joined == NULL) return NULL;
  memcpy(joined, path, length);
  memcpy(joined + length, suffix, more + 1);
  return joined;
}

gp_status gp_write_all(int fd, const char *path, const void *bytes, size_t length, long long offset) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t written = pwrite(fd, at, length, (off_t)offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const char *reason = written == 0 ? "nothing was written" : strerror(errno);
      return gp_fail(GP_ERR_IO, "%s: cannot write: %s", path, reason);
    }
    at += written;
    length -= (size_t)written;
    offset += written;
  }
  return GP_OK;
}

/* Opens, fsyncs and closes; every one of the three can report the error that the disk had. */
static gp_status sync_path(const char *path, int flags) {
  int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
  if (fd < 0) return gp_fail(GP_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  gp_status status = GP_OK;
  if (fsync(fd) != 0) status = gp_fail(GP_ERR_IO, "%s: cannot sync: %s", path, strerror(errno));
  if (close(fd) != 0 && status == GP_OK)
    status = gp_fail(GP_ERR_IO, "%s: cannot close: %s", path, strerror(errno));
  return status;
}

gp_status gp_sync_folder(const char *path) {
  char *folder = gp_path_with(path, "");
  if (folder == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  char *slash = strrchr(folder, '/');
  if (slash == folder) slash++;
  if (slash != NULL) *slash = '\0';
  gp_status status = sync_path(slash == NULL ? "." : folder, O_DIRECTORY);
  free(folder);
  return status;
}

gp_status gp_publish(const char *from, const char *to) {
  GP_TRY(sync_path(from, 0));
  if (rename(from, to) != 0)
    return gp_fail(GP_ERR_IO, "%s: cannot rename to %s: %s", from, to, strerror(errno));
  return gp_sync_folder(to);
}
