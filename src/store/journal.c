/* Writing the journal. The frames are described in scan.h. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "publish.h"
#include "scan.h"

enum { FIRST_ERROR_BYTES = 1024 };

struct gp_journal {
  int fd;
  char *path;
  gp_schema schema; /* own copy */
  gp_pool pool;
  gp_text frame;
  int64_t good;  /* bytes of committed frames */
  double synced; /* seconds, monotonic */
  bool dirty;    /* something was written since */
  gp_status dead;
  char first_error[FIRST_ERROR_BYTES];
};

/* Monotonic: a clock that is set back must not stop the syncing. */
static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The process that holds the lock, from the kernel's list; 0 when it is not found there. */
static long lock_holder(int fd) {
  struct stat info;
  FILE *locks = fopen("/proc/locks", "re");
  if (locks == NULL) return 0;
  if (fstat(fd, &info) != 0) info.st_ino = 0;
  char line[256];
  long found = 0;
  while (found == 0 && fgets(line, sizeof line, locks) != NULL) {
    long pid;
    unsigned long inode;
    if (sscanf(line, "%*s FLOCK %*s WRITE %ld %*x:%*x:%lu", &pid, &inode) == 2 && inode == info.st_ino)
      found = pid;
  }
  fclose(locks);
  return found;
}

/* Says who holds the lock. A dead holder cannot: the kernel drops a lock with its process. */
static gp_status lock_failed(int fd, const char *path) {
  if (errno != EWOULDBLOCK) return gp_fail(GP_ERR_IO, "%s: cannot lock: %s", path, strerror(errno));
  long holder = lock_holder(fd);
  if (holder == 0) return gp_fail(GP_ERR_IO, "%s: another process is writing this output", path);
  return gp_fail(GP_ERR_IO, "%s: process %ld is writing this output", path, holder);
}

/* A process that was killed a moment ago may still be on its way out with its lock: a second is given to it. */
static bool lock_soon(int fd) {
  static const struct timespec pause = {.tv_nsec = 20000000};
  enum { TRIES = 50 };
  for (int tries = 0; tries < TRIES; tries++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    nanosleep(&pause, NULL);
  }
  errno = EWOULDBLOCK;
  return false;
}

/* Opens and locks. Between the two the holder before us may have finished and removed the file: then the lock
 * is on a file without a name, and we start again. */
