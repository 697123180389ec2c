/* Help and version, from the tables. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "build.h"
#include "prose.h"
#include "run.h"

const char cli_about[] = "Trains whole grids of small networks, measures the gradient of every layer, says "
                         "what theory predicts for it, "
                         "gives every run a verdict, and draws the result. Begin with:\n"
                         "  gradpath study sigmoid-vs-relu --quick     a study with charts and claims\n"
                         "  gradpath run configs/smoke.yaml            a sweep: results/smoke.h5\n"
                         "  gradpath show results/smoke.h5             what came out\n"
                         "  gradpath help config                       how a sweep is written\n";

/* Enough to report a problem: version, commit, compiler, flags, and what this processor can do. */
void cli_version(void) {
  printf("gradpath %s\n", gp_build_version());
  printf("commit %s, %s\n%s\n", gp_build_commit(), gp_build_compiler(), gp_build_flags());
  printf("tiers of this machine: %s\n", gp_train_tiers());
}

/* Two columns; a flag too long for the first pushes its help along. */
static void print_flags(const cli_flag *flags) {
  for (const cli_flag *f = flags; f != NULL && f->name != NULL; f++) {
    char left[64], line[72], letter[8] = "    ";
    if (f->letter != 0) snprintf(letter, sizeof letter, "-%c, ", f->letter);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, f->name, f->value ? " " : "", f->value ? f->value : "");
    snprintf(line, sizeof line, "  %s", left);
    prose_hang(line, 30, f->help, prose_width());
  }
}

/* In the order a reader needs it: what it does, how it is called, what can be said, examples. */
void cli_help_command(const cli_command *command) {
  printf("%s\n\nUsage: gradpath %s%s%s%s\n", command->summary, command->name, command->operands[0] ? " " : "",
         command->operands, " [flags]");
  if (command->flags != NULL && command->flags->name != NULL) {
    printf("\n%sFlags:%s\n", cli_out(CLI_BOLD), cli_out(CLI_OFF));
    print_flags(command->flags);
  }
  printf("\n%sEvery command:%s\n", cli_out(CLI_BOLD), cli_out(CLI_OFF));
  print_flags(cli_common_flags);
  if (command->details == NULL) return;
  putchar('\n');
  prose_print(command->details, prose_width());
}

static void print_summary(const char *name, const char *summary) {
  char left[64];
  snprintf(left, sizeof left, "  %s", name);
  prose_hang(left, 13, summary, prose_width());
}

void cli_help_program(void) {
  printf("gradpath %s: measure, predict and diagnose gradient flow over whole sweeps\n\n",
         gp_build_version());
  printf("Usage: gradpath COMMAND [...]\n\n%sCommands:%s\n", cli_out(CLI_BOLD), cli_out(CLI_OFF));
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) print_summary((*c)->name, (*c)->summary);
  printf("\n%sEvery command:%s\n", cli_out(CLI_BOLD), cli_out(CLI_OFF));
  print_flags(cli_common_flags);
  putchar('\n');
  prose_print(cli_about, prose_width());
}
