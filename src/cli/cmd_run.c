/* gradpath run and gradpath plan: a configuration, and what of it is missing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "cli.h"
#include "run_sweep.h"

typedef struct run_options {
  const char *output, *retry, *shard, *execution;
  int64_t jobs;
  bool dry_run, fresh, fail_fast, no_provenance, quick, quiet;
} run_options;

static const cli_flag run_flags[] = {
    CLI_TEXT(run_options, output, 'o', "output", "FILE", "the result file (default results/<study>.h5)"),
    CLI_NUMBER(run_options, jobs, 'j', "jobs", "N", "workers (default: one per processor)"),
    CLI_SWITCH(run_options, dry_run, 'n', "dry-run", "say what would run, and stop there"),
    CLI_SWITCH(run_options, fresh, 0, "fresh", "keep an old file as a numbered backup and start anew"),
    CLI_SWITCH(run_options, fail_fast, 0, "fail-fast", "stop at the first run that fails (exit 1)"),
    CLI_TEXT(run_options, retry, 0, "retry", "WHICH", "failed: compute runs that failed once more"),
    CLI_TEXT(run_options, shard, 0, "shard", "I/N",
             "only the I-th of N parts of the runs; all: everything (default: a task of a Slurm array is a "
             "shard)"),
    CLI_TEXT(run_options, execution, 0, "plan", "HOW",
             "how small networks are computed: auto, single, lanes; the results are the same"),
    CLI_SWITCH(run_options, no_provenance, 0, "no-provenance", "leave out what the machine determines"),
    CLI_SWITCH(run_options, quick, 0, "quick", "a small version: results/<study>-quick.h5"),
    CLI_SWITCH(run_options, quiet, 'q', "quiet", "no progress on standard error"),
    CLI_FLAGS_END,
};

/* "3/8". No text and "all" mean everything. */
static gp_status parse_shard(const char *text, int *shard, int *shards) {
  char first[16];
  long long i, n;
  *shard = *shards = 0;
  if (text == NULL || strcmp(text, "all") == 0) return GP_OK;
  size_t length = strcspn(text, "/");
  if (length < sizeof first && text[length] == '/') {
    memcpy(first, text, length);
    first[length] = '\0';
    if (gp_text_to_int(first, &i) && gp_text_to_int(text + length + 1, &n) && i >= 1 && i <= n &&
        n <= 1000000) {
      *shard = (int)i;
      *shards = (int)n;
      return GP_OK;
    }
  }
  return gp_fail(GP_ERR_USAGE, "--shard wants I/N with 1 <= I <= N, or all, not '%s'", text);
}

/* The shard of a task of a Slurm job array: --array=1-8 makes eight. Outside of one, everything. */
static gp_status slurm_shard(int *shard, int *shards) {
  static const char *const names[] = {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN",
                                      "SLURM_ARRAY_TASK_COUNT"};
  long long values[3];
  for (int i = 0; i < 3; i++) {
    const char *text = getenv(names[i]);
    if (text == NULL || text[0] == '\0') return GP_OK;
    if (!gp_text_to_int(text, &values[i]))
      return gp_fail(GP_ERR_USAGE, "%s is '%s', not a number", names[i], text);
  }
  long long i = values[0] - values[1] + 1;
  if (i < 1 || i > values[2] || values[2] > 1000000)
    return gp_fail(
        GP_ERR_USAGE,
        "task %lld of an array of %lld that begins at %lld makes no shard: number the array without "
        "gaps (--array=1-N), or say --shard I/N or --shard all",
        values[0], values[2], values[1]);
  *shard = (int)i;
  *shards = (int)values[2];
  fprintf(stderr, "shard %d of %d, by the task of the Slurm array (--shard all computes everything)\n",
          *shard, *shards);
  return GP_OK;
}

/* From flags to what study/ understands; everything is checked before a configuration is read. */
static gp_status sweep_options(gp_sweep_options *out, const run_options *o, const cli_call *call) {
  static const char *const retries[] = {"", "failed", NULL};
  static const char *const executions[] = {"auto", "single", "lanes", NULL};
  int retry = 0, execution = GP_EXECUTION_AUTO;
  if (o->execution != NULL) GP_TRY(cli_choice("--plan", o->execution, executions, &execution));
  if (o->retry != NULL) GP_TRY(cli_choice("--retry", o->retry, retries + 1, &retry));
  if (o->jobs == 0 || o->jobs > 4096) return gp_fail(GP_ERR_USAGE, "--jobs wants 1 to 4096 workers");
  *out = (gp_sweep_options){.tier = call->tier,
                            .jobs = o->jobs > 0 ? (int)o->jobs : 0,
                            .execution = (enum gp_execution)execution,
                            .fresh = o->fresh,
                            .fail_fast = o->fail_fast,
                            .retry_failed = o->retry != NULL,
                            .provenance = !o->no_provenance};
  return o->shard != NULL ? parse_shard(o->shard, &out->shard, &out->shards)
                          : slurm_shard(&out->shard, &out->shards);
}

/* Where it goes. Tasks of an array share one command line: the name that it gives is told apart by the shard, as the
 * default is. */
