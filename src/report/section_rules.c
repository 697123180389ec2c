/* The rule books' table. */
#include "sections.h"

#include <math.h>
#include <stdlib.h>

#include "rulebook.h"

static void add_number(gp_document *out, const gp_rule_score *score, int digits, double value) {
  if (!score->known || isnan(value))
    gp_document_cell(out, "–");
  else
    gp_document_cell(out, "%.*f", digits, value);
}

static void add_score(gp_document *out, const gp_rule_score *score) {
  gp_document_cell(out, "%s", score->book);
  gp_document_cell(out, "%s", score->rule != NULL ? score->rule->fault : "any of its rules");
  add_number(out, score, 0, (double)score->accused);
  add_number(out, score, 0, (double)score->caught);
  add_number(out, score, 2, score->precision);
  add_number(out, score, 2, score->recall);
  add_number(out, score, 0, score->lead);
}

static void add_table(gp_document *out, const gp_rule_score *scores, size_t count) {
  static const char *const heads[] = {"accused", "caught", "precision", "recall", "lead (steps)"};
  size_t unknown = 0;
  gp_document_table(
      out,
      "What five published rule books would have said of the %zu finished runs, of which %zu did not "
      "train",
      scores[0].runs, scores[0].failed);
  gp_document_column(out, false, "book");
  gp_document_column(out, false, "rule");
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) gp_document_column(out, true, "%s", heads[i]);
  for (size_t i = 0; i < count; i++) {
    if (scores[i].rule != NULL && !scores[i].known)
      unknown++;
    else
      add_score(out, &scores[i]);
  }
  if (unknown > 0)
    gp_document_paragraph(out,
                          "%zu rules look at what this file has not measured and are left out; "
                          "record.probes: [all, rules] measures it.",
                          unknown);
}

/* Whether the file has what tells the outcome of a run. */
static bool can_judge(const gp_report_data *data) {
  static const char *const needed[] = {"status", "conditions", "depth", "steps_done", "diverged_at"};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
    if (gp_table_find(data->table, needed[i]) < 0) return false;
  return true;
}

gp_status gp_section_rules(gp_document *out, const gp_report_data *data) {
  gp_rule_score *scores = NULL;
  size_t count;
  if (!can_judge(data)) return GP_OK;
  GP_TRY(gp_rulebook_judge(&scores, &count, data->table));
  if (count > 0 && scores[0].runs > 0) {
    gp_document_heading(out, 2, "Rule books");
    gp_document_paragraph(
        out, "A book accuses a run when one of its rules is broken in some layer at some recorded step. "
             "Caught: accused, and it did not train. Precision: the share of accused runs that did not "
             "train; recall: the share of runs that did not train that were accused; lead: the median "
             "number of steps from the first accusation to the end of such a run.");
    add_table(out, scores, count);
  }
  free(scores);
  return GP_OK;
}
