/* One pass over the tags; text between them is passed on. */
#include "svg_inline.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* An attribute `name="value"` at `at`: the length of its name, and where its value begins and ends. */
typedef struct attribute {
  const char *name, *value;
  size_t name_length, value_length, whole;
} attribute;

static bool read_attribute(attribute *out, const char *at) {
  size_t name = strcspn(at, "= \t\r\n>/\"'"), gap = name + strspn(at + name, " \t\r\n");
  if (name == 0 || at[gap] != '=') return false;
  size_t open = gap + 1 + strspn(at + gap + 1, " \t\r\n");
  if (at[open] != '"' && at[open] != '\'') return false;
  const char *end = strchr(at + open + 1, at[open]);
  if (end == NULL) return false;
  size_t length = (size_t)(end - at) - open - 1;
  *out = (attribute){at, at + open + 1, name, length, open + length + 2};
  return true;
}

static bool is_named(const attribute *a, const char *name) {
  return strlen(name) == a->name_length && strncmp(a->name, name, a->name_length) == 0;
}

static bool starts(const attribute *a, const char *start) {
  size_t length = strlen(start);
  return a->value_length >= length && strncmp(a->value, start, length) == 0;
}

/* The value, with the prefix behind every `url(#`. */
static void add_value(gp_text *out, const attribute *a, const char *prefix) {
  static const char reference[] = "url(#";
  const char *at = a->value, *end = a->value + a->value_length;
  for (const char *found;
       (found = memmem(at, (size_t)(end - at), reference, sizeof reference - 1)) != NULL;) {
    found += sizeof reference - 1;
    gp_text_add_bytes(out, at, (size_t)(found - at));
    gp_text_add(out, "%s", prefix);
    at = found;
  }
  gp_text_add_bytes(out, at, (size_t)(end - at));
}

/* An attribute of the outermost element that the page decides. */
static bool of_page(const attribute *a) {
  return is_named(a, "width") || is_named(a, "height") || is_named(a, "role") || is_named(a, "aria-label");
}

static gp_status add_attribute(gp_text *out, const attribute *a, const char *prefix) {
  bool link = is_named(a, "href") || is_named(a, "xlink:href");
  if (link && !starts(a, "#") && !starts(a, "data:image/"))
    return gp_fail(GP_ERR_FILE, "a picture refers to something outside itself");
  if (a->name_length > 2 && strncasecmp(a->name, "on", 2) == 0)
    return gp_fail(GP_ERR_FILE, "a picture holds a program");
  gp_text_add_bytes(out, a->name, (size_t)(a->value - a->name));
  if (link && starts(a, "#")) {
    gp_text_add(out, "#%s", prefix);
    gp_text_add_bytes(out, a->value + 1, a->value_length - 1);
  } else {
    if (is_named(a, "id")) gp_text_add(out, "%s", prefix);
    add_value(out, a, prefix);
  }
  gp_text_add_bytes(out, a->value + a->value_length, 1);
  return GP_OK;
}

/* From behind `<name` to its `>`. */
static gp_status add_tag(gp_text *out, const char **at, const char *prefix, bool outermost) {
  attribute a;
  while (**at != '>' && **at != '\0') {
    if (read_attribute(&a, *at)) {
      if (!outermost || !of_page(&a)) GP_TRY(add_attribute(out, &a, prefix));
      *at += a.whole;
    } else {
      gp_text_add_bytes(out, (*at)++, 1);
    }
  }
  return GP_OK;
}

gp_status gp_svg_inline(gp_text *out, const gp_text *svg, const char *prefix, const char *label) {
  const char *at = svg->data != NULL ? strstr(svg->data, "<svg") : NULL;
  if (at == NULL) return gp_fail(GP_ERR_FILE, "a picture is not SVG");
  for (bool outermost = true; *at != '\0'; outermost = false) {
    size_t name = 1 + strcspn(at + 1, " \t\r\n>/");
    if (strncasecmp(at, "<script", 7) == 0 || strncasecmp(at, "<foreignObject", 14) == 0)
      return gp_fail(GP_ERR_FILE, "a picture holds a program");
    gp_text_add_bytes(out, at, name);
    at += name;
    if (outermost) gp_text_add(out, " role=\"img\" aria-label=\"%s\"", label);
    GP_TRY(add_tag(out, &at, prefix, outermost));
    size_t text = strcspn(at, "<"); /* the > and what follows it */
    gp_text_add_bytes(out, at, text);
    at += text;
  }
  return out->failed ? gp_fail(GP_ERR_MEMORY, "no memory for a picture") : GP_OK;
}
