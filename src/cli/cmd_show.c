/* gradpath show: the runs of a file as a table; replicates folded when there are many; a summary by activation. */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sheet.h"
#include "select.h"
#include "show.h"

typedef struct show_options {
  cli_texts where, thresholds;
  const char *sort, *columns;
  int64_t run;
  bool csv, json, all, theory, verdict;
} show_options;

static const cli_flag flags[] = {
    CLI_TEXTS(show_options, where, 'w', "where", "CONDITION",
              "only runs with depth=5,8 or 'final_loss<0.1' ...; repeatable"),
    CLI_TEXT(show_options, sort, 's', "sort", "KEYS",
             "order by columns; a minus turns it: -final_loss,depth"),
    CLI_TEXT(show_options, columns, 'c', "columns", "NAMES",
             "these columns, or all (default: axes and results)"),
    CLI_NUMBER(show_options, run, 'r', "run", "N", "one run, layer by layer"),
    CLI_SWITCH(show_options, all, 'a', "all",
               "one line per run (default: seeds folded where there are many)"),
    CLI_SWITCH(show_options, theory, 0, "theory",
               "measured, predicted, and the residual in standard errors, for each cell"),
    CLI_SWITCH(show_options, verdict, 0, "verdict",
               "judge every run again from its series: stored and new verdict, and counts"),
    CLI_TEXTS(show_options, thresholds, 0, "threshold", "NAME=VALUE,...",
              "judge with span=2 ... in place of the runs' own thresholds (implies --verdict); repeatable"),
    CLI_SWITCH(show_options, csv, 0, "csv", "comma-separated values with full precision"),
    CLI_SWITCH(show_options, json, 0, "json", "JSON with full precision; nan is null, inf is 1e999"),
    CLI_FLAGS_END,
};

enum { FOLD_ABOVE = 40 };

static const char *const result_columns[] = {"verdict",  "final_loss",      "best_loss",
                                             "accuracy", "gradient_factor", "gradient_span"};
enum { RESULT_COLUMNS = sizeof result_columns / sizeof result_columns[0] };

/* Axes, then results; `accuracy` is a series in the file, its final value is the column final_accuracy. */
static gp_status default_columns(cli_columns *out, const gp_table *table) {
  GP_TRY(cli_axes(out, table));
  for (size_t i = 0; i < RESULT_COLUMNS; i++) {
    char final[64];
    int variable = gp_table_find(table, result_columns[i]);
    snprintf(final, sizeof final, "final_%s", result_columns[i]);
    if (variable < 0 || gp_table_schema(table)->variables[variable].shape != GP_PER_RUN)
      variable = gp_table_find(table, final);
    if (variable >= 0) GP_TRY(cli_columns_add(out, variable));
  }
  return GP_OK;
}

/* The row number comes first: it is what --run takes. */
static gp_status heads(sheet *g, const gp_table *table, const cli_columns *columns) {
  GP_TRY(sheet_head(g, 0, "run", SHEET_NUMBER));
  for (size_t c = 0; c < columns->count; c++) {
    int v = columns->items[c];
    GP_TRY(sheet_head(g, c + 1, gp_table_schema(table)->variables[v].name,
                      cli_is_number(table, v) ? SHEET_NUMBER : SHEET_TEXT));
  }
  return GP_OK;
}

/* Whether the first axis changes between two rows: a gap shows the groups. */
static bool new_group(const gp_table *table, const cli_columns *axes, size_t a, size_t b) {
  return axes->count >= 2 && !gp_table_same(table, axes->items[0], a, b);
}

/* One line per run. For programs numbers are written so that they read back to the same bits; `gaps` are the axes whose
 * first one groups the lines, or NULL; `fit` (NULL: no) leaves out what the terminal has no room for. */
static gp_status print_runs(const gp_table *table, const cli_rows *rows, const cli_columns *columns,
                            const cli_columns *gaps, sheet_format format, const show_options *fit) {
  sheet *g = NULL;
  char buffer[32];
  gp_status status;
  GP_TRY(sheet_create(&g, columns->count + 1));
  GP_TRY_DONE(heads(g, table, columns));
  for (size_t r = 0; r < rows->count; r++) {
    if (r > 0 && gaps != NULL && new_group(table, gaps, rows->rows[r - 1], rows->rows[r]))
      GP_TRY_DONE(sheet_gap(g));
    GP_TRY_DONE(sheet_addf(g, "%zu", rows->rows[r]));
    for (size_t c = 0; c < columns->count; c++) {
      int v = columns->items[c];
      GP_TRY_DONE(sheet_add(g, format == SHEET_ALIGNED ? cli_cell(table, v, rows->rows[r], buffer)
                                                       : gp_table_word(table, v, rows->rows[r], buffer)));
    }
  }
  if (fit != NULL)
    show_fitted(g, fit->sort);
  else
    sheet_print(g, format, stdout);
done:
  sheet_free(g);
  return status;
}

