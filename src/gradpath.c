/* The C interface: thin calls into study/ and store/. The only code of libgradpath with visible names. */
#include "gradpath.h"

#include <math.h>
#include <stdio.h>

#include "build.h"
#include "plan.h"
#include "status.h"
#include "sweep.h"
#include "table.h"

const char *gp_version(void) {
  return gp_build_version();
}

const char *gp_source_commit(void) {
  return gp_build_commit();
}

const char *gp_last_message(void) {
  return gp_message();
}

static gp_status run(const gp_request *request) {
  gp_plan *plan = NULL;
  gp_status status = GP_OK;
  GP_TRY_DONE(gp_plan_load(&plan, request->config, request->overrides, request->override_count));
  gp_sweep_options options = {.output = request->output,
                              .tier = "auto",
                              .jobs = request->threads,
                              .provenance = request->provenance != 0};
  gp_sweep_result result;
  GP_TRY_DONE(gp_sweep_run(plan, &options, &result));
  if (result.progress.failed > 0) status = gp_fail(GP_ERR_NO, "%s", result.failure);
done:
  gp_plan_free(plan);
  return status;
}

int gp_run(const gp_request *request) {
  if (request->size < sizeof *request)
    return gp_exit_status(gp_fail(GP_ERR_USAGE,
                                  "gp_request.size is %zu, this library needs %zu: start from "
                                  "GP_REQUEST_DEFAULT",
                                  request->size, sizeof *request));
  if (request->config == NULL || request->output == NULL)
    return gp_exit_status(gp_fail(GP_ERR_USAGE, "gp_run needs a config and an output"));
  return gp_exit_status(run(request));
}

/* The table under another name, so that the internal type stays internal. */
static gp_table *table_of(gp_results *results) {
  return (gp_table *)(void *)results;
}

static const gp_table *table_in(const gp_results *results) {
  return (const gp_table *)(const void *)results;
}

int gp_results_open(gp_results **out, const char *path) {
  gp_table *table = NULL;
  gp_status status = gp_table_open(&table, path);
  *out = (gp_results *)(void *)table;
  return gp_exit_status(status);
}

void gp_results_close(gp_results *results) {
  if (results != NULL) gp_table_close(table_of(results));
}

size_t gp_results_runs(const gp_results *results) {
  return gp_table_runs(table_in(results));
}

size_t gp_results_checkpoints(const gp_results *results) {
  return gp_table_schema(table_in(results))->checkpoint_count;
}

size_t gp_results_layers(const gp_results *results) {
  return gp_table_schema(table_in(results))->layer_count;
}

long long gp_results_step(const gp_results *results, size_t checkpoint) {
  return gp_table_schema(table_in(results))->checkpoints[checkpoint];
}

/* Index of a per-run column, or -1. */
static int column_index(const gp_table *table, const char *name) {
  int index = gp_table_find(table, name);
  return index >= 0 && gp_table_schema(table)->variables[index].shape == GP_PER_RUN ? index : -1;
}

double gp_results_number(const gp_results *results, const char *column, size_t run_index) {
  int index = column_index(table_in(results), column);
  return index < 0 ? (double)NAN : gp_table_real(table_in(results), index, run_index);
}

const char *gp_results_word(const gp_results *results, const char *column, size_t run_index, char *buffer,
                            size_t size) {
  char number[32];
  int index = column_index(table_in(results), column);
  const char *word = index < 0 ? "" : gp_table_word(table_in(results), index, run_index, number);
  snprintf(buffer, size, "%s", word);
  return buffer;
}

size_t gp_results_inner(const gp_results *results, const char *name) {
  const gp_schema *schema = gp_table_schema(table_in(results));
  int index = gp_table_find(table_in(results), name);
  return index < 0 ? 1 : gp_shape_inner(schema->variables[index].shape, schema->inner);
}

int gp_results_series(gp_results *results, const char *name, const double **values, size_t *layers) {
  gp_table *table = table_of(results);
  int index = gp_table_find(table, name);
  if (index < 0 || gp_table_schema(table)->variables[index].shape == GP_PER_RUN)
    return gp_exit_status(gp_fail(GP_ERR_USAGE, "no series '%s' in the result file", name));
  const gp_schema *schema = gp_table_schema(table);
  *layers = gp_shape_table[schema->variables[index].shape].layers ? schema->layer_count : 0;
  return gp_exit_status(gp_table_series(table, index, values));
}
