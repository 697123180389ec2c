/* Blocks in a growing list. */
#include "document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The text in printf style; a failure is the text's own. */
static void add_formatted(gp_text *out, const char *format, va_list arguments) {
  char *made = NULL;
  int length = vasprintf(&made, format, arguments);
  if (length < 0)
    out->failed = true;
  else
    gp_text_add_bytes(out, made, (size_t)length);
  if (length >= 0) free(made);
}

static gp_block *add_block(gp_document *document, gp_block_kind kind) {
  if (document->count == document->capacity && !document->failed) {
    size_t capacity = document->capacity > 0 ? 2 * document->capacity : 32;
    gp_block *grown = realloc(document->blocks, capacity * sizeof *grown);
    document->failed = grown == NULL;
    if (grown != NULL) document->blocks = grown, document->capacity = capacity;
  }
  if (document->failed) return NULL;
  gp_block *block = &document->blocks[document->count++];
  *block = (gp_block){.kind = kind};
  return block;
}

static void add_text_block(gp_document *document, gp_block_kind kind, int level, const char *format,
                           va_list arguments) {
  gp_block *block = add_block(document, kind);
  if (block == NULL) return;
  block->level = level;
  add_formatted(&block->text, format, arguments);
  document->failed |= block->text.failed;
}

#define WITH_ARGUMENTS(call)                                                                                 \
  do {                                                                                                       \
    va_list arguments;                                                                                       \
    va_start(arguments, format);                                                                             \
    call;                                                                                                    \
    va_end(arguments);                                                                                       \
  } while (0)

void gp_document_heading(gp_document *document, int level, const char *format, ...) {
  WITH_ARGUMENTS(add_text_block(document, GP_BLOCK_HEADING, level + document->shift, format, arguments));
}

void gp_document_paragraph(gp_document *document, const char *format, ...) {
  WITH_ARGUMENTS(add_text_block(document, GP_BLOCK_PARAGRAPH, 0, format, arguments));
}

void gp_document_item(gp_document *document, const char *format, ...) {
  WITH_ARGUMENTS(add_text_block(document, GP_BLOCK_ITEM, 0, format, arguments));
}

void gp_document_code(gp_document *document, const char *format, ...) {
  WITH_ARGUMENTS(add_text_block(document, GP_BLOCK_CODE, 0, format, arguments));
}

void gp_document_table(gp_document *document, const char *format, ...) {
  WITH_ARGUMENTS(add_text_block(document, GP_BLOCK_TABLE, 0, format, arguments));
}

/* The table that columns and cells are added to, or NULL. */
static gp_block *last_table(gp_document *document) {
  gp_block *last = document->count > 0 ? &document->blocks[document->count - 1] : NULL;
  return !document->failed && last != NULL && last->kind == GP_BLOCK_TABLE ? last : NULL;
}

void gp_document_column(gp_document *document, bool number, const char *format, ...) {
  gp_block *table = last_table(document);
  if (table == NULL) return;
  gp_column *grown = realloc(table->columns, (table->column_count + 1) * sizeof *grown);
  document->failed = grown == NULL;
  if (grown == NULL) return;
  table->columns = grown;
  gp_column *column = &grown[table->column_count++];
  *column = (gp_column){.number = number};
  WITH_ARGUMENTS(add_formatted(&column->head, format, arguments));
  document->failed |= column->head.failed;
}

void gp_document_cell(gp_document *document, const char *format, ...) {
  gp_block *table = last_table(document);
  if (table == NULL) return;
  if (table->cell_count == table->cell_capacity) {
    size_t capacity = table->cell_capacity > 0 ? 2 * table->cell_capacity : 64;
    gp_text *grown = realloc(table->cells, capacity * sizeof *grown);
    document->failed = grown == NULL;
    if (grown == NULL) return;
    table->cells = grown;
    table->cell_capacity = capacity;
  }
  gp_text *cell = &table->cells[table->cell_count++];
  *cell = (gp_text){0};
  WITH_ARGUMENTS(add_formatted(cell, format, arguments));
  document->failed |= cell->failed;
}

void gp_document_figure(gp_document *document, const char *path, const char *title, const char *caption,
                        const char *numbers) {
  gp_block *block = add_block(document, GP_BLOCK_FIGURE);
  if (block == NULL) return;
  gp_text_add(&block->text, "%s", caption);
  gp_text_add(&block->path, "%s", path);
  gp_text_add(&block->title, "%s", title);
  gp_text_add(&block->numbers, "%s", numbers);
  document->failed |=
      block->text.failed || block->path.failed || block->title.failed || block->numbers.failed;
}

size_t gp_block_rows(const gp_block *block) {
  return block->column_count > 0 ? (block->cell_count + block->column_count - 1) / block->column_count : 0;
}

const char *gp_block_cell(const gp_block *block, size_t row, size_t column) {
  size_t cell = row * block->column_count + column;
  return cell < block->cell_count && block->cells[cell].data != NULL ? block->cells[cell].data : "";
}

gp_status gp_document_check(const gp_document *document) {
  return document->failed || document->title.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the report")
                                                    : GP_OK;
}

static void free_block(gp_block *block) {
  for (size_t c = 0; c < block->column_count; c++) gp_text_free(&block->columns[c].head);
  for (size_t c = 0; c < block->cell_count; c++) gp_text_free(&block->cells[c]);
  free(block->columns);
  free(block->cells);
  gp_text_free(&block->text);
  gp_text_free(&block->path);
  gp_text_free(&block->title);
  gp_text_free(&block->numbers);
}

void gp_document_free(gp_document *document) {
  for (size_t b = 0; b < document->count; b++) free_block(&document->blocks[b]);
  free(document->blocks);
  gp_text_free(&document->title);
  *document = (gp_document){0};
}
