/* The portable tier, float64. */
#define GP_TIER_PORTABLE
#define GP_BITS       64
#define GP_TIER_NAME  "portable"
#define GP_TABLE      gp_kernels_portable_f64
#define GP_LOSS_TABLE gp_loss_kernels_portable
#include "tier.inl"
