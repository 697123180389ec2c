/* Signals during a sweep; see signals.h. */
#include "signals.h"

#include <stddef.h>
#include <unistd.h>

enum { GRACE_SECONDS = 2 };

volatile sig_atomic_t cli_stop, cli_abandon;

static const int handled[] = {SIGINT, SIGTERM, SIGALRM, SIGPIPE};
enum { HANDLED = sizeof handled / sizeof handled[0] };
static struct sigaction before[HANDLED];

/* Only async-signal-safe calls. */
static void on_stop(int signal_number) {
  if (cli_stop != 0 && signal_number == SIGINT) _exit(130);
  cli_stop = signal_number;
  alarm(GRACE_SECONDS);
}

static void on_alarm(int signal_number) {
  (void)signal_number;
  cli_abandon = 1;
}

static void handle(int index, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(handled[index], &action, &before[index]);
}

void cli_signals_begin(void) {
  cli_stop = 0;
  cli_abandon = 0;
  /* Also where SIGINT is ignored on entry (a background job of a script): `kill -INT` must work there. */
  handle(0, on_stop);
  handle(1, on_stop);
  handle(2, on_alarm);
  handle(3, SIG_IGN);
}

void cli_signals_end(void) {
  alarm(0);
  for (int i = 0; i < HANDLED; i++) sigaction(handled[i], &before[i], NULL);
}
