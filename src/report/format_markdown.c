/* CommonMark with the tables of GitHub; pictures are referred to. */
#include "format.h"

#include <ctype.h>
#include <string.h>

#include "build.h"
#include "characters.h"
#include "plot.h"
#include "report_files.h"

static unsigned pictures(void) {
  return GP_PLOT_SVG;
}

/* Characters that mean something inside a line; a backslash before punctuation is always allowed. */
static const char special[] = "\\`*_[]<>&|~#$!";

/* Whether a paragraph's first character would begin a list, a heading or a rule. */
static bool begins_block(const char *text) {
  size_t digits = strspn(text, "0123456789");
  return strchr("-+=", *text) != NULL || (digits > 0 && (text[digits] == '.' || text[digits] == ')'));
}

/* One line of plain text; line feeds become `feed`. */
static void add_escaped(gp_text *out, const char *text, const char *feed) {
  uint32_t code;
  while (*text != '\0') {
    text += gp_character(text, &code);
    if (code == '\n') {
      gp_text_add(out, "%s", feed);
      continue;
    }
    if (code < 0x80 && strchr(special, (int)code) != NULL) gp_text_add(out, "\\");
    gp_character_add(out, code);
  }
}

static const char *text_of(const gp_text *text) {
  return text->data != NULL ? text->data : "";
}

static void add_paragraph(gp_text *out, const char *text) {
  text += strspn(text, " \t");
  if (*text != '\0' && begins_block(text)) {
    size_t digits = strspn(text, "0123456789");
    gp_text_add(out, "%.*s\\", (int)digits, text);
    text += digits;
  }
  add_escaped(out, text, "\n\n");
  gp_text_add(out, "\n\n");
}

static void add_table(gp_text *out, const gp_block *block) {
  if (block->text.length > 0) add_paragraph(out, text_of(&block->text));
  for (size_t c = 0; c < block->column_count; c++) {
    gp_text_add(out, c == 0 ? "| " : " | ");
    add_escaped(out, text_of(&block->columns[c].head), " ");
  }
  gp_text_add(out, " |\n|");
  for (size_t c = 0; c < block->column_count; c++)
    gp_text_add(out, block->columns[c].number ? "---:|" : "---|");
  gp_text_add(out, "\n");
  for (size_t r = 0; r < gp_block_rows(block); r++) {
    for (size_t c = 0; c < block->column_count; c++) {
      gp_text_add(out, c == 0 ? "| " : " | ");
      add_escaped(out, gp_block_cell(block, r, c), " ");
    }
    gp_text_add(out, " |\n");
  }
  gp_text_add(out, "\n");
}

/* A fence longer than any in the text. */
static void add_code(gp_text *out, const char *text) {
  size_t fence = 3;
  for (const char *at = text; (at = strchr(at, '`')) != NULL;) {
    size_t run = strspn(at, "`");
    if (run >= fence) fence = run + 1;
    at += run;
  }
  for (size_t i = 0; i < fence; i++) gp_text_add(out, "`");
  gp_text_add(out, "\n");
  uint32_t code;
  for (; *text != '\0'; gp_character_add(out, code)) text += gp_character(text, &code);
  gp_text_add(out, "\n");
  for (size_t i = 0; i < fence; i++) gp_text_add(out, "`");
  gp_text_add(out, "\n\n");
}

static void add_figure(gp_text *out, const gp_block *block) {
  gp_text_add(out, "![");
  add_escaped(out, text_of(&block->title), " ");
  gp_text_add(out, "](%s.svg)\n\n", text_of(&block->path));
  add_paragraph(out, text_of(&block->text));
  if (block->numbers.length > 0) add_code(out, block->numbers.data);
}

static void add_heading(gp_text *out, const gp_block *block) {
  for (int i = 0; i < block->level; i++) gp_text_add(out, "#");
  gp_text_add(out, " ");
  add_escaped(out, text_of(&block->text), " ");
  gp_text_add(out, "\n\n");
}

static void add_item(gp_text *out, const gp_block *block, bool last) {
  gp_text_add(out, "- ");
  add_escaped(out, text_of(&block->text), " ");
  gp_text_add(out, last ? "\n\n" : "\n");
}

static void add_block(gp_text *out, const gp_block *block, bool last_item) {
  switch (block->kind) {
  case GP_BLOCK_HEADING:
    add_heading(out, block);
    break;
  case GP_BLOCK_PARAGRAPH:
    add_paragraph(out, text_of(&block->text));
    break;
  case GP_BLOCK_ITEM:
    add_item(out, block, last_item);
    break;
  case GP_BLOCK_CODE:
    add_code(out, text_of(&block->text));
    break;
  case GP_BLOCK_TABLE:
    add_table(out, block);
    break;
  case GP_BLOCK_FIGURE:
    add_figure(out, block);
    break;
  }
}

static gp_status write_markdown(const gp_document *document, const char *folder, gp_text *notes) {
  gp_text page = {0};
  (void)notes;
  gp_text_add(&page, "<!-- %s, version %s -->\n\n", gp_format_markdown.mark, gp_build_version());
  for (size_t b = 0; b < document->count; b++)
    add_block(&page, &document->blocks[b],
              b + 1 == document->count || document->blocks[b + 1].kind != GP_BLOCK_ITEM);
  gp_status status = gp_file_write(folder, gp_format_markdown.file, &page);
  gp_text_free(&page);
  return status;
}

const gp_format gp_format_markdown = {
    .name = "markdown",
    .file = "report.md",
    .mark = "written by gradpath report",
    .pictures = pictures,
    .write = write_markdown,
};
