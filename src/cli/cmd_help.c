/* gradpath help: topics in prose, and the help of a command. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "listing.h"
#include "manual.h"
#include "prose.h"

typedef struct help_options {
  bool man;
  const char *pages;
} help_options;

static const cli_flag flags[] = {
    CLI_SWITCH(help_options, man, 0, "man",
               "write the manual page instead: gradpath help run --man | man -l -"),
    CLI_TEXT(help_options, pages, 0, "man-pages", "DIR", "write all manual pages into DIR/man1 and DIR/man7"),
    CLI_FLAGS_END,
};

size_t cli_help_topics(const char *names[static CLI_TOPICS_MAX]) {
  size_t count = 0;
  for (const cli_topic *t = cli_topics; t->name != NULL; t++) names[count++] = t->name;
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) names[count++] = (*c)->name;
  return count;
}

static gp_status unknown_topic(const char *word) {
  const char *names[CLI_TOPICS_MAX];
  return cli_unknown("topic", word, names, cli_help_topics(names));
}

static const cli_topic *find_topic(const char *word) {
  for (const cli_topic *t = cli_topics; t->name != NULL; t++)
    if (strcmp(t->name, word) == 0) return t;
  return NULL;
}

static void print_overview(void) {
  cli_help_program();
  printf("\n%sTopics%s (gradpath help TOPIC):\n", cli_out(CLI_BOLD), cli_out(CLI_OFF));
  for (const cli_topic *t = cli_topics; t->name != NULL; t++) printf("  %-12s %s\n", t->name, t->summary);
}

static void print_topic(const cli_topic *topic) {
  const listing *listed = topic->listed != NULL ? listing_named(topic->listed) : NULL;
  prose_print(topic->text, prose_width());
  if (listed == NULL) return;
  putchar('\n');
  listing_print(listed, true, prose_width());
}

static gp_status run(const cli_call *call) {
  const help_options *o = call->options;
  if (o->pages != NULL) return manual_write(o->pages);
  if (call->operand_count == 0) {
    if (o->man)
      manual_program(stdout);
    else
      print_overview();
    return GP_OK;
  }
  const char *word = call->operands[0];
  const cli_topic *topic = find_topic(word);
  const cli_command *command = cli_command_find(word);
  if (topic == NULL && command == NULL) return unknown_topic(word);
  if (topic != NULL && o->man)
    manual_topic(stdout, topic);
  else if (topic != NULL)
    print_topic(topic);
  else if (o->man)
    manual_command(stdout, command);
  else
    cli_help_command(command);
  return GP_OK;
}

extern const cli_command cli_help;
const cli_command cli_help = {
    .name = "help",
    .operands = "[TOPIC | COMMAND]",
    .summary = "Explain a topic or a command",
    .details = "Without an operand it lists the commands and the topics.\n"
               "\n"
               "Examples:\n"
               "  gradpath help config\n"
               "  gradpath help probes\n"
               "  gradpath help run --man > gradpath-run.1\n",
    .flags = flags,
    .least = 0,
    .most = 1,
    .run = run,
};
