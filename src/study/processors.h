/* The processors this process may use, and what they are called. */
#ifndef GP_PROCESSORS_H
#define GP_PROCESSORS_H

#include <stddef.h>

/* How many workers to start by default: the least of what OpenMP would start (OMP_NUM_THREADS counts), the processors the
 * process is bound to, and the control group's share of processor time, rounded up. At least 1. */
int gp_processors(void);

/* Processors that the control group of this process allows, by cpu.max (version 2) or cpu.cfs_quota_us (version 1), of the
 * group itself and of all above it; INFINITY without a limit. `root` is put before the absolute paths that are read: "" outside of tests. */
double gp_processors_quota(const char *root);

/* "AMD EPYC 9654", or "unknown". */
void gp_processor_name(char *out, size_t size);

#endif
