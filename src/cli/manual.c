/* Manual pages in the man(7) macros, which every man program reads. */
#include "manual.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "build.h"
#include "listing.h"
#include "prose.h"

/* ---- roff ---- */

static FILE *page; /* the one that is being written */

/* Text without anything that roff would take for an instruction: a backslash, a dash that is a hyphen to it, a dot or
 * quote at the beginning of a line. */
static void escaped(const char *text, size_t length, bool at_start) {
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (at_start && (c == '.' || c == '\'')) fputs("\\&", page);
    at_start = c == '\n';
    switch (c) {
    case '\\':
      fputs("\\e", page);
      break;
    case '-':
      fputs("\\-", page);
      break;
    case '^':
      fputs("\\(ha", page);
      break;
    case '~':
      fputs("\\(ti", page);
      break;
    case '`':
      fputs("\\(ga", page);
      break;
    default:
      fputc(c, page);
    }
  }
}

static void words(const char *text) {
  escaped(text, strlen(text), true);
}

/* Pages are dated by the sources where the build says so, so that two builds give the same bytes. */
static void title(const char *name, int section) {
  const char *epoch = getenv("SOURCE_DATE_EPOCH");
  time_t when = epoch != NULL ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
  char date[32];
  struct tm day;
  strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&when, &day));
  fprintf(page, ".TH ");
  for (; *name != '\0'; name++) fputc(*name >= 'a' && *name <= 'z' ? *name - 32 : *name, page);
  fprintf(page, " %d %s \"gradpath %s\" \"%s\"\n", section, date, gp_build_version(),
          section == 1 ? "User Commands" : "Miscellaneous Information Manual");
}

static void heading(const char *name) {
  fprintf(page, ".SH %s\n", name);
}

/* "gradpath-run \- what it does": what apropos and whatis read. The summary loses its capital. */
static void name_line(const char *dash, const char *name, const char *summary) {
  heading("NAME");
  fprintf(page, "gradpath%s", dash);
  words(name);
  fputs(" \\- ", page);
  fputc(summary[0] >= 'A' && summary[0] <= 'Z' ? summary[0] + 32 : summary[0], page);
  escaped(summary + 1, strlen(summary + 1), false);
  fputc('\n', page);
}

/* Line by line, without the two blanks that say that it stands as it is: the page indents it itself. */
static void verbatim(const prose_block *block, bool begun) {
  const char *end = block->text + block->length;
  fputs(begun ? ".nf\n" : ".PP\n.nf\n", page);
  for (const char *line = block->text; line < end;) {
    line += strncmp(line, "  ", 2) == 0 ? 2 : 0;
    size_t length = strcspn(line, "\n");
    escaped(line, length, true);
    fputc('\n', page);
    line += length + 1;
  }
  fputs(".fi\n", page);
}

/* What follows the line "Example:" or "Examples:" is a section of its own. */
static bool is_examples(const prose_block *block) {
  return strncmp(block->text, "Example:", 8) == 0 || strncmp(block->text, "Examples:", 9) == 0;
}

/* The blocks of a text; `begun` when a heading stands right above. */
static void prose(const char *text, bool begun) {
  prose_block block;
  for (const char *rest = text; (rest = prose_next(&block, rest)) != NULL;) {
    bool examples = !block.verbatim && is_examples(&block);
    if (examples) heading("EXAMPLES");
    if (block.verbatim) verbatim(&block, begun);
    if (!block.verbatim && !examples) {
      if (!begun) fputs(".PP\n", page);
      escaped(block.text, block.length, true);
    }
    begun = examples;
  }
}

static void flags_of(const cli_flag *flags) {
  for (const cli_flag *f = flags; f != NULL && f->name != NULL; f++) {
    fputs(".TP\n", page);
    if (f->letter != 0) fprintf(page, "\\fB\\-%c\\fR, ", f->letter);
    fputs("\\fB\\-\\-", page);
    escaped(f->name, strlen(f->name), false);
    fputs("\\fR", page);
    if (f->value != NULL) {
      fputs(" \\fI", page);
      escaped(f->value, strlen(f->value), false);
      fputs("\\fR", page);
    }
    fputc('\n', page);
    words(f->help);
    fputc('\n', page);
  }
}

/* References end a page, the last without a comma. */
static void also(const char *self) {
  heading("SEE ALSO");
  if (strcmp(self, "") != 0) fputs(".BR gradpath (1),\n", page);
  for (const cli_topic *t = cli_topics; t->name != NULL; t++) {
    if (strcmp(t->name, self) == 0) continue;
    fputs(".BR gradpath\\-", page);
    words(t->name);
    bool last = t[1].name == NULL || (t[2].name == NULL && strcmp(t[1].name, self) == 0);
    fprintf(page, " (7)%s\n", last ? "" : ",");
  }
}

static void topic_body(const char *name) {
  for (const cli_topic *t = cli_topics; t->name != NULL; t++)
    if (strcmp(t->name, name) == 0) prose(t->text, true);
}

static void exit_status(void) {
  heading("EXIT STATUS");
  topic_body("exit-codes");
}

