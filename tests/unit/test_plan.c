/* Plans: axes, order of rows, identities, overrides, zip, random, where, columns. */
#include "plan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "plan_case.h"
#include "run.h"

#define T     "study: t\n"
#define SMALL T "data: {name: spirals, samples: 32, test: 8}\ntrain: {batch: 8, steps: 10}\n"

/* ---- axes ---- */

/* What a list of values in the configuration becomes, by the column's text in each row. */
typedef struct axis_case {
  const char *override, *column, *values;
} axis_case;

static const axis_case axis_cases[] = {
    {"depth=2,5,10", "depth", "2 5 10"},
    {"depth=3", "depth", "3"},
    {"depth=0..3", "depth", "0 1 2 3"},
    {"depth=2..11..3", "depth", "2 5 8 11"},
    {"depth=5..1..-2", "depth", "5 3 1"},
    {"depth=[1, 4..6, 20]", "depth", "1 4 5 6 20"},
    {"depth=1,4..5", "depth", "1 4 5"},
    {"width={from: 1, to: 100, points: 7, scale: log}", "width", "1 2 5 10 22 46 100"},
    {"width={from: 8, to: 64, step: 2, scale: log}", "width", "8 16 32 64"},
    {"learning_rate=log(1e-4,1,9)", "learning_rate",
     "0.0001 0.000316227766017 0.001 0.00316227766017 0.01 0.0316227766017 0.1 0.316227766017 1"},
    {"learning_rate={from: 1e-3, to: 10, points: 5, scale: log}", "learning_rate", "0.001 0.01 0.1 1 10"},
    {"learning_rate=lin(0,1,5)", "learning_rate", "0 0.25 0.5 0.75 1"},
    {"learning_rate=0..0.5..0.1", "learning_rate", "0 0.1 0.2 0.3 0.4 0.5"},
    {"learning_rate={from: 0, to: 1, step: 0.5}", "learning_rate", "0 0.5 1"},
    {"learning_rate=1e-3,.5", "learning_rate", "0.001 0.5"},
    {"seed=7..9", "seed", "7 8 9"},
    {"bias=true,false", "bias", "true false"},
    {"precision=float32,float64", "precision", "float32 float64"},
    {"shape=8-4,16", "shape", "8-4 16"},
    {"data=circles,moons", "data", "circles moons"},
    {"data.seed=0..2", "data_seed", "0 1 2"},
    {"activation=relu,{name: leaky_relu, slope: [0.1, 0.2]}", "activation", "relu leaky_relu leaky_relu"},
    {"activation=relu,{name: leaky_relu, slope: [0.1, 0.2]}", "activation_slope", "nan 0.1 0.2"},
    {"activation={name: leaky_relu, slope: 0.1..0.3..0.1}", "activation_slope", "0.1 0.2 0.3"},
    {"activation={name: [tanh, leaky_relu], slope: [0.1, 0.2]}", "activation_slope", "nan 0.1 0.2"},
    {"init={name: mean_field, weight_variance: [1, 2], bias_variance: 0.05}", "init_weight_variance", "1 2"},
    {"optimizer.momentum=0,0.9", "optimizer_momentum", "0 0.9"},
    {"momentum=0,0.9", "optimizer_momentum", "0 0.9"},
    {"loss={name: mse, half: [true, false]}", "loss_half", "true false"},
    {"scale=none,[0, 1],[-1, 1]", "data_scale", "none range range"},
    {"scale=none,[0, 1],[-1, 1]", "data_scale_low", "nan 0 -1"},
    {"on=batch,{first: 16},train", "record_on", "batch first train"},
    {"on=batch,{first: 16},train", "record_on_first", "-1 16 -1"},
    {"batch=full,8", "batch", "-1 8"},
    {"flush_to_zero=false,true", "flush_to_zero", "false true"},
    {"verdict.span=2,3", "verdict_span", "2 3"},
};

static void check_axis(const axis_case *c) {
  const char *overrides[] = {c->override, NULL};
  gp_plan *plan = plan_of(SMALL, overrides);
  char values[512] = "";
  for (size_t row = 0; row < gp_plan_runs(plan); row++) {
    if (row > 0) strcat(values, " ");
    strcat(values, plan_cell(plan, row, c->column));
  }
  cr_expect_str_eq(values, c->values, "%s: %s is '%s', wanted '%s'", c->override, c->column, values,
                   c->values);
  gp_plan_free(plan);
}

Test(plan, values_of_axes) {
  for (size_t i = 0; i < sizeof axis_cases / sizeof axis_cases[0]; i++) check_axis(&axis_cases[i]);
}

