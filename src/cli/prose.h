/* Help texts: paragraphs that are broken at the width of whoever reads them, and lines that are printed as they stand.
 *
 * In a text, lines that begin with a blank stand as they are (examples, lists); other lines up to an empty one are a
 * paragraph, wherever they end in the source. */
#ifndef GP_PROSE_H
#define GP_PROSE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct prose_block {
  bool verbatim;
  const char *text; /* `length` bytes, line ends included; a paragraph's are blanks to its reader */
  size_t length;
} prose_block;

/* The next block of the text, and where the rest begins; NULL when there is none. */
const char *prose_next(prose_block *out, const char *text);

/* Columns for help texts: those of the terminal, at most 100; 80 elsewhere. */
size_t prose_width(void);

/* The whole text on stdout. */
void prose_print(const char *text, size_t width);

/* "  LEFT    text that goes on\n          below itself": text begins in column `indent`, or below a longer left. */
void prose_hang(const char *left, size_t indent, const char *text, size_t width);

#endif
