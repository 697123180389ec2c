/* gradpath theory: what theory says of a configuration before anything runs. */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlation.h"
#include "critical.h"
#include "jacobian_law.h"
#include "sheet.h"
#include "networks.h"
#include "predict.h"
#include "spec.h"
#include "stability.h"

typedef struct theory_options {
  bool csv, critical;
} theory_options;

static const cli_flag flags[] = {
    CLI_SWITCH(theory_options, csv, 0, "csv", "comma-separated values"),
    CLI_SWITCH(theory_options, critical, 0, "critical",
               "the critical line instead: sigma_w^2 with chi_1 = 1 against sigma_b^2, for each activation"),
    CLI_FLAGS_END,
};

enum { COLUMNS = 9 };

static gp_status heads(sheet *g) {
  static const char *const names[] = {"run",       "layer",   "q",  "chi", "factor",
                                      "delta_rms", "typical", "sd", "c"};
  for (size_t c = 0; c < COLUMNS; c++) GP_TRY(sheet_head(g, c, names[c], SHEET_NUMBER));
  return GP_OK;
}

static gp_status add_number(sheet *g, double value) {
  char buffer[32];
  return isfinite(value) ? sheet_addf(g, "%.6g", value) : sheet_add(g, gp_text_real(buffer, value));
}

/* One line per hidden layer: mean square pre-activation, chi, the factor on delta_rms from the layer behind it,
 * delta_rms relative to the last hidden layer; the same for the typical net of this width, and the standard deviation
 * of its logarithm over seeds; the correlation of two examples. */
