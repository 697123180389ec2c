/* The avx2 tier, float32. */
#if defined(__x86_64__)
#define GP_TIER_AVX2
#define GP_BITS      32
#define GP_TIER_NAME "avx2"
#define GP_TABLE     gp_kernels_avx2_f32
#include "tier.inl"
#else
typedef int gp_no_avx2_f32; /* an empty file is not C */
#endif
