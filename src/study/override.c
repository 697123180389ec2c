/* Overrides; see override.h. */
#include "override.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* The value of a text stands as it is, commas and all. */
static const gp_extra_key extras[] = {
    {"study", "name of the study; it names the result file", GP_EXTRA_TEXT, 0, 0, 0},
    {"question", "what the study asks, for people", GP_EXTRA_TEXT, 0, 0, 0},
    {"limits.run_seconds", "a run is stopped after this; 0: never", GP_EXTRA_REAL, 0, 0, 1e12},
    {"limits.total_seconds", "the sweep pauses after this; 0: never", GP_EXTRA_REAL, 0, 0, 1e12},
    {"sweep.random", "this many points of the grid, drawn at random", GP_EXTRA_COUNT, (double)NAN, 1,
     GP_AXIS_MAX},
    {"sweep.where", "only points for which this holds, e.g. depth * width <= 4096", GP_EXTRA_TEXT, 0, 0, 0},
    {"sweep.zip", "axes that move together: [[model.width, train.learning_rate]]", GP_EXTRA_GROUPS, 0, 0, 0},
    {"sweep.refine", "runs only where verdicts change: {x: depth, y: learning_rate, until: 256}",
     GP_EXTRA_REFINE, 0, 0, 0},
    {"sweep.seed", "seed of the drawing", GP_EXTRA_COUNT, 0, 0, 9e15},
    {NULL, NULL, GP_EXTRA_TEXT, 0, 0, 0}};
static const char command_line[] = "command line: "; /* what the name of an override's source begins with */
enum { EXTRAS = sizeof extras / sizeof extras[0] - 1, NAMES_MAX = 768 };

const gp_extra_key *gp_extra_keys(void) {
  return extras;
}

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory for the overrides");
}

/* ---- the value ---- */

static gp_node *new_node(gp_pool *pool, gp_node_kind kind, const gp_source *source) {
  gp_node *node = gp_pool_take(pool, 1, sizeof *node);
  if (node != NULL) *node = (gp_node){.kind = kind, .mark = {source, 0, 0}};
  return node;
}

/* The end of the part of a value that begins at `at`: the next comma outside brackets and quotes, or the end. */
static const char *part_end(const char *at) {
  int depth = 0;
  char quote = '\0';
  for (; *at != '\0'; at++) {
    if (quote != '\0')
      quote = *at == quote ? '\0' : quote;
    else if (*at == '"' || *at == '\'')
      quote = *at;
    else if (strchr("([{", *at) != NULL)
      depth++;
    else if (strchr(")]}", *at) != NULL)
      depth--;
    else if (*at == ',' && depth <= 0)
      break;
  }
  return at;
}

static gp_status parse_part(gp_pool *pool, const char *name, const char *text, size_t length,
                            gp_node **node) {
  gp_source *source = gp_pool_take(pool, 1, sizeof *source);
  char *copy = gp_pool_text(pool, text, length);
  if (source == NULL || copy == NULL) return no_memory();
  *source = (gp_source){.name = name, .text = copy, .length = length, .override = true};
  if (copy[strspn(copy, " ")] == '\0')
    return gp_fail_at(GP_ERR_CONFIG, (gp_mark){source, 0, 0}, "a value is missing");
  return gp_tree_parse(pool, source, node);
}

static void hang(gp_node *parent, gp_node *child) {
  gp_node **end = &parent->first;
  while (*end != NULL) end = &(*end)->next;
  *end = child;
  parent->count++;
}

static gp_status parse_value(gp_pool *pool, const gp_source *source, const char *value, bool raw,
                             gp_node **out) {
  const char *end = part_end(value);
  if (raw) {
    GP_TRY(gp_source_check(source));
    *out = new_node(pool, GP_NODE_SCALAR, source);
    if (*out == NULL) return no_memory();
    (*out)->text = value;
    return GP_OK;
  }
  if (*end == '\0') return parse_part(pool, source->name, value, strlen(value), out);
  *out = new_node(pool, GP_NODE_LIST, source);
  if (*out == NULL) return no_memory();
  for (const char *at = value;; at = end + 1) {
    gp_node *part = NULL;
    end = part_end(at);
    GP_TRY(parse_part(pool, source->name, at, (size_t)(end - at), &part));
    hang(*out, part);
    if (*end == '\0') return GP_OK;
  }
}

/* ---- the key ---- */

static const char *last_name(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot != NULL ? dot + 1 : path;
}

