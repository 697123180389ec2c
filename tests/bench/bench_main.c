/* gradpath_bench kernels | elementwise | probes | steps [NET] | step NET: see bench.h and scripts/bench. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds_of(void (*call)(void *), void *context, long calls) {
  double start = bench_now();
  for (long i = 0; i < calls; i++) call(context);
  return bench_now() - start;
}

double bench_best(void (*call)(void *), void *context, double round, int rounds) {
  long calls = 1;
  double took = seconds_of(call, context, 1); /* warms up as well */
  while (took < round / 2) {
    calls = took > 1e-7 ? (long)((double)calls * (round / took < 8 ? round / took : 8)) + 1 : calls * 8;
    took = seconds_of(call, context, calls);
  }
  double best = took;
  for (int i = 1; i < rounds; i++) {
    took = seconds_of(call, context, calls);
    best = took < best ? took : best;
  }
  return best / (double)calls;
}

void bench_fill(const gp_kernels *k, void *x, ptrdiff_t n, uint64_t seed) {
  for (ptrdiff_t i = 0; i < n; i++) {
    uint64_t h = ((uint64_t)i + seed) * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 29)) * 0xBF58476D1CE4E5B9u;
    double value = (double)(h >> 40) / 0x1p23 - 1;
    if (k->bits == 32)
      ((float *)x)[i] = (float)value;
    else
      ((double *)x)[i] = value;
  }
}

void *bench_allocate(size_t bytes) {
  size_t whole = (bytes + 127) / 64 * 64;
  void *x = aligned_alloc(64, whole);
  if (x == NULL) {
    fprintf(stderr, "gradpath_bench: out of memory: %zu bytes wanted\n", bytes);
    exit(2);
  }
  memset(x, 0, whole);
  return x;
}

int main(int count, char **word) {
  const char *what = count > 1 ? word[1] : "", *net = count > 2 ? word[2] : NULL;
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(what, "kernels") == 0) return bench_products(), 0;
  if (strcmp(what, "elementwise") == 0) return bench_elementwise(), 0;
  if (strcmp(what, "probes") == 0) return bench_probes(), 0;
  if (strcmp(what, "steps") == 0) return bench_steps(net, false);
  if (strcmp(what, "step") == 0 && net != NULL) return bench_steps(net, true);
  fprintf(stderr, "usage: gradpath_bench kernels | elementwise | probes | steps [a|b|c|d] | step a|b|c|d\n");
  return 2;
}
