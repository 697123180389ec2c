/* UTF-8 after RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "characters.h"

#include <stdbool.h>

static const uint32_t replacement = 0xFFFD;

/* Marks that reorder what is shown (Unicode 15, Bidi_Control): a name must not look like another. */
static bool turns_direction(uint32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

static uint32_t harmless(uint32_t code) {
  if (code == '\n') return code;
  if (code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029) return ' ';
  return turns_direction(code) || code == 0xFFFE || code == 0xFFFF ? replacement : code;
}

size_t gp_character(const char *text, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *at = (const unsigned char *)text;
  size_t length = *at < 0x80 ? 1 : *at >> 5 == 6 ? 2 : *at >> 4 == 14 ? 3 : *at >> 3 == 30 ? 4 : 0;
  *code = length < 2 ? *at : *at & (0x7Fu >> length);
  for (size_t i = 1; i < length; i++) {
    if (at[i] >> 6 != 2) length = 0; /* also at the end of the text, a zero */
    *code = *code << 6 | (at[i] & 0x3F);
    if (length == 0) break;
  }
  if (length == 0 || *code < least[length] || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000))
    return *code = replacement, 1;
  *code = harmless(*code);
  return length;
}

void gp_character_add(gp_text *out, uint32_t code) {
  char bytes[4];
  size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
  for (size_t i = length; i-- > 1; code >>= 6) bytes[i] = (char)(0x80 | (code & 0x3F));
  bytes[0] = (char)(lead[length] | code);
  gp_text_add_bytes(out, bytes, length);
}
