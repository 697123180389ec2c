/* The elementary functions and the vocabulary of one tier and precision, as the tests call them: plain arrays. */
#ifndef ELEMENTARY_TIERS_H
#define ELEMENTARY_TIERS_H

#include <stdbool.h>
#include <stddef.h>

#define ELEMENTARY_LIST(X)                                                                                   \
  X(exp)                                                                                                     \
  X(expm1)                                                                                                   \
  X(log) X(log1p) X(sin) X(cos) X(tanh) X(sigmoid) X(erf) X(dtanh) X(dsigmoid) X(derf) X(atan) X(datan)

enum elementary_function {
#define ELEMENTARY_INDEX(name) F_##name,
  ELEMENTARY_LIST(ELEMENTARY_INDEX)
#undef ELEMENTARY_INDEX
      F_COUNT
};

typedef struct elementary_tier {
  const char *name;
  const char *label[F_COUNT];
  void (*run[F_COUNT])(const void *x, void *y, size_t n); /* n a multiple of 16; arrays of real */
  const char *(*vocabulary)(void);              /* NULL, or the operation that differs from plain C */
  bool (*pair_values)(const void *x, size_t n); /* pairs return the bits of the single functions */
} elementary_tier;

extern const elementary_tier scalar_f32, scalar_f64, avx2_f32, avx2_f64, avx512_f32, avx512_f64;

/* The tiers this machine can run, portable first. Returns how many. */
static inline int elementary_tiers(int bits, const elementary_tier *list[3]) {
  int count = 0;
  list[count++] = bits == 32 ? &scalar_f32 : &scalar_f64;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    list[count++] = bits == 32 ? &avx2_f32 : &avx2_f64;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    list[count++] = bits == 32 ? &avx512_f32 : &avx512_f64;
#endif
  return count;
}

#endif
