#include "spec_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void refuse(const char *what, const char *word) {
  fprintf(stderr, "spec_text: %s '%s': %s\n", what, word, gp_message());
  abort();
}

static int word_index(const gp_option *row, const char *value) {
  for (int i = 0; row->words[i] != NULL; i++)
    if (strcmp(row->words[i], value) == 0) return i;
  refuse("unknown value", value);
}

static void set_choice(gp_choice *choice, const gp_option *row, const char *value) {
  const gp_item *item = gp_family_find(row->family, value);
  if (item == NULL) refuse("unknown item", value);
  gp_choice_set(choice, item);
}

static void set_row(void *target, const gp_option *row, char *value) {
  void *field = gp_option_field(row, target);
  switch (row->type) {
  case GP_OPTION_REAL:
    *(double *)field = strcmp(value, "auto") == 0 ? (double)NAN : strtod(value, NULL);
    break;
  case GP_OPTION_INT:
    *(int64_t *)field = strcmp(value, "full") == 0 ? INT64_MIN : strtoll(value, NULL, 10);
    break;
  case GP_OPTION_BOOL:
    *(bool *)field = strcmp(value, "true") == 0;
    break;
  case GP_OPTION_WORD:
    *(int *)field = word_index(row, value);
    break;
  case GP_OPTION_STRING:
    *(const char **)field = value;
    break;
  default:
    set_choice(field, row, value);
    break;
  }
}

/* The row of that name in the sections called `section`, or in any section. */
static const gp_option *find_row(const char *section, const char *name) {
  for (const gp_spec_section *s = gp_spec_sections(); s->key != NULL; s++) {
    const gp_option *row =
        section == NULL || strcmp(s->key, section) == 0 ? gp_option_find(s->options, name) : NULL;
    if (row != NULL) return row;
  }
  return NULL;
}

/* "head.tail=value": an option of the item chosen under head, or a row of section head. */
static void set_dotted(gp_spec *spec, const char *head, const char *tail, char *value) {
  const gp_option *row = find_row(NULL, head);
  if (row != NULL && row->type == GP_OPTION_CHOICE) {
    gp_choice *choice = gp_option_field(row, spec);
    const gp_option *option =
        choice->item->options != NULL ? gp_option_find(choice->item->options, tail) : NULL;
    if (option != NULL) {
      set_row(choice->options, option, value);
      return;
    }
  }
  row = find_row(head, tail);
  if (row == NULL) refuse("unknown key", tail);
  set_row(spec, row, value);
}

static bool set_special(gp_spec *spec, const char *key, const char *value) {
  if (strcmp(key, "every") == 0) {
    spec->checkpoints = (gp_checkpoints){.kind = 1, .count = strtoll(value, NULL, 10)};
    return true;
  }
  if (strcmp(key, "on") != 0) return false;
  spec->record_first = strtoll(value, NULL, 10);
  spec->record_on = strcmp(value, "batch") == 0   ? GP_ON_BATCH
                    : strcmp(value, "train") == 0 ? GP_ON_TRAIN
                                                  : GP_ON_FIRST;
  return true;
}

static void set_word(gp_spec *spec, char *word) {
  char *value = strchr(word, '='), *dot = strchr(word, '.');
  if (value == NULL) refuse("no '=' in", word);
  *value++ = '\0';
  if (set_special(spec, word, value)) return;
  if (dot != NULL && dot < value) {
    *dot = '\0';
    set_dotted(spec, word, dot + 1, value);
    return;
  }
  const gp_option *row = find_row(NULL, word);
  if (row == NULL) refuse("unknown key", word);
  set_row(spec, row, value);
}

void spec_case_make(spec_case *c, const char *common, const char *words) {
  char *rest;
  *c = (spec_case){0};
  if ((size_t)snprintf(c->text, sizeof c->text, "%s %s", common, words) >= sizeof c->text)
    refuse("too long", words);
  gp_spec_default(&c->given);
  for (char *word = strtok_r(c->text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
    set_word(&c->given, word);
  if (gp_dataset_make(&c->data, &c->given.data, &c->given.data_common) != GP_OK) refuse("no data for", words);
  c->spec = c->given;
  if (gp_spec_resolve(&c->spec, &c->data) != GP_OK) refuse("cannot resolve", words);
}

void spec_case_free(spec_case *c) {
  gp_dataset_free(&c->data);
}

double spec_option(const gp_choice *choice, const char *name, double missing) {
  const gp_option *row = choice->item->options != NULL ? gp_option_find(choice->item->options, name) : NULL;
  if (row == NULL) return missing;
  const void *field = gp_option_value(row, choice->options);
  switch (row->type) {
  case GP_OPTION_REAL:
    return *(const double *)field;
  case GP_OPTION_INT:
    return (double)*(const int64_t *)field;
  case GP_OPTION_BOOL:
    return *(const bool *)field;
  default:
    return *(const int *)field;
  }
}
