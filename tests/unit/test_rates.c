/* The model of what a step costs, its cache, and the processors a process may use. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lanes.h"
#include "plan_case.h"
#include "processors.h"
#include "rates.h"
#include "scheduler.h"

static char folder[64];

static void begin(void) {
  strcpy(folder, "/tmp/gp-rates-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  setenv("XDG_CACHE_HOME", folder, 1);
}

static void end(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", folder);
  cr_assert_eq(system(command), 0);
}

TestSuite(rates, .init = begin, .fini = end, .timeout = 60);

static gp_plan *net(int width, int batch, const char *precision) {
  char text[512];
  snprintf(
      text, sizeof text,
      "study: r\ndata: {name: gaussian, samples: 128, test: 0, features: %d, targets: %d}\n"
      "model: {depth: 4, width: %d}\ntrain: {loss: mse, batch: %d, steps: 10}\nprecision: %s\nseed: 0..31\n",
      width, width, width, batch, precision);
  return plan_of(text, NULL);
}

static double step_of(const gp_rates *rates, int width, int batch, bool lanes) {
  gp_plan *plan = net(width, batch, "float32");
  gp_spec spec;
  cr_assert_eq(gp_plan_spec(plan, 0, &spec), GP_OK);
  double seconds = gp_rates_step(rates, &spec, gp_plan_dataset(plan, 0), lanes);
  gp_plan_free(plan);
  return seconds;
}

/* At the knots of the table, between them and beyond: five equal layers. */
Test(rates, interpolate_the_table) {
  const gp_rates *r = &gp_rates_reference;
  const double(*table)[GP_RATE_BATCHES] = r->seconds[0][0];
  cr_assert_float_eq(step_of(r, 4, 4, false), 5 * table[0][0], 1e-15);
  cr_assert_float_eq(step_of(r, 32, 16, false), 5 * table[2][1], 1e-15);
  cr_assert_float_eq(step_of(r, 64, 64, true), 5 * r->seconds[0][1][3][2], 1e-15);
  double between = 5 * sqrt(table[0][0] * table[1][0]); /* width 8 is half way from 4 to 16 */
  cr_assert_float_eq(step_of(r, 8, 4, false), between, 1e-12 * between + 1e-18);
  double beyond = 5 * table[3][2] * 2 * 2 * 2; /* width and batch doubled */
  cr_assert_float_eq(step_of(r, 128, 128, false), beyond, 1e-12 * beyond);
  cr_assert_float_eq(step_of(r, 1, 1, false), 5 * table[0][0], 1e-15);
}

/* Measured once, then read back bit for bit; a file that was cut, changed or made by another program is measured again. */
Test(rates, cache_is_all_or_nothing) {
  gp_rates first, again;
  cr_assert_eq(gp_rates_get(&first, "auto"), GP_OK);
  cr_assert(first.measured);
  cr_assert_eq(strncmp(first.cache, folder, strlen(folder)), 0);
  for (int w = 0; w < GP_RATE_WIDTHS; w++)
    for (int b = 0; b < GP_RATE_BATCHES; b++)
      for (int p = 0; p < 4; p++)
        cr_assert(first.seconds[p / 2][p % 2][w][b] > 1e-9 && first.seconds[p / 2][p % 2][w][b] < 1);
  memset(&again, 0, sizeof again);
  cr_assert(gp_rates_cache_read(&again, first.cache));
  cr_assert_eq(memcmp(again.seconds, first.seconds, sizeof again.seconds), 0);
  cr_assert_eq(truncate(first.cache, 200), 0);
  cr_assert_not(gp_rates_cache_read(&again, first.cache));
  gp_rates bad = first;
  bad.seconds[1][1][3][2] = NAN;
  gp_rates_cache_write(&bad, first.cache);
  cr_assert_not(gp_rates_cache_read(&again, first.cache));
  FILE *file = fopen(first.cache, "w");
  fputs("gradpath rates 0\n1\n", file);
  fclose(file);
  cr_assert_not(gp_rates_cache_read(&again, first.cache));
  cr_assert_eq(gp_rates_get(&again, "auto"), GP_OK);
  cr_assert(gp_rates_cache_read(&again, first.cache));
}