/* Rows in the order of the configuration, the last axis fastest, the seed innermost wherever it is written. */
Test(plan, order_of_rows) {
  gp_plan *plan = plan_of(
      "seed: [5, 3]\n" SMALL "model: {width: [4, 8], activation: [tanh, relu], depth: [2, 1]}\n", NULL);
  cr_assert_eq(gp_plan_runs(plan), 16);
  cr_assert_str_eq(plan_axes(plan), "width activation depth seed");
  for (size_t row = 0; row < 16; row++) {
    char want[100], *text;
    gp_text got = {0};
    snprintf(want, sizeof want, "width=%d activation=%s depth=%d seed=%d", row / 8 ? 8 : 4,
             row / 4 % 2 ? "relu" : "tanh", row / 2 % 2 ? 1 : 2, row % 2 ? 3 : 5);
    gp_plan_describe(plan, row, &got);
    text = got.data;
    cr_expect_str_eq(text, want, "row %zu", row);
    gp_text_free(&got);
  }
  gp_plan_free(plan);
}

Test(plan, swept_columns) {
  static const struct {
    const char *override, *axes;
  } table[] = {{"depth=3", ""},
               {"depth=1,2", "depth"},
               {"activation=relu,{name: leaky_relu, slope: [0.1, 0.2]}", "activation activation_slope"},
               {"activation=relu,{name: leaky_relu, slope: 0.1}", "activation"},
               {"scale=none,[0, 1],[-1, 1]", "data_scale data_scale_low"},
               {"data.seed=0,1", "data_seed"},
               {"loss=mse,cross_entropy", "loss_function"}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const char *overrides[] = {table[i].override, NULL};
    gp_plan *plan = plan_of(SMALL, overrides);
    cr_expect_str_eq(plan_axes(plan), table[i].axes, "%s: '%s'", table[i].override, plan_axes(plan));
    gp_plan_free(plan);
  }
}

/* An option that only some items read, and `auto` beside its own meaning, do not make one run twice. */
Test(plan, equal_runs_are_one) {
  const char *overrides[] = {"activation={name: [relu, tanh, leaky_relu], slope: [0.1, 0.2, 0.3]}", NULL};
  gp_plan *plan = plan_of(SMALL, overrides);
  cr_assert_eq(gp_plan_runs(plan), 1 + 1 + 3);
  gp_plan_free(plan);
  const char *inits[] = {"activation=relu,tanh", "init=auto,he", NULL};
  plan = plan_of(SMALL, inits);
  cr_assert_eq(gp_plan_runs(plan), 3); /* relu: auto is he */
  gp_plan_free(plan);
}

/* ---- overrides ---- */

Test(plan, an_override_is_as_if_written) {
  static const struct {
    const char *override, *text;
  } table[] = {{"depth=2,5", SMALL "model: {depth: [2, 5]}\n"},
               {"model.depth=2,5", SMALL "model: {depth: [2, 5]}\n"},
               {"seed=0..2", SMALL "seed: 0..2\n"},
               {"data_noise=0.3",
                T "data: {name: spirals, samples: 32, test: 8, noise: 0.3}\ntrain: {batch: 8, steps: 10}\n"},
               {"train.optimizer.momentum=0.9",
                T "data: {name: spirals, samples: 32, test: 8}\ntrain: {batch: 8, steps: 10, "
                  "optimizer: {name: sgd, momentum: 0.9}}\n"},
               {"steps=20", T "data: {name: spirals, samples: 32, test: 8}\ntrain: {batch: 8, steps: 20}\n"},
               {"data=circles", T "data: circles\ntrain: {batch: 8, steps: 10}\n"},
               {"checkpoints=0,1,5", SMALL "record: {checkpoints: [0, 1, 5]}\n"},
               {"probes=gradients,activations", SMALL "record: {probes: [gradients, activations]}\n"},
               {"where=depth < 9", SMALL "sweep: {where: depth < 9}\n"}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const char *overrides[] = {table[i].override, NULL};
    gp_plan *plan = plan_of(SMALL, overrides), *written = plan_of(table[i].text, NULL);
    cr_assert_eq(gp_plan_runs(plan), gp_plan_runs(written), "%s", table[i].override);
    for (size_t row = 0; row < gp_plan_runs(plan); row++) {
      char a[33], b[33];
      cr_expect_str_eq(gp_plan_run_id(plan, row, a), gp_plan_run_id(written, row, b), "%s",
                       table[i].override);
    }
    gp_plan_free(plan);
    gp_plan_free(written);
  }
}

