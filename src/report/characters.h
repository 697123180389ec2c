/* Text of unknown origin, character by character.
 *
 * What must never reach a document whatever its format is replaced here: bytes that are no UTF-8 and the marks that turn the
 * direction of writing become U+FFFD, control characters a blank. */
#ifndef GP_CHARACTERS_H
#define GP_CHARACTERS_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* Decodes the character at `text` (not at its end) and returns how many bytes it takes. Line feeds are kept. */
size_t gp_character(const char *text, uint32_t *code);

/* Appends the character as UTF-8. */
void gp_character_add(gp_text *out, uint32_t code);

#endif
