/* Running what is missing of a plan; see sweep.h. */
#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "distribute.h"
#include "journal.h"
#include "pack.h"
#include "processors.h"
#include "provenance.h"
#include "run.h"
#include "scheduler.h"
#include "shards.h"
#include "table.h"
#include "workers.h"

/* ---- the plan as the store sees it ---- */

typedef struct pack_context {
  const gp_plan *plan;
  char *run_id; /* 33 bytes: room for the answer of the last question */
} pack_context;

static const char *pack_run_id(const void *context, size_t row) {
  const pack_context *c = context;
  return gp_plan_run_id(c->plan, row, c->run_id);
}

static gp_status pack_fill(const void *context, size_t row, gp_cell *cells) {
  return gp_plan_cells(((const pack_context *)context)->plan, row, cells);
}

static gp_pack_plan pack_plan(const pack_context *context) {
  return (gp_pack_plan){
      .rows = gp_plan_runs(context->plan), .run_id = pack_run_id, .fill = pack_fill, .context = context};
}

/* ---- which rows are wanted ---- */

static bool exists(const char *path) {
  return access(path, F_OK) == 0;
}

static bool journal_path(char out[static GP_PATH_BYTES], const char *output) {
  return snprintf(out, GP_PATH_BYTES, "%s.journal", output) < GP_PATH_BYTES;
}

static gp_status scan_output(const gp_plan *plan, const char *output, unsigned char *state) {
  char id[33], example[33] = "";
  size_t foreign = 0;
  if (!exists(output) && !gp_shards_exist(output)) return GP_OK;
  pack_context context = {plan, id};
  gp_pack_plan rows = pack_plan(&context);
  GP_TRY(gp_pack_scan(output, &rows, state, &foreign, example));
  if (foreign == 0) return GP_OK;
  return gp_fail(GP_ERR_FILE,
                 "%s holds %zu run%s of another configuration (run_id %s%s); it is left as it is\n"
                 "  --fresh keeps it as a numbered backup and starts a new file; -o FILE writes elsewhere",
                 output, foreign, foreign == 1 ? "" : "s", example, foreign == 1 ? "" : ", ...");
}

static bool finished(enum gp_run_state state, bool retry_failed) {
  bool failed = state == GP_RUN_TIMEOUT || state == GP_RUN_OUT_OF_MEMORY || state == GP_RUN_ERROR;
  return state != GP_RUN_PENDING && !(failed && retry_failed);
}

gp_status gp_sweep_wanted(const gp_plan *plan, const gp_sweep_options *options, unsigned char *wanted,
                          size_t *kept) {
  size_t rows = gp_plan_runs(plan);
  int shards = options->shards > 0 ? options->shards : 1, shard = options->shards > 0 ? options->shard : 1;
  if (shard < 1 || shard > shards)
    return gp_fail(GP_ERR_USAGE, "shard %d of %d does not exist: shards count from 1", shard, shards);
  memset(wanted, GP_RUN_PENDING, rows);
  if (!options->fresh) GP_TRY(scan_output(plan, options->output, wanted));
  *kept = 0;
  for (size_t row = 0; row < rows; row++) {
    /* Striped, so that every shard gets its part of the long runs. */
    bool ours = row % (size_t)shards == (size_t)shard - 1;
    bool done = finished(wanted[row], options->retry_failed);
    *kept += ours && done;
    wanted[row] = ours && !done;
  }
  return GP_OK;
}

static gp_status replay(gp_rounds *rounds, gp_plan *plan, const gp_sweep_options *options) {
  if (!gp_plan_refines(plan)) return GP_OK;
  if (options->shards > 0)
    return gp_fail(GP_ERR_USAGE,
                   "a refined map (sweep.refine) cannot be computed in shards: a round needs the verdicts of "
                   "all runs of the rounds before; leave --shard out (in a Slurm array: --shard all)");
  if (options->ranks != NULL)
    return gp_fail(GP_ERR_USAGE,
                   "a refined map (sweep.refine) is computed by one process, not by the %d ranks "
                   "of an MPI job: use -j for its threads",
                   options->ranks->size);
  return options->fresh ? GP_OK : gp_rounds_replay(rounds, plan, options->output, options->retry_failed);
}

gp_status gp_sweep_replay(gp_plan *plan, const gp_sweep_options *options) {
  gp_rounds rounds = {0};
  gp_status status = replay(&rounds, plan, options);
  gp_rounds_free(&rounds);
  return status;
}

/* ---- the output on disk ---- */

