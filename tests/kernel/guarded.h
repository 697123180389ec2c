/* Arrays for kernel tests: each ends at a page that cannot be touched, so one element too far is a crash, and has a
 * band of known bytes in front. */
#ifndef GUARDED_H
#define GUARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "rng.h"

enum { GUARDED_SLOTS = 6, GUARDED_PAGES = 320, GUARDED_PAGE = 4096, GUARDED_BAND = 64 };

static unsigned char *guarded_end[GUARDED_SLOTS];

/* `bytes` (at most 63 pages) that end where the forbidden page begins. Slots are numbered 0 .. 5. */
static inline void *guarded_array(int slot, size_t bytes) {
  if (guarded_end[slot] == NULL) {
    const size_t all = (size_t)GUARDED_PAGES * GUARDED_PAGE;
    unsigned char *base = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED || mprotect(base + all - GUARDED_PAGE, GUARDED_PAGE, PROT_NONE) != 0)
      __builtin_trap();
    guarded_end[slot] = base + all - GUARDED_PAGE;
  }
  if (bytes + GUARDED_BAND > (size_t)(GUARDED_PAGES - 1) * GUARDED_PAGE) __builtin_trap();
  memset(guarded_end[slot] - bytes - GUARDED_BAND, 0xA5, GUARDED_BAND);
  return guarded_end[slot] - bytes;
}

static inline bool guarded_intact(int slot, size_t bytes) {
  for (size_t i = 1; i <= GUARDED_BAND; i++)
    if (*(guarded_end[slot] - bytes - i) != 0xA5) return false;
  return true;
}

/* Number `index` of a stream of test inputs: standard normal, and when `hostile` one in sixteen is a zero of either
 * sign, an infinity, a NaN, a subnormal of float or of double, or huge. */
static inline double guarded_number(uint64_t seed, uint64_t index, bool hostile) {
  static const double special[] = {0.0,      -0.0,       __builtin_inf(), -__builtin_inf(), __builtin_nan(""),
                                   0x1p-140, -0x1p-1060, 0x1p120,         0x1.8p1000,       -0x1p-149};
  gp_stream stream = {seed, GP_PURPOSE_TEST, 0}, choice = {seed, GP_PURPOSE_TEST, 1};
  uint64_t pick = gp_rng_below(choice, index, 16 * 10);
  return hostile && pick < 10 ? special[pick] : gp_rng_normal(stream, index);
}

#endif
