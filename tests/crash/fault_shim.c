/* Faults at chosen calls into the C library, for any program: preloaded (LD_PRELOAD), where it also sees the calls of
 * libraries, or linked with -Wl,--wrap (FAULT_WRAPPED), where it sees ours alone and gets on with the sanitizers.
 *
 *   FAULT_CALLS   which calls count: some of write, sync, rename, open (files that are made or emptied), reading (other
 *                 files that are opened), memory; comma-separated
 *   FAULT_AT      the call that is hit, counted from 1 over all processes of the program; 0: none
 *   FAULT_HOW     crash: every process of the program is killed before the call
 *                 torn: a write does half of its bytes, then the same
 *                 a number: the call fails with that errno
 *   FAULT_LOG     a file that gets a line per counted call: number, name, bytes or 0, path
 *
 * Of standard streams, pipes and devices none is counted. The counter is shared with child processes. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALL_WRITE = 1, CALL_SYNC = 2, CALL_RENAME = 4, CALL_OPEN = 8, CALL_READING = 16, CALL_MEMORY = 32 };

typedef struct shared {
  atomic_long count;
  pid_t root;
} shared;

static shared *state;
static int calls, how_errno, log_fd = -1;
static long at;
static bool crash, torn;

#ifdef FAULT_WRAPPED
#define NAME(name) __wrap_##name
#define REAL(type, name, ...)                                                                                \
  extern type __real_##name(__VA_ARGS__);                                                                    \
  type NAME(name)(__VA_ARGS__);                                                                              \
  static type (*const real_##name)(__VA_ARGS__) = __real_##name;
#define LOAD(name) (void)0
#else
#define NAME(name) name
#define REAL(type, name, ...)                                                                                \
  __attribute__((visibility("default"))) type NAME(name)(__VA_ARGS__);                                       \
  static type (*real_##name)(__VA_ARGS__);
#define LOAD(name)                                                                                           \
  do {                                                                                                       \
    if (real_##name == NULL) *(void **)(void *)&real_##name = dlsym(RTLD_NEXT, #name);                       \
  } while (0)
#endif

static const char *setting(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? "" : text;
}

__attribute__((constructor)) static void begin(void) {
  static const char *const words[] = {"write", "sync", "rename", "open", "reading", "memory"};
  state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  state->root = getpid();
  crash = strcmp(setting("FAULT_HOW"), "crash") == 0;
  torn = strcmp(setting("FAULT_HOW"), "torn") == 0;
  how_errno = atoi(setting("FAULT_HOW"));
  at = atol(setting("FAULT_AT"));
  if (setting("FAULT_LOG")[0] != '\0')
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, setting("FAULT_LOG"),
                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  for (int i = 0; i < 6; i++)
    if (strstr(setting("FAULT_CALLS"), words[i]) != NULL) calls |= 1 << i;
}

/* How many calls there were, for who wants to try each of them. */
__attribute__((destructor)) static void end(void) {
  char line[64];
  if (state == NULL || log_fd < 0 || getpid() != state->root) return;
  int length = snprintf(line, sizeof line, "total %ld\n", atomic_load(&state->count));
  syscall(SYS_write, log_fd, line, (size_t)length);
}

static void end_all(void) {
  kill(state->root, SIGKILL);
  kill(getpid(), SIGKILL);
}

static void note(long number, const char *name, size_t bytes, const char *path) {
  char line[700];
  int length = snprintf(line, sizeof line, "%ld %s %zu %.500s\n", number, name, bytes, path);
  syscall(SYS_write, log_fd, line, (size_t)length);
}

/* Counts a call. True when it is the one that is hit and must fail; one that is to crash does not return, except a
 * torn write, which is left to the caller. */
static bool hit(int kind, const char *name, size_t bytes, const char *path) {
  if (state == NULL || (calls & kind) == 0) return false;
  long number = atomic_fetch_add(&state->count, 1) + 1;
  if (log_fd >= 0 && kind != CALL_MEMORY) note(number, name, bytes, path);
  if (number != at) return false;
  if (crash || (torn && kind != CALL_WRITE)) end_all();
  if (!torn) errno = how_errno;
  return true;
}

