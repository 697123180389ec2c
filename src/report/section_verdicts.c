/* Runs counted by verdict. */
#include "sections.h"

#include <string.h>

enum { WORDS = 16, ROWS = 80 };

/* The verdicts that occur, healthy first as in the file. */
static size_t words_of(const gp_report_data *data, const gp_run_group *all, const char *out[static WORDS]) {
  int variable = gp_table_find(data->table, "verdict");
  const char *const *words =
      variable >= 0 ? gp_table_schema(data->table)->variables[variable].meanings : NULL;
  size_t count = 0;
  for (; words != NULL && *words != NULL && count < WORDS; words++)
    if (gp_runs_with(data, all->runs, all->count, *words) > 0) out[count++] = *words;
  return count;
}

static void add_counts(gp_document *out, const gp_report_data *data, const gp_run_group *group,
                       const char *const *words, size_t count) {
  for (size_t w = 0; w < count; w++)
    gp_document_cell(out, "%zu", gp_runs_with(data, group->runs, group->count, words[w]));
  gp_document_cell(out, "%zu", group->count);
}

static void add_level(gp_document *out, const gp_axis *axis, size_t level) {
  gp_text text = {0};
  gp_say_axis_level(&text, axis, level);
  gp_document_cell(out, "%s", text.data != NULL ? text.data : "");
  out->failed |= text.failed;
  gp_text_free(&text);
}

/* A table with a row for each group, which the axes tell apart. */
static gp_status add_table(gp_document *out, const gp_report_data *data, const gp_axes *axes,
                           const char *const *words, size_t count) {
  gp_run_groups groups;
  gp_text name = {0};
  GP_TRY(gp_run_groups_make(&groups, data, axes));
  gp_document_table(out, "%s", "");
  for (size_t a = 0; a < axes->count; a++) {
    gp_text_free(&name);
    gp_say_column(&name, axes->items[a]->name);
    gp_document_column(out, axes->items[a]->numeric, "%s", name.data != NULL ? name.data : "");
    out->failed |= name.failed;
  }
  for (size_t w = 0; w < count; w++) gp_document_column(out, true, "%s", words[w]);
  gp_document_column(out, true, "runs");
  for (size_t g = 0; g < groups.count && g < ROWS; g++) {
    for (size_t a = 0; a < axes->count; a++)
      add_level(out, axes->items[a], axes->items[a]->level_of[groups.items[g].runs[0]]);
    add_counts(out, data, &groups.items[g], words, count);
  }
  if (groups.count > ROWS) gp_document_paragraph(out, "The first %d of %zu rows.", ROWS, groups.count);
  gp_text_free(&name);
  gp_run_groups_free(&groups);
  return GP_OK;
}

gp_status gp_section_verdicts(gp_document *out, const gp_report_data *data) {
  static const gp_axes none = {.count = 0};
  const char *words[WORDS];
  gp_run_groups all;
  gp_status status = gp_run_groups_make(&all, data, &none);
  size_t count = status == GP_OK && all.count > 0 ? words_of(data, &all.items[0], words) : 0;
  if (count > 0) {
    gp_document_heading(out, 2, "Verdicts");
    gp_document_paragraph(out,
                          "A run is healthy when it trained: its final loss is below half of that of the "
                          "best constant predictor. The others say why it did not.");
    status = add_table(out, data, &data->network, words, count);
    for (size_t a = 0; a < data->training.count && status == GP_OK; a++) {
      gp_axes one = {.items = {data->training.items[a]}, .count = 1};
      status = add_table(out, data, &one, words, count);
    }
  }
  gp_run_groups_free(&all);
  return status;
}
