/* Everything that is not a product: activations with bias and slope, updates, reductions, in ns per element of one
 * network's layer of 32 x 64 (in the first-level cache). The check: the same bits as the portable tier, which
 * tests/kernel holds against a plain reference and, for the elementary functions, against the true values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { ROWS = 32, COLUMNS = 64, N = ROWS * COLUMNS, ARRAYS = 5, ROUNDS = 9 };

typedef struct work {
  const gp_kernels *k;
  int slot;
  void *x[ARRAYS]; /* z or w, h or g, d or state, bias, u: each has room for 2 N */
  double out[ROWS];
} work;

static void run_activation(void *context) {
  static const double params64[GP_ACT_PARAMS_MAX] = {1, 1, 1, 1};
  static const float params32[GP_ACT_PARAMS_MAX] = {1, 1, 1, 1};
  work *w = context;
  const void *params = w->k->bits == 32 ? (const void *)params32 : params64;
  w->k->activate[w->slot](w->x[0], w->x[1], w->x[2], w->x[3], params, ROWS, COLUMNS, 1);
}
static void run_update(void *context) {
  static const double rate = 1e-9, beta = 0.9, second = 0.999, epsilon = 1e-8, correction = 10;
  work *w = context;
  gp_update how = {.rate = &rate,
                   .momentum = &beta,
                   .second = &second,
                   .epsilon = &epsilon,
                   .first_correction = &correction,
                   .next_correction = &correction,
                   .second_correction = &correction,
                   .lanes = 1};
  w->k->update[w->slot](w->x[0], w->x[1], w->x[2], NULL, &how, N);
}
static void run_multiply(void *context) {
  work *w = context;
  w->k->multiply(w->x[4], w->x[3], N, 1);
}
static void run_sum(void *context) {
  work *w = context;
  w->k->sum(w->out, w->x[0], N, 1);
}
static void run_squares(void *context) {
  work *w = context;
  w->k->sum_squares(w->out, w->x[0], N, 1);
}
static void run_dot(void *context) {
  work *w = context;
  w->k->dot(w->out, w->x[0], w->x[1], N, 1);
}
static void run_row_sums(void *context) {
  work *w = context;
  w->k->row_sums(w->out, w->x[0], ROWS, COLUMNS, 1);
}

static work work_make(const gp_kernels *k, int slot) {
  work w = {.k = k, .slot = slot};
  for (int i = 0; i < ARRAYS; i++) w.x[i] = bench_allocate(2 * N * k->size);
  bench_fill(k, w.x[0], N, 1);
  bench_fill(k, w.x[1], N, 2);
  bench_fill(k, w.x[4], N, 3);
  return w; /* state and bias are 0, so that repeating a call changes nothing but w */
}
static void work_free(work *w) {
  for (int i = 0; i < ARRAYS; i++) free(w->x[i]);
}

static double value(const work *w, int array, int i) {
  return w->k->bits == 32 ? (double)((const float *)w->x[array])[i] : ((const double *)w->x[array])[i];
}

/* The largest difference of any result; two NaN are equal. */
static double difference(const work *a, const work *b) {
  double worst = 0;
  for (int array = 0; array < ARRAYS; array++) {
    for (int i = 0; i < N; i++) {
      double x = value(a, array, i), y = value(b, array, i);
      if (x != y && !(isnan(x) && isnan(y))) worst = fmax(worst, fabs(x - y));
    }
  }
  for (int i = 0; i < ROWS; i++) worst = fmax(worst, fabs(a->out[i] - b->out[i]));
  return worst;
}

static void measure(const char *kind, const char *name, void (*run)(void *), const gp_kernels *k, int slot) {
  const gp_tier *portable = gp_tier_find("portable");
  work w = work_make(k, slot), plain = work_make(k->bits == 32 ? portable->f32 : portable->f64, slot);
  run(&w);
  run(&plain);
  double error = difference(&w, &plain);
  printf("%s_%s\t%s\t%d\t%d", kind, name, k->tier, k->bits, N);
  if (error == 0)
    printf("\t%.3f\t0\tPASS\n", 1e9 * bench_best(run, &w, 2e-3, ROUNDS) / N);
  else
    printf("\t-\t%.3g\tFAIL\n", error);
  work_free(&w);
  work_free(&plain);
}

static void measure_table(const gp_kernels *k) {
#define GP_ACT_ENTRY(name) measure("activate", #name, run_activation, k, GP_ACT_##name);
#include "act_all.inl"
#undef GP_ACT_ENTRY
#define MEASURE_UPDATE(name, states) measure("update", #name, run_update, k, GP_UPDATE_##name);
  GP_UPDATE_LIST(MEASURE_UPDATE)
#undef MEASURE_UPDATE
  measure("elementwise", "multiply", run_multiply, k, 0);
  measure("reduce", "sum", run_sum, k, 0);
  measure("reduce", "sum_squares", run_squares, k, 0);
  measure("reduce", "dot", run_dot, k, 0);
  measure("reduce", "row_sums", run_row_sums, k, 0);
}

void bench_elementwise(void) {
  printf("slot\ttier\tbits\telements\tns_per_element\tmax_error\tcheck\n");
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
    if (!(*tier)->supported()) continue;
    measure_table((*tier)->f32);
    measure_table((*tier)->f64);
  }
}
