/* The test driver of the avx2 tier in 64 bits. */
#define GP_TIER_AVX2
#define GP_BITS 64
#define TIER    avx2_f64
#include "elementary_tier.inl"
