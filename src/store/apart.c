/* A child that says over a pipe how it went; see apart.h. */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

volatile sig_atomic_t gp_hdf5_at_work;

enum { MESSAGE_BYTES = 2048 }; /* less than a pipe takes at once */

typedef struct answer {
  int status;
  char message[MESSAGE_BYTES];
} answer;

/* The child's side. It ends without what a program does at its end: those buffers and handlers are the parent's. */
static void answer_and_end(int pipe_end, gp_status (*work)(void *), void *context) {
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
  answer a = {0};
  /* The parent speaks of a crash. */
  for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) signal(crashes[i], SIG_DFL);
  a.status = (int)work(context);
  if (a.status != GP_OK) snprintf(a.message, sizeof a.message, "%s", gp_message());
  ssize_t written = write(pipe_end, &a, sizeof a);
  _exit(written == (ssize_t)sizeof a ? 0 : 1);
}

/* All of the answer, or false. */
static bool read_answer(int pipe_end, answer *a) {
  size_t got = 0;
  while (got < sizeof *a) {
    ssize_t more = read(pipe_end, (char *)a + got, sizeof *a - got);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) return false;
    got += (size_t)more;
  }
  return true;
}

gp_status gp_apart(gp_status (*work)(void *context), void *context, const char *what) {
  int ends[2], how = 0;
  answer a = {0};
  if (pipe2(ends, O_CLOEXEC) != 0) return work(context);
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    /* It holds the parent's locks: it must not outlive it. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    answer_and_end(ends[1], work, context);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return work(context);
  }
  bool answered = read_answer(ends[0], &a);
  close(ends[0]);
  while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
  if (answered) return a.status == GP_OK ? GP_OK : gp_fail((gp_status)a.status, "%s", a.message);
  if (!WIFSIGNALED(how)) return gp_fail(GP_ERR_IO, "%s ended without a word", what);
  return gp_fail(GP_ERR_IO, "%s was ended by signal %d (%s), perhaps for lack of memory", what, WTERMSIG(how),
                 strsignal(WTERMSIG(how)));
}
