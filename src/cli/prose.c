#include "prose.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { WIDTH_ELSEWHERE = 80, WIDTH_MOST = 100 };

const char *prose_next(prose_block *out, const char *text) {
  while (*text == '\n') text++;
  if (*text == '\0') return NULL;
  *out = (prose_block){.verbatim = *text == ' ', .text = text};
  do {
    text += strcspn(text, "\n");
    text += *text == '\n';
    out->length = (size_t)(text - out->text);
  } while (*text != '\0' && *text != '\n' && (*text == ' ') == out->verbatim);
  return text;
}

size_t prose_width(void) {
  size_t width = cli_out_width();
  return width == SIZE_MAX ? WIDTH_ELSEWHERE : width < WIDTH_MOST ? width : WIDTH_MOST;
}

/* Terminal columns of some bytes of UTF-8. */
static size_t columns_of(const char *text, size_t length) {
  size_t columns = 0;
  for (size_t i = 0; i < length; i++) columns += ((unsigned char)text[i] & 0xC0) != 0x80;
  return columns;
}

/* Words one after the other; a line that is full goes on in column `indent`. */
static void flow(const char *text, size_t length, size_t column, size_t indent, size_t width) {
  const char *end = text + length;
  bool first = true;
  while (text < end) {
    size_t word = 0;
    while (text + word < end && text[word] != ' ' && text[word] != '\n') word++;
    size_t columns = columns_of(text, word);
    if (word > 0 && !first && column + 1 + columns > width) {
      printf("\n%*s", (int)indent, "");
      column = indent;
      first = true;
    }
    if (word > 0) {
      printf("%s%.*s", first ? "" : " ", (int)word, text);
      column += columns + (first ? 0 : 1);
      first = false;
    }
    text += word;
    while (text < end && (*text == ' ' || *text == '\n')) text++;
  }
  putchar('\n');
}

void prose_print(const char *text, size_t width) {
  prose_block block;
  for (const char *rest = text; (rest = prose_next(&block, rest)) != NULL;) {
    if (block.verbatim)
      printf("%.*s", (int)block.length, block.text);
    else
      flow(block.text, block.length, 0, 0, width);
    if (*rest == '\n') putchar('\n');
  }
}

void prose_hang(const char *left, size_t indent, const char *text, size_t width) {
  size_t column = strlen(left);
  fputs(left, stdout);
  if (column + 1 > indent) {
    putchar('\n');
    column = 0;
  }
  printf("%*s", (int)(indent - column), "");
  flow(text, strlen(text), indent, indent, width);
}
