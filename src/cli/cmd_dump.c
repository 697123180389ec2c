/* gradpath dump: one run with everything inside it, for recomputing a step elsewhere. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "tree.h"

typedef struct dump_options {
  const char *output, *steps;
  int64_t run;
} dump_options;

static const cli_flag flags[] = {
    CLI_TEXT(dump_options, output, 'o', "output", "FILE.h5", "the file to write (needed)"),
    CLI_TEXT(dump_options, steps, 's', "steps", "0,1,100", "steps to look at (default: 0 and the last)"),
    CLI_NUMBER(dump_options, run, 'r', "run", "N", "that run of a result file, which takes CONFIG's place"),
    CLI_FLAGS_END,
};

enum { STEPS_MAX = 4096 };

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* The steps wanted, ascending, each once. */
static gp_status parse_steps(int64_t *out, size_t *count, const char *text, int64_t last) {
  char word[32];
  size_t n = 0;
  if (text == NULL) {
    out[0] = 0;
    out[1] = last;
    n = 2;
  }
  for (; text != NULL && *text != '\0' && n < STEPS_MAX; n++) {
    long long step;
    size_t length = strcspn(text, ",");
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    if (!gp_text_to_int(word, &step) || step < 0 || step > last)
      return gp_fail(GP_ERR_USAGE, "--steps wants steps from 0 to %lld (train.steps), not '%s'",
                     (long long)last, word);
    out[n] = step;
    text += length + (text[length] == ',');
  }
  qsort(out, n, sizeof *out, ascending);
  *count = 0;
  for (size_t i = 0; i < n; i++)
    if (i == 0 || out[i] != out[i - 1]) out[(*count)++] = out[i];
  return GP_OK;
}

