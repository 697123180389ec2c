/* The sweep under a thread sanitizer: the smoke config on 4 workers, then on 1, must write the same bytes;
 * and a stop request from another thread while 4 workers run must leave a file that the next call completes
 * to those bytes. A plain program because Criterion 2.4.1 does not run under ThreadSanitizer; without it this
 * is an ordinary test. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan.h"
#include "sweep.h"

enum { WORKERS = 4 };

static char folder[] = "/tmp/gradpath-race-XXXXXX";
static volatile sig_atomic_t stop_flag;
static atomic_int reports;

static void fail(const char *what) {
  fprintf(stderr, "race_sweep: %s: %s\n", what, gp_message());
  exit(1);
}

static void count_report(void *context, const gp_progress *progress) {
  (void)context;
  if (progress->done > progress->total) fail("more runs done than there are");
  atomic_fetch_add(&reports, 1);
}

static gp_status sweep(gp_plan *plan, const char *output, int jobs, bool stoppable) {
  gp_sweep_options options = {.output = output, .tier = "auto", .jobs = jobs, .progress = count_report};
  if (stoppable) options.stop = &stop_flag;
  gp_sweep_result result;
  return gp_sweep_run(plan, &options, &result);
}

static bool same_bytes(const char *a, const char *b) {
  FILE *first = fopen(a, "rb"), *second = fopen(b, "rb");
  if (first == NULL || second == NULL) fail("an output is missing");
  int x, y;
  do {
    x = getc(first);
    y = getc(second);
  } while (x == y && x != EOF);
  fclose(first);
  fclose(second);
  return x == y;
}

/* Asks for a stop as soon as the first run has been reported. In the program a signal handler writes this
 * flag, which is what sig_atomic_t is for but a data race by the letter of C11: the writer alone is hidden
 * from the sanitizer. */
__attribute__((no_sanitize("thread"))) static void *stop_soon(void *argument) {
  (void)argument;
  while (atomic_load(&reports) == 0) usleep(200);
  stop_flag = 2; /* SIGINT's number */
  return NULL;
}

static void stopped_and_continued(gp_plan *plan, const char *output) {
  pthread_t thread;
  atomic_store(&reports, 0);
  if (pthread_create(&thread, NULL, stop_soon, NULL) != 0) fail("pthread_create");
  gp_status status = sweep(plan, output, WORKERS, true);
  pthread_join(thread, NULL);
  if (status != GP_ERR_INTERRUPTED && status != GP_OK) fail("a sweep that was asked to stop");
  if (sweep(plan, output, WORKERS, false) != GP_OK) fail("the continued sweep");
}

int main(void) {
  char many[64], one[64], stopped[64];
  if (mkdtemp(folder) == NULL) return 1;
  snprintf(many, sizeof many, "%s/many.h5", folder);
  snprintf(one, sizeof one, "%s/one.h5", folder);
  snprintf(stopped, sizeof stopped, "%s/stopped.h5", folder);

  gp_plan *plan;
  if (gp_plan_load(&plan, GP_SOURCE_DIR "/configs/smoke.yaml", NULL, 0) != GP_OK) fail("plan");
  if (sweep(plan, many, WORKERS, false) != GP_OK) fail("4 workers");
  if (sweep(plan, one, 1, false) != GP_OK) fail("1 worker");
  stopped_and_continued(plan, stopped);
  if (!same_bytes(many, one)) fail("4 workers and 1 worker wrote different bytes");
  if (!same_bytes(many, stopped)) fail("a stopped and continued sweep wrote different bytes");
  printf("race_sweep: %zu runs on 4 workers, on 1, and stopped and continued: the same bytes\n",
         gp_plan_runs(plan));

  gp_plan_free(plan);
  unlink(many);
  unlink(one);
  unlink(stopped);
  return rmdir(folder) == 0 ? 0 : 1;
}
