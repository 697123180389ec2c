/* Every gradient against finite differences, over activations, losses, depths and parametrizations, and the proof that
 * the check itself can fail: a table of kernels with one mistake each must be caught.
 *
 * The mistakes come in by the linker (--wrap=gp_tier_find): the engine asks for its tier and gets a copy with one slot
 * replaced, so nothing in src/ knows about this.
 *
 * Tolerance 1e-7 of the largest entry: Richardson differences with steps 4e-3 .. 5e-4 have a truncation error of order
 * h^8 (1e-20 times a ninth derivative) and a rounding error of 2^-53 / 5e-4 times the loss, about 1e-12. */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "inspect.h"

/* -- tiers with a mistake -- */

const gp_tier *__real_gp_tier_find(const char *name);
const gp_tier *__wrap_gp_tier_find(const char *name);

static gp_tier mutant;
static gp_kernels table;
static const gp_kernels *right;
static bool mutated;

const gp_tier *__wrap_gp_tier_find(const char *name) {
  return mutated ? &mutant : __real_gp_tier_find(name);
}

static void flipped_weight_gradient(void *c, const void *a, const void *b, const gp_product *p) {
  gp_product wrong = *p;
  wrong.alpha = -p->alpha;
  right->product_nt(c, a, b, &wrong);
}

static void halved_weight_gradient(void *c, const void *a, const void *b, const gp_product *p) {
  gp_product wrong = *p;
  wrong.alpha = p->alpha / 2;
  right->product_nt(c, a, b, &wrong);
}

/* (m, n) written as (n, m): looks right in every norm of a square layer. */
static void transposed_weight_gradient(void *c, const void *a, const void *b, const gp_product *p) {
  double *x = c;
  right->product_nt(c, a, b, p);
  for (ptrdiff_t i = 0; i < p->m && p->m == p->n; i++) {
    for (ptrdiff_t j = 0; j < i; j++) {
      double kept = x[i * p->n + j];
      x[i * p->n + j] = x[j * p->n + i];
      x[j * p->n + i] = kept;
    }
  }
}

/* W delta instead of W^T delta. */
static void untransposed_delta(void *c, const void *a, const void *b, const gp_product *p) {
  (p->m == p->k ? right->product_nn : right->product_tn)(c, a, b, p);
}

static void flipped_delta(void *c, const void *a, const void *b, const gp_product *p) {
  gp_product wrong = *p;
  wrong.alpha = -p->alpha;
  right->product_tn(c, a, b, &wrong);
}

/* phi' forgotten: in the product of a plain layer, and where a connection stands between. */
static void ungated_delta(void *c, const void *a, const void *b, const gp_product *p) {
  gp_product wrong = *p;
  wrong.gate = NULL;
  right->product_tn(c, a, b, &wrong);
}

static void no_slope(void *x, const void *y, ptrdiff_t n, int lanes) {
  (void)x, (void)y, (void)n, (void)lanes;
}

static void last_example_forgotten(double *out, const void *x, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  const double *from = x;
  right->row_sums(out, x, rows, cols, lanes);
  for (ptrdiff_t r = 0; r < rows; r++) out[r] -= from[r * cols + cols - 1];
}

/* A backward pass of a normalisation that takes its statistics for constants (SCIENCE 5.5): the coupling terms dropped. */
static void constant_statistics(void *g, const void *x, const void *mean, const void *slope,
                                const void *scale, const gp_field *f) {
  double *zero = calloc((size_t)(f->rows + f->cols), sizeof *zero);
  (void)slope;
  right->field_project(g, x, mean != NULL ? zero : NULL, zero, scale, f);
  free(zero);
}

/* Only the second of them. */
static void constant_variance(void *g, const void *x, const void *mean, const void *slope, const void *scale,
                              const gp_field *f) {
  double *zero = calloc((size_t)(f->rows + f->cols), sizeof *zero);
  (void)slope;
  right->field_project(g, x, mean, zero, scale, f);
  free(zero);
}

