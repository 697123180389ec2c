/* Selections of probes: which they contain, and the options they give. */
#include <string.h>

#include "probe.h"
#include "text.h"

/* One entry of a selection: `name` or `name(options)`. */
typedef struct entry {
  const char *name, *options;
  size_t name_length, options_length;
} entry;

/* The next entry; moves `at` past it. False at the end. */
static bool next_entry(const char **at, entry *e) {
  *at += strspn(*at, ", ");
  *e = (entry){.name = *at, .name_length = strcspn(*at, ", (")};
  *at += e->name_length;
  if (**at == '(') {
    e->options = *at + 1;
    e->options_length = strcspn(e->options, ")");
    *at = e->options + e->options_length + (e->options[e->options_length] == ')');
  }
  return e->name_length > 0;
}

static bool is(const char *word, const entry *e) {
  return strlen(word) == e->name_length && memcmp(word, e->name, e->name_length) == 0;
}

/* The groups of `all`; `panel` has the noise besides. */
bool gp_probe_usual(const gp_probe *probe) {
  static const char *const groups[] = {"gradients", "activations", "weights"};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    if (strcmp(groups[i], probe->group) == 0) return true;
  return false;
}

static bool matches(const entry *e, const gp_probe *probe) {
  if (is("all", e)) return gp_probe_usual(probe);
  if (is("panel", e)) return gp_probe_usual(probe) || strcmp(probe->group, "noise") == 0;
  return is(probe->group, e) || is(probe->item.name, e);
}

bool gp_probe_selected(const char *selection, const gp_probe *probe) {
  for (entry e; next_entry(&selection, &e);)
    if (matches(&e, probe)) return true;
  return false;
}

static void copy_word(char out[static 64], const char *word, size_t length) {
  length = length < 63 ? length : 63;
  memcpy(out, word, length);
  out[length] = '\0';
}

bool gp_probe_unknown(const char *selection, char out[static 64]) {
  for (entry e; next_entry(&selection, &e);) {
    bool known = false;
    for (int i = 0; i < GP_PROBE_COUNT; i++) known = known || matches(&e, gp_probe_at(i));
    if (known) continue;
    copy_word(out, e.name, e.name_length);
    return true;
  }
  return false;
}

/* -- when -- */

enum { POINTS_MAX = 1000000, LIST_MAX = 4096 };

/* Steps in ascending order, with dashes between. */
static bool is_list(const char *at) {
  long long step, last = -1;
  for (int count = 0; count < LIST_MAX; count++) {
    char word[64];
    size_t length = strcspn(at, "-;)");
    if (length > 18) return false;
    copy_word(word, at, length);
    if (!gp_text_to_int(word, &step) || step <= last) return false;
    if (at[length] != '-') return true;
    last = step;
    at += length + 1;
  }
  return false;
}

/* Reads `every=5`, `log=30` or `at=0-10-100`. GP_NEVER in `out`: it is none of these; false: it is, and wrong. */
static bool read_cadence(const char *text, gp_cadence *out) {
  static const struct {
    const char *name;
    enum gp_cadence_kind kind;
    double least;
  } forms[] = {{"every=", GP_EVERY, 1}, {"log=", GP_LOG, 2}, {"at=", GP_LIST, 0}};
  *out = (gp_cadence){.kind = GP_NEVER};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    size_t length = strlen(forms[i].name);
    long long count;
    char word[64];
    if (strncmp(text, forms[i].name, length) != 0) continue;
    *out = (gp_cadence){.kind = forms[i].kind, .list = text + length};
    if (out->kind == GP_LIST) return is_list(out->list);
    copy_word(word, out->list, strcspn(out->list, ";)"));
    if (!gp_text_to_int(word, &count) || (double)count < forms[i].least || count > POINTS_MAX) return false;
    out->count = count;
    return true;
  }
  return true;
}

static gp_cadence entry_cadence(const entry *e) {
  for (const char *at = e->options; at != NULL && at < e->options + e->options_length;) {
    gp_cadence found;
    size_t length = strcspn(at, ";)");
    if (read_cadence(at, &found) && found.kind != GP_NEVER) return found;
    at += length + (at[length] == ';');
  }
  return (gp_cadence){.kind = GP_AT_CHECKPOINTS};
}

gp_cadence gp_probe_cadence(const char *selection, const gp_probe *probe) {
  gp_cadence last = {.kind = GP_NEVER};
  for (entry e; next_entry(&selection, &e);)
    if (matches(&e, probe)) last = entry_cadence(&e);
  return last;
}

/* -- settings -- */

/* Sets one `name=number` of a probe's options. False when it is not one of them or its number not in range. */
static bool set_option(const gp_probe *probe, const char *text, gp_second_settings *out) {
  char name[64];
  size_t length = strcspn(text, "=");
  double value;
  copy_word(name, text, length);
  const gp_option *o = probe->item.options != NULL ? gp_option_find(probe->item.options, name) : NULL;
  if (o == NULL || text[length] != '=' || !gp_text_to_real(text + length + 1, &value)) return false;
  if (!gp_option_in_range(o, value)) return false;
  if (o->type == GP_OPTION_REAL) {
    *(double *)gp_option_field(o, out) = value;
    return true;
  }
  int64_t *field = gp_option_field(o, out);
  *field = (int64_t)value;
  return (double)*field == value;
}

/* The options of an entry, one after the other. */
static bool set_options(const gp_probe *probe, const entry *e, gp_second_settings *out,
                        char word[static 64]) {
  const char *at = e->options, *end = e->options + e->options_length;
  while (at < end) {
    size_t length = strcspn(at, ";)");
    gp_cadence cadence;
    copy_word(word, at, length);
    if (!read_cadence(at, &cadence) || (cadence.kind == GP_NEVER && !set_option(probe, word, out)))
      return false;
    at += length + (at[length] == ';');
  }
  return true;
}

bool gp_probe_settings(const char *selection, gp_second_settings *out, char word[static 64]) {
  *out = gp_second_default();
  for (entry e; next_entry(&selection, &e);)
    for (int i = 0; i < GP_PROBE_COUNT; i++) {
      const gp_probe *probe = gp_probe_at(i);
      if (!matches(&e, probe)) continue;
      out->needs |= probe->needs;
      if (e.options != NULL && !set_options(probe, &e, out, word)) return false;
    }
  return true;
}

/* -- lengths -- */

static size_t narrower(int64_t a, int64_t b) {
  return (size_t)(a < b ? a : b);
}

/* The most singular values that a weight matrix or the product of all has. */
static size_t singular_values(const int64_t *widths, int layers) {
  size_t most = narrower(widths[0], widths[layers]);
  for (int l = 0; l < layers; l++) {
    size_t of_layer = narrower(widths[l], widths[l + 1]);
    most = of_layer > most ? of_layer : most;
  }
  return most;
}

void gp_probe_inner(const char *selection, const int64_t *widths, int layers, size_t inner[GP_INNERS]) {
  char word[64];
  gp_second_settings set;
  gp_probe_settings(selection, &set, word);
  const size_t lengths[GP_INNERS] = {[GP_BIN] = GP_BINS,
                                     [GP_EIGENVALUE] = (size_t)set.hessian_count,
                                     [GP_SINGULAR_VALUE] = singular_values(widths, layers)};
  for (int d = 0; d < GP_INNERS; d++) inner[d] = 0;
  for (int p = 0; p < GP_PROBE_COUNT; p++) {
    gp_inner d = gp_shape_table[gp_probe_at(p)->shape].inner;
    if (d != GP_NO_INNER && gp_probe_selected(selection, gp_probe_at(p))) inner[d] = lengths[d];
  }
}
