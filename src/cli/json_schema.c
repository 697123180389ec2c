/* The JSON Schema of a configuration; see json_schema.h.
 *
 * Every scalar may be a list or a range, so that each key is "one of: a value, a range, a list of these". What a schema
 * cannot say (an axis that nothing reads, a batch that is larger than the data) is left to the program. */
#include "json_schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "override.h"
#include "sheet.h"

/* ---- pieces ---- */

/* "name": "text" after whatever separates. */
static void member(const char *before, const char *name, const char *text) {
  printf("%s\"%s\": ", before, name);
  sheet_json_text(stdout, text);
}

static void bound(const char *name, const char *open_name, bool open, double value) {
  char buffer[32];
  if (!isfinite(value) || fabs(value) >= 9e18) return;
  printf(", \"%s\": %s", open ? open_name : name, gp_text_real(buffer, value));
}

/* {"type": "number", "minimum": 0}, and the word auto where it is one. */
static void number_value(const gp_option *o) {
  printf("{\"type\": \"%s\"", o->type == GP_OPTION_INT ? "integer" : "number");
  bound("minimum", "exclusiveMinimum", o->flags & GP_OPEN_MIN, o->min);
  bound("maximum", "exclusiveMaximum", o->flags & GP_OPEN_MAX, o->max);
  fputs("}, {\"$ref\": \"#/definitions/number_text\"}", stdout);
}

static void words_value(const char *const *words) {
  fputs("{\"enum\": [", stdout);
  for (size_t w = 0; words[w] != NULL; w++) {
    if (w > 0) fputs(", ", stdout);
    sheet_json_text(stdout, words[w]);
  }
  fputs("]}", stdout);
}

/* One scalar of an option, as members of an anyOf. */
static void scalar(const gp_option *o) {
  switch (o->type) {
  case GP_OPTION_REAL:
  case GP_OPTION_INT:
    number_value(o);
    break;
  case GP_OPTION_BOOL:
    fputs("{\"type\": \"boolean\"}", stdout);
    break;
  case GP_OPTION_WORD:
    words_value(o->words);
    break;
  default:
    fputs("{\"type\": [\"string\", \"number\"]}", stdout);
  }
  /* The batch alone has a second word for what the program chooses (axis.c). */
  if (o->flags & GP_AUTO)
    fputs(strcmp(o->name, "batch") == 0 ? ", {\"enum\": [\"auto\", \"full\"]}" : ", {\"const\": \"auto\"}",
          stdout);
}

static bool is_number(const gp_option *o) {
  return o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT;
}

/* A value, a range where there are numbers, or a list of these. */
static void axis(const gp_option *o) {
  const char *range = is_number(o) ? ", {\"$ref\": \"#/definitions/range\"}" : "";
  fputs("\"anyOf\": [", stdout);
  scalar(o);
  fputs(range, stdout);
  fputs(", {\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [", stdout);
  scalar(o);
  printf("%s]}}]", range);
}

/* ---- the forms that have no plain value ---- */

static const gp_family *probe_family(void) {
  for (const gp_family *const *f = gp_families(); *f != NULL; f++)
    if (strcmp((*f)->name, "probe") == 0) return *f;
  return NULL;
}

/* Whether an item before `last` of the family has an option of that name. */
static bool had_option(const gp_item *const *items, const gp_item *const *last, const char *name) {
  for (; items < last; items++)
    if ((*items)->options != NULL && gp_option_find((*items)->options, name) != NULL) return true;
  return false;
}