/* For people: header, table, summary. */
static gp_status show_people(const gp_table *table, const cli_rows *rows, const cli_columns *columns,
                             const cli_columns *axes, const show_options *o, const char *path) {
  bool plain = o->columns == NULL && o->sort == NULL && !o->all;
  show_header(table, path, axes, rows->count);
  if (rows->count == 0) {
    puts("no run meets the conditions");
    return GP_OK;
  }
  if (plain && rows->count > FOLD_ABOVE && show_can_fold(table, axes))
    GP_TRY(show_folded(table, rows, axes, columns));
  else
    GP_TRY(print_runs(table, rows, columns, o->sort == NULL ? axes : NULL, SHEET_ALIGNED,
                      o->columns == NULL ? o : NULL));
  return show_summary(table, rows, axes);
}

static gp_status show_judged(gp_table *table, const show_options *o, const char *path, const cli_rows *rows,
                             const cli_columns *axes, sheet_format format) {
  judge *j;
  if (o->theory || o->columns != NULL)
    return gp_fail(GP_ERR_USAGE, "--verdict goes with neither --theory nor --columns");
  GP_TRY(judge_open(&j, table, &o->thresholds));
  if (format == SHEET_ALIGNED) show_header(table, path, axes, rows->count);
  gp_status status = show_verdict(j, table, rows, axes, format, o->all);
  judge_close(j);
  return status;
}

/* Selects rows and columns, then writes them in the form that was asked for. */
static gp_status show_table(gp_table *table, const show_options *o, const char *path) {
  cli_rows rows = {0};
  cli_columns columns = {0}, axes = {0};
  gp_status status;
  GP_TRY_DONE(cli_rows_select(&rows, table, &o->where, o->sort));
  GP_TRY_DONE(cli_axes(&axes, table));
  status = o->columns != NULL ? cli_columns_add_names(&columns, table, o->columns)
                              : default_columns(&columns, table);
  if (status != GP_OK) goto done;
  sheet_format format = o->csv ? SHEET_CSV : o->json ? SHEET_JSON : SHEET_ALIGNED;
  if (o->verdict || o->thresholds.count > 0) {
    status = show_judged(table, o, path, &rows, &axes, format);
    goto done;
  }
  if (o->theory && o->columns == NULL) {
    if (format == SHEET_ALIGNED) show_header(table, path, &axes, rows.count);
    status = show_theory(table, &rows, &axes, format);
    goto done;
  }
  if (o->csv || o->json)
    status = print_runs(table, &rows, &columns, NULL, o->csv ? SHEET_CSV : SHEET_JSON, NULL);
  else
    status = show_people(table, &rows, &columns, &axes, o, path);
done:
  free(rows.rows);
  free(columns.items);
  free(axes.items);
  return status;
}

static gp_status run(const cli_call *call) {
  const show_options *o = call->options;
  gp_table *table = NULL;
  if (o->csv && o->json) return gp_fail(GP_ERR_USAGE, "--csv and --json exclude each other");
  if (o->run >= 0 && (o->verdict || o->thresholds.count > 0))
    return gp_fail(GP_ERR_USAGE,
                   "--run and --verdict exclude each other; --where run_id=... chooses one run");
  GP_TRY(cli_open(&table, call->operands[0]));
  gp_status status = o->run >= 0 ? show_run(table, (size_t)o->run,
                                            o->csv    ? SHEET_CSV
                                            : o->json ? SHEET_JSON
                                                      : SHEET_ALIGNED)
                                 : show_table(table, o, call->operands[0]);
  gp_table_close(table);
  return status;
}

extern const cli_command cli_show;
const cli_command cli_show = {
    .name = "show",
    .operands = "FILE",
    .summary = "Show the runs of a result file as a table",
    .details = "Examples:\n"
               "  gradpath show results/sigmoid-vs-relu.h5\n"
               "  gradpath show results/sigmoid-vs-relu.h5 --where seed=0 --sort -final_loss\n"
               "  gradpath show results/sigmoid-vs-relu.h5 --run 17\n"
               "  gradpath show results/sigmoid-vs-relu.h5 --columns all --csv > runs.csv\n"
               "  gradpath show results/sigmoid-vs-relu.h5 --threshold span=2,growth=100\n"
               "\n"
               "A file whose sweep still runs can be shown as well. A dot stands for a value that does not "
               "exist, such as\n"
               "the gradient factor of a net with fewer than three hidden layers.\n"
               "\n"
               "--verdict computes nothing again: it judges what the file has, by the rules of "
               "`help verdicts`, with\n"
               "the thresholds that each run was judged with, or those given.\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};
