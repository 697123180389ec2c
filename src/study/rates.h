/* What a training step costs on this machine, in either plan: the model behind the choice between single runs and lane
 * groups, the order of the queue and the predicted times. No result depends on it.
 *
 * A network is the sum of its layers; a layer of width w = sqrt(in out) and a batch of B examples costs what a table says,
 * measured over w x B on nets of equal layers (tanh, plain gradient descent) and interpolated in the logarithms. Outside
 * the table the cost of its nearest edge is scaled by the floating-point operations. Measuring takes under a second, once
 * per machine, program and instruction set: the result is kept in the user's cache folder. */
#ifndef GP_RATES_H
#define GP_RATES_H

#include "plan.h"
#include "run.h"

enum { GP_RATE_WIDTHS = 4, GP_RATE_BATCHES = 3, GP_RATE_PATH = 4096 };

typedef struct gp_rates {
  /* Seconds per layer, step and network: [64 bits][lanes][width][batch]. */
  double seconds[2][2][GP_RATE_WIDTHS][GP_RATE_BATCHES];
  bool measured;            /* on this machine; otherwise the reference below */
  char cache[GP_RATE_PATH]; /* the file they are kept in, or "" where there is no cache folder */
} gp_rates;

/* The table of one AVX-512 server core: good enough to order a queue, and for sweeps too short to be worth measuring. */
extern const gp_rates gp_rates_reference;

/* This machine's table for a tier of gp_train_options: from the cache, else measured and put there. A cache that cannot
 * be read or written is no error. GP_ERR_USAGE, GP_ERR_MEMORY. */
gp_status gp_rates_get(gp_rates *out, const char *tier);

/* Expected seconds of one step of a resolved spec's network, alone or, with `lanes`, as one of a full lane group. NaN without memory. */
double gp_rates_step(const gp_rates *rates, const gp_spec *spec, const gp_dataset *data, bool lanes);

/* Whether `runs` runs of this shape are faster in one lane group than one after the other. */
bool gp_rates_lanes_pay(const gp_rates *rates, const gp_spec *spec, const gp_dataset *data, int runs);

/* Seconds per step of `count` rows of a plan, computed as one group (1: alone): a short stretch with checkpoints spread evenly
 * over its steps, so that it holds its fair share of them. GP_ERR_MEMORY. */
gp_status gp_rates_measure(double *out, gp_trainer *trainer, const gp_plan *plan, const size_t *rows,
                           int count, double budget);

/* rates_cache.c: the file for this machine, program and tier in $XDG_CACHE_HOME/gradpath or ~/.cache/gradpath; false
 * without either. Reading is all or nothing; writing replaces the file at once. */
bool gp_rates_cache_path(char out[static GP_RATE_PATH], const char *tier);
bool gp_rates_cache_read(gp_rates *rates, const char *path);
void gp_rates_cache_write(const gp_rates *rates, const char *path);

#endif