/* {name: sharpness, every: 10, samples: 256}: when, and the options that some probe has. */
static void probe_object(void) {
  const gp_family *family = probe_family();
  fputs(
      ", {\"type\": \"object\", \"required\": [\"name\"], \"additionalProperties\": false, \"properties\": {"
      "\"name\": {\"type\": \"string\"}, \"every\": {\"type\": \"integer\", \"minimum\": 1}, "
      "\"log\": {\"type\": \"integer\", \"minimum\": 2}, \"at\": {\"type\": [\"integer\", \"array\"], "
      "\"items\": {\"type\": \"integer\", \"minimum\": 0}}",
      stdout);
  for (const gp_item *const *i = family->items; *i != NULL; i++)
    for (const gp_option *o = (*i)->options; o != NULL && o->name != NULL; o++) {
      if (had_option(family->items, i, o->name)) continue;
      printf(", \"%s\": {", o->name);
      member("", "description", o->summary);
      fputs(", \"type\": \"number\"}", stdout);
    }
  fputs("}}", stdout);
}

/* Words; a probe may be a mapping of its name, its steps and options. */
static void joined_form(const gp_option *o) {
  static const char word[] = "{\"type\": \"string\"}";
  void (*const object)(void) = strcmp(o->name, "probes") == 0 ? probe_object : NULL;
  printf("\"anyOf\": [%s", word);
  if (object != NULL) object();
  printf(", {\"type\": \"array\", \"items\": {\"anyOf\": [%s", word);
  if (object != NULL) object();
  fputs("]}}]", stdout);
}

static void scale_form(const gp_option *o) {
  static const char pair[] =
      "{\"type\": \"array\", \"items\": {\"type\": \"number\"}, \"minItems\": 2, \"maxItems\": 2}";
  fputs("\"anyOf\": [", stdout);
  words_value(o->words);
  printf(", %s, {\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [", pair);
  words_value(o->words);
  printf(", %s]}}]", pair);
}

static void on_form(const gp_option *o) {
  static const char first[] =
      "{\"type\": \"object\", \"properties\": {\"first\": {\"type\": \"integer\", \"minimum\": 1}}, "
      "\"required\": [\"first\"], \"additionalProperties\": false}";
  fputs("\"anyOf\": [", stdout);
  words_value(o->words);
  printf(", %s, {\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [", first);
  words_value(o->words);
  printf(", %s]}}]", first);
}

static void checkpoints_form(const gp_option *o) {
  static const gp_option step = {.name = "step", .type = GP_OPTION_INT, .min = 0, .max = 1e9};
  (void)o;
  fputs("\"anyOf\": [{\"type\": \"object\", \"properties\": {\"log\": {\"type\": \"integer\", \"minimum\": "
        "2}}, "
        "\"required\": [\"log\"], \"additionalProperties\": false}, "
        "{\"type\": \"object\", \"properties\": {\"every\": {\"type\": \"integer\", \"minimum\": 1}}, "
        "\"required\": [\"every\"], \"additionalProperties\": false}, {",
        stdout);
  axis(&step);
  fputs("}]", stdout);
}

static void (*const forms[])(const gp_option *) = {[GP_FORM_PLAIN] = axis,
                                                   [GP_FORM_JOINED] = joined_form,
                                                   [GP_FORM_SCALE] = scale_form,
                                                   [GP_FORM_ON] = on_form,
                                                   [GP_FORM_CHECKPOINTS] = checkpoints_form};

/* ---- options and items ---- */

/* "slope": {"description": ..., "anyOf": [...]} */
static void property(const char *before, const gp_option *o, gp_form form) {
  printf("%s\"%s\": {", before, o->name);
  member("", "description", o->summary);
  fputs(", ", stdout);
  forms[form](o);
  fputs("}", stdout);
}

/* A key that is a choice refers to the definition of its items. */
static void parameter_property(const char *before, const gp_parameter *p) {
  if (p->option->type != GP_OPTION_CHOICE) {
    property(before, p->option, p->form);
    return;
  }
  printf("%s\"%s\": {", before, p->key);
  member("", "description", p->option->summary);
  printf(", \"allOf\": [{\"$ref\": \"#/definitions/%s\"}]}", p->option->name);
}

