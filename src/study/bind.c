/* From the tree to the axes; see bind.h. */
#include "bind.h"
#include "override.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* ---- axes ---- */

gp_status gp_axis_begin(gp_config *config, const gp_parameter *parameter, const gp_node *node,
                        gp_axis **axis) {
  size_t values = 0; /* of all axes: a few lines must not ask for all memory */
  for (size_t a = 0; a < config->axis_count; a++) values += config->axes[a].length;
  if (values > GP_AXIS_MAX)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "the axes have more than %d values in all", GP_AXIS_MAX);
  if (config->axis_count == config->axis_capacity) {
    size_t capacity = config->axis_capacity > 0 ? 2 * config->axis_capacity : 32;
    gp_axis *axes = realloc(config->axes, capacity * sizeof *axes);
    if (axes == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the axes");
    config->axes = axes;
    config->axis_capacity = capacity;
  }
  *axis = &config->axes[config->axis_count++];
  **axis = (gp_axis){.parameter = parameter, .node = node};
  return GP_OK;
}

gp_status gp_axis_value(gp_axis *axis, const gp_setting *settings, size_t count) {
  if (axis->setting_count + count > axis->capacity || axis->length + 2 > axis->capacity) {
    size_t capacity = 2 * axis->capacity + count + 2;
    gp_setting *grown = realloc(axis->settings, capacity * sizeof *grown);
    if (grown != NULL) axis->settings = grown;
    size_t *start = realloc(axis->start, capacity * sizeof *start);
    if (start != NULL) axis->start = start;
    if (grown == NULL || start == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the values of an axis");
    axis->capacity = capacity;
  }
  axis->start[axis->length++] = axis->setting_count;
  memcpy(axis->settings + axis->setting_count, settings, count * sizeof *settings);
  axis->setting_count += count;
  axis->start[axis->length] = axis->setting_count;
  return GP_OK;
}

static gp_status add_values(gp_axis *axis, const gp_values *values) {
  for (size_t i = 0; i < values->count; i++)
    GP_TRY(gp_axis_value(axis, &(gp_setting){axis->parameter, values->items[i]}, 1));
  return GP_OK;
}

gp_status gp_axis_replace(gp_axis *axis, const gp_values *values) {
  axis->length = axis->setting_count = 0;
  return add_values(axis, values);
}

gp_status gp_axis_named(size_t *axis, const gp_config *config, const gp_node *name, const char *what) {
  enum { NAMES_MAX = 256 };
  const char *names[NAMES_MAX];
  size_t count = 0, ignored;
  if (name->kind != GP_NODE_SCALAR)
    return gp_fail_at(GP_ERR_CONFIG, name->mark, "%s: the name of a parameter is wanted, not %s", what,
                      gp_node_kind_text(name));
  const gp_parameter *p = gp_parameter_named(&config->parameters, name->text, NULL, 0, &ignored);
  for (size_t a = 0; a < config->axis_count; a++) {
    const gp_parameter *q = config->axes[a].parameter;
    if (p == q || (p == NULL && strcmp(q->key, name->text) == 0)) {
      *axis = a;
      return GP_OK;
    }
    if (count < NAMES_MAX && config->axes[a].length > 1) names[count++] = q->column;
  }
  if (p != NULL)
    return gp_fail_at(GP_ERR_CONFIG, name->mark, "%s: '%s' has no values in this configuration", what,
                      name->text);
  char unknown[64] = "parameter in ";
  strncat(unknown, what, sizeof unknown - sizeof "parameter in ");
  return gp_fail_unknown(name->mark, unknown, name->text, names, count);
}

gp_status gp_bind_value(gp_config *config, const gp_parameter *parameter, const gp_node *node) {
  gp_axis *axis = NULL;
  gp_values values = {0};
  GP_TRY(gp_axis_begin(config, parameter, node, &axis));
  gp_status status = gp_values_read(&values, node, parameter->option);
  if (status == GP_OK) status = add_values(axis, &values);
  free(values.items);
  return status;
}

void gp_config_free(gp_config *config) {
  for (size_t a = 0; a < config->axis_count; a++) {
    free(config->axes[a].settings);
    free(config->axes[a].start);
  }
  free(config->axes);
  gp_pool_free(&config->pool);
}

const gp_node *gp_config_node(const gp_config *config, const char *path) {
  const gp_node *node = config->root;
  while (*path != '\0') {
    size_t length = strcspn(path, ".");
    const gp_node *member = node->kind == GP_NODE_MAP ? node->first : NULL;
    while (member != NULL && (strlen(member->key) != length || strncmp(member->key, path, length) != 0))
      member = member->next;
    if (member == NULL) break;
    node = member;
    path += length + (path[length] == '.');
  }
  return node;
}

/* ---- keys outside the tables ---- */

static gp_status read_text(const char **out, const gp_node *node) {
  if (node->kind != GP_NODE_SCALAR)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s must be a text, not %s", node->key,
                      gp_node_kind_text(node));
  *out = node->text;
  return GP_OK;
}