/* Nowhere to keep it is no error; a relative XDG folder is to be ignored. */
Test(rates, live_without_a_cache) {
  char path[GP_RATE_PATH];
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  cr_assert_not(gp_rates_cache_path(path, "avx2"));
  setenv("XDG_CACHE_HOME", "relative", 1);
  cr_assert_not(gp_rates_cache_path(path, "avx2"));
  setenv("HOME", "/proc/none", 1);
  cr_assert(gp_rates_cache_path(path, "avx2"));
  gp_rates_cache_write(&gp_rates_reference, path);
  cr_assert_neq(access(path, F_OK), 0);
}

static size_t groups_of(gp_plan *plan, int threads, const gp_rates *want, int *largest) {
  size_t rows = gp_plan_runs(plan), count, group_count;
  unsigned char wanted[64];
  gp_job *jobs;
  gp_group *groups;
  gp_rates used;
  memset(wanted, 1, sizeof wanted);
  cr_assert_leq(rows, sizeof wanted);
  cr_assert_eq(gp_jobs_make(&jobs, &count, plan, wanted), GP_OK);
  gp_grouping how = {GP_EXECUTION_AUTO, "auto", threads};
  cr_assert_eq(gp_groups_make(&groups, &group_count, &used, plan, jobs, count, &how), GP_OK);
  cr_assert_eq(used.measured, want->measured, "a queue of milliseconds is not worth measuring");
  size_t covered = 0;
  *largest = 0;
  for (size_t g = 0; g < group_count; g++) {
    cr_assert_eq(groups[g].first, covered);
    covered += (size_t)groups[g].count;
    *largest = groups[g].count > *largest ? groups[g].count : *largest;
  }
  cr_assert_eq(covered, count);
  free(groups);
  free(jobs);
  gp_plan_free(plan);
  return group_count;
}

/* Tiny batches go into lanes, wide nets alone; and two lane groups are no match for 32 workers. */
Test(rates, choose_the_plan) {
  int largest;
  cr_assert_eq(groups_of(net(4, 4, "float32"), 2, &gp_rates_reference, &largest), 2);
  cr_assert_eq(largest, 16);
  cr_assert_eq(groups_of(net(4, 4, "float64"), 1, &gp_rates_reference, &largest), 4);
  cr_assert_eq(largest, 8);
  cr_assert_eq(groups_of(net(128, 64, "float32"), 2, &gp_rates_reference, &largest), 32);
  cr_assert_eq(groups_of(net(16, 4, "float32"), 32, &gp_rates_reference, &largest), 32);
}

static void put(const char *root, const char *path, const char *text) {
  char whole[256], command[400];
  snprintf(whole, sizeof whole, "%s%s", root, path);
  snprintf(command, sizeof command, "mkdir -p $(dirname %s)", whole);
  cr_assert_eq(system(command), 0);
  FILE *file = fopen(whole, "w");
  cr_assert_not_null(file);
  fputs(text, file);
  fclose(file);
}

/* Version 2: the group's own limit, and a smaller one of a group above it. */
Test(rates, quota_of_control_groups_2) {
  put(folder, "/proc/self/cgroup", "0::/a/b\n");
  cr_assert(isinf(gp_processors_quota(folder)));
  put(folder, "/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  cr_assert(isinf(gp_processors_quota(folder)));
  put(folder, "/sys/fs/cgroup/a/b/cpu.max", "350000 100000\n");
  cr_assert_float_eq(gp_processors_quota(folder), 3.5, 1e-12);
  put(folder, "/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  cr_assert_float_eq(gp_processors_quota(folder), 1.5, 1e-12);
}

Test(rates, quota_of_control_groups_1) {
  put(folder, "/proc/self/cgroup", "9:memory:/x\n4:cpu,cpuacct:/jobs/7\n0::/\nrubbish\n");
  cr_assert(isinf(gp_processors_quota(folder)));
  put(folder, "/sys/fs/cgroup/cpu/jobs/7/cpu.cfs_quota_us", "-1\n");
  put(folder, "/sys/fs/cgroup/cpu/jobs/7/cpu.cfs_period_us", "100000\n");
  cr_assert(isinf(gp_processors_quota(folder)));
  put(folder, "/sys/fs/cgroup/cpu/jobs/7/cpu.cfs_quota_us", "200000\n");
  cr_assert_float_eq(gp_processors_quota(folder), 2, 1e-12);
  cr_assert_geq(gp_processors(), 1);
}
