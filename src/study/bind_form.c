/* Keys with forms of their own: lists that are one value, scale, record.on, record.checkpoints; see bind.h. */
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "canonical.h"

/* ---- probes: [gradients, activations] is one value ---- */

/* A number; at: [0, 10, 100] is 0-10-100. */
static gp_status option_text(gp_text *text, const gp_node *node, const char *probe) {
  bool list = node->kind == GP_NODE_LIST && strcmp(node->key, "at") == 0 && node->count > 0;
  for (const gp_node *n = list ? node->first : node; n != NULL; n = list ? n->next : NULL) {
    if (n->kind != GP_NODE_SCALAR)
      return gp_fail_at(GP_ERR_CONFIG, n->mark, "option '%s' of probe '%s' is one number", node->key, probe);
    gp_text_add(text, "%s%s", list && n != node->first ? "-" : "", n->text);
  }
  return GP_OK;
}

/* {name: sharpness, samples: 256} is the word sharpness(samples=256). */
static gp_status joined_options(gp_text *text, const gp_node *node) {
  const gp_node *name = gp_node_member(node, "name");
  if (name == NULL || name->kind != GP_NODE_SCALAR)
    return gp_fail_at(GP_ERR_CONFIG, node->mark,
                      "a probe with options has a name: {name: sharpness, samples: 256}");
  gp_text_add(text, "%s%s(", text->length > 0 ? "," : "", name->text);
  const char *between = "";
  for (const gp_node *n = node->first; n != NULL; n = n->next) {
    if (n == name) continue;
    gp_text_add(text, "%s%s=", between, n->key);
    GP_TRY(option_text(text, n, name->text));
    between = ";";
  }
  gp_text_add(text, ")");
  return GP_OK;
}

static bool has_options(const gp_parameter *p, const gp_node *node) {
  return node->kind == GP_NODE_MAP && strcmp(p->path, "record.probes") == 0;
}

static gp_status bind_joined(gp_config *config, gp_axis *axis, const gp_node *node) {
  const gp_parameter *p = axis->parameter;
  gp_text text = {0};
  gp_status status = GP_OK;
  const gp_node *n = node->kind == GP_NODE_LIST ? node->first : node;
  for (; n != NULL && status == GP_OK; n = node->kind == GP_NODE_LIST ? n->next : NULL) {
    gp_value word;
    if (has_options(p, n)) {
      status = joined_options(&text, n);
      continue;
    }
    status = gp_value_read(&word, n, p->option);
    if (status == GP_OK) gp_text_add(&text, "%s%s", text.length > 0 ? "," : "", word.text);
  }
  char *kept = status == GP_OK && !text.failed
                   ? gp_pool_text(&config->pool, text.data != NULL ? text.data : "", text.length)
                   : NULL;
  gp_text_free(&text);
  if (status != GP_OK) return status;
  if (kept == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %s", p->path);
  return gp_axis_value(axis, &(gp_setting){p, {.text = kept}}, 1);
}

/* ---- scale: none | standardize | [low, high], or a list of these ---- */

static gp_status scale_range(gp_config *config, gp_axis *axis, const gp_node *node) {
  const gp_parameter *low = gp_parameter_find(&config->parameters, "data.scale_low");
  const gp_parameter *high = gp_parameter_find(&config->parameters, "data.scale_high");
  gp_setting settings[3] = {{axis->parameter, {.word = GP_SCALING_RANGE}}, {low, {0}}, {high, {0}}};
  if (node->count != 2)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "scale: a range has two ends, [low, high]");
  GP_TRY(gp_value_read(&settings[1].value, node->first, low->option));
  GP_TRY(gp_value_read(&settings[2].value, node->first->next, high->option));
  if (!(settings[1].value.real < settings[2].value.real))
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "scale: the lower end must be below the upper one");
  return gp_axis_value(axis, settings, 3);
}

static bool is_numbers(const gp_node *node) {
  double number;
  const gp_node *first = node->first;
  return first != NULL && first->kind == GP_NODE_SCALAR && gp_text_to_real(first->text, &number);
}

static gp_status scale_one(gp_config *config, gp_axis *axis, const gp_node *node) {
  if (node->kind == GP_NODE_LIST) return scale_range(config, axis, node);
  gp_setting setting = {axis->parameter, {0}};
  GP_TRY(gp_value_read(&setting.value, node, axis->parameter->option));
  return gp_axis_value(axis, &setting, 1);
}

static gp_status bind_scale(gp_config *config, gp_axis *axis, const gp_node *node) {
  if (node->kind != GP_NODE_LIST || is_numbers(node)) return scale_one(config, axis, node);
  if (node->count == 0) return gp_fail_at(GP_ERR_CONFIG, node->mark, "scale: an empty list has no values");
  for (const gp_node *n = node->first; n != NULL; n = n->next) GP_TRY(scale_one(config, axis, n));
  return GP_OK;
}

/* ---- on: batch | train | {first: 256}, or a list of these ---- */

