/* Whole sweeps through the program: same bytes however they ran, nothing lost, nothing overwritten. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli_case.h"

TestSuite(cli_sweep, .init = cli_case_begin, .fini = cli_case_end, .timeout = 300);

static void ok(cli_result r) {
  cr_assert_eq(r.exit, 0, "exit %d: %s%s", r.exit, r.out, r.err);
}

static void same_bytes(const char *a, const char *b) {
  cr_assert_eq(cli_sh("cmp %s %s", a, b).exit, 0, "%s and %s differ", a, b);
}

/* Thread counts, order of work, instruction sets and lane groups leave no trace. */
Test(cli_sweep, same_bytes_for_any_threads_tier_and_plan) {
  static const char *const tiers[] = {"portable", "avx2", "avx512"};
  ok(cli_sh("$G run tiny.yaml --no-provenance -j1 -o one.h5"));
  ok(cli_sh("$G run tiny.yaml --no-provenance -j4 -o four.h5"));
  same_bytes("one.h5", "four.h5");
  char *supported = cli_sh("$G --version").out;
  for (size_t t = 0; t < 3; t++) {
    if (strstr(supported, tiers[t]) == NULL) continue;
    ok(cli_sh("$G run tiny.yaml --no-provenance --tier=%s -o %s.h5", tiers[t], tiers[t]));
    char name[32];
    snprintf(name, sizeof name, "%s.h5", tiers[t]);
    same_bytes("one.h5", name);
  }
  ok(cli_sh("$G run tiny.yaml --no-provenance --plan=single -o single.h5"));
  ok(cli_sh("$G run tiny.yaml --no-provenance --plan=lanes -o lanes.h5"));
  same_bytes("one.h5", "single.h5");
  same_bytes("one.h5", "lanes.h5");
  /* And a run that differs does leave a trace. */
  ok(cli_sh("$G run tiny.yaml steps=31 --no-provenance -o other.h5"));
  cr_assert_neq(cli_sh("cmp one.h5 other.h5").exit, 0);
}

/* The second call computes nothing; a longer axis computes what is new, and the file equals one made in one go. */
Test(cli_sweep, extends_what_is_there) {
  ok(cli_sh("$G run tiny.yaml seed=0 --no-provenance -o a.h5"));
  cli_result again = cli_sh("$G run tiny.yaml seed=0 --no-provenance -o a.h5");
  ok(again);
  cr_assert_not_null(strstr(again.out, "12 kept, 0 computed"), "%s", again.out);
  cli_result more = cli_sh("$G run tiny.yaml seed=0..1 --no-provenance -o a.h5");
  ok(more);
  cr_assert_not_null(strstr(more.out, "12 kept, 12 computed"), "%s", more.out);
  ok(cli_sh("$G run tiny.yaml seed=0..1 --no-provenance -o b.h5"));
  same_bytes("a.h5", "b.h5");
  cr_assert_not(cli_has_file("a.h5.journal"));
}

/* Runs of another configuration: refused, untouched; --fresh keeps them. */
Test(cli_sweep, foreign_output_is_left_alone) {
  ok(cli_sh("$G run tiny.yaml -o a.h5 && cp -p a.h5 before.h5"));
  cli_result refused = cli_sh("$G run tiny.yaml steps=31 -o a.h5");
  cr_assert_eq(refused.exit, 2, "%s", refused.err);
  cr_assert_not_null(strstr(refused.err, "24 runs"), "%s", refused.err);
  cr_assert_not_null(strstr(refused.err, "--fresh"), "%s", refused.err);
  same_bytes("a.h5", "before.h5");
  cr_assert_not(cli_has_file("a.h5.journal"));
  cr_assert_eq(cli_sh("$G run tiny.yaml steps=31 -o a.h5 --dry-run").exit, 2);
  ok(cli_sh("$G run tiny.yaml steps=31 -o a.h5 --fresh"));
  same_bytes("a.h5.1", "before.h5");
  cr_assert_neq(cli_sh("cmp a.h5 before.h5").exit, 0);
  ok(cli_sh("$G run tiny.yaml steps=32 -o a.h5 --fresh"));
  cr_assert(cli_has_file("a.h5.2"));
  same_bytes("a.h5.1", "before.h5");
}

