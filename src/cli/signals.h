/* Signals during a sweep. The first SIGINT or SIGTERM asks for an orderly end: no new runs, runs in flight get two
 * seconds. A second SIGINT leaves at once: committed runs are in the journal. A closed pipe is an error of the print,
 * not the end of a sweep. */
#ifndef GP_SIGNALS_H
#define GP_SIGNALS_H

#include <signal.h>

extern volatile sig_atomic_t cli_stop;    /* the signal that came, or 0 */
extern volatile sig_atomic_t cli_abandon; /* the two seconds are over */

void cli_signals_begin(void);
void cli_signals_end(void);

#endif
