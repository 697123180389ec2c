#include "option.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const gp_option *gp_option_find(const gp_option *options, const char *name) {
  for (const gp_option *o = options; o != NULL && o->name != NULL; o++)
    if (strcmp(o->name, name) == 0) return o;
  return NULL;
}

const gp_item *gp_family_find(const gp_family *family, const char *name) {
  for (const gp_item *const *item = family->items; *item != NULL; item++)
    if (strcmp((*item)->name, name) == 0) return *item;
  return NULL;
}

void gp_choice_set(gp_choice *choice, const gp_item *item) {
  memset(choice, 0, sizeof *choice);
  choice->item = item;
  if (item->options != NULL) gp_options_default(choice->options, item->options);
}

static void set_default(void *field, const gp_option *o) {
  switch (o->type) {
  case GP_OPTION_REAL:
    *(double *)field = o->preset;
    break;
  case GP_OPTION_INT:
    *(int64_t *)field = isnan(o->preset) ? INT64_MIN : (int64_t)o->preset;
    break;
  case GP_OPTION_BOOL:
    *(bool *)field = o->preset != 0;
    break;
  case GP_OPTION_WORD:
    *(int *)field = (int)o->preset;
    break;
  case GP_OPTION_STRING:
    *(const char **)field = o->preset_text;
    break;
  case GP_OPTION_CHOICE: {
    const gp_item *item = gp_family_find(o->family, o->preset_text);
    assert(item != NULL);
    gp_choice_set(field, item);
    break;
  }
  }
}

void gp_options_default(void *target, const gp_option *options) {
  for (const gp_option *o = options; o->name != NULL; o++) set_default(gp_option_field(o, target), o);
}

bool gp_option_in_range(const gp_option *option, double value) {
  if (isnan(value)) return (option->flags & GP_AUTO) != 0;
  bool low = (option->flags & GP_OPEN_MIN) ? value > option->min : value >= option->min;
  bool high = (option->flags & GP_OPEN_MAX) ? value < option->max : value <= option->max;
  return low && high;
}