/* Makes the folders above `path`. */
static gp_status make_parents(const char *path) {
  char folder[GP_PATH_BYTES];
  if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
    return gp_fail(GP_ERR_IO, "%s: the path is too long", path);
  for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
      return gp_fail(GP_ERR_IO, "%s: cannot make the folder %s: %s", path, folder, strerror(errno));
    *slash = '/';
  }
  return GP_OK;
}

/* The output is replaced by a rename: what is not a regular file (a device, a folder) must not be. */
static gp_status check_regular(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0)
    return errno == ENOENT ? GP_OK : gp_fail(GP_ERR_IO, "%s: %s", path, strerror(errno));
  return S_ISREG(info.st_mode) ? GP_OK
                               : gp_fail(GP_ERR_IO, "%s: not a regular file, cannot be the output", path);
}

static gp_status move_file(const char *from, const char *to) {
  if (rename(from, to) == 0 || errno == ENOENT) return GP_OK;
  return gp_fail(GP_ERR_IO, "cannot rename %s to %s: %s", from, to, strerror(errno));
}

/* --fresh: PATH becomes PATH.1 (or the next free number), its journal PATH.1.journal. */
static gp_status set_aside(const char *output, char backup[static GP_PATH_BYTES]) {
  char journal[GP_PATH_BYTES], old_journal[GP_PATH_BYTES + 16];
  if (!journal_path(journal, output)) return gp_fail(GP_ERR_IO, "%s: the path is too long", output);
  if (!exists(output) && !gp_shards_exist(output)) return GP_OK;
  if (gp_shards_held(output))
    return gp_fail(GP_ERR_IO, "%s: another process is writing this output", journal);
  GP_TRY(gp_shards_check_idle(output));
  for (int number = 1;; number++) {
    if (snprintf(backup, GP_PATH_BYTES, "%s.%d", output, number) >= GP_PATH_BYTES)
      return gp_fail(GP_ERR_IO, "%s: the path is too long", output);
    snprintf(old_journal, sizeof old_journal, "%s.journal", backup);
    if (!exists(backup) && !exists(old_journal)) break;
  }
  GP_TRY(move_file(journal, old_journal));
  GP_TRY(gp_shards_move(output, backup));
  return move_file(output, backup);
}

/* ---- the sweep ---- */

static int column(const gp_schema *schema, const char *name) {
  for (size_t v = 0; v < schema->count; v++)
    if (strcmp(schema->variables[v].name, name) == 0) return (int)v;
  return -1;
}

int gp_sweep_threads(const gp_sweep_options *options, size_t jobs) {
  int threads = options->jobs > 0 ? options->jobs : gp_processors();
  return (size_t)threads > jobs ? (jobs > 0 ? (int)jobs : 1) : threads;
}

/* A limit on the seconds of one run is a limit on one network: no groups then. */
enum gp_execution gp_sweep_execution(const gp_plan *plan, const gp_sweep_options *options) {
  return gp_plan_limits_of(plan).run_seconds > 0 ? GP_EXECUTION_SINGLE : options->execution;
}

/* The tier that will be used, found before anything is written: a tier this machine lacks is a usage error.
 */
static gp_status find_tier(const gp_sweep_options *options, char out[static 32]) {
  gp_trainer *trainer = NULL;
  GP_TRY(gp_trainer_create(&trainer, &(gp_train_options){.tier = options->tier}));
  snprintf(out, 32, "%s", gp_trainer_tier(trainer));
  gp_trainer_free(trainer);
  return GP_OK;
}

static gp_status pack_output(const gp_plan *plan, const gp_sweep_options *options,
                             const gp_provenance *provenance) {
  char id[33];
  pack_context context = {plan, id};
  gp_pack_plan rows = pack_plan(&context);
  if (options->provenance) {
    rows.provenance = provenance->attributes;
    rows.provenance_count = provenance->count;
  }
  return gp_pack_apart(options->output, gp_plan_schema(plan), &rows);
}

static double seconds_or_forever(double seconds) {
  return seconds > 0 ? seconds : (double)INFINITY;
}

static void workers_init(gp_workers *workers, const gp_plan *plan, const gp_sweep_options *options,
                         gp_sweep_result *result) {
  const gp_schema *schema = gp_plan_schema(plan);
  gp_plan_limits limits = gp_plan_limits_of(plan);
  *workers = (gp_workers){.plan = plan, .options = options, .result = result, .start = gp_seconds_now()};
  workers->run_seconds = seconds_or_forever(limits.run_seconds);
  workers->deadline = workers->start + seconds_or_forever(limits.total_seconds);
  workers->verdict_column = column(schema, "verdict");
  if (workers->verdict_column >= 0)
    result->progress.verdicts = schema->variables[workers->verdict_column].meanings;
  pthread_mutex_init(&workers->mutex, NULL);
}