/* Puts each array at its place: /step_000100/layer_02/weight; row numbers as integers. */
static gp_status put(void *context, int64_t step, int layer, const char *name, int rank, const int64_t *dims,
                     const double *values) {
  char path[128];
  gp_tree *tree = context;
  if (layer > 0)
    snprintf(path, sizeof path, "/step_%06lld/layer_%02d/%s", (long long)step, layer, name);
  else
    snprintf(path, sizeof path, "/step_%06lld/%s", (long long)step, name);
  if (strcmp(name, "batch") != 0) return gp_tree_real(tree, path, rank, dims, values);
  int64_t *rows = malloc((size_t)dims[0] * sizeof *rows);
  if (rows == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  for (int64_t i = 0; i < dims[0]; i++) rows[i] = (int64_t)values[i];
  gp_status status = gp_tree_integer(tree, path, rank, dims, rows);
  free(rows);
  return status;
}

/* All rows, training rows first: `batch` counts them from 0. */
static gp_status put_data(gp_tree *tree, const gp_dataset *data) {
  int64_t x[] = {data->train + data->test, data->features}, y[] = {x[0], data->outputs};
  char rows[32];
  snprintf(rows, sizeof rows, "%lld", (long long)data->train);
  GP_TRY(gp_tree_real(tree, "/data/x", 2, x, data->x));
  GP_TRY(gp_tree_real(tree, "/data/y", 2, y, data->y));
  return gp_tree_attribute(tree, "/data", "training_rows", rows);
}

/* The canonical text of the run is what a second program needs to know about the set-up. */
static gp_status put_identity(gp_tree *tree, const gp_plan *plan, size_t row) {
  gp_text config = {0};
  char id[33];
  gp_status status = gp_plan_canonical(plan, row, &config);
  if (status == GP_OK && config.failed) status = gp_fail(GP_ERR_MEMORY, "out of memory");
  if (status == GP_OK) status = gp_tree_attribute(tree, "/", "format", GP_TREE_FORMAT);
  if (status == GP_OK) status = gp_tree_attribute(tree, "/", "config", config.data);
  if (status == GP_OK) status = gp_tree_attribute(tree, "/", "run_id", gp_plan_run_id(plan, row, id));
  gp_text_free(&config);
  return status;
}

/* A spec that cannot be prepared leaves no file: the tree is only published by its close. */
static gp_status dump(const gp_plan *plan, size_t row, gp_trainer *trainer, gp_tree *tree,
                      const int64_t *steps, size_t count) {
  gp_spec spec;
  const gp_dataset *data = gp_plan_dataset(plan, row);
  gp_visitor visitor = {put, tree};
  GP_TRY(gp_plan_spec(plan, row, &spec));
  GP_TRY(gp_train_prepare(trainer, &spec, data));
  GP_TRY(put_data(tree, data));
  GP_TRY(put_identity(tree, plan, row));
  return gp_train_inspect(trainer, steps, count, &visitor);
}

static gp_status dump_row(const gp_plan *plan, size_t row, const dump_options *o, const char *tier) {
  int64_t steps[STEPS_MAX];
  size_t count;
  gp_spec spec;
  gp_trainer *trainer = NULL;
  gp_tree *tree = NULL;
  GP_TRY(gp_tree_replaceable(o->output));
  GP_TRY(gp_plan_spec(plan, row, &spec));
  GP_TRY(parse_steps(steps, &count, o->steps, spec.steps));
  GP_TRY(gp_trainer_create(&trainer, &(gp_train_options){.tier = tier}));
  gp_status status = gp_tree_create(&tree, o->output);
  if (status == GP_OK) status = dump(plan, row, trainer, tree, steps, count);
  if (status == GP_OK)
    status = gp_tree_close(tree);
  else if (tree != NULL)
    gp_tree_abandon(tree);
  gp_trainer_free(trainer);
  if (status == GP_OK) printf("%s: %zu step%s of one run\n", o->output, count, count == 1 ? "" : "s");
  return status;
}

/* Row of the plan that has the identity of a run of the file. */
static gp_status find_row(size_t *row, const gp_plan *plan, const gp_table *table, size_t run,
                          const char *path) {
  char id[33], buffer[32];
  int variable = gp_table_find(table, "run_id");
  const char *wanted = variable >= 0 ? gp_table_word(table, variable, run, buffer) : "";
  for (*row = 0; *row < gp_plan_runs(plan); (*row)++)
    if (strcmp(gp_plan_run_id(plan, *row, id), wanted) == 0) return GP_OK;
  return gp_fail(GP_ERR_FILE, "%s: run %zu is not one of the file's own configuration", path, run);
}

/* The plan that a result file was made from, and the row of the run. */
static gp_status load_run(gp_plan **plan, size_t *row, const char *path, size_t run) {
  gp_table *table = NULL;
  GP_TRY(cli_open(&table, path));
  const char *config = gp_table_attribute(table, "config");
  gp_status status = run < gp_table_runs(table)
                         ? GP_OK
                         : gp_fail(GP_ERR_USAGE, "there is no run %zu: the file holds runs 0 to %zu", run,
                                   gp_table_runs(table) - 1);
  if (status == GP_OK) status = gp_plan_load_text(plan, path, config != NULL ? config : "");
  if (status == GP_OK) status = find_row(row, *plan, table, run, path);
  gp_table_close(table);
  return status;
}

static gp_status load(gp_plan **plan, size_t *row, const cli_call *call, int64_t run) {
  *row = 0;
  if (run < 0) {
    GP_TRY(cli_load(plan, call, NULL));
    return cli_one_run(*plan);
  }
  if (call->operand_count > 1)
    return gp_fail(GP_ERR_USAGE, "with --run the settings are those of the file: '%s' has no place",
                   call->operands[1]);
  return load_run(plan, row, call->operands[0], (size_t)run);
}

static gp_status run(const cli_call *call) {
  const dump_options *o = call->options;
  gp_plan *plan = NULL;
  size_t row;
  if (o->output == NULL) return gp_fail(GP_ERR_USAGE, "dump needs -o FILE.h5");
  gp_status status = load(&plan, &row, call, o->run);
  if (status == GP_OK) status = dump_row(plan, row, o, call->tier);
  gp_plan_free(plan);
  return status;
}

extern const cli_command cli_dump;
const cli_command cli_dump = {
    .name = "dump",
    .operands = "CONFIG [key=value ...] | FILE --run N",
    .summary = "Write every array of one run: weights, batch, deltas, gradients, updates",
    .details =
        "The configuration must come down to one run. The file holds /data/x, /data/y and for each step\n"
        "/step_000100/batch, loss and layer_01/weight, bias, preactivation, activation, delta, "
        "weight_gradient,\n"
        "bias_gradient, weight_update, bias_update ...: enough to recompute the step in another framework.\n"
        "A dump that is there already is replaced; any other file is left as it is (exit 2).\n"
        "\n"
        "Examples:\n"
        "  gradpath dump results/smoke.h5 --run 17 -o run.h5\n"
        "  gradpath dump smoke activation=relu depth=3 learning_rate=0.1 seed=0 -o run.h5\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
