/* The test driver of the avx512 tier in 64 bits. */
#define GP_TIER_AVX512
#define GP_BITS 64
#define TIER    avx512_f64
#include "elementary_tier.inl"
