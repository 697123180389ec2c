/* The sweep as a library: order of the queue, progress, stopping, claims that can fail. The program's tests (tests/cli)
 * cover the rest from outside. */
#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claims.h"
#include "run.h"
#include "scheduler.h"
#include "studies.h"
#include "sweep.h"

static char folder[] = "/tmp/gradpath-sweep-XXXXXX", output[64];
static gp_plan *plan;

static void begin(void) {
  cr_assert_not_null(mkdtemp(folder));
  snprintf(output, sizeof output, "%s/a.h5", folder);
  cr_assert_eq(gp_plan_load(&plan, GP_SOURCE_DIR "/configs/smoke.yaml", NULL, 0), GP_OK, "%s", gp_message());
}

static void end(void) {
  gp_plan_free(plan);
  unlink(output);
  cr_assert_eq(rmdir(folder), 0, "something was left in %s", folder);
}

TestSuite(sweep, .init = begin, .fini = end, .timeout = 120);

static double cost_of(size_t row) {
  gp_spec spec;
  cr_assert_eq(gp_plan_spec(plan, row, &spec), GP_OK);
  return gp_cost_step(&spec, gp_plan_dataset(plan, row)) * (double)spec.steps;
}

/* Every wanted row once, longest first; equal ones by shape (lane groups need neighbours), then in row order. */
Test(sweep, queue_is_longest_first) {
  size_t rows = gp_plan_runs(plan), count;
  unsigned char *wanted = malloc(rows);
  gp_job *jobs;
  for (size_t r = 0; r < rows; r++) wanted[r] = r % 3 != 0;
  cr_assert_eq(gp_jobs_make(&jobs, &count, plan, wanted), GP_OK);
  cr_assert_eq(count, rows - (rows + 2) / 3);
  for (size_t j = 0; j < count; j++) {
    cr_assert_eq(wanted[jobs[j].row], 1, "row %zu twice or not wanted", jobs[j].row);
    wanted[jobs[j].row] = 2;
    cr_assert_eq(jobs[j].cost, cost_of(jobs[j].row));
    if (j == 0) continue;
    const gp_job *before = &jobs[j - 1], *after = &jobs[j];
    bool ordered = before->cost != after->cost     ? before->cost > after->cost
                   : before->shape != after->shape ? before->shape < after->shape
                                                   : before->row < after->row;
    cr_assert(ordered, "job %zu", j);
  }
  /* And depth does cost: the first job is deeper than the last. */
  cr_assert_gt(jobs[0].cost, 2 * jobs[count - 1].cost);
  free(jobs);
  free(wanted);
}

Test(sweep, estimate_is_of_the_right_size) {
  size_t rows = gp_plan_runs(plan), count, group_count;
  unsigned char *wanted = malloc(rows);
  gp_job *jobs;
  gp_estimate e;
  memset(wanted, 1, rows);
  cr_assert_eq(gp_jobs_make(&jobs, &count, plan, wanted), GP_OK);
  gp_group *groups;
  gp_rates rates;
  gp_grouping how = {GP_EXECUTION_LANES, "auto", 2};
  cr_assert_eq(gp_groups_make(&groups, &group_count, &rates, plan, jobs, count, &how), GP_OK);
  cr_assert_eq(gp_jobs_estimate(&e, plan, jobs, groups, group_count, &rates, "auto", 0.05), GP_OK);
  cr_assert(e.seconds > 0 && e.longest > 0 && e.longest <= e.seconds);
  cr_assert_eq(group_count, e.lane_groups + count - e.lane_runs);
  gp_spec spec;
  gp_plan_spec(plan, jobs[0].row, &spec);
  cr_assert_geq(e.worker_bytes, gp_train_bytes(&spec, gp_plan_dataset(plan, jobs[0].row), 1));
  cr_assert_gt(e.file_bytes, (double)(8 * rows));
  free(groups);
  free(jobs);
  free(wanted);
}

typedef struct seen {
  size_t calls, last;
  bool ordered;
} seen;

static void watch(void *context, const gp_progress *p) {
  seen *s = context;
  s->calls++;
  /* The time left is not known at first, and is known to be none at the end. */
  bool eta = p->done == p->total ? p->eta == 0 : isnan(p->eta) || p->eta >= 0;
  s->ordered = s->ordered && p->done == s->last + 1 && p->done <= p->total && p->elapsed >= 0 && eta;
  s->last = p->done;
}

