/* What scripts rely on: help, exit codes, messages, no control codes in a pipe. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli_case.h"

TestSuite(cli_contract, .init = cli_case_begin, .fini = cli_case_end);

static const char *const commands[] = {"run",  "plan", "show",      "plot",   "report", "export",
                                       "dump", "list", "gradcheck", "theory", "study",  "help"};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static size_t lines(const char *text) {
  size_t n = 0;
  for (; *text != '\0'; text++) n += *text == '\n';
  return n;
}

/* Both "--help" and "--version" of every command: stdout, exit 0, nothing on stderr. */
Test(cli_contract, help_and_version_everywhere) {
  for (size_t c = 0; c < COMMANDS; c++) {
    cli_result help = cli_sh("$G %s --help", commands[c]);
    cr_assert_eq(help.exit, 0, "%s --help: %d", commands[c], help.exit);
    cr_assert_not_null(strstr(help.out, "Usage: gradpath"), "%s", commands[c]);
    cr_assert_not_null(strstr(help.out, "--tier"), "%s", commands[c]);
    cr_assert_str_empty(help.err);
    cli_result version = cli_sh("$G %s --version", commands[c]);
    cr_assert_eq(version.exit, 0);
    cr_assert_eq(strncmp(version.out, "gradpath ", 9), 0, "%s", version.out);
  }
  cr_assert_eq(cli_sh("$G --help").exit, 0);
  cr_assert_eq(cli_sh("$G --version").exit, 0);
}

Test(cli_contract, every_command_is_in_the_help) {
  cli_result help = cli_sh("$G --help");
  for (size_t c = 0; c < COMMANDS; c++) {
    char name[32];
    snprintf(name, sizeof name, "\n  %s ", commands[c]);
    cr_assert_not_null(strstr(help.out, name), "%s", commands[c]);
  }
}