/* Found before the first run: exit 74, and nothing that was there is touched. A device must stay one. */
Test(cli_sweep, unwritable_output) {
  static const char *const outputs[] = {"/proc/gradpath/x.h5", "/dev/full", "folder", "file/x.h5",
                                        "/dev/null"};
  ok(cli_sh("mkdir folder && touch file"));
  for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
    cli_result r = cli_sh("$G run tiny.yaml -o %s", outputs[i]);
    cr_assert_eq(r.exit, 74, "%s: exit %d: %s", outputs[i], r.exit, r.err);
    cr_assert_not_null(strstr(r.err, outputs[i]), "%s", r.err);
  }
  cr_assert_eq(cli_sh("test -c /dev/full && test -c /dev/null && test -d folder && test -f file").exit, 0);
}

/* A file size limit in the middle of a sweep: exit 74, and the same command completes it later. */
Test(cli_sweep, file_size_limit) {
  cli_result r = cli_sh("(ulimit -f 60; $G run tiny.yaml --no-provenance -o a.h5)");
  cr_assert_eq(r.exit, 74, "exit %d: %s", r.exit, r.err);
  cr_assert(cli_has_file("a.h5.journal"), "what was committed stays");
  cli_result rest = cli_sh("$G run tiny.yaml --no-provenance -o a.h5");
  ok(rest);
  cr_assert_not_null(strstr(rest.out, "kept"), "%s", rest.out);
  ok(cli_sh("$G run tiny.yaml --no-provenance -o b.h5"));
  same_bytes("a.h5", "b.h5");
}

/* Stops a sweep in the middle by a signal, checks how it ended, completes it, and compares with one made in peace. */
static void stopped_by(const char *signal, int exit_code) {
  /* The sweep waits for nothing: the signal comes when the journal shows that runs are being committed. */
  cli_result r =
      cli_sh("$G run long.yaml --no-provenance -j2 -o a.h5 & p=$!; "
             "n=0; while [ $n -lt 500 ] && [ $(stat -c %%s a.h5.journal 2>/dev/null || echo 0) -lt 60000 ]; "
             "do sleep 0.02; n=$((n + 1)); done; kill -%s $p; wait $p",
             signal);
  cr_assert_eq(r.exit, exit_code, "exit %d: %s%s", r.exit, r.out, r.err);
  if (exit_code == 137) {
    cr_assert(cli_has_file("a.h5.journal"));
  } else {
    cr_assert_not_null(strstr(r.err, "continue with: gradpath run long.yaml"), "%s", r.err);
    cr_assert_not(cli_has_file("a.h5.journal"), "packed");
  }
  cli_result rest = cli_sh("$G run long.yaml --no-provenance -j2 -o a.h5");
  ok(rest);
  cr_assert_not_null(strstr(rest.out, " kept, "), "%s", rest.out);
  cr_assert_null(strstr(rest.out, " kept, 0 computed"), "the signal came too late: %s", rest.out);
  ok(cli_sh("$G run long.yaml --no-provenance -j2 -o b.h5"));
  same_bytes("a.h5", "b.h5");
}

Test(cli_sweep, interrupted_and_continued) {
  stopped_by("INT", 130);
}
Test(cli_sweep, terminated_and_continued) {
  stopped_by("TERM", 75);
}
Test(cli_sweep, killed_and_continued) {
  stopped_by("KILL", 137);
}

/* A stop in a long run: it is left after two seconds and stays pending. */
Test(cli_sweep, long_run_is_left) {
  cli_result r =
      cli_sh("$G run long.yaml steps=100000000 seed=0 -j2 -o a.h5 & p=$!; sleep 0.5; kill -INT $p; "
             "s=$(date +%%s); wait $p; e=$?; test $(( $(date +%%s) - s )) -le 20 || exit 99; exit $e");
  cr_assert_eq(r.exit, 130, "exit %d: %s", r.exit, r.err);
  cli_result shown = cli_sh("$G show a.h5");
  ok(shown);
  cr_assert_not_null(strstr(shown.out, "12 pending"), "%s", shown.out);
}

/* limits.total_seconds ends the sweep in good order; the rest stays pending. */
Test(cli_sweep, total_time_limit) {
  cli_result r = cli_sh("(cat long.yaml; echo 'limits: {total_seconds: 1}') >timed.yaml; "
                        "$G run timed.yaml steps=100000000 seed=0 -j2 -o a.h5");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  cr_assert_not_null(strstr(r.err, "total_seconds"), "%s", r.err);
  cr_assert_not_null(strstr(r.out, "12 left"), "%s", r.out);
}