static const gp_extra_key *find_extra(const char *key, bool by_last_name) {
  for (size_t i = 0; i < EXTRAS; i++)
    if (strcmp(by_last_name ? last_name(extras[i].path) : extras[i].path, key) == 0) return &extras[i];
  return NULL;
}

const gp_extra_key *gp_extra_key_at(const char *path) {
  return find_extra(path, false);
}

/* The sections, when the path begins with none of them. */
static void add_sections(gp_text *out, const char *key) {
  size_t length = strcspn(key, ".");
  bool known = key[length] == '\0';
  gp_text list = {0};
  for (const gp_spec_section *s = gp_spec_sections(); s->key != NULL; s++) {
    known |= strlen(s->key) == length && strncmp(s->key, key, length) == 0;
    if (s->key[0] != '\0') gp_text_add(&list, "%s, ", s->key);
  }
  for (size_t i = 0; i < EXTRAS; i++) known |= strncmp(extras[i].path, key, length + 1) == 0;
  if (!known && !list.failed) gp_text_add(out, "\nthe sections are %slimits, sweep", list.data);
  gp_text_free(&list);
}

static gp_status fail_key(const gp_config *config, const gp_source *source, const char *key) {
  const char *names[NAMES_MAX];
  size_t count = 0;
  for (size_t i = 0; i < EXTRAS; i++) names[count++] = extras[i].path;
  for (size_t i = 0; i < config->parameters.count && count < NAMES_MAX - 1; i++) {
    const gp_parameter *p = &config->parameters.items[i];
    if (p->form == GP_FORM_HIDDEN) continue;
    names[count++] = p->path;
    names[count++] = strcmp(p->key, p->path) != 0 ? p->key : p->column;
  }
  const char *near = gp_text_nearest(key, names, count);
  if (near == NULL)
    near = gp_text_nearest(last_name(key), names, count); /* a wrong section, a nearly right name */
  gp_text what = {0};
  gp_text_add(&what, "unknown key '%.60s'", key);
  if (near != NULL) gp_text_add(&what, "; did you mean '%s'?", near);
  if (near == NULL) gp_text_add(&what, "; keys are paths such as model.depth or last names such as depth");
  add_sections(&what, key);
  gp_status status = gp_fail_at(GP_ERR_CONFIG, (gp_mark){source, 0, 0}, "%s", what.failed ? key : what.data);
  gp_text_free(&what);
  return status;
}

static gp_status fail_ambiguous(const gp_source *source, const char *key, const char *const *names,
                                size_t count) {
  gp_text list = {0};
  for (size_t i = 0; i < count; i++) gp_text_add(&list, "%s%s", i > 0 ? ", " : "", names[i]);
  gp_status status =
      gp_fail_at(GP_ERR_CONFIG, (gp_mark){source, 0, 0}, "'%.60s' is ambiguous; it could be %s", key,
                 list.failed ? "several" : list.data);
  gp_text_free(&list);
  return status;
}

/* ---- the tree ---- */

static void put(gp_node *map, const char *key, gp_node *value) {
  gp_node **at = &map->first;
  while (*at != NULL && strcmp((*at)->key, key) != 0) at = &(*at)->next;
  value->key = key;
  value->key_mark = value->mark;
  if (*at == NULL)
    map->count++;
  else
    value->next = (*at)->next;
  *at = value;
}

/* The mapping under `key`, made when missing. What is there and is no mapping becomes its `name`, so that an option can
 * stand beside it; without `named` it is left to be refused by the binding. */
static gp_status open_map(gp_config *config, gp_node *parent, const char *key, const char *named,
                          const gp_source *source, gp_node **out) {
  gp_node *old = gp_node_member(parent, key);
  *out = old;
  if (old != NULL && (old->kind == GP_NODE_MAP || named == NULL)) return GP_OK;
  gp_node *map = new_node(&config->pool, GP_NODE_MAP, source);
  gp_node *name = new_node(&config->pool, GP_NODE_SCALAR, source);
  if (map == NULL || name == NULL) return no_memory();
  if (old != NULL) {
    *name = *old;
    name->next = NULL;
    map->mark = old->mark;
  } else {
    name->text = named != NULL ? named : "";
  }
  put(parent, key, map);
  if (named != NULL && named[0] != '\0') put(map, "name", name);
  *out = map;
  return GP_OK;
}

static gp_status open_section(gp_config *config, const char *key, const gp_source *source, gp_node **out) {
  gp_node *old = gp_node_member(config->root, key);
  if (old == NULL) {
    *out = new_node(&config->pool, GP_NODE_MAP, source);
    if (*out == NULL) return no_memory();
    put(config->root, key, *out);
    return GP_OK;
  }
  *out = old;
  if (old->kind == GP_NODE_MAP) return GP_OK;
  return gp_fail_at(GP_ERR_CONFIG, old->mark, "%s must be a mapping, not %s", key, gp_node_kind_text(old));
}

