/* One tier at one precision for the tests. The includer sets GP_TIER_..., GP_BITS and TIER (the symbol). */
#include "vec.h"
#include "elementary.inl"

#include <string.h>

#include "elementary_tiers.h"
#include "vocabulary_check.inl"

static inline V v_dtanh(V x) {
  V t, d;
  v_tanh_pair(x, &t, &d);
  return d;
}
static inline V v_dsigmoid(V x) {
  V s, d;
  v_sigmoid_pair(x, &s, &d);
  return d;
}
static inline V v_derf(V x) {
  V y, d;
  v_erf_pair(x, &y, &d);
  return d;
}

static inline V v_atan(V x) {
  V y, d;
  v_atan_pair(x, &y, &d);
  return y;
}
static inline V v_datan(V x) {
  V y, d;
  v_atan_pair(x, &y, &d);
  return d;
}

#define RUN(name)                                                                                            \
  static void run_##name(const void *x, void *y, size_t n) {                                                 \
    const real *from = x;                                                                                    \
    real *to = y;                                                                                            \
    for (size_t i = 0; i < n; i += W) v_store(to + i, v_##name(v_load(from + i)));                           \
  }
ELEMENTARY_LIST(RUN)

static bool same_lanes(V a, V b) {
  real p[W], q[W];
  v_store(p, a);
  v_store(q, b);
  return !memcmp(p, q, sizeof p);
}

static bool pair_values(const void *x, size_t n) {
  const real *from = x;
  bool same = true;
  for (size_t i = 0; i < n; i += W) {
    const V z = v_load(from + i);
    V y, d;
    v_tanh_pair(z, &y, &d);
    same = same && same_lanes(y, v_tanh(z));
    v_sigmoid_pair(z, &y, &d);
    same = same && same_lanes(y, v_sigmoid(z));
    v_erf_pair(z, &y, &d);
    same = same && same_lanes(y, v_erf(z));
    v_sin_pair(z, &y, &d);
    same = same && (m_any(v_nan(y)) || (same_lanes(y, v_sin(z)) && same_lanes(d, v_cos(z))));
  }
  return same;
}

#define TEXT(name)      #name
#define LABEL(name)     [F_##name] = #name,
#define ENTRY(name)     [F_##name] = run_##name,
#define NAME_OF(symbol) TEXT(symbol)
const elementary_tier TIER = {.name = NAME_OF(TIER),
                              .label = {ELEMENTARY_LIST(LABEL)},
                              .run = {ELEMENTARY_LIST(ENTRY)},
                              .vocabulary = vocabulary_check,
                              .pair_values = pair_values};
