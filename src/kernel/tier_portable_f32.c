/* The portable tier, float32. */
#define GP_TIER_PORTABLE
#define GP_BITS      32
#define GP_TIER_NAME "portable"
#define GP_TABLE     gp_kernels_portable_f32
#include "tier.inl"
