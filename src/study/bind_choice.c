/* The values of a choice: an item of a family with its options; see bind.h.
 *
 *   relu                                    one value
 *   [relu, {name: leaky_relu, slope: [0.1, 0.2]}]      three values of one axis
 *   {name: leaky_relu, slope: [0.1, 0.2]}   one value, and an axis of its own for the slope
 *   {name: [relu, leaky_relu], slope: 0.1}  two values; those that have a slope get this one
 */
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "text.h"

enum { OPTIONS_MAX = 32, LEGAL = 96 };

static const gp_parameter *option_of(const gp_config *config, const gp_parameter *choice, const char *key) {
  for (size_t i = 0; i < config->parameters.count; i++) {
    const gp_parameter *p = &config->parameters.items[i];
    if (p->choice == choice->option && strcmp(p->key, key) == 0) return p;
  }
  return NULL;
}

/* A row that may stand beside the options of the data set: seed, first, split, scale ... */
static const gp_parameter *neighbour_of(const gp_config *config, const gp_parameter *choice,
                                        const char *key) {
  if (strcmp(choice->path, "data") != 0) return NULL;
  for (size_t i = 0; i < config->parameters.count; i++) {
    const gp_parameter *p = &config->parameters.items[i];
    if (p->choice == NULL && p != choice && p->section == choice->section && strcmp(p->key, key) == 0)
      return p;
  }
  return NULL;
}

/* ---- items by name ---- */

static gp_status find_item(const gp_item **item, const gp_parameter *choice, const gp_node *node) {
  const gp_family *family = choice->option->family;
  if (node->kind != GP_NODE_SCALAR)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s must be named by a word, not %s", choice->key,
                      gp_node_kind_text(node));
  if (node->plain && node->text[0] == '\0')
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s has no value", choice->key);
  *item = gp_family_find(family, node->text);
  if (*item != NULL) return GP_OK;
  const char *legal[LEGAL];
  size_t count = 0;
  for (const gp_item *const *i = family->items; *i != NULL && count < LEGAL; i++) legal[count++] = (*i)->name;
  return gp_fail_unknown(node->mark, choice->key, node->text, legal, count);
}

static gp_status name_of(const gp_node **name, const gp_parameter *choice, const gp_node *map) {
  *name = gp_node_member(map, "name");
  if (*name != NULL) return GP_OK;
  return gp_fail_at(GP_ERR_CONFIG, map->mark, "%s needs a name: {name: ..., option: value}", choice->key);
}

/* The items that the axis of a choice takes, each once. */
static size_t items_of(const gp_axis *axis, const gp_item *items[static LEGAL]) {
  size_t count = 0;
  for (size_t s = 0; s < axis->setting_count; s++) {
    if (axis->settings[s].parameter != axis->parameter) continue;
    bool known = false;
    for (size_t i = 0; i < count; i++) known |= items[i] == axis->settings[s].value.item;
    if (!known && count < LEGAL) items[count++] = axis->settings[s].value.item;
  }
  return count;
}

static gp_status fail_option(const gp_config *config, const gp_parameter *choice, const gp_item *const *items,
                             size_t item_count, const gp_node *node) {
  const char *legal[LEGAL] = {"name"};
  size_t count = 1;
  for (size_t i = 0; i < item_count; i++)
    for (const gp_option *o = items[i]->options; o != NULL && o->name != NULL && count < LEGAL; o++) {
      bool known = false;
      for (size_t k = 0; k < count; k++) known |= strcmp(legal[k], o->name) == 0;
      if (!known) legal[count++] = o->name;
    }
  for (size_t i = 0; i < config->parameters.count && count < LEGAL; i++) {
    const gp_parameter *p = &config->parameters.items[i];
    if (neighbour_of(config, choice, p->key) == p) legal[count++] = p->key;
  }
  char what[96] = "option of ";
  strncat(what, item_count == 1 ? items[0]->name : choice->key, sizeof what - sizeof "option of ");
  return gp_fail_unknown(node->key_mark, what, node->key, legal, count);
}

/* ---- one entry of the list of items ---- */

/* The options of an entry, each with its values; their product makes the values of the axis. */
typedef struct entry {
  const gp_parameter *parameters[OPTIONS_MAX];
  gp_values values[OPTIONS_MAX];
  size_t at[OPTIONS_MAX], count;
} entry;