Test(plan, the_text_as_given_and_the_overrides) {
  const char *overrides[] = {"depth=2,5", "study=other", NULL};
  gp_plan *plan = plan_of(SMALL, overrides);
  cr_assert_str_eq(gp_plan_config_text(plan), SMALL "# override: depth=2,5\n# override: study=other\n");
  cr_assert_str_eq(gp_plan_study(plan), "other");
  gp_plan_free(plan);
}

/* ---- choosing ---- */

Test(plan, zip_ties_axes) {
  gp_plan *plan = plan_of(SMALL "model: {depth: [1, 2, 3], activation: [relu, tanh], width: [4, 8, 16]}\n"
                                "sweep: {zip: [[depth, model.width]]}\n",
                          NULL);
  cr_assert_eq(gp_plan_runs(plan), 6);
  for (size_t row = 0; row < 6; row++) {
    int depth = atoi(plan_cell(plan, row, "depth"));
    cr_expect_eq(depth, (int)row / 2 + 1);
    cr_expect_eq(atoi(plan_cell(plan, row, "width")), 2 << depth);
  }
  gp_plan_free(plan);
}

Test(plan, where_chooses) {
  static const struct {
    const char *where;
    size_t runs;
  } table[] = {{"depth * width <= 8", 3}, /* of depth 1, 2, 4 and width 4, 8: (1,4), (1,8), (2,4) */
               {"depth == 1 or width == 4", 4},
               {"not (depth == 1 || width == 4)", 2},
               {"depth >= 2 and width < 8", 2},
               {"activation == relu", 6},
               {"activation != relu or depth > 3", 2},
               {"model.depth % 2 == 0 && width / 4 == 1", 2},
               {"depth - 1 == 0", 2},
               {"-depth < -1", 4},
               {"depth + width * 2 == 10", 1},
               {"!(depth == 1)", 4},
               {"bias", 6},
               {"bias == false or depth == 4", 2},
               {"activation_slope > 0 or depth == 2", 2},
               {"'relu' == activation", 6}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    char override[100];
    const char *overrides[] = {override, NULL};
    snprintf(override, sizeof override, "where=%s", table[i].where);
    gp_plan *plan = plan_of(SMALL "model: {activation: relu, depth: [1, 2, 4], width: [4, 8]}\n", overrides);
    cr_expect_eq(gp_plan_runs(plan), table[i].runs, "%s: %zu", table[i].where, gp_plan_runs(plan));
    gp_plan_free(plan);
  }
}

/* A sample is a set of grid points in canonical order, each at most once, the same every time, another for another seed. */
Test(plan, random_samples_the_grid) {
  static const char text[] = SMALL "model: {depth: 0..19, width: 1..20}\nseed: 0..4\nsweep: {random: 200}\n";
  const char *other[] = {"sweep.seed=1", NULL}, *all[] = {"random=2000", NULL},
             *few[] = {"random=5", "where=depth == width", NULL};
  gp_plan *a = plan_of(text, NULL), *b = plan_of(text, NULL), *c = plan_of(text, other);
  cr_assert_eq(gp_plan_runs(a), 200);
  cr_assert_eq(gp_plan_runs(c), 200);
  size_t differ = 0;
  double mean = 0;
  long last = -1;
  for (size_t row = 0; row < 200; row++) {
    char x[33], y[33], z[33];
    cr_expect_str_eq(gp_plan_run_id(a, row, x), gp_plan_run_id(b, row, y));
    differ += strcmp(x, gp_plan_run_id(c, row, z)) != 0;
    long depth = atol(plan_cell(a, row, "depth")), width = atol(plan_cell(a, row, "width"));
    long point = (depth * 20 + width - 1) * 5 + atol(plan_cell(a, row, "seed"));
    cr_expect_gt(point, last, "row %zu is not after the one before", row);
    last = point;
    mean += (double)depth / 200;
  }
  cr_expect_gt(differ, 150);
  cr_expect_lt(fabs(mean - 9.5), 1.6, "mean %g",
               mean); /* deviation of the mean 5.77/sqrt 200 = 0.41: 4 of them */
  gp_plan *whole = plan_of(text, all), *five = plan_of(text, few);
  cr_expect_eq(gp_plan_runs(whole), 2000);
  cr_expect_eq(gp_plan_runs(five), 5);
  for (size_t row = 0; row < 5; row++)
    cr_expect_eq(atoi(plan_cell(five, row, "depth")), atoi(plan_cell(five, row, "width")));
  gp_plan_free(a);
  gp_plan_free(b);
  gp_plan_free(c);
  gp_plan_free(whole);
  gp_plan_free(five);
}