/* The settings that all data sets have stand beside the options of one. */
static void neighbours(const gp_parameters *list, const gp_parameter *choice) {
  for (size_t i = 0; i < list->count && strcmp(choice->path, "data") == 0; i++) {
    const gp_parameter *p = &list->items[i];
    if (p->section == choice->section && p->choice == NULL && p != choice && p->form != GP_FORM_HIDDEN)
      parameter_property(",\n        ", p);
  }
}

/* {name: leaky_relu, slope: 0.1} */
static void item_object(const gp_parameters *list, const gp_parameter *choice, const gp_item *item) {
  fputs(",\n      {\"type\": \"object\", ", stdout);
  member("", "description", item->summary);
  member(", \"properties\": {\"name\": {", "const", item->name);
  fputs("}", stdout);
  for (const gp_option *o = item->options; o != NULL && o->name != NULL; o++)
    property(",\n        ", o, GP_FORM_PLAIN);
  neighbours(list, choice);
  fputs("}, \"required\": [\"name\"", stdout);
  for (const gp_option *o = item->options; o != NULL && o->name != NULL; o++)
    if (o->flags & GP_REQUIRED) printf(", \"%s\"", o->name);
  fputs("], \"additionalProperties\": false}", stdout);
}

static void item_names(const gp_family *family) {
  fputs("{\"enum\": [", stdout);
  for (const gp_item *const *i = family->items; *i != NULL; i++)
    printf("%s\"%s\"", i == family->items ? "" : ", ", (*i)->name);
  fputs("]}", stdout);
}

/* {name: [relu, leaky_relu], slope: 0.1}: the options of all items, each of those that have it. */
static void several_object(const gp_parameters *list, const gp_parameter *choice) {
  fputs(",\n      {\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"array\", \"minItems\": 1, "
        "\"items\": ",
        stdout);
  item_names(choice->option->family);
  fputs("}", stdout);
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].choice == choice->option)
      property(",\n        ", list->items[i].option, GP_FORM_PLAIN);
  neighbours(list, choice);
  fputs("}, \"required\": [\"name\"], \"additionalProperties\": false}", stdout);
}

/* A name, a mapping, or a list of both. */
static void choice_definition(const gp_parameters *list, const gp_parameter *choice) {
  const gp_family *family = choice->option->family;
  printf(",\n    \"%s_item\": {\"anyOf\": [\n      ", choice->option->name);
  item_names(family);
  for (const gp_item *const *i = family->items; *i != NULL; i++) item_object(list, choice, *i);
  fputs("]}", stdout);
  printf(",\n    \"%s\": {\"anyOf\": [{\"$ref\": \"#/definitions/%s_item\"}", choice->option->name,
         choice->option->name);
  several_object(list, choice);
  printf(
      ",\n      {\"type\": \"array\", \"minItems\": 1, \"items\": {\"$ref\": \"#/definitions/%s_item\"}}]}",
      choice->option->name);
}

static void definitions(const gp_parameters *list) {
  fputs(
      "  \"definitions\": {\n"
      "    \"number_text\": {\"description\": \"a number that some readers of YAML take for text, such as "
      "1e-3\", "
      "\"type\": \"string\", \"pattern\": \"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$\"},\n"
      "    \"range\": {\"description\": \"a..b, a..b..step, log(a,b,n), lin(a,b,n), or from, to and points "
      "or step\", "
      "\"anyOf\": [{\"type\": \"string\", \"pattern\": \"[.][.]|^(log|lin)[(]\"}, "
      "{\"type\": \"object\", \"properties\": {\"from\": {}, \"to\": {}, \"points\": {\"type\": \"integer\", "
      "\"minimum\": 1}, \"step\": {}, \"scale\": {\"enum\": [\"linear\", \"log\"]}}, "
      "\"required\": [\"from\", \"to\"], \"additionalProperties\": false}]}",
      stdout);
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].option->type == GP_OPTION_CHOICE && list->items[i].choice == NULL)
      choice_definition(list, &list->items[i]);
  fputs("\n  }", stdout);
}

