/* Sweeps over several processes under mpirun: the same bytes as one process, whatever becomes of the ranks. More ranks
 * than processors on purpose. */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_case.h"

#define MPIRUN "mpirun --oversubscribe --bind-to none -n %d "

static void begin(void) {
  /* As root, as in a container, Open MPI wants to be asked twice. */
  setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  cli_case_begin();
}

TestSuite(cli_ranks, .init = begin, .fini = cli_case_end, .timeout = 300);

static void ok(cli_result r) {
  cr_assert_eq(r.exit, 0, "exit %d: %s%s", r.exit, r.out, r.err);
}

static void same_bytes(const char *a, const char *b) {
  cr_assert_eq(cli_sh("cmp %s %s", a, b).exit, 0, "%s and %s differ", a, b);
}

static void nothing_left(void) {
  cli_result left = cli_sh("ls | grep -E 'journal|tmp$'");
  cr_assert_neq(left.exit, 0, "left: %s", left.out);
}

Test(cli_ranks, same_bytes_as_one_process) {
  ok(cli_sh("$G run tiny.yaml --no-provenance -o one.h5"));
  for (int ranks = 2; ranks <= 4; ranks += 2) {
    cli_result r = cli_sh(MPIRUN "$G run tiny.yaml -j1 --no-provenance -o ranks.h5", ranks);
    ok(r);
    cr_assert_not_null(strstr(r.out, "24 runs of tiny, 24 computed"), "%s", r.out);
    cr_assert_null(strstr(strstr(r.out, "24 runs of tiny") + 1, "24 runs of tiny"), "one rank speaks: %s",
                   r.out);
    same_bytes("one.h5", "ranks.h5");
    nothing_left();
    ok(cli_sh("rm ranks.h5"));
  }
  cli_result again = cli_sh(MPIRUN "$G run tiny.yaml --no-provenance -o one.h5", 3);
  ok(again);
  cr_assert_not_null(strstr(again.out, "24 kept, 0 computed"), "%s", again.out);
}

/* Threads in the ranks, seconds of everyone's runs, and who they were. */
Test(cli_ranks, provenance_tells_of_all) {
  ok(cli_sh(MPIRUN "$G run tiny.yaml -j2 -o ranks.h5", 3));
  cli_result told = cli_sh("ncdump -h ranks.h5 | grep -E ':ranks|:threads|:runs_computed'");
  ok(told);
  cr_assert_not_null(strstr(told.out, ":ranks = \"3\""), "%s", told.out);
  cr_assert_not_null(strstr(told.out, ":threads = \"2\""), "%s", told.out);
  cr_assert_not_null(strstr(told.out, ":runs_computed = \"24\""), "%s", told.out);
  cr_assert_neq(
      cli_sh("ncdump -v provenance/seconds ranks.h5 | sed -n '/^ *seconds = /,$p' | grep -q _").exit, 0,
      "every run has its seconds");
}

/* Starts a sweep of 3 ranks whose process numbers are written down, and does something to one in the middle: when the
 * journals of the first and the last rank hold runs. */
static cli_result disturbed(int ranks, const char *what) {
  return cli_sh(
      MPIRUN "sh -c 'echo $$ > pid.$OMPI_COMM_WORLD_RANK; exec $G run long.yaml steps=3000 -j1 "
             "--no-provenance -o a.h5' & p=$!; n=0; size() { stat -c %%s $1 2>/dev/null || echo 0; }; "
             "while [ $n -lt 1000 ] && { [ $(size a.h5.journal) -lt 28000 ] || [ $(size a.h5.journal.1) -lt "
             "28000 ]; }; do sleep 0.01; n=$((n + 1)); done; %s; wait $p",
      ranks, what);
}

/* Everything that was committed is kept, the rest is computed, and the file is that of a sweep in peace. */
static void continues(const char *command, bool early) {
  cli_result shown = cli_sh("$G show a.h5");
  ok(shown);
  cli_result rest = cli_sh("%s long.yaml steps=3000 --no-provenance -o a.h5", command);
  ok(rest);
  cr_assert_not_null(strstr(rest.out, " kept, "), "%s", rest.out);
  cr_assert(!early || strstr(rest.out, " kept, 0 computed") == NULL, "it was through already: %s", rest.out);
  ok(cli_sh("$G run long.yaml steps=3000 --no-provenance -o b.h5"));
  same_bytes("a.h5", "b.h5");
  nothing_left();
}

