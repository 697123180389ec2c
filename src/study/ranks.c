/* Finding the other processes, and agreeing with them; see ranks.h. */
#include "ranks.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "build.h"
#include "text.h"

static gp_ranks the_ranks;
static bool finished;

void gp_ranks_pause(void) {
  nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* What launchers tell their processes: Open MPI's mpirun, and PMI for others. */
static long long launched_size(void) {
  static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
  long long size;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *text = getenv(names[i]);
    if (text != NULL && gp_text_to_int(text, &size)) return size;
  }
  /* srun --mpi=pmix leaves the number of tasks to its own variable. */
  const char *tasks = getenv("PMIX_RANK") != NULL ? getenv("SLURM_STEP_NUM_TASKS") : NULL;
  return tasks != NULL && gp_text_to_int(tasks, &size) ? size : 1;
}

static gp_status load_module(gp_ranks *out, long long size) {
  gp_text path = {0};
  gp_status status = gp_module_path(&path, GP_RANKS_MODULE);
  /* Open MPI's own plugins look for its symbols among the global ones. */
  void *module = status == GP_OK ? dlopen(path.data, RTLD_NOW | RTLD_GLOBAL) : NULL;
  gp_ranks_entry entry = NULL;
  if (module != NULL) *(void **)(void *)&entry = dlsym(module, GP_RANKS_ENTRY);
  if (entry == NULL) {
    const char *reason = status == GP_OK ? dlerror() : gp_message();
    gp_fail(
        GP_ERR_USAGE,
        "started by an MPI launcher as one of %lld processes, but MPI cannot be used: %s\n"
        "  build where Open MPI's development package is installed (cmake -DGRADPATH_MPI=ON), or divide the "
        "runs with --shard I/N",
        size, reason != NULL ? reason : "no reason given");
    status = GP_ERR_USAGE;
  } else {
    entry(out);
  }
  gp_text_free(&path);
  return status;
}

gp_status gp_ranks_open(const gp_ranks **out) {
  *out = NULL;
  long long size = launched_size();
  if (size < 2) return GP_OK;
  if (the_ranks.size == 0) GP_TRY(load_module(&the_ranks, size));
  if (the_ranks.size > 1) *out = &the_ranks;
  return GP_OK;
}

void gp_ranks_finish(const gp_ranks *ranks) {
  if (ranks == NULL || finished) return;
  finished = true;
  ranks->finish();
}

/* ---- agreement ---- */

enum { MESSAGE_BYTES = 3000 };

typedef struct verdict {
  int status, rank;
  char message[MESSAGE_BYTES];
} verdict;

static int severity(int status) {
  if (status == GP_OK) return 0;
  if (status == GP_ERR_INTERRUPTED || status == GP_ERR_TERMINATED) return 1;
  return status == GP_ERR_NO ? 2 : 3;
}

/* Rank 0 hears all others; the worst counts, of equals that of the lowest rank. */
static void collect(const gp_ranks *ranks, verdict *worst) {
  for (int missing = ranks->size - 1; missing > 0;) {
    int from;
    size_t length;
    verdict heard;
    if (!ranks->probe(GP_TAG_AGREE, &from, &length)) {
      gp_ranks_pause();
      continue;
    }
    ranks->receive(GP_TAG_AGREE, from, &heard, sizeof heard);
    int difference = severity(heard.status) - severity(worst->status);
    if (difference > 0 || (difference == 0 && heard.status != GP_OK && heard.rank < worst->rank))
      *worst = heard;
    missing--;
  }
}

gp_status gp_ranks_agree(const gp_ranks *ranks, gp_status status) {
  if (ranks == NULL) return status;
  verdict mine = {.status = (int)status, .rank = ranks->rank};
  const char *message = status == GP_OK ? "" : gp_message();
  if (ranks->rank > 0 && status != GP_OK)
    snprintf(mine.message, sizeof mine.message, "rank %d on %s: %s", ranks->rank, ranks->host, message);
  else
    snprintf(mine.message, sizeof mine.message, "%s", message);
  if (ranks->rank == 0)
    collect(ranks, &mine);
  else
    ranks->send(0, GP_TAG_AGREE, &mine, sizeof mine);
  ranks->broadcast(&mine, sizeof mine);
  if (mine.status == GP_OK) return GP_OK;
  return gp_fail((gp_status)mine.status, "%s", mine.message);
}
