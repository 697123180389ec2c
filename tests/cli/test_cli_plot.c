/* Charts through the program: what is drawn, what is said, and the exit codes of everything that goes wrong. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli_case.h"

static void begin(void) {
  cli_case_begin();
  cli_result r = cli_sh("$G run tiny.yaml -j2 -o a.h5");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  if (cli_sh("command -v gnuplot").exit != 0) cr_skip("gnuplot is not installed");
}

TestSuite(cli_plot, .init = begin, .fini = cli_case_end, .timeout = 120);

static void expect(cli_result r, int code, const char *wanted) {
  cr_assert_eq(r.exit, code, "exit %d, not %d: %s%s", r.exit, code, r.out, r.err);
  cr_assert(strstr(r.out, wanted) != NULL || strstr(r.err, wanted) != NULL, "no '%s' in: %s%s", wanted, r.out,
            r.err);
}

Test(cli_plot, three_formats_with_script_data_and_caption) {
  expect(cli_sh("$G plot a.h5 --chart gradient-by-layer -o c"), 0, "gradient-by-layer");
  expect(cli_sh("tail -c 20 c/gradient-by-layer.svg"), 0, "</svg>");
  expect(cli_sh("tail -c 8 c/gradient-by-layer.pdf"), 0, "%%EOF");
  expect(cli_sh("tail -c 12 c/gradient-by-layer.png | tr -d '\\000'"), 0, "IEND");
  expect(cli_sh("cat c/gradient-by-layer.txt"), 0, "gradpath plot a.h5 --chart gradient-by-layer -o c");
  expect(cli_sh("cd c && rm *.svg *.pdf *.png && gnuplot gradient-by-layer.gp && ls"), 0,
         "gradient-by-layer.pdf");
}

Test(cli_plot, one_run_says_what_is_left_out) {
  expect(cli_sh("$G run tiny.yaml depth=4 activation=relu learning_rate=0.1 seed=0 -o one.h5"), 0, "");
  expect(cli_sh("$G plot one.h5 -o one --format svg"), 0, "trainability-map was not drawn");
  cr_assert(cli_has_file("one/gradient-by-layer.svg") && cli_has_file("one/loss-curves.svg"));
}

Test(cli_plot, a_locale_without_utf8_costs_no_word) {
  cli_result r = cli_sh("LC_ALL=C $G plot a.h5 --chart gradient-by-layer --format svg -o c");
  cr_assert_eq(r.exit, 0);
  cr_assert(strstr(r.out, "gnuplot says") == NULL && strstr(r.err, "gnuplot says") == NULL, "%s%s", r.out,
            r.err);
}

/* relu has no slope: nothing may be held at "slope nan", and no panel may be empty for it. */
Test(cli_plot, an_option_is_told_with_its_activation) {
  expect(cli_sh("$G run tiny.yaml 'activation=[relu,{name: leaky_relu, slope: [0.1,0.2]}]' -o o.h5"), 0, "");
  cli_result r = cli_sh("$G plot o.h5 --format svg -o o");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  cr_assert(strstr(r.out, "nan") == NULL && strstr(r.out, "none") == NULL, "%s", r.out);
  expect(cli_sh("cat o/loss-curves.gp"), 0, "'Leaky ReLU (slope 0.1)', 'Leaky ReLU (slope 0.2)'");
  /* A block without runs is written as one row of NaN. */
  expect(cli_sh("grep -c '^1 NaN' o/loss-curves.dat || true"), 0, "0\n");
  expect(cli_sh("$G plot o.h5 --x activation_slope --chart gradient-by-layer --format svg -o o"), 0,
         "leaky ReLU");
}

Test(cli_plot, charts_are_operands_too) {
  expect(cli_sh("$G plot a.h5 loss-curves --chart gradient-by-layer --format svg -o c"), 0, "loss-curves");
  cr_assert(cli_has_file("c/loss-curves.svg") && cli_has_file("c/gradient-by-layer.svg"));
  cr_assert(!cli_has_file("c/depth-span.svg"));
}

Test(cli_plot, roles_and_conditions) {
  expect(
      cli_sh("$G plot a.h5 loss-curves --color depth --panel activation --where depth=1,4 --format svg -o c"),
      0, "");
  expect(cli_sh("cat c/loss-curves.gp"), 0, "runs with depth=1,4");
  expect(cli_sh("grep -c '^array line_color.3\\]' c/loss-curves.gp || true"), 0, "0\n");
  /* --color keeps its meaning for the terminal, and --lines is another word for the axis. */
  expect(cli_sh("$G plot a.h5 loss-curves --color never --lines depth --format svg -o c"), 0, "loss-curves");
  expect(cli_sh("$G plot a.h5 loss-curves --color seed --band depth --format svg -o c"), 0, "loss-curves");
  expect(cli_sh("cat c/loss-curves.gp"), 0, "runs over depth");
}

