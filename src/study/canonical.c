/* Canonical text; see canonical.h. */
#include "canonical.h"

#include <string.h>

static void add_bytes(gp_text *out, const char *text) {
  gp_text_add_bytes(out, text, strlen(text));
}

/* Whether the value is the default of its row, which has no options of its own. */
static bool is_preset(const gp_option *option, const void *field) {
  gp_spec preset;
  char value[32], other[32];
  gp_spec_default(&preset);
  return strcmp(gp_value_text(option, field, value),
                gp_value_text(option, gp_option_value(option, &preset), other)) == 0;
}

/* Where weights come from: their content counts, not the file's name or the place in it. */
static bool is_given(const gp_parameter *p, const gp_option *option) {
  return p->choice != NULL && strcmp(p->choice->name, "init") == 0 && (option->flags & GP_PATH) != 0;
}
static const char *content_of(const gp_spec *spec) {
  return spec->weights != NULL ? spec->weights->content_hash : "";
}

static void add_line(gp_text *out, const gp_parameter *p, const gp_spec *spec) {
  const void *target;
  char buffer[32];
  const gp_option *option = gp_parameter_in(p, spec, &target);
  if (option == NULL) return;
  if (is_given(p, option)) {
    if (option->type == GP_OPTION_STRING) gp_text_add(out, "%s: %s\n", p->path, content_of(spec));
    return;
  }
  if ((option->flags & GP_LATER) && is_preset(option, gp_option_value(option, target))) return;
  add_bytes(out, p->path);
  gp_text_add_bytes(out, ": ", 2);
  if (p->form == GP_FORM_CHECKPOINTS)
    gp_checkpoints_write(out, &spec->checkpoints);
  else
    add_bytes(out, gp_value_text(option, gp_option_value(option, target), buffer));
  gp_text_add_bytes(out, "\n", 1);
}

static bool is_seed(const gp_parameter *p) {
  return strcmp(p->path, "seed") == 0;
}
static bool is_data(const gp_parameter *p) {
  return strcmp(p->section->key, "data") == 0;
}

bool gp_data_from_files(const gp_choice *data) {
  for (const gp_option *o = data->item->options; o != NULL && o->name != NULL; o++)
    if (o->flags & GP_PATH) return true;
  return false;
}

void gp_canonical_data(gp_text *out, const gp_parameters *parameters, const gp_spec *spec) {
  for (size_t i = 0; i < parameters->count; i++)
    if (is_data(&parameters->items[i])) add_line(out, &parameters->items[i], spec);
}

void gp_canonical_head(gp_text *out, const gp_parameters *parameters, const gp_spec *spec,
                       const gp_dataset *data) {
  bool files = gp_data_from_files(&spec->data);
  gp_text_add(out, "numerics_version: %d\n", GP_NUMERICS_VERSION);
  for (size_t i = 0; i < parameters->count; i++) {
    const gp_parameter *p = &parameters->items[i];
    bool whole = strcmp(p->path, "data") == 0;
    if (is_seed(p) || (files && is_data(p) && !whole)) continue;
    add_line(out, p, spec);
    if (files && whole) gp_text_add(out, "data.content: %s\n", data->content_hash);
  }
}

void gp_canonical_seed(gp_text *out, const gp_spec *spec) {
  gp_text_add(out, "seed: %lld\n", (long long)spec->seed);
}
