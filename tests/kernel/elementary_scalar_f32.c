/* The test driver of the scalar tier in 32 bits. */
#define GP_TIER_PORTABLE
#define GP_BITS 32
#define TIER    scalar_f32
#include "elementary_tier.inl"
