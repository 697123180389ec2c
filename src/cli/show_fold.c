/* The header, the folded table and the summary of `gradpath show`. */
#include "show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- header ---- */

enum { MANY = 1024 };

/* Number of different values of a column, MANY at most. In a grid a run has the value of the run before it or the one
 * that followed that value the last time; only where it has neither are those seen gone through. */
static size_t distinct(const gp_table *table, int variable) {
  size_t first[MANY], count = 0, last = 0;
  for (size_t run = 0; run < gp_table_runs(table); run++) {
    size_t next = count > 0 ? (last + 1) % count : 0;
    if (count > 0 && gp_table_same(table, variable, first[last], run)) continue;
    if (count == 0 || !gp_table_same(table, variable, first[next], run))
      for (next = 0; next < count && !gp_table_same(table, variable, first[next], run);) next++;
    if (next == count && count == MANY) return count;
    if (next == count) first[count++] = run;
    last = next;
  }
  return count;
}

/* "838 done, 2 pending": states that occur. */
static void print_states(const gp_table *table) {
  int status = gp_table_find(table, "status");
  size_t counts[8] = {0};
  for (size_t run = 0; status >= 0 && run < gp_table_runs(table); run++) {
    int state = gp_table_cell(table, status, run).state;
    if (state >= 0 && state < 8) counts[state]++;
  }
  const char *separator = ": ";
  for (size_t s = 0; gp_run_state_words[s] != NULL; s++) {
    if (counts[s] == 0) continue;
    printf("%s%zu %s", separator, counts[s], gp_run_state_words[s]);
    separator = ", ";
  }
}

void show_header(const gp_table *table, const char *path, const cli_columns *axes, size_t selected) {
  const char *title = gp_table_attribute(table, "title"), *question = gp_table_attribute(table, "question");
  fputs(cli_out(CLI_BOLD), stdout);
  cli_put(stdout, title != NULL ? title : path, "");
  fputs(cli_out(CLI_OFF), stdout);
  if (question != NULL && question[0] != '\0') {
    fputs(": ", stdout);
    cli_put(stdout, question, "");
  }
  printf("\n%zu run%s", gp_table_runs(table), gp_table_runs(table) == 1 ? "" : "s");
  print_states(table);
  for (size_t a = 0; a < axes->count; a++) {
    size_t values = distinct(table, axes->items[a]);
    printf("%s%s (%zu%s)", a == 0 ? "; axes " : " x ", gp_table_schema(table)->variables[axes->items[a]].name,
           values, values == MANY ? " or more" : "");
  }
  if (selected < gp_table_runs(table)) printf("; %zu shown", selected);
  printf("\n\n");
}

void show_fitted(sheet *g, const char *sort) {
  static const char *const least[] = {"best_loss", "gradient_span", "final_accuracy", "gradient_factor",
                                      "final_loss"};
  enum { LEAST = sizeof least / sizeof least[0] };
  const char *names[LEAST + 1] = {NULL};
  size_t count = 0;
  for (size_t i = 0; i < LEAST; i++)
    if (sort == NULL || strstr(sort, least[i]) == NULL) names[count++] = least[i];
  size_t hidden = sheet_fit(g, cli_out_width(), names);
  sheet_print(g, SHEET_ALIGNED, stdout);
  if (hidden > 0)
    printf("\n%zu column%s left out, for want of room; --columns NAMES or COLUMNS=200 shows more.\n", hidden,
           hidden == 1 ? "" : "s");
}

/* ---- folded rows ---- */

/* Seeds are the replicates: the only axis that is folded away. */
static bool is_seed(const gp_table *table, int variable) {
  return strcmp(gp_table_schema(table)->variables[variable].name, "seed") == 0;
}

bool show_can_fold(const gp_table *table, const cli_columns *axes) {
  for (size_t a = 0; a < axes->count; a++)
    if (is_seed(table, axes->items[a])) return axes->count > 1 && distinct(table, axes->items[a]) > 1;
  return false;
}

static bool is_axis(const cli_columns *axes, int variable) {
  for (size_t a = 0; a < axes->count; a++)
    if (axes->items[a] == variable) return true;
  return false;
}

