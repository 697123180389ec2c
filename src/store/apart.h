/* How to live with a library that may not survive an out-of-memory: work in a child process, and a mark for the moments in
 * which it is at work.
 *
 * HDF5 1.10 does not check every allocation: of the failing ones in a packing, about one in sixteen is a crash inside the
 * library. In a child that is an error message like any other, the committed runs are safe, and so is the caller. */
#ifndef GP_APART_H
#define GP_APART_H

#include <signal.h>

#include "status.h"

/* Above 0 while HDF5 is called, for the handler of a signal that wants to say who crashed. */
extern volatile sig_atomic_t gp_hdf5_at_work;

/* Calls work(context) in a child and returns its status and message. What it changes in memory is lost. A child that a
 * signal ended is GP_ERR_IO, with a message that begins with `what`. Where no child can be made the work is done here. */
gp_status gp_apart(gp_status (*work)(void *context), void *context, const char *what);

#endif