static gp_status add_layers(sheet *g, const gp_prediction *p, size_t row) {
  for (size_t l = 0; l < p->depth; l++) {
    GP_TRY(sheet_addf(g, "%zu", row));
    GP_TRY(sheet_addf(g, "%zu", l + 1));
    GP_TRY(add_number(g, p->length[l]));
    GP_TRY(add_number(g, p->chi[l]));
    GP_TRY(add_number(g, l + 1 < p->depth ? p->delta_rms[l] / p->delta_rms[l + 1] : (double)NAN));
    GP_TRY(add_number(g, p->delta_rms[l]));
    GP_TRY(add_number(g, p->delta_rms_typical[l]));
    GP_TRY(add_number(g, p->delta_rms_sd[l]));
    GP_TRY(add_number(g, p->correlation[l]));
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
  if (isnan(p->gradient_factor.typical) && !isnan(p->gradient_factor.mean_field)) {
    printf("  of infinite width: with normalisations or residual connections nothing is known of this one's "
           "own\n");
    return;
  }
  word(factor, 6, p->gradient_factor.typical);
  word(span, 3, p->gradient_span.typical);
  printf("  at this width     gradient_factor %s, gradient_span %s decades (typical net)", factor, span);
  word(factor, 3, p->gradient_factor.sd);
  word(span, 3, p->gradient_span.sd);
  printf("; over seeds sd of ln factor %s, of span %s\n", factor, span);
}

/* Lengths and depth scales of infinitely many layers like the second one. */
static void print_scales(const gp_spec *spec, const gp_dataset *data) {
  gp_meanfield field;
  char a[32], b[32], c[32], d[32], e[32];
  bool made;
  if (gp_predict_field(&field, spec, data, &made) != GP_OK || !made) return;
  double q = gp_meanfield_fixed_point(&field);
  word(a, 6, q), word(b, 6, gp_meanfield_chi(&field, q)), word(c, 5, gp_meanfield_gradient_depth(&field, q));
  word(e, 5, gp_meanfield_length_depth(&field, q));
  printf("  sigma_w^2 %.6g, sigma_b^2 %.6g: q* %s, xi_q %s, chi_1 %s, xi_gradient %s layers",
         field.weight_variance, field.bias_variance, a, e, b, c);
  if (q > 0) {
    double scale = gp_meanfield_correlation_depth(&field, q);
    word(a, 6, gp_meanfield_correlation_fixed_point(&field, q));
    word(b, 5, scale), word(c, 4, 6 * scale);
    printf("; c* %s, xi_c %s, trainable to about 6 xi_c = %s layers", a, b, c);
  }
  word(d, 6, gp_critical_point_of(&field).weight_variance);
  printf("; critical sigma_w^2 %s\n", d);
}

/* The Jacobian of wide square layers: E tr J J'/n is sigma_w^2 of the first layer times every chi, the spread of jacobian_law.h
 * with each layer's own kurtosis. */
static void print_jacobian(const gp_spec *spec, const gp_dataset *data, const gp_prediction *p) {
  gp_meanfield field;
  bool made;
  if (gp_predict_field(&field, spec, data, &made) != GP_OK || !made || p->depth < 1) return;
  double first = gp_predict_first(spec, data), ln_mean = log(first), excess = 0;
  for (size_t l = 0; l < p->depth; l++) {
    ln_mean += log(p->chi[l]);
    excess += gp_meanfield_slope_kurtosis(&field, p->length[l]) - 1;
  }
  bool orthogonal = strcmp(spec->init.item->name, "orthogonal") == 0;
  double spread = gp_jacobian_spread(p->depth + 1, 0, 1, orthogonal) + excess;
  printf("  Jacobian (wide, square): mean squared singular value %.5g, variance over squared mean %.5g",
         exp(ln_mean), spread);
  if (strcmp(spec->activation.item->name, "linear") == 0 && !orthogonal)
    printf(", largest / mean %.5g", gp_jacobian_edge(p->depth + 1));
  printf("\n");
}

/* What is known of deep layers where no fixed point is: normalised ones. */
static void print_deep(const gp_prediction *p) {
  char chi[32], depth[32];
  if (p->depth < 3 || !isnan(p->gradient_factor.typical) || isnan(p->gradient_factor.mean_field)) return;
  static const double rounding = 1e-12;
  double deep = p->chi[p->depth - 2], rate = fabs(log(deep));
  word(chi, 6, deep), word(depth, 5, rate < rounding ? (double)INFINITY : 1 / rate);
  printf("  last layers: chi %s, factor %.6g per layer, xi_gradient %s layers\n", chi, sqrt(deep), depth);
}

/* Only optimisers that have a momentum of that name are told apart by it. */
static void print_stability(const gp_spec *spec) {
  const gp_option *o = gp_option_find(spec->optimizer.item->options, "momentum");
  if (o == NULL) o = gp_option_find(spec->optimizer.item->options, "beta1");
  double momentum = o != NULL ? *(const double *)gp_option_value(o, spec->optimizer.options) : 0;
  double threshold = gp_stability_threshold(spec->optimizer.item->name, momentum);
  if (isnan(threshold)) return;
  printf("  %s is stable while learning_rate x curvature < %.6g (curvature < %.6g at this rate)\n",
         spec->optimizer.item->name, threshold, threshold / spec->learning_rate);
}

static gp_status predict_row(sheet *g, const gp_plan *plan, size_t row, bool summary) {
  gp_spec spec;
  gp_prediction p = {.depth = 0, .gradient_factor = {NAN, NAN, NAN}, .gradient_span = {NAN, NAN, NAN}};
  GP_TRY(gp_plan_spec(plan, row, &spec));
  bool made;
  GP_TRY(gp_predict_network(&p, &spec, gp_plan_dataset(plan, row), &made));
  if (summary) {
    print_summary(plan, &p, row);
    print_scales(&spec, gp_plan_dataset(plan, row));
    print_deep(&p);
    if (made) print_jacobian(&spec, gp_plan_dataset(plan, row), &p);
    print_stability(&spec);
  }
  gp_status status = sheet_gap(g);
  if (status == GP_OK && made) status = add_layers(g, &p, row);
  if (made) gp_prediction_free(&p);
  return status;
}

static gp_status predict_plan(const gp_plan *plan, bool csv) {
  size_t rows[NETWORKS_MAX], count = cli_networks(plan, rows);
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, COLUMNS));
  GP_TRY_DONE(heads(g));
  for (size_t i = 0; i < count; i++) GP_TRY_DONE(predict_row(g, plan, rows[i], !csv));
  if (!csv) putchar('\n');
  sheet_print(g, csv ? SHEET_CSV : SHEET_ALIGNED, stdout);
