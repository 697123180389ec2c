/* Scalars, lists and ranges; see axis.h. */
#include "axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elementary.h"
#include "text.h"

gp_status gp_values_add(gp_values *values, gp_value value) {
  if (values->count == values->capacity) {
    size_t capacity = values->capacity > 0 ? 2 * values->capacity : 8;
    gp_value *items = realloc(values->items, capacity * sizeof *items);
    if (items == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %zu values of an axis", capacity);
    values->items = items;
    values->capacity = capacity;
  }
  values->items[values->count++] = value;
  return GP_OK;
}

/* ---- one scalar ---- */

static bool is_number(const gp_option *o) {
  return o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT;
}

/* "a whole number from 0 to 10000", "a number above 0 and below 1, or auto". */
static void add_legal(gp_text *out, const gp_option *o) {
  char low[32], high[32];
  bool open_min = o->flags & GP_OPEN_MIN, open_max = o->flags & GP_OPEN_MAX;
  gp_text_add(out, "%s", o->type == GP_OPTION_INT ? "a whole number" : "a number");
  gp_text_add(out, " %s %s", open_min ? "above" : "from", gp_text_real(low, o->min));
  gp_text_add(out, "%s %s",
              open_max   ? " and below"
              : open_min ? " and at most"
                         : " to",
              gp_text_real(high, o->max));
  if (o->flags & GP_AUTO) gp_text_add(out, ", or auto");
}

static gp_status fail_number(const gp_node *node, const gp_option *o, const char *given) {
  gp_text legal = {0};
  add_legal(&legal, o);
  gp_status status = gp_fail_at(GP_ERR_CONFIG, node->mark, "%s must be %s, not %.60s", o->name,
                                legal.failed ? "a number" : legal.data, given);
  gp_text_free(&legal);
  return status;
}

static gp_status fail_kind(const gp_node *node, const char *what) {
  return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s must be one value, not %s", what, gp_node_kind_text(node));
}

static bool is_auto(const gp_node *node, const gp_option *o) {
  bool full = strcmp(node->text, "full") == 0 && strcmp(o->name, "batch") == 0;
  return (o->flags & GP_AUTO) != 0 && (full || strcmp(node->text, "auto") == 0);
}

/* Stores a number as the option's type; false when it does not fit. */
static bool store_number(gp_value *value, const gp_option *o, double number) {
  if (!gp_option_in_range(o, number) || isnan(number)) return false;
  if (o->type == GP_OPTION_REAL) {
    value->real = number;
    return true;
  }
  if (number != floor(number) || fabs(number) > 9007199254740992.0) return false;
  value->integer = (int64_t)number;
  return true;
}

static gp_status read_number(gp_value *value, const gp_node *node, const gp_option *o) {
  double number;
  if (is_auto(node, o)) {
    if (o->type == GP_OPTION_REAL)
      value->real = NAN;
    else
      value->integer = INT64_MIN;
    return GP_OK;
  }
  if (!gp_text_to_real(node->text, &number) || !store_number(value, o, number))
    return fail_number(node, o, node->text);
  return GP_OK;
}

static gp_status read_word(gp_value *value, const gp_node *node, const gp_option *o) {
  size_t count = 0;
  for (; o->words[count] != NULL; count++) {
    if (strcmp(o->words[count], node->text) != 0) continue;
    value->word = (int)count;
    return GP_OK;
  }
  return gp_fail_unknown(node->mark, o->name, node->text, o->words, count);
}

static gp_status read_bool(gp_value *value, const gp_node *node, const gp_option *o) {
  value->truth = strcmp(node->text, "true") == 0;
  if (value->truth || strcmp(node->text, "false") == 0) return GP_OK;
  return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s must be true or false, not '%.60s'", o->name, node->text);
}

gp_status gp_value_read(gp_value *value, const gp_node *node, const gp_option *o) {
  *value = (gp_value){0};
  if (node->kind != GP_NODE_SCALAR) return fail_kind(node, o->name);
  if (node->plain && node->text[0] == '\0')
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s has no value", o->name);
  switch (o->type) {
  case GP_OPTION_REAL:
  case GP_OPTION_INT:
    return read_number(value, node, o);
  case GP_OPTION_WORD:
    return read_word(value, node, o);
  case GP_OPTION_BOOL:
    return read_bool(value, node, o);
  default:
    value->text = is_auto(node, o) && node->plain ? NULL : node->text;
    return GP_OK;
  }
}

gp_status gp_integer_read(int64_t *value, const gp_node *node, const char *what, double min, double max) {
  const gp_option row = {.name = what, .type = GP_OPTION_INT, .min = min, .max = max};
  gp_value read;
  GP_TRY(gp_value_read(&read, node, &row));
  *value = read.integer;
  return GP_OK;
}

/* ---- ranges ---- */

typedef struct range {
  double from, to, step;
  double points; /* 0: by step */
  bool log;
} range;

/* What a person would have written: 12 significant digits. The exponential is our own, so the same value everywhere. */
static double tidy(double value) {
  char text[32];
  snprintf(text, sizeof text, "%.12g", value);
  return strtod(text, NULL);
}

static double range_value(const range *r, double i, double last) {
  if (i == 0) return r->from;
  if (r->points > 0 && i == last) return r->to;
  double share = last > 0 ? i / last : 0;
  if (r->points > 0 && r->log)
    return tidy(gp_exp(gp_log(r->from) + (gp_log(r->to) - gp_log(r->from)) * share));
  if (r->points > 0) return tidy(r->from + (r->to - r->from) * share);
  return tidy(r->log ? r->from * gp_pow(r->step, i) : r->from + r->step * i);
}

/* How many values a range by step has, its end included; below 1: none. */
static double range_count(const range *r) {
  double spans = r->log ? gp_log(r->to / r->from) / gp_log(r->step) : (r->to - r->from) / r->step;
  return floor(spans * (1 + 1e-12) + 1e-9) + 1;
}

static gp_status range_check(const range *r, size_t before, const gp_node *node, const gp_option *o,
                             double *count) {
  if (r->log && !(r->from > 0 && r->to > 0))
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: a log range needs ends above 0", o->name);
  if (r->points == 0 && (r->step == 0 || (r->log && !(r->step > 0 && r->step != 1))))
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: the step of a %s", o->name,
                      r->log ? "log range is a factor above 0 and not 1" : "range cannot be 0");
  *count = r->points > 0 ? r->points : range_count(r);
  if (!(*count >= 1))
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: the range from %g to %g by %g is empty", o->name,
                      r->from, r->to, r->step);
  if (*count + (double)before > GP_AXIS_MAX)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: %.0f values; an axis has at most %d", o->name, *count,
                      GP_AXIS_MAX);
  return GP_OK;
}

