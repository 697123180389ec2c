/* gradpath diff: what two result files hold differently. */
#include "diff.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "select.h"
#include "sheet.h"

typedef struct diff_options {
  bool all;
} diff_options;

static const cli_flag flags[] = {
    CLI_SWITCH(diff_options, all, 'a', "all", "name every run that only one file has"),
    CLI_FLAGS_END,
};

enum { FEW = 5 };

/* "run 3 (depth=1 seed=0)": by the swept columns of its file. */
static void print_run(const gp_table *table, const cli_columns *axes, size_t run) {
  char buffer[32];
  printf("  run %zu (", run);
  for (size_t a = 0; a < axes->count; a++) {
    printf("%s%s=", a > 0 ? " " : "", gp_table_schema(table)->variables[axes->items[a]].name);
    cli_put(stdout, gp_table_word(table, axes->items[a], run, buffer), "");
  }
  printf("%srun_id %s)\n", axes->count > 0 ? "; " : "", gp_table_cell(table, 0, run).text);
}

static gp_status print_only(const gp_table *table, const char *path, const size_t *rows, size_t count,
                            bool all) {
  cli_columns axes = {0};
  if (count == 0) return GP_OK;
  GP_TRY(cli_axes(&axes, table));
  printf("%zu run%s only in %s\n", count, count == 1 ? "" : "s", path);
  size_t shown = all || count <= FEW ? count : FEW;
  for (size_t i = 0; i < shown; i++) print_run(table, &axes, rows[i]);
  if (shown < count) printf("  ... %zu more (--all names them)\n", count - shown);
  free(axes.items);
  return GP_OK;
}

/* "run 3, step 10, layer 2" */
static gp_status add_place(sheet *g, const gp_diff_variable *d, gp_shape shape) {
  char where[GP_POSITION_TEXT];
  gp_position_text(where, shape, &d->place);
  return sheet_addf(g, "run %zu%s%s", d->run_a, where[0] != '\0' ? ", " : "", where);
}

static gp_status add_variable(sheet *g, const gp_diff_variable *d, const gp_variable *variable) {
  GP_TRY(sheet_add(g, variable->name));
  GP_TRY(sheet_addf(g, "%zu", d->runs));
  GP_TRY(sheet_addf(g, "%zu", d->values));
  GP_TRY(sheet_addf(g, "%.4g", d->absolute));
  GP_TRY(sheet_addf(g, "%.4g", d->relative));
  return add_place(g, d, variable->shape);
}

static gp_status fill(sheet *g, const gp_diff *diff, const gp_schema *schema, size_t *rows) {
  static const struct {
    const char *name;
    sheet_kind kind;
  } heads[] = {{"variable", SHEET_TEXT},        {"runs", SHEET_NUMBER},     {"values", SHEET_NUMBER},
               {"largest |a-b|", SHEET_NUMBER}, {"relative", SHEET_NUMBER}, {"first", SHEET_TEXT}};
  for (size_t c = 0; c < sizeof heads / sizeof heads[0]; c++)
    GP_TRY(sheet_head(g, c, heads[c].name, heads[c].kind));
  for (size_t i = 0; i < diff->variable_count; i++) {
    const gp_diff_variable *d = &diff->variables[i];
    if (d->a < 0 || d->b < 0) continue;
    GP_TRY(add_variable(g, d, &schema->variables[d->a]));
    ++*rows;
  }
  return GP_OK;
}

static gp_status print_values(const gp_diff *diff, const gp_table *a) {
  sheet *g = NULL;
  size_t rows = 0;
  GP_TRY(sheet_create(&g, 6));
  gp_status status = fill(g, diff, gp_table_schema(a), &rows);
  if (status == GP_OK && rows > 0) {
    printf("%zu of %zu common runs hold other values (run numbers are those of the first file)\n",
           diff->differing_runs, diff->both);
    sheet_print(g, SHEET_ALIGNED, stdout);
  }
  sheet_free(g);
  return status;
}

static void print_variables(const gp_diff *diff, const gp_schema *a, const gp_schema *b,
                            const char *const *paths) {
  for (size_t i = 0; i < diff->variable_count; i++) {
    const gp_diff_variable *d = &diff->variables[i];
    if (d->a >= 0 && d->b >= 0) continue;
    printf("variable %s only in %s\n", d->a >= 0 ? a->variables[d->a].name : b->variables[d->b].name,
           paths[d->a >= 0 ? 0 : 1]);
  }
}

static gp_status print_diff(const gp_diff *diff, const gp_table *a, const gp_table *b, const cli_call *call) {
  const diff_options *o = call->options;
  const char *const *paths = call->operands;
  if (gp_diff_empty(diff)) {
    printf("same: %zu run%s, every value has the same bits\n", diff->both, diff->both == 1 ? "" : "s");
    return GP_OK;
  }
  GP_TRY(print_only(a, paths[0], diff->only_a, diff->only_a_count, o->all));
  GP_TRY(print_only(b, paths[1], diff->only_b, diff->only_b_count, o->all));
  print_variables(diff, gp_table_schema(a), gp_table_schema(b), paths);
  GP_TRY(print_values(diff, a));
  return gp_fail(GP_ERR_NO, "%s and %s differ", paths[0], paths[1]);
}

static gp_status run(const cli_call *call) {
  gp_table *a = NULL, *b = NULL;
  gp_diff diff = {0};
  gp_status status;
  GP_TRY_DONE(cli_open(&a, call->operands[0]));
  GP_TRY_DONE(cli_open(&b, call->operands[1]));
  GP_TRY_DONE(gp_diff_make(&diff, a, b));
  status = print_diff(&diff, a, b, call);
done:
  gp_diff_free(&diff);
  gp_table_close(a);
  gp_table_close(b);
  return status;
}

extern const cli_command cli_diff;
const cli_command cli_diff = {
    .name = "diff",
    .operands = "A B",
    .summary = "Compare two result files run by run",
    .details =
        "Runs are matched by identity (run_id), so that neither order nor the size of the sweeps matters. "
        "Says "
        "which runs\n"
        "only one file has finished, and for each variable that differs in any bit: in how many runs and "
        "values, the\n"
        "largest difference and the largest relative to the larger value (over finite values), and the first "
        "place.\n"
        "Exit 0 when nothing differs, 1 when something does. What the machine determines (/provenance) is "
        "left "
        "out.\n"
        "\n"
        "Example:\n"
        "  gradpath diff results/smoke.h5 elsewhere/smoke.h5\n",
    .flags = flags,
    .least = 2,
    .most = 2,
    .run = run,
};
