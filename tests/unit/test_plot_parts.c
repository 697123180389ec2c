/* The parts of a chart: words, numbers, labels, ticks, bands. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "chart.h"
#include "plot_layout.h"
#include "plot_latex.h"
#include "plot_words.h"

static void expect_markup(void (*write)(gp_text *, const char *), const char *from, const char *wanted) {
  gp_text text = {0};
  write(&text, from);
  cr_assert_str_eq(text.data != NULL ? text.data : "", wanted, "from '%s'", from);
  gp_text_free(&text);
}

Test(plot_words, text_from_a_file_is_escaped) {
  expect_markup(gp_markup_plain, "a_b^c{d}@e&f~g\\h", "a\\_b\\^c\\{d\\}\\@e\\&f\\~g\\\\h");
  expect_markup(gp_markup_plain, "line\nbreak\ttab", "line break tab");
  expect_markup(gp_markup_plain, "t\xc3\xa4nh \xff \xe2\x82", "t\xc3\xa4nh ? ??");
  expect_markup(gp_markup_plain, "`id` $(id) 'x' \"y\" %s", "`id` $(id) 'x' \"y\" %s");
}

Test(plot_words, names_are_spelt_properly) {
  expect_markup(gp_markup_value, "relu", "ReLU");
  expect_markup(gp_markup_value, "sigmoid", "sigmoid");
  expect_markup(gp_markup_value, "0.1", "0.1");
  expect_markup(gp_markup_column, "learning_rate", "learning rate");
  expect_markup(gp_plain_markup, "10^{−3}, a\\_b", "10^−3, a_b");
}

typedef struct number_case {
  double value;
  const char *wanted;
} number_case;

Test(plot_words, numbers_are_short_and_have_a_true_minus) {
  static const number_case cases[] = {{0, "0"},
                                      {1, "1"},
                                      {-2.5, "−2.5"},
                                      {0.001, "0.001"},
                                      {1024, "1024"},
                                      {1e5, "10^{5}"},
                                      {2e-5, "2×10^{−5}"},
                                      {-1e-7, "−10^{−7}"},
                                      {0.0215443, "0.0215"},
                                      {INFINITY, "inf"},
                                      {9.999e-5, "10^{−4}"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gp_text text = {0};
    gp_markup_number(&text, cases[i].value);
    cr_assert_str_eq(text.data, cases[i].wanted, "%g gave %s", cases[i].value, text.data);
    gp_text_free(&text);
  }
}

/* Whatever the wishes: apart, in order, inside; and no label that already has room is moved. */
Test(plot_layout, labels_are_pushed_apart) {
  unsigned state = 1;
  for (int round = 0; round < 500; round++) {
    double wish[8], at[8];
    size_t n = 1 + (size_t)round % 8;
    for (size_t i = 0; i < n; i++) {
      state = state * 1664525u + 1013904223u;
      wish[i] = at[i] = (double)(state >> 8) / (1 << 24);
    }
    gp_spread(at, n, 0.1, 0, 1);
    for (size_t i = 0; i < n; i++) {
      cr_assert(at[i] >= -1e-12 && at[i] <= 1 + 1e-12);
      bool crowded = false;
      for (size_t j = 0; j < n; j++) {
        if (i == j) continue;
        cr_assert(fabs(at[i] - at[j]) >= 0.1 - 1e-12, "round %d: %g and %g", round, at[i], at[j]);
        if (wish[i] < wish[j]) cr_assert(at[i] < at[j], "order");
        crowded |= fabs(wish[i] - wish[j]) < 0.8; /* eight labels can push each other that far */
      }
      if (!crowded) cr_assert_float_eq(at[i], wish[i], 1e-12);
    }
  }
  double pair[] = {0.5, 0.52}; /* both move by the same amount: least squares */
  gp_spread(pair, 2, 0.1, 0, 1);
  cr_assert_float_eq(pair[0], 0.46, 1e-12);
  cr_assert_float_eq(pair[1], 0.56, 1e-12);
}

Test(plot_layout, panels_do_not_overlap) {
  for (size_t panels = 1; panels <= GP_PANELS_MAX; panels++) {
    gp_grid grid;
    gp_grid_shape(&grid, panels, 0);
    cr_assert(grid.rows * grid.columns >= panels && grid.columns <= 4);
    gp_grid_place(&grid, panels, &(gp_page){7, 5, 0.7, 0.8, 0.9, 0.5, 0.2, 0.5});
    for (size_t p = 0; p < panels; p++) {
      cr_assert(grid.left[p] > 0 && grid.left[p] < grid.right[p] && grid.right[p] < 1);
      cr_assert(grid.bottom[p] > 0 && grid.bottom[p] < grid.top[p] && grid.top[p] < 1);
      if (p % grid.columns > 0) cr_assert(grid.left[p] > grid.right[p - 1]);
      if (p >= grid.columns) cr_assert(grid.top[p] < grid.bottom[p - grid.columns]);
    }
  }
}

