/* The floating-point state of the calling thread. Flush-to-zero is a per-thread CPU state that new threads
 * inherit (SCIENCE 5.2): every worker sets it explicitly and verifies by arithmetic. */
#ifndef GP_FPENV_H
#define GP_FPENV_H

#include <stdbool.h>

/* Sets flush-to-zero and denormals-are-zero on or off for this thread. false where the CPU has no such state
 * and `flush` was asked for. */
bool gp_fpenv_flush(bool flush);

/* Whether subnormal results are flushed now, found by computing one (not by reading the register). */
bool gp_fpenv_flushes(void);

#endif
