/* Loss kernels against the textbook formulas in long double, at ordinary and at absurd logits, and the same bits on
 * every tier whatever the number of columns.
 *
 * Tolerance: exp and log are good to about 1 ulp (2^-53 = 1.1e-16), a sum of 17 outputs adds a few more, and
 * log(sum) - (z - top) cancels at most against the largest of its terms: 1e-14 of that scale leaves a factor of 10. */
#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "guarded.h"
#include "kernels.h"

enum { OUTPUTS_MAX = 17, COLUMNS_MAX = 40, ENTRIES = OUTPUTS_MAX * COLUMNS_MAX };

typedef void loss_kernel(double *, double *, double *, const double *, const double *, ptrdiff_t, ptrdiff_t,
                         double);

typedef struct batch {
  ptrdiff_t outputs, columns;
  double weight;
  double z[ENTRIES], y[ENTRIES];
} batch;

typedef struct result {
  double loss[COLUMNS_MAX], p[ENTRIES], delta[ENTRIES];
} result;

/* -- formulas -- */

typedef long double formula(const batch *b, ptrdiff_t column, long double *p, long double *delta);

static long double cross_entropy(const batch *b, ptrdiff_t column, long double *p, long double *delta) {
  long double top = -INFINITY, total = 0, loss = 0;
  for (ptrdiff_t o = 0; o < b->outputs; o++) top = fmaxl(top, b->z[o * b->columns + column]);
  for (ptrdiff_t o = 0; o < b->outputs; o++) total += expl(b->z[o * b->columns + column] - top);
  for (ptrdiff_t o = 0; o < b->outputs; o++) {
    long double z = b->z[o * b->columns + column], y = b->y[o * b->columns + column];
    p[o] = expl(z - top) / total;
    delta[o] = p[o] - y;
    loss += y == 0 ? 0 : y * (logl(total) + top - z);
  }
  return loss;
}

static long double binary(const batch *b, ptrdiff_t column, long double *p, long double *delta) {
  long double loss = 0;
  for (ptrdiff_t o = 0; o < b->outputs; o++) {
    long double z = b->z[o * b->columns + column], y = b->y[o * b->columns + column];
    p[o] = 1 / (1 + expl(-z));
    delta[o] = p[o] - y;
    loss += log1pl(expl(-fabsl(z))) + fmaxl(z, 0) - y * z;
  }
  return loss;
}

static long double squares(const batch *b, ptrdiff_t column, long double *p, long double *delta) {
  long double loss = 0;
  for (ptrdiff_t o = 0; o < b->outputs; o++) {
    long double z = b->z[o * b->columns + column], y = b->y[o * b->columns + column];
    p[o] = z;
    delta[o] = 2 * (z - y);
    loss += (z - y) * (z - y);
  }
  return loss;
}

/* Losses of one output at a time: of the gap z - y, or of the margin y z. */
static const double width = 0.75;

static long double absolute(long double z, long double y, long double *slope) {
  *slope = (z > y) - (z < y);
  return fabsl(z - y);
}
static long double huber(long double z, long double y, long double *slope) {
  long double gap = fabsl(z - y);
  *slope = gap <= width ? z - y : z > y ? width : -width;
  return gap <= width ? gap * gap / 2 : width * (gap - width / 2.0L);
}
static long double hinge(long double z, long double y, long double *slope) {
  *slope = y * z < 1 ? -y : 0;
  return fmaxl(0, 1 - y * z);
}
static long double perceptron(long double z, long double y, long double *slope) {
  *slope = y * z <= 0 ? -y : 0;
  return fmaxl(0, -y * z);
}

static long double sum_of(long double (*one)(long double, long double, long double *), const batch *b,
                          ptrdiff_t column, long double *p, long double *delta) {
  long double loss = 0;
  for (ptrdiff_t o = 0; o < b->outputs; o++) {
    long double z = b->z[o * b->columns + column];
    loss += one(z, b->y[o * b->columns + column], &delta[o]);
    p[o] = one == perceptron ? (z > 0) - (z < 0) : z;
  }
  return loss;
}
static long double sum_absolute(const batch *b, ptrdiff_t column, long double *p, long double *delta) {
  return sum_of(absolute, b, column, p, delta);
}
static long double sum_huber(const batch *b, ptrdiff_t column, long double *p, long double *delta) {
  return sum_of(huber, b, column, p, delta);
}
static long double sum_hinge(const batch *b, ptrdiff_t column, long double *p, long double *delta) {
  return sum_of(hinge, b, column, p, delta);
}
static long double sum_perceptron(const batch *b, ptrdiff_t column, long double *p, long double *delta) {
  return sum_of(perceptron, b, column, p, delta);
}