/* Wrong use: exit 2, nothing on stdout, one line that says what was meant. */
Test(cli_contract, usage_errors) {
  static const char *const cases[][2] = {
      {"$G rnu tiny.yaml", "did you mean 'run'?"},
      {"$G frobnicate", "unknown command 'frobnicate'"},
      {"$G", "no command"},
      {"$G --frobnicate", "unknown flag '--frobnicate'"},
      {"$G run tiny.yaml --jbos 2", "did you mean '--jobs'?"},
      {"$G run tiny.yaml -j", "needs a value"},
      {"$G run tiny.yaml -j two", "whole number"},
      {"$G run tiny.yaml -j 0", "1 to 4096"},
      {"$G run tiny.yaml --quick=yes", "takes no value"},
      {"$G run tiny.yaml -z", "unknown flag '-z'"},
      {"$G run", "missing operand"},
      {"$G run tiny.yaml other.yaml", "key=value"},
      {"$G run tiny.yaml --shard 3/2", "--shard wants I/N"},
      {"$G run tiny.yaml --shard 0/2", "--shard wants I/N"},
      {"$G run tiny.yaml --retry all", "unknown value of --retry 'all'"},
      {"$G run tiny.yaml --tier sse9", "tier"},
      {"$G show a.h5 b.h5", "unexpected operand 'b.h5'"},
      {"$G show a.h5 --color=purple", "--color"},
      {"$G list activatoins", "did you mean 'activations'?"},
      {"$G list initialisers", "did you mean 'inits'?"},
      {"$G list --json --markdown", "exclude each other"},
      {"$G help confg", "did you mean 'config'?"},
      {"$G study sigmoid-vs-rleu", "did you mean 'sigmoid-vs-relu'?"},
      {"$G dump tiny.yaml -o x.h5", "24 runs"},
      {"$G dump tiny.yaml", "-o FILE.h5"},
      {"$G plot", "missing operand"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    cli_result r = cli_sh("%s", cases[i][0]);
    cr_assert_eq(r.exit, 2, "%s: exit %d: %s", cases[i][0], r.exit, r.err);
    cr_assert_not_null(strstr(r.err, cases[i][1]), "%s: %s", cases[i][0], r.err);
    cr_assert_eq(strncmp(r.err, "gradpath: error: ", 17), 0, "%s: %s", cases[i][0], r.err);
    cr_assert_eq(lines(r.err), 1, "%s: %s", cases[i][0], r.err);
    cr_assert_str_empty(r.out, "%s", cases[i][0]);
  }
}

/* A bad configuration: its position, the line and a caret, exit 2, and no output of any kind. */
Test(cli_contract, config_errors_point) {
  cli_result r = cli_sh("sed 's/relu/rleu/' tiny.yaml >bad.yaml; $G run bad.yaml -o bad.h5");
  cr_assert_eq(r.exit, 2);
  cr_assert_eq(strncmp(r.err, "bad.yaml:4:", 11), 0, "%s", r.err);
  cr_assert_not_null(strstr(r.err, "did you mean 'relu'?"), "%s", r.err);
  cr_assert_not_null(strstr(r.err, "^"), "%s", r.err);
  cr_assert_not(cli_has_file("bad.h5") || cli_has_file("bad.h5.journal"));
  cr_assert_eq(cli_sh("$G run nowhere.yaml").exit, 2);
  cr_assert_eq(cli_sh("$G show nowhere.h5").exit, 2);
  cr_assert_eq(cli_sh("$G show tiny.yaml").exit, 2);
  cr_assert_not_null(strstr(cli_sh("$G show tiny.yaml").err, "tiny.yaml: it is not an HDF5 file"));
}

/* What cannot be written is an input/output error, even where the command itself is content. */
Test(cli_contract, full_standard_output) {
  static const char *const cases[] = {"--help", "--version", "list", "help config", "run --help"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    cr_assert_eq(cli_sh("$G %s >/dev/full", cases[i]).exit, 74, "%s", cases[i]);
    cr_assert_eq(cli_sh("$G %s >&-", cases[i]).exit, 74, "%s (closed)", cases[i]);
  }
}

/* No control codes in a pipe or under NO_COLOR; `always` has them, and so has a terminal (script makes one), or this
 * test would prove nothing. */
Test(cli_contract, colour_only_where_wanted) {
  const char *escape = "\033[";
  cr_assert_null(strstr(cli_sh("$G --help").out, escape));
  cr_assert_null(strstr(cli_sh("$G list --color=never").out, escape));
  cr_assert_not_null(strstr(cli_sh("$G list --color=always").out, escape));
  if (cli_sh("command -v script").exit != 0) return;
  const char *line = "env -u NO_COLOR TERM=xterm %s script -qec \"$G list\" /dev/null </dev/null";
  char command[256];
  snprintf(command, sizeof command, line, "");
  cr_assert_not_null(strstr(cli_sh("%s", command).out, escape));
  snprintf(command, sizeof command, line, "NO_COLOR=1");
  cr_assert_null(strstr(cli_sh("%s", command).out, escape));
  snprintf(command, sizeof command, line, "TERM=dumb");
  cr_assert_null(strstr(cli_sh("%s", command).out, escape));
}

/* A reader that leaves early is no reason for a message. */
Test(cli_contract, closed_pipe_is_quiet) {
  cli_result r = cli_sh("$G list --json | head -c 10");
  cr_assert_eq(r.exit, 0);
  cr_assert_str_empty(r.err, "%s", r.err);
}

/* Keys whose values have forms of their own stand in no table of options; they are keys all the same. */
Test(cli_contract, settings_have_every_key) {
  static const char *const keys[] = {"study", "question",      "checkpoints", "on",  "limits", "run_seconds",
                                     "sweep", "total_seconds", "random",      "zip", "where",  "refine"};
  cli_result r = cli_sh("$G list settings");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    char line[64];
    snprintf(line, sizeof line, "  %s ", keys[i]);
    cr_expect_not_null(strstr(r.out, line), "%s is missing", keys[i]);
  }
}

Test(cli_contract, list_is_json) {
  if (cli_sh("command -v python3").exit != 0) cr_skip("python3 is not here to read the JSON");
  cli_result r =
      cli_sh("$G list --json | python3 -c \"import json, sys; d = json.load(sys.stdin); "
             "print([i['name'] for i in d['activation']['items']], 'spirals' in str(d['data']))\"");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  cr_assert_not_null(strstr(r.out, "'relu'"), "%s", r.out);
  cr_assert_not_null(strstr(r.out, "True"), "%s", r.out);
}