static gp_status range_expand(gp_values *values, const range *r, const gp_node *node, const gp_option *o) {
  double count = 0, previous = NAN;
  char text[32];
  GP_TRY(range_check(r, values->count, node, o, &count));
  for (double i = 0; i < count; i++) {
    double number = range_value(r, i, count - 1);
    if (o->type == GP_OPTION_INT && r->points > 0) number = floor(number + 0.5);
    if (number == previous) continue;
    previous = number;
    gp_value value = {0};
    if (!store_number(&value, o, number)) return fail_number(node, o, gp_text_real(text, number));
    GP_TRY(gp_values_add(values, value));
  }
  return GP_OK;
}

/* ---- ranges as they are written ---- */

/* Reads up to three numbers between separators. Returns how many, or -1 when something is no number. */
static int split_numbers(const char *text, size_t length, const char *between, double out[static 3]) {
  int count = 0;
  const char *end = text + length, *at = text;
  for (;;) {
    const char *stop = memmem(at, (size_t)(end - at), between, strlen(between));
    size_t n = (size_t)((stop != NULL ? stop : end) - at);
    char token[64];
    if (count == 3 || n >= sizeof token) return -1;
    while (n > 0 && *at == ' ') at++, n--;
    while (n > 0 && at[n - 1] == ' ') n--;
    memcpy(token, at, n);
    token[n] = '\0';
    if (!gp_text_to_real(token, &out[count++]) || !isfinite(out[count - 1])) return -1;
    if (stop == NULL) return count;
    at = stop + strlen(between);
  }
}

