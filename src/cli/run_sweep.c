/* A sweep as the command line runs it; see run_sweep.h. */
#include "run_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "scheduler.h"
#include "signals.h"
#include "spec.h"
#include "studies.h"

void cli_default_output(gp_text *out, const gp_plan *plan, bool quick, int shard, int shards) {
  gp_text_add(out, "results/%s%s", gp_plan_study(plan), quick ? "-quick" : "");
  if (shards > 0) gp_text_add(out, ".%d-of-%d", shard, shards);
  gp_text_add(out, ".h5");
}

/* A study knows what must not be left out of its quick version; elsewhere fewer steps and one seed must do. */
void cli_quick_make(cli_quick *out, const gp_plan *plan) {
  gp_spec spec;
  *out = (cli_quick){0};
  const gp_study *study =
      (const gp_study *)(const void *)gp_family_find(&gp_study_family, gp_plan_study(plan));
  if (study != NULL) {
    for (size_t i = 0; study->quick[i] != NULL && i < 31; i++) out->overrides[i] = study->quick[i];
    return;
  }
  if (gp_plan_spec(plan, 0, &spec) != GP_OK) return;
  snprintf(out->texts[0], sizeof out->texts[0], "train.steps=%lld", (long long)(spec.steps + 9) / 10);
  snprintf(out->texts[1], sizeof out->texts[1], "seed=%lld", (long long)spec.seed);
  out->overrides[0] = out->texts[0];
  out->overrides[1] = out->texts[1];
}

/* Adds the command as typed to the message of a stopped sweep, without --fresh: that would begin again. */
static gp_status say_continue(gp_status status, const cli_call *call, int ranks) {
  gp_text line = {0};
  gp_text_add(&line, "%s\n  continue with: %sgradpath", gp_message(), ranks > 1 ? "mpirun ... " : "");
  for (size_t i = 0; i < call->argument_count; i++)
    if (strcmp(call->arguments[i], "--fresh") != 0) gp_text_add_word(&line, call->arguments[i]);
  if (!line.failed) gp_fail(status, "%s", line.data);
  gp_text_free(&line);
  return status;
}

/* How a refined map compares with its full grid. */
static void print_saving(const gp_plan *plan, const gp_sweep_result *r) {
  double full = gp_plan_full(plan), share = (double)r->rows / full;
  if (gp_plan_refines(plan))
    printf("refined: %zu of the %.0f runs of the full grid, %.0f saved (%.1f %%)%s\n", r->rows, full,
           full - (double)r->rows, 100 * (1 - share), r->pending > 0 ? " so far" : "");
}

/* What the file holds now, in one line. */
static void print_outcome(const gp_plan *plan, const gp_sweep_options *options, const gp_sweep_result *r) {
  char seconds[32];
  gp_text verdicts = {0};
  cli_verdicts(&verdicts, &r->progress);
  printf("%s: %zu run%s of %s", options->output, r->share, r->share == 1 ? "" : "s", gp_plan_study(plan));
  if (r->progress.kept > 0) printf(", %zu kept", r->progress.kept);
  printf(", %zu computed in %s", r->progress.done, cli_duration(seconds, r->progress.elapsed));
  if (r->pending > 0) printf(", %zu left", r->pending);
  if (verdicts.length > 0 && !verdicts.failed) printf("; %s", verdicts.data);
  putchar('\n');
  gp_text_free(&verdicts);
  print_saving(plan, r);
}

/* Which run failed first, and the line that repeats it alone. */
static void print_failure(const gp_sweep_options *options, const gp_sweep_result *r) {
  gp_text file = {0};
  gp_text_add_word(&file, options->output);
  cli_warn("%zu run%s failed; the first: %s\n"
           "  to look at it alone: gradpath dump%s --run %zu -o run.h5\n"
           "  to compute them again: --retry failed",
           r->progress.failed, r->progress.failed == 1 ? "" : "s", r->failure,
           file.failed ? " ..." : file.data, r->failed_row);
  gp_text_free(&file);
}

/* What the reader should know beside the outcome. */
static void print_warnings(const gp_sweep_options *options, const gp_sweep_result *r) {
  if (r->backup[0] != '\0') fprintf(stderr, "the old file is kept as %s\n", r->backup);
  if (r->recovered_bytes_cut > 0)
    cli_warn("an earlier sweep was killed: %zu bytes of an unfinished record were dropped",
             r->recovered_bytes_cut);
  if (r->progress.failed > 0) print_failure(options, r);
  if (r->out_of_time)
    cli_warn("limits.total_seconds is over; the same command continues with %zu runs", r->pending);
}

/* The bound is generous: depth varies, checkpoints end early, and the file is compressed. */
static void warn_scarce(void *context, double needed, double available) {
  char most[32], there[32];
  (void)context;
  cli_warn(
      "the results may take up to %s, and the disk has %s free; what is committed stays safe when it is full",
      cli_bytes(most, needed), cli_bytes(there, available));
}

gp_status cli_sweep(gp_plan *plan, gp_sweep_options *options, const cli_call *call) {
  cli_bar bar;
  gp_sweep_result result;
  options->tier = call->tier;
  options->stop = &cli_stop;
  options->abandon = &cli_abandon;
  options->progress = cli_bar_draw;
  options->scarce = warn_scarce;
  options->context = &bar;
  cli_signals_begin();
  cli_bar_begin(&bar);
  gp_status status = gp_sweep_run(plan, options, &result);
  cli_bar_end(&bar);
  cli_signals_end();
  if (cli_is_silent()) return status;
  print_warnings(options, &result);
  bool stopped = status == GP_ERR_INTERRUPTED || status == GP_ERR_TERMINATED;
  if (status == GP_OK || status == GP_ERR_NO || stopped) print_outcome(plan, options, &result);
  return stopped ? say_continue(status, call, options->ranks != NULL ? options->ranks->size : 1) : status;
}

