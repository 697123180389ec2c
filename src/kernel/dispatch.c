/* Which tiers this program has, which this CPU can run, and the choice by name. */
#include "kernels.h"

#include <string.h>

#define GP_TIER_TABLES(name)                                                                                 \
  extern const gp_kernels gp_kernels_##name##_f32, gp_kernels_##name##_f64;                                  \
  extern const gp_loss_kernels gp_loss_kernels_##name;                                                       \
  static const gp_tier tier_##name = {#name, supports_##name, &gp_kernels_##name##_f32,                      \
                                      &gp_kernels_##name##_f64, &gp_loss_kernels_##name};

static bool supports_portable(void) {
  return true;
}
GP_TIER_TABLES(portable)

#if defined(__x86_64__)
static bool supports_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool supports_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && supports_avx2();
}
GP_TIER_TABLES(avx2)
GP_TIER_TABLES(avx512)
static const gp_tier *const tiers[] = {&tier_portable, &tier_avx2, &tier_avx512, NULL};
#else
static const gp_tier *const tiers[] = {&tier_portable, NULL};
#endif

const gp_tier *const *gp_tiers(void) {
  return tiers;
}

const gp_tier *gp_tier_find(const char *name) {
  const gp_tier *found = NULL;
  bool best = strcmp(name, "auto") == 0;
  for (const gp_tier *const *tier = tiers; *tier != NULL; tier++)
    if ((best || strcmp((*tier)->name, name) == 0) && (*tier)->supported()) found = *tier;
  return found;
}