/* How the sweep ended, when the workers met no error of their own. */
static gp_status stop_status(const gp_sweep_options *options, const gp_sweep_result *result) {
  int stop = options->stop == NULL ? 0 : (int)*options->stop;
  if (stop == 0 || result->pending == 0) return GP_OK;
  if (stop == SIGINT) return gp_fail(GP_ERR_INTERRUPTED, "interrupted; %zu runs are left", result->pending);
  return gp_fail(GP_ERR_TERMINATED, "stopped by a signal; %zu runs are left", result->pending);
}

/* What the file says of the sessions that made it, and their lines, carried over, since packing writes a new file. */
static gp_status read_past(gp_provenance *past, gp_text *out, const char *output) {
  gp_table *table = NULL;
  size_t count = 0;
  if (!exists(output)) return GP_OK;
  GP_TRY(gp_table_open(&table, output));
  const gp_attribute *attributes = gp_table_provenance(table, &count);
  gp_provenance_history(out, NULL, attributes, count);
  gp_provenance_copy(past, attributes, count);
  gp_table_close(table);
  return out->failed ? gp_fail(GP_ERR_MEMORY, "no memory for the history of %s", output) : GP_OK;
}

/* Makes the output of file and journals, with what is to be told of this session. */
static gp_status finish_output(gp_workers *workers, gp_provenance *provenance) {
  const gp_sweep_options *options = workers->options;
  gp_provenance past = {.count = 0};
  gp_text history = {0};
  gp_status status = options->provenance ? read_past(&past, &history, options->output) : GP_OK;
  gp_provenance_end(provenance, workers->seconds, workers->finished, &history);
  if (workers->finished == 0) gp_provenance_keep(provenance, &past, &history);
  if (status == GP_OK) status = pack_output(workers->plan, options, provenance);
  gp_text_free(&history);
  return status;
}

/* The queue, made by rank 0 from what is missing and the same for everyone. */
static gp_status make_queue(gp_workers *workers, const unsigned char *wanted, const char *tier) {
  const gp_sweep_options *options = workers->options;
  int ranks = options->ranks == NULL ? 1 : options->ranks->size;
  gp_rates rates;
  free(workers->jobs), free(workers->groups);
  workers->jobs = NULL, workers->groups = NULL;
  workers->job_count = workers->group_count = 0;
  GP_TRY(gp_jobs_make(&workers->jobs, &workers->job_count, workers->plan, wanted));
  gp_grouping how = {.execution = gp_sweep_execution(workers->plan, options),
                     .tier = tier,
                     .threads = ranks * gp_sweep_threads(options, workers->job_count)};
  return gp_groups_make(&workers->groups, &workers->group_count, &rates, workers->plan, workers->jobs,
                        workers->job_count, &how);
}

/* ---- rounds ---- */

