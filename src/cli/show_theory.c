/* `gradpath show --theory`: measured, predicted, and how many standard errors lie between, cell by cell. */
#include "show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A measured column with what theory says of it. */
typedef struct pairing {
  const char *measured, *predicted, *wide, *sd; /* `wide`: where only the limit of wide nets is known */
  bool logarithm;                               /* means are of the logarithm, and sd is the logarithm's */
  const char *heads[3];
} pairing;

static const pairing pairings[] = {
    {"gradient_factor",
     "predicted_gradient_factor_typical",
     "predicted_gradient_factor",
     "predicted_gradient_factor_sd",
     true,
     {"factor", "predicted", "residual"}},
    {"gradient_span",
     "predicted_gradient_span_typical",
     "predicted_gradient_span",
     "predicted_gradient_span_sd",
     false,
     {"span", "predicted", "residual"}},
};
enum { PAIRINGS = sizeof pairings / sizeof *pairings, COLUMNS = 1 + 3 * PAIRINGS };

/* One cell: the mean over its seeds, the prediction, and their difference in standard errors of such a mean (the predicted
 * deviation over the root of the number of seeds); NaN where one of them is missing. */
typedef struct comparison {
  double measured, predicted, residual;
} comparison;

static double real(const gp_table *table, const char *name, size_t row) {
  int variable = gp_table_find(table, name);
  return variable >= 0 ? gp_table_real(table, variable, row) : (double)NAN;
}

static comparison compare(const gp_table *table, const pairing *p, const size_t *rows, size_t count) {
  double total = 0, predicted = real(table, p->predicted, rows[0]), sd = real(table, p->sd, rows[0]);
  size_t n = 0;
  if (isnan(predicted)) predicted = real(table, p->wide, rows[0]);
  for (size_t i = 0; i < count; i++) {
    double value = real(table, p->measured, rows[i]);
    if (p->logarithm) value = log(value);
    if (!isfinite(value)) continue;
    total += value;
    n++;
  }
  double mean = n > 0 ? total / (double)n : (double)NAN, centre = p->logarithm ? log(predicted) : predicted;
  return (comparison){p->logarithm ? exp(mean) : mean, predicted, (mean - centre) / (sd / sqrt((double)n))};
}

static bool is_seed(const gp_table *table, int variable) {
  const char *name = gp_table_schema(table)->variables[variable].name;
  return name[0] == 's' && name[1] == 'e' && name[2] == 'e' && name[3] == 'd' && name[4] == '\0';
}

static gp_status heads(sheet *g, const gp_table *table, const cli_columns *axes) {
  size_t column = 0;
  for (size_t a = 0; a < axes->count; a++)
    if (!is_seed(table, axes->items[a]))
      GP_TRY(sheet_head(g, column++, gp_table_schema(table)->variables[axes->items[a]].name,
                        cli_is_number(table, axes->items[a]) ? SHEET_NUMBER : SHEET_TEXT));
  GP_TRY(sheet_head(g, column++, "seeds", SHEET_NUMBER));
  for (size_t p = 0; p < PAIRINGS; p++)
    for (size_t h = 0; h < 3; h++) GP_TRY(sheet_head(g, column++, pairings[p].heads[h], SHEET_NUMBER));
  return GP_OK;
}

static gp_status add(sheet *g, const char *format, double value) {
  char buffer[32];
  return isfinite(value) ? sheet_addf(g, format, value) : sheet_add(g, gp_text_real(buffer, value));
}

static gp_status add_cell(sheet *g, const gp_table *table, const cli_columns *axes, const size_t *rows,
                          size_t count, bool brief) {
  char buffer[32];
  for (size_t a = 0; a < axes->count; a++)
    if (!is_seed(table, axes->items[a]))
      GP_TRY(sheet_add(g, cli_cell(table, axes->items[a], rows[0], buffer)));
  GP_TRY(sheet_addf(g, "%zu", count));
  for (size_t p = 0; p < PAIRINGS; p++) {
    comparison c = compare(table, &pairings[p], rows, count);
    GP_TRY(add(g, brief ? "%.4g" : "%.17g", c.measured));
    GP_TRY(add(g, brief ? "%.4g" : "%.17g", c.predicted));
    GP_TRY(add(g, brief ? "%+.2f" : "%.17g", c.residual));
  }
  return GP_OK;
}

/* How well the residuals fit a standard normal number, which they are if theory is right. */
static void print_verdict(const gp_table *table, const cli_columns *axes, const cli_rows *rows) {
  size_t cells = 0, within = 0;
  double worst = 0;
  for (size_t start = 0, end; start < rows->count; start = end) {
    end = show_cell_end(table, axes, rows, start);
    comparison c = compare(table, &pairings[0], rows->rows + start, end - start);
    if (!isfinite(c.residual)) continue;
    cells++;
    within += fabs(c.residual) <= 3;
    worst = fmax(worst, fabs(c.residual));
  }
  printf("\nResiduals are in standard errors of the mean over seeds, the standard deviation being theory's "
         "own too (factor: "
         "of\nits logarithm). %zu of %zu cells lie within three; the largest is %.2f. Runs that differ only "
         "in the learning "
         "rate begin\nwith the same net.\n",
         within, cells, worst);
}

gp_status show_theory(const gp_table *table, const cli_rows *rows, const cli_columns *axes,
                      sheet_format format) {
  size_t shown = 0;
  sheet *g = NULL;
  gp_status status;
  if (gp_table_find(table, pairings[0].predicted) < 0)
    return gp_fail(GP_ERR_USAGE,
                   "the file has no predictions for this width: it was written by an older version");
  for (size_t a = 0; a < axes->count; a++) shown += !is_seed(table, axes->items[a]);
  GP_TRY(sheet_create(&g, shown + COLUMNS));
  GP_TRY_DONE(heads(g, table, axes));
  for (size_t start = 0, end; start < rows->count; start = end) {
    end = show_cell_end(table, axes, rows, start);
    GP_TRY_DONE(add_cell(g, table, axes, rows->rows + start, end - start, format == SHEET_ALIGNED));
  }
  sheet_print(g, format, stdout);
  if (format == SHEET_ALIGNED) print_verdict(table, axes, rows);
done:
  sheet_free(g);
  return status;
}
