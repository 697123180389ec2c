/* The keeper: one thread beside the workers of a sweep that sees to what must happen in time, whatever the runs
 * in work are doing. What was committed is on the disk a second later, also when the next run to finish takes an
 * hour. Private to study/. */
#ifndef GP_KEEPER_H
#define GP_KEEPER_H

#include "workers.h"

typedef struct gp_keeper {
  gp_workers *workers;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  bool started, over;
} gp_keeper;

/* Starts the thread. Without one (no memory for it) the journal still syncs whenever a run is committed. */
void gp_keeper_begin(gp_keeper *keeper, gp_workers *workers);

/* Ends and joins it. */
void gp_keeper_end(gp_keeper *keeper);

#endif
