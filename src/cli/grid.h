/* A table of texts, written aligned for people, or as CSV, TSV or JSON for programs. */
#ifndef GP_GRID_H
#define GP_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "status.h"

typedef enum grid_format { GRID_ALIGNED, GRID_CSV, GRID_TSV, GRID_JSON } grid_format;

/* What a column holds decides alignment, quoting and how a JSON value is written. */
typedef enum grid_kind { GRID_TEXT, GRID_NUMBER } grid_kind;

typedef struct grid grid;

gp_status grid_create(grid **out, size_t columns);
void grid_free(grid *g);

/* The heading of a column. The text is copied. */
gp_status grid_head(grid *g, size_t column, const char *name, grid_kind kind);

/* Appends the next cell, row by row; the text is copied. */
gp_status grid_add(grid *g, const char *text);
gp_status grid_addf(grid *g, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A thin gap before the next row (aligned output only). */
gp_status grid_gap(grid *g);

/* Writes everything. Aligned: two spaces between columns, numbers to the right; nan is a dot. CSV: RFC 4180. JSON: an
 * array of objects; nan is null, the infinities are 1e999 and -1e999, which every reader takes for infinity. */
void grid_print(const grid *g, grid_format format, FILE *file);

/* One CSV or TSV field, quoted where it must be. */
void grid_field(FILE *file, grid_format format, const char *text);
/* A JSON string, quotes included. */
void grid_json_text(FILE *file, const char *text);
/* A JSON value of a number's text, as described above. */
void grid_json_number(FILE *file, const char *text);

#endif
