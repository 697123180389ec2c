/* Reports through the program: what is written, that texts stay texts, that nothing of others is touched, exit codes. What the
 * sentences and tables say is recomputed in tests/interop/check_report.py. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli_case.h"

static void begin(void) {
  cli_case_begin();
  cli_result r = cli_sh("$G run tiny.yaml -j2 -o a.h5");
  cr_assert_eq(r.exit, 0, "%s", r.err);
  if (cli_sh("command -v gnuplot").exit != 0) cr_skip("gnuplot is not installed");
}

TestSuite(cli_report, .init = begin, .fini = cli_case_end, .timeout = 300);

static void expect(cli_result r, int code, const char *wanted) {
  cr_assert_eq(r.exit, code, "exit %d, not %d: %s%s", r.exit, code, r.out, r.err);
  cr_assert(strstr(r.out, wanted) != NULL || strstr(r.err, wanted) != NULL, "no '%s' in: %s%s", wanted, r.out,
            r.err);
}

static void refuse(const char *file, const char *word) {
  cli_result r = cli_sh("cat %s", file);
  cr_assert_eq(r.exit, 0);
  cr_assert_null(strstr(r.out, word), "%s holds '%s'", file, word);
}

Test(cli_report, three_formats_beside_their_charts) {
  expect(cli_sh("$G report a.h5"), 0, "a/report.html");
  expect(cli_sh("cat a/report.html"), 0, "aria-label=");
  expect(cli_sh("cat a/report.md"), 0, "](figures/gradient-by-layer.svg)");
  expect(cli_sh("cat a/report.tex"), 0, "{figures/gradient-by-layer.pdf}");
  expect(cli_sh("cat a/report.md"), 0, "24 runs: every combination");
  cr_assert(cli_has_file("a/figures/gradient-by-layer.svg") &&
            cli_has_file("a/figures/gradient-by-layer.gp"));
  expect(cli_sh("ls -A a | wc -l"), 0, "4"); /* three documents, one folder, nothing of the making */
  expect(cli_sh("$G report a.h5 && ls -A a | wc -l"), 0, "4");
}

Test(cli_report, only_what_was_asked_for) {
  expect(cli_sh("$G report a.h5 --format markdown -o m"), 0, "m/report.md");
  cr_assert(!cli_has_file("m/report.html") && !cli_has_file("m/report.tex"));
  cr_assert(!cli_has_file("m/figures/gradient-by-layer.pdf"));
}

/* The same file again gives the same bytes: nothing of the clock, the folder or the process is in them. */
Test(cli_report, same_bytes_again) {
  expect(cli_sh("$G report a.h5 --format html -o x && cp x/report.html first && $G report a.h5 --format html "
                "-o x && cmp first x/report.html && echo same"),
         0, "same");
}

Test(cli_report, several_files_in_one) {
  expect(cli_sh("$G run tiny.yaml activation=tanh -o b.h5 && $G report a.h5 b.h5 -o both"), 0,
         "both/report.html");
  expect(cli_sh("cat both/report.md"), 0, "2 result files");
  cr_assert(cli_has_file("both/figures/1/loss-curves.svg") && cli_has_file("both/figures/2/loss-curves.svg"));
}

/* The claims of a study are in the report of its own sweep, and not in that of one that was changed. */
Test(cli_report, claims_of_a_study) {
  cr_assert_leq(cli_sh("$G study homogeneity --quick --no-charts").exit, 1);
  expect(cli_sh("$G report results/homogeneity-quick.h5 -f markdown -o own && cat own/report.md"), 0,
         "claims hold");
  expect(cli_sh("$G run homogeneity train.steps=3 seed=0 -o other.h5 && $G report other.h5 -f markdown"), 0,
         "report.md");
  refuse("other/report.md", "claims hold");
}

