/* gradpath rules: what the published rule books say of the runs of a file, and how often they are right. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "rulebook.h"
#include "sheet.h"
#include "text.h"

typedef struct rules_options {
  bool csv, json;
} rules_options;

static const cli_flag flags[] = {
    CLI_SWITCH(rules_options, csv, 0, "csv", "comma-separated values"),
    CLI_SWITCH(rules_options, json, 0, "json", "JSON"),
    CLI_FLAGS_END,
};

static gp_status add_number(sheet *g, double value, const char *format, sheet_format to) {
  char exact[32];
  return to == SHEET_ALIGNED && !isnan(value) ? sheet_addf(g, format, value)
                                              : sheet_add(g, gp_text_real(exact, value));
}

static gp_status add_score(sheet *g, const gp_rule_score *s, sheet_format format) {
  GP_TRY(sheet_add(g, s->book));
  GP_TRY(sheet_add(g, s->rule != NULL ? s->rule->fault : "any"));
  GP_TRY(sheet_add(g, s->rule != NULL ? s->rule->variable : ""));
  double counts[] = {(double)s->accused, (double)s->caught};
  for (int i = 0; i < 2; i++) GP_TRY(add_number(g, s->known ? counts[i] : (double)NAN, "%.0f", format));
  GP_TRY(add_number(g, s->known ? s->precision : (double)NAN, "%.3f", format));
  GP_TRY(add_number(g, s->known ? s->recall : (double)NAN, "%.3f", format));
  return add_number(g, s->known ? s->lead : (double)NAN, "%.0f", format);
}

static gp_status fill(sheet *g, const gp_rule_score *scores, size_t count, sheet_format format) {
  static const char *const heads[] = {"book",   "rule",      "looks_at", "accused",
                                      "caught", "precision", "recall",   "lead_steps"};
  for (size_t c = 0; c < 8; c++) GP_TRY(sheet_head(g, c, heads[c], c < 3 ? SHEET_TEXT : SHEET_NUMBER));
  for (size_t i = 0; i < count; i++) {
    if (i > 0 && (scores[i].rule != NULL) != (scores[i - 1].rule != NULL)) GP_TRY(sheet_gap(g));
    GP_TRY(add_score(g, &scores[i], format));
  }
  return GP_OK;
}

/* What was not judged, and how to have it. */
static void print_missing(const gp_rule_score *scores, size_t count) {
  size_t unknown = 0;
  for (size_t i = 0; i < count; i++) unknown += scores[i].rule != NULL && !scores[i].known;
  if (unknown > 0)
    cli_warn("%zu rule%s not judged: the file has not measured what they look at; record.probes: [all, "
             "rules] does",
             unknown, unknown == 1 ? " was" : "s were");
}

static gp_status print(const gp_rule_score *scores, size_t count, const char *path, sheet_format format) {
  sheet *g;
  GP_TRY(sheet_create(&g, 8));
  gp_status status = fill(g, scores, count, format);
  if (status == GP_OK && format == SHEET_ALIGNED)
    printf("%s: %zu finished runs, of which %zu did not train\n\n", path, scores[0].runs, scores[0].failed);
  if (status == GP_OK) sheet_print(g, format, stdout);
  sheet_free(g);
  if (status == GP_OK) print_missing(scores, count);
  return status;
}

static gp_status run(const cli_call *call) {
  const rules_options *o = call->options;
  gp_table *table = NULL;
  gp_rule_score *scores = NULL;
  size_t count;
  if (o->csv && o->json) return gp_fail(GP_ERR_USAGE, "--csv and --json exclude each other");
  GP_TRY(cli_open(&table, call->operands[0]));
  gp_status status = gp_rulebook_judge(&scores, &count, table);
  if (status == GP_OK)
    status = print(scores, count, call->operands[0],
                   o->csv    ? SHEET_CSV
                   : o->json ? SHEET_JSON
                             : SHEET_ALIGNED);
  free(scores);
  gp_table_close(table);
  return status;
}

extern const cli_command cli_rules;
const cli_command cli_rules = {
    .name = "rules",
    .operands = "FILE",
    .summary = "Judge runs by published rule books, and the books by the outcome",
    .details = "Five rule books: sagemaker, deepchecker, autotrainer, dlcheck, deepdiagnosis. A book accuses "
               "a run when one of its\n"
               "rules is broken in some layer at some recorded step. precision: the share of accused runs "
               "that did not train;\n"
               "recall: the share of runs that did not train that were accused; lead: the median number of "
               "steps from the first\n"
               "accusation to the end of such a run. A dot: not measured, or nothing to divide.\n"
               "\n"
               "Examples:\n"
               "  gradpath run sigmoid-vs-relu record.probes=all,rules -o judged.h5\n"
               "  gradpath rules judged.h5\n"
               "  gradpath rules judged.h5 --csv\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};