static const struct loss {
  const char *name;
  formula *formula;
  size_t slot;   /* offset of the kernel in the table */
  bool by_width; /* takes a width as well */
  bool signs;    /* targets are -1 and +1 */
} losses[] = {{"cross_entropy", cross_entropy, offsetof(gp_loss_kernels, cross_entropy), false, false},
              {"binary_cross_entropy", binary, offsetof(gp_loss_kernels, binary_cross_entropy), false, false},
              {"mse", squares, offsetof(gp_loss_kernels, mse), false, false},
              {"mae", sum_absolute, offsetof(gp_loss_kernels, mae), true, false},
              {"huber", sum_huber, offsetof(gp_loss_kernels, huber), true, false},
              {"hinge", sum_hinge, offsetof(gp_loss_kernels, hinge), true, true},
              {"perceptron", sum_perceptron, offsetof(gp_loss_kernels, perceptron), true, true}};
enum { LOSSES = sizeof losses / sizeof *losses };

static void call(const gp_tier *tier, const struct loss *loss, double *l, double *p, double *d,
                 const double *z, const double *y, const batch *b, double weight) {
  loss_kernel *kernel;
  gp_loss_by_width *wide;
  memcpy(&kernel, (const char *)tier->loss + loss->slot, sizeof kernel);
  memcpy(&wide, (const char *)tier->loss + loss->slot, sizeof wide);
  if (loss->by_width)
    wide(l, p, d, z, y, b->outputs, b->columns, weight, width);
  else
    kernel(l, p, d, z, y, b->outputs, b->columns, weight);
}

/* -- inputs -- */

/* One-hot targets; logits of the given size. */
static void make_batch(batch *b, ptrdiff_t outputs, ptrdiff_t columns, double size) {
  *b = (batch){.outputs = outputs, .columns = columns, .weight = outputs % 2 ? 1 : 0.5};
  for (ptrdiff_t i = 0; i < outputs * columns; i++) {
    b->z[i] = size * guarded_number((uint64_t)(outputs + columns), (uint64_t)i, false);
    b->y[i] = i / columns == i % columns % outputs;
  }
}

static bool near(double value, long double wanted, long double scale) {
  if (isinf(wanted)) return value == (double)wanted;
  return fabsl((long double)value - wanted) <= 1e-14L * scale + 1e-300L;
}

static void check_against_formula(const struct loss *loss, const batch *b, const result *r) {
  for (ptrdiff_t c = 0; c < b->columns; c++) {
    long double p[OUTPUTS_MAX], delta[OUTPUTS_MAX], largest = 0;
    long double wanted = loss->formula(b, c, p, delta) * b->weight;
    for (ptrdiff_t o = 0; o < b->outputs; o++)
      if (isfinite(b->z[o * b->columns + c])) largest = fmaxl(largest, fabsl(b->z[o * b->columns + c]));
    cr_assert(near(r->loss[c], wanted, wanted + largest * b->weight), "%s: loss %.17g, wanted %.17Lg",
              loss->name, r->loss[c], wanted);
    for (ptrdiff_t o = 0; o < b->outputs; o++) {
      ptrdiff_t at = o * b->columns + c;
      /* softmax's exponent z - top is a rounded difference: its error, half an ulp of |z|, multiplies p. */
      cr_assert(near(r->p[at], p[o], fabsl(p[o]) * (1 + largest)), "%s: p %.17g, wanted %.17Lg", loss->name,
                r->p[at], p[o]);
      cr_assert(near(r->delta[at], delta[o] * b->weight, 2 * (1 + largest)), "%s: delta %.17g, wanted %.17Lg",
                loss->name, r->delta[at], delta[o] * b->weight);
    }
  }
}

