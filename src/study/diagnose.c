/* Messages about a place in a configuration; see diagnose.h. */
#include "diagnose.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* At most this much of a line is shown; more legal words than this are no help. */
enum { EXCERPT = 100, BEFORE = 60, LEGAL_MAX = 40, MESSAGE = 2048 };

static bool continues(char byte) {
  return ((unsigned char)byte & 0xc0) == 0x80;
}

gp_mark gp_mark_of(const gp_source *source, size_t offset) {
  gp_mark mark = {source, 1, 1};
  for (size_t i = 0; i < offset && i < source->length; i++) {
    if (source->text[i] == '\n') {
      mark.line++;
      mark.column = 1;
    } else if (!continues(source->text[i])) {
      mark.column++;
    }
  }
  return mark;
}

static const char *line_start(const gp_source *source, int line) {
  const char *at = source->text, *end = source->text + source->length;
  for (int l = 1; l < line && at != NULL; l++) {
    at = memchr(at, '\n', (size_t)(end - at));
    if (at != NULL) at++;
  }
  return at;
}

/* The characters of a line around its column. A control character could steer a terminal: it becomes a blank or '?'. */
static void add_excerpt(gp_text *out, gp_mark mark) {
  const gp_source *source = mark.source;
  if (source->override || mark.line < 1) return;
  const char *at = line_start(source, mark.line), *end = source->text + source->length;
  if (at == NULL) return;
  int first = mark.column > BEFORE + EXCERPT / 4 ? mark.column - BEFORE : 1, column = 0;
  gp_text_add(out, "\n%6d | ", mark.line);
  for (; at < end && *at != '\n' && *at != '\r'; at++) {
    if (!continues(*at)) column++;
    if (column < first) continue;
    if (column >= first + EXCERPT) break;
    unsigned char byte = (unsigned char)*at;
    gp_text_add_bytes(out, byte == '\t' ? " " : byte < 0x20 || byte == 0x7f ? "?" : at, 1);
  }
  gp_text_add(out, "\n       | %*s^", mark.column - first, "");
}

static void add_place(gp_text *out, gp_mark mark) {
  if (!mark.source->override && mark.line > 0)
    gp_text_add(out, "%s:%d:%d: error: ", mark.source->name, mark.line, mark.column);
  else
    gp_text_add(out, "%s: error: ", mark.source->name);
}

/* `extra` is what follows the excerpt, or "". */
static gp_status report(gp_status status, gp_mark mark, const char *what, const char *extra) {
  gp_text out = {0};
  add_place(&out, mark);
  gp_text_add(&out, "%s", what);
  add_excerpt(&out, mark);
  gp_text_add(&out, "%s", extra);
  gp_fail(status, "%s", out.failed ? what : out.data);
  gp_text_free(&out);
  return status;
}

gp_status gp_fail_at(gp_status status, gp_mark mark, const char *format, ...) {
  char what[MESSAGE];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return report(status, mark, what, "");
}

gp_status gp_fail_place(gp_status status, gp_mark mark) {
  char what[MESSAGE];
  snprintf(what, sizeof what, "%s", gp_message());
  return report(status, mark, what, "");
}

gp_status gp_fail_unknown(gp_mark mark, const char *what, const char *word, const char *const *legal,
                          size_t count) {
  gp_text first = {0}, all = {0};
  const char *near = gp_text_nearest(word, legal, count);
  gp_text_add(&first, "unknown %s '%.60s'", what, word);
  if (near != NULL) gp_text_add(&first, "; did you mean '%s'?", near);
  for (size_t i = 0; i < count && count <= LEGAL_MAX; i++)
    gp_text_add(&all, "%s%s", i > 0 ? ", " : "\nlegal are ", legal[i]);
  bool failed = first.failed || all.failed;
  report(GP_ERR_CONFIG, mark, failed ? what : first.data, failed || all.length == 0 ? "" : all.data);
  gp_text_free(&first);
  gp_text_free(&all);
  return GP_ERR_CONFIG;
}