/* Room for what the runs of the queue take, behind that of the finished ones. */
static gp_status make_room(gp_workers *workers) {
  gp_progress *progress = &workers->result->progress;
  double *grown = realloc(workers->seconds, (workers->finished + workers->job_count + 1) * sizeof *grown);
  if (grown == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a sweep of %zu runs", workers->job_count);
  workers->seconds = grown;
  progress->total += workers->job_count;
  return GP_OK;
}

/* The queue of a round that has just begun. */
static gp_status queue_round(gp_workers *workers, const char *tier) {
  size_t rows = gp_plan_runs(workers->plan);
  unsigned char *wanted = malloc(rows + 1);
  if (wanted == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a sweep of %zu runs", rows);
  gp_rounds_missing(workers->rounds, workers->plan, wanted);
  gp_status status = make_queue(workers, wanted, tier);
  free(wanted);
  if (status == GP_OK) status = make_room(workers);
  workers->result->rows = rows;
  workers->result->progress.kept = rows - workers->result->progress.total;
  return status;
}

/* A round after the other; of a plan that does not refine there is one. Whether to stop is asked by the workers alone:
 * a map that is stopped between two rounds has the runs of the next one left. */
static gp_status run_rounds(gp_workers *workers, gp_plan *plan, int threads, const char *tier) {
  bool grown = true;
  gp_status status = gp_workers_run(workers, threads);
  while (status == GP_OK && workers->rounds != NULL && grown) {
    status = gp_rounds_next(workers->rounds, plan, &grown);
    if (status == GP_OK && grown) status = queue_round(workers, tier);
    if (status != GP_OK) {
      snprintf(workers->message, sizeof workers->message, "%s", gp_message());
      return status;
    }
    if (grown) status = gp_workers_run(workers, gp_sweep_threads(workers->options, workers->group_count));
  }
  return status;
}

/* ---- from the queue to the output ---- */

/* The last word of this process on the runs: everything that it has computed is in its journal, synced. */
static gp_status settle(gp_workers *workers, gp_status ran) {
  gp_sweep_result *result = workers->result;
  result->pending = result->progress.total - result->progress.done;
  result->out_of_time = atomic_load(&workers->out_of_time) && result->pending > 0;
  if (ran == GP_ERR_IO) return ran;
  gp_status synced = gp_journal_sync(workers->journal);
  if (synced != GP_OK) return synced;
  return ran != GP_OK ? gp_fail(ran, "%s", workers->message) : stop_status(workers->options, result);
}

/* Runs that are left for no reason would be a defect of the handing out: it must not look like success. */
static gp_status check_complete(const gp_sweep_result *result) {
  if (result->pending == 0 || result->out_of_time) return GP_OK;
  return gp_fail(GP_ERR_NO, "%zu runs were not computed; the same command continues", result->pending);
}

/* Runs the queue into the open journal and packs. An input/output error skips the packing: the disk has just
 * refused a write, and what was committed is safe in the journals. */
static gp_status run_queue(gp_workers *workers, gp_plan *plan, int threads, const char *tier) {
  static const char *const plans[] = {"auto", "single", "lanes"};
  const gp_ranks *ranks = workers->options->ranks;
  gp_provenance provenance;
  char message[sizeof workers->message];
  gp_provenance_begin(&provenance, tier, plans[gp_sweep_execution(workers->plan, workers->options)], threads,
                      ranks ? ranks->size : 1);
  gp_status ran = run_rounds(workers, plan, threads, tier);
  ran = gp_ranks_agree(ranks, settle(workers, ran));
  if (ranks != NULL && ranks->rank > 0) return ran;
  if (ran == GP_OK) ran = check_complete(workers->result);
  snprintf(message, sizeof message, "%s", gp_message());
  gp_ranks_finish(ranks);
  if (ran == GP_ERR_IO) return ran;
  GP_TRY(finish_output(workers, &provenance));
  return ran == GP_OK ? GP_OK : gp_fail(ran, "%s", message);
}

/* Whether the journal has done its duty: everything in it is in the packed file. */
static bool packed(gp_status status) {
  return status == GP_OK || status == GP_ERR_NO || status == GP_ERR_INTERRUPTED ||
         status == GP_ERR_TERMINATED;
}

/* Says so when the runs to come may not fit on the disk: their records, and the file made of them at the end. */
static void check_space(const gp_workers *workers) {
  const gp_sweep_options *options = workers->options;
  struct statvfs disk;
  char journal[GP_PATH_BYTES];
  if (options->scarce == NULL || !journal_path(journal, options->output) || statvfs(journal, &disk) != 0)
    return;
  double available = (double)disk.f_bavail * (double)disk.f_frsize;
  double needed = 2 * gp_run_bytes(gp_plan_schema(workers->plan)) * (double)workers->job_count;
  if (needed > available) options->scarce(options->context, needed, available);
}

static gp_status find_wanted(gp_plan *plan, const gp_sweep_options *options, gp_rounds *rounds,
                             unsigned char **wanted, size_t *kept) {
  GP_TRY(replay(rounds, plan, options));
  free(*wanted);
  *wanted = malloc(gp_plan_runs(plan) + 1);
  if (*wanted == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a sweep of %zu runs", gp_plan_runs(plan));
  return gp_sweep_wanted(plan, options, *wanted, kept);
}

/* Rank 0 takes the output. Under the journal's lock the rows are looked at again, since another process may have
 * finished some between the first look and the lock. */
static gp_status take_output(gp_workers *workers, gp_plan *plan, unsigned char **wanted, const char *tier) {
  const gp_sweep_options *options = workers->options;
  gp_sweep_result *out = workers->result;
  char journal[GP_PATH_BYTES];
  if (!journal_path(journal, options->output))
    return gp_fail(GP_ERR_IO, "%s: the path is too long", options->output);
  GP_TRY(
      gp_journal_open(&workers->journal, journal, gp_plan_schema(workers->plan), &out->recovered_bytes_cut));
  GP_TRY(gp_shards_check_idle(options->output));
  gp_sweep_options again = *options;
  again.fresh = false;
  GP_TRY(find_wanted(plan, &again, workers->rounds, wanted, &out->progress.kept));
  out->rows = gp_plan_runs(plan);
  if (options->pack_only) memset(*wanted, 0, out->rows);
  if (options->ranks != NULL) GP_TRY(gp_shards_make(options->output, (unsigned)options->ranks->size - 1));
  return make_queue(workers, *wanted, tier);
}

/* The others only open a journal of their own. */
static gp_status take_journal(gp_workers *workers) {
  size_t cut;
  const gp_ranks *ranks = workers->options->ranks;
  if (ranks == NULL || ranks->rank == 0) return GP_OK;
  char *path = gp_shard_path(workers->options->output, (unsigned)ranks->rank);
  if (path == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the name of a journal");
  gp_status status = gp_journal_open(&workers->journal, path, gp_plan_schema(workers->plan), &cut);
  free(path);
  return status;
}

/* From the open journals on: room for the results, workers, packing. */
static gp_status sweep_queue(gp_workers *workers, gp_plan *plan, const char *tier) {
  const gp_ranks *ranks = workers->options->ranks;
  gp_status status = take_journal(workers);
  if (status == GP_OK) status = make_room(workers);
  status = gp_ranks_agree(ranks, status);
  if (status == GP_OK) {
    if (ranks == NULL || ranks->rank == 0) check_space(workers);
    status = run_queue(workers, plan, gp_sweep_threads(workers->options, workers->group_count), tier);
  }
  free(workers->seconds);
  return status;
}

/* The output is ours from here. */
static gp_status sweep_locked(gp_plan *plan, const gp_sweep_options *options, unsigned char **wanted,
                              const char *tier, gp_sweep_result *out) {
  const gp_ranks *ranks = options->ranks;
  gp_workers workers;
  gp_rounds rounds = {0};
  bool first = ranks == NULL || ranks->rank == 0, resumed = gp_shards_exist(options->output);
  workers_init(&workers, plan, options, out);
  if (gp_plan_refines(plan)) workers.rounds = &rounds;
  gp_status status = gp_ranks_agree(ranks, first ? take_output(&workers, plan, wanted, tier) : GP_OK);
  if (status == GP_OK) status = gp_distribute_queue(ranks, &workers);
  if (status == GP_OK) status = sweep_queue(&workers, plan, tier);
  /* A failure before the first commit leaves no trace; one after it leaves the journals. */
  bool empty = first && !resumed && out->progress.done == 0;
  if (first && (packed(status) || empty))
    gp_shards_remove(options->output); /* before the one that is the lock */
  gp_status closed = gp_journal_close(workers.journal, first && (packed(status) || empty));
  pthread_mutex_destroy(&workers.mutex);
  free(workers.groups);
  free(workers.jobs);
  gp_rounds_free(&rounds);
  return status == GP_OK ? closed : status;
}

/* What can be said before the output is touched, and then its place. Rank 0 does it for all. */
static gp_status prepare(gp_plan *plan, const gp_sweep_options *options, unsigned char **wanted,
                         gp_sweep_result *out) {
  gp_rounds rounds = {0};
  GP_TRY(check_regular(options->output));
  gp_status status = find_wanted(plan, options, &rounds, wanted, &out->progress.kept);
  gp_rounds_free(&rounds);
  GP_TRY(status);
  GP_TRY(make_parents(options->output));
  return options->fresh ? set_aside(options->output, out->backup) : GP_OK;
}

gp_status gp_sweep_run(gp_plan *plan, const gp_sweep_options *options, gp_sweep_result *out) {
  char tier[32];
  const gp_ranks *ranks = options->ranks;
  unsigned char *wanted = NULL;
  *out = (gp_sweep_result){.rows = gp_plan_runs(plan)};
  gp_status status = find_tier(options, tier);
  if (status == GP_OK && (ranks == NULL || ranks->rank == 0)) status = prepare(plan, options, &wanted, out);
  status = gp_ranks_agree(ranks, status);
  if (status == GP_OK) {
    status = sweep_locked(plan, options, &wanted, tier, out);
    out->share = out->progress.kept + out->progress.total;
  }
  free(wanted);
  return status;
}