/* The gradient that runs along a connection forgotten. */
static void no_connection(void *x, const void *y, ptrdiff_t n, int lanes) {
  (void)x, (void)y, (void)n, (void)lanes;
}

static void no_batch_factor(void *x, double factor, ptrdiff_t n, int lanes) {
  (void)x, (void)factor, (void)n, (void)lanes;
}

/* tanh' as 1 - z^2: right near 0 only. */
static void wrong_slope(void *z, void *h, void *d, const void *bias, const void *params, ptrdiff_t rows,
                        ptrdiff_t cols, int lanes) {
  right->activate[GP_ACT_tanh](z, h, d, bias, params, rows, cols, lanes);
  for (ptrdiff_t i = 0; d != NULL && i < rows * cols; i++)
    ((double *)d)[i] = 1 - ((double *)z)[i] * ((double *)z)[i];
}

static const struct mutation {
  const char *name;
  gp_kernels change; /* the slots that are not NULL replace the right ones */
  const char *words; /* a network that the slot is used in; NULL: any */
} mutations[] = {{"none", {0}, NULL},
                 {"flipped weight gradient", {.product_nt = flipped_weight_gradient}, NULL},
                 {"halved weight gradient", {.product_nt = halved_weight_gradient}, NULL},
                 {"transposed weight gradient", {.product_nt = transposed_weight_gradient}, NULL},
                 {"W for its transpose", {.product_tn = untransposed_delta}, NULL},
                 {"flipped delta", {.product_tn = flipped_delta}, NULL},
                 {"no slope", {.product_tn = ungated_delta}, NULL},
                 {"no slope beside a connection", {.multiply = no_slope}, "residual=identity"},
                 {"last example forgotten", {.row_sums = last_example_forgotten}, NULL},
                 {"no batch factor", {.scale = no_batch_factor}, NULL},
                 {"wrong slope", {.activate = {[GP_ACT_tanh] = wrong_slope}}, NULL},
                 {"batch statistics as constants", {.field_project = constant_statistics}, "norm=batch"},
                 {"batch variance as a constant", {.field_project = constant_variance}, "norm=batch"},
                 {"layer statistics as constants", {.field_project = constant_statistics}, "norm=layer"},
                 {"no connection", {.add = no_connection}, "residual=identity"}};

static void mutate(const struct mutation *m) {
  mutated = false;
  const gp_tier *tier = gp_tier_find("auto");
  right = tier->f64;
  table = *right;
  if (m->change.product_nt != NULL) table.product_nt = m->change.product_nt;
  if (m->change.product_tn != NULL) table.product_tn = m->change.product_tn;
  if (m->change.multiply != NULL) table.multiply = m->change.multiply;
  if (m->change.row_sums != NULL) table.row_sums = m->change.row_sums;
  if (m->change.scale != NULL) table.scale = m->change.scale;
  if (m->change.field_project != NULL) table.field_project = m->change.field_project;
  if (m->change.add != NULL) table.add = m->change.add;
  if (m->change.activate[GP_ACT_tanh] != NULL) table.activate[GP_ACT_tanh] = m->change.activate[GP_ACT_tanh];
  mutant = *tier;
  mutant.f64 = &table;
  mutated = true;
}

/* -- the check -- */

static const char common[] =
    "data=blobs data.samples=12 data.test=0 data.classes=3 data.features=4 data.noise=0.5 width=4 "
    "batch=5 precision=float64 seed=11 init=mean_field init.weight_variance=1.7 init.bias_variance=0.1 ";

/* Largest error, and how many entries were compared. */
static double check(const char *words, int64_t *checked, int64_t *skipped) {
  spec_case c;
  gp_gradcheck result;
  spec_case_make(&c, common, words);
  cr_assert_eq(gp_gradcheck_run(&result, &c.spec, &c.data, 0), GP_OK, "%s", gp_message());
  double worst = result.worst;
  size_t layers = (size_t)c.spec.depth + 1;
  cr_assert_geq(result.count, 1 + layers * (c.spec.bias ? 2 : 1), "%s", words);
  *checked = *skipped = 0;
  for (size_t i = 0; i < result.count; i++) {
    *checked += result.rows[i].checked;
    *skipped += result.rows[i].skipped;
  }
  gp_gradcheck_free(&result);
  spec_case_free(&c);
  return worst;
}

