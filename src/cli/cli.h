/* The command line: one table of commands, one table of flags per command.
 *
 * A command names its operands, its flags and what it does; parsing, --help, --version and the error messages follow
 * from the tables. Only this folder prints: results on stdout, progress and warnings on stderr. */
#ifndef GP_CLI_H
#define GP_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "option.h"
#include "plan.h"
#include "status.h"
#include "table.h"

typedef enum cli_kind { CLI_KIND_SWITCH, CLI_KIND_TEXT, CLI_KIND_NUMBER, CLI_KIND_TEXTS } cli_kind;

/* A flag that may be repeated, or hold several values separated by commas. */
enum { CLI_TEXTS_MAX = 64 };
typedef struct cli_texts {
  const char *items[CLI_TEXTS_MAX];
  size_t count;
} cli_texts;

typedef struct cli_flag {
  const char *name;
  char letter;       /* 0: none */
  const char *value; /* what the value is called in the help; NULL for a switch */
  const char *help;
  cli_kind kind;
  size_t offset; /* into the command's options */
} cli_flag;

/* Rows, bound to a field of the right type (see GP_FIELD). A number is a whole one, not negative; -1 until given. */
#define CLI_SWITCH(S, field, letter, name, help)                                                             \
  { name, letter, NULL, help, CLI_KIND_SWITCH, GP_FIELD(S, field, bool) }
#define CLI_TEXT(S, field, letter, name, value, help)                                                        \
  { name, letter, value, help, CLI_KIND_TEXT, GP_FIELD(S, field, const char *) }
#define CLI_NUMBER(S, field, letter, name, value, help)                                                      \
  { name, letter, value, help, CLI_KIND_NUMBER, GP_FIELD(S, field, int64_t) }
#define CLI_TEXTS(S, field, letter, name, value, help)                                                       \
  { name, letter, value, help, CLI_KIND_TEXTS, GP_FIELD(S, field, cli_texts) }
#define CLI_FLAGS_END                                                                                        \
  { NULL, 0, NULL, NULL, CLI_KIND_SWITCH, 0 }

/* What every command takes. */
typedef struct cli_common {
  bool help, version;
  const char *color, *tier;
} cli_common;

typedef struct cli_call {
  const struct cli_command *command;
  const void *options; /* the command's own struct, filled by its flags */
  const char *const *operands;
  size_t operand_count;
  const char *tier;
  const char *const *arguments; /* the whole command line, for "continue with ..." */
  size_t argument_count;
} cli_call;

enum { CLI_OPTIONS_BYTES = 2048 };

typedef struct cli_command {
  const char *name, *operands, *summary;
  const char *details; /* further paragraphs and examples of --help */
  const cli_flag *flags;
  size_t least, most; /* operands */
  gp_status (*run)(const cli_call *call);
} cli_command;

/* The commands, NULL-terminated, in the order of the help. */
extern const cli_command *const cli_commands[];
extern const cli_flag cli_common_flags[];

const cli_command *cli_command_find(const char *name);

/* Parses what follows the command's name. GP_ERR_USAGE with a one-line message and the nearest match. */
gp_status cli_parse(cli_call *call, cli_common *common, unsigned char *options, int argc, char **argv);

/* Help on stdout: of the program, of one command, of a topic. */
void cli_help_program(void);
void cli_help_command(const cli_command *command);
void cli_version(void);

/* What the program is for, and the commands to begin with. */
extern const char cli_about[];

/* A topic of `help`: its name, what it is about, its text (see prose.h), and what of `list` follows the text (or NULL). A row
 * without a name ends the list. */
typedef struct cli_topic {
  const char *name, *summary, *text, *listed;
} cli_topic;
extern const cli_topic cli_topics[];

/* What `help` explains beside the commands: names of topics, then of the commands. Returns how many. */
enum { CLI_TOPICS_MAX = 128 };
size_t cli_help_topics(const char *names[static CLI_TOPICS_MAX]);

/* "gradpath: error: ..." or, for a message that carries its own position, the message; on stderr. */
void cli_report(gp_status status);
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From here on nothing is reported: another process of the same job speaks for all. */
void cli_silence(void);
bool cli_is_silent(void);

/* Fails with "unknown WHAT 'word'; did you mean 'x'?" and the legal names when they are few. */
gp_status cli_unknown(const char *what, const char *word, const char *const *names, size_t count);

/* Loads operand 0 as the configuration and the others as overrides. `extra` are overrides that an operand of the same
 * key replaces (NULL-terminated, may be NULL). */
gp_status cli_load(gp_plan **out, const cli_call *call, const char *const *extra);

/* Whether a result file or its journal is there. One that is not is bad input (GP_ERR_FILE), not a failing disk. */
gp_status cli_exists(const char *path);
/* Opens a result file that exists. */
gp_status cli_open(gp_table **out, const char *path);

/* The first run of a plan that must have only one (dump). GP_ERR_USAGE names the axes that are left. */
gp_status cli_one_run(const gp_plan *plan);

/* Whether the word is one of the choices (NULL-terminated); GP_ERR_USAGE otherwise. NULL is the first choice. */
gp_status cli_choice(const char *flag, const char *word, const char *const *choices, int *out);

/* "42 ms", "4.2 s", "0:42", "1:02:03". */
const char *cli_duration(char buffer[static 32], double seconds);
/* "12.3 MB". */
const char *cli_bytes(char buffer[static 32], double bytes);

/* Inks, empty where colour is off for that stream. */
typedef enum cli_ink { CLI_OFF, CLI_BOLD, CLI_DIM, CLI_RED, CLI_GREEN, CLI_YELLOW, CLI_CYAN } cli_ink;
gp_status cli_color_set(const char *mode); /* auto | always | never; NULL: auto */
const char *cli_out(cli_ink ink);          /* for stdout */
const char *cli_err(cli_ink ink);          /* for stderr */
/* Prints a text that may come from anyone's file: control characters other than those in `kept` become '?', so that no
 * file can speak to the terminal. */
void cli_put(FILE *file, const char *text, const char *kept);
void cli_put_bytes(FILE *file, const char *text, size_t length, const char *kept);
/* Whether stderr is a terminal that can redraw a line, and its width. */
bool cli_err_redraws(void);
size_t cli_err_width(void);
/* Columns that a table may take: $COLUMNS, else the width of the terminal that stdout is, else SIZE_MAX. */
size_t cli_out_width(void);

#endif
