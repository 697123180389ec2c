/* The test driver of the avx2 tier in 32 bits. */
#define GP_TIER_AVX2
#define GP_BITS 32
#define TIER    avx2_f32
#include "elementary_tier.inl"
