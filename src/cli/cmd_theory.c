/* gradpath theory: what mean-field theory says of a configuration before anything runs. */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sheet.h"
#include "networks.h"
#include "predict.h"
#include "spec.h"

typedef struct theory_options {
  bool csv;
} theory_options;

static const cli_flag flags[] = {
    CLI_SWITCH(theory_options, csv, 0, "csv", "comma-separated values"),
    CLI_FLAGS_END,
};

static gp_status heads(sheet *g) {
  static const char *const names[] = {"run", "layer", "q", "chi", "factor", "delta_rms"};
  for (size_t c = 0; c < 6; c++) GP_TRY(sheet_head(g, c, names[c], SHEET_NUMBER));
  return GP_OK;
}

static gp_status add_number(sheet *g, double value) {
  char buffer[32];
  return isfinite(value) ? sheet_addf(g, "%.6g", value) : sheet_add(g, gp_text_real(buffer, value));
}

/* One line per hidden layer: mean square pre-activation, chi, the factor on delta_rms from the layer behind it, and
 * delta_rms relative to the last hidden layer. */
static gp_status add_layers(sheet *g, const gp_prediction *p, size_t row) {
  for (size_t l = 0; l < p->depth; l++) {
    GP_TRY(sheet_addf(g, "%zu", row));
    GP_TRY(sheet_addf(g, "%zu", l + 1));
    GP_TRY(add_number(g, p->length[l]));
    GP_TRY(add_number(g, p->chi[l]));
    GP_TRY(add_number(g, l + 1 < p->depth ? p->delta_rms[l] / p->delta_rms[l + 1] : (double)NAN));
    GP_TRY(add_number(g, p->delta_rms[l]));
  }
  return GP_OK;
}

/* A dot for what does not exist, as in tables: fewer than three hidden layers have no slope. */
static void word(char out[static 32], int digits, double value) {
  if (isnan(value))
    snprintf(out, 32, ".");
  else
    snprintf(out, 32, "%.*g", digits, value);
}

/* The fitted values, named as the columns that measure them. A span of 1e-17 decades is one of 0, rounded. */
static void print_summary(const gp_plan *plan, const gp_prediction *p, size_t row) {
  static const double rounding = 1e-12;
  gp_text name = {0};
  char factor[32], span[32];
  gp_plan_describe(plan, row, &name);
  word(factor, 6, p->gradient_factor.mean_field);
  word(span, 3, fabs(p->gradient_span.mean_field) < rounding ? 0 : p->gradient_span.mean_field);
  printf("run %zu (%s): gradient_factor %s, gradient_span %s decades\n", row,
         name.failed || name.length == 0 ? "the only one" : name.data, factor, span);
  gp_text_free(&name);
}

static gp_status predict_row(sheet *g, const gp_plan *plan, size_t row, bool summary) {
  gp_spec spec;
  gp_prediction p = {.gradient_factor = {NAN, NAN, NAN}, .gradient_span = {NAN, NAN, NAN}};
  GP_TRY(gp_plan_spec(plan, row, &spec));
  bool made = gp_predict_network(&p, &spec, gp_plan_dataset(plan, row));
  if (summary) print_summary(plan, &p, row);
  gp_status status = sheet_gap(g);
  if (status == GP_OK && made) status = add_layers(g, &p, row);
  if (made) gp_prediction_free(&p);
  return status;
}

static gp_status predict_plan(const gp_plan *plan, bool csv) {
  size_t rows[NETWORKS_MAX], count = cli_networks(plan, rows);
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, 6));
  GP_TRY_DONE(heads(g));
  for (size_t i = 0; i < count; i++) GP_TRY_DONE(predict_row(g, plan, rows[i], !csv));
  if (!csv) putchar('\n');
  sheet_print(g, csv ? SHEET_CSV : SHEET_ALIGNED, stdout);
done:
  sheet_free(g);
  return status;
}

static gp_status run(const cli_call *call) {
  gp_plan *plan = NULL;
  GP_TRY(cli_load(&plan, call, NULL));
  gp_status status = predict_plan(plan, ((const theory_options *)call->options)->csv);
  gp_plan_free(plan);
  return status;
}

extern const cli_command cli_theory;
const cli_command cli_theory = {
    .name = "theory",
    .operands = "CONFIG [key=value ...]",
    .summary = "Predict the gradient's decay, layer by layer, before anything runs",
    .details = "Mean-field theory at initialisation, infinitely wide layers: q is the mean square "
               "pre-activation, chi what the\n"
               "sum of squared error signals is multiplied by from the layer behind, factor the same for "
               "delta_rms. A finite\n"
               "network scatters log-normally around it. Each distinct network of the configuration is "
               "predicted once.\n"
               "\n"
               "Example:\n"
               "  gradpath theory configs/smoke.yaml activation=sigmoid,relu depth=10\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