/* ---- pages ---- */

void manual_command(FILE *out, const cli_command *command) {
  page = out;
  char name[64];
  snprintf(name, sizeof name, "gradpath-%s", command->name);
  title(name, 1);
  name_line("\\-", command->name, command->summary);
  heading("SYNOPSIS");
  fprintf(page, ".B gradpath %s\n", command->name);
  if (command->operands[0] != '\0') words(command->operands), fputc('\n', page);
  fputs("[flags]\n", page);
  const char *details = command->details != NULL ? command->details : command->summary;
  const char *examples = strstr(details, "Example");
  while (examples != NULL && examples != details && examples[-1] != '\n')
    examples = strstr(examples + 1, "Example");
  if (examples != details) {
    char *text = strndup(details, examples != NULL ? (size_t)(examples - details) : strlen(details));
    heading("DESCRIPTION");
    prose(text != NULL ? text : "", true);
    free(text);
  }
  heading("OPTIONS");
  flags_of(command->flags);
  flags_of(cli_common_flags);
  if (examples != NULL) prose(examples, false);
  exit_status();
  also(command->name);
}

/* The settings of an item, inset below it. */
static void options_of(const gp_option *options) {
  char range[256], preset[64];
  if (options == NULL || options->name == NULL) return;
  fputs(".RS\n", page);
  for (const gp_option *o = options; o->name != NULL; o++) {
    fputs(".TP\n\\fB", page);
    words(o->name);
    fputs("\\fR\n", page);
    words(o->summary);
    fputs(" (default ", page);
    words(listing_default(o, preset));
    if (listing_range(o, range)[0] != '\0') fputs("; ", page), escaped(range, strlen(range), false);
    fputs(")\n", page);
  }
  fputs(".RE\n", page);
}

static void items_of(const listing *family) {
  fputs(".SH ", page);
  for (const char *c = family->plural; *c != '\0'; c++) fputc(*c >= 'a' && *c <= 'z' ? *c - 32 : *c, page);
  fputc('\n', page);
  for (const gp_item *i = family->items; i->name != NULL; i++) {
    fputs(".TP\n\\fB", page);
    words(i->name);
    fputs("\\fR\n", page);
    words(i->summary);
    fputc('\n', page);
    options_of(i->options);
  }
}

void manual_topic(FILE *out, const cli_topic *topic) {
  page = out;
  char name[64];
  snprintf(name, sizeof name, "gradpath-%s", topic->name);
  title(name, 7);
  name_line("\\-", topic->name, topic->summary);
  heading("DESCRIPTION");
  prose(topic->text, true);
  if (topic->listed != NULL && listing_named(topic->listed) != NULL) items_of(listing_named(topic->listed));
  also(topic->name);
}

static void commands_of(void) {
  heading("COMMANDS");
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) {
    fprintf(page, ".TP\n.BR gradpath\\-%s (1)\n", (*c)->name);
    words((*c)->summary);
    fputc('\n', page);
  }
}

void manual_program(FILE *out) {
  page = out;
  title("gradpath", 1);
  name_line("", "", "measure, predict and diagnose gradient flow over whole sweeps");
  fputs(".SH SYNOPSIS\n.B gradpath\n.I COMMAND\n[...]\n", page);
  heading("DESCRIPTION");
  prose(cli_about, true);
  commands_of();
  heading("OPTIONS");
  flags_of(cli_common_flags);
  exit_status();
  heading("ENVIRONMENT");
  topic_body("environment");
  also("");
}

static gp_status write_page(const char *folder, const char *name, int section, const cli_command *command,
                            const cli_topic *topic) {
  char path[4096];
  snprintf(path, sizeof path, "%s/man%d/gradpath%s%s.%d", folder, section, name[0] != '\0' ? "-" : "", name,
           section);
  FILE *out = fopen(path, "w");
  if (out == NULL) return gp_fail(GP_ERR_IO, "%s: %s", path, strerror(errno));
  if (command != NULL)
    manual_command(out, command);
  else if (topic != NULL)
    manual_topic(out, topic);
  else
    manual_program(out);
  bool written = !ferror(out);
  if (fclose(out) != 0 || !written) return gp_fail(GP_ERR_IO, "%s: cannot write", path);
  return GP_OK;
}

static gp_status make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return GP_OK;
  return gp_fail(GP_ERR_IO, "%s: %s", path, strerror(errno));
}

gp_status manual_write(const char *folder) {
  GP_TRY(make_folder(folder));
  for (int section = 1; section <= 7; section += 6) {
    char path[4096];
    snprintf(path, sizeof path, "%s/man%d", folder, section);
    GP_TRY(make_folder(path));
  }
  GP_TRY(write_page(folder, "", 1, NULL, NULL));
  for (const cli_command *const *c = cli_commands; *c != NULL; c++)
    GP_TRY(write_page(folder, (*c)->name, 1, *c, NULL));
  for (const cli_topic *t = cli_topics; t->name != NULL; t++) GP_TRY(write_page(folder, t->name, 7, NULL, t));
  return GP_OK;
}