done:
  sheet_free(g);
  return status;
}

/* ---- the critical line ---- */

/* 0, then a quarter octave from 1e-3 to 4. */
static double bias_at(size_t i) {
  return i == 0 ? 0 : 1e-3 * pow(2, (double)(i - 1) / 2);
}

static gp_status add_line(sheet *g, const gp_choice *activation) {
  enum { POINTS = 26 };
  for (size_t i = 0; i < POINTS; i++) {
    gp_meanfield field = {.activation = activation, .bias_variance = bias_at(i)};
    gp_critical_point point = gp_critical_point_of(&field);
    if (isnan(point.weight_variance)) continue;
    GP_TRY(sheet_add(g, activation->item->name));
    GP_TRY(add_number(g, point.bias_variance));
    GP_TRY(add_number(g, point.weight_variance));
    GP_TRY(add_number(g, sqrt(point.bias_variance)));
    GP_TRY(add_number(g, sqrt(point.weight_variance)));
    GP_TRY(add_number(g, point.q));
  }
  return GP_OK;
}

static bool same_activation(const gp_plan *plan, size_t a, const gp_spec *b) {
  gp_spec spec;
  return gp_plan_spec(plan, a, &spec) == GP_OK &&
         memcmp(&spec.activation, &b->activation, sizeof spec.activation) == 0;
}

/* One line for each activation of the configuration; activations without one (none of a variance at which chi_1 is 1)
 * are left out. */
static gp_status critical_lines(const gp_plan *plan, bool csv) {
  static const char *const names[] = {"activation", "sigma_b^2", "sigma_w^2", "sigma_b", "sigma_w", "q*"};
  enum { NAMES = sizeof names / sizeof *names };
  size_t rows[NETWORKS_MAX], count = cli_networks(plan, rows);
  gp_spec spec;
  sheet *g = NULL;
  gp_status status;
  GP_TRY(sheet_create(&g, NAMES));
  for (size_t c = 0; c < NAMES; c++)
    GP_TRY_DONE(sheet_head(g, c, names[c], c == 0 ? SHEET_TEXT : SHEET_NUMBER));
  for (size_t i = 0; i < count; i++) {
    GP_TRY_DONE(gp_plan_spec(plan, rows[i], &spec));
    bool seen = false;
    for (size_t j = 0; j < i; j++) seen |= same_activation(plan, rows[j], &spec);
    if (seen) continue;
    GP_TRY_DONE(sheet_gap(g));
    GP_TRY_DONE(add_line(g, &spec.activation));
  }
  sheet_print(g, csv ? SHEET_CSV : SHEET_ALIGNED, stdout);
done:
  sheet_free(g);
  return status;
}

static gp_status run(const cli_call *call) {
  const theory_options *o = call->options;
  gp_plan *plan = NULL;
  GP_TRY(cli_load(&plan, call, NULL));
  gp_status status = o->critical ? critical_lines(plan, o->csv) : predict_plan(plan, o->csv);
  gp_plan_free(plan);
  return status;
}

extern const cli_command cli_theory;
const cli_command cli_theory = {
    .name = "theory",
    .operands = "CONFIG [key=value ...]",
    .summary = "Predict the gradient's decay, layer by layer, before anything runs",
    .details =
        "q is the mean square pre-activation of wide layers, chi what the sum of squared error signals is "
        "multiplied by "
        "from\n"
        "the layer behind, factor the same for delta_rms. typical is the net of this width whose logarithm "
        "is the mean over\n"
        "seeds, sd how far seeds scatter around it (of ln delta_rms); c the correlation of two examples. "
        "Nets with normalisations or residual "
        "connections are\n"
        "predicted for infinite width; not known are joins before the activation and batch normalisation "
        "behind it. "
        "Depth scales are those of endlessly "
        "many layers. Each\n"
        "distinct network of the configuration is predicted once.\n"
        "\n"
        "Examples:\n"
        "  gradpath theory configs/smoke.yaml activation=sigmoid,relu depth=10\n"
        "  gradpath theory configs/smoke.yaml activation=tanh --critical --csv > line.csv\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