/* The path of an open file when it is a file on a disk, else NULL: pipes, terminals and devices are left alone. */
static const char *disk_path(int fd, char path[static 512]) {
  char link[64];
  struct stat info;
  if (fd <= 2 || fd == log_fd || fstat(fd, &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
    return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, 511);
  path[length > 0 ? length : 0] = '\0';
  return path;
}

REAL(ssize_t, write, int fd, const void *bytes, size_t length)
ssize_t NAME(write)(int fd, const void *bytes, size_t length) {
  char room[512];
  const char *path = disk_path(fd, room);
  LOAD(write);
  if (path != NULL && hit(CALL_WRITE, "write", length, path)) {
    if (!torn) return -1;
    real_write(fd, bytes, length / 2);
    end_all();
  }
  return real_write(fd, bytes, length);
}

#define PWRITE(name, offset_type)                                                                            \
  REAL(ssize_t, name, int fd, const void *bytes, size_t length, offset_type offset)                          \
  ssize_t NAME(name)(int fd, const void *bytes, size_t length, offset_type offset) {                         \
    char room[512];                                                                                          \
    const char *path = disk_path(fd, room);                                                                  \
    LOAD(name);                                                                                              \
    if (path != NULL && hit(CALL_WRITE, "write", length, path)) {                                            \
      if (!torn) return -1;                                                                                  \
      real_##name(fd, bytes, length / 2, offset);                                                            \
      end_all();                                                                                             \
    }                                                                                                        \
    return real_##name(fd, bytes, length, offset);                                                           \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off_t)

#define ON_FILE(name, kind)                                                                                  \
  REAL(int, name, int fd)                                                                                    \
  int NAME(name)(int fd) {                                                                                   \
    char room[512];                                                                                          \
    const char *path = disk_path(fd, room);                                                                  \
    LOAD(name);                                                                                              \
    return path != NULL && hit(kind, #name, 0, path) ? -1 : real_##name(fd);                                 \
  }
ON_FILE(fsync, CALL_SYNC)
ON_FILE(fdatasync, CALL_SYNC)

#define TRUNCATE(name, offset_type)                                                                          \
  REAL(int, name, int fd, offset_type length)                                                                \
  int NAME(name)(int fd, offset_type length) {                                                               \
    char room[512];                                                                                          \
    const char *path = disk_path(fd, room);                                                                  \
    LOAD(name);                                                                                              \
    return path != NULL && hit(CALL_RENAME, #name, 0, path) ? -1 : real_##name(fd, length);                  \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off_t)

REAL(int, rename, const char *from, const char *to)
int NAME(rename)(const char *from, const char *to) {
  LOAD(rename);
  return hit(CALL_RENAME, "rename", 0, to) ? -1 : real_rename(from, to);
}

#define ON_PATH(name, kind, mode_type)                                                                       \
  REAL(int, name, const char *path, mode_type mode)                                                          \
  int NAME(name)(const char *path, mode_type mode) {                                                         \
    LOAD(name);                                                                                              \
    return hit(kind, #name, 0, path) ? -1 : real_##name(path, mode);                                         \
  }
ON_PATH(mkdir, CALL_RENAME, mode_t)

REAL(int, unlink, const char *path)
int NAME(unlink)(const char *path) {
  LOAD(unlink);
  return hit(CALL_RENAME, "unlink", 0, path) ? -1 : real_unlink(path);
}

static bool hit_open(const char *path, bool changes) {
  if (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0 || strncmp(path, "/dev/", 5) == 0)
    return false;
  return hit(changes ? CALL_OPEN : CALL_READING, "open", 0, path);
}

#define OPEN(name)                                                                                           \
  REAL(int, name, const char *path, int flags, ...)                                                          \
  int NAME(name)(const char *path, int flags, ...) {                                                         \
    va_list args;                                                                                            \
    va_start(args, flags);                                                                                   \
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;                                         \
    va_end(args);                                                                                            \
    LOAD(name);                                                                                              \
    return hit_open(path, (flags & (O_CREAT | O_TRUNC)) != 0) ? -1 : real_##name(path, flags, mode);         \
  }
OPEN(open)
OPEN(open64)

#define FOPEN(name)                                                                                          \
  REAL(FILE *, name, const char *path, const char *mode)                                                     \
  FILE *NAME(name)(const char *path, const char *mode) {                                                     \
    LOAD(name);                                                                                              \
    return hit_open(path, mode[0] != 'r') ? NULL : real_##name(path, mode);                                  \
  }
FOPEN(fopen)
FOPEN(fopen64)

/* ---- memory: without dlsym, which allocates itself ---- */

#ifdef FAULT_WRAPPED
extern void *__real_malloc(size_t), *__real_calloc(size_t, size_t), *__real_realloc(void *, size_t);
#else
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
#define __real_malloc  __libc_malloc
#define __real_calloc  __libc_calloc
#define __real_realloc __libc_realloc
#endif

__attribute__((visibility("default"))) void *NAME(malloc)(size_t size);
__attribute__((visibility("default"))) void *NAME(calloc)(size_t count, size_t size);
__attribute__((visibility("default"))) void *NAME(realloc)(void *old, size_t size);

void *NAME(malloc)(size_t size) {
  return hit(CALL_MEMORY, "malloc", size, "") ? NULL : __real_malloc(size);
}
void *NAME(calloc)(size_t count, size_t size) {
  return hit(CALL_MEMORY, "calloc", size, "") ? NULL : __real_calloc(count, size);
}
void *NAME(realloc)(void *old, size_t size) {
  return hit(CALL_MEMORY, "realloc", size, "") ? NULL : __real_realloc(old, size);
}
