/* Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, Random123), a pure function of its key.
 *
 * A draw is named by (seed, purpose, layer, index): never by run number, thread or order of execution, so
 * runs that differ in one setting share their random numbers, and any element can be drawn alone. key     =
 * seed (64 bits) counter = index (64 bits), layer (32 bits), purpose (32 bits) */
#ifndef GP_RNG_H
#define GP_RNG_H

#include <stdint.h>

typedef enum gp_purpose {
  GP_PURPOSE_WEIGHT = 1,
  GP_PURPOSE_BIAS = 2,
  GP_PURPOSE_SHUFFLE = 3, /* layer = epoch */
  GP_PURPOSE_DATA = 4,    /* layer = a field number of the data set */
  GP_PURPOSE_SPLIT = 5,
  GP_PURPOSE_SWEEP = 6, /* random sampling of a sweep */
  GP_PURPOSE_PROBE = 7, /* random directions of probes */
  GP_PURPOSE_TEACHER = 8,
  GP_PURPOSE_TEST = 9, /* inputs of the project's own tests */
  GP_PURPOSE_MASK = 10 /* which connections a sparse layer has */
} gp_purpose;

typedef struct gp_stream {
  uint64_t seed;
  uint32_t purpose, layer;
} gp_stream;

/* Four independent 32-bit words for one index. */
void gp_rng_words(uint32_t out[static 4], gp_stream stream, uint64_t index);

/* Element `index` of the stream, uniform in (0, 1): (k + 1/2) / 2^52, k a 52-bit integer, never 0 or 1. Uses
 * one block per two elements. */
double gp_rng_uniform(gp_stream stream, uint64_t index);

/* Element `index` of the stream, standard normal, by Box-Muller on our own log, sin and cos (exact same bits
 * everywhere). Elements 2j and 2j+1 are the pair of one block. */
double gp_rng_normal(gp_stream stream, uint64_t index);

/* Uniform integer in [0, bound), bound >= 1: floor(word64 * bound / 2^64) (bias below 2^-40 for bound <
 * 2^24). */
uint64_t gp_rng_below(gp_stream stream, uint64_t index, uint64_t bound);

#endif
