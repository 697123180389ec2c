/* Reading results through the program: show, export, dump, gradcheck, theory, plot. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_case.h"

static void begin(void) {
  cli_case_begin();
  cli_result r = cli_sh("$G run tiny.yaml -j2 -o a.h5");
  cr_assert_eq(r.exit, 0, "%s", r.err);
}

TestSuite(cli_results, .init = begin, .fini = cli_case_end, .timeout = 120);

static void ok(cli_result r) {
  cr_assert_eq(r.exit, 0, "exit %d: %s%s", r.exit, r.out, r.err);
}

static size_t lines(const char *text) {
  size_t n = 0;
  for (; *text != '\0'; text++) n += *text == '\n';
  return n;
}

Test(cli_results, show_names_what_matters) {
  cli_result r = cli_sh("$G show a.h5");
  ok(r);
  static const char *const wanted[] = {"tiny",          "Does it run?", "24 runs: 24 done", "activation",
                                       "learning_rate", "verdict",      "final_loss",       "gradient_factor",
                                       "In short",      "sigmoid"};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
    cr_assert_not_null(strstr(r.out, wanted[i]), "no %s in:\n%s", wanted[i], r.out);
  cr_assert_null(strstr(r.out, "\033["));
}

/* Conditions select, keys order, columns choose; CSV has a head and a line per run. */
Test(cli_results, show_selects) {
  static const struct {
    const char *flags;
    size_t rows;
  } cases[] = {{"", 24},
               {"--where activation=relu", 8},
               {"--where activation=relu,tanh", 16},
               {"--where 'activation!=relu'", 16},
               {"--where depth=4 --where seed=1", 6},
               {"--where 'depth>1'", 12},
               {"--where 'learning_rate<0.5'", 12},
               {"--where 'learning_rate>=0.01' --sort -final_loss,seed", 24},
               {"--where depth=99", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    cli_result r = cli_sh("$G show a.h5 --csv %s", cases[i].flags);
    ok(r);
    cr_assert_eq(lines(r.out), cases[i].rows + 1, "%s:\n%s", cases[i].flags, r.out);
  }
  cr_assert_eq(cli_sh("$G show a.h5 --where deptj=1").exit, 2);
  cr_assert_eq(cli_sh("$G show a.h5 --where depth").exit, 2);
  const struct {
    const char *flags, *said;
  } wrong[] = {{"--where verdict=healty", "did you mean 'healthy'?"},
               {"--where 'depth>deep'", "depth with 'deep', which is no number"},
               {"--sort loss", "its last one is the column final_loss"},
               {"--columns activation,delta_rms", "a value for every checkpoint"}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    cli_result r = cli_sh("$G show a.h5 %s", wrong[i].flags);
    cr_assert_eq(r.exit, 2);
    cr_assert_not_null(strstr(r.err, wrong[i].said), "%s: %s", wrong[i].flags, r.err);
  }
  cr_assert_not_null(strstr(cli_sh("$G show a.h5 --sort fnal_loss").err, "did you mean 'final_loss'?"));
  cr_assert_eq(strncmp(cli_sh("$G show a.h5 --csv --columns seed,depth").out, "run,seed,depth\n", 15), 0);
}

/* A group of which most diverged has an infinite median loss, not that of its survivors: of 48 runs a third is sane. */
Test(cli_results, show_counts_divergence) {
  ok(cli_sh(
      "$G run tiny.yaml activation=relu depth=4 loss=mse learning_rate=0.01,1e8,1e10 seed=0..15 -o d.h5"));
  cli_result r = cli_sh("$G show d.h5 | grep '^ *1e+10' | tr -s ' ' | cut -d ' ' -f 3,4");
  cr_assert_str_eq(r.out, "diverged inf\n", "%s", cli_sh("$G show d.h5").out);
  r = cli_sh("$G show d.h5 | grep -A 3 'In short' | tail -1 | tr -s ' ' | cut -d ' ' -f 2,3");
  cr_assert_str_eq(r.out, "48 inf\n", "%s", cli_sh("$G show d.h5").out);
  /* A loss that is not a number names no class: its accuracy is unknown, not 0. */
  r = cli_sh(
      "$G show d.h5 --csv --columns final_loss,final_accuracy | cut -d, -f 2- | grep '^nan' | sort -u");
  cr_assert_str_eq(r.out, "nan,nan\n");
}

/* In a narrow terminal results go, the least important first; axes, the verdict and what was asked for stay. */
Test(cli_results, show_fits_the_terminal) {
  static const struct {
    const char *line, *has, *has_not;
  } cases[] = {{"COLUMNS=200 $G show a.h5", " best_loss ", "left out"},
               {"env -u COLUMNS $G show a.h5", " best_loss ", "left out"},
               {"COLUMNS=80 $G show a.h5", " final_loss", " best_loss"},
               {"COLUMNS=80 $G show a.h5", "columns left out", " gradient_span\n"},
               {"COLUMNS=80 $G show a.h5 --sort best_loss", " best_loss", " gradient_span\n"},
               {"COLUMNS=10 $G show a.h5", "learning_rate  seed  verdict\n", " best_loss"},
               {"COLUMNS=10 $G show a.h5 --columns depth,best_loss", "depth  best_loss\n", "left out"},
               {"COLUMNS=10 $G show a.h5 --csv", ",best_loss,", "left out"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    /* Of the table alone: the summary below it has columns of its own. */
    cli_result r = cli_sh("%s | sed '/In short/,$d'", cases[i].line);
    ok(r);
    cr_assert_not_null(strstr(r.out, cases[i].has), "%s: no '%s' in\n%s", cases[i].line, cases[i].has, r.out);
    cr_assert_null(strstr(r.out, cases[i].has_not), "%s: '%s' in\n%s", cases[i].line, cases[i].has_not,
                   r.out);
  }
  cr_assert_eq(cli_sh("COLUMNS=80 $G show a.h5 | sed '/In short/,$d' | grep -q '^.\\{81\\}'").exit, 1);
}

/* A sort by a number really orders it. */
Test(cli_results, show_sorts) {
  cli_result r =
      cli_sh("$G show a.h5 --csv --columns final_loss --sort final_loss | tail -n +2 | cut -d, -f2");
  ok(r);
  double before = -1;
  size_t count = 0;
  for (const char *at = r.out; *at != '\0'; count++) {
    char *end;
    double value = strtod(at, &end);
    cr_assert(!(value < before), "%g after %g", value, before);
    before = value;
    at = end + 1;
  }
  cr_assert_eq(count, 24);
}

Test(cli_results, show_one_run) {
  cli_result r = cli_sh("$G show a.h5 --run 3");
  ok(r);
  cr_assert_not_null(strstr(r.out, "weight_gradient_norm"), "%s", r.out);
  cr_assert_not_null(strstr(r.out, "run_id"), "%s", r.out);
  cr_assert_eq(cli_sh("$G show a.h5 --run 24").exit, 2);
}

Test(cli_results, show_is_json) {
  if (cli_sh("command -v python3").exit != 0) cr_skip("python3 is not here to read the JSON");
  cli_result r =
      cli_sh("$G show a.h5 --json --columns all | python3 -c \"import json, sys; d = json.load(sys.stdin); "
             "print(len(d), type(d[0]['learning_rate']).__name__, d[0]['activation'])\"");
  ok(r);
  cr_assert_str_eq(r.out, "24 float sigmoid\n");
}

/* Fields are quoted where they must be: the optimiser's or checkpoint texts have commas. Every line has as many fields
 * as the head, read by another CSV reader. */
Test(cli_results, export_tables) {
  ok(cli_sh("$G export a.h5 -o tables && $G export a.h5 --table series --format tsv -o tables"));
  cr_assert(cli_has_file("tables/a-runs.csv") && cli_has_file("tables/a-series.csv") &&
            cli_has_file("tables/a-series.tsv"));
  cr_assert_eq(lines(cli_sh("$G export a.h5").out), 25);
  cr_assert_eq(lines(cli_sh("$G export a.h5 --where activation=relu").out), 9);
  if (cli_sh("command -v python3").exit != 0) return;
  cli_result r = cli_sh("python3 -c \"import csv; "
                        "r = list(csv.reader(open('tables/a-runs.csv'))); s = "
                        "list(csv.DictReader(open('tables/a-series.csv'))); "
                        "assert all(len(x) == len(r[0]) for x in r); "
                        "assert {x['layer'] for x in s if x['depth'] == '1'} == {'1', '2'}; "
                        "assert {x['layer'] for x in s if x['depth'] == '4'} == {'1', '2', '3', '4', '5'}; "
                        "assert all(float(x['weight_norm']) >= 0 for x in s)\"");
  ok(r);
  cr_assert_eq(cli_sh("$G export a.h5 -o /proc/nothing").exit, 74);
  cr_assert_eq(cli_sh("$G export a.h5 >/dev/full").exit, 74);
}

Test(cli_results, dump_and_gradcheck_and_theory) {
  ok(cli_sh("$G dump tiny.yaml activation=relu depth=4 learning_rate=1 seed=0 --steps 0,5 -o run.h5"));
  if (cli_sh("command -v h5dump").exit == 0) {
    cli_result r = cli_sh("h5dump -n run.h5");
    static const char *const wanted[] = {"/data/x",
                                         "/step_000000/batch",
                                         "/step_000005/layer_01/weight",
                                         "/step_000005/layer_05/bias_gradient",
                                         "/step_000000/layer_02/weight_update",
                                         "/step_000000/input_gradient"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
      cr_assert_not_null(strstr(r.out, wanted[i]), "no %s in:\n%s", wanted[i], r.out);
  }
  cr_assert_eq(
      cli_sh("$G dump tiny.yaml activation=relu depth=4 learning_rate=1 seed=0 --steps 31 -o x.h5").exit, 2);
  cr_assert_eq(cli_sh("$G dump tiny.yaml activation=relu depth=4 learning_rate=1 seed=0 -o /proc/x.h5").exit,
               74);
  cli_result check = cli_sh("$G gradcheck tiny.yaml");
  ok(check);
  cr_assert_not_null(strstr(check.out, "6 networks"), "%s", check.out);
  cli_result theory = cli_sh("$G theory tiny.yaml depth=30 width=32 activation=sigmoid");
  ok(theory);
  cr_assert_not_null(strstr(theory.out, "gradient_factor 0.23"), "%s", theory.out);
  theory = cli_sh("$G theory tiny.yaml depth=1");
  ok(theory);
  cr_assert(strstr(theory.out, "gradient_factor ., gradient_span . decades") != NULL &&
                strstr(theory.out, "nan") == NULL,
            "%s", theory.out);
}

/* A dump replaces a dump and nothing else: not results, not a text, not an HDF5 file of another program, and least of
 * all what is not a file (a pipe stands for the devices). */
/* A run of a file needs no settings: the same arrays as by its settings, whatever options its choices have. */
Test(cli_results, dump_of_a_run_of_a_file) {
  cr_assert_eq(
      cli_sh("$G run tiny.yaml depth=4 'activation=[relu, {name: leaky_relu, slope: [0.1, 0.2]}]' -o o.h5")
          .exit,
      0);
  cli_result r =
      cli_sh("$G show o.h5 --where activation_slope=0.2 --where learning_rate=1 --where seed=1 --columns "
             "seed --csv | tail -1 | cut -d, -f1");
  cr_assert_eq(cli_sh("$G dump o.h5 --run %s -o x.h5", strtok(r.out, "\n")).exit, 0);
  cr_assert_eq(
      cli_sh(
          "$G dump tiny.yaml depth=4 'activation={name: leaky_relu, slope: 0.2}' learning_rate=1 seed=1 -o "
          "y.h5")
          .exit,
      0);
  if (cli_sh("command -v h5diff").exit == 0) cr_assert_eq(cli_sh("h5diff x.h5 y.h5").exit, 0);
  cr_assert_eq(cli_sh("$G dump o.h5 --run 999 -o z.h5").exit, 2);
  cr_assert_eq(cli_sh("$G dump o.h5 --run 1 depth=3 -o z.h5").exit, 2);
  cr_assert_eq(cli_sh("$G dump tiny.yaml --run 1 -o z.h5").exit, 2);
}

/* A failed run is named with a line that repeats it alone, ready to paste. */
Test(cli_results, failures_name_their_repetition) {
  cli_result r = cli_sh(
      "printf 'limits: {run_seconds: 0.001}\n' >> tiny.yaml; $G run tiny.yaml depth=4 train.steps=30000 "
      "'activation={name: leaky_relu, slope: [0.1, 0.2]}' -o \"a file.h5\"");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  char *line = strstr(r.err, "gradpath dump 'a file.h5' --run "); /* of two workers either may be first */
  cr_assert_not_null(line, "%s", r.err);
  cr_assert_eq(cli_sh("$G %.*s", (int)strcspn(line, "\n") - 9, line + 9).exit, 0);
  cr_assert(cli_has_file("run.h5"));
}

Test(cli_results, dump_replaces_only_dumps) {
  const char *one = "$G dump tiny.yaml activation=relu depth=4 learning_rate=1 seed=%d -o %s";
  ok(cli_sh(one, 0, "run.h5"));
  ok(cli_sh("cp run.h5 first.h5"));
  ok(cli_sh(one, 1, "run.h5"));
  cr_assert_eq(cli_sh("cmp -s run.h5 first.h5").exit, 1);
  ok(cli_sh("echo mine > note.txt && cp note.txt note && cp a.h5 results.h5 && mkfifo pipe && mkdir folder"));
  static const char *const files[] = {"note.txt", "results.h5"};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    cli_result r = cli_sh(one, 0, files[i]);
    cr_assert_eq(r.exit, 2, "%s: exit %d", files[i], r.exit);
    cr_assert_not_null(strstr(r.err, "is not a dump"), "%s", r.err);
  }
  ok(cli_sh("cmp note.txt note && cmp results.h5 a.h5"));
  cr_assert_eq(cli_sh(one, 0, "pipe").exit, 74);
  cr_assert_eq(cli_sh(one, 0, "folder").exit, 74);
  ok(cli_sh("test -p pipe && test -d folder && test ! -e pipe.tmp"));
}

Test(cli_results, plot_draws) {
  if (cli_sh("command -v gnuplot").exit != 0) cr_skip("gnuplot is not installed");
  ok(cli_sh("$G plot --list"));
  cli_result r = cli_sh("$G plot a.h5 --format svg -o charts && ls charts/*.svg");
  ok(r);
  cr_assert_not_null(strstr(r.out, ".svg"), "%s", r.out);
}
