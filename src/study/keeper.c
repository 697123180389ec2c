/* The thread beside the workers; see keeper.h. */
#include "keeper.h"

#include <time.h>

enum { SECOND = 1000000000, MILLISECOND = 1000000 };

/* Waits for a tick, or until the workers are through. Holds the keeper's mutex. */
static void wait_tick(gp_keeper *keeper) {
  long tick = keeper->distribution == NULL ? SECOND : MILLISECOND;
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += tick;
  until.tv_sec += until.tv_nsec / SECOND;
  until.tv_nsec %= SECOND;
  if (!keeper->over || keeper->distribution != NULL)
    pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until);
}

/* True when everything is said and done. */
static bool tick(gp_keeper *keeper) {
  if (keeper->cancelled) return true;
  if (gp_seconds_now() - keeper->synced >= 0.9) {
    gp_workers_sync(keeper->workers);
    keeper->synced = gp_seconds_now();
  }
  return keeper->distribution == NULL ? keeper->over
                                      : gp_distribution_tick(keeper->distribution, keeper->over);
}

static void *keep(void *context) {
  gp_keeper *keeper = context;
  pthread_mutex_lock(&keeper->mutex);
  while (!tick(keeper)) wait_tick(keeper);
  pthread_mutex_unlock(&keeper->mutex);
  return NULL;
}

static void init_monotonic(pthread_cond_t *condition) {
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

gp_status gp_keeper_begin(gp_keeper *keeper, gp_workers *workers) {
  const gp_ranks *ranks = workers->options->ranks;
  *keeper = (gp_keeper){.workers = workers, .synced = gp_seconds_now()};
  gp_status status = gp_distribution_begin(&keeper->distribution, ranks, workers);
  pthread_mutex_init(&keeper->mutex, NULL);
  init_monotonic(&keeper->wake);
  pthread_mutex_lock(&keeper->mutex); /* until the ranks agree the thread says nothing */
  keeper->started = pthread_create(&keeper->thread, NULL, keep, keeper) == 0;
  if (status == GP_OK && !keeper->started && ranks != NULL)
    status = gp_fail(GP_ERR_MEMORY, "no thread to be had beside the workers");
  status = gp_ranks_agree(ranks, status);
  keeper->cancelled = status != GP_OK;
  pthread_mutex_unlock(&keeper->mutex);
  if (status != GP_OK) gp_keeper_end(keeper);
  return status;
}

void gp_keeper_end(gp_keeper *keeper) {
  pthread_mutex_lock(&keeper->mutex);
  keeper->over = true;
  pthread_cond_signal(&keeper->wake);
  pthread_mutex_unlock(&keeper->mutex);
  if (keeper->started) pthread_join(keeper->thread, NULL);
  pthread_cond_destroy(&keeper->wake);
  pthread_mutex_destroy(&keeper->mutex);
  gp_distribution_end(keeper->distribution);
}
