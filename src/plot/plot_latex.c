/* gnuplot's enhanced text as LaTeX. */
#include "plot_latex.h"

#include <string.h>

typedef struct spelling {
  const char *from, *to;
} spelling;

/* Characters beyond ASCII that charts use and plain LaTeX fonts lack. */
static const spelling signs[] = {{"−", "\\ensuremath{-}"},
                                 {"×", "\\ensuremath{\\times}"},
                                 {"δ", "\\ensuremath{\\delta}"},
                                 {"Δ", "\\ensuremath{\\Delta}"},
                                 {"∇", "\\ensuremath{\\nabla}"},
                                 {"‖", "\\ensuremath{\\|}"},
                                 {"ℓ", "\\ensuremath{\\ell}"},
                                 {"χ", "\\ensuremath{\\chi}"},
                                 {"ξ", "\\ensuremath{\\xi}"},
                                 {"σ", "\\ensuremath{\\sigma}"},
                                 {"λ", "\\ensuremath{\\lambda}"},
                                 {"η", "\\ensuremath{\\eta}"},
                                 {"μ", "\\ensuremath{\\mu}"},
                                 {"√", "\\ensuremath{\\surd}"},
                                 {"∞", "\\ensuremath{\\infty}"},
                                 {"±", "\\ensuremath{\\pm}"},
                                 {"▼", "\\ensuremath{\\bigtriangledown}"},
                                 {"▲", "\\ensuremath{\\bigtriangleup}"},
                                 {"…", "\\ldots{}"},
                                 {"≤", "\\ensuremath{\\le}"},
                                 {"≥", "\\ensuremath{\\ge}"}};

static const char *escaped(char c) {
  static const spelling specials[] = {{"\\", "\\textbackslash{}"},
                                      {"{", "\\{"},
                                      {"}", "\\}"},
                                      {"$", "\\$"},
                                      {"&", "\\&"},
                                      {"#", "\\#"},
                                      {"%", "\\%"},
                                      {"_", "\\_"},
                                      {"^", "\\textasciicircum{}"},
                                      {"~", "\\textasciitilde{}"},
                                      {"<", "\\ensuremath{<}"},
                                      {">", "\\ensuremath{>}"},
                                      {"|", "\\ensuremath{|}"},
                                      {"\"", "''"}};
  for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
    if (specials[i].from[0] == c) return specials[i].to;
  return NULL;
}

/* Bytes of the character at s. */
static size_t length_of(const char *s) {
  size_t n = 1;
  while (((unsigned char)s[n] & 0xC0) == 0x80) n++;
  return n;
}

static const char *add_character(gp_text *out, const char *s) {
  if (*s == '\\' && s[1] != '\0') s++; /* escaped in the markup */
  const char *spelled = escaped(*s);
  size_t n = length_of(s);
  for (size_t i = 0; spelled == NULL && i < sizeof signs / sizeof *signs; i++)
    if (strlen(signs[i].from) == n && strncmp(signs[i].from, s, n) == 0) spelled = signs[i].to;
  if (spelled != NULL)
    gp_text_add(out, "%s", spelled);
  else
    gp_text_add_bytes(out, s, n);
  return s + n;
}

/* The group {...} or the one character at s, with what opens and closes it in LaTeX. */
static const char *add_group(gp_text *out, const char *s, const char *open, const char *close) {
  gp_text_add(out, "%s", open);
  if (*s == '{') {
    for (s++; *s != '\0' && *s != '}';) s = add_character(out, s);
    s += *s == '}';
  } else if (*s != '\0') {
    s = add_character(out, s);
  }
  gp_text_add(out, "%s", close);
  return s;
}

void gp_latex_markup(gp_text *out, const char *markup) {
  static const char italic[] = "{/:Italic ";
  for (const char *s = markup; *s != '\0';) {
    if (strncmp(s, italic, sizeof italic - 1) == 0) {
      gp_text_add(out, "\\textit{");
      for (s += sizeof italic - 1; *s != '\0' && *s != '}';) s = add_character(out, s);
      gp_text_add(out, "}");
      s += *s == '}';
    } else if (*s == '_') {
      s = add_group(out, s + 1, "\\ensuremath{_{\\mathrm{", "}}}");
    } else if (*s == '^') {
      s = add_group(out, s + 1, "\\ensuremath{^{", "}}");
    } else if (*s == '{' || *s == '}') {
      s++;
    } else {
      s = add_character(out, s);
    }
  }
}
