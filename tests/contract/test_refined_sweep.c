/* Refined maps as sweeps: whatever interrupts or speeds them up, the same bytes; every value that of the full grid; fewer
 * runs. The map is the trainability fractal's, small: which learning rates of two layers train. */
#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ranks.h"
#include "sweep.h"
#include "table.h"
#include "verify.h"

static const char config[] =
    "study: map\n"
    "data: {name: gaussian, samples: 32, test: 0, features: 8, targets: 1}\n"
    "model: {activation: tanh, depth: 1, width: 8, init: {name: mean_field, weight_variance: 1},\n"
    "        parametrization: mean_field, bias: false}\n"
    "train:\n"
    "  loss: mse\n"
    "  learning_rate_first: {from: 1e-3, to: 1e6, points: 9, scale: log}\n"
    "  learning_rate_last: {from: 1e-3, to: 1e6, points: 9, scale: log}\n"
    "  batch: full\n"
    "  steps: 40\n"
    "precision: float64\n"
    "record: {checkpoints: {log: 5}, probes: [weight_norm]}\n";
static const char refine[] = "sweep.refine={x: learning_rate_first, y: learning_rate_last, until: 64}";
static const char finer[] = "sweep.refine={x: learning_rate_first, y: learning_rate_last, until: 128}";
static const char full_first[] = "learning_rate_first=log(1e-3,1e6,65)",
                  full_last[] = "learning_rate_last=log(1e-3,1e6,65)";

static char folder[] = "/tmp/gradpath-map-XXXXXX", config_path[64];

static void begin(void) {
  cr_assert_not_null(mkdtemp(folder));
  snprintf(config_path, sizeof config_path, "%s/map.yaml", folder);
  FILE *file = fopen(config_path, "w");
  cr_assert(file != NULL && fputs(config, file) >= 0 && fclose(file) == 0);
}

static void end(void) {
  char line[80];
  snprintf(line, sizeof line, "rm -r %s", folder);
  cr_assert_eq(system(line), 0);
}

TestSuite(refined_sweep, .init = begin, .fini = end, .timeout = 300);