static const char *const losses[] = {
    "loss=cross_entropy",
    "loss=cross_entropy loss.reduction=sum",
    "loss=binary_cross_entropy",
    "loss=binary_cross_entropy loss.outputs=mean",
    "loss=mse",
    "loss=mse loss.half=true",
    "loss=mse loss.reduction=sum loss.outputs=mean",
    "loss=mse output=tanh",
    "loss=mse output=sigmoid loss.labels=plus_minus",
    "data=gaussian data.targets=2 loss=mse",
    "loss=mae",
    "loss=huber loss.delta=0.3",
    "data=gaussian data.targets=2 loss=huber loss.delta=0.45 loss.reduction=sum",
    "loss=hinge",
    "loss=perceptron loss.outputs=mean"};
/* Four squares make a polynomial of degree 16: smaller weights keep its derivatives near its values. */
static const char *const activations[] = {"linear",
                                          "sigmoid",
                                          "hard_sigmoid",
                                          "tanh",
                                          "scaled_tanh",
                                          "hard_tanh",
                                          "arctan",
                                          "softsign",
                                          "erf",
                                          "sine",
                                          "square init.weight_variance=0.5",
                                          "relu",
                                          "leaky_relu",
                                          "relu6",
                                          "elu",
                                          "elu activation.alpha=2",
                                          "selu",
                                          "celu",
                                          "celu activation.alpha=0.5",
                                          "gelu",
                                          "gelu_tanh",
                                          "silu",
                                          "mish",
                                          "softplus",
                                          "tanh_output_form",
                                          "sigmoid_output_form"};

Test(gradient, agrees_with_differences) {
  double worst = 0;
  int64_t all = 0, left_out = 0, checked, skipped;
  for (size_t a = 0; a < sizeof activations / sizeof *activations; a++) {
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++) {
      for (int depth = 0; depth <= 4; depth++) {
        char words[256];
        snprintf(words, sizeof words, "activation=%s depth=%d %s", activations[a], depth, losses[l]);
        double error = check(words, &checked, &skipped);
        cr_assert_leq(error, 1e-7, "%s: error %.2e", words, error);
        cr_assert_gt(checked, skipped, "%s: only %d entries compared", words, (int)checked);
        worst = fmax(worst, error);
        all += checked;
        left_out += skipped;
      }
    }
  }
  cr_log_info("%d entries, %d left out at kinks, worst %.1e\n", (int)all, (int)left_out, worst);
  cr_assert_lt(left_out, all / 10);
}

Test(gradient, agrees_under_every_setting_of_the_model) {
  static const char *const models[] = {"parametrization=ntk",
                                       "parametrization=mean_field",
                                       "bias=false",
                                       "shape=7-2-5",
                                       "parametrization=mean_field bias=false activation=relu",
                                       "batch=full",
                                       "batch=1",
                                       "activation=leaky_relu activation.slope=0.3",
                                       "width=1"};
  int64_t checked, skipped;
  for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
    char words[256];
    snprintf(words, sizeof words, "activation=tanh depth=3 %s", models[m]);
    double error = check(words, &checked, &skipped);
    cr_assert_leq(error, 1e-7, "%s: error %.2e", words, error);
  }
}

/* Every activation x normalisation x residual connection, the places of the latter two in turn. Entries are
 * left out where a difference crosses a kink. */
