/* One queue for all ranks. Rank 0 holds it and hands out spans of groups, longest runs first, each a share of the work
 * that is left, so that spans shrink to single groups towards the end and no rank is idle while runs remain. A rank
 * asks when threads of its have nothing to do (or, of spans of many short groups, before that).
 *
 * All of it is done by the keeper, which looks for messages every millisecond: rank 0 computes like the others, and
 * neither its runs nor theirs hold up an answer. Private to study/. */
#ifndef GP_DISTRIBUTE_H
#define GP_DISTRIBUTE_H

#include "ranks.h"
#include "workers.h"

typedef struct gp_distribution gp_distribution;

/* Gives every rank the queue of rank 0 (jobs and groups of `workers`; the others get copies), after a check that all ranks have the same plan: GP_ERR_CONFIG on all when one has not. */
gp_status gp_distribute_queue(const gp_ranks *ranks, gp_workers *workers);

/* *out is NULL when ranks is. */
gp_status gp_distribution_begin(gp_distribution **out, const gp_ranks *ranks, gp_workers *workers);
void gp_distribution_end(gp_distribution *d);

/* What the keeper does every millisecond. `over` says that this rank's threads have gone home. True when this rank has
 * nothing more to say: a rank after its report, rank 0 after everyone's. */
bool gp_distribution_tick(gp_distribution *d, bool over);

#endif