static gp_status read_dots(gp_values *values, const gp_node *node, const gp_option *o) {
  double number[3];
  int count = split_numbers(node->text, strlen(node->text), "..", number);
  if (count < 2)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: '%.60s' is no range a..b or a..b..step", o->name,
                      node->text);
  bool whole = number[0] == floor(number[0]) && number[1] == floor(number[1]);
  if (count == 2 && o->type == GP_OPTION_REAL && !whole) /* steps of 1 from 1e-3 are never what was meant */
    return gp_fail_at(
        GP_ERR_CONFIG, node->mark,
        "%s: '%.60s' needs a step, because its ends are not whole: write a..b..step, log(a,b,n), "
        "lin(a,b,n) or {from: a, to: b, points: n, scale: log}",
        o->name, node->text);
  range r = {.from = number[0], .to = number[1], .step = count == 3 ? number[2] : 1};
  return range_expand(values, &r, node, o);
}

/* log(a,b,n), lin(a,b,n). */
static gp_status read_call(range *r, const gp_node *node, const gp_option *o) {
  const char *open = strchr(node->text, '(');
  size_t name = (size_t)(open - node->text), length = strlen(open);
  bool log = name == 3 && strncmp(node->text, "log", 3) == 0,
       lin = name == 3 && strncmp(node->text, "lin", 3) == 0;
  if (name == 5 && strncmp(node->text, "range", 5) == 0)
    return gp_fail_at(GP_ERR_CONFIG, node->mark,
                      "%s: range() is not taken, because libraries disagree on its end; write a..b or "
                      "a..b..step, both ends included",
                      o->name);
  if (!log && !lin)
    return gp_fail_at(GP_ERR_CONFIG, node->mark,
                      "%s: unknown function in '%.60s'; legal are log(a,b,n) and lin(a,b,n)", o->name,
                      node->text);
  double number[3];
  int count = open[length - 1] == ')' ? split_numbers(open + 1, length - 2, ",", number) : -1;
  if (count != 3 || number[2] < 1 || number[2] != floor(number[2]))
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: '%.60s' must be %s(from,to,points)", o->name,
                      node->text, log ? "log" : "lin");
  *r = (range){.from = number[0], .to = number[1], .points = number[2], .log = log};
  return GP_OK;
}

static gp_status read_member(double *out, const gp_node *map, const char *key, bool *given,
                             const gp_option *o) {
  const gp_node *node = gp_node_member(map, key);
  *given = node != NULL;
  if (node == NULL) return GP_OK;
  if (node->kind != GP_NODE_SCALAR) return fail_kind(node, key);
  if (!gp_text_to_real(node->text, out) || !isfinite(*out))
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: '%s' must be a number, not '%.60s'", o->name, key,
                      node->text);
  return GP_OK;
}

static gp_status check_keys(const gp_node *map) {
  static const char *const keys[] = {"from", "to", "points", "step", "scale"};
  for (const gp_node *n = map->first; n != NULL; n = n->next) {
    bool known = false;
    for (size_t i = 0; i < 5; i++) known |= strcmp(n->key, keys[i]) == 0;
    if (!known) return gp_fail_unknown(n->key_mark, "key of a range", n->key, keys, 5);
  }
  return GP_OK;
}

static gp_status read_scale(range *r, const gp_node *map) {
  static const char *const scales[] = {"linear", "log", NULL};
  static const gp_option row = {.name = "scale", .type = GP_OPTION_WORD, .words = scales};
  const gp_node *node = gp_node_member(map, "scale");
  gp_value value = {0};
  if (node != NULL) GP_TRY(gp_value_read(&value, node, &row));
  r->log = value.word == 1;
  return GP_OK;
}

static gp_status read_range(range *r, const gp_node *node, const gp_option *o) {
  bool from, to, points, step;
  *r = (range){0};
  GP_TRY(check_keys(node));
  GP_TRY(read_member(&r->from, node, "from", &from, o));
  GP_TRY(read_member(&r->to, node, "to", &to, o));
  GP_TRY(read_member(&r->points, node, "points", &points, o));
  GP_TRY(read_member(&r->step, node, "step", &step, o));
  GP_TRY(read_scale(r, node));
  if (!from || !to || points == step)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: a range needs from, to, and one of points and step",
                      o->name);
  if (points && (r->points < 1 || r->points != floor(r->points)))
    return gp_fail_at(GP_ERR_CONFIG, gp_node_member(node, "points")->mark,
                      "points must be a whole number of at least 1");
  return GP_OK;
}

/* Whether the node is a range by its ends (not a..b), which the next function reads. */
static bool is_range(const gp_node *node, const gp_option *o) {
  bool call = node->kind == GP_NODE_SCALAR && node->plain && strchr(node->text, '(') != NULL;
  return is_number(o) && (node->kind == GP_NODE_MAP || call);
}

