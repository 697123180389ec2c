/* Finding the numbered journals by looking into the folder; see shards.h. */
#include "shards.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "publish.h"

enum { NUMBER_MAX = 1000000 };

static gp_status no_memory(const char *path) {
  return gp_fail(GP_ERR_MEMORY, "%s: no memory for the list of journals", path);
}

char *gp_shard_path(const char *path, unsigned number) {
  char suffix[32] = ".journal";
  if (number > 0) snprintf(suffix, sizeof suffix, ".journal.%u", number);
  return gp_path_with(path, suffix);
}

/* The number in `name` when it is STEM.journal.NUMBER; 0 otherwise. */
static unsigned number_of(const char *name, const char *stem) {
  size_t length = strlen(stem);
  static const char middle[] = ".journal.";
  if (strncmp(name, stem, length) != 0 || strncmp(name + length, middle, sizeof middle - 1) != 0) return 0;
  const char *digits = name + length + sizeof middle - 1;
  size_t count = strspn(digits, "0123456789");
  if (count == 0 || count > 7 || digits[count] != '\0' || digits[0] == '0') return 0;
  unsigned long number = strtoul(digits, NULL, 10);
  return number <= NUMBER_MAX ? (unsigned)number : 0;
}

static int ascending(const void *a, const void *b) {
  unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
  return (x > y) - (x < y);
}

/* Grows at powers of two. */
static bool append(unsigned **numbers, size_t *count, unsigned number) {
  if ((*count & (*count - 1)) == 0) {
    unsigned *more = realloc(*numbers, (*count > 0 ? *count * 2 : 1) * sizeof *more);
    if (more == NULL) return false;
    *numbers = more;
  }
  (*numbers)[(*count)++] = number;
  return true;
}

static gp_status list_folder(unsigned **numbers, size_t *count, const char *folder_path, const char *stem) {
  DIR *folder = opendir(folder_path);
  if (folder == NULL && errno == ENOENT) return GP_OK;
  if (folder == NULL) return gp_fail(GP_ERR_IO, "%s: cannot look into it: %s", folder_path, strerror(errno));
  gp_status status = GP_OK;
  errno = 0;
  for (struct dirent *entry; status == GP_OK && (entry = readdir(folder)) != NULL; errno = 0) {
    unsigned number = number_of(entry->d_name, stem);
    if (number > 0 && !append(numbers, count, number)) status = no_memory(stem);
  }
  if (status == GP_OK && errno != 0)
    status = gp_fail(GP_ERR_IO, "%s: cannot look into it: %s", folder_path, strerror(errno));
  closedir(folder);
  return status;
}

gp_status gp_shards_list(unsigned **numbers, size_t *count, const char *path) {
  *numbers = NULL;
  *count = 0;
  char *folder = gp_path_with(path, "");
  if (folder == NULL) return no_memory(path);
  char *slash = strrchr(folder, '/');
  const char *stem = slash == NULL ? folder : slash + 1, *where = slash == NULL ? "." : folder;
  if (slash == folder) where = "/";
  if (slash != NULL) *slash = '\0';
  gp_status status = list_folder(numbers, count, where, stem);
  free(folder);
  if (status != GP_OK) {
    free(*numbers);
    *numbers = NULL;
    *count = 0;
    return status;
  }
  if (*count > 1) qsort(*numbers, *count, sizeof **numbers, ascending);
  return GP_OK;
}

bool gp_shards_exist(const char *path) {
  char *journal = gp_shard_path(path, 0);
  bool found = journal != NULL && access(journal, F_OK) == 0;
  free(journal);
  if (found) return true;
  unsigned *numbers;
  size_t count;
  if (gp_shards_list(&numbers, &count, path) != GP_OK) return false;
  free(numbers);
  return count > 0;
}

/* Calls `use` with every numbered journal's path; `to` is the other path that a move needs, or NULL. */
static gp_status each(const char *path, const char *to, gp_status (*use)(const char *from, const char *to)) {
  unsigned *numbers;
  size_t count;
  GP_TRY(gp_shards_list(&numbers, &count, path));
  gp_status status = GP_OK;
  for (size_t i = 0; i < count && status == GP_OK; i++) {
    char *from = gp_shard_path(path, numbers[i]), *target = to == NULL ? NULL : gp_shard_path(to, numbers[i]);
    bool good = from != NULL && (to == NULL || target != NULL);
    status = good ? use(from, target) : no_memory(path);
    free(from);
    free(target);
  }
  free(numbers);
  return status;
}

static gp_status check_idle(const char *journal, const char *to) {
  (void)to;
  int fd = open(journal, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return errno == ENOENT ? GP_OK : gp_fail(GP_ERR_IO, "%s: cannot open: %s", journal, strerror(errno));
  bool held = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(fd);
  return held ? gp_fail(GP_ERR_IO, "%s: another process is writing this output", journal) : GP_OK;
}

static gp_status remove_one(const char *journal, const char *to) {
  (void)to;
  if (unlink(journal) == 0 || errno == ENOENT) return GP_OK;
  return gp_fail(GP_ERR_IO, "%s: cannot remove: %s", journal, strerror(errno));
}

static gp_status move_one(const char *from, const char *to) {
  if (rename(from, to) == 0 || errno == ENOENT) return GP_OK;
  return gp_fail(GP_ERR_IO, "cannot rename %s to %s: %s", from, to, strerror(errno));
}

bool gp_shards_held(const char *path) {
  char *journal = gp_shard_path(path, 0);
  int fd = journal != NULL ? open(journal, O_RDONLY | O_CLOEXEC) : -1;
  bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (fd >= 0) close(fd);
  free(journal);
  return held;
}

gp_status gp_shards_check_idle(const char *path) {
  return each(path, NULL, check_idle);
}

gp_status gp_shards_remove(const char *path) {
  return each(path, NULL, remove_one);
}

gp_status gp_shards_move(const char *path, const char *to) {
  return each(path, to, move_one);
}

gp_status gp_shards_make(const char *path, unsigned last) {
  for (unsigned number = 1; number <= last; number++) {
    char *journal = gp_shard_path(path, number);
    if (journal == NULL) return no_memory(path);
    int fd = open(journal, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    gp_status status = fd >= 0 ? GP_OK : gp_fail(GP_ERR_IO, "%s: cannot open: %s", journal, strerror(errno));
    if (fd >= 0) close(fd);
    free(journal);
    GP_TRY(status);
  }
  return GP_OK;
}