/* ---- columns ---- */

Test(plan, columns_are_the_contract) {
  static const char *const names[] = {"activation",
                                      "depth",
                                      "width",
                                      "learning_rate",
                                      "init",
                                      "optimizer",
                                      "data",
                                      "seed",
                                      "activation_slope",
                                      "data_noise",
                                      "data_seed",
                                      "loss_function",
                                      "optimizer_momentum",
                                      "batch",
                                      "steps",
                                      "precision",
                                      "flush_to_zero",
                                      "parametrization",
                                      "bias",
                                      "norm",
                                      "residual",
                                      "output",
                                      "record_on",
                                      "checkpoints",
                                      "probes",
                                      "shape",
                                      "weight_decay"};
  gp_plan *plan = plan_of(SMALL, NULL);
  const gp_schema *schema = gp_plan_schema(plan);
  size_t measured;
  const gp_variable *results = gp_train_variables(&measured);
  cr_assert_str_eq(schema->variables[0].name, "run_id");
  for (size_t v = gp_plan_parameter_count(plan); v < schema->count; v++)
    cr_expect_str_eq(schema->variables[v].name, results[gp_plan_measured(plan, v)].name);
  cr_assert_lt(schema->count, gp_plan_parameter_count(plan) + measured, "what no run measures is left out");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    plan_cell(plan, 0, names[i]); /* fails when missing */
  for (size_t v = 0; v < schema->count; v++)
    for (size_t u = 0; u < v; u++)
      cr_expect_str_neq(schema->variables[u].name, schema->variables[v].name, "twice: %s",
                        schema->variables[v].name);
  cr_expect_eq(schema->variables[1].type, GP_U64); /* seed */
  cr_expect_eq(schema->layer_count, 4);            /* depth 3 and the output layer */
  gp_plan_free(plan);
}

Test(plan, checkpoints_are_united) {
  const char *overrides[] = {"steps=5,7", "checkpoints={every: 3}", NULL};
  static const int64_t want[] = {0, 3, 5, 6, 7};
  gp_plan *plan = plan_of(SMALL, overrides);
  const gp_schema *schema = gp_plan_schema(plan);
  cr_assert_eq(schema->checkpoint_count, 5);
  for (size_t i = 0; i < 5; i++) cr_expect_eq(schema->checkpoints[i], want[i]);
  gp_plan_free(plan);
}

Test(plan, limits_and_texts) {
  gp_plan *plan =
      plan_of(SMALL "question: >\n  How\n  far?\nlimits: {run_seconds: 3.5, total_seconds: 60}\n", NULL);
  cr_expect_eq(gp_plan_limits_of(plan).run_seconds, 3.5);
  cr_expect_eq(gp_plan_limits_of(plan).total_seconds, 60);
  cr_expect_str_eq(gp_plan_question(plan), "How far?");
  gp_plan_free(plan);
}

/* Rows that describe the same data share one copy. */
Test(plan, data_are_shared) {
  const char *overrides[] = {"depth=1..5", "data.noise=0,0.1", NULL};
  gp_plan *plan = plan_of(SMALL, overrides);
  cr_assert_eq(gp_plan_runs(plan), 10);
  for (size_t row = 0; row < 10; row++)
    cr_expect_eq(gp_plan_dataset(plan, row), gp_plan_dataset(plan, row / 5 * 5));
  cr_expect_neq(gp_plan_dataset(plan, 0), gp_plan_dataset(plan, 5));
  cr_expect_eq(gp_plan_dataset(plan, 0)->train, 32);
  gp_plan_free(plan);
}

/* The configurations that come with the program load, and have the runs they say. */
Test(plan, installed_configurations) {
  static const struct {
    const char *path;
    size_t runs;
  } table[] = {{GP_SOURCE_DIR "/configs/sigmoid-vs-relu.yaml", 840},
               {GP_SOURCE_DIR "/configs/smoke.yaml", 36},
               {GP_SOURCE_DIR "/configs/xor.yaml", 90}};
  for (size_t i = 0; i < 3; i++) {
    gp_plan *plan = NULL;
    cr_assert_eq(gp_plan_load(&plan, table[i].path, NULL, 0), GP_OK, "%s", gp_message());
    cr_expect_eq(gp_plan_runs(plan), table[i].runs);
    gp_plan_free(plan);
  }
  gp_plan *plan = NULL;
  setenv("GRADPATH_DATA", GP_SOURCE_DIR, 1);
  cr_assert_eq(gp_plan_load(&plan, "smoke", NULL, 0), GP_OK, "%s", gp_message());
  gp_plan_free(plan);
  cr_assert_eq(gp_plan_load(&plan, "smoek", NULL, 0), GP_ERR_CONFIG);
  cr_assert_not_null(strstr(gp_message(), "did you mean 'smoke'?"), "%s", gp_message());
}

