/* Products: every tier, precision, form, width and batch; each output checked against one scalar chain first. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { SAMPLES = 97, ROUNDS = 7, PORTABLE_WIDEST = 64, LANES_WIDEST = 32 };
static const double round_seconds = 4e-3;
static const char *const form_names[] = {"product_nn", "product_tn", "product_nt"};

static void ours(void *context) {
  const bench_case *c = context;
  void (*const product[])(void *, const void *, const void *,
                          const gp_product *) = {c->k->product_nn, c->k->product_tn, c->k->product_nt};
  product[c->form](c->c, c->a, c->b, &c->p);
}

static double at(const bench_case *c, const void *x, ptrdiff_t i) {
  return c->k->bits == 32 ? (double)((const float *)x)[i] : ((const double *)x)[i];
}

/* C[i][j] of one lane by the definition: a chain of fused multiply-adds over the inner index. */
static double chain(const bench_case *c, ptrdiff_t i, ptrdiff_t j, ptrdiff_t lane) {
  ptrdiff_t lanes = c->p.lanes;
  double wide = 0;
  float narrow = 0;
  for (ptrdiff_t q = 0; q < c->p.k; q++) {
    double a = at(c, c->a, (c->form == BENCH_TN ? q * c->p.m + i : i * c->p.k + q) * lanes + lane);
    double b = at(c, c->b, (c->form == BENCH_NT ? j * c->p.k + q : q * c->p.n + j) * lanes + lane);
    narrow = fmaf((float)a, (float)b, narrow);
    wide = fma(a, b, wide);
  }
  return c->k->bits == 32 ? (double)narrow : wide;
}

/* The largest difference from the chain on outputs spread over C, its last one included; 0 is equal bits. */
static double error_of(const bench_case *c) {
  double worst = 0;
  ptrdiff_t count = c->p.m * c->p.n * c->p.lanes;
  for (int s = 0; s < SAMPLES; s++) {
    ptrdiff_t place = (count - 1) * s / (SAMPLES - 1), column = place / c->p.lanes;
    double off = fabs(at(c, c->c, place) - chain(c, column / c->p.n, column % c->p.n, place % c->p.lanes));
    if (!(off <= worst)) worst = off;
  }
  return worst;
}

static void print_rate(double gflops, double best) {
  if (gflops > 0)
    printf("\t%.2f\t%.2f", gflops, best / gflops);
  else
    printf("\t-\t-");
}

/* Ours, and the others at once after it, each with the same number of rounds. */
static void measure(bench_case *c, ptrdiff_t width, ptrdiff_t batch) {
  ours(c);
  double error = error_of(c), flops = 2e-9 * (double)(c->p.m * c->p.n * c->p.k) * c->p.lanes;
  printf("%s%s\t%s\t%d\t%td\t%td", form_names[c->form], c->p.lanes > 1 ? "_lanes" : "", c->k->tier,
         c->k->bits, width, batch);
  if (error != 0) {
    printf("\t-\t-\t%.3g\tFAIL\t-\t-\t-\t-\n", error);
    return;
  }
  double rate = flops / bench_best(ours, c, round_seconds, ROUNDS);
  printf("\t%.2f\t%.1f\t0\tPASS", rate, 100 * rate / bench_peak(c->k));
  for (int i = 0; i < BENCH_PEERS; i++) {
    bool has = c->p.lanes == 1 && c->k->width > 1 && bench_peers[i].ready(c);
    print_rate(has ? flops / bench_best(bench_peers[i].call, c, round_seconds, ROUNDS) : 0, rate);
  }
  printf("\n");
}

static void measure_form(const gp_kernels *k, enum bench_form form, ptrdiff_t width, ptrdiff_t batch,
                         int lanes) {
  bool gradient = form == BENCH_NT; /* (O, B) (I, B)^T; the others are (O, I) (I, B) */
  ptrdiff_t most = (width > batch ? width : batch) * width * lanes;
  bench_case c = {.k = k,
                  .form = form,
                  .p = {width, gradient ? width : batch, gradient ? batch : width, 1, lanes, NULL, NULL}};
  void **arrays[] = {&c.a, &c.b, &c.c, &c.p.scratch};
  for (int i = 0; i < 4; i++) {
    *arrays[i] = bench_allocate((size_t)most * k->size);
    bench_fill(k, *arrays[i], most, (uint64_t)i << 32);
  }
  measure(&c, width, batch);
  for (int i = 0; i < 4; i++) free(*arrays[i]);
}

static void measure_table(const gp_kernels *k) {
  static const ptrdiff_t widths[] = {8, 16, 32, 64, 128, 256, 1024}, batches[] = {16, 64, 256};
  printf("# %s float%d: peak %.1f Gflop/s\n", k->tier, k->bits, bench_peak(k));
  for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
    if (k->width == 1 && widths[w] > PORTABLE_WIDEST) continue;
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
      for (int form = 0; form < 3; form++) {
        measure_form(k, form, widths[w], batches[b], 1);
        if (widths[w] <= LANES_WIDEST && batches[b] < 256)
          measure_form(k, form, widths[w], batches[b], k->bits == 32 ? 16 : 8);
      }
    }
  }
}

void bench_products(void) {
  bench_peers_name();
  printf("slot\ttier\tbits\twidth\tbatch\tgflops\tpercent_of_peak\tmax_error\tcheck\topenblas_gflops\tover_"
         "openblas\t"
         "libxsmm_gflops\tover_libxsmm\n");
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
    if (!(*tier)->supported()) continue;
    measure_table((*tier)->f32);
    measure_table((*tier)->f64);
  }
}