/* ---- sections ---- */

/* Texts and forms by their kind; numbers, of which there are no kinds here, by their range. */
static void extra_property(const char *before, const char *name, const gp_extra_key *e) {
  static const char *const kinds[] = {
      [GP_EXTRA_TEXT] = "\"type\": [\"string\", \"number\"]",
      [GP_EXTRA_GROUPS] =
          "\"type\": \"array\", \"items\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
      [GP_EXTRA_REFINE] =
          "\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"x\", \"y\", \"until\"], "
          "\"properties\": {\"x\": {\"type\": \"string\"}, \"y\": {\"type\": \"string\"}, "
          "\"until\": {\"type\": \"integer\", \"minimum\": 2, \"maximum\": 1000000}}"};
  printf("%s\"%s\": {", before, name);
  member("", "description", e->summary);
  if (kinds[e->kind] != NULL) {
    printf(", %s}", kinds[e->kind]);
    return;
  }
  fputs(", \"anyOf\": [", stdout);
  number_value(&(gp_option){
      .type = e->kind == GP_EXTRA_COUNT ? GP_OPTION_INT : GP_OPTION_REAL, .min = e->min, .max = e->max});
  fputs("]}", stdout);
}

/* Keys below `section` ("" for the root's own). */
static void section_keys(const gp_parameters *list, const char *section, const char *before) {
  const char *between = before;
  for (size_t i = 0; i < list->count; i++) {
    const gp_parameter *p = &list->items[i];
    if (p->choice != NULL || p->form == GP_FORM_HIDDEN || strcmp(p->section->key, section) != 0) continue;
    parameter_property(between, p);
    between = ",\n      ";
  }
}

static void extra_section(const char *name) {
  const char *between = "\n      ";
  printf(",\n    \"%s\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {", name);
  for (const gp_extra_key *e = gp_extra_keys(); e->path != NULL; e++) {
    size_t length = strlen(name);
    if (strncmp(e->path, name, length) != 0 || e->path[length] != '.') continue;
    extra_property(between, e->path + length + 1, e);
    between = ",\n      ";
  }
  fputs("}}", stdout);
}

/* What is not in the tables of options: the root's texts first, then the sections the keys name, each once. */
static void extras(void) {
  const char *between = "\n    ", *last = "";
  for (const gp_extra_key *e = gp_extra_keys(); e->path != NULL; e++) {
    const char *dot = strchr(e->path, '.');
    if (dot == NULL) {
      extra_property(between, e->path, e);
      between = ",\n    ";
    } else if (strncmp(last, e->path, (size_t)(dot - e->path) + 1) != 0) {
      char name[32];
      snprintf(name, sizeof name, "%.*s", (int)(dot - e->path), e->path);
      extra_section(name);
      last = e->path;
    }
  }
}

static void sections(const gp_parameters *list) {
  for (const gp_spec_section *s = gp_spec_sections(); s->key != NULL; s++) {
    if (s->key[0] == '\0') {
      section_keys(list, "", ",\n    ");
    } else if (strcmp(s->key, "data") == 0) {
      parameter_property(",\n    ", gp_parameter_find(list, "data"));
    } else {
      printf(",\n    \"%s\": {", s->key);
      member("", "description", s->summary);
      fputs(", \"type\": \"object\", \"additionalProperties\": false, \"properties\": {", stdout);
      section_keys(list, s->key, "\n      ");
      fputs("}}", stdout);
    }
  }
}

void json_schema_print(const gp_parameters *parameters) {
  fputs("{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
        "  \"title\": \"gradpath configuration\",\n  \"type\": \"object\",\n"
        "  \"required\": [\"study\"],\n  \"additionalProperties\": false,\n  \"properties\": {",
        stdout);
  extras();
  sections(parameters);
  fputs("\n  },\n", stdout);
  definitions(parameters);
  fputs("\n}\n", stdout);
}