Test(cli_plot, widths_and_themes) {
  expect(cli_sh("$G plot a.h5 loss-curves --width column --theme dark --format svg,png -o w"), 0,
         "loss-curves");
  expect(cli_sh("head -c 400 w/loss-curves.svg"), 0, "width=\"326\""); /* 3.4 in of 96 pixels */
  expect(cli_sh("$G plot a.h5 loss-curves --width slide --format svg -o w"), 0, "loss-curves");
  expect(cli_sh("head -c 400 w/loss-curves.svg"), 0, "width=\"960\"");
  expect(cli_sh("$G plot a.h5 --width page"), 2, "text, column, slide");
  expect(cli_sh("$G plot a.h5 --theme blue"), 2, "light, dark");
}

Test(cli_plot, latex_sets_its_own_letters) {
  expect(cli_sh("$G plot a.h5 gradient-by-layer verdict-map dead-and-saturated --format cairolatex -o t"), 0,
         "tex");
  cr_assert(cli_has_file("t/verdict-map-latex.pdf") && !cli_has_file("t/verdict-map.pdf"));
  if (cli_sh("command -v pdflatex").exit != 0) cr_skip("pdflatex is not installed");
  cli_result r =
      cli_sh("cd t && printf '%%s' '\\documentclass{article}\\usepackage{graphicx,color}\\begin{document}"
             "\\input{gradient-by-layer-latex}\\input{verdict-map-latex}\\input{dead-and-saturated-latex}"
             "\\end{document}' > all.tex && pdflatex -halt-on-error -interaction=nonstopmode all.tex");
  cr_assert_eq(r.exit, 0, "%s", r.out);
}

Test(cli_plot, several_files_are_compared) {
  expect(cli_sh("$G run tiny.yaml width=6 -o wider.h5"), 0, "");
  expect(cli_sh("$G plot a.h5 wider.h5 depth-span loss-curves --format svg"), 0, "a-compared/loss-curves");
  expect(cli_sh("cat a-compared/loss-curves.gp"), 0, "'a', 'wider'");
  expect(cli_sh("cat a-compared/loss-curves.txt"), 0, "and wider.h5 (xxh128 ");
  expect(cli_sh("$G plot a.h5 nowhere.h5 loss-curves"), 2, "nowhere.h5");
}

Test(cli_plot, bad_requests_exit_2) {
  expect(cli_sh("$G plot a.h5 loss-curve"), 2, "did you mean 'loss-curves'?");
  expect(cli_sh("$G plot a.h5 --color dept"), 2, "did you mean 'depth'?");
  expect(cli_sh("$G plot a.h5 --band sed"), 2, "did you mean 'seed'?");
  expect(cli_sh("$G plot a.h5 --band step"), 2, "over runs");
  expect(cli_sh("$G plot a.h5 --color depth --lines depth"), 2, "same role");
  expect(cli_sh("$G plot a.h5 --where dpth=3"), 2, "did you mean 'depth'?");
  expect(cli_sh("$G plot a.h5 --where layer=99"), 2, "no layer 99");
  expect(cli_sh("$G plot a.h5 cure-matrix"), 2, "needs a sweep over norm");
  expect(cli_sh("$G plot a.h5 verdict-map --x layer"), 2, "no free role");
  expect(cli_sh("$G plot a.h5 --where 'depth>999'"), 2, "no run meets");
  expect(cli_sh("$G plot a.h5 --chart loss-curve"), 2, "did you mean 'loss-curves'?");
  expect(cli_sh("$G plot a.h5 --format jpg"), 2, "svg, pdf, png");
  expect(cli_sh("$G plot a.h5 --panel nonsense"), 2, "not a swept column");
  /* No chart of the default set before it may have been drawn or replaced. */
  expect(cli_sh("$G plot a.h5 --x dept -o untouched"), 2, "did you mean 'depth'?");
  cr_assert(!cli_has_file("untouched"));
  expect(cli_sh("$G plot missing.h5"), 2, "missing.h5");
  expect(cli_sh("echo no hdf5 > b.h5; $G plot b.h5"), 2, "b.h5");
}

Test(cli_plot, what_cannot_be_written_exits_74) {
  expect(cli_sh("touch file; $G plot a.h5 -o file/charts"), 74, "file");
  expect(cli_sh("mkdir -p empty; PATH=$PWD/empty $G plot a.h5 -o d"), 74, "gnuplot was not found");
  cr_assert(cli_has_file("d/gradient-by-layer.gp"));
}
