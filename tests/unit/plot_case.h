/* A made-up sweep for the tests of the charts: activation x depth x learning rate x seed, every number a closed form,
 * so that what a chart writes can be computed again. */
#ifndef PLOT_CASE_H
#define PLOT_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "schema.h"

enum { PLOT_LISTS_MAX = 8, PLOT_CHECKPOINTS = 12 };

typedef struct plot_case {
  const char *activations[PLOT_LISTS_MAX + 1]; /* NULL-terminated */
  int depths[PLOT_LISTS_MAX + 1];              /* 0-terminated */
  double rates[PLOT_LISTS_MAX + 1];            /* 0-terminated */
  int seeds;
  const char *axes; /* the root attribute */
} plot_case;

extern const plot_case plot_case_full;   /* 3 x 8 x 7 x 5 */
extern const plot_case plot_case_single; /* one run, nothing swept */

/* Values of a run; `rate` and `checkpoint` are indices. */
double plot_case_delta(const char *activation, int depth, int layer, int seed);
double plot_case_loss(const char *activation, int depth, int rate, int seed, int checkpoint);
const char *plot_case_verdict(const char *activation, int depth, int rate);
int64_t plot_case_step(int checkpoint);

/* Writes PATH.journal, which gp_table_open takes for PATH. NULL, or what went wrong. */
const char *plot_case_write(const plot_case *study, const char *path);

#endif