static gp_status open_locked(int *out, const char *path) {
  for (;;) {
    struct stat ours, named;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (fd < 0) return gp_fail(GP_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
    if (!lock_soon(fd)) {
      gp_status status = lock_failed(fd, path);
      close(fd);
      return status;
    }
    bool same = fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
                ours.st_dev == named.st_dev;
    *out = fd;
    if (same) return GP_OK;
    close(fd);
  }
}

/* Remembers the first error: a file whose last write or sync failed can no longer be trusted to take another.
 */
static gp_status die(gp_journal *journal, gp_status status) {
  journal->dead = status;
  snprintf(journal->first_error, sizeof journal->first_error, "%s", gp_message());
  return status;
}

/* Appends the frame that was built; cuts back to the last good one when it cannot be written whole. */
static gp_status frame_write(gp_journal *journal) {
  gp_status status =
      gp_write_all(journal->fd, journal->path, journal->frame.data, journal->frame.length, journal->good);
  if (status != GP_OK) {
    die(journal, status);
    if (ftruncate(journal->fd, journal->good) != 0) return status; /* readers cut the tail themselves */
    return status;
  }
  journal->good += (int64_t)journal->frame.length;
  journal->dirty = true;
  return GP_OK;
}

gp_status gp_journal_sync(gp_journal *journal) {
  if (journal->dead != GP_OK) return gp_fail(journal->dead, "%s", journal->first_error);
  journal->synced = seconds_now();
  if (!journal->dirty) return GP_OK;
  if (fdatasync(journal->fd) != 0)
    return die(journal, gp_fail(GP_ERR_IO, "%s: cannot sync: %s", journal->path, strerror(errno)));
  journal->dirty = false;
  return GP_OK;
}

/* The bytes a new journal begins with, in `frame`. */
static gp_status beginning_build(gp_text *frame, const gp_schema *schema) {
  unsigned char header[GP_JOURNAL_HEADER];
  gp_journal_header(header);
  gp_frame_begin(frame, GP_FRAME_SCHEMA);
  gp_schema_encode(frame, schema);
  GP_TRY(gp_frame_end(frame));
  gp_text_add_bytes(frame, (const char *)header, sizeof header);
  if (frame->failed) return gp_fail(GP_ERR_MEMORY, "no memory for the journal's header");
  memmove(frame->data + sizeof header, frame->data, frame->length - sizeof header);
  memcpy(frame->data, header, sizeof header);
  return GP_OK;
}

/* Writes the beginning into an empty file and makes both the bytes and the name survive a power cut. */
static gp_status journal_begin(gp_journal *journal) {
  if (ftruncate(journal->fd, 0) != 0)
    return gp_fail(GP_ERR_IO, "%s: cannot empty: %s", journal->path, strerror(errno));
  GP_TRY(frame_write(journal));
  GP_TRY(gp_journal_sync(journal));
  return gp_sync_folder(journal->path);
}

/* Whether the journal's last schema is the writer's, byte for byte. */
static bool schema_same(const gp_schema *a, const gp_schema *b) {
  gp_text left = {0}, right = {0};
  gp_schema_encode(&left, a);
  gp_schema_encode(&right, b);
  bool same = !left.failed && !right.failed && left.length == right.length &&
              memcmp(left.data, right.data, left.length) == 0;
  gp_text_free(&left);
  gp_text_free(&right);
  return same;
}

/* Goes on behind the last good frame of an existing journal; appends the schema when it is not the one there.
 */
static gp_status journal_continue(gp_journal *journal, gp_scan *scan, size_t *cut) {
  bool same = schema_same(&scan->schemas[scan->schema_count - 1], &journal->schema);
  *cut = (size_t)(scan->size - scan->good);
  journal->good = scan->good;
  if (*cut > 0 && ftruncate(journal->fd, journal->good) != 0)
    return gp_fail(GP_ERR_IO, "%s: cannot cut the torn tail: %s", journal->path, strerror(errno));
  if (same) return GP_OK;
  gp_frame_begin(&journal->frame, GP_FRAME_SCHEMA);
  gp_schema_encode(&journal->frame, &journal->schema);
  GP_TRY(gp_frame_end(&journal->frame));
  GP_TRY(frame_write(journal));
  return gp_journal_sync(journal);
}

/* Begins a new journal, also over a beginning that was cut off before any run; else continues the one that is
 * there. */
static gp_status journal_resume(gp_journal *journal, size_t *cut) {
  gp_scan *scan;
  gp_status status = gp_scan_read(&scan, journal->fd, journal->path);
  if (status == GP_ERR_FILE && gp_journal_unbegun(journal->fd, cut)) return journal_begin(journal);
  if (status == GP_OK) status = journal_continue(journal, scan, cut);
  gp_scan_close(scan, false);
  return status;
}

/* Our own copy: the caller may free its schema while the journal is open. */
static gp_status schema_copy(gp_journal *journal, const gp_schema *schema) {
  GP_TRY(gp_schema_check(schema, GP_ERR_CONFIG));
  gp_schema_encode(&journal->frame, schema);
  if (journal->frame.failed) return gp_fail(GP_ERR_MEMORY, "no memory for the journal's schema");
  return gp_schema_decode(&journal->schema, &journal->pool, journal->frame.data, journal->frame.length);
}

static gp_status journal_open(gp_journal *journal, const char *path, const gp_schema *schema, size_t *cut) {
  GP_TRY(schema_copy(journal, schema));
  journal->path = gp_path_with(path, "");
  if (journal->path == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  GP_TRY(open_locked(&journal->fd, path));
  GP_TRY(beginning_build(&journal->frame, schema));
  journal->synced = seconds_now();
  return journal_resume(journal, cut);
}

static void journal_free(gp_journal *journal) {
  if (journal->fd >= 0) close(journal->fd);
  gp_text_free(&journal->frame);
  gp_pool_free(&journal->pool);
  free(journal->path);
  free(journal);
}

gp_status gp_journal_open(gp_journal **out, const char *path, const gp_schema *schema, size_t *cut) {
  *out = NULL;
  *cut = 0;
  gp_journal *journal = calloc(1, sizeof *journal);
  if (journal == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  journal->fd = -1;
  gp_status status = journal_open(journal, path, schema, cut);
  if (status == GP_OK)
    *out = journal;
  else
    journal_free(journal);
  return status;
}

gp_status gp_journal_append(gp_journal *journal, const gp_record *record) {
  if (journal->dead != GP_OK) return gp_fail(journal->dead, "%s", journal->first_error);
  gp_frame_begin(&journal->frame, GP_FRAME_RECORD);
  GP_TRY(gp_record_encode(&journal->frame, &journal->schema, record));
  GP_TRY(gp_frame_end(&journal->frame));
  GP_TRY(frame_write(journal));
  return seconds_now() - journal->synced < 1 ? GP_OK : gp_journal_sync(journal);
}

gp_status gp_journal_close(gp_journal *journal, bool remove) {
  if (journal == NULL) return GP_OK;
  gp_status status = remove ? GP_OK : gp_journal_sync(journal);
  if (remove && unlink(journal->path) != 0)
    status = gp_fail(GP_ERR_IO, "%s: cannot remove: %s", journal->path, strerror(errno));
  if (close(journal->fd) != 0 && status == GP_OK)
    status = gp_fail(GP_ERR_IO, "%s: cannot close: %s", journal->path, strerror(errno));
  journal->fd = -1;
  journal_free(journal);
  return status;
}
