/* Products along a direction against finite differences, over activations, losses, outputs and parametrizations, and the
 * proof that the comparison fails when a term is dropped.
 *
 * Gradients of the backward pass (which test_gradient checks against the loss alone) are differenced along a random
 * direction, Richardson-extrapolated over steps h, h/2, h/4: truncation is of order h^6, rounding 2^-53 |g| / h. Of the h
 * from 4e-3 down to 2.5e-4 (smaller where a kink lies between the points) that one counts whose last extrapolation changed
 * least; both errors then stay below 1e-9 of the largest entry, and 1e-7 is asked for. */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "direction_case.h"

static const double LIMIT = 1e-7;

/* -- phi'' -- */

/* phi'' against differences of the kernel's phi'; local scale: the largest |phi'| around, so that tails are checked too.
 * The output forms' phi' has an absolute error of 2^-53 of its own. */
static void check_second(const gp_activation *a, const gp_choice *choice, double z) {
  double h = 1e-2 / (1 + z * z), d[3], scale = 0;
  for (int i = 0; i < 3; i++) {
    double at[2] = {z + h / (1 << i), z - h / (1 << i)}, slope[2];
    gp_activation_eval(choice, at, NULL, slope, 2);
    d[i] = (slope[0] - slope[1]) / (at[0] - at[1]);
    scale = fmax(scale, fmax(fabs(slope[0]), fabs(slope[1])));
  }
  double first = (4 * d[1] - d[0]) / 3, second = (4 * d[2] - d[1]) / 3, value, slope;
  double wanted = (16 * second - first) / 15;
  gp_activation_eval(choice, &z, &value, &slope, 1);
  double found = a->second(z, value, slope, (const double *)(const void *)choice->options);
  double noise = strstr(a->item.name, "output_form") != NULL ? 1e-13 : 0;
  cr_assert_leq(fabs(found - wanted), (1 + z * z) * (1e-9 * scale + noise), "%s''(%g) is %.17g, not %.17g",
                a->item.name, z, found, wanted);
}

static bool near_kink(const gp_activation *a, double z) {
  for (const double *k = a->kinks; k != NULL && !isnan(*k); k++)
    if (fabs(z - *k) < 0.02) return true;
  return false;
}

Test(direction, second_derivatives_of_activations) {
  int checked = 0;
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = (const gp_activation *)(const void *)gp_activation_family.items[i];
    gp_choice choice;
    gp_choice_set(&choice, &a->item);
    cr_assert_eq(a->second != NULL, a->smoothness > 0, "%s: has phi'' or is discontinuous", a->item.name);
    if (a->second == NULL) continue;
    for (double z = -8; z <= 8; z += 0.0625) {
      if (near_kink(a, z)) continue;
      check_second(a, &choice, z);
      checked++;
    }
    for (int side = -1; side <= 1; side += 2) {
      double far[2] = {side * 1e5, side * (double)INFINITY}, h[2], d[2];
      gp_activation_eval(&choice, far, h, d, 2);
      for (int j = 0; j < 2 && strcmp(a->item.name, "sine") != 0; j++)
        cr_assert(isfinite(a->second(far[j], h[j], d[j], (const double *)(const void *)choice.options)),
                  "%s''(%g)", a->item.name, far[j]);
    }
  }
  cr_assert_geq(checked, 24 * 200);
}

/* -- Hessian-vector products -- */

/* The largest error of a product against the differences, beyond their rounding, relative to the largest entry of its
 * array; NaN when a kink is too close to tell. */
static double hessian_error(net_case *c, double *product) {
  double *wanted = c->work[0], worst = 0, noise;
  if (!net_case_gradient_slope(c, c->v, wanted, &noise)) return NAN;
  for (int a = 0; a < c->arrays; a++) {
    double largest = 0, error = 0;
    for (int64_t i = c->start[a]; i < c->start[a + 1]; i++) {
      largest = fmax(largest, fabs(wanted[i]));
      error = fmax(error, fabs(wanted[i] - product[i]) - noise);
    }
    if (error > 0) worst = fmax(worst, error / largest);
  }
  return worst;
}

static double check_hessian(const char *words) {
  net_case c;
  net_case_make(&c, words);
  net_case_product(&c, c.v, c.work[1]);
  double error = hessian_error(&c, c.work[1]);
  net_case_free(&c);
  return error;
}