/* Whether two runs differ in no axis but the seed. */
static bool replicates(const gp_table *table, const cli_columns *axes, size_t a, size_t b) {
  for (size_t i = 0; i < axes->count; i++)
    if (!is_seed(table, axes->items[i]) && !gp_table_same(table, axes->items[i], a, b)) return false;
  return true;
}

size_t show_cell_end(const gp_table *table, const cli_columns *axes, const cli_rows *rows, size_t start) {
  size_t end = start + 1;
  while (end < rows->count && replicates(table, axes, rows->rows[start], rows->rows[end])) end++;
  return end;
}

/* "healthy 4, stalled 1", or the bare word when all agree. */
static void count_words(gp_text *out, const gp_table *table, int variable, const size_t *rows, size_t count) {
  const char *const *words = gp_table_schema(table)->variables[variable].meanings;
  const char *separator = "";
  for (int w = 0; words != NULL && words[w] != NULL; w++) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += gp_table_cell(table, variable, rows[i]).state == w;
    if (n == 0) continue;
    gp_text_add(out, n == count ? "%s%s" : "%s%s %zu", separator, words[w], n);
    separator = ", ";
  }
}

/* An axis shows its value, a number its median, a state the count of each word, a text nothing. */
static gp_status folded_cell(sheet *g, const gp_table *table, int variable, const size_t *rows, size_t count,
                             bool axis) {
  char buffer[32];
  if (axis) return sheet_add(g, cli_cell(table, variable, rows[0], buffer));
  if (cli_is_number(table, variable)) {
    double median = cli_median(table, variable, rows, count);
    return isfinite(median) ? sheet_addf(g, "%.4g", median) : sheet_add(g, gp_text_real(buffer, median));
  }
  gp_text text = {0};
  if (gp_table_schema(table)->variables[variable].type == GP_STATE)
    count_words(&text, table, variable, rows, count);
  gp_status status = sheet_add(g, text.length > 0 && !text.failed ? text.data : "");
  gp_text_free(&text);
  return status;
}

static gp_status folded_heads(sheet *g, const gp_table *table, const int *variables, size_t count) {
  for (size_t c = 0; c < count; c++)
    GP_TRY(sheet_head(g, c, gp_table_schema(table)->variables[variables[c]].name,
                      cli_is_number(table, variables[c]) ? SHEET_NUMBER : SHEET_TEXT));
  return sheet_head(g, count, "seeds", SHEET_NUMBER);
}

/* Replicates follow each other, since seeds are the innermost axis of a file. */
static gp_status folded_rows(sheet *g, const gp_table *table, const cli_rows *rows, const cli_columns *axes,
                             const int *variables, size_t columns) {
  for (size_t start = 0, end; start < rows->count; start = end) {
    const size_t *first = rows->rows + start;
    end = show_cell_end(table, axes, rows, start);
    if (start > 0 && !gp_table_same(table, axes->items[0], first[-1], *first)) GP_TRY(sheet_gap(g));
    for (size_t c = 0; c < columns; c++)
      GP_TRY(folded_cell(g, table, variables[c], first, end - start, is_axis(axes, variables[c])));
    GP_TRY(sheet_addf(g, "%zu", end - start));
  }
  return GP_OK;
}