/* The node of an override in what a new value for `key` would replace, or NULL. An option set before its item counts:
 * the item would drop it. */
static const gp_node *overridden(const gp_node *map, const char *key) {
  const gp_node *old = gp_node_member(map, key);
  if (old == NULL || old->key_mark.source->override) return old;
  for (const gp_node *n = old->kind == GP_NODE_MAP ? old->first : NULL; n != NULL; n = n->next)
    if (n->key_mark.source->override) return n;
  return NULL;
}

/* Puts what an override gives; a second override of the same key is a mistake, as it is in a file. */
static gp_status put_once(gp_node *map, const char *path, const char *key, const gp_source *source,
                          gp_node *value) {
  const gp_node *old = overridden(map, key);
  if (old != NULL)
    return gp_fail_at(GP_ERR_CONFIG, (gp_mark){source, 0, 0}, "%s is already set by '%.80s'", path,
                      old->key_mark.source->name + sizeof command_line - 1);
  put(map, key, value);
  return GP_OK;
}

static gp_status put_parameter(gp_config *config, const gp_parameter *p, const gp_source *source,
                               gp_node *value) {
  gp_node *map = config->root;
  bool is_data = strcmp(p->section->key, "data") == 0;
  if (is_data && p->choice == NULL && p->option->type == GP_OPTION_CHOICE)
    return put_once(map, p->path, "data", source, value);
  if (is_data) { /* the data set's options and the common settings stand in one mapping */
    const gp_option *row = gp_option_find(p->section->options, "data");
    GP_TRY(open_map(config, map, "data", row->preset_text, source, &map));
  } else if (p->section->key[0] != '\0') {
    GP_TRY(open_section(config, p->section->key, source, &map));
    if (p->choice != NULL)
      GP_TRY(open_map(config, map, p->choice->name, p->choice->preset_text, source, &map));
  }
  return put_once(map, p->path, p->key, source, value);
}

static gp_status put_extra(gp_config *config, const gp_extra_key *e, const gp_source *source,
                           gp_node *value) {
  gp_node *map = config->root;
  const char *dot = strchr(e->path, '.');
  if (dot != NULL) {
    char *section = gp_pool_text(&config->pool, e->path, (size_t)(dot - e->path));
    if (section == NULL) return no_memory();
    GP_TRY(open_section(config, section, source, &map));
  }
  return put_once(map, e->path, last_name(e->path), source, value);
}

static gp_status apply(gp_config *config, const gp_source *source, const char *key, const char *value) {
  const char *candidates[8];
  size_t count = 0;
  gp_node *node;
  const gp_extra_key *e = find_extra(key, false);
  const gp_parameter *p =
      e == NULL ? gp_parameter_named(&config->parameters, key, candidates, 8, &count) : NULL;
  if (p != NULL && p->form == GP_FORM_HIDDEN) p = NULL;
  if (p == NULL && count == 0 && e == NULL) e = find_extra(key, true);
  if (count > 1) return fail_ambiguous(source, key, candidates, count);
  if (p == NULL && e == NULL) return fail_key(config, source, key);
  GP_TRY(parse_value(&config->pool, source, value, e != NULL && e->kind == GP_EXTRA_TEXT, &node));
  return p != NULL ? put_parameter(config, p, source, node) : put_extra(config, e, source, node);
}

gp_status gp_override_apply(gp_config *config, const char *override) {
  const char *equals = strchr(override, '=');
  gp_text name = {0};
  gp_text_add(&name, "%s%s", command_line, override);
  gp_source *source = gp_pool_take(&config->pool, 1, sizeof *source);
  char *kept = name.failed ? NULL : gp_pool_text(&config->pool, name.data, name.length);
  gp_text_free(&name);
  char *key = gp_pool_text(&config->pool, override, equals != NULL ? (size_t)(equals - override) : 0);
  char *value =
      gp_pool_text(&config->pool, equals != NULL ? equals + 1 : "", equals != NULL ? strlen(equals + 1) : 0);
  if (source == NULL || kept == NULL || key == NULL || value == NULL) return no_memory();
  *source = (gp_source){.name = kept, .text = value, .length = strlen(value), .override = true};
  if (equals == NULL || equals == override)
    return gp_fail_at(GP_ERR_CONFIG, (gp_mark){source, 0, 0}, "an override is written key=value");
  return apply(config, source, key, value);
}
