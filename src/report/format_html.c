/* One HTML page that needs nothing else: style and charts are inside. It is well-formed XML, too. */
#include "format.h"

#include <string.h>

#include "build.h"
#include "characters.h"
#include "plot.h"
#include "report_files.h"
#include "report_style.h"
#include "svg_inline.h"

static unsigned pictures(void) {
  return GP_PLOT_SVG;
}

/* Plain text as HTML, good inside of elements and of attributes in double quotes. */
static void add_escaped(gp_text *out, const gp_text *text) {
  static const char special[] = "&<>\"'";
  static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  uint32_t code;
  for (const char *at = text->data != NULL ? text->data : ""; *at != '\0';) {
    at += gp_character(at, &code);
    const char *found = code < 0x80 ? strchr(special, (int)code) : NULL;
    if (found != NULL)
      gp_text_add(out, "%s", names[found - special]);
    else
      gp_character_add(out, code);
  }
}

static void add_element(gp_text *out, const char *name, const gp_text *text) {
  gp_text_add(out, "<%s>", name);
  add_escaped(out, text);
  gp_text_add(out, "</%s>\n", name);
}

static void add_row(gp_text *out, const gp_block *block, size_t row) {
  gp_text_add(out, "<tr>");
  for (size_t c = 0; c < block->column_count; c++) {
    const char *cell = gp_block_cell(block, row, c);
    const gp_text text = {.data = (char *)(uintptr_t)cell, .length = strlen(cell)};
    bool zero = block->columns[c].number && strcmp(cell, "0") == 0;
    gp_text_add(out, block->columns[c].number ? "<td class=\"n%s\">" : "<td>", zero ? " z" : "");
    add_escaped(out, &text);
    gp_text_add(out, "</td>");
  }
  gp_text_add(out, "</tr>\n");
}

static void add_table(gp_text *out, const gp_block *block) {
  gp_text_add(out, "<div class=\"scroll\" tabindex=\"0\"><table>\n");
  if (block->text.length > 0) add_element(out, "caption", &block->text);
  gp_text_add(out, "<thead><tr>");
  for (size_t c = 0; c < block->column_count; c++) {
    gp_text_add(out, block->columns[c].number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
    add_escaped(out, &block->columns[c].head);
    gp_text_add(out, "</th>");
  }
  gp_text_add(out, "</tr></thead>\n<tbody>\n");
  for (size_t r = 0; r < gp_block_rows(block); r++) add_row(out, block, r);
  gp_text_add(out, "</tbody></table></div>\n");
}

static gp_status add_figure(gp_text *out, const gp_block *block, const char *folder, size_t number) {
  gp_text name = {0}, path = {0}, svg = {0}, label = {0}, prefix = {0};
  gp_text_add(&name, "%s.svg", block->path.data);
  gp_text_add(&prefix, "f%zu-", number);
  add_escaped(&label, &block->title);
  gp_status status = name.failed || prefix.failed || label.failed
                         ? gp_fail(GP_ERR_MEMORY, "no memory for a figure")
                         : gp_path_join(&path, folder, name.data);
  if (status == GP_OK) status = gp_file_read(&svg, path.data);
  gp_text_add(out, "<figure><div class=\"scroll\" tabindex=\"0\">");
  if (status == GP_OK) status = gp_svg_inline(out, &svg, prefix.data, label.data != NULL ? label.data : "");
  gp_text_add(out, "</div>\n");
  add_element(out, "figcaption", &block->text);
  if (block->numbers.length > 0) add_element(out, "pre", &block->numbers);
  gp_text_add(out, "</figure>\n");
  gp_text *const owned[] = {&name, &path, &svg, &label, &prefix};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) gp_text_free(owned[i]);
  return status;
}

static gp_status add_block(gp_text *out, const gp_block *block, const char *folder, size_t number) {
  char heading[] = "h0";
  switch (block->kind) {
  case GP_BLOCK_HEADING:
    heading[1] = (char)('0' + (block->level < 6 ? block->level : 6));
    add_element(out, heading, &block->text);
    break;
  case GP_BLOCK_PARAGRAPH:
    add_element(out, "p", &block->text);
    break;
  case GP_BLOCK_ITEM:
    add_element(out, "li", &block->text);
    break;
  case GP_BLOCK_CODE:
    add_element(out, "pre", &block->text);
    break;
  case GP_BLOCK_TABLE:
    add_table(out, block);
    break;
  case GP_BLOCK_FIGURE:
    return add_figure(out, block, folder, number);
  }
  return GP_OK;
}

static void add_head(gp_text *out, const gp_document *document) {
  gp_text_add(out,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
              "<meta name=\"generator\" content=\"%s, version %s\" />\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n",
              gp_format_html.mark, gp_build_version());
  add_element(out, "title", &document->title);
  gp_text_add(out, "<style>\n%s</style>\n</head>\n<body>\n<main>\n", gp_report_style);
}

static gp_status add_body(gp_text *out, const gp_document *document, const char *folder) {
  bool list = false;
  for (size_t b = 0; b < document->count; b++) {
    bool item = document->blocks[b].kind == GP_BLOCK_ITEM;
    if (item != list) gp_text_add(out, item ? "<ul>\n" : "</ul>\n");
    list = item;
    GP_TRY(add_block(out, &document->blocks[b], folder, b));
  }
  gp_text_add(out, "%s</main>\n</body>\n</html>\n", list ? "</ul>\n" : "");
  return GP_OK;
}

static gp_status write_html(const gp_document *document, const char *folder, gp_text *notes) {
  gp_text page = {0};
  (void)notes;
  add_head(&page, document);
  gp_status status = add_body(&page, document, folder);
  if (status == GP_OK) status = gp_file_write(folder, gp_format_html.file, &page);
  gp_text_free(&page);
  return status;
}

const gp_format gp_format_html = {
    .name = "html",
    .file = "report.html",
    .mark = "written by gradpath report",
    .pictures = pictures,
    .write = write_html,
};