/* ---- what would run ---- */

static void print_axes(const gp_plan *plan) {
  for (size_t a = 0; a < gp_plan_axes(plan); a++) {
    gp_plan_axis axis = gp_plan_axis_at(plan, a);
    printf("  %-24s %zu value%s\n", axis.path, axis.length, axis.length == 1 ? "" : "s");
  }
}

/* How the runs are computed, and where the rates come from that chose it. */
static void print_groups(const gp_estimate *e, const gp_rates *rates, size_t missing) {
  printf("plan       ");
  if (e->lane_groups > 0)
    printf("%zu runs side by side in %zu lane group%s, %zu alone", e->lane_runs, e->lane_groups,
           e->lane_groups == 1 ? "" : "s", missing - e->lane_runs);
  else
    printf("every run alone");
  if (!rates->measured)
    printf("\n");
  else
    printf(" (by the rates of this machine%s%s)\n", rates->cache[0] != '\0' ? ", in " : "", rates->cache);
}

/* Workers share the groups, but none is faster than the longest group. */
static void print_estimate(const gp_estimate *e, size_t missing, int jobs) {
  char time[32], longest[32], memory[32], size[32], most[32];
  double seconds = e->seconds / jobs;
  if (seconds < e->longest) seconds = e->longest;
  printf("time       about %s with %d worker%s (longest %s)\n", cli_duration(time, missing > 0 ? seconds : 0),
         jobs, jobs == 1 ? "" : "s", cli_duration(longest, e->longest));
  printf("memory     %s per worker\n", cli_bytes(memory, (double)e->worker_bytes));
  printf("file       about %s (at most %s)\n", cli_bytes(size, e->file_bytes),
         cli_bytes(most, e->file_bytes_most));
}

/* What is known of a refined map before its rounds: the runs at least to come are those of the round that is next. */
static void print_bounds(const gp_plan *plan, const gp_estimate *e, size_t missing, size_t kept, int jobs) {
  char least[32], most[32];
  double full = gp_plan_full(plan), each = missing > 0 ? e->seconds / (double)missing : 0;
  if (!gp_plan_refines(plan)) return;
  if (missing == 0) {
    printf("refined    complete: %zu of the %.0f runs of the full grid\n", kept, full);
    return;
  }
  printf("refined    at least %zu runs (the next round), at most %.0f (the full grid)\n", kept + missing,
         full);
  printf("           from about %s to %s\n", cli_duration(least, e->seconds / jobs),
         cli_duration(most, each * (full - (double)kept) / jobs));
}

/* The queue as `run` would make it, and what it is expected to take. */
static gp_status estimate(gp_estimate *out, gp_rates *rates, int *threads, const gp_plan *plan,
                          const gp_sweep_options *options, const unsigned char *wanted) {
  static const double calibration_seconds = 0.2;
  gp_job *jobs = NULL;
  gp_group *groups = NULL;
  size_t count, group_count;
  gp_status status;
  GP_TRY(gp_jobs_make(&jobs, &count, plan, wanted));
  gp_grouping how = {gp_sweep_execution(plan, options), options->tier, gp_sweep_threads(options, count)};
  GP_TRY_DONE(gp_groups_make(&groups, &group_count, rates, plan, jobs, count, &how));
  *threads = gp_sweep_threads(options, group_count);
  GP_TRY_DONE(
      gp_jobs_estimate(out, plan, jobs, groups, group_count, rates, options->tier, calibration_seconds));
done:
  free(groups);
  free(jobs);
  return status;
}

gp_status cli_print_plan(gp_plan *plan, const gp_sweep_options *options) {
  size_t kept = 0, missing = 0;
  int threads = 1;
  gp_estimate e;
  gp_rates rates;
  GP_TRY(gp_sweep_replay(plan, options));
  size_t rows = gp_plan_runs(plan);
  unsigned char *wanted = malloc(rows + 1);
  if (wanted == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a plan of %zu runs", rows);
  gp_status status;
  GP_TRY_DONE(gp_sweep_wanted(plan, options, wanted, &kept));
  for (size_t row = 0; row < rows; row++) missing += wanted[row];
  GP_TRY_DONE(estimate(&e, &rates, &threads, plan, options, wanted));
  printf("study      %s%s%s\n", gp_plan_study(plan), gp_plan_question(plan)[0] ? ": " : "",
         gp_plan_question(plan));
  printf("output     %s\n", options->output);
  printf("runs       %zu", rows);
  if (options->shards > 1) printf(", %zu in shard %d of %d", missing + kept, options->shard, options->shards);
  printf("%s", kept > 0 ? "" : "\n");
  if (kept > 0) printf(": %zu finished, %zu to compute\n", kept, missing);
  printf("axes%s\n", gp_plan_axes(plan) == 0 ? "       none" : "");
  print_axes(plan);
  print_groups(&e, &rates, missing);
  print_estimate(&e, missing, threads);
  print_bounds(plan, &e, missing, kept, threads);
done:
  free(wanted);
  return status;
}