/* A million replicates: 16 bytes of identity each and a few for the axis, in a second or two. */
Test(plan, a_million_runs) {
  const char *overrides[] = {"seed=0..999999", NULL};
  gp_plan *plan = plan_of(SMALL, overrides);
  cr_assert_eq(gp_plan_runs(plan), 1000000);
  cr_expect_str_eq(plan_cell(plan, 999999, "seed"), "999999");
  gp_plan_free(plan);
}

/* Items of a family share a column for options of the same name: they must then hold the same kind of value, or one
 * item's text would be read as another's number. */
Test(plan, options_of_one_name_are_of_one_kind) {
  for (const gp_family *const *f = gp_families(); *f != NULL; f++)
    for (const gp_item *const *i = (*f)->items; *i != NULL; i++)
      for (const gp_item *const *j = i + 1; *j != NULL; j++)
        for (const gp_option *o = (*i)->options; o != NULL && o->name != NULL; o++) {
          const gp_option *other = gp_option_find((*j)->options, o->name);
          cr_expect(other == NULL || (other->type == o->type && other->words == o->words &&
                                      (other->flags & GP_UNSIGNED) == (o->flags & GP_UNSIGNED)),
                    "%s.%s is of another kind in %s than in %s", (*f)->name, o->name, (*i)->name, (*j)->name);
        }
}

/* ---- what the columns say of themselves ---- */

static const gp_variable *variable_named(const gp_plan *plan, const char *name) {
  const gp_schema *schema = gp_plan_schema(plan);
  for (size_t v = 0; v < schema->count; v++)
    if (strcmp(schema->variables[v].name, name) == 0) return &schema->variables[v];
  return NULL;
}

/* Two data sets mean different things by `noise`: the column says the one the runs use, or neither. */
Test(plan_columns, an_option_is_described_by_the_item_that_is_used) {
  const char *one[] = {"data=xor", "batch=full", NULL}, *other[] = {"data=spirals", NULL},
             *both[] = {"data=spirals,xor", "batch=full", NULL};
  gp_plan *a = plan_of("study: t\n", one), *b = plan_of("study: t\n", other),
          *c = plan_of("study: t\n", both);
  const char *xor_text = variable_named(a, "data_noise")->long_name;
  const char *spirals_text = variable_named(b, "data_noise")->long_name;
  const gp_item *xor_item = gp_family_find(&gp_data_family, "xor"),
                *spirals_item = gp_family_find(&gp_data_family, "spirals");
  cr_expect_str_eq(xor_text, gp_option_find(xor_item->options, "noise")->summary);
  cr_expect_str_eq(spirals_text, gp_option_find(spirals_item->options, "noise")->summary);
  cr_expect_str_neq(xor_text, spirals_text);
  cr_expect_str_eq(variable_named(c, "data_noise")->long_name, "option noise of data");
  cr_expect_not_null(variable_named(a, "batch")->note, "-1 is not explained");
  cr_expect_null(variable_named(a, "depth")->note);
  gp_plan_free(a);
  gp_plan_free(b);
  gp_plan_free(c);
}

static bool has_variable(const gp_plan *plan, const char *name) {
  const gp_schema *schema = gp_plan_schema(plan);
  for (size_t v = 0; v < schema->count; v++)
    if (strcmp(schema->variables[v].name, name) == 0) return true;
  return false;
}

/* Probes on the double twin have a variable where some run asks for them, no other place. */
Test(plan, only_what_is_measured_has_a_variable) {
  gp_plan *plan = plan_of(
      SMALL "record: {probes: [delta_rms, {name: sharpness, samples: 20, tolerance: 1e-4}, spectra]}\n",
      NULL);
  cr_expect(has_variable(plan, "sharpness"));
  cr_expect_str_eq(plan_cell(plan, 0, "probes"), "delta_rms,sharpness(samples=20;tolerance=1e-4),spectra");
  cr_expect(has_variable(plan, "weight_rank"));
  cr_expect(has_variable(plan, "activation_mean"));
  cr_expect_not(has_variable(plan, "ntk_trace"));
  gp_plan_free(plan);
  plan = plan_of(SMALL, NULL);
  cr_expect_not(has_variable(plan, "sharpness"));
  gp_plan_free(plan);
}
