/* From argv to a call: getopt_long over the tables of flags. */
#include "cli.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { FLAGS_MAX = 32 };

const cli_flag cli_common_flags[] = {
    CLI_TEXT(cli_common, color, 0, "color", "WHEN", "colours: auto (default), always, never"),
    CLI_TEXT(cli_common, tier, 0, "tier", "TIER",
             "instructions: auto (default), portable, avx2, avx512, neon"),
    CLI_SWITCH(cli_common, help, 'h', "help", "show this help"),
    CLI_SWITCH(cli_common, version, 'V', "version", "show the version"),
    CLI_FLAGS_END,
};

/* getopt's view of the tables, and the way back: `val` is base + row, or the letter. */
typedef struct flag_set {
  struct option longs[2 * FLAGS_MAX];
  const cli_flag *flags[2 * FLAGS_MAX];
  void *targets[2 * FLAGS_MAX];
  size_t count;
  char shorts[4 * FLAGS_MAX];
} flag_set;

static void add_flags(flag_set *set, const cli_flag *flags, void *target) {
  for (const cli_flag *f = flags; f != NULL && f->name != NULL; f++) {
    size_t i = set->count++;
    set->flags[i] = f;
    set->targets[i] = target;
    set->longs[i] =
        (struct option){f->name, f->value != NULL ? required_argument : no_argument, NULL, 256 + (int)i};
    if (f->letter == 0) continue;
    size_t at = strlen(set->shorts);
    snprintf(set->shorts + at, sizeof set->shorts - at, "%c%s", f->letter, f->value != NULL ? ":" : "");
  }
}

/* A flag may come with its value attached (--jbos=2): only its name is looked up. */
static gp_status unknown_flag(const flag_set *set, const char *argument) {
  const char *names[2 * FLAGS_MAX];
  char word[64];
  for (size_t i = 0; i < set->count; i++) names[i] = set->flags[i]->name;
  snprintf(word, sizeof word, "%s", argument + strspn(argument, "-"));
  word[strcspn(word, "=")] = '\0';
  const char *nearest = gp_text_nearest(word, names, set->count);
  return gp_fail(GP_ERR_USAGE, "unknown flag '%.*s'%s%s%s", (int)strcspn(argument, "="), argument,
                 nearest ? "; did you mean '--" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* What getopt did not like: an unknown letter or name, a missing value, a value that none is wanted for. */
static gp_status bad_flag(const flag_set *set, int code, const char *argument) {
  if (code == ':') return gp_fail(GP_ERR_USAGE, "flag '%s' needs a value", argument);
  if (optopt >= 256)
    return gp_fail(GP_ERR_USAGE, "flag '--%s' takes no value", set->longs[optopt - 256].name);
  if (optopt != 0) return gp_fail(GP_ERR_USAGE, "unknown flag '-%c'", optopt);
  return unknown_flag(set, argument);
}

/* Digits only: a job count of 2.5 or -1 is a slip, not something to round. */
static gp_status store_number(const cli_flag *flag, int64_t *field, const char *value) {
  long long number;
  if (!gp_text_to_int(value, &number) || number < 0)
    return gp_fail(GP_ERR_USAGE, "flag '--%s' wants a whole number, not '%s'", flag->name, value);
  *field = number;
  return GP_OK;
}

/* Repeated flags add up: --where depth=3 --where seed=0. */
static gp_status store_text(const cli_flag *flag, cli_texts *field, const char *value) {
  if (field->count == CLI_TEXTS_MAX)
    return gp_fail(GP_ERR_USAGE, "flag '--%s' is given more than %d times", flag->name, CLI_TEXTS_MAX);
  field->items[field->count++] = value;
  return GP_OK;
}

static gp_status store(const cli_flag *flag, void *target, const char *value) {
  unsigned char *field = (unsigned char *)target + flag->offset;
  switch (flag->kind) {
  case CLI_KIND_SWITCH:
    *(bool *)field = true;
    return GP_OK;
  case CLI_KIND_TEXT:
    *(const char **)(void *)field = value;
    return GP_OK;
  case CLI_KIND_NUMBER:
    return store_number(flag, (int64_t *)(void *)field, value);
  case CLI_KIND_TEXTS:
    return store_text(flag, (cli_texts *)(void *)field, value);
  }
  return GP_OK;
}

/* The row behind what getopt returned. Every code it can return here is in the tables. */
static size_t flag_index(const flag_set *set, int code) {
  if (code >= 256) return (size_t)code - 256;
  size_t i = 0;
  while (set->flags[i]->letter != code) i++;
  return i;
}

/* Numbers are -1 until given. */
static void set_unset(const cli_flag *flags, unsigned char *options) {
  for (const cli_flag *f = flags; f != NULL && f->name != NULL; f++)
    if (f->kind == CLI_KIND_NUMBER) *(int64_t *)(void *)(options + f->offset) = -1;
}

/* Too few and too many are told apart: the message shows how the command is written. */
static gp_status check_operands(const cli_call *call) {
  const cli_command *c = call->command;
  if (call->operand_count < c->least)
    return gp_fail(GP_ERR_USAGE, "missing operand: gradpath %s %s", c->name, c->operands);
  if (call->operand_count > c->most)
    return gp_fail(GP_ERR_USAGE, "unexpected operand '%s': gradpath %s %s", call->operands[c->most], c->name,
                   c->operands);
  return GP_OK;
}

gp_status cli_parse(cli_call *call, cli_common *common, unsigned char *options, int argc, char **argv) {
  flag_set set = {.shorts = ":"};
  set_unset(call->command->flags, options);
  add_flags(&set, call->command->flags, options);
  add_flags(&set, cli_common_flags, common);
  opterr = 0;
  optind = 1;
  for (int code; (code = getopt_long(argc, argv, set.shorts, set.longs, NULL)) != -1;) {
    if (code == '?' || code == ':') return bad_flag(&set, code, argv[optind - 1]);
    size_t i = flag_index(&set, code);
    GP_TRY(store(set.flags[i], set.targets[i], optarg));
  }
  call->options = options;
  call->operands = (const char *const *)(argv + optind);
  call->operand_count = (size_t)(argc - optind);
  call->tier = common->tier != NULL ? common->tier : "auto";
  return common->help || common->version ? GP_OK : check_operands(call);
}