Test(plot_layout, steps_are_round) {
  cr_assert_eq(gp_decade_step(3, 5), 1);
  cr_assert_eq(gp_decade_step(20, 5), 5);
  cr_assert_float_eq(gp_linear_step(30, 5), 10, 1e-12);
  cr_assert_float_eq(gp_linear_step(0.9, 5), 0.2, 1e-12);
}

static void expect_ticks(bool log_axis, double low, double high, const char *wanted) {
  gp_ticks ticks = {.count = 0};
  gp_text all = {0};
  gp_ticks_choose(&ticks, log_axis, low, high);
  for (size_t i = 0; i < ticks.count; i++) {
    gp_text_add(&all, "%s ", ticks.text[i].data);
    double at = log_axis ? log10(ticks.at[i]) : ticks.at[i];
    cr_assert(at >= low - 1e-12 && at <= high + 1e-12);
  }
  cr_assert_str_eq(all.data, wanted, "%g to %g: %s", low, high, all.data);
  gp_text_free(&all);
  gp_ticks_free(&ticks);
}

Test(plot_layout, ticks_fit_the_axis) {
  expect_ticks(true, -20.9, 0.1, "10^{−20} 10^{−15} 10^{−10} 10^{−5} 10^{0} ");
  expect_ticks(true, -0.8, 0.7, "0.2 0.5 1 2 5 ");
  expect_ticks(true, 0.02, 0.28, "1.2 1.4 1.6 1.8 "); /* between 1 and 2 */
  expect_ticks(false, -18.4, 0.3, "−15 −10 −5 0 ");
  expect_ticks(false, 0.6895, 0.7005, "0.69 0.695 0.7 ");
}

Test(chart, bands_keep_infinities) {
  double plain[] = {5, 1, 4, 2, 3}, lost[] = {1, INFINITY, 2, INFINITY, INFINITY}, even[] = {1, INFINITY};
  gp_band band = gp_band_of(plain, 5);
  /* Type 7: positions 0.1 * 4 and 0.9 * 4 of the sorted values 1 to 5. */
  cr_assert(band.median == 3 && fabs(band.low - 1.4) < 1e-12 && fabs(band.high - 4.6) < 1e-12);
  band = gp_band_of(lost, 5);
  cr_assert(isinf(band.median) && fabs(band.low - 1.4) < 1e-12 && isinf(band.high));
  cr_assert(isinf(gp_band_of(even, 2).median));
  cr_assert(isnan(gp_band_of(plain, 0).median));
}

Test(chart, ordered_colours_darken_steadily) {
  double before = -1;
  for (size_t i = 0; i < 9; i++) {
    char color[GP_COLOR_BYTES];
    unsigned r, g, b;
    gp_line_color(color, i, 9, true, false);
    cr_assert_eq(sscanf(color, "#%2X%2X%2X", &r, &g, &b), 3);
    double light = 0.2126 * r + 0.7152 * g + 0.0722 * b; /* so the order survives a grey copy */
    cr_assert(light > before, "%s is not lighter", color);
    before = light;
  }
  cr_assert(before < 200, "the last shade is too faint on white");
}

static void expect_latex(const char *markup, const char *wanted) {
  gp_text out = {0};
  gp_latex_markup(&out, markup);
  cr_assert_str_eq(out.data, wanted);
  gp_text_free(&out);
}

Test(plot_latex, markup_becomes_math) {
  expect_latex(
      "10^{−3} of {/:Italic δ}_{rms}",
      "10\\ensuremath{^{\\ensuremath{-}3}} of \\textit{\\ensuremath{\\delta}}\\ensuremath{_{\\mathrm{rms}}}");
  expect_latex("χ_1 = 1", "\\ensuremath{\\chi}\\ensuremath{_{\\mathrm{1}}} = 1");
}

/* What a file holds comes escaped as markup, and leaves escaped as LaTeX: no command of it survives. */
Test(plot_latex, text_of_a_file_is_no_command) {
  gp_text markup = {0};
  gp_markup_plain(&markup, "\\input{x} $a$ 50% #1 a_b ~^&");
  expect_latex(markup.data, "\\textbackslash{}input\\{x\\} \\$a\\$ 50\\% \\#1 a\\_b "
                            "\\textasciitilde{}\\textasciicircum{}\\&");
  gp_text_free(&markup);
}