/* Each run is reported once, in counting order, whatever the number of workers; verdicts add up. */
Test(sweep, progress_counts_every_run) {
  seen s = {.ordered = true};
  gp_sweep_options options = {.output = output, .tier = "auto", .jobs = 4, .progress = watch, .context = &s};
  gp_sweep_result result;
  cr_assert_eq(gp_sweep_run(plan, &options, &result), GP_OK, "%s", gp_message());
  size_t verdicts = 0;
  for (int v = 0; v < GP_VERDICTS_MAX; v++) verdicts += result.progress.counts[v];
  cr_assert(s.ordered);
  cr_assert_eq(s.calls, gp_plan_runs(plan));
  cr_assert_eq(verdicts, gp_plan_runs(plan));
  cr_assert_eq(result.pending, 0);
  cr_assert_str_empty(result.failure);
}

/* A stop that is there from the beginning: nothing is computed, and the file says so. */
Test(sweep, stopped_before_it_began) {
  static volatile sig_atomic_t stop;
  gp_sweep_options options = {.output = output, .tier = "auto", .jobs = 2, .stop = &stop};
  gp_sweep_result result;
  stop = SIGINT;
  cr_assert_eq(gp_sweep_run(plan, &options, &result), GP_ERR_INTERRUPTED);
  cr_assert_eq(result.pending, gp_plan_runs(plan));
  stop = SIGTERM;
  cr_assert_eq(gp_sweep_run(plan, &options, &result), GP_ERR_TERMINATED);
  stop = 0;
  cr_assert_eq(gp_sweep_run(plan, &options, &result), GP_OK);
  cr_assert_eq(result.progress.kept, 0);
  cr_assert_eq(result.progress.done, gp_plan_runs(plan));
  /* A stop that comes after the last run has nothing to stop. */
  stop = SIGINT;
  cr_assert_eq(gp_sweep_run(plan, &options, &result), GP_OK);
  cr_assert_eq(result.progress.kept, gp_plan_runs(plan));
}

/* Shards share the plan out without gap or overlap. */
Test(sweep, shards_partition_the_plan) {
  size_t rows = gp_plan_runs(plan), kept;
  unsigned char *wanted = malloc(rows), *times = calloc(rows, 1);
  for (int shard = 1; shard <= 5; shard++) {
    gp_sweep_options options = {.output = output, .shard = shard, .shards = 5};
    cr_assert_eq(gp_sweep_wanted(plan, &options, wanted, &kept), GP_OK);
    for (size_t r = 0; r < rows; r++) times[r] = (unsigned char)(times[r] + wanted[r]);
  }
  for (size_t r = 0; r < rows; r++) cr_assert_eq(times[r], 1, "row %zu", r);
  gp_sweep_options none = {.output = output, .shard = 6, .shards = 5};
  cr_assert_eq(gp_sweep_wanted(plan, &none, wanted, &kept), GP_ERR_USAGE);
  free(wanted);
  free(times);
}

Test(sweep, claims_are_judged) {
  gp_claims claims = {0};
  const struct {
    double value;
    bool held;
  } cases[] = {{1, true},
               {2, true},
               {1.5, true},
               {0.999, false},
               {2.001, false},
               {(double)NAN, false},
               {(double)INFINITY, false}};
  for (size_t i = 0; i < 7; i++) {
    gp_claim *claim = gp_claims_add(&claims, "claim %zu", i);
    gp_claim_range(claim, cases[i].value, 1, 2);
    cr_assert_eq(claim->held, cases[i].held, "%g", cases[i].value);
  }
  cr_assert_eq(claims.count, 7);
  cr_assert_str_eq(claims.items[2].text, "claim 2");
  cr_assert_str_eq(claims.items[2].expected, "1 to 2");
  cr_assert_eq(gp_claims_failed(&claims), 4);
  gp_claims_free(&claims);
}

/* On the runs of another study, too shallow for its claims, the depth study must say no. */
Test(sweep, depth_study_can_fail) {
  gp_sweep_options options = {.output = output, .tier = "auto", .jobs = 2};
  gp_sweep_result result;
  gp_table *table;
  gp_claims claims = {0};
  cr_assert_eq(gp_sweep_run(plan, &options, &result), GP_OK);
  cr_assert_eq(gp_table_open(&table, output), GP_OK);
  const gp_study *study = (const gp_study *)(const void *)gp_family_find(&gp_study_family, "sigmoid-vs-relu");
  cr_assert_eq(study->claims(&claims, table), GP_OK, "%s", gp_message());
  cr_assert_eq(claims.count, 8);
  for (size_t i = 3; i < 6; i++)
    cr_assert_not(claims.items[i].held, "held without a run: %s", claims.items[i].text);
  gp_claims_free(&claims);
  gp_table_close(table);
}