Test(direction, hessian_of_every_activation) {
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = (const gp_activation *)(const void *)gp_activation_family.items[i];
    char words[128];
    if (a->second == NULL) continue;
    for (int depth = 1; depth <= 4; depth++) {
      snprintf(words, sizeof words, "activation=%s depth=%d", a->item.name, depth);
      double error = check_hessian(words);
      cr_assert_leq(error, LIMIT, "%s: %g", words, error);
    }
  }
}

/* Every triple of activation, normalisation and connection. */
Test(direction, hessian_of_every_triple) {
  const char *const norms[] = {"none",
                               "batch",
                               "batch norm.place=after",
                               "layer",
                               "layer norm.place=after norm.affine=false",
                               "rms norm.affine=false",
                               "rms norm.place=after",
                               "weight"};
  const char *const residuals[] = {"none",
                                   "identity",
                                   "identity residual.every=2 residual.place=before",
                                   "scaled residual.every=2",
                                   "scaled residual.place=before",
                                   "rezero",
                                   "rezero residual.every=2 residual.place=before"};
  int checked = 0, skipped = 0;
  for (size_t i = 0; gp_activation_family.items[i] != NULL; i++) {
    const gp_activation *a = (const gp_activation *)(const void *)gp_activation_family.items[i];
    for (size_t n = 0; n < sizeof norms / sizeof *norms && a->second != NULL; n++)
      for (size_t r = 0; r < sizeof residuals / sizeof *residuals; r++, checked++) {
        char words[256];
        snprintf(words, sizeof words, "activation=%s depth=3 norm=%s residual=%s", a->item.name, norms[n],
                 residuals[r]);
        double error = check_hessian(words);
        cr_assert_not(error > LIMIT, "%s: %g", words, error);
        cr_assert(!isnan(error) || a->kinks != NULL, "%s", words);
        skipped += isnan(error);
      }
  }
  cr_assert_geq(checked, 24 * 8 * 7);
  cr_assert_leq(skipped, checked / 50, "%d of %d lie next to a kink", skipped, checked);
}

static const char *const cases[] = {
    "loss=mse data=chebyshev activation=tanh depth=2",
    "loss=mse loss.half=true loss.outputs=mean data=gaussian activation=gelu depth=2",
    "loss=mse loss.reduction=sum output=sigmoid activation=tanh depth=2",
    "loss=mae activation=sine depth=2",
    "loss=huber loss.delta=0.3 data=gaussian activation=softplus depth=2",
    "loss=binary_cross_entropy activation=silu depth=2",
    "loss=binary_cross_entropy loss.reduction=sum activation=relu depth=3",
    "loss=hinge activation=tanh depth=2",
    "loss=perceptron activation=mish depth=2",
    "loss=cross_entropy data=blobs data.classes=4 activation=erf depth=3",
    "loss=mse output=softsign activation=elu activation.alpha=0.7 depth=2",
    "loss=mse data=gaussian activation=celu activation.alpha=0.5 depth=2",
    "activation=tanh depth=0",
    "activation=tanh depth=3 bias=false",
    "activation=leaky_relu activation.slope=0.3 depth=3 bias=false",
    "activation=arctan depth=2 parametrization=ntk",
    "activation=gelu_tanh depth=2 parametrization=mean_field",
    "activation=tanh shape=7-3-9",
    "activation=sigmoid depth=2 batch=1",
    "activation=sigmoid depth=2 width=1"};
enum { CASES = sizeof cases / sizeof *cases };

Test(direction, hessian_of_losses_outputs_and_shapes) {
  for (int i = 0; i < CASES; i++) {
    double error = check_hessian(cases[i]);
    cr_assert_leq(error, LIMIT, "%s: %g", cases[i], error);
  }
}

