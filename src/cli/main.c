/* gradpath: the table of commands and the way in and out.
 *
 * Exit codes: INTERFACE section 2. Standard output is checked once, at the end: a result that could not be written is
 * an input/output error (74), whatever the command said. */
#include "cli.h"
#include "fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern const cli_command cli_run, cli_plan, cli_show, cli_plot, cli_make_report, cli_export, cli_dump,
    cli_explain, cli_gradcheck, cli_theory, cli_study, cli_verify, cli_rules, cli_diff, cli_merge, cli_pack,
    cli_watch, cli_init, cli_schema, cli_completion, cli_list, cli_help;

const cli_command *const cli_commands[] = {&cli_run,         &cli_plan,   &cli_show,   &cli_plot,
                                           &cli_make_report, &cli_export, &cli_dump,   &cli_explain,
                                           &cli_gradcheck,   &cli_theory, &cli_study,  &cli_verify,
                                           &cli_rules,       &cli_diff,   &cli_merge,  &cli_pack,
                                           &cli_watch,       &cli_init,   &cli_schema, &cli_completion,
                                           &cli_list,        &cli_help,   NULL};

const cli_command *cli_command_find(const char *name) {
  for (const cli_command *const *c = cli_commands; *c != NULL; c++)
    if (strcmp((*c)->name, name) == 0) return *c;
  return NULL;
}

/* The list of commands is one help away; naming the nearest one is what a typing error needs. */
static gp_status unknown_command(const char *name) {
  const char *names[64];
  size_t count = 0;
  for (const cli_command *const *c = cli_commands; *c != NULL; c++) names[count++] = (*c)->name;
  const char *nearest = gp_text_nearest(name, names, count);
  return gp_fail(GP_ERR_USAGE, "unknown command '%s'%s%s%s", name, nearest ? "; did you mean '" : "",
                 nearest ? nearest : "", nearest ? "'?" : " (gradpath --help lists them)");
}

/* Options live on this stack: a command is called once, and its struct is zeroed for it. */
static gp_status run_command(const cli_command *command, int argc, char **argv) {
  _Alignas(16) unsigned char options[CLI_OPTIONS_BYTES] = {0};
  cli_common common = {0};
  const char *arguments[1024];
  cli_call call = {.command = command, .arguments = arguments};
  /* getopt reorders argv: the line as typed is kept for "continue with". */
  for (int i = 0; i < argc && call.argument_count < 1024; i++) arguments[call.argument_count++] = argv[i];
  GP_TRY(cli_parse(&call, &common, options, argc, argv));
  GP_TRY(cli_color_set(common.color));
  if (common.help)
    cli_help_command(command);
  else if (common.version)
    cli_version();
  else
    return command->run(&call);
  return GP_OK;
}

/* Without a command: the flags that stand alone. */
static const cli_command program = {
    .name = "", .operands = "COMMAND [...]", .summary = "", .flags = NULL, .least = 0, .most = 0};

static gp_status run_bare(int argc, char **argv) {
  _Alignas(16) unsigned char options[CLI_OPTIONS_BYTES] = {0};
  cli_common common = {0};
  cli_call call = {.command = &program};
  GP_TRY(cli_parse(&call, &common, options, argc, argv));
  GP_TRY(cli_color_set(common.color));
  if (!common.help && !common.version)
    return gp_fail(GP_ERR_USAGE, "no command given (gradpath --help lists them)");
  if (common.version)
    cli_version();
  else
    cli_help_program();
  return GP_OK;
}

static gp_status dispatch(int argc, char **argv) {
  if (argc < 2 || argv[1][0] == '-') return run_bare(argc, argv);
  const cli_command *command = cli_command_find(argv[1]);
  return command == NULL ? unknown_command(argv[1]) : run_command(command, argc - 1, argv + 1);
}

/* A closed standard stream would give its number to the next file opened, and prints would go into that file. */
static void occupy_streams(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      int opened = open("/dev/null", O_RDONLY);
      (void)opened; /* the lowest free number, which is fd; failing leaves things as they were */
    }
}

/* A merge of many shards has all of them open, and a sweep of a thousand ranks has as many journals: more than the 1024
 * files that a process may usually open before it asks. */
static void allow_many_files(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv) {
  occupy_streams();
  allow_many_files();
  cli_fatal_begin();
  signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of the write, not a death */
  cli_color_set(NULL);
  gp_status status = dispatch(argc, argv);
  if (status != GP_OK) cli_report(status);
  cli_fatal_end();
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "gradpath: error: standard output: %s\n", strerror(errno));
    return gp_exit_status(GP_ERR_IO);
  }
  return gp_exit_status(status);
}
