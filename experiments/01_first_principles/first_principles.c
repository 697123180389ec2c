/* The first-principles study: a walk from one unit to backpropagation whose every number is worked out here, and a sweep that
 * fits a curve at four widths. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "statistics.h"
#include "walk.h"

void walk_say(const walk *w, const char *format, ...) {
  char line[1200];
  va_list arguments;
  if (w->text == NULL) return;
  va_start(arguments, format);
  (void)vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  gp_text_add(w->text, "%s", line);
}

gp_status walk_claim(const walk *w, bool held, const char *text, const char *measured, const char *expected) {
  if (w->claims == NULL) return GP_OK;
  STUDY_CLAIM(claim, w->claims, "%s", text);
  gp_claim_measured(claim, "%s", measured);
  gp_claim_expected(claim, "%s", expected);
  claim->held = held;
  return GP_OK;
}

/* ---- the sweep: a curve at four widths ---- */

static const double widths[] = {2, 8, 32, 128};
enum { WIDTHS = sizeof widths / sizeof *widths, SEEDS_MAX = 64 };

/* Median over seeds of the error at the end, as a share of the target's own mean square. */
static double error_at(const study_view *v, double width) {
  double values[SEEDS_MAX];
  size_t n = 0;
  for (size_t run = 0; run < v->runs && n < SEEDS_MAX; run++)
    if (study_real(v, "width", run) == width)
      values[n++] = study_real(v, "final_loss", run) / study_real(v, "baseline_loss", run);
  return gp_quantile(values, n, 0.5);
}

static gp_status show_curve(const walk *to, gp_table *table) {
  static const char *const columns[] = {"width", "final_loss", "baseline_loss", NULL};
  double error[WIDTHS];
  bool falls = true;
  char measured[120];
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, NULL));
  walk_say(
      to,
      "11. Width: one hidden layer fitted to a polynomial of degree 11; what is left of its mean square\n\n");
  for (size_t i = 0; i < WIDTHS; i++) {
    error[i] = error_at(&v, widths[i]);
    if (i > 0) falls &= error[i] < error[i - 1];
    walk_say(to, "   width %4.0f   %8.4f %%   (median of the seeds)\n", widths[i], 100 * error[i]);
  }
  walk_say(to, "\n");
  snprintf(measured, sizeof measured, "%.3g, %.3g, %.3g, %.3g of the mean square at widths 2, 8, 32, 128",
           error[0], error[1], error[2], error[3]);
  return walk_claim(to, falls && error[0] > 0.5 && error[WIDTHS - 1] < 0.01,
                    "one hidden layer comes as near a curve as its width allows", measured,
                    "falling, from more than 0.5 to less than 0.01");
}

static gp_status go(const walk *to, gp_table *table) {
  GP_TRY(walk_perceptron(to));
  GP_TRY(walk_functions(to));
  GP_TRY(walk_matrices(to));
  GP_TRY(walk_cost(to));
  return show_curve(to, table);
}

static gp_status print_walk(gp_text *out, gp_table *table) {
  return go(&(walk){.text = out}, table);
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  return go(&(walk){.claims = out}, table);
}

static const char *const quick[] = {"seed=0..2", NULL};
static const char *const charts[] = {"loss-curves", NULL};

extern const gp_study gp_study_first_principles;
const gp_study gp_study_first_principles = {
    .item = {.name = "first-principles",
             .summary = "from one unit to backpropagation, with the numbers of every step",
             .source = "SCIENCE 4"},
    .question = "What is a network made of, and what does it learn by?",
    .config = "first-principles",
    .quick = quick,
    .charts = charts,
    .figures = walk_figures,
    .report = print_walk,
    .claims = state_claims,
};
