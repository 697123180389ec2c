/* `list --json` and the reader of configurations are one source: what is listed is accepted up to its bounds and refused
 * just outside them, and what is accepted is listed. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "cli_case.h"
#include "run.h"
#include "text.h"
#include "yaml_tree.h"

static gp_pool pool;
static gp_source source;
static gp_node *root; /* JSON is YAML in flow style */

static void begin(void) {
  cli_case_begin();
  cli_result r = cli_sh("$G list --json");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  source = (gp_source){.name = "list", .text = r.out, .length = strlen(r.out)};
  cr_assert_eq(gp_tree_parse(&pool, &source, &root), GP_OK, "%s", gp_message());
}

static void end(void) {
  gp_pool_free(&pool);
  cli_case_end();
}

TestSuite(cli_listing, .init = begin, .fini = end, .timeout = 120);

/* ---- the list ---- */

static const gp_node *member(const gp_node *map, const char *key) {
  const gp_node *node = gp_node_member(map, key);
  cr_assert_not_null(node, "no '%s' in the list", key);
  return node;
}

static const char *text(const gp_node *map, const char *key) {
  const gp_node *node = gp_node_member(map, key);
  return node != NULL ? node->text : "";
}

static bool flag(const gp_node *map, const char *key) {
  return strcmp(text(map, key), "true") == 0;
}

static double number(const gp_node *map, const char *key) {
  double value = NAN;
  cr_assert(gp_text_to_real(member(map, key)->text, &value), "%s", key);
  return value;
}

/* The entry of that name in a list of entries, or NULL. */
static const gp_node *named(const gp_node *list, const char *name) {
  for (const gp_node *n = list->first; n != NULL; n = n->next)
    if (strcmp(text(n, "name"), name) == 0) return n;
  return NULL;
}

static const gp_node *items_of(const char *family) {
  return member(member(root, family), "items");
}

/* ---- the reader ---- */

static gp_status read_config(const char *config) {
  gp_config c = {.source = {.name = "sweep.yaml", .text = config, .length = strlen(config)}};
  size_t taken_count;
  const gp_variable *taken = gp_train_variables(&taken_count);
  gp_status status = gp_tree_parse(&c.pool, &c.source, &c.root);
  if (status == GP_OK) status = gp_parameters_make(&c.parameters, &c.pool, taken, taken_count);
  if (status == GP_OK) status = gp_config_bind(&c);
  gp_config_free(&c);
  return status;
}

/* Where an option stands: a key of a section, or an option of an item that a key of a section chooses. */
typedef struct place {
  const char *section, *choice, *item; /* choice NULL: a key of the section itself; section "": the root */
  char others[256];                    /* further options that the item needs: ", path: x" */
} place;

static void write_config(char out[static 1024], const place *p, const char *key, const char *value) {
  char inner[700];
  bool data = strcmp(p->section, "data") == 0;
  const char *study = strcmp(key, "study") == 0 && p->section[0] == '\0' ? "" : "study: t\n";
  if (p->choice == NULL && strcmp(key, "data") == 0)
    snprintf(inner, sizeof inner, "%s", value);
  else if (p->choice == NULL && data)
    snprintf(inner, sizeof inner, "{name: spirals, %s: %s}", key, value);
  else if (p->choice == NULL)
    snprintf(inner, sizeof inner, p->section[0] == '\0' ? "%s: %s" : "{%s: %s}", key, value);
  else if (data)
    snprintf(inner, sizeof inner, "{name: %s, %s: %s%s}", p->item, key, value, p->others);
  else
    snprintf(inner, sizeof inner, "{%s: {name: %s, %s: %s%s}}", p->choice, p->item, key, value, p->others);
  snprintf(out, 1024, "%s%s%s%s\n", study, p->section, p->section[0] == '\0' ? "" : ": ", inner);
}

/* Options of a probe are read when the spec is resolved. */
static gp_status read_plan(const char *config) {
  gp_plan *plan = NULL;
  gp_status status = gp_plan_load_text(&plan, "sweep.yaml", config);
  gp_plan_free(plan);
  return status;
}

static gp_status read_at(char config[static 1024], const place *p, const char *key, const char *value) {
  if (strcmp(p->section, "probe") == 0) {
    snprintf(config, 1024,
             "study: t\ndata: xor\nmodel: {activation: tanh}\ntrain: {batch: full, steps: 1}\n"
             "record: {probes: [{name: %s, %s: %s}]}\n",
             p->item, key, value);
    return read_plan(config);
  }
  write_config(config, p, key, value);
  return read_config(config);
}

static size_t accepted, refused;

static void accepts(const place *p, const char *key, const char *value) {
  char config[1024];
  cr_expect_eq(read_at(config, p, key, value), GP_OK, "listed, but refused:\n%s%s", config, gp_message());
  accepted++;
}

static void refuses(const place *p, const char *key, const char *value) {
  char config[1024];
  cr_expect_eq(read_at(config, p, key, value), GP_ERR_CONFIG, "not listed, but accepted:\n%s", config);
  refused++;
}

/* ---- one option ---- */

static void check_bound(const place *p, const char *key, double bound, bool open, bool whole,
                        double outward) {
  char at[64], past[64], inside[64];
  double step = whole ? 1 : 0;
  if (!isfinite(bound)) return;
  snprintf(at, sizeof at, whole ? "%.0f" : "%.17g", bound);
  snprintf(past, sizeof past, whole ? "%.0f" : "%.17g",
           whole ? bound + (outward > 0 ? step : -step) : nextafter(bound, outward));
  snprintf(inside, sizeof inside, "%.17g", nextafter(bound, -outward));
  refuses(p, key, past);
  if (!open)
    accepts(p, key, at);
  else
    refuses(p, key, at);
  if (open && !whole) accepts(p, key, inside);
}

