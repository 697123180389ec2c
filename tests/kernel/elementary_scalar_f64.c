/* The test driver of the scalar tier in 64 bits. */
#define GP_TIER_PORTABLE
#define GP_BITS 64
#define TIER    scalar_f64
#include "elementary_tier.inl"