Test(cli_ranks, killed_rank_and_continued) {
  cli_result r = disturbed(4, "kill -9 $(cat pid.2)");
  cr_assert_neq(r.exit, 0, "%s%s", r.out, r.err);
  cr_assert(cli_has_file("a.h5.journal.1"), "journals stay");
  continues("mpirun --oversubscribe --bind-to none -n 2 $G run", true);
}

Test(cli_ranks, killed_first_rank_and_continued_alone) {
  cli_result r = disturbed(3, "kill -9 $(cat pid.0)");
  cr_assert_neq(r.exit, 0, "%s%s", r.out, r.err);
  continues("$G run", true);
}

/* A signal to any rank stops all in good order. */
Test(cli_ranks, stopped_rank_stops_all) {
  cli_result r = disturbed(3, "kill -TERM $(cat pid.1)");
  cr_assert_eq(r.exit, 75, "exit %d: %s%s", r.exit, r.out, r.err);
  cr_assert_not_null(strstr(r.err, "rank 1 on "), "%s", r.err);
  cr_assert_not_null(strstr(r.err, "continue with: mpirun"), "%s", r.err);
  nothing_left();
  continues("$G run", true);
}

/* mpirun gives its processes two seconds before it kills them: some may have finished everything by then. */
Test(cli_ranks, stopped_launcher_loses_nothing) {
  cli_result r = disturbed(3, "kill -TERM $p");
  cr_assert_neq(r.exit, 0);
  continues("$G run", false);
}

/* One answer for all, said once. */
Test(cli_ranks, errors_are_said_once) {
  cli_result bad = cli_sh(MPIRUN "$G run tiny.yaml activation=sigmiod -o a.h5", 3);
  cr_assert_eq(bad.exit, 2, "exit %d: %s", bad.exit, bad.err);
  const char *first = strstr(bad.err, "did you mean 'sigmoid'");
  cr_assert_not_null(first, "%s", bad.err);
  cr_assert_null(strstr(first + 1, "did you mean 'sigmoid'"), "%s", bad.err);
  cli_result place = cli_sh(MPIRUN "$G run tiny.yaml -o /proc/gradpath/a.h5", 3);
  cr_assert_eq(place.exit, 74, "exit %d: %s", place.exit, place.err);
  /* A rank that cannot write its own journal. */
  cli_result journal = cli_sh(
      MPIRUN "sh -c 'test $OMPI_COMM_WORLD_RANK = 2 && ulimit -f 1; exec $G run long.yaml -o a.h5'", 3);
  cr_assert_eq(journal.exit, 74, "exit %d: %s", journal.exit, journal.err);
  cr_assert_not_null(strstr(journal.err, "rank 2 on "), "%s", journal.err);
  ok(cli_sh("$G run long.yaml -o a.h5"));
  /* Another configuration on one of them. */
  cli_result other = cli_sh(MPIRUN "sh -c 'exec $G run tiny.yaml steps=3$OMPI_COMM_WORLD_RANK -o c.h5'", 2);
  cr_assert_eq(other.exit, 2, "exit %d: %s", other.exit, other.err);
  cr_assert_not_null(strstr(other.err, "rank 1 on "), "%s", other.err);
  cr_assert_not(cli_has_file("c.h5"));
  nothing_left();
}

/* One long run at the head of the queue keeps one rank; the other must do all the rest meanwhile. */
Test(cli_ranks, no_rank_is_idle_while_runs_remain) {
  cli_result r = cli_sh(
      MPIRUN "$G run tiny.yaml 'activation=relu' 'depth=1,20' 'width=8,200' seed=0..7 'learning_rate=0.01' "
             "steps=1500 --plan=single -j1 --no-provenance -o a.h5 & "
             "p=$!; while kill -0 $p 2>/dev/null; do for f in a.h5.journal a.h5.journal.1; do "
             "s=$(stat -c %%s $f 2>/dev/null) && echo $s > size.$f; done; sleep 0.02; done; wait $p",
      2);
  ok(r);
  cli_result sizes = cli_sh("cat size.a.h5.journal size.a.h5.journal.1");
  ok(sizes);
  double first, second;
  cr_assert_eq(sscanf(sizes.out, "%lf %lf", &first, &second), 2, "%s", sizes.out);
  cr_assert(first > 18000 && second > 18000, "both worked: %s", sizes.out);
}