static void name_output(gp_text *out, const run_options *o, const gp_plan *plan,
                        const gp_sweep_options *options) {
  if (o->output == NULL) {
    cli_default_output(out, plan, o->quick, options->shard, options->shards);
  } else if (o->shard != NULL || options->shards == 0) {
    gp_text_add(out, "%s", o->output);
  } else {
    size_t length = strlen(o->output);
    bool suffix = length > 3 && strcmp(o->output + length - 3, ".h5") == 0;
    gp_text_add(out, "%.*s.%d-of-%d%s", (int)(suffix ? length - 3 : length), o->output, options->shard,
                options->shards, suffix ? ".h5" : "");
  }
}

/* Loads the plan; for --quick once more, with the overrides that make it small. */
static gp_status load(gp_plan **plan, const cli_call *call, bool quick) {
  GP_TRY(cli_load(plan, call, NULL));
  if (!quick) return GP_OK;
  cli_quick small;
  gp_plan *full = *plan;
  cli_quick_make(&small, full);
  *plan = NULL;
  gp_status status = cli_load(plan, call, small.overrides);
  gp_plan_free(full);
  return status;
}

/* Both commands: load, name the output, then run it or say what it would be. `ranks` is NULL for the latter. */
static gp_status with_plan(const cli_call *call, const run_options *o, bool dry, const gp_ranks *ranks) {
  gp_sweep_options options;
  gp_plan *plan = NULL;
  gp_text output = {0};
  gp_status status;
  status = sweep_options(&options, o, call);
  if (status == GP_OK) status = load(&plan, call, o->quick);
  options.ranks = ranks;
  if (status == GP_OK) name_output(&output, o, plan, &options);
  options.output = output.data;
  if (output.failed) status = gp_fail(GP_ERR_MEMORY, "out of memory");
  status = gp_ranks_agree(ranks, status);
  if (status == GP_OK) status = dry ? cli_print_plan(plan, &options) : cli_sweep(plan, &options, call);
  gp_text_free(&output);
  gp_plan_free(plan);
  return status;
}

static gp_status run(const cli_call *call) {
  const run_options *o = call->options;
  const gp_ranks *ranks = NULL;
  if (o->quiet) cli_bar_silence();
  if (!o->dry_run) GP_TRY(gp_ranks_open(&ranks));
  if (ranks != NULL && ranks->rank > 0) cli_silence();
  gp_status status = with_plan(call, o, o->dry_run, ranks);
  gp_ranks_finish(ranks);
  /* The first rank's exit code is the job's; a launcher kills all when another one leaves with an error. */
  return cli_is_silent() ? GP_OK : status;
}

extern const cli_command cli_run, cli_plan;
const cli_command cli_run = {
    .name = "run",
    .operands = "CONFIG [key=value ...]",
    .summary = "Run a sweep, or what is missing of it",
    .details =
        "Examples:\n"
        "  gradpath run configs/smoke.yaml\n"
        "  gradpath run sigmoid-vs-relu depth=2,5 'learning_rate=log(1e-3,1,7)' -o my.h5\n"
        "  gradpath run configs/smoke.yaml --dry-run\n"
        "\n"
        "The same command again continues: finished runs are kept, and adding values to an axis computes "
        "only what\n"
        "is new. Ctrl-C stops in good order (exit 130), SIGTERM likewise (exit 75). See gradpath help "
        "config,\n"
        "resume, exit-codes.\n"
        "\n"
        "In a Slurm job array (sbatch --array=1-N) each task computes its shard and writes its own file, "
        "NAME.I-of-N.h5;\n"
        "gradpath merge joins them. Under mpirun (or srun --mpi=pmix) the ranks share one sweep and one "
        "file, if "
        "the program\n"
        "was built with MPI: mpirun -n 8 gradpath run ... See gradpath help cluster.\n",
    .flags = run_flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};

static const cli_flag plan_flags[] = {
    CLI_TEXT(run_options, output, 'o', "output", "FILE", "the result file that would be written"),
    CLI_NUMBER(run_options, jobs, 'j', "jobs", "N", "workers (default: one per processor)"),
    CLI_TEXT(run_options, shard, 0, "shard", "I/N",
             "only the I-th of N parts of the runs; all: everything (default: a task of a Slurm array is a "
             "shard)"),
    CLI_SWITCH(run_options, quick, 0, "quick", "the small version"),
    CLI_FLAGS_END,
};

static gp_status run_plan(const cli_call *call) {
  return with_plan(call, call->options, true, NULL);
}

const cli_command cli_plan = {
    .name = "plan",
    .operands = "CONFIG [key=value ...]",
    .summary = "Say what run would do: runs, time, memory, file size",
    .details = "The time is predicted from what a step costs on this machine (measured once, in under a "
               "second, and kept in the\n"
               "cache folder, $XDG_CACHE_HOME or ~/.cache) and by training the smallest and the largest run "
               "for a moment. The\n"
               "same rates choose between runs alone and runs side by side in lane groups; no result depends "
               "on it. Runs that\n"
               "diverge end early, so that the real time can be shorter.\n"
               "\n"
               "Example:\n"
               "  gradpath plan sigmoid-vs-relu depth=2,5,10 seed=0..9\n",
    .flags = plan_flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = run_plan,
};
