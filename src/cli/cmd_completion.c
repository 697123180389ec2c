/* gradpath completion: a script for the shell, from the tables of commands, flags, items and configuration keys. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "cli.h"
#include "listing.h"
#include "override.h"
#include "run.h"
#include "studies.h"

static const char *const shells[] = {"bash", "zsh", NULL};

/* ---- lists, one word a line ---- */

static void begin(const char *name) {
  printf("%s='", name);
}

static void word(const char *text) {
  printf("%s\n", text);
}

static void end(void) {
  puts("'");
}

static void print_commands(void) {
  begin("_gradpath_commands");
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) word((*c)->name);
  end();
}

static void print_flags(const cli_flag *flags) {
  for (const cli_flag *f = flags; f != NULL && f->name != NULL; f++) printf("--%s\n", f->name);
}

/* The flags that are followed by a value: what comes after one is no operand. */
static void print_valued(const cli_flag *flags) {
  for (const cli_flag *f = flags; f != NULL && f->name != NULL; f++) {
    if (f->value == NULL) continue;
    printf("--%s|", f->name);
    if (f->letter != 0) printf("-%c|", f->letter);
  }
}

static void print_command_flags(void) {
  puts("_gradpath_flags() {\n  case $1 in");
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) {
    printf("  %s) echo '", (*c)->name);
    print_flags((*c)->flags);
    puts("' ;;");
  }
  printf("  esac\n  echo '");
  print_flags(cli_common_flags);
  puts("'\n}\n_gradpath_valued() {\n  case $1 in");
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) {
    printf("  %s) case $2 in ", (*c)->name);
    print_valued((*c)->flags);
    print_valued(cli_common_flags);
    puts("--) return 0 ;; esac ;;");
  }
  puts("  esac\n  return 1\n}");
}

/* ---- what an operand may be, by what the table of commands calls it ---- */

static void families(void) {
  static listings all;
  listings_make(&all);
  for (size_t f = 0; f < all.count; f++) word(all.families[f].plural);
}

static void studies(void) {
  for (const gp_item *const *i = gp_study_family.items; *i != NULL; i++) word((*i)->name);
}

static void topics(void) {
  const char *names[CLI_TOPICS_MAX];
  size_t count = cli_help_topics(names);
  for (size_t t = 0; t < count; t++) word(names[t]);
}

static void shell_names(void) {
  for (size_t s = 0; shells[s] != NULL; s++) word(shells[s]);
}

static const struct {
  const char *operand;
  void (*print)(void);
} operands[] = {
    {"[FAMILY]", families}, {"[NAME]", studies}, {"[TOPIC | COMMAND]", topics}, {"SHELL", shell_names}};

static void print_operands(void) {
  puts("_gradpath_operands() {\n  case $1 in");
  for (const cli_command *const *c = cli_commands; *c != NULL; c++)
    for (size_t i = 0; i < sizeof operands / sizeof operands[0]; i++) {
      if (strncmp((*c)->operands, operands[i].operand, strlen(operands[i].operand)) != 0) continue;
      printf("  %s) echo '", (*c)->name);
      operands[i].print();
      puts("' ;;");
    }
  fputs("  esac\n}\n_gradpath_takes_config() {\n  case $1 in ", stdout);
  for (const cli_command *const *c = cli_commands; *c != NULL; c++)
    if (strncmp((*c)->operands, "CONFIG", 6) == 0) printf("%s|", (*c)->name);
  puts("--) return 0 ;; esac\n  return 1\n}");
}

/* ---- keys and their values ---- */

/* Whether the last name of the parameter means it and no other. */
static bool has_short_name(const gp_parameters *list, const gp_parameter *p) {
  const char *candidates[2];
  size_t count;
  return gp_parameter_named(list, p->key, candidates, 2, &count) == p && strcmp(p->key, p->path) != 0;
}

static void print_keys(const gp_parameters *list) {
  begin("_gradpath_keys");
  for (size_t i = 0; i < list->count; i++) {
    if (list->items[i].form == GP_FORM_HIDDEN) continue;
    printf("%s=\n", list->items[i].path);
    if (has_short_name(list, &list->items[i])) printf("%s=\n", list->items[i].key);
  }
  for (const gp_extra_key *e = gp_extra_keys(); e->path != NULL; e++) printf("%s=\n", e->path);
  end();
}

static void print_items(const gp_family *family) {
  for (const gp_item *const *i = family->items; *i != NULL; i++) printf("%s\n", (*i)->name);
}

/* `probes: [gradients]` names items of the family `probe`. */
static const gp_family *named_by(const gp_parameter *p) {
  for (const gp_family *const *f = gp_families(); *f != NULL; f++) {
    size_t length = strlen((*f)->name);
    if (strncmp((*f)->name, p->key, length) == 0 && strcmp(p->key + length, "s") == 0) return *f;
  }
  return NULL;
}

/* The words a key takes; nothing for numbers and free texts. */
static void print_words(const gp_parameter *p) {
  const gp_option *o = p->option;
  if (o->type == GP_OPTION_CHOICE) print_items(o->family);
  if (p->form == GP_FORM_JOINED && named_by(p) != NULL) print_items(named_by(p));
  if (o->type == GP_OPTION_BOOL) fputs("true\nfalse\n", stdout);
  for (size_t w = 0; o->type == GP_OPTION_WORD && o->words[w] != NULL; w++) printf("%s\n", o->words[w]);
  if (o->flags & GP_AUTO) fputs("auto\n", stdout);
}