static void check_batch(const struct loss *loss, const batch *b, bool formula_too) {
  static result wanted, r;
  size_t bytes = (size_t)(b->outputs * b->columns) * sizeof(double),
         some = (size_t)b->columns * sizeof(double);
  call(gp_tier_find("portable"), loss, wanted.loss, wanted.p, wanted.delta, b->z, b->y, b, b->weight);
  if (formula_too) check_against_formula(loss, b, &wanted);
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
    if (!(*tier)->supported()) continue;
    double *l = guarded_array(0, some), *p = guarded_array(1, bytes), *d = guarded_array(2, bytes);
    double *z = guarded_array(3, bytes), *y = guarded_array(4, bytes);
    memcpy(z, b->z, bytes);
    memcpy(y, b->y, bytes);
    call(*tier, loss, l, p, d, z, y, b, b->weight);
    memcpy(r.loss, l, some), memcpy(r.p, p, bytes), memcpy(r.delta, d, bytes);
    for (ptrdiff_t i = 0; i < b->outputs * b->columns; i++) {
      const double got[] = {r.loss[i % b->columns], r.p[i], r.delta[i]};
      const double expected[] = {wanted.loss[i % b->columns], wanted.p[i], wanted.delta[i]};
      for (int j = 0; j < 3; j++)
        cr_assert((isnan(got[j]) && isnan(expected[j])) || memcmp(&got[j], &expected[j], 8) == 0,
                  "%s on %s: %a, portable %a", loss->name, (*tier)->name, got[j], expected[j]);
    }
    cr_assert(guarded_intact(0, some) && guarded_intact(1, bytes) && guarded_intact(2, bytes));
  }
}

Test(losses, are_the_formulas_on_every_tier) {
  static const ptrdiff_t outputs[] = {1, 2, 3, 7, 8, 9, 10, 17};
  static const double logits[] = {0, 1e-9, 1, 30, 700, 1e5, 1e300};
  static batch b;
  for (int l = 0; l < LOSSES; l++)
    for (size_t o = 0; o < sizeof outputs / sizeof *outputs; o++)
      for (ptrdiff_t columns = 1; columns <= 19; columns += columns < 10 ? 1 : 3)
        for (size_t s = 0; s < sizeof logits / sizeof *logits; s++) {
          make_batch(&b, outputs[o], columns, logits[s]);
          for (ptrdiff_t i = 0; i < outputs[o] * columns && losses[l].signs; i++) b.y[i] = 2 * b.y[i] - 1;
          /* The square of 1e300 is infinite in double and is not in long double. */
          check_batch(&losses[l], &b, losses[l].formula != squares || logits[s] < 1e200);
        }
}

/* A class that is impossible (logit -inf) and not the target costs nothing; as the target it costs everything. */
Test(losses, minus_infinite_logits) {
  static batch b;
  static result r;
  make_batch(&b, 3, 6, 1);
  for (ptrdiff_t c = 0; c < 6; c++) b.z[2 * 6 + c] = -INFINITY;
  check_batch(&losses[0], &b, false);
  gp_tier_find("auto")->loss->cross_entropy(r.loss, r.p, r.delta, b.z, b.y, 3, 6, 1);
  for (ptrdiff_t c = 0; c < 6; c++) {
    cr_assert_eq(r.p[12 + c], 0);
    cr_assert_eq(isinf(r.loss[c]) && r.loss[c] > 0, c % 3 == 2, "column %td: loss %g", c, r.loss[c]);
    cr_assert_eq(r.delta[12 + c], c % 3 == 2 ? -1.0 : 0.0);
    cr_assert_float_eq(r.p[c] + r.p[6 + c], 1, 1e-15);
  }
}

Test(losses, one_output_is_certain_and_nan_is_seen) {
  static batch b;
  static result r;
  make_batch(&b, 1, 5, 100);
  const gp_loss_kernels *k = gp_tier_find("auto")->loss;
  k->cross_entropy(r.loss, r.p, r.delta, b.z, b.y, 1, 5, 1);
  for (int c = 0; c < 5; c++) cr_assert(r.loss[c] == 0 && r.p[c] == 1 && r.delta[c] == 0);
  for (int l = 0; l < LOSSES; l++) {
    for (ptrdiff_t o = 0; o < 3; o++) { /* wherever the NaN stands, its column's loss is NaN and no other's */
      make_batch(&b, 3, 5, 1);
      b.z[o * 5 + 2] = NAN;
      check_batch(&losses[l], &b, false);
      call(gp_tier_find("auto"), &losses[l], r.loss, r.p, r.delta, b.z, b.y, &b, 1);
      for (int c = 0; c < 5; c++) cr_assert_eq(isnan(r.loss[c]), c == 2, "%s: column %d", losses[l].name, c);
    }
  }
}
