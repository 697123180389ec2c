/* The largest error of a float function over a set of floats, in units of the last place of the result. */
#ifndef ELEMENTARY_MEASURE_H
#define ELEMENTARY_MEASURE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "elementary_tiers.h"

enum { MEASURE_BLOCK = 4096 };

typedef struct measured {
  double ulp;
  float at;
} measured;

/* Error of y against the real number r in float ulps of r: 2^-149 among subnormals; infinity counts as 2^128, which
 * is where the next float would be. NaN against a number, or a wrong sign (of zero too), counts as 2^40. No branches,
 * so that the compiler makes vectors of it. */
static inline double float_error(float y, double r) {
  const double top = 0x1p128, wrong = 0x1p40;
  double value = (double)y, scale;
  uint64_t bits, mine;
  memcpy(&mine, &value, sizeof mine);
  memcpy(&bits, &r, sizeof bits);
  const int nan = (value != value) + (r != r);
  const int signs = (int)((bits ^ mine) >> 63);
  value = value > top ? top : value < -top ? -top : value;
  r = r > top ? top : r < -top ? -top : r;
  memcpy(&bits, &r, sizeof bits);
  uint64_t exponent = bits >> 52 & 2047;
  exponent = exponent < 1023 - 126 ? 1023 - 126 : exponent > 1023 + 127 ? 1023 + 127 : exponent;
  exponent = (2046 + 23 - exponent) << 52;
  memcpy(&scale, &exponent, sizeof scale);
  const double error = fabs(value - r) * scale;
  const double checked = signs ? wrong : error;
  return nan == 2 ? 0 : nan == 1 ? wrong : checked;
}

/* Blocks of floats whose bits are first, first + stride, ..., up to limit (at most 2^32) and to the end of the last
 * block, modulo 2^32. */
static inline measured measure(const elementary_tier *f32, const elementary_tier *f64, int function,
                               uint64_t first, uint64_t limit, uint64_t stride) {
  static float x[MEASURE_BLOCK], y[MEASURE_BLOCK];
  static double wide[MEASURE_BLOCK], r[MEASURE_BLOCK];
  measured worst = {0, 0};
  for (uint64_t at = first; at < limit; at += MEASURE_BLOCK * stride) {
    for (uint32_t i = 0; i < MEASURE_BLOCK; i++) {
      const uint32_t bits = (uint32_t)at + i * (uint32_t)stride;
      memcpy(x + i, &bits, sizeof bits);
    }
    for (int i = 0; i < MEASURE_BLOCK; i++) wide[i] = (double)x[i];
    f32->run[function](x, y, MEASURE_BLOCK);
    f64->run[function](wide, r, MEASURE_BLOCK);
    for (int i = 0; i < MEASURE_BLOCK; i++) r[i] = float_error(y[i], r[i]);
    for (int i = 0; i < MEASURE_BLOCK; i++)
      if (r[i] > worst.ulp) worst = (measured){r[i], x[i]};
  }
  return worst;
}

#endif