static const char *output(const char *name) {
  static char paths[8][96];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static gp_plan *plan_of(const char *first, const char *second) {
  gp_plan *plan;
  const char *const overrides[] = {first, second};
  size_t count = (size_t)(first != NULL) + (second != NULL);
  cr_assert_eq(gp_plan_load(&plan, config_path, overrides, count), GP_OK, "%s", gp_message());
  return plan;
}

/* A sweep to its end; what it computed and the rows at the end. */
static gp_sweep_result sweep(const char *path, const char *first, const char *second, int jobs,
                             enum gp_execution execution) {
  gp_plan *plan = plan_of(first, second);
  gp_sweep_options options = {.output = path, .tier = "auto", .jobs = jobs, .execution = execution};
  gp_sweep_result result;
  cr_assert_eq(gp_sweep_run(plan, &options, &result), GP_OK, "%s", gp_message());
  cr_assert_eq(result.rows, gp_plan_runs(plan));
  cr_assert_eq(result.pending, 0);
  cr_assert_eq(result.progress.kept + result.progress.done, result.rows);
  gp_plan_free(plan);
  return result;
}

static bool same_bytes(const char *a, const char *b) {
  char line[256];
  snprintf(line, sizeof line, "cmp -s %s %s", a, b);
  return system(line) == 0;
}

/* Threads and plans differ, the file does not. */
Test(refined_sweep, threads_and_lanes_change_nothing) {
  const char *reference = output("reference.h5"), *other = output("other.h5");
  sweep(reference, refine, NULL, 1, GP_EXECUTION_SINGLE);
  static const struct {
    int jobs;
    enum gp_execution execution;
  } ways[] = {{4, GP_EXECUTION_SINGLE}, {1, GP_EXECUTION_LANES}, {3, GP_EXECUTION_AUTO}};
  for (size_t i = 0; i < 3; i++) {
    sweep(other, refine, NULL, ways[i].jobs, ways[i].execution);
    cr_expect(same_bytes(reference, other), "way %zu", i);
    unlink(other);
  }
}

typedef struct stopper {
  size_t left; /* runs until the signal */
  volatile sig_atomic_t stop;
} stopper;

static void count_down(void *context, const gp_progress *progress) {
  stopper *s = context;
  (void)progress;
  if (s->left > 0 && --s->left == 0) s->stop = SIGTERM;
}

/* Stopped after every 37 runs, in every round and between them, and continued: the file of a sweep in peace, and no run
 * computed twice. */
Test(refined_sweep, interruption_changes_nothing) {
  const char *reference = output("reference.h5"), *other = output("other.h5");
  gp_sweep_result whole = sweep(reference, refine, NULL, 2, GP_EXECUTION_SINGLE);
  size_t computed = 0, sessions = 0;
  for (gp_status status = GP_ERR_TERMINATED; status == GP_ERR_TERMINATED; sessions++) {
    stopper s = {.left = 37};
    gp_plan *plan = plan_of(refine, NULL);
    gp_sweep_options options = {.output = other,
                                .tier = "auto",
                                .jobs = 2,
                                .execution = GP_EXECUTION_SINGLE,
                                .stop = &s.stop,
                                .progress = count_down,
                                .context = &s};
    gp_sweep_result result;
    status = gp_sweep_run(plan, &options, &result);
    cr_assert(status == GP_OK || (status == GP_ERR_TERMINATED && result.pending > 0), "%s", gp_message());
    computed += result.progress.done;
    gp_plan_free(plan);
  }
  cr_expect_gt(sessions, 10);
  cr_expect_eq(computed, whole.rows);
  cr_expect(same_bytes(reference, other));
}

/* A deeper map goes on from a shallower one, and is the one that begins anew. */
Test(refined_sweep, deeper_extends) {
  const char *reference = output("reference.h5"), *other = output("other.h5");
  gp_sweep_result deep = sweep(reference, finer, NULL, 2, GP_EXECUTION_AUTO);
  gp_sweep_result shallow = sweep(other, refine, NULL, 2, GP_EXECUTION_AUTO);
  gp_sweep_result more = sweep(other, finer, NULL, 2, GP_EXECUTION_AUTO);
  cr_expect_eq(more.progress.kept, shallow.rows);
  cr_expect_eq(more.rows, deep.rows);
  cr_expect(same_bytes(reference, other));
}

/* More seeds: the majority may have it otherwise at some places; what was computed there stays in the file. */
Test(refined_sweep, more_seeds_extend) {
  const char *path = output("seeds.h5");
  gp_sweep_result one = sweep(path, refine, NULL, 2, GP_EXECUTION_AUTO);
  gp_sweep_result three = sweep(path, refine, "seed=0..2", 2, GP_EXECUTION_AUTO);
  cr_expect_eq(three.progress.kept, one.rows);
  gp_sweep_result again = sweep(path, refine, "seed=0..2", 2, GP_EXECUTION_AUTO);
  cr_expect_eq(again.progress.done, 0);
  cr_expect_eq(again.rows, three.rows);
  gp_verify_result verified;
  cr_assert_eq(gp_verify(&verified, path, &(gp_verify_options){.runs = 25, .tier = "auto"}), GP_OK, "%s",
               gp_message());
  cr_expect(verified.same && verified.checked == 25 && verified.finished == three.rows);
  gp_verify_free(&verified);
}

static size_t run_of(const gp_table *table, const char *id) {
  for (size_t run = 0; run < gp_table_runs(table); run++)
    if (strcmp(gp_table_cell(table, 0, run).text, id) == 0) return run;
  return SIZE_MAX;
}

static void compare_columns(gp_table *map, size_t run, gp_table *full, size_t other) {
  const gp_schema *schema = gp_table_schema(map);
  for (size_t v = 0; v < schema->count; v++) {
    if (schema->variables[v].shape != GP_PER_RUN) continue;
    char a[32], b[32];
    int theirs = gp_table_find(full, schema->variables[v].name);
    cr_assert_str_eq(gp_table_word(map, (int)v, run, a), gp_table_word(full, theirs, other, b),
                     "%s of run %zu", schema->variables[v].name, run);
  }
}

static void compare_loss(gp_table *map, size_t run, gp_table *full, size_t other) {
  const double *ours, *theirs;
  size_t steps = gp_table_schema(map)->checkpoint_count;
  cr_assert_eq(gp_table_series(map, gp_table_find(map, "loss"), &ours), GP_OK);
  cr_assert_eq(gp_table_series(full, gp_table_find(full, "loss"), &theirs), GP_OK);
  cr_assert_eq(memcmp(ours + run * steps, theirs + other * steps, steps * sizeof *ours), 0, "run %zu", run);
}

/* The verdict of the nearest run of the map, by steps of the fine grid. */
static const char *guess(const gp_table *map, int x, int y, int verdict, double at_x, double at_y,
                         char buffer[static 32]) {
  double best = INFINITY;
  size_t nearest = 0;
  for (size_t run = 0; run < gp_table_runs(map); run++) {
    double dx = log(gp_table_real(map, x, run) / at_x), dy = log(gp_table_real(map, y, run) / at_y);
    double distance = fmax(fabs(dx), fabs(dy));
    if (distance < best - 1e-9) best = distance, nearest = run;
  }
  return gp_table_word(map, verdict, nearest, buffer);
}

/* Every run of the map is a run of the full grid, with the same values bit for bit, rows in the same order; a quarter of the
 * runs and less; and what was left out is what the map says it is, nearly everywhere: a thread thinner than the first grid
 * may be missed. */
Test(refined_sweep, holds_the_runs_of_the_full_grid) {
  const char *map_path = output("map.h5"), *full_path = output("full.h5");
  gp_sweep_result refined = sweep(map_path, refine, NULL, 2, GP_EXECUTION_AUTO);
  gp_sweep_result whole = sweep(full_path, full_first, full_last, 2, GP_EXECUTION_LANES);
  gp_table *map, *full;
  cr_assert_eq(whole.rows, 65 * 65);
  cr_expect_lt(4 * refined.rows, whole.rows, "%zu runs", refined.rows);
  cr_assert_eq(gp_table_open(&map, map_path), GP_OK);
  cr_assert_eq(gp_table_open(&full, full_path), GP_OK);
  size_t last = 0, wrong = 0;
  for (size_t run = 0; run < gp_table_runs(map); run++) {
    size_t other = run_of(full, gp_table_cell(map, 0, run).text);
    cr_assert_neq(other, SIZE_MAX, "run %zu is not of the full grid", run);
    cr_assert(run == 0 || other > last, "run %zu is out of order", run);
    compare_columns(map, run, full, other);
    compare_loss(map, run, full, other);
    last = other;
  }
  int x = gp_table_find(map, "learning_rate_first"), y = gp_table_find(map, "learning_rate_last"),
      verdict = gp_table_find(map, "verdict");
  for (size_t run = 0; run < gp_table_runs(full); run++) {
    char a[32], b[32];
    const char *said =
        guess(map, x, y, verdict, gp_table_real(full, gp_table_find(full, "learning_rate_first"), run),
              gp_table_real(full, gp_table_find(full, "learning_rate_last"), run), a);
    wrong += strcmp(said, gp_table_word(full, gp_table_find(full, "verdict"), run, b)) != 0;
  }
  fprintf(stderr, "%zu of %zu runs; %zu of the places left out are not as the map says\n", refined.rows,
          whole.rows, wrong);
  cr_expect_lt(wrong, whole.rows / 20);
  gp_table_close(map);
  gp_table_close(full);
}

static void must_refuse(const gp_sweep_options *options, const char *words) {
  gp_plan *plan = plan_of(refine, NULL);
  cr_expect_eq(gp_sweep_replay(plan, options), GP_ERR_USAGE);
  cr_expect_not_null(strstr(gp_message(), words), "%s", gp_message());
  gp_plan_free(plan);
}

/* A round needs all verdicts of the one before: no shards, no ranks; and nothing is written before that is said. */
Test(refined_sweep, shards_and_ranks_are_refused) {
  const gp_ranks ranks = {.rank = 0, .size = 2};
  gp_sweep_options sharded = {.output = output("a.h5"), .tier = "auto", .shard = 1, .shards = 2};
  must_refuse(&sharded, "cannot be computed in shards");
  must_refuse(&(gp_sweep_options){.output = output("a.h5"), .ranks = &ranks}, "not by the 2 ranks");
  gp_plan *plan = plan_of(refine, NULL);
  gp_sweep_result result;
  cr_expect_eq(gp_sweep_run(plan, &sharded, &result), GP_ERR_USAGE);
  cr_expect_neq(access(output("a.h5"), F_OK), 0);
  cr_expect_neq(access(output("a.h5.journal"), F_OK), 0);
  gp_plan_free(plan);
}

/* Another configuration's file is refused as ever. */
Test(refined_sweep, foreign_runs_are_refused) {
  const char *path = output("a.h5");
  sweep(path, refine, "steps=20", 2, GP_EXECUTION_AUTO);
  gp_plan *plan = plan_of(refine, NULL);
  gp_sweep_options options = {.output = path, .tier = "auto", .jobs = 1};
  gp_sweep_result result;
  cr_expect_eq(gp_sweep_run(plan, &options, &result), GP_ERR_FILE);
  cr_expect_not_null(strstr(gp_message(), "of another configuration"), "%s", gp_message());
  gp_plan_free(plan);
}
