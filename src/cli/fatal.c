/* Last words; see fatal.h. */
#include "fatal.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apart.h"
#include "status.h"

static bool ours;

/* Only async-signal-safe calls from here to the end of the program. */
static void last_words(const char *what) {
  static const char front[] = "gradpath: error: ",
                    back[] =
                        ", perhaps for lack of memory or by a damaged file; what was committed is safe\n";
  ssize_t written = write(STDERR_FILENO, front, sizeof front - 1);
  if (written >= 0) written = write(STDERR_FILENO, what, strlen(what));
  if (written >= 0) written = write(STDERR_FILENO, back, sizeof back - 1);
  _exit(74);
}

static void on_exit_of_others(void) {
  if (!ours) last_words("a library ended the program");
}

static void on_crash(int signal_number) {
  if (gp_hdf5_at_work) last_words("the HDF5 library crashed");
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void cli_fatal_begin(void) {
  atexit(on_exit_of_others);
#ifndef __SANITIZE_ADDRESS__ /* it has more to say */
  static unsigned char stack[65536];
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) sigaction(crashes[i], &action, NULL);
#endif
}

void cli_fatal_end(void) {
  ours = true;
}