gp_status show_folded(const gp_table *table, const cli_rows *rows, const cli_columns *axes,
                      const cli_columns *columns) {
  int *variables = malloc((columns->count + 1) * sizeof *variables);
  if (variables == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  size_t count = 0;
  for (size_t c = 0; c < columns->count; c++)
    if (!is_seed(table, columns->items[c])) variables[count++] = columns->items[c];
  sheet *g = NULL;
  gp_status status;
  GP_TRY_DONE(sheet_create(&g, count + 1));
  GP_TRY_DONE(folded_heads(g, table, variables, count));
  GP_TRY_DONE(folded_rows(g, table, rows, axes, variables, count));
  show_fitted(g, NULL);
  printf("\nMedians over seeds; --all shows every run.\n");
done:
  sheet_free(g);
  free(variables);
  return status;
}

/* ---- summary ---- */

/* The axis a summary is made by: the first whose values are names, -1 when all are numbers. */
static int first_name_axis(const gp_table *table, const cli_columns *axes) {
  for (size_t a = 0; a < axes->count; a++)
    if (!cli_is_number(table, axes->items[a])) return axes->items[a];
  return -1;
}

static const char *const summary_columns[] = {"final_loss", "gradient_factor", "gradient_span"};
enum { SUMMARY_COLUMNS = sizeof summary_columns / sizeof summary_columns[0] };

/* One value of that axis: how many runs, medians, and what became of them. */
static gp_status summary_row(sheet *g, const gp_table *table, int axis, int verdict, const size_t *rows,
                             size_t count) {
  char buffer[32];
  gp_text verdicts = {0};
  GP_TRY(sheet_add(g, axis >= 0 ? gp_table_word(table, axis, rows[0], buffer) : "all"));
  GP_TRY(sheet_addf(g, "%zu", count));
  for (size_t s = 0; s < SUMMARY_COLUMNS; s++) {
    int variable = gp_table_find(table, summary_columns[s]);
    double median = variable < 0 ? (double)NAN : cli_median(table, variable, rows, count);
    GP_TRY(isfinite(median) ? sheet_addf(g, "%.4g", median) : sheet_add(g, gp_text_real(buffer, median)));
  }
  count_words(&verdicts, table, verdict, rows, count);
  gp_status status = sheet_add(g, verdicts.length > 0 && !verdicts.failed ? verdicts.data : "");
  gp_text_free(&verdicts);
  return status;
}

/* Moves the rows of the same value as the first of `rows` to the front, the others behind them by way of `rest` (room for
 * all), each in order; returns the number of the former. */
static size_t gather(const gp_table *table, int axis, size_t *rows, size_t count, size_t *rest) {
  size_t n = 0, others = 0;
  const size_t first = rows[0];
  for (size_t i = 0; i < count; i++) {
    if (axis < 0 || gp_table_same(table, axis, first, rows[i]))
      rows[n++] = rows[i];
    else
      rest[others++] = rows[i];
  }
  memcpy(rows + n, rest, others * sizeof *rows);
  return n;
}

static gp_status summary_heads(sheet *g, const gp_table *table, int axis) {
  GP_TRY(sheet_head(g, 0, axis >= 0 ? gp_table_schema(table)->variables[axis].name : "", SHEET_TEXT));
  GP_TRY(sheet_head(g, 1, "runs", SHEET_NUMBER));
  for (size_t s = 0; s < SUMMARY_COLUMNS; s++) GP_TRY(sheet_head(g, s + 2, summary_columns[s], SHEET_NUMBER));
  return sheet_head(g, SUMMARY_COLUMNS + 2, "verdicts", SHEET_TEXT);
}

gp_status show_summary(const gp_table *table, const cli_rows *rows, const cli_columns *axes) {
  int axis = first_name_axis(table, axes), verdict = gp_table_find(table, "verdict");
  if (verdict < 0 || rows->count < 2) return GP_OK;
  size_t *left = malloc(2 * rows->count * sizeof *left);
  if (left == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  memcpy(left, rows->rows, rows->count * sizeof *left);
  sheet *g = NULL;
  gp_status status;
  GP_TRY_DONE(sheet_create(&g, SUMMARY_COLUMNS + 3));
  GP_TRY_DONE(summary_heads(g, table, axis));
  for (size_t start = 0; start < rows->count;) {
    size_t n = gather(table, axis, left + start, rows->count - start, left + rows->count);
    GP_TRY_DONE(summary_row(g, table, axis, verdict, left + start, n));
    start += n;
  }
  printf("\n%sIn short%s (medians)\n", cli_out(CLI_BOLD), cli_out(CLI_OFF));
  sheet_fit(g, cli_out_width(), (const char *const[]){"gradient_span", "gradient_factor", NULL});
  sheet_print(g, SHEET_ALIGNED, stdout);
done:
  sheet_free(g);
  free(left);
  return status;
}