static double inner(const double *x, const double *y, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

/* u H v = v H u, and <u, J v> = <J^T u, v> for parameters and inputs together. */
Test(direction, products_are_symmetric_and_adjoint) {
  for (int i = 0; i < CASES; i++) {
    net_case c;
    net_case_make(&c, cases[i]);
    double *hu = c.work[0], *hv = c.work[1];
    net_case_product(&c, c.u, hu);
    net_case_product(&c, c.v, hv);
    double left = inner(c.u, hv, c.parameters), right = inner(c.v, hu, c.parameters);
    double size = sqrt(inner(hv, hv, c.parameters) * inner(c.u, c.u, c.parameters));
    cr_assert_leq(fabs(left - right), 1e-13 * size + 1e-300, "%s: %.17g and %.17g", cases[i], left, right);

    gp_net *net = &c.twin.net;
    gp_direction *d = &c.twin.direction;
    int64_t inputs = net->layer[0].in * c.batch, outputs = c.outputs * c.batch;
    for (int64_t j = 0; j < inputs; j++) d->x[j] = cos((double)j);
    gp_direction_forward(d, c.batch, c.v, true);
    double *seed = malloc((size_t)outputs * sizeof *seed);
    for (int64_t j = 0; j < outputs; j++) seed[j] = sin(1 + (double)j);
    left = inner(seed, gp_direction_outputs(d), outputs);
    gp_direction_reverse(net, c.batch, seed, hu, true);
    right = inner(hu, c.v, c.parameters) + inner(net->dx, d->x, inputs);
    free(seed);
    cr_assert_leq(fabs(left - right), 1e-12 * (fabs(left) + 1), "%s: <u, Jv> %.17g, <J'u, v> %.17g", cases[i],
                  left, right);
    net_case_free(&c);
  }
}

/* J v against differences of the outputs. */
Test(direction, tangent_of_the_outputs) {
  for (int i = 0; i < CASES; i++) {
    net_case c;
    net_case_make(&c, cases[i]);
    int64_t count = c.outputs * c.batch;
    double *wanted = malloc((size_t)count * sizeof *wanted), worst = 0, largest = 0;
    cr_assert(net_case_output_slope(&c, c.v, wanted));
    net_case_pass(&c);
    gp_direction_forward(&c.twin.direction, c.batch, c.v, false);
    const double *found = gp_direction_outputs(&c.twin.direction);
    for (int64_t j = 0; j < count; j++) {
      worst = fmax(worst, fabs(found[j] - wanted[j]));
      largest = fmax(largest, fabs(wanted[j]));
    }
    cr_assert_leq(worst, LIMIT * largest, "%s: %g of %g", cases[i], worst, largest);
    free(wanted);
    net_case_free(&c);
  }
}

/* The whole Hessian of a tiny net, column by column, against second differences of the loss alone: nothing of the
 * backward pass is in them. Error: 2^-53 / h^2 = 1e-12 and, after one extrapolation, order h^4 = 1e-8. */
Test(direction, whole_hessian_of_a_tiny_net) {
  const char *const tiny[] = {
      "activation=tanh depth=2 width=2 data=xor batch=full",
      "activation=softplus depth=1 width=3 loss=mse data=xor batch=full",
      "activation=gelu depth=1 width=2 loss=cross_entropy data=xor batch=full bias=false"};
  for (size_t i = 0; i < sizeof tiny / sizeof *tiny; i++) {
    net_case c;
    net_case_make(&c, tiny[i]);
    double *unit = calloc((size_t)c.parameters, sizeof *unit);
    for (int64_t q = 0; q < c.parameters; q++) {
      unit[q] = 1;
      net_case_product(&c, unit, c.work[0]);
      unit[q] = 0;
      for (int64_t p = 0; p < c.parameters; p++) {
        double wanted = net_case_second_difference(&c, p, q);
        cr_assert_leq(fabs(c.work[0][p] - wanted), 2e-7, "%s: H[%d][%d] is %.12g, not %.12g", tiny[i], (int)p,
                      (int)q, c.work[0][p], wanted);
      }
    }
    free(unit);
    net_case_free(&c);
  }
}

/* Pieces of any size give the same product as the whole, up to the order of the sum. */
Test(direction, pieces_add_up) {
  net_case c;
  net_case_make(&c, "activation=tanh depth=2 data=spirals data.samples=50 batch=full");
  gp_examples examples = net_case_examples(&c);
  gp_twin_hessian(&c.twin, &examples, c.work[0], c.v);
  examples.piece = 7;
  gp_twin_hessian(&c.twin, &examples, c.work[1], c.v);
  for (int64_t i = 0; i < c.parameters; i++) cr_assert_float_eq(c.work[0][i], c.work[1][i], 1e-13);
  net_case_free(&c);
}

/* -- bits -- */

Test(direction, every_tier_has_the_same_bits) {
  for (int i = 0; i < CASES; i++) {
    net_case first = {0};
    for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
      net_case c;
      if (!(*tier)->supported()) continue;
      net_case_make_on(&c, cases[i], (*tier)->name);
      net_case_product(&c, c.v, c.work[0]);
      if (first.parameters == 0) {
        first = c;
        continue;
      }
      cr_assert_eq(memcmp(first.work[0], c.work[0], (size_t)c.parameters * sizeof(double)), 0, "%s on %s",
                   cases[i], (*tier)->name);
      net_case_free(&c);
    }
    net_case_free(&first);
  }
}

