/* The steps at which something is measured: checkpoints, and the probes' own cadences, walked in ascending order without
 * memory. */
#ifndef GP_CADENCE_H
#define GP_CADENCE_H

#include "probe.h"
#include "spec.h"

/* A walk over the steps of a cadence of a resolved spec, from 0 to spec->steps. */
typedef struct gp_walk {
  const gp_spec *spec;
  gp_cadence cadence;
  int64_t step;   /* where it stands; INT64_MAX: at the end */
  int64_t point;  /* next point of a list or of log spacing */
  const char *at; /* next number of a list in text */
} gp_walk;

/* Stands at the first step. */
void gp_walk_begin(gp_walk *walk, const gp_spec *spec, const gp_cadence *cadence);
void gp_walk_next(gp_walk *walk);

/* The distinct cadences of a spec's selection of probes, the checkpoints first. */
typedef struct gp_cadences {
  int count;
  gp_cadence of[GP_PROBE_COUNT + 1];
  int probe[GP_PROBE_COUNT]; /* which of them a probe has; -1: it is not selected */
} gp_cadences;

void gp_cadences_make(gp_cadences *out, const char *selection);

#endif
