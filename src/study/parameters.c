/* The flat list of parameters; see parameters.h. */
#include "parameters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const char *const on_words[] = {"batch", "train", "first", NULL};

/* What gp_spec_sections() leaves to the reader of the configuration. */
static const gp_option record_rows[] = {
    {.name = "checkpoints",
     .summary = "when it is measured: {log: n}, {every: n} or a list of steps",
     .units = "1",
     .type = GP_OPTION_STRING,
     .preset_text = "{log: 30}",
     .offset = offsetof(gp_spec, checkpoints)},
    GP_WORD(gp_spec, record_on, "on", on_words, GP_ON_BATCH, "what probes are measured on"),
    GP_INT(gp_spec, record_first, "on.first", 0, 1, 1e9, "on: first: this many training rows"),
    GP_OPTIONS_END};

static const struct {
  const char *path;
  gp_form form;
} forms[] = {{"data.scale", GP_FORM_SCALE},     {"record.checkpoints", GP_FORM_CHECKPOINTS},
             {"record.on", GP_FORM_ON},         {"record.on.first", GP_FORM_HIDDEN},
             {"record.probes", GP_FORM_JOINED}, {"train.stop_on", GP_FORM_JOINED}};

/* Columns that are not a last name. The verdict's thresholds are kept apart from the measurements they judge. */
static const struct {
  const char *path, *column;
} columns[] = {
    {"train.loss", "loss_function"}, {"record.on", "record_on"}, {"record.on.first", "record_on_first"}};

const gp_option *gp_record_options(void) {
  return record_rows;
}

typedef struct builder {
  gp_parameters *list;
  gp_pool *pool;
  const gp_variable *taken;
  size_t taken_count, capacity;
  bool failed;
} builder;

/* A text "A.B" or "A_B" in the pool. */
static const char *joined(builder *b, const char *left, char between, const char *right) {
  if (left[0] == '\0') return right;
  size_t m = strlen(left), n = strlen(right);
  char *text = gp_pool_take(b->pool, m + n + 2, 1);
  if (text == NULL) {
    b->failed = true;
    return right;
  }
  memcpy(text, left, m);
  text[m] = between;
  memcpy(text + m + 1, right, n);
  return text;
}

static bool is_taken(const builder *b, const char *column) {
  for (size_t i = 0; i < b->taken_count; i++)
    if (strcmp(b->taken[i].name, column) == 0) return true;
  return strcmp(column, "run_id") == 0 || gp_parameter_column(b->list, column) != NULL;
}

static const char *column_of(builder *b, const gp_parameter *p) {
  const char *column = p->key;
  if (p->choice != NULL) column = joined(b, p->choice->name, '_', p->key);
  bool prefixed = strcmp(p->section->key, "data") == 0 || strcmp(p->section->key, "verdict") == 0;
  if (p->choice == NULL && prefixed && strcmp(p->path, "data") != 0)
    column = joined(b, p->section->key, '_', p->key);
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
    if (strcmp(columns[i].path, p->path) == 0) column = columns[i].column;
  if (!is_taken(b, column)) return column;
  char *path = gp_pool_text(b->pool, p->path, strlen(p->path));
  b->failed |= path == NULL;
  for (char *c = path; c != NULL && *c != '\0'; c++)
    if (*c == '.') *c = '_';
  return path;
}

static gp_form form_of(const char *path) {
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    if (strcmp(forms[i].path, path) == 0) return forms[i].form;
  return GP_FORM_PLAIN;
}

static void add(builder *b, const gp_spec_section *section, const gp_option *choice,
                const gp_option *option) {
  if (b->list->count == b->capacity) {
    b->failed = true;
    return;
  }
  /* The data set is the section itself: its path is "data", and its options are the section's neighbours. */
  bool is_data = strcmp(section->key, "data") == 0;
  const char *prefix = choice != NULL && !is_data ? joined(b, section->key, '.', choice->name) : section->key;
  bool whole = is_data && choice == NULL && option->type == GP_OPTION_CHOICE;
  gp_parameter *p = &b->list->items[b->list->count];
  *p = (gp_parameter){.path = whole ? "data" : joined(b, prefix, '.', option->name),
                      .key = option->name,
                      .section = section,
                      .option = option,
                      .choice = choice};
  p->form = form_of(p->path);
  p->column = column_of(b, p);
  b->list->count++;
}

static bool has(const gp_parameters *list, const gp_option *choice, const char *key) {
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].choice == choice && strcmp(list->items[i].key, key) == 0) return true;
  return false;
}

static void add_rows(builder *b, const gp_spec_section *section, const gp_option *rows) {
  for (const gp_option *o = rows; o->name != NULL; o++) {
    add(b, section, NULL, o);
    if (o->type != GP_OPTION_CHOICE) continue;
    for (const gp_item *const *item = o->family->items; *item != NULL; item++)
      for (const gp_option *p = (*item)->options; p != NULL && p->name != NULL; p++)
        if (!has(b->list, o, p->name)) add(b, section, o, p);
  }
}

