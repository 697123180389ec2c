/* gradpath list: everything that has a name. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "listing.h"
#include "text.h"

typedef struct list_options {
  bool json, markdown;
} list_options;

static const cli_flag flags[] = {
    CLI_SWITCH(list_options, json, 0, "json", "JSON, with options, ranges and defaults"),
    CLI_SWITCH(list_options, markdown, 0, "markdown", "Markdown tables"),
    CLI_FLAGS_END,
};

/* A longer or shorter word for a family: initialisers, optim. */
static const char *begins_alike(const listings *all, const char *word) {
  for (size_t f = 0; f < all->count; f++) {
    const char *name = all->families[f].name;
    size_t n = strlen(name), m = strlen(word);
    if (m >= 3 && strncmp(name, word, n < m ? n : m) == 0) return all->families[f].plural;
  }
  return NULL;
}

/* Singular and plural both name a family; the singular is its key in a configuration. */
static gp_status find(const listings *all, const char *word, size_t *out) {
  const char *names[2 * LISTING_MAX];
  size_t count = 0;
  for (*out = 0; *out < all->count; (*out)++) {
    const listing *family = &all->families[*out];
    if (strcmp(family->name, word) == 0 || strcmp(family->plural, word) == 0) return GP_OK;
    names[count++] = family->plural;
  }
  const char *alike = gp_text_nearest(word, names, count) == NULL ? begins_alike(all, word) : NULL;
  GP_TRY(alike == NULL ? cli_unknown("family", word, names, count) : GP_OK);
  return gp_fail(GP_ERR_USAGE, "unknown family '%s'; did you mean '%s'?", word, alike);
}

static gp_status run(const cli_call *call) {
  static listings all;
  const list_options *o = call->options;
  size_t first = 0, count;
  if (o->json && o->markdown) return gp_fail(GP_ERR_USAGE, "--json and --markdown exclude each other");
  listings_make(&all);
  count = all.count;
  if (call->operand_count > 0) {
    GP_TRY(find(&all, call->operands[0], &first));
    count = 1;
  }
  if (o->json) listings_json(&all.families[first], count);
  for (size_t f = first; f < first + count && !o->json; f++) {
    if (o->markdown)
      listing_markdown(&all.families[f]);
    else
      listing_print(&all.families[f], count == 1, cli_out_width());
    if (!o->markdown && f + 1 < first + count) putchar('\n');
  }
  return GP_OK;
}

extern const cli_command cli_list;
const cli_command cli_list = {
    .name = "list",
    .operands = "[FAMILY]",
    .summary = "List what can be named: activations, data, probes, settings, charts, studies ...",
    .details = "With a family, its items are shown with their options, defaults and ranges.\n"
               "\n"
               "Examples:\n"
               "  gradpath list activations\n"
               "  gradpath list settings\n"
               "  gradpath list --json\n",
    .flags = flags,
    .least = 0,
    .most = 1,
    .run = run,
};
