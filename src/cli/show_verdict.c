/* `gradpath show --verdict`: every run judged again from what the file has of it, with other thresholds. */
#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { VERDICTS = GP_VERDICT_HEALTHY + 1, FIXED = 5 };

/* How many runs of each stored verdict got which one now; row and column are verdicts. */
typedef struct verdict_counts {
  size_t runs[VERDICTS][VERDICTS], stored[VERDICTS], judged[VERDICTS];
  size_t known, unknown, changed, listed;
} verdict_counts;

static bool changed(const judgement *of) {
  return of->known && (of->verdict != of->stored || of->conditions != of->stored_conditions);
}

static void count(verdict_counts *counts, const judgement *of) {
  counts->unknown += !of->known;
  if (!of->known) return;
  counts->known++;
  counts->changed += of->verdict != of->stored;
  counts->runs[of->stored][of->verdict]++;
  counts->stored[of->stored]++;
  counts->judged[of->verdict]++;
}

/* ---- run by run ---- */

static gp_status heads(sheet *g, const gp_table *table, const cli_columns *axes) {
  static const char *const last[] = {"verdict", "judged", "conditions", "judged_conditions"};
  GP_TRY(sheet_head(g, 0, "run", SHEET_NUMBER));
  for (size_t a = 0; a < axes->count; a++)
    GP_TRY(sheet_head(g, a + 1, gp_table_schema(table)->variables[axes->items[a]].name,
                      cli_is_number(table, axes->items[a]) ? SHEET_NUMBER : SHEET_TEXT));
  for (size_t i = 0; i < 4; i++)
    GP_TRY(sheet_head(g, axes->count + 1 + i, last[i], i < 2 ? SHEET_TEXT : SHEET_NUMBER));
  return GP_OK;
}

static gp_status add_run(sheet *g, const gp_table *table, const cli_columns *axes, size_t run,
                         const judgement *of, sheet_format format) {
  char buffer[32];
  GP_TRY(sheet_addf(g, "%zu", run));
  for (size_t a = 0; a < axes->count; a++)
    GP_TRY(sheet_add(g, format == SHEET_ALIGNED ? cli_cell(table, axes->items[a], run, buffer)
                                                : gp_table_word(table, axes->items[a], run, buffer)));
  GP_TRY(sheet_add(g, gp_verdict_words[of->stored]));
  GP_TRY(sheet_add(g, of->known ? gp_verdict_words[of->verdict] : "unknown"));
  GP_TRY(sheet_addf(g, "%" PRIu32, of->stored_conditions));
  return of->known ? sheet_addf(g, "%" PRIu32, of->conditions) : sheet_add(g, "nan");
}

/* ---- counts ---- */

/* The verdicts that some run had or has, as rows and columns. */
static gp_status print_counts(const verdict_counts *counts) {
  sheet *g = NULL;
  size_t shown[VERDICTS], columns = 0;
  gp_status status;
  for (size_t v = 0; v < VERDICTS; v++)
    if (counts->judged[v] > 0) shown[columns++] = v;
  GP_TRY(sheet_create(&g, columns + 2));
  GP_TRY_DONE(sheet_head(g, 0, "stored", SHEET_TEXT));
  GP_TRY_DONE(sheet_head(g, 1, "runs", SHEET_NUMBER));
  for (size_t c = 0; c < columns; c++)
    GP_TRY_DONE(sheet_head(g, c + 2, gp_verdict_words[shown[c]], SHEET_NUMBER));
  for (size_t v = 0; v < VERDICTS; v++) {
    if (counts->stored[v] == 0) continue;
    GP_TRY_DONE(sheet_add(g, gp_verdict_words[v]));
    GP_TRY_DONE(sheet_addf(g, "%zu", counts->stored[v]));
    for (size_t c = 0; c < columns; c++) GP_TRY_DONE(sheet_addf(g, "%zu", counts->runs[v][shown[c]]));
  }
  sheet_print(g, SHEET_ALIGNED, stdout);
  printf("\n%zu of %zu judged runs have another verdict than the stored one\n%s", counts->changed,
         counts->known, counts->listed > 0 ? "\n" : "");
done:
  sheet_free(g);
  return status;
}

/* ---- all of it ---- */

/* Judges the rows; the table gets all of them, or for people only those that changed, unless all were asked for. */
static gp_status judge_rows(sheet *g, judge *j, const gp_table *table, const cli_rows *rows,
                            const cli_columns *axes, sheet_format format, bool all, verdict_counts *counts) {
  for (size_t r = 0; r < rows->count; r++) {
    judgement of;
    GP_TRY(judge_run(j, rows->rows[r], &of));
    count(counts, &of);
    if (!all && format == SHEET_ALIGNED && !changed(&of)) continue;
    GP_TRY(add_run(g, table, axes, rows->rows[r], &of, format));
    counts->listed++;
  }
  return GP_OK;
}

gp_status show_verdict(judge *j, const gp_table *table, const cli_rows *rows, const cli_columns *axes,
                       sheet_format format, bool all) {
  verdict_counts counts = {0};
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, axes->count + FIXED));
  GP_TRY_DONE(heads(g, table, axes));
  GP_TRY_DONE(judge_rows(g, j, table, rows, axes, format, all, &counts));
  if (format == SHEET_ALIGNED) GP_TRY_DONE(print_counts(&counts));
  if (format != SHEET_ALIGNED || counts.listed > 0) sheet_print(g, format, stdout);
  if (counts.unknown > 0)
    cli_warn("%zu run%s not judged: the file has not stored delta_rms, dead_fraction and saturated_fraction "
             "of all checkpoints; record.probes: all does",
             counts.unknown, counts.unknown == 1 ? " was" : "s were");
done:
  sheet_free(g);
  return status;
}