/* The study names files: nothing that a shell or a file system could take for something else. */
static gp_status bind_study(gp_config *config, const gp_node *node) {
  enum { STUDY_MAX = 100 };
  GP_TRY(read_text(&config->study, node));
  const char *s = config->study;
  bool fine = s[0] != '\0' && s[0] != '.' && s[0] != '-' && strlen(s) <= STUDY_MAX;
  for (; *s != '\0'; s++) fine &= isascii(*s) && (isalnum(*s) || strchr("_.-", *s) != NULL);
  if (fine) return GP_OK;
  return gp_fail_at(GP_ERR_CONFIG, node->mark,
                    "study must be at most %d of the characters A-Z a-z 0-9 _ . - and not begin with . or -, "
                    "because it names files; not '%.60s'",
                    STUDY_MAX, config->study);
}

static gp_status bind_question(gp_config *config, const gp_node *node) {
  return read_text(&config->question, node);
}

static gp_status check_map(const gp_node *node) {
  if (node->kind == GP_NODE_MAP) return GP_OK;
  return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s must be a mapping, not %s", node->key,
                    gp_node_kind_text(node));
}

/* A number that stands in no table of options. */
static gp_status read_limit(double *out, const gp_node *node, const char *path) {
  const gp_extra_key *e = gp_extra_key_at(path);
  const gp_option row = {.name = node->key, .type = GP_OPTION_REAL, .min = e->min, .max = e->max};
  gp_value value;
  GP_TRY(gp_value_read(&value, node, &row));
  *out = value.real;
  return GP_OK;
}

static gp_status read_count(int64_t *out, const gp_node *node, const char *path) {
  const gp_extra_key *e = gp_extra_key_at(path);
  return gp_integer_read(out, node, node->key, e->min, e->max);
}

static gp_status bind_limits(gp_config *config, const gp_node *node) {
  static const char *const names[] = {"run_seconds", "total_seconds"};
  GP_TRY(check_map(node));
  for (const gp_node *n = node->first; n != NULL; n = n->next) {
    if (strcmp(n->key, names[0]) == 0)
      GP_TRY(read_limit(&config->limits.run_seconds, n, "limits.run_seconds"));
    else if (strcmp(n->key, names[1]) == 0)
      GP_TRY(read_limit(&config->limits.total_seconds, n, "limits.total_seconds"));
    else
      return gp_fail_unknown(n->key_mark, "key of limits", n->key, names, 2);
  }
  return GP_OK;
}

static gp_status bind_sweep(gp_config *config, const gp_node *node) {
  static const char *const names[] = {"zip", "random", "where", "seed", "refine"};
  GP_TRY(check_map(node));
  for (const gp_node *n = node->first; n != NULL; n = n->next) {
    if (strcmp(n->key, "zip") == 0)
      config->zip = n;
    else if (strcmp(n->key, "where") == 0)
      config->where = n;
    else if (strcmp(n->key, "refine") == 0)
      config->refine = n;
    else if (strcmp(n->key, "random") == 0)
      GP_TRY(read_count(&config->random, n, "sweep.random"));
    else if (strcmp(n->key, "seed") == 0)
      GP_TRY(read_count(&config->random_seed, n, "sweep.seed"));
    else
      return gp_fail_unknown(n->key_mark, "key of sweep", n->key, names, sizeof names / sizeof names[0]);
  }
  return GP_OK;
}

static const struct {
  const char *key;
  gp_status (*bind)(gp_config *config, const gp_node *node);
} root_keys[] = {
    {"study", bind_study}, {"question", bind_question}, {"limits", bind_limits}, {"sweep", bind_sweep}};
enum { ROOT_KEYS = sizeof root_keys / sizeof root_keys[0], LEGAL = 128 };