static void check_number(const place *p, const gp_node *option) {
  const char *key = text(option, "name");
  bool whole = strcmp(text(option, "type"), "integer") == 0;
  check_bound(p, key, number(option, "min"), flag(option, "min_open"), whole, -INFINITY);
  check_bound(p, key, number(option, "max"), flag(option, "max_open"), whole, INFINITY);
  refuses(p, key, "one");
  if (whole) refuses(p, key, "1.5");
}

static void check_words(const place *p, const gp_node *option) {
  for (const gp_node *w = member(option, "words")->first; w != NULL; w = w->next)
    accepts(p, text(option, "name"), w->text);
  refuses(p, text(option, "name"), "wordless");
}

static void check_option(const place *p, const gp_node *option) {
  const char *key = text(option, "name"), *type = text(option, "type"), *preset = text(option, "default");
  char misspelt[128];
  snprintf(misspelt, sizeof misspelt, "%sq", key);
  refuses(p, misspelt, "1");
  if (preset[0] != '\0' && strcmp(preset, "null") != 0) accepts(p, key, preset);
  if (strcmp(type, "number") == 0 || strcmp(type, "integer") == 0) check_number(p, option);
  if (strcmp(type, "word") == 0) check_words(p, option);
  if (strcmp(type, "boolean") == 0) {
    accepts(p, key, "true");
    accepts(p, key, "false");
    refuses(p, key, "maybe");
  }
  if (strcmp(type, "item") == 0)
    for (const gp_node *i = items_of(text(option, "family"))->first; i != NULL; i = i->next)
      if (named(member(i, "options"), "path") == NULL && named(member(i, "options"), "file") == NULL &&
          named(member(i, "options"), "images") == NULL)
        accepts(p, key, text(i, "name"));
  if (strcmp(type, "item") == 0) refuses(p, key, "itemless");
  bool takes_auto = flag(option, "auto");
  if (takes_auto) accepts(p, key, "auto");
  if (!takes_auto && (strcmp(type, "number") == 0 || strcmp(type, "integer") == 0)) refuses(p, key, "auto");
}

/* Options of the item that must be given, but the one in hand. */
static void add_required(place *p, const gp_node *options, const gp_node *but) {
  size_t at = 0;
  p->others[0] = '\0';
  for (const gp_node *o = options->first; o != NULL; o = o->next)
    if (o != but && flag(o, "required"))
      at += (size_t)snprintf(p->others + at, sizeof p->others - at, ", %s: x", text(o, "name"));
}

Test(cli_listing, what_is_listed_is_accepted_up_to_its_bounds) {
  for (const gp_node *s = items_of("setting")->first; s != NULL; s = s->next)
    for (const gp_node *o = member(s, "options")->first; o != NULL; o = o->next) {
      const char *section = strcmp(text(s, "name"), "(top)") == 0 ? "" : text(s, "name");
      place p = {.section = section};
      check_option(&p, o);
      if (strcmp(text(o, "type"), "item") != 0) continue;
      for (const gp_node *i = items_of(text(o, "family"))->first; i != NULL; i = i->next)
        for (const gp_node *option = member(i, "options")->first; option != NULL; option = option->next) {
          place inside = {.section = section, .choice = text(o, "name"), .item = text(i, "name")};
          add_required(&inside, member(i, "options"), option);
          check_option(&inside, option);
        }
    }
  for (const gp_node *i = items_of("probe")->first; i != NULL; i = i->next)
    for (const gp_node *o = member(i, "options")->first; o != NULL; o = o->next)
      check_option(&(place){.section = "probe", .item = text(i, "name")}, o);
  cr_assert(accepted > 700 && refused > 900, "only %zu accepted and %zu refused", accepted, refused);
}

/* ---- the other way round ---- */

static void expect_option(const gp_node *options, const gp_option *o, const char *where) {
  const gp_node *listed = options != NULL ? named(options, o->name) : NULL;
  cr_expect_not_null(listed, "%s accepts '%s', which is not listed", where, o->name);
  if (listed == NULL || (o->type != GP_OPTION_REAL && o->type != GP_OPTION_INT)) return;
  cr_expect(number(listed, "min") == o->min && number(listed, "max") == o->max, "%s: %s", where, o->name);
}

Test(cli_listing, what_is_accepted_is_listed) {
  size_t options = 0;
  for (const gp_family *const *f = gp_families(); *f != NULL; f++)
    for (const gp_item *const *item = (*f)->items; *item != NULL; item++) {
      const gp_node *listed = named(items_of((*f)->name), (*item)->name);
      cr_expect_not_null(listed, "%s %s is not listed", (*f)->name, (*item)->name);
      for (const gp_option *o = (*item)->options; listed != NULL && o != NULL && o->name != NULL;
           o++, options++)
        expect_option(member(listed, "options"), o, (*item)->name);
    }
  gp_parameters parameters;
  size_t taken_count;
  const gp_variable *taken = gp_train_variables(&taken_count);
  cr_assert_eq(gp_parameters_make(&parameters, &pool, taken, taken_count), GP_OK);
  for (size_t i = 0; i < parameters.count; i++) {
    const gp_parameter *p = &parameters.items[i];
    if (p->choice != NULL || p->form == GP_FORM_HIDDEN) continue;
    const gp_node *section =
        named(items_of("setting"), p->section->key[0] != '\0' ? p->section->key : "(top)");
    expect_option(section != NULL ? member(section, "options") : NULL, p->option, p->section->key);
    options++;
  }
  cr_assert_gt(options, 250, "only %zu", options);
}