/* A question is data: no format may take a part of it for its own. */
Test(cli_report, hostile_texts_stay_texts) {
  cli_sh("sed -i 's/^question: .*/question: \"<script>alert(1)<\\/script> \\\\\\\\input{\\/etc\\/passwd} $x$ "
         "%%c \\& #1 ~^_ "
         "| `x` ![a](b) \\\\u202e\\\\u4e2d\"/' tiny.yaml");
  expect(cli_sh("head -2 tiny.yaml"), 0, "<script>alert(1)</script> \\\\input{/etc/passwd}");
  expect(cli_sh("$G run tiny.yaml -o h.h5 && $G report h.h5"), 0, "h/report.html");
  refuse("h/report.html", "<script");
  refuse("h/report.html", "\xE2\x80\xAE");
  expect(cli_sh("cat h/report.html"), 0, "&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(cli_sh("cat h/report.md"), 0,
         "\\<script\\>alert(1)\\</script\\> \\\\input{/etc/passwd} \\$x\\$ %c \\& \\#1");
  expect(cli_sh("cat h/report.md"), 0, "\\`x\\` \\!\\[a\\](b)");
  refuse("h/report.tex", "\\input{");
  expect(cli_sh("cat h/report.tex"), 0, "\\textbackslash{}input\\{/\\allowbreak{}etc");
  expect(cli_sh("cat h/report.tex"), 0, "[U+4E2D]");
}

Test(cli_report, files_of_others_are_left_alone) {
  expect(cli_sh("mkdir o && echo mine > o/report.md && $G report a.h5 -o o"), 2, "o/report.md is there");
  expect(cli_sh("cat o/report.md; ls -A o"), 0, "mine\nreport.md\n");
  expect(cli_sh("mkdir -p q/figures && echo mine > q/figures/loss-curves.svg && $G report a.h5 -o q"), 2,
         "q/figures/loss-curves.svg is there");
  expect(cli_sh("cat q/figures/*; ls -A q"), 0, "mine\nfigures\n");
  expect(cli_sh("mkdir -p s && ln -s /etc/passwd s/report.html && $G report a.h5 -o s"), 2, "is there");
}

Test(cli_report, bad_requests_exit_2) {
  expect(cli_sh("$G report a.h5 --format htm -o u"), 2, "did you mean 'html'?");
  expect(cli_sh("$G report missing.h5 -o u"), 2, "missing.h5");
  expect(cli_sh("echo no hdf5 > b.h5; $G report a.h5 b.h5 -o u"), 2, "b.h5");
  expect(cli_sh("$G report -o u"), 2, "FILE");
  cr_assert(!cli_has_file("u"));
}

Test(cli_report, what_cannot_be_written_exits_74) {
  expect(cli_sh("touch file; $G report a.h5 -o file/r"), 74, "file");
  expect(cli_sh("mkdir -p empty; PATH=$PWD/empty $G report a.h5 -o d"), 74, "gnuplot was not found");
  expect(
      cli_sh("mkdir -p only && ln -s \"$(command -v gnuplot)\" only/gnuplot; PATH=$PWD/only $G report a.h5 "
             "-f pdf -o d"),
      74, "PDF needs pdflatex");
  cr_assert(!cli_has_file("d"));
}

/* A browser that hangs or a LaTeX that fails must not take the report with it, nor leave half of one. */
Test(cli_report, a_failing_pdf_program_is_named) {
  expect(
      cli_sh(
          "mkdir bad && ln -s \"$(command -v gnuplot)\" bad/gnuplot && printf '#!/bin/sh\\necho \"! no such "
          "style\"\\nexit 1\\n' > bad/pdflatex && chmod +x bad/pdflatex"),
      0, "");
  expect(cli_sh("PATH=$PWD/bad $G report a.h5 -f pdf,html -o d"), 74, "no such style");
  cr_assert(!cli_has_file("d"));
}

Test(cli_report, pdf_where_a_program_makes_it) {
  if (cli_sh("command -v pdflatex || command -v chromium").exit != 0)
    cr_skip("neither pdflatex nor chromium is installed");
  expect(cli_sh("$G report a.h5 --format pdf"), 0, "a/report.pdf");
  expect(cli_sh("head -c 5 a/report.pdf"), 0, "%PDF-");
  expect(cli_sh("$G report a.h5 --format pdf && ls -A a | wc -l"), 0, "2");
}
