/* The roof: fused multiply-adds that touch nothing but registers, as many chains as hide their latency. */
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "bench.h"

enum { CHAINS = 12, TURNS = 20000 };

/* The barrier keeps the compiler from guessing the sums and from leaving their registers; it costs no instruction. */
#define CHAIN(i, constraint, fma_)                                                                           \
  sum[i] = fma_(x, y, sum[i]);                                                                               \
  __asm__ volatile("" : "+" constraint(sum[i]));
#define CHAINS_4(i, constraint, fma_)                                                                        \
  CHAIN(i, constraint, fma_)                                                                                 \
  CHAIN(i + 1, constraint, fma_) CHAIN(i + 2, constraint, fma_) CHAIN(i + 3, constraint, fma_)
#define FMA_LOOP(name, attributes, vector, set1, fma_, constraint)                                           \
  attributes static void name(void *unused) {                                                                \
    (void)unused;                                                                                            \
    vector x = set1(0.5F), y = set1(1), sum[CHAINS];                                                         \
    for (int i = 0; i < CHAINS; i++) sum[i] = set1(0);                                                       \
    for (int turn = 0; turn < TURNS; turn++) {                                                               \
      CHAINS_4(0, constraint, fma_)                                                                          \
      CHAINS_4(4, constraint, fma_) CHAINS_4(8, constraint, fma_)                                            \
    }                                                                                                        \
  }

#define SCALAR(x) (x)
FMA_LOOP(scalar_f32, , float, SCALAR, fmaf, "x")
FMA_LOOP(scalar_f64, , double, SCALAR, fma, "x")

typedef struct loop {
  const char *tier;
  int bits;
  void (*call)(void *);
  double gflops;
} loop;

#if defined(__x86_64__)
#define AVX2   __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f")))
FMA_LOOP(avx2_f32, AVX2, __m256, _mm256_set1_ps, _mm256_fmadd_ps, "x")
FMA_LOOP(avx2_f64, AVX2, __m256d, _mm256_set1_pd, _mm256_fmadd_pd, "x")
FMA_LOOP(avx512_f32, AVX512, __m512, _mm512_set1_ps, _mm512_fmadd_ps, "v")
FMA_LOOP(avx512_f64, AVX512, __m512d, _mm512_set1_pd, _mm512_fmadd_pd, "v")
#endif

static loop loops[] = {
#if defined(__x86_64__)
    {"avx2", 32, avx2_f32, 0},       {"avx2", 64, avx2_f64, 0},
    {"avx512", 32, avx512_f32, 0},   {"avx512", 64, avx512_f64, 0},
#endif
    {"portable", 32, scalar_f32, 0}, {"portable", 64, scalar_f64, 0},
};

double bench_peak(const gp_kernels *k) {
  for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
    loop *l = &loops[i];
    if (l->bits != k->bits || strcmp(l->tier, k->tier) != 0) continue;
    if (l->gflops == 0)
      l->gflops = 2e-9 * CHAINS * TURNS * (strcmp(l->tier, "portable") == 0 ? 1 : k->width) /
                  bench_best(l->call, NULL, 0.02, 15);
    return l->gflops;
  }
  return NAN;
}
