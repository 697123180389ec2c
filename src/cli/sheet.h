/* A table of texts, written aligned for people, or as CSV, TSV or JSON for programs. */
#ifndef GP_SHEET_H
#define GP_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "status.h"

typedef enum sheet_format { SHEET_ALIGNED, SHEET_CSV, SHEET_TSV, SHEET_JSON } sheet_format;

/* What a column holds decides alignment, quoting and how a JSON value is written. */
typedef enum sheet_kind { SHEET_TEXT, SHEET_NUMBER } sheet_kind;

typedef struct sheet sheet;

gp_status sheet_create(sheet **out, size_t columns);
void sheet_free(sheet *g);

/* The heading of a column. The text is copied. */
gp_status sheet_head(sheet *g, size_t column, const char *name, sheet_kind kind);

/* Appends the next cell, row by row; the text is copied. */
gp_status sheet_add(sheet *g, const char *text);
gp_status sheet_addf(sheet *g, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A thin gap before the next row (aligned output only). */
gp_status sheet_gap(sheet *g);

/* From now on the text of the last column is broken at `width`. Hides columns of these names (NULL ends them), the first first, until the aligned lines fit into `width`. Returns how
 * many were hidden: names[0] .. of those that the table has. */
size_t sheet_fit(sheet *g, size_t width, const char *const *names);

/* Writes everything. Aligned: two spaces between columns, numbers to the right; nan is a dot. CSV: RFC 4180. JSON: an
 * array of objects; nan is null, the infinities are 1e999 and -1e999, which every reader takes for infinity. */
void sheet_print(sheet *g, sheet_format format, FILE *file);

/* One CSV or TSV field, quoted where it must be. */
void sheet_field(FILE *file, sheet_format format, const char *text);
/* A JSON string, quotes included. */
void sheet_json_text(FILE *file, const char *text);
/* A JSON value of a number's text, as described above. */
void sheet_json_number(FILE *file, const char *text);

#endif
