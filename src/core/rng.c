#include "rng.h"

#include <Random123/philox.h>

#include "elementary.h"

void gp_rng_words(uint32_t out[static 4], gp_stream stream, uint64_t index) {
  philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), stream.layer, stream.purpose}};
  philox4x32_key_t key = {{(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)}};
  philox4x32_ctr_t words = philox4x32(counter, key);
  for (int i = 0; i < 4; i++) out[i] = words.v[i];
}

static uint64_t word64(const uint32_t words[static 4], int half) {
  return (uint64_t)words[2 * half + 1] << 32 | words[2 * half];
}

/* 52 bits centred in their cell, so that neither 0 nor 1 can come out. */
static double unit(uint64_t word) {
  return ((double)(word >> 12) + 0.5) * 0x1p-52;
}

double gp_rng_uniform(gp_stream stream, uint64_t index) {
  uint32_t words[4];
  gp_rng_words(words, stream, index / 2);
  return unit(word64(words, (int)(index % 2)));
}

double gp_rng_normal(gp_stream stream, uint64_t index) {
  uint32_t words[4];
  gp_rng_words(words, stream, index / 2);
  double radius = __builtin_sqrt(-2.0 * gp_log(unit(word64(words, 0))));
  double angle = 6.283185307179586 * unit(word64(words, 1));
  return radius * (index % 2 == 0 ? gp_cos(angle) : gp_sin(angle));
}

uint64_t gp_rng_below(gp_stream stream, uint64_t index, uint64_t bound) {
  uint32_t words[4];
  gp_rng_words(words, stream, index / 2);
  uint64_t word = word64(words, (int)(index % 2));
  return (uint64_t)(((__uint128_t)word * bound) >> 64);
}
