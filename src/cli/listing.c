/* Collecting and describing what `list` shows; see listing.h. */
#include "listing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "override.h"
#include "parameters.h"
#include "plot.h"
#include "spec.h"
#include "studies.h"
#include "text.h"

static const char *const plurals[][2] = {{"data", "data"},
                                         {"activation", "activations"},
                                         {"init", "inits"},
                                         {"bias_init", "bias_inits"},
                                         {"output", "outputs"},
                                         {"norm", "norms"},
                                         {"residual", "residuals"},
                                         {"loss", "losses"},
                                         {"optimizer", "optimizers"},
                                         {"probe", "probes"}};

/* A family without a row above is its own plural. */
static const char *plural_of(const char *name) {
  for (size_t i = 0; i < sizeof plurals / sizeof plurals[0]; i++)
    if (strcmp(plurals[i][0], name) == 0) return plurals[i][1];
  return name;
}

static void add_item(listings *all, const char *name, const char *summary, const char *source,
                     const gp_option *options) {
  if (all->item_count + 1 < LISTING_ITEMS)
    all->items[all->item_count++] =
        (gp_item){.name = name, .summary = summary, .source = source, .options = options};
}

/* Opens a family; its items follow. */
static void begin(listings *all, const char *name, const char *plural, const char *summary) {
  if (all->count == LISTING_MAX) return;
  all->families[all->count++] =
      (listing){.name = name, .plural = plural, .summary = summary, .items = &all->items[all->item_count]};
}

static void end(listings *all) {
  add_item(all, NULL, NULL, NULL, NULL);
}

static void add_family(listings *all, const gp_family *family, const char *plural) {
  begin(all, family->name, plural, family->summary);
  for (const gp_item *const *i = family->items; *i != NULL; i++)
    add_item(all, (*i)->name, (*i)->summary, (*i)->source, (*i)->options);
  end(all);
}

/* A key outside the tables of options, as a row of one. */
static gp_option row_of(const gp_extra_key *e) {
  static const gp_option_type types[] = {[GP_EXTRA_TEXT] = GP_OPTION_STRING,
                                         [GP_EXTRA_REAL] = GP_OPTION_REAL,
                                         [GP_EXTRA_COUNT] = GP_OPTION_INT,
                                         [GP_EXTRA_GROUPS] = GP_OPTION_STRING,
                                         [GP_EXTRA_REFINE] = GP_OPTION_STRING};
  const char *dot = strrchr(e->path, '.');
  return (gp_option){.name = dot != NULL ? dot + 1 : e->path,
                     .summary = e->summary,
                     .units = "1",
                     .type = types[e->kind],
                     .preset = e->preset,
                     .min = e->min,
                     .max = e->max,
                     .flags = strcmp(e->path, "study") == 0 ? GP_REQUIRED : 0};
}

/* Appends the keys outside the tables that stand in a section. */
static void add_extras(listings *all, const char *section) {
  size_t length = strlen(section);
  for (const gp_extra_key *e = gp_extra_keys(); e->path != NULL; e++) {
    const char *dot = strchr(e->path, '.');
    size_t front = dot != NULL ? (size_t)(dot - e->path) : 0;
    if (front == length && strncmp(e->path, section, length) == 0 && all->row_count + 1 < LISTING_ROWS)
      all->rows[all->row_count++] = row_of(e);
  }
}

/* The last word of record.on stands for a form of its own. */
static const char *const on_words[] = {"batch", "train", "{first: 256}", NULL};

static void add_rows(listings *all, const gp_option *options) {
  for (const gp_option *o = options; o != NULL && o->name != NULL; o++) {
    if (strchr(o->name, '.') != NULL || all->row_count + 1 >= LISTING_ROWS) continue;
    gp_option *row = &all->rows[all->row_count++];
    *row = *o;
    if (options == gp_record_options() && strcmp(o->name, "on") == 0) row->words = on_words;
  }
}

