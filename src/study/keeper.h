/* The keeper: one thread beside the workers of a sweep that sees to what must happen in time, whatever the runs
 * in work are doing. What was committed is on the disk a second later, also when the next run to finish takes an
 * hour; and with several ranks it hands out the work and fetches it. Private to study/. */
#ifndef GP_KEEPER_H
#define GP_KEEPER_H

#include "distribute.h"

typedef struct gp_keeper {
  gp_workers *workers;
  gp_distribution *distribution; /* NULL without ranks */
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  double synced;
  bool started, over, cancelled;
} gp_keeper;

/* Starts the thread. Where there is none to be had the journal still syncs whenever a run is committed; with ranks that
 * is GP_ERR_MEMORY, on all of them when one has none. */
gp_status gp_keeper_begin(gp_keeper *keeper, gp_workers *workers);

/* Waits until it has nothing more to do: with ranks until this one has reported, on rank 0 until all have. */
void gp_keeper_end(gp_keeper *keeper);

#endif