/* -- the comparison can fail -- */

static gp_kernels table;
static const gp_kernels *right;
static const net_case *target;

static bool within(const void *at, const double *from, int64_t count) {
  return (const double *)at >= from && (const double *)at < from + count;
}

static void zero(double *c, const gp_product *p) {
  for (ptrdiff_t i = 0; i < p->m * p->n; i++) c[i] = 0;
}

/* V^T delta left out of R{e}. */
static void without_direction_below(void *c, const void *a, const void *b, const gp_product *p) {
  if (within(a, target->v, target->parameters))
    zero(c, p);
  else
    right->product_tn(c, a, b, p);
}

/* delta R{h}^T left out of the weights. */
static void without_input_tangent(void *c, const void *a, const void *b, const gp_product *p) {
  if (within(b, target->twin.direction.layer[0].h, 1))
    zero(c, p);
  else
    right->product_nt(c, a, b, p);
}

/* W R{h} left out of R{z}. */
static void without_forward_tangent(void *c, const void *a, const void *b, const gp_product *p) {
  if (within(b, target->twin.direction.layer[0].h, 1))
    zero(c, p);
  else
    right->product_nn(c, a, b, p);
}

static double no_second(double z, double h, double d, const double *options) {
  (void)z, (void)h, (void)d, (void)options;
  return 0;
}

/* What R{x^} does to the statistics left out of a normalisation's backward pass. */
static void without_coupling(double *out, const void *x, const void *y, const gp_field *f) {
  right->field_dot(out, x, y, f);
  for (int64_t i = 0; y == target->twin.direction.layer[0].normalised && i < (f->by_row ? f->rows : f->cols);
       i++)
    out[i] = 0;
}

static double mutant_error(const gp_kernels *wrong, const char *words) {
  net_case c;
  net_case_make(&c, words);
  target = &c;
  right = c.twin.net.k;
  c.twin.net.k = wrong != NULL ? wrong : right;
  gp_activation flat = *c.twin.net.layer[0].activation;
  const gp_activation *kept = c.twin.net.layer[0].activation;
  flat.second = no_second;
  if (wrong == NULL) c.twin.net.layer[0].activation = &flat;
  net_case_product(&c, c.v, c.work[1]);
  c.twin.net.layer[0].activation = kept;
  c.twin.net.k = right;
  double error = hessian_error(&c, c.work[1]);
  net_case_free(&c);
  return error;
}

Test(direction, dropped_terms_are_caught) {
  const gp_kernels *k = gp_tier_find("auto")->f64;
  table = *k, table.product_tn = without_direction_below;
  cr_assert_gt(mutant_error(&table, "activation=tanh depth=2"), 1e-3);
  table = *k, table.product_nt = without_input_tangent;
  cr_assert_gt(mutant_error(&table, "activation=tanh depth=2"), 1e-3);
  table = *k, table.product_nn = without_forward_tangent;
  cr_assert_gt(mutant_error(&table, "activation=tanh depth=2"), 1e-3);
  cr_assert_gt(mutant_error(NULL, "activation=tanh depth=2"), 1e-3, "phi'' left out");
  table = *k, table.field_dot = without_coupling;
  cr_assert_gt(mutant_error(&table, "activation=tanh depth=2 norm=batch norm.affine=false"), 1e-3);
  cr_assert_gt(mutant_error(&table, "activation=tanh depth=2 norm=layer norm.affine=false"), 1e-3);
}
