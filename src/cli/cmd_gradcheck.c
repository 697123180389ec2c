/* gradpath gradcheck: every gradient against finite differences, in double. */
#include "cli.h"

#include <math.h>
#include <stdio.h>

#include "sheet.h"
#include "inspect.h"
#include "networks.h"

typedef struct gradcheck_options {
  int64_t entries;
  bool csv;
} gradcheck_options;

static const cli_flag flags[] = {
    CLI_NUMBER(gradcheck_options, entries, 'n', "entries", "N",
               "entries to check per array (default 20; 0: all)"),
    CLI_SWITCH(gradcheck_options, csv, 0, "csv", "comma-separated values"),
    CLI_FLAGS_END,
};

/* An array whose every sampled entry lies at a kink has no error to show. */
static gp_status add_rows(sheet *g, const gp_gradcheck *check, size_t run) {
  char buffer[32];
  for (size_t i = 0; i < check->count; i++) {
    const gp_gradcheck_row *row = &check->rows[i];
    GP_TRY(sheet_addf(g, "%zu", run));
    GP_TRY(sheet_addf(g, "%d", row->layer));
    GP_TRY(sheet_add(g, row->name));
    GP_TRY(sheet_addf(g, "%lld", (long long)row->checked));
    GP_TRY(sheet_addf(g, "%lld", (long long)row->skipped));
    GP_TRY(sheet_addf(g, "%.3g", row->largest));
    GP_TRY(row->checked > 0 ? sheet_addf(g, "%.2e", row->error)
                            : sheet_add(g, gp_text_real(buffer, (double)NAN)));
  }
  return GP_OK;
}

static gp_status heads(sheet *g) {
  static const char *const names[] = {"run", "layer", "array", "checked", "skipped", "largest", "error"};
  for (size_t c = 0; c < 7; c++) GP_TRY(sheet_head(g, c, names[c], c == 2 ? SHEET_TEXT : SHEET_NUMBER));
  return GP_OK;
}

/* The worst error of all networks, where it is, and how much could not be judged. */
typedef struct outcome {
  double worst;
  size_t row;
  const char *array;
  int layer;
  size_t arrays, hidden, kinked; /* all; below the rounding of the loss; every entry at a kink */
} outcome;

static void judge(outcome *all, const gp_gradcheck *check, size_t run) {
  for (size_t i = 0; i < check->count; i++) {
    const gp_gradcheck_row *row = &check->rows[i];
    all->arrays++;
    all->kinked += row->checked == 0;
    all->hidden += row->checked > 0 && !row->resolved;
    /* A worst error that is not a number must not pass. */
    if (!row->counts || row->error <= all->worst) continue;
    all->worst = row->error;
    all->row = run;
    all->array = row->name;
    all->layer = row->layer;
  }
}

static gp_status check_network(sheet *g, const gp_plan *plan, size_t row, int64_t entries, outcome *all) {
  gp_spec spec;
  gp_gradcheck check = {0};
  GP_TRY(gp_plan_spec(plan, row, &spec));
  GP_TRY(gp_gradcheck_run(&check, &spec, gp_plan_dataset(plan, row), entries));
  judge(all, &check, row);
  gp_status status = sheet_gap(g);
  if (status == GP_OK) status = add_rows(g, &check, row);
  gp_gradcheck_free(&check);
  return status;
}

static void print_outcome(const outcome *all, size_t count, bool held) {
  printf("\n%zu network%s; largest error %.2e of an array's largest entry: %s (limit %.0e)\n", count,
         count == 1 ? "" : "s", all->worst, held ? "the gradients agree" : "the gradients DISAGREE",
         GP_GRADCHECK_LIMIT);
  if (all->hidden > 0)
    printf("%zu of %zu arrays hold gradients too small for differences of the loss to check to that limit\n",
           all->hidden, all->arrays);
  if (all->kinked > 0)
    printf("%zu of %zu arrays were not checked: every entry tried lies at a kink\n", all->kinked,
           all->arrays);
}

static gp_status check_plan(const gp_plan *plan, const gradcheck_options *o) {
  size_t rows[NETWORKS_MAX], count = cli_networks(plan, rows);
  outcome all = {0};
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, 7));
  GP_TRY_DONE(heads(g));
  for (size_t i = 0; i < count; i++)
    GP_TRY_DONE(check_network(g, plan, rows[i], o->entries < 0 ? 20 : o->entries, &all));
  sheet_print(g, o->csv ? SHEET_CSV : SHEET_ALIGNED, stdout);
  bool held = all.worst <= GP_GRADCHECK_LIMIT;
  if (!o->csv) print_outcome(&all, count, held);
  if (!held)
    status =
        gp_fail(GP_ERR_NO, "run %zu, layer %d, %s: the gradient differs from its finite difference by %.2e",
                all.row, all.layer, all.array, all.worst);
done:
  sheet_free(g);
  return status;
}

static gp_status run(const cli_call *call) {
  gp_plan *plan = NULL;
  GP_TRY(cli_load(&plan, call, NULL));
  gp_status status = check_plan(plan, call->options);
  gp_plan_free(plan);
  return status;
}

extern const cli_command cli_gradcheck;
const cli_command cli_gradcheck = {
    .name = "gradcheck",
    .operands = "CONFIG [key=value ...]",
    .summary = "Check every gradient against finite differences",
    .details = "Each network of the configuration is checked once (runs that differ in seed, learning rate "
               "or steps share it),\n"
               "at initialisation, in double, signed, relative to the largest entry of the array, leaving "
               "out entries that\n"
               "have a kink within the step. Exit 1 when an error is above 1e-7.\n"
               "\n"
               "Example:\n"
               "  gradpath gradcheck configs/smoke.yaml depth=1,4 width=8\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
