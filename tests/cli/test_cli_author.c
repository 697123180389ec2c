/* Help for those who write configurations: schema, init, completion. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli_case.h"

TestSuite(cli_author, .init = cli_case_begin, .fini = cli_case_end, .timeout = 120);

static void ok(cli_result r) {
  cr_assert_eq(r.exit, 0, "exit %d: %s%s", r.exit, r.out, r.err);
}

static void fails(cli_result r, int exit, const char *why) {
  cr_assert_eq(r.exit, exit, "exit %d: %s%s", r.exit, r.out, r.err);
  cr_assert_not_null(strstr(r.err, why), "no '%s' in: %s", why, r.err);
}

/* Half a hundred documents, judged by the schema and by the program: both must say what is expected. */
Test(cli_author, schema_agrees_with_the_program) {
  if (cli_sh("command -v python3").exit != 0) cr_skip("python3 is not here to read the schema");
  ok(cli_sh(
      "$(command -v /usr/bin/python3 || echo python3) -B %s/tests/cli/check_schema.py $G . %s/configs/*.yaml",
      GP_SOURCE_DIR, GP_SOURCE_DIR));
  cr_assert_eq(cli_sh("$G schema > /dev/full").exit, 74);
  fails(cli_sh("$G schema more"), 2, "unexpected operand");
}

/* What init writes runs as it is. With every comment made a setting it is the same sweep, bit for bit: the comments are
 * the defaults. */
Test(cli_author, init_writes_what_runs) {
  cli_result r = cli_sh("$G init first steps=5");
  fails(r, 2, "unexpected operand");
  r = cli_sh("$G init first && $G run first.yaml steps=20 --no-provenance -q -o a.h5");
  ok(r);
  cr_assert_not_null(strstr(r.out, "first.yaml: 36 runs; next: gradpath plan first.yaml"), "%s", r.out);
  ok(cli_sh("sed 's/^# \\( *[a-z_]*:\\)/\\1/; s/^  # \\([a-z_]*:\\)/  \\1/' first.yaml > all.yaml && "
            "test $(grep -c '^ *[a-z_]*:' all.yaml) -gt 50 && $G run all.yaml steps=20 -q -o b.h5 && $G diff "
            "a.h5 b.h5"));
}

Test(cli_author, init_overwrites_nothing) {
  ok(cli_sh(
      "echo mine > first.yaml && mkdir below && $G init below/second.yaml && $G plan below/second.yaml"));
  fails(cli_sh("$G init first"), 2, "first.yaml is there already");
  ok(cli_sh("test \"$(cat first.yaml)\" = mine"));
  fails(cli_sh("$G init 'a b'"), 2, "study must be");
  cr_assert(!cli_has_file("a b.yaml"));
  fails(cli_sh("$G init nowhere/x"), 74, "cannot write");
}

/* What bash would offer after these words, the last of them unfinished; blanks between the replies. */
static const char *offers(const char *words) {
  cli_result r =
      cli_sh("bash -c 'PATH=$(dirname $G):$PATH; eval \"$(gradpath completion bash)\"; COMP_WORDS=(%s); "
             "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _gradpath; echo ${COMPREPLY[*]}'",
             words);
  ok(r);
  return strtok(r.out, "\n");
}

/* Commands, flags, families, keys by path and by last name, and what a key takes, also within a list and where bash has
 * split the word at the sign. Nothing is offered where a file name belongs. */
Test(cli_author, bash_completes) {
  if (cli_sh("command -v bash").exit != 0) cr_skip("bash is not here");
  static const struct {
    const char *words, *replies;
  } cases[] = {{"gradpath ver", "verify"},
               {"gradpath verify --r", "--runs"},
               {"gradpath run sigmoid-vs", "sigmoid-vs-relu"},
               {"gradpath run tiny", "tiny.yaml"},
               {"gradpath run tiny.yaml activation = leak", "leaky_relu"},
               {"gradpath run tiny.yaml activation = relu,lea", "relu,leaky_relu"},
               {"gradpath run tiny.yaml model.activation=relu,lea", "model.activation=relu,leaky_relu"},
               {"gradpath run -o x.h5 tiny.yaml learning_rate_f", "learning_rate_first="},
               {"gradpath run tiny.yaml model.dep", "model.depth="},
               {"gradpath run tiny.yaml precision = \"\"", "float32 float64 bfloat16 float16"},
               {"gradpath run tiny.yaml bias = t", "true"},
               {"gradpath list activ", "activations"},
               {"gradpath help exit", "exit-codes"},
               {"gradpath completion \"\"", "bash zsh"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *replies = offers(cases[i].words);
    cr_expect(replies != NULL && strcmp(replies, cases[i].replies) == 0, "%s: %s", cases[i].words, replies);
  }
  cr_expect_null(offers("gradpath run tiny.yaml -o x"));
  cr_expect_null(offers("gradpath show x"));
}

/* Every flag of every command is in the script. */
Test(cli_author, completion_knows_every_flag) {
  cli_result commands = cli_sh("$G --help | sed -n '/^Commands/,/^$/p' | awk 'NF > 1 {print $1}'");
  ok(commands);
  size_t count = 0;
  for (char *command = strtok(commands.out, "\n"); command != NULL; command = strtok(NULL, "\n"), count++)
    ok(cli_sh("$G completion bash > script && $G %s --help | grep -E '^  +(-., )?--' | grep -o -e "
              "'--[a-z-]*' | while read flag; do bash -c "
              "\". ./script; _gradpath_flags %s\" | grep -q -x -e \"$flag\" || { echo $flag; exit 1; }; done",
              command, command));
  cr_assert_gt(count, 15);
  ok(cli_sh("$G completion zsh | head -1 | grep -q '^#compdef gradpath$'"));
  fails(cli_sh("$G completion fish"), 2, "unknown value of SHELL 'fish'");
}