/* One section: its keys from wherever they are described. */
static void add_section(listings *all, const char *key, const char *summary, const gp_option *options) {
  const gp_option *rows = &all->rows[all->row_count];
  add_extras(all, key);
  add_rows(all, options);
  if (strcmp(key, "record") == 0) add_rows(all, gp_record_options());
  all->rows[all->row_count++] = (gp_option){.name = NULL};
  add_item(all, key[0] == '\0' ? "(top)" : key, summary, "", rows);
}

/* Items first, as the library lists them; then what is no family of options: keys, charts, studies. */
void listings_make(listings *all) {
  all->count = all->item_count = all->row_count = 0;
  for (const gp_family *const *f = gp_families(); *f != NULL; f++) add_family(all, *f, plural_of((*f)->name));
  begin(all, "setting", "settings", "keys of a configuration, by section");
  for (const gp_spec_section *s = gp_spec_sections(); s->key != NULL; s++)
    add_section(all, s->key, s->summary, s->options);
  add_section(all, "limits", "when to stop", NULL);
  add_section(all, "sweep", "which points of the grid are run", NULL);
  end(all);
  begin(all, "chart", "charts", "what plot draws");
  for (const gp_plot_entry *c = gp_plot_charts(); c->name != NULL; c++)
    add_item(all, c->name, c->summary, "", NULL);
  end(all);
  add_family(all, &gp_study_family, "studies");
}

const char *listing_type(const gp_option *option) {
  static const char *const types[] = {
      [GP_OPTION_REAL] = "number", [GP_OPTION_INT] = "integer", [GP_OPTION_BOOL] = "boolean",
      [GP_OPTION_WORD] = "word",   [GP_OPTION_STRING] = "text", [GP_OPTION_CHOICE] = "item"};
  return types[option->type];
}

const char *listing_default(const gp_option *option, char buffer[static 64]) {
  if (option->flags & GP_REQUIRED) return "required";
  switch (option->type) {
  case GP_OPTION_REAL:
  case GP_OPTION_INT:
    if (isnan(option->preset)) return option->flags & GP_AUTO ? "auto" : "none";
    return gp_text_real(buffer, option->preset);
  case GP_OPTION_BOOL:
    return option->preset != 0 ? "true" : "false";
  case GP_OPTION_WORD:
    return option->words[(size_t)option->preset];
  default:
    if (option->preset_text != NULL) return option->preset_text;
    return option->flags & GP_AUTO ? "auto" : "none";
  }
}

static void words_range(const char *const *words, char buffer[static 256]) {
  size_t at = 0;
  for (; *words != NULL && at < 256; words++)
    at += (size_t)snprintf(buffer + at, 256 - at, "%s%s", at > 0 ? ", " : "", *words);
}

/* Ends that no one would reach are left out. */
static void number_range(const gp_option *option, char buffer[static 256]) {
  char low[32], high[32];
  const char *first = option->flags & GP_OPEN_MIN ? " < " : " <= ";
  const char *second = option->flags & GP_OPEN_MAX ? " < " : " <= ";
  bool from = option->min > -1e300, to = option->max < 9e18;
  snprintf(buffer, 256, "%s%s%s%s%s%s", from ? gp_text_real(low, option->min) : "", from ? first : "",
           from || to ? "x" : "", to ? second : "", to ? gp_text_real(high, option->max) : "",
           option->flags & GP_AUTO ? (from || to ? " or auto" : "any or auto") : "");
}

const char *listing_range(const gp_option *option, char buffer[static 256]) {
  buffer[0] = '\0';
  if (option->type == GP_OPTION_WORD) words_range(option->words, buffer);
  if (option->type == GP_OPTION_REAL || option->type == GP_OPTION_INT) number_range(option, buffer);
  if (option->type == GP_OPTION_CHOICE) snprintf(buffer, 256, "see list %s", option->family->name);
  if ((option->flags & GP_PATH) && option->type == GP_OPTION_STRING) snprintf(buffer, 256, "path");
  return buffer;
}

const listing *listing_named(const char *plural) {
  static listings all;
  if (all.count == 0) listings_make(&all);
  for (size_t f = 0; f < all.count; f++)
    if (strcmp(all.families[f].plural, plural) == 0) return &all.families[f];
  return NULL;
}
