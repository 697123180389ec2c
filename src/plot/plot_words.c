/* Words for people as gnuplot markup. */
#include "plot_words.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct spelling {
  const char *word, *shown;
} spelling;

static const spelling values[] = {{"relu", "ReLU"},
                                  {"leaky_relu", "leaky ReLU"},
                                  {"prelu", "PReLU"},
                                  {"relu6", "ReLU6"},
                                  {"crelu", "CReLU"},
                                  {"elu", "ELU"},
                                  {"selu", "SELU"},
                                  {"celu", "CELU"},
                                  {"gelu", "GELU"},
                                  {"silu", "SiLU"},
                                  {"hard_sigmoid", "hard sigmoid"},
                                  {"hard_tanh", "hard tanh"},
                                  {"scaled_tanh", "scaled tanh"},
                                  {"gelu_tanh", "GELU (tanh)"},
                                  {"mish", "Mish"},
                                  {"xor", "XOR"},
                                  {"mnist", "MNIST"},
                                  {"he", "He"},
                                  {"xavier", "Xavier"},
                                  {"lecun", "LeCun"},
                                  {"sgd", "SGD"},
                                  {"adam", "Adam"}};
static const spelling columns[] = {{"depth", "depth (hidden layers)"}};

static const char *spell(const spelling *table, size_t count, const char *word) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(table[i].word, word) == 0) return table[i].shown;
  }
  return NULL;
}

/* Bytes of the well-formed UTF-8 character at `s`, or 0. Overlong forms and surrogates are not worth telling apart
 * here: gnuplot only copies the bytes, and its fonts draw a box for what they do not have. */
static size_t character(const char *s) {
  unsigned char lead = (unsigned char)*s;
  size_t length = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : 4;
  if (length == 4 && (lead < 0xF0 || lead > 0xF4)) return 0;
  for (size_t i = 1; i < length; i++) {
    if (((unsigned char)s[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

void gp_markup_plain(gp_text *out, const char *plain) {
  for (const char *s = plain; *s != '\0';) {
    size_t length = character(s);
    if (length == 0)
      gp_text_add(out, "?");
    else if (length == 1 && (unsigned char)*s < 0x20)
      gp_text_add(out, " ");
    else if (length == 1 && strchr("\\_^{}@&~", *s) != NULL)
      gp_text_add(out, "\\%c", *s);
    else
      gp_text_add_bytes(out, s, length);
    s += length > 0 ? length : 1;
  }
}

void gp_markup_number(gp_text *out, double value) {
  char digits[64];
  double size = fabs(value);
  if (!isfinite(value) || value == 0 || (size >= 1e-3 && size < 1e5)) {
    snprintf(digits, sizeof digits, value == nearbyint(value) ? "%.0f" : "%.3g", value);
    gp_text_add(out, "%s%s", value < 0 ? "−" : "", digits + (digits[0] == '-'));
    return;
  }
  snprintf(digits, sizeof digits, "%.2e", size);
  char *mark = strchr(digits, 'e');
  int exponent = atoi(mark + 1);
  double mantissa = strtod(digits, NULL) / pow(10, exponent);
  gp_text_add(out, "%s", value < 0 ? "−" : "");
  if (fabs(mantissa - 1) > 5e-3) gp_text_add(out, "%.3g×", mantissa);
  gp_text_add(out, "10^{%s%d}", exponent < 0 ? "−" : "", abs(exponent));
}

void gp_markup_brief(gp_text *out, double value) {
  char digits[32];
  snprintf(digits, sizeof digits, "%.1e", value);
  gp_markup_number(out, isfinite(value) ? strtod(digits, NULL) : value);
}

void gp_markup_value(gp_text *out, const char *word) {
  const char *shown = spell(values, sizeof values / sizeof *values, word);
  double number;
  if (shown != NULL)
    gp_text_add(out, "%s", shown);
  else if (gp_text_to_real(word, &number))
    gp_markup_number(out, number);
  else
    gp_markup_plain(out, word);
}

void gp_markup_column(gp_text *out, const char *column) {
  const char *shown = spell(columns, sizeof columns / sizeof *columns, column);
  if (shown != NULL) {
    gp_text_add(out, "%s", shown);
    return;
  }
  char plain[256];
  snprintf(plain, sizeof plain, "%s", column);
  for (char *c = plain; *c != '\0'; c++) *c = *c == '_' ? ' ' : *c;
  gp_markup_plain(out, plain);
}

void gp_markup_listed(gp_text *out, const char *markup, size_t index, size_t count) {
  const char *before = index == 0 ? "" : index + 1 == count ? " and " : ", ";
  gp_text_add(out, "%s%s", before, markup);
}

void gp_plain_markup(gp_text *out, const char *markup) {
  for (const char *s = markup; *s != '\0'; s++) {
    if (*s == '\\' && s[1] != '\0')
      gp_text_add_bytes(out, ++s, 1);
    else if (*s == '_' || *s == '{' || *s == '}')
      continue;
    else
      gp_text_add_bytes(out, s, 1);
  }
}

double gp_markup_width(const char *markup) {
  double width = 0;
  for (const char *s = markup; *s != '\0'; s++) {
    if (((unsigned char)*s & 0xC0) == 0x80 || strchr("\\{}^_", *s) != NULL) continue;
    width += strchr("ijlft.,;:'|()![] ", *s) != NULL ? 0.28
             : strchr("mwMW%@", *s) != NULL          ? 0.82
             : isupper((unsigned char)*s)            ? 0.63
                                                     : 0.53;
  }
  return width;
}

void gp_text_capital(gp_text *text, size_t from) {
  if (!text->failed && from < text->length) text->data[from] = (char)toupper((unsigned char)text->data[from]);
}
