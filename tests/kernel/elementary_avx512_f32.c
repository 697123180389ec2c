/* The test driver of the avx512 tier in 32 bits. */
#define GP_TIER_AVX512
#define GP_BITS 32
#define TIER    avx512_f32
#include "elementary_tier.inl"