gp_status gp_parameters_make(gp_parameters *out, gp_pool *pool, const gp_variable *taken,
                             size_t taken_count) {
  enum { CAPACITY = 1024 };
  *out = (gp_parameters){gp_pool_take(pool, CAPACITY, sizeof(gp_parameter)), 0};
  builder b = {out, pool, taken, taken_count, CAPACITY, out->items == NULL};
  for (const gp_spec_section *section = gp_spec_sections(); section->key != NULL && !b.failed; section++) {
    add_rows(&b, section, section->options);
    if (strcmp(section->key, "record") == 0) add_rows(&b, section, record_rows);
  }
  return b.failed ? gp_fail(GP_ERR_MEMORY, "no memory for the table of parameters") : GP_OK;
}

const gp_parameter *gp_parameter_find(const gp_parameters *list, const char *path) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i].path, path) == 0) return &list->items[i];
  return NULL;
}

const gp_parameter *gp_parameter_column(const gp_parameters *list, const char *column) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i].column, column) == 0) return &list->items[i];
  return NULL;
}

/* Whether a path ends with the name, at a dot: "model.activation.slope" with "slope" and with "activation.slope". */
static bool ends_with(const char *path, const char *name) {
  size_t m = strlen(path), n = strlen(name);
  return n > 0 && m > n && path[m - n - 1] == '.' && strcmp(path + m - n, name) == 0;
}

const gp_parameter *gp_parameter_named(const gp_parameters *list, const char *name, const char **candidates,
                                       size_t capacity, size_t *count) {
  const gp_parameter *found = gp_parameter_find(list, name), *own = NULL;
  size_t several = 0, owners = 0;
  *count = 0;
  if (found == NULL) found = gp_parameter_column(list, name);
  if (found != NULL) return found;
  for (size_t i = 0; i < list->count; i++) {
    if (list->items[i].form == GP_FORM_HIDDEN || !ends_with(list->items[i].path, name)) continue;
    found = &list->items[i];
    several++;
    if (*count < capacity) candidates[(*count)++] = found->path;
    if (found->choice != NULL) continue;
    own = found;
    owners++;
  }
  if (owners == 1) *count = 0;
  return several == 1 ? found : owners == 1 ? own : NULL;
}

/* ---- values in a spec ---- */

static void write_field(const gp_option *o, void *target, gp_value value) {
  void *field = gp_option_field(o, target);
  switch (o->type) {
  case GP_OPTION_REAL:
    *(double *)field = value.real;
    break;
  case GP_OPTION_INT:
    *(int64_t *)field = value.integer;
    break;
  case GP_OPTION_BOOL:
    *(bool *)field = value.truth;
    break;
  case GP_OPTION_WORD:
    *(int *)field = value.word;
    break;
  case GP_OPTION_STRING:
    *(const char **)field = value.text;
    break;
  case GP_OPTION_CHOICE:
    gp_choice_set(field, value.item);
    break;
  }
}

bool gp_setting_apply(const gp_setting *setting, gp_spec *spec) {
  const gp_parameter *p = setting->parameter;
  if (p->form == GP_FORM_CHECKPOINTS) {
    spec->checkpoints = setting->value.checkpoints->checkpoints;
    return true;
  }
  if (p->choice == NULL) {
    write_field(p->option, spec, setting->value);
    return true;
  }
  gp_choice *choice = gp_option_field(p->choice, spec);
  const gp_option *o = gp_option_find(choice->item->options, p->key);
  if (o != NULL) write_field(o, choice->options, setting->value);
  return o != NULL;
}

/* Whether a field of the spec counts beside what the others say. */
static bool counts(const gp_spec *spec, const void *field) {
  const gp_data_common *common = &spec->data_common;
  bool is_end = field == (const void *)&common->scale_low || field == (const void *)&common->scale_high;
  if (is_end) return common->scaling == GP_SCALING_RANGE;
  if (field == (const void *)&common->split)
    return ((const gp_data_item *)(const void *)spec->data.item)->splits;
  return field != (const void *)&spec->record_first || spec->record_on == GP_ON_FIRST;
}

const gp_option *gp_parameter_in(const gp_parameter *p, const gp_spec *spec, const void **target) {
  *target = spec;
  if (p->choice == NULL) return counts(spec, gp_option_value(p->option, spec)) ? p->option : NULL;
  const gp_choice *choice = gp_option_value(p->choice, spec);
  *target = choice->options;
  return gp_option_find(choice->item->options, p->key);
}

static const char *integer_text(int64_t value, char buffer[static 32]) {
  if (value == INT64_MIN) return "auto";
  snprintf(buffer, 32, "%lld", (long long)value);
  return buffer;
}

const char *gp_value_text(const gp_option *option, const void *field, char buffer[static 32]) {
  switch (option->type) {
  case GP_OPTION_REAL:
    return isnan(*(const double *)field) ? "auto" : gp_text_real(buffer, *(const double *)field);
  case GP_OPTION_INT:
    return integer_text(*(const int64_t *)field, buffer);
  case GP_OPTION_BOOL:
    return *(const bool *)field ? "true" : "false";
  case GP_OPTION_WORD:
    return option->words[*(const int *)field];
  case GP_OPTION_STRING:
    return *(const char *const *)field != NULL ? *(const char *const *)field : "auto";
  case GP_OPTION_CHOICE:
    return ((const gp_choice *)field)->item->name;
  }
  return "";
}