static void print_values(const gp_parameters *list) {
  puts("_gradpath_values() {\n  case $1 in");
  for (size_t i = 0; i < list->count; i++) {
    const gp_parameter *p = &list->items[i];
    bool joined = p->form == GP_FORM_JOINED && named_by(p) != NULL;
    bool words = joined || p->option->type == GP_OPTION_CHOICE || p->option->type == GP_OPTION_BOOL ||
                 p->option->type == GP_OPTION_WORD || (p->option->flags & GP_AUTO);
    if (!words) continue;
    printf("  %s", p->path);
    if (has_short_name(list, p)) printf("|%s", p->key);
    printf(") echo '");
    print_words(p);
    puts("' ;;");
  }
  puts("  esac\n}");
}

/* ---- the part that is the same for every table ---- */

/* A shell may split key=value at the sign (bash does, zsh does not); the value of a list is completed after its last
 * comma. No reply leaves it to the shell, which completes file names. */
static const char body[] =
    "_gradpath() {\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
    "  local IFS=$'\\n' key= lead= found= i\n"
    "  COMPREPLY=()\n"
    "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "    COMPREPLY=($(compgen -W \"$_gradpath_commands$(_gradpath_flags '')\" -- \"$cur\"))\n"
    "    return\n"
    "  fi\n"
    "  if _gradpath_valued \"$command\" \"$prev\"; then return; fi\n"
    "  case $cur in\n"
    "  -*) COMPREPLY=($(compgen -W \"$(_gradpath_flags \"$command\")\" -- \"$cur\")); return ;;\n"
    "  =) key=$prev cur= ;;\n"
    "  *=*) key=${cur%%=*} lead=$key= cur=${cur#*=} ;;\n"
    "  *) if [ \"$prev\" = = ]; then key=${COMP_WORDS[COMP_CWORD-2]}; fi ;;\n"
    "  esac\n"
    "  if [ -n \"$key\" ]; then\n"
    "    case $cur in *,*) lead=$lead${cur%,*}, cur=${cur##*,} ;; esac\n"
    "    COMPREPLY=($(compgen -P \"$lead\" -W \"$(_gradpath_values \"$key\")\" -- \"$cur\"))\n"
    "    return\n"
    "  fi\n"
    "  if ! _gradpath_takes_config \"$command\"; then\n"
    "    COMPREPLY=($(compgen -W \"$(_gradpath_operands \"$command\")\" -- \"$cur\"))\n"
    "    return\n"
    "  fi\n"
    "  for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "    case ${COMP_WORDS[i]} in -*) continue ;; esac\n"
    "    if ! _gradpath_valued \"$command\" \"${COMP_WORDS[i-1]}\"; then found=yes; fi\n"
    "  done\n"
    "  if [ -z \"$found\" ]; then\n"
    "    COMPREPLY=($(compgen -W \"$_gradpath_configs\" -- \"$cur\"; compgen -f -X '!*.yaml' -- \"$cur\"))\n"
    "    return\n"
    "  fi\n"
    "  COMPREPLY=($(compgen -W \"$_gradpath_keys\" -- \"$cur\"))\n"
    "  if type compopt >/dev/null 2>&1; then compopt -o nospace; fi\n"
    "}\n"
    "complete -o default -F _gradpath gradpath\n";

/* The configurations that are installed with the program, by the names that `run` finds them by. */
static void print_configs(void) {
  gp_text folder = {0};
  begin("_gradpath_configs");
  struct dirent **found = NULL;
  int count = gp_data_path(&folder, "configs") == GP_OK ? scandir(folder.data, &found, NULL, alphasort) : 0;
  for (int i = 0; i < count; i++) {
    char *dot = strrchr(found[i]->d_name, '.');
    if (dot != NULL && strcmp(dot, ".yaml") == 0) {
      *dot = '\0';
      word(found[i]->d_name);
    }
    free(found[i]);
  }
  free(found);
  gp_text_free(&folder);
  end();
}

static gp_status run(const cli_call *call) {
  int shell;
  gp_pool pool = {0};
  gp_parameters list;
  size_t count;
  const gp_variable *taken = gp_train_variables(&count);
  GP_TRY(cli_choice("SHELL", call->operands[0], shells, &shell));
  gp_status status = gp_parameters_make(&list, &pool, taken, count);
  if (status == GP_OK) {
    if (shell == 1)
      puts("#compdef gradpath\nautoload -U +X compinit bashcompinit\n"
           "(( $+functions[compdef] )) || compinit\nbashcompinit");
    print_commands();
    print_configs();
    print_command_flags();
    print_operands();
    print_keys(&list);
    print_values(&list);
    fputs(body, stdout);
    /* Loaded by zsh from a file of its own, as the function of this name, it has to answer the first time as well. */
    if (shell == 1)
      puts("if [[ ${funcstack[1]} = _gradpath ]]; then _bash_complete -o default -F _gradpath; fi");
  }
  gp_pool_free(&pool);
  return status;
}

extern const cli_command cli_completion;
const cli_command cli_completion = {
    .name = "completion",
    .operands = "SHELL",
    .summary = "Print the completion script of a shell: bash or zsh",
    .details =
        "Completes commands, flags, configuration keys, and the names that a key takes (activation=re<Tab>), "
        "lists included.\n"
        "\n"
        "Examples:\n"
        "  eval \"$(gradpath completion bash)\"      in ~/.bashrc\n"
        "  gradpath completion bash > ~/.local/share/bash-completion/completions/gradpath\n"
        "  eval \"$(gradpath completion zsh)\"       in ~/.zshrc\n",
    .flags = NULL,
    .least = 1,
    .most = 1,
    .run = run,
};
