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
  ok(cli_sh("python3 %s/tests/cli/check_schema.py $G .", GP_SOURCE_DIR));
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