static gp_status on_one(gp_config *config, gp_axis *axis, const gp_node *node) {
  gp_setting settings[2] = {{axis->parameter, {.word = GP_ON_FIRST}},
                            {gp_parameter_find(&config->parameters, "record.on.first"), {0}}};
  if (node->kind == GP_NODE_MAP) {
    static const char *const keys[] = {"first"};
    if (node->first == NULL || strcmp(node->first->key, "first") != 0)
      return gp_fail_unknown(node->mark, "key of on", node->first != NULL ? node->first->key : "", keys, 1);
    if (node->count > 1)
      return gp_fail_unknown(node->first->next->key_mark, "key of on", node->first->next->key, keys, 1);
    GP_TRY(gp_integer_read(&settings[1].value.integer, node->first, "first", 1, 1e9));
    return gp_axis_value(axis, settings, 2);
  }
  GP_TRY(gp_value_read(&settings[0].value, node, axis->parameter->option));
  if (settings[0].value.word == GP_ON_FIRST)
    return gp_fail_at(GP_ERR_CONFIG, node->mark, "on: the first how many rows? write {first: 256}");
  return gp_axis_value(axis, settings, 1);
}

static gp_status bind_on(gp_config *config, gp_axis *axis, const gp_node *node) {
  if (node->kind != GP_NODE_LIST) return on_one(config, axis, node);
  if (node->count == 0) return gp_fail_at(GP_ERR_CONFIG, node->mark, "on: an empty list has no values");
  for (const gp_node *n = node->first; n != NULL; n = n->next) GP_TRY(on_one(config, axis, n));
  return GP_OK;
}

/* ---- checkpoints: {log: 30} | {every: 10} | [0, 1, 10] ---- */

static int compare_values(const void *a, const void *b) {
  int64_t x = ((const gp_value *)a)->integer, y = ((const gp_value *)b)->integer;
  return (x > y) - (x < y);
}

static gp_status keep_text(gp_config *config, gp_checkpoint_form *form) {
  gp_text text = {0};
  gp_checkpoints_write(&text, &form->checkpoints);
  form->text = text.failed ? NULL : gp_pool_text(&config->pool, text.data, text.length);
  gp_text_free(&text);
  return form->text != NULL ? GP_OK : gp_fail(GP_ERR_MEMORY, "no memory for the checkpoints");
}

/* The steps in ascending order, as numbers and as text, in the pool. */
static gp_status keep_steps(gp_config *config, gp_checkpoint_form *form, gp_value *steps, size_t count) {
  int64_t *list = gp_pool_take(&config->pool, count, sizeof *list);
  if (list == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the checkpoints");
  qsort(steps, count, sizeof *steps, compare_values);
  for (size_t i = 0; i < count; i++) list[i] = steps[i].integer;
  form->checkpoints = (gp_checkpoints){.kind = 2, .list = list, .length = (int64_t)count};
  return keep_text(config, form);
}

static gp_status read_steps(gp_config *config, gp_checkpoint_form *form, const gp_node *node) {
  static const gp_option row = {.name = "checkpoints", .type = GP_OPTION_INT, .min = 0, .max = 1e9};
  gp_values values = {0};
  gp_status status = gp_values_read(&values, node, &row);
  if (status == GP_OK) status = keep_steps(config, form, values.items, values.count);
  free(values.items);
  return status;
}

static gp_status read_spacing(gp_config *config, gp_checkpoint_form *form, const gp_node *node) {
  static const char *const kinds[] = {"log", "every"};
  const gp_node *n = node->first;
  if (n == NULL || node->count != 1 || (strcmp(n->key, "log") != 0 && strcmp(n->key, "every") != 0))
    return gp_fail_unknown(n != NULL ? n->key_mark : node->mark, "spacing of checkpoints",
                           n == NULL         ? ""
                           : node->count > 1 ? n->next->key
                                             : n->key,
                           kinds, 2);
  bool every = strcmp(n->key, "every") == 0;
  form->checkpoints.kind = every;
  GP_TRY(gp_integer_read(&form->checkpoints.count, n, n->key, every ? 1 : 2, every ? 1e9 : 1e6));
  return keep_text(config, form);
}

static gp_status bind_checkpoints(gp_config *config, gp_axis *axis, const gp_node *node) {
  gp_checkpoint_form *form = gp_pool_take(&config->pool, 1, sizeof *form);
  if (form == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the checkpoints");
  bool spacing = node->kind == GP_NODE_MAP && gp_node_member(node, "from") == NULL;
  GP_TRY(spacing ? read_spacing(config, form, node) : read_steps(config, form, node));
  return gp_axis_value(axis, &(gp_setting){axis->parameter, {.checkpoints = form}}, 1);
}

gp_status gp_bind_form(gp_config *config, const gp_parameter *parameter, const gp_node *node) {
  gp_axis *axis;
  GP_TRY(gp_axis_begin(config, parameter, node, &axis));
  switch (parameter->form) {
  case GP_FORM_JOINED:
    return bind_joined(config, axis, node);
  case GP_FORM_SCALE:
    return bind_scale(config, axis, node);
  case GP_FORM_ON:
    return bind_on(config, axis, node);
  default:
    return bind_checkpoints(config, axis, node);
  }
}