static gp_status parse_range(range *r, const gp_node *node, const gp_option *o) {
  return node->kind == GP_NODE_MAP ? read_range(r, node, o) : read_call(r, node, o);
}

static gp_status read_item(gp_values *values, const gp_node *node, const gp_option *o) {
  if (node->kind == GP_NODE_LIST)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: a list inside a list", o->name);
  if (is_range(node, o)) {
    range r;
    GP_TRY(parse_range(&r, node, o));
    return range_expand(values, &r, node, o);
  }
  if (node->kind == GP_NODE_SCALAR && node->plain && is_number(o) && strstr(node->text, "..") != NULL)
    return read_dots(values, node, o);
  gp_value value;
  GP_TRY(gp_value_read(&value, node, o));
  return gp_values_add(values, value);
}

/* ---- repeated values ---- */

static int compare_values(const void *a, const void *b, void *option) {
  const gp_option *o = option;
  const gp_value *x = a, *y = b;
  switch (o->type) {
  case GP_OPTION_REAL:
    if (isnan(x->real) || isnan(y->real)) return isnan(x->real) - isnan(y->real);
    return (x->real > y->real) - (x->real < y->real);
  case GP_OPTION_INT:
    return (x->integer > y->integer) - (x->integer < y->integer);
  case GP_OPTION_BOOL:
    return x->truth - y->truth;
  case GP_OPTION_WORD:
    return x->word - y->word;
  default:
    return strcmp(x->text != NULL ? x->text : "", y->text != NULL ? y->text : "");
  }
}

bool gp_value_equal(const gp_option *option, gp_value a, gp_value b) {
  return compare_values(&a, &b, (void *)(uintptr_t)option) == 0;
}

static gp_status check_repeats(const gp_value *items, size_t count, const gp_node *node, const gp_option *o) {
  if (count < 2) return GP_OK;
  gp_value *sorted = malloc(count * sizeof *sorted);
  if (sorted == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %zu values of an axis", count);
  memcpy(sorted, items, count * sizeof *sorted);
  qsort_r(sorted, count, sizeof *sorted, compare_values, (void *)(uintptr_t)o);
  gp_status status = GP_OK;
  for (size_t i = 1; i < count && status == GP_OK; i++) {
    char buffer[32];
    const gp_value *v = &sorted[i];
    if (compare_values(v - 1, v, (void *)(uintptr_t)o) != 0) continue;
    status = gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: the value %.60s is there twice", o->name,
                        gp_value_text(o, v, buffer));
  }
  free(sorted);
  return status;
}

gp_status gp_values_read(gp_values *values, const gp_node *node, const gp_option *o) {
  size_t before = values->count;
  if (node->kind == GP_NODE_LIST) {
    if (node->count == 0)
      return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: an empty list has no values", o->name);
    for (const gp_node *n = node->first; n != NULL; n = n->next) GP_TRY(read_item(values, n, o));
  } else {
    GP_TRY(read_item(values, node, o));
  }
  return check_repeats(values->items + before, values->count - before, node, o);
}

/* The whole numbers of an axis come to an end: then fewer points lie between two of the written ones. */
gp_status gp_values_refine(gp_values *values, size_t *step, const gp_node *node, const gp_option *o,
                           double until) {
  range r = {0};
  if (is_range(node, o)) GP_TRY(parse_range(&r, node, o));
  if (r.points < 2)
    return gp_fail_at(GP_ERR_CONFIG, node->mark,
                      "%s is to be refined, so it must be a range by points: {from: a, to: b, points: n}, "
                      "log(a,b,n) or lin(a,b,n) with n of at least 2",
                      o->name);
  double written = r.points - 1;
  size_t factor = 1;
  while (2 * written * (double)factor <= until) factor *= 2;
  for (; factor > 0; factor /= 2) {
    values->count = 0;
    r.points = written * (double)factor + 1;
    GP_TRY(range_expand(values, &r, node, o));
    if ((double)values->count == r.points) break;
  }
  if (factor == 0)
    return gp_fail_at(GP_ERR_CONFIG, node->mark,
                      "%s is to be refined, but %.0f points between %g and %g are not all different", o->name,
                      written + 1, r.from, r.to);
  *step = factor;
  return GP_OK;
}