Test(gradient, agrees_for_every_triple) {
  static const char *const norms[] = {"norm=none",
                                      "norm=batch",
                                      "norm=layer",
                                      "norm=rms",
                                      "norm=weight",
                                      "norm=batch norm.place=after",
                                      "norm=layer norm.place=after norm.affine=false",
                                      "norm=rms norm.place=after",
                                      "norm=batch norm.affine=false norm.eps=0.01"};
  static const char *const residuals[] = {"residual=none",
                                          "residual=identity",
                                          "residual=scaled residual.every=2",
                                          "residual=rezero",
                                          "residual=identity residual.place=before residual.every=3",
                                          "residual=rezero residual.place=before"};
  double worst = 0;
  int64_t all = 0, left_out = 0, checked, skipped;
  for (size_t a = 0; a < sizeof activations / sizeof *activations; a++)
    for (size_t n = 0; n < sizeof norms / sizeof *norms; n++)
      for (size_t r = 0; r < sizeof residuals / sizeof *residuals; r++) {
        char words[256];
        snprintf(words, sizeof words, "activation=%s depth=4 %s %s", activations[a], norms[n], residuals[r]);
        double error = check(words, &checked, &skipped);
        cr_expect_leq(error, 1e-7, "%s: error %.2e", words, error);
        worst = fmax(worst, error);
        all += checked;
        left_out += skipped;
      }
  cr_log_info("%d entries, %d left out at kinks, worst %.1e\n", (int)all, (int)left_out, worst);
  cr_assert_lt(left_out, all / 5);
}

/* sign and step have gradient exactly 0 where they are differentiable, and so have the differences: nothing moves the
 * loss. */
Test(gradient, sign_and_step_are_flat) {
  int64_t checked, skipped;
  cr_assert_leq(check("activation=sign depth=2", &checked, &skipped), 1e-7);
  cr_assert_gt(checked, skipped);
  cr_assert_leq(check("activation=step depth=2", &checked, &skipped), 1e-7);
  cr_assert_gt(checked, skipped);
}

/* An error of the size of the gradient itself, orders of magnitude above the tolerance: 1e-2 is far from both. */
Test(gradient, the_check_catches_mistakes) {
  int64_t checked, skipped;
  for (size_t m = 0; m < sizeof mutations / sizeof *mutations; m++) {
    mutate(&mutations[m]);
    char words[256];
    snprintf(words, sizeof words, "activation=tanh depth=3 %s",
             mutations[m].words != NULL ? mutations[m].words : "");
    double error = check(words, &checked, &skipped);
    mutated = false;
    if (m == 0)
      cr_assert_leq(error, 1e-7, "the unchanged copy is wrong by %.2e", error);
    else
      cr_assert_gt(error, 1e-2, "%s was not noticed: error %.2e", mutations[m].name, error);
  }
}

/* With all weights 0 every hidden unit sits on the kink of relu: its weights and bias are left out, the output layer's,
 * which do not move it, are compared. */
Test(gradient, entries_at_a_kink_are_left_out) {
  int64_t checked, skipped;
  cr_assert_leq(check("activation=relu depth=1 init=zeros", &checked, &skipped), 1e-7);
  cr_assert_eq(skipped, 4 * 4 + 4); /* W_1 (4, 4) and b_1 */
  cr_assert_eq(checked,
               3 * 4 + 3 + 5 * 4); /* W_2 (3, 4), b_2 and the inputs, which zero weights do not pass on */
}

/* Where the gradient has vanished below the rounding of the loss a difference proves nothing, and the check says so
 * instead of failing: 0.24 per layer over 12 layers leaves 4e-8 of the output's gradient. */
Test(gradient, vanished_arrays_are_named_not_judged) {
  spec_case c;
  gp_gradcheck result;
  size_t hidden = 0;
  spec_case_make(&c, common, "activation=sigmoid depth=14 init=xavier");
  cr_assert_eq(gp_gradcheck_run(&result, &c.spec, &c.data, 0), GP_OK, "%s", gp_message());
  for (size_t i = 0; i < result.count; i++) hidden += !result.rows[i].resolved;
  cr_assert(!result.rows[1].resolved, "the first layer's weights have a gradient of %g",
            result.rows[1].largest);
  cr_assert(result.rows[result.count - 1].resolved);
  cr_assert_lt(hidden, result.count);
  cr_assert_leq(result.worst, GP_GRADCHECK_LIMIT);
  gp_gradcheck_free(&result);
  spec_case_free(&c);
}
