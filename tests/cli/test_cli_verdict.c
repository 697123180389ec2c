/* show --verdict: runs judged again from their file, against what the trainer said while it ran. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli_case.h"

/* Every verdict is among these runs. Probes at steps of their own and runs of two lengths put rows between a run's
 * checkpoints that are none of them. In the CSV the last four columns are verdict, judged, and the conditions of both. */
static const char kinds[] =
    "cat > kinds.yaml <<'END'\n"
    "study: kinds\n"
    "data: {name: moons, samples: 32, test: 0}\n"
    "model:\n"
    "  {depth: [1, 16], width: 16, activation: [tanh, relu], init: [xavier, {name: normal, std: 1.3}],\n"
    "   bias_init: {name: constant, value: [1e-30, -3, 6]}}\n"
    "train: {learning_rate: [0.0001, 0.5], batch: 8, steps: [20, 27]}\n"
    "record: {checkpoints: {log: 9}, probes: [all, {name: noise, every: 7}]}\n"
    "END\n"
    "$G run kinds.yaml -j2 -o a.h5";

static void begin(void) {
  cli_case_begin();
}

TestSuite(cli_verdict, .init = begin, .fini = cli_case_end, .timeout = 300);

static void ok(cli_result r) {
  cr_assert_eq(r.exit, 0, "exit %d: %s%s", r.exit, r.out, r.err);
}

static void stored_thresholds_give_stored_verdicts(void) {
  static const char *const words[] = {"diverged",  "dead",        "vanishing", "exploding",
                                      "saturated", "oscillating", "stalled",   "healthy"};
  ok(cli_sh("$G show a.h5 --verdict --csv > judged.csv"));
  cli_result r = cli_sh("head -1 judged.csv | rev | cut -d, -f -4 | rev");
  cr_assert_str_eq(r.out, "verdict,judged,conditions,judged_conditions\n");
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    cr_assert_eq(cli_sh("rev judged.csv | cut -d, -f 4 | rev | grep -q '^%s$'", words[i]).exit, 0,
                 "no run is %s", words[i]);
  r = cli_sh("tail -n +2 judged.csv | awk -F, '$(NF - 3) != $(NF - 2) || $(NF - 1) != $NF'");
  cr_assert_str_eq(r.out, "");
  r = cli_sh("$G show a.h5 --verdict | tail -1");
  cr_assert_str_eq(r.out, "0 of 96 judged runs have another verdict than the stored one\n");
}

/* The verdicts of a sweep that was run with other thresholds, and those of this file with them: thresholds change no
 * number of a run. Each of the eight counts: taken back to its default it gives other conditions. */
static void judges_as_a_run_with_the_thresholds(void) {
  static const char all[] = "span=1,growth=2,dead_fraction=0.2,saturated_fraction=0.1,trained_below=0.95,"
                            "diverged_above=1.05,rise=0.3,rise_share=0.1";
  static const char *const defaults[] = {"span=3",
                                         "growth=1000",
                                         "dead_fraction=0.9",
                                         "saturated_fraction=0.9",
                                         "trained_below=0.5",
                                         "diverged_above=10",
                                         "rise=0.05",
                                         "rise_share=0.3"};
  ok(cli_sh("$G run kinds.yaml $(echo %s | sed 's/^/verdict./; s/,/ verdict./g') -j2 -o b.h5", all));
  ok(cli_sh("$G show b.h5 --csv --columns verdict,conditions | tail -n +2 > wanted"));
  ok(cli_sh("$G show a.h5 --threshold %s --csv | tail -n +2 | awk -F, -v OFS=, '{print $1, $(NF - 2), $NF}' "
            "> judged",
            all));
  ok(cli_sh("cmp wanted judged"));
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
    ok(cli_sh("$G show a.h5 --threshold %s --threshold %s --csv | tail -n +2 | awk -F, -v OFS=, '{print $1, "
              "$(NF - 2), $NF}' > other",
              all, defaults[i]));
    cr_assert_eq(cli_sh("cmp -s wanted other").exit, 1, "%s changes nothing", defaults[i]);
  }
}

/* Each line of the counts: the runs of a stored verdict, and what became of them. */
static void counts_add_up(void) {
  cli_result r =
      cli_sh("$G show a.h5 --threshold span=1 | awk '/^stored/ {on = 1; next} NF == 0 {on = 0} on {n = $2; "
             "for (i = 3; i <= NF; i++) n -= $i; all += $2; if (n) print} END {print all}'");
  cr_assert_str_eq(r.out, "96\n");
}

Test(cli_verdict, judges_again) {
  ok(cli_sh("%s", kinds));
  stored_thresholds_give_stored_verdicts();
  judges_as_a_run_with_the_thresholds();
  counts_add_up();
}

Test(cli_verdict, says_what_it_cannot_judge) {
  ok(cli_sh("$G run tiny.yaml seed=0 record.probes=weights -o w.h5"));
  cli_result r = cli_sh("$G show w.h5 --verdict --csv | rev | cut -d, -f 3 | rev | sort -u");
  cr_assert_str_eq(r.out, "judged\nunknown\n", "%s", r.out);
  cr_assert_not_null(strstr(cli_sh("$G show w.h5 --verdict").err, "12 runs were not judged"));
}

Test(cli_verdict, refuses_thresholds_that_are_none) {
  static const struct {
    const char *flag, *message;
  } cases[] = {{"--threshold spam=1", "unknown threshold 'spam'; did you mean 'span'?"},
               {"--threshold span", "a threshold is written name=value"},
               {"--threshold span=", "a threshold is written name=value"},
               {"--threshold span=-1", "is a number from 0 to 1000, not '-1'"},
               {"--threshold rise=2,span=3", "is a number from 0 to 1, not '2'"},
               {"--threshold span=nan", "is a number from 0 to 1000"},
               {"--threshold span=two", "not 'two'"},
               {"--verdict --theory", "--verdict goes with neither"},
               {"--verdict --run 1", "exclude each other"}};
  ok(cli_sh("$G run tiny.yaml seed=0 depth=1 -o a.h5"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cli_result r = cli_sh("$G show a.h5 %s", cases[i].flag);
    cr_assert_eq(r.exit, 2, "%s", cases[i].flag);
    cr_assert_str_eq(r.out, "");
    cr_assert_not_null(strstr(r.err, cases[i].message), "%s: %s", cases[i].flag, r.err);
  }
}