/* ---- sections ---- */

/* Says which section a key belongs in when it stands in the wrong one, else what is legal here. */
static gp_status fail_key(const gp_config *config, const gp_node *node, const char *section) {
  const char *legal[LEGAL];
  size_t count = 0;
  const gp_parameters *list = &config->parameters;
  for (size_t i = 0; section[0] == '\0' && i < ROOT_KEYS; i++) legal[count++] = root_keys[i].key;
  for (const gp_spec_section *s = gp_spec_sections(); section[0] == '\0' && s->key != NULL; s++)
    if (s->key[0] != '\0') legal[count++] = s->key;
  for (size_t i = 0; i < list->count && count < LEGAL; i++) {
    const gp_parameter *p = &list->items[i];
    if (p->choice != NULL || strchr(p->key, '.') != NULL) continue;
    if (strcmp(p->key, node->key) == 0 && p->section->key[0] != '\0' && strcmp(p->path, "data") != 0)
      return gp_fail_at(GP_ERR_CONFIG, node->key_mark, "unknown key '%s'%s%s; it belongs in '%s'", node->key,
                        section[0] != '\0' ? " of " : "", section, p->section->key);
    if (strcmp(p->section->key, section) == 0) legal[count++] = p->key;
  }
  gp_text what = {0};
  gp_text_add(&what, section[0] != '\0' ? "key of %s" : "key", section);
  gp_status status =
      gp_fail_unknown(node->key_mark, what.failed ? "key" : what.data, node->key, legal, count);
  gp_text_free(&what);
  return status;
}

static gp_status bind_parameter(gp_config *config, const gp_parameter *parameter, const gp_node *node) {
  if (parameter->form != GP_FORM_PLAIN) return gp_bind_form(config, parameter, node);
  if (parameter->option->type == GP_OPTION_CHOICE) return gp_bind_choice(config, parameter, node);
  return gp_bind_value(config, parameter, node);
}

/* The parameter that `key` names in a section: a row of it, not an option of an item. */
static const gp_parameter *row_of(const gp_config *config, const char *section, const char *key) {
  for (size_t i = 0; i < config->parameters.count; i++) {
    const gp_parameter *p = &config->parameters.items[i];
    bool here = p->choice == NULL && strcmp(p->section->key, section) == 0 && strcmp(p->key, key) == 0;
    if (here && p->form != GP_FORM_HIDDEN && strcmp(p->path, "data") != 0) return p;
  }
  return NULL;
}

static gp_status bind_section(gp_config *config, const gp_node *node) {
  GP_TRY(check_map(node));
  for (const gp_node *n = node->first; n != NULL; n = n->next) {
    const gp_parameter *parameter = row_of(config, node->key, n->key);
    if (parameter == NULL) return fail_key(config, n, node->key);
    GP_TRY(bind_parameter(config, parameter, n));
  }
  return GP_OK;
}

static bool is_section(const char *key) {
  for (const gp_spec_section *s = gp_spec_sections(); s->key != NULL; s++)
    if (s->key[0] != '\0' && strcmp(s->key, key) == 0) return true;
  return false;
}

static gp_status bind_root_key(gp_config *config, const gp_node *node) {
  for (size_t i = 0; i < ROOT_KEYS; i++)
    if (strcmp(root_keys[i].key, node->key) == 0) return root_keys[i].bind(config, node);
  if (strcmp(node->key, "data") == 0)
    return gp_bind_choice(config, gp_parameter_find(&config->parameters, "data"), node);
  if (is_section(node->key)) return bind_section(config, node);
  const gp_parameter *parameter = row_of(config, "", node->key);
  if (parameter == NULL) return fail_key(config, node, "");
  return bind_parameter(config, parameter, node);
}

gp_status gp_config_bind(gp_config *config) {
  config->study = NULL;
  config->question = "";
  const gp_node *root = config->root;
  if (root->kind != GP_NODE_MAP)
    return gp_fail_at(GP_ERR_CONFIG, root->mark, "a configuration is a mapping of keys, not %s",
                      gp_node_kind_text(root));
  for (const gp_node *n = root->first; n != NULL; n = n->next) GP_TRY(bind_root_key(config, n));
  if (config->study == NULL)
    return gp_fail(GP_ERR_CONFIG, "%s: error: 'study' is missing; it names the result file",
                   config->source.name);
  return GP_OK;
}
