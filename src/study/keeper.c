/* The thread beside the workers; see keeper.h. */
#include "keeper.h"

#include <time.h>

enum { TICK_NANOSECONDS = 1000000000 };

/* Waits for a tick, or until the sweep is over. Holds the keeper's mutex. */
static void wait_tick(gp_keeper *keeper) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += TICK_NANOSECONDS / 1000000000;
  if (!keeper->over) pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until);
}

static void *keep(void *context) {
  gp_keeper *keeper = context;
  pthread_mutex_lock(&keeper->mutex);
  while (!keeper->over) {
    wait_tick(keeper);
    if (!keeper->over) gp_workers_sync(keeper->workers);
  }
  pthread_mutex_unlock(&keeper->mutex);
  return NULL;
}

void gp_keeper_begin(gp_keeper *keeper, gp_workers *workers) {
  pthread_condattr_t monotonic;
  *keeper = (gp_keeper){.workers = workers};
  pthread_mutex_init(&keeper->mutex, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&keeper->wake, &monotonic);
  pthread_condattr_destroy(&monotonic);
  keeper->started = pthread_create(&keeper->thread, NULL, keep, keeper) == 0;
}

void gp_keeper_end(gp_keeper *keeper) {
  pthread_mutex_lock(&keeper->mutex);
  keeper->over = true;
  pthread_cond_signal(&keeper->wake);
  pthread_mutex_unlock(&keeper->mutex);
  if (keeper->started) pthread_join(keeper->thread, NULL);
  pthread_cond_destroy(&keeper->wake);
  pthread_mutex_destroy(&keeper->mutex);
}
