/* The page that `explain` writes on: lines that break at 78 columns, tables that fit 80. */
#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "sheet.h"

enum { PAGE_WIDTH = 78, PAGE_COLUMNS = 5, PAGE_INDENT = 6 };

static size_t column; /* of the line being written: there is one page */

void explain_heading(const char *format, ...) {
  va_list args;
  printf("\n%s", cli_out(CLI_BOLD));
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  printf("%s\n", cli_out(CLI_OFF));
}

void explain_begin(const char *format, ...) {
  va_list args;
  va_start(args, format);
  int written = vprintf(format, args);
  va_end(args);
  column = written > 0 ? (size_t)written : 0;
}

/* A part is never cut: it stands in the next line when this one is full. */
void explain_part(const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  size_t length = strlen(text), start = 0;
  if (column + length > PAGE_WIDTH) {
    printf("\n%*s", PAGE_INDENT, "");
    column = PAGE_INDENT;
    start = text[0] == ' ' ? 1 : 0;
  }
  fputs(text + start, stdout);
  column += length - start;
}

void explain_end(void) {
  putchar('\n');
}

const char *explain_number(char buffer[static 32], double value) {
  snprintf(buffer, 32, "%.6g", value == 0 ? 0 : value); /* no -0 */
  return buffer;
}

const char *explain_factor(char buffer[static 32], double value) {
  snprintf(buffer, 32, value < 0 ? "(%.6g)" : "%.6g", value == 0 ? 0 : value);
  return buffer;
}

static gp_status heads(sheet *g, const char *name, int64_t from, int64_t until, const char *more) {
  char text[32];
  GP_TRY(sheet_head(g, 0, "", SHEET_TEXT));
  for (int64_t c = from; c < until; c++) {
    snprintf(text, sizeof text, strchr(name, '[') != NULL ? "%s%d]" : "%s[%d]", name, (int)c + 1);
    GP_TRY(sheet_head(g, (size_t)(c - from) + 1, text, SHEET_NUMBER));
  }
  return more != NULL ? sheet_head(g, (size_t)(until - from) + 1, more, SHEET_NUMBER) : GP_OK;
}

/* Columns from .. until - 1 of x (rows, cols), and one more. */
static gp_status print_block(const char *row, const char *name, const double *x, int64_t rows, int64_t cols,
                             int64_t from, int64_t until, explain_column more) {
  char text[32];
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, (size_t)(until - from) + (more.name != NULL ? 2 : 1)));
  GP_TRY_DONE(heads(g, name, from, until, more.name));
  for (int64_t r = 0; r < rows; r++) {
    GP_TRY_DONE(sheet_addf(g, "  %s %d", row, (int)r + 1));
    for (int64_t c = from; c < until; c++) GP_TRY_DONE(sheet_add(g, explain_number(text, x[r * cols + c])));
    if (more.name != NULL) GP_TRY_DONE(sheet_add(g, explain_number(text, more.x[r])));
  }
  putchar('\n');
  sheet_print(g, SHEET_ALIGNED, stdout);
done:
  sheet_free(g);
  return status;
}

gp_status explain_table(const char *row, const char *name, const double *x, int64_t rows, int64_t cols,
                        explain_column more) {
  explain_column nothing = {NULL, NULL};
  for (int64_t from = 0; from < cols; from += PAGE_COLUMNS) {
    bool last = from + PAGE_COLUMNS >= cols;
    int64_t until = last ? cols : from + PAGE_COLUMNS;
    GP_TRY(print_block(row, name, x, rows, cols, from, until, last ? more : nothing));
  }
  return GP_OK;
}