static gp_status read_options(gp_config *config, entry *e, const gp_parameter *choice, const gp_item *item,
                              const gp_node *map) {
  for (const gp_node *n = map->first; n != NULL; n = n->next) {
    if (strcmp(n->key, "name") == 0) continue;
    const gp_option *row = gp_option_find(item->options, n->key);
    const gp_parameter *p =
        row != NULL ? option_of(config, choice, n->key) : neighbour_of(config, choice, n->key);
    if (p == NULL || e->count == OPTIONS_MAX) return fail_option(config, choice, &item, 1, n);
    if (p->form != GP_FORM_PLAIN && n->kind == GP_NODE_LIST)
      return gp_fail_at(GP_ERR_CONFIG, n->mark, "%s: a range cannot stand inside a list of data sets",
                        n->key);
    e->parameters[e->count++] = p;
    GP_TRY(gp_values_read(&e->values[e->count - 1], n, row != NULL ? row : p->option));
  }
  return GP_OK;
}

static gp_status add_product(gp_axis *axis, entry *e, const gp_item *item) {
  for (;;) {
    gp_setting settings[OPTIONS_MAX + 1] = {{axis->parameter, {.item = item}}};
    for (size_t i = 0; i < e->count; i++)
      settings[i + 1] = (gp_setting){e->parameters[i], e->values[i].items[e->at[i]]};
    if (axis->length >= GP_AXIS_MAX)
      return gp_fail_at(GP_ERR_CONFIG, axis->node->mark, "%s: more than %d values", axis->parameter->key,
                        GP_AXIS_MAX);
    GP_TRY(gp_axis_value(axis, settings, e->count + 1));
    size_t i = e->count;
    while (i > 0 && ++e->at[i - 1] == e->values[i - 1].count) e->at[--i] = 0;
    if (i == 0) return GP_OK;
  }
}

static gp_status add_entry(gp_config *config, gp_axis *axis, const gp_node *node) {
  const gp_parameter *choice = axis->parameter;
  const gp_node *name = node;
  const gp_item *item;
  entry e = {.count = 0};
  if (node->kind == GP_NODE_MAP) GP_TRY(name_of(&name, choice, node));
  GP_TRY(find_item(&item, choice, name));
  gp_status status = GP_OK;
  if (node->kind == GP_NODE_MAP) status = read_options(config, &e, choice, item, node);
  if (status == GP_OK) status = add_product(axis, &e, item);
  for (size_t i = 0; i < e.count; i++) free(e.values[i].items);
  return status;
}

static bool equal_values(const gp_axis *axis, size_t a, size_t b) {
  size_t n = axis->start[a + 1] - axis->start[a];
  if (axis->start[b + 1] - axis->start[b] != n) return false;
  for (size_t i = 0; i < n; i++) {
    const gp_setting *x = &axis->settings[axis->start[a] + i], *y = &axis->settings[axis->start[b] + i];
    if (x->parameter != y->parameter) return false;
    const gp_option *o = x->parameter->option;
    bool same =
        o->type == GP_OPTION_CHOICE ? x->value.item == y->value.item : gp_value_equal(o, x->value, y->value);
    if (!same) return false;
  }
  return true;
}

/* Equal runs are found by their identity in any case; this only says it where it is written. */
static gp_status check_repeats(const gp_axis *axis, const gp_node *node) {
  enum { FEW = 1000 };
  for (size_t a = 0; a < axis->length && axis->length < FEW; a++)
    for (size_t b = 0; b < a; b++)
      if (equal_values(axis, a, b))
        return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: the value %s is there twice", axis->parameter->key,
                          axis->settings[axis->start[a]].value.item->name);
  return GP_OK;
}

static gp_status add_entries(gp_config *config, gp_axis *axis, const gp_node *node) {
  if (node->kind != GP_NODE_LIST) return add_entry(config, axis, node);
  if (node->count == 0)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s: an empty list has no values", axis->parameter->key);
  for (const gp_node *n = node->first; n != NULL; n = n->next) GP_TRY(add_entry(config, axis, n));
  return check_repeats(axis, node);
}

/* ---- options beside the name: axes of their own ---- */

static bool is_set(const gp_axis *axis, const gp_parameter *parameter) {
  for (size_t s = 0; s < axis->setting_count; s++)
    if (axis->settings[s].parameter == parameter) return true;
  return false;
}

