/* The same bits on every tier: each elementary function, float and double, on a dense sample of bit patterns (every
 * exponent, both signs, subnormals, NaN) and around the points where a body changes its formula. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "elementary_tiers.h"

enum { COUNT = 1 << 19 };

static union {
  float f[COUNT];
  double d[COUNT];
} input, want, got;

static const double edges[] = {0.0, 0.25,  0.34657359, 0.5,    0.55,   0.75, 0.921875, 1.0,
                               1.5, 2.0,   4.0,        6.0,    11.0,   28.0, 64.0,     89,
                               105, 711.0, 746,        65536., 0x1p21, 1e22, 0x1p-126, 0x1p127};

/* Odd multiplier: the i-th pattern, spread over all 2^bits patterns. */
static uint64_t pattern(uint64_t i) {
  return i * 0x9E3779B97F4A7C15U + (i >> 7);
}

static void fill_floats(void) {
  const int near = 4096, count = (int)(sizeof edges / sizeof *edges);
  for (uint32_t i = 0; i < COUNT; i++) {
    const uint32_t bits = (uint32_t)(pattern(i) >> 32);
    memcpy(input.f + i, &bits, sizeof bits);
  }
  for (int i = 0; i < near;
       i++) { /* two floats to either side of an edge, both signs; zeros and infinities */
    const float edge = (float)edges[i % count] * (i / count % 2 ? -1.0F : 1.0F);
    uint32_t bits;
    memcpy(&bits, &edge, sizeof bits);
    bits += (uint32_t)(i / count / 2 % 5) - 2U;
    memcpy(input.f + i, &bits, sizeof bits);
  }
}

static void fill_doubles(void) {
  const int near = 4096, count = (int)(sizeof edges / sizeof *edges);
  for (uint64_t i = 0; i < COUNT; i++) {
    uint64_t bits = pattern(i);
    if (i % 2)
      bits = (bits & 0x800fffffffffffffU) | (960U + i % 110) << 52; /* 2^-63 to 2^46: where things happen */
    memcpy(input.d + i, &bits, sizeof bits);
  }
  for (int i = 0; i < near; i++) {
    const double edge = edges[i % count] * (i / count % 2 ? -1.0 : 1.0);
    uint64_t bits;
    memcpy(&bits, &edge, sizeof bits);
    bits += (uint64_t)(i / count / 2 % 5) - 2U;
    memcpy(input.d + i, &bits, sizeof bits);
  }
}

static long different(int bits) {
  long count = 0;
  for (int i = 0; i < COUNT; i++)
    if (bits == 32)
      count +=
          memcmp(got.f + i, want.f + i, sizeof(float)) && (got.f[i] == got.f[i] || want.f[i] == want.f[i]);
    else
      count +=
          memcmp(got.d + i, want.d + i, sizeof(double)) && (got.d[i] == got.d[i] || want.d[i] == want.d[i]);
  return count;
}

static void compare(int bits) {
  const elementary_tier *tier[3];
  const int tiers = elementary_tiers(bits, tier);
  for (int f = 0; f < F_COUNT; f++) {
    tier[0]->run[f](&input, &want, COUNT);
    for (int t = 1; t < tiers; t++) {
      memset(&got, 0xff, sizeof got);
      tier[t]->run[f](&input, &got, COUNT);
      cr_expect_eq(different(bits), 0, "%s: %s has other bits than the portable tier", tier[t]->name,
                   tier[t]->label[f]);
    }
  }
  for (int t = 0; t < tiers; t++)
    cr_expect(tier[t]->pair_values(&input, COUNT / 8), "%s: a pair returns another value", tier[t]->name);
}

Test(elementary, float_bits_equal_on_every_tier) {
  fill_floats();
  compare(32);
}

Test(elementary, double_bits_equal_on_every_tier) {
  fill_doubles();
  compare(64);
}

Test(vocabulary, every_operation_equals_plain_c) {
  for (int bits = 32; bits <= 64; bits += 32) {
    const elementary_tier *tier[3];
    const int tiers = elementary_tiers(bits, tier);
    for (int t = 0; t < tiers; t++) {
      const char *bad = tier[t]->vocabulary();
      cr_expect_null(bad, "%s: %s", tier[t]->name, bad ? bad : "");
    }
  }
}
