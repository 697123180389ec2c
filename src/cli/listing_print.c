/* The three ways `list` writes a family. */
#include "listing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "prose.h"
#include "sheet.h"

/* Whether a text is there. */
static bool given(const char *text) {
  return text != NULL && text[0] != '\0';
}

/* A name and what it is; an item is one line in a pipe, where it will be searched. */
static void print_line(size_t indent, const char *name, size_t column, const gp_text *text, size_t width) {
  char left[64];
  snprintf(left, sizeof left, "%*s%s", (int)indent, "", name);
  if (!text->failed && text->data != NULL) prose_hang(left, column, text->data, width);
}

static void print_option(const gp_option *o, size_t width) {
  char range[256], preset[64];
  gp_text text = {0};
  listing_range(o, range);
  gp_text_add(&text, "%s (default %s%s%s)", o->summary, listing_default(o, preset),
              range[0] != '\0' ? "; " : "", range);
  print_line(6, o->name, 27, &text, width);
  gp_text_free(&text);
}

static void print_item(const gp_item *i, bool options, size_t width) {
  gp_text text = {0};
  gp_text_add(&text, "%s", i->summary);
  if (given(i->source) && options) gp_text_add(&text, " [%s]", i->source);
  print_line(2, i->name, 25, &text, width);
  gp_text_free(&text);
  for (const gp_option *o = i->options; options && o != NULL && o->name != NULL; o++) print_option(o, width);
}

void listing_print(const listing *family, bool options, size_t width) {
  printf("%s%s%s: %s\n", cli_out(CLI_BOLD), family->plural, cli_out(CLI_OFF), family->summary);
  for (const gp_item *i = family->items; i->name != NULL; i++) print_item(i, options, width);
}

/* Text of a Markdown table cell. */
static void markdown_cell(const char *text) {
  for (; text != NULL && *text != '\0'; text++) {
    if (strchr("|*_<`", *text) != NULL) putchar('\\');
    putchar(*text);
  }
}

static void markdown_row(const char *name, const char *option, const char *summary, const char *preset,
                         const char *range) {
  const char *const cells[] = {name, option, summary, preset, range};
  for (size_t c = 0; c < 5; c++) {
    fputs("| ", stdout);
    markdown_cell(cells[c]);
    putchar(' ');
  }
  puts("|");
}

void listing_markdown(const listing *family) {
  char range[256], preset[64];
  printf("## %s\n\n%s\n\n| name | option | meaning | default | range |\n|---|---|---|---|---|\n",
         family->plural, family->summary);
  for (const gp_item *i = family->items; i->name != NULL; i++) {
    markdown_row(i->name, "", i->summary, "", "");
    for (const gp_option *o = i->options; o != NULL && o->name != NULL; o++)
      markdown_row("", o->name, o->summary, listing_default(o, preset), listing_range(o, range));
  }
  putchar('\n');
}

/* ---- JSON ---- */

/* "name": "text", after whatever opens or separates. */
static void json_member(const char *name, const char *text, const char *before) {
  printf("%s\"%s\": ", before, name);
  sheet_json_text(stdout, text != NULL ? text : "");
}

static void json_number(const char *name, double value) {
  char buffer[32];
  printf(", \"%s\": ", name);
  sheet_json_number(stdout, gp_text_real(buffer, value));
}

static void json_words(const char *const *words) {
  fputs(", \"words\": [", stdout);
  for (size_t w = 0; words[w] != NULL; w++) {
    if (w > 0) fputs(", ", stdout);
    sheet_json_text(stdout, words[w]);
  }
  fputs("]", stdout);
}

/* Nothing is the default: neither a number nor a text, nor the word auto. */
static bool lacks_default(const gp_option *o) {
  bool number = o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT;
  bool text = o->type == GP_OPTION_STRING && o->preset_text == NULL;
  return !(o->flags & GP_AUTO) && (text || (number && isnan(o->preset)));
}

/* A default is a value of the option's own type; one that must be given has none. */
static void json_default(const gp_option *o) {
  char preset[64];
  const char *text = listing_default(o, preset);
  bool number = (o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT) && !isnan(o->preset);
  if (o->flags & GP_REQUIRED)
    fputs(", \"required\": true", stdout);
  else if (lacks_default(o))
    fputs(", \"default\": null", stdout);
  else if (o->type == GP_OPTION_BOOL || number)
    printf(", \"default\": %s", text);
  else
    json_member("default", text, ", ");
}

static void json_option(const gp_option *o, const char *before) {
  fputs(before, stdout);
  json_member("name", o->name, "{");
  json_member("type", listing_type(o), ", ");
  json_member("summary", o->summary, ", ");
  json_member("units", o->units, ", ");
  json_default(o);
  if (o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT) {
    json_number("min", o->min);
    json_number("max", o->max);
    printf(", \"min_open\": %s, \"max_open\": %s", o->flags & GP_OPEN_MIN ? "true" : "false",
           o->flags & GP_OPEN_MAX ? "true" : "false");
  }
  if (o->type == GP_OPTION_REAL || o->type == GP_OPTION_INT || o->type == GP_OPTION_STRING)
    printf(", \"auto\": %s", o->flags & GP_AUTO ? "true" : "false");
  if (o->type == GP_OPTION_WORD) json_words(o->words);
  if (o->type == GP_OPTION_CHOICE) json_member("family", o->family->name, ", ");
  fputs("}", stdout);
}

static void json_item(const gp_item *item, const char *before) {
  fputs(before, stdout);
  json_member("name", item->name, "{");
  json_member("summary", item->summary, ", ");
  json_member("source", item->source, ", ");
  fputs(", \"options\": [", stdout);
  for (const gp_option *o = item->options; o != NULL && o->name != NULL; o++)
    json_option(o, o == item->options ? "\n      " : ",\n      ");
  fputs("]}", stdout);
}

void listings_json(const listing *families, size_t count) {
  fputs("{", stdout);
  for (size_t f = 0; f < count; f++) {
    printf("%s\n  \"%s\": {", f > 0 ? "," : "", families[f].name);
    json_member("summary", families[f].summary, "");
    fputs(", \"items\": [", stdout);
    for (const gp_item *i = families[f].items; i->name != NULL; i++)
      json_item(i, i == families[f].items ? "\n    " : ",\n    ");
    fputs("\n  ]}", stdout);
  }
  fputs("\n}\n", stdout);
}