/* A run over limits.run_seconds is a failure: exit 1 under --fail-fast, once more under --retry failed. */
Test(cli_sweep, fail_fast_and_retry) {
  ok(cli_sh("(cat tiny.yaml; echo 'limits: {run_seconds: 0.2}') >slow.yaml"));
  cli_result r =
      cli_sh("$G run slow.yaml steps=100000000 depth=4 activation=relu seed=0 -j1 -o a.h5 --fail-fast");
  cr_assert_eq(r.exit, 1, "exit %d: %s", r.exit, r.err);
  cr_assert_not_null(strstr(r.err, "timeout"), "%s", r.err);
  cr_assert_not_null(strstr(r.err, "gradpath dump a.h5 --run "), "%s", r.err);
  cli_result kept = cli_sh("$G run slow.yaml steps=100000000 depth=4 activation=relu seed=0 -j1 -o a.h5");
  ok(kept);
  cr_assert_not_null(strstr(kept.out, "1 kept, 1 computed"), "%s", kept.out);
  cli_result again =
      cli_sh("$G run slow.yaml steps=100000000 depth=4 activation=relu seed=0 -j1 -o a.h5 --retry failed");
  ok(again);
  cr_assert_not_null(strstr(again.out, "2 computed"), "%s", again.out);
}

/* Runs that do not fit into memory say how much they wanted; the others, before and after them, do not notice. */
Test(cli_sweep, out_of_memory_is_the_run_s_own) {
#ifdef __SANITIZE_ADDRESS__
  cr_skip("its shadow memory does not fit under the limit");
#endif
  static const char run[] =
      "ulimit -v 400000; $G run tiny.yaml depth=4 activation=relu learning_rate=0.01 seed=0..1 "
      "width=8,20000,16 -j1 -o a.h5";
  cli_result r = cli_sh("%s", run);
  ok(r);
  cr_assert_not_null(strstr(r.err, "2 runs failed"), "%s", r.err);
  cr_assert_not_null(strstr(r.err, "bytes wanted for one worker"), "%s", r.err);
  r = cli_sh("$G show a.h5 --csv --columns width,status");
  cr_assert_not_null(strstr(r.out, "20000,out_of_memory"), "%s", r.out);
  cr_assert(strstr(r.out, "16,done") != NULL && strstr(r.out, "8,done") != NULL, "%s", r.out);
  r = cli_sh("%s --retry failed", run);
  cr_assert_not_null(strstr(r.out, "4 kept, 2 computed"), "%s", r.out);
  r = cli_sh("ulimit -v 400000; $G plan tiny.yaml width=65536 depth=60");
  cr_assert(r.exit == 2 && strstr(r.err, "bytes wanted for one worker") != NULL, "exit %d: %s", r.exit,
            r.err);
}

/* Two processes, one output: the second is refused, the first is not disturbed. */
Test(cli_sweep, locked_output) {
  cli_result r =
      cli_sh("$G run long.yaml -j1 -o a.h5 & p=$!; "
             "n=0; while [ $n -lt 500 ] && [ ! -s a.h5.journal ]; do sleep 0.02; n=$((n + 1)); done; "
             "$G run long.yaml -j1 -o a.h5; e=$?; $G run long.yaml --fresh -j1 -o a.h5; f=$?; "
             "kill -INT $p; wait $p; test $? = 130 && test $f = 74 && exit $e");
  cr_assert_eq(r.exit, 74, "exit %d: %s", r.exit, r.err);
  cr_assert_not(cli_has_file("a.h5.1.journal"));
}

/* Shards cover the plan, each in its own file. */
Test(cli_sweep, shards) {
  for (int i = 1; i <= 3; i++) {
    cli_result r = cli_sh("$G run tiny.yaml --shard %d/3", i);
    ok(r);
    cr_assert_not_null(strstr(r.out, "8 runs of tiny"), "%s", r.out);
  }
  cr_assert(cli_has_file("results/tiny.1-of-3.h5") && cli_has_file("results/tiny.3-of-3.h5"));
}

Test(cli_sweep, dry_run_writes_nothing) {
  cli_result r = cli_sh("$G run tiny.yaml --dry-run");
  ok(r);
  cr_assert_not_null(strstr(r.out, "runs       24"), "%s", r.out);
  cr_assert_not(cli_has_file("results"));
  ok(cli_sh("$G plan tiny.yaml"));
  cr_assert_not(cli_has_file("results"));
}

/* The default output, and a quick version beside it. */
Test(cli_sweep, default_output) {
  ok(cli_sh("$G run tiny.yaml && $G run tiny.yaml --quick"));
  cr_assert(cli_has_file("results/tiny.h5") && cli_has_file("results/tiny-quick.h5"));
  cr_assert_not_null(strstr(cli_sh("$G show results/tiny-quick.h5").out, "12 done"));
}
