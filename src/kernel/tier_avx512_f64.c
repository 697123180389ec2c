/* The avx512 tier, float64. */
#if defined(__x86_64__)
#define GP_TIER_AVX512
#define GP_BITS       64
#define GP_TIER_NAME  "avx512"
#define GP_TABLE      gp_kernels_avx512_f64
#define GP_LOSS_TABLE gp_loss_kernels_avx512
#include "tier.inl"
#else
typedef int gp_no_avx512_f64; /* an empty file is not C */
#endif