/* The values must be legal for every item that has the option, though they are read by the first one's row. */
static gp_status read_for_all(gp_values *values, const gp_item *const *items, size_t count,
                              const gp_node *node) {
  for (size_t i = 0; i < count; i++) {
    const gp_option *row = gp_option_find(items[i]->options, node->key);
    if (row == NULL) continue;
    free(values->items);
    *values = (gp_values){0};
    GP_TRY(gp_values_read(values, node, row));
  }
  return GP_OK;
}

/* An option that entries of the list set already: the list is what has to be written anew. */
static gp_status fail_inside(const gp_parameter *choice, const gp_item *const *items, size_t count,
                             const gp_node *node) {
  if (!node->key_mark.source->override)
    return gp_fail_at(GP_ERR_CONFIG, node->key_mark, "'%s' is given here and inside the list of names",
                      node->key);
  const char *value = node->kind == GP_NODE_SCALAR ? node->text : "...";
  gp_text list = {0};
  for (size_t i = 0; i < count; i++) {
    bool has = gp_option_find(items[i]->options, node->key) != NULL;
    gp_text_add(&list, "%s%s%s", i > 0 ? ", " : "", has ? "{name: " : "", items[i]->name);
    if (has) gp_text_add(&list, ", %s: %.40s}", node->key, value);
  }
  gp_status status =
      gp_fail_at(GP_ERR_CONFIG, node->key_mark,
                 "'%s' is given inside the list of the configuration; override the whole list: %s='[%s]'",
                 node->key, choice->key, list.failed ? "..." : list.data);
  gp_text_free(&list);
  return status;
}

static gp_status bind_option(gp_config *config, size_t choice_axis, const gp_node *node) {
  const gp_item *items[LEGAL];
  const gp_parameter *choice = config->axes[choice_axis].parameter;
  size_t count = items_of(&config->axes[choice_axis], items);
  bool read = false;
  for (size_t i = 0; i < count; i++) read |= gp_option_find(items[i]->options, node->key) != NULL;
  const gp_parameter *p =
      read ? option_of(config, choice, node->key) : neighbour_of(config, choice, node->key);
  if (p == NULL) return fail_option(config, choice, items, count, node);
  if (is_set(&config->axes[choice_axis], p)) return fail_inside(choice, items, count, node);
  if (!read) return p->form != GP_FORM_PLAIN ? gp_bind_form(config, p, node) : gp_bind_value(config, p, node);
  gp_axis *axis;
  gp_values values = {0};
  GP_TRY(gp_axis_begin(config, p, node, &axis));
  gp_status status = read_for_all(&values, items, count, node);
  for (size_t i = 0; i < values.count && status == GP_OK; i++)
    status = gp_axis_value(axis, &(gp_setting){p, values.items[i]}, 1);
  free(values.items);
  return status;
}

/* Every option without a default must be given, in the entry or beside the name. */
static gp_status check_required(const gp_config *config, const gp_axis *axis, const gp_node *node) {
  const gp_item *items[LEGAL];
  size_t count = items_of(axis, items);
  for (size_t i = 0; i < count; i++)
    for (const gp_option *o = items[i]->options; o != NULL && o->name != NULL; o++) {
      if (!(o->flags & GP_REQUIRED)) continue;
      bool given = node->kind == GP_NODE_MAP && gp_node_member(node, o->name) != NULL;
      if (!given && !is_set(axis, option_of(config, axis->parameter, o->name)))
        return gp_fail_at(GP_ERR_CONFIG, node->mark, "%s '%s' needs '%s': %s", axis->parameter->key,
                          items[i]->name, o->name, o->summary);
    }
  return GP_OK;
}

gp_status gp_bind_choice(gp_config *config, const gp_parameter *parameter, const gp_node *node) {
  size_t index = config->axis_count;
  gp_axis *axis;
  const gp_node *names = node;
  if (node->kind == GP_NODE_MAP) GP_TRY(name_of(&names, parameter, node));
  GP_TRY(gp_axis_begin(config, parameter, names, &axis));
  if (node->kind == GP_NODE_MAP && names->kind == GP_NODE_MAP)
    return gp_fail_at(GP_ERR_CONFIG, names->mark, "%s must be named by a word or a list", parameter->key);
  GP_TRY(add_entries(config, axis, names));
  for (const gp_node *n = node->kind == GP_NODE_MAP ? node->first : NULL; n != NULL; n = n->next)
    if (strcmp(n->key, "name") != 0) GP_TRY(bind_option(config, index, n));
  return check_required(config, &config->axes[index], node);
}
