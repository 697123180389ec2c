/* posix_spawn, a pipe for what the child says, and poll for the time it may take. The child leads a process group of its
 * own, so that the helpers it starts end with it. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool gp_program_exists(const char *name) {
  const char *path = getenv("PATH");
  bool found = false;
  for (const char *at = path != NULL ? path : ""; *at != '\0' && !found;) {
    size_t length = strcspn(at, ":");
    gp_text whole = {0};
    gp_text_add(&whole, "%.*s/%s", (int)length, at, name);
    found = !whole.failed && access(whole.data, X_OK) == 0;
    gp_text_free(&whole);
    at += length + (at[length] == ':');
  }
  return found;
}

static int spawn(pid_t *child, const char *folder, const char *const *arguments, int sink) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if ((error = posix_spawn_file_actions_addchdir_np(&actions, folder)) == 0 &&
        (error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) == 0 &&
        (error = posix_spawn_file_actions_adddup2(&actions, sink, STDOUT_FILENO)) == 0 &&
        (error = posix_spawn_file_actions_adddup2(&actions, sink, STDERR_FILENO)) == 0)
      error = posix_spawnp(child, arguments[0], &actions, &attributes, (char *const *)(uintptr_t)arguments,
                           environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Reads what the child says until it closes its end; false when the time is up first. */
static bool listen(int source, double until, gp_text *said) {
  char piece[4096];
  for (;;) {
    struct pollfd ready = {.fd = source, .events = POLLIN};
    double left = until - now();
    if (left <= 0) return false;
    int found = poll(&ready, 1, (int)(1000 * left) + 1);
    if (found < 0 && errno != EINTR) return false;
    if (found <= 0) continue;
    ssize_t got = read(source, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    if (said != NULL) gp_text_add_bytes(said, piece, (size_t)got);
  }
}

gp_status gp_program_run(const char *folder, const char *const *arguments, int seconds, gp_text *said) {
  int ends[2], state = 0;
  pid_t child = 0;
  if (pipe2(ends, O_CLOEXEC) != 0)
    return gp_fail(GP_ERR_IO, "no pipe to %s: %s", arguments[0], strerror(errno));
  int error = spawn(&child, folder, arguments, ends[1]);
  close(ends[1]);
  bool ended = true;
  if (error == 0) {
    ended = listen(ends[0], now() + seconds, said);
    if (!ended) kill(-child, SIGKILL);
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) continue;
  }
  close(ends[0]);
  if (error != 0) return gp_fail(GP_ERR_IO, "%s could not be started: %s", arguments[0], strerror(error));
  if (!ended) return gp_fail(GP_ERR_IO, "%s was not done after %d s", arguments[0], seconds);
  if (WIFSIGNALED(state))
    return gp_fail(GP_ERR_IO, "%s was killed by signal %d", arguments[0], WTERMSIG(state));
  return WEXITSTATUS(state) == 0 ? GP_OK
                                 : gp_fail(GP_ERR_IO, "%s failed (%d)", arguments[0], WEXITSTATUS(state));
}
