/* A document as a list of blocks, without saying how it is written: the formats (format.h) do that.
 *
 *   heading (level 1: the title), paragraph, list item, table, figure, code
 *
 * Every text is plain text. Nothing in it is markup of any format, whoever wrote it: the formats escape it. */
#ifndef GP_DOCUMENT_H
#define GP_DOCUMENT_H

#include <stdbool.h>

#include "status.h"
#include "text.h"

typedef enum gp_block_kind {
  GP_BLOCK_HEADING,
  GP_BLOCK_PARAGRAPH,
  GP_BLOCK_ITEM, /* neighbours make one list */
  GP_BLOCK_TABLE,
  GP_BLOCK_FIGURE,
  GP_BLOCK_CODE /* lines to be read, or pasted, as they are */
} gp_block_kind;

typedef struct gp_column {
  gp_text head;
  bool number; /* to the right */
} gp_column;

typedef struct gp_block {
  gp_block_kind kind;
  int level;    /* of a heading, from 1 */
  gp_text text; /* of a table or figure: its caption */
  gp_column *columns;
  size_t column_count;
  gp_text *cells; /* row by row */
  size_t cell_count, cell_capacity;
  gp_text path;    /* of a figure: its pictures without their extension, from the document's folder */
  gp_text title;   /* of a figure: what it shows, for those who cannot see it */
  gp_text numbers; /* of a figure: lines set out as a table, or nothing */
} gp_block;

/* Start from {0}. Failure to grow is sticky, as in a gp_text. */
typedef struct gp_document {
  gp_text title;
  int shift; /* added to the level of headings: the part of one of several files lies one deeper */
  gp_block *blocks;
  size_t count, capacity;
  bool failed;
} gp_document;

/* Add a block (printf style). */
void gp_document_heading(gp_document *document, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void gp_document_paragraph(gp_document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gp_document_item(gp_document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_document_code(gp_document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a table with that caption; its columns, then its cells follow. A table whose last row is short is filled up by
 * the formats. */
void gp_document_table(gp_document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_document_column(gp_document *document, bool number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void gp_document_cell(gp_document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a figure. The texts are copied. */
void gp_document_figure(gp_document *document, const char *path, const char *title, const char *caption,
                        const char *numbers);

size_t gp_block_rows(const gp_block *block);
/* The text of a cell; "" where the last row is short. */
const char *gp_block_cell(const gp_block *block, size_t row, size_t column);

/* GP_ERR_MEMORY when some block could not be made. */
gp_status gp_document_check(const gp_document *document);
void gp_document_free(gp_document *document);

#endif
