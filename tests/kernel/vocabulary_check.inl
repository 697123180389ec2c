/* Every operation of kernel/vec.h against plain C, lane by lane, in the tier of the including file. */

#include <math.h>

#if GP_BITS == 32
#define GP_TINY    0x1p-126F
#define C_FMA      __builtin_fmaf
#define C_SQRT     __builtin_sqrtf
#define C_ABS      __builtin_fabsf
#define C_COPYSIGN __builtin_copysignf
#define C_LDEXP    ldexpf
#else
#define GP_TINY    0x1p-1022
#define C_FMA      __builtin_fma
#define C_SQRT     __builtin_sqrt
#define C_ABS      __builtin_fabs
#define C_COPYSIGN __builtin_copysign
#define C_LDEXP    ldexp
#endif

enum { SPECIALS = 24 };

static const real specials[SPECIALS] = {0,
                                        (real)-0.0,
                                        1,
                                        -1,
                                        (real)0.75,
                                        (real)1.5,
                                        (real)-2.5,
                                        3,
                                        1000,
                                        (real)1e-3,
                                        (real)0.1,
                                        (real)1e20,
                                        (real)-1e20,
                                        (real)INFINITY,
                                        -(real)INFINITY,
                                        (real)NAN,
                                        4 * GP_TINY,
                                        -4 * GP_TINY,
                                        GP_TINY / 4,
                                        GP_TINY / 1024,
                                        -GP_TINY / 64,
                                        (real)0.7499999,
                                        (real)1.4999999,
                                        (real)123456.789};

/* Same bits, or both NaN (which NaN comes out is not promised). */
static bool alike(real a, real b) {
  return (a != a && b != b) || !memcmp(&a, &b, sizeof a);
}

static real lane_of(V v, int i) {
  real p[W];
  v_store(p, v);
  return p[i];
}

static bool mask_lane(M m, int i) {
  return lane_of(v_select(m, v_set1(1), v_zero()), i) == 1;
}

/* All lanes of got against want(a, b, c), written once per operation by the macros below. */
#define CHECK(name, got, want)                                                                               \
  for (int i = 0; i < W; i++)                                                                                \
    if (!alike(lane_of(got, i), (want))) return name;
#define CHECK_MASK(name, got, want)                                                                          \
  for (int i = 0; i < W; i++)                                                                                \
    if (mask_lane(got, i) != (want)) return name;

static const char *check_values(const real *pa, const real *pb, const real *pc) {
  const V a = v_load(pa), b = v_load(pb), c = v_load(pc);
  const real low = -2, high = (real)2.5;
  CHECK("v_load", a, pa[i])
  CHECK("v_set1", v_set1(pa[0]), pa[0])
  CHECK("v_zero", v_zero(), 0)
  CHECK("+", a + b, pa[i] + pb[i])
  CHECK("-", a - b, pa[i] - pb[i])
  CHECK("*", a * b, pa[i] * pb[i])
  CHECK("/", a / b, pa[i] / pb[i])
  CHECK("v_fma", v_fma(a, b, c), C_FMA(pa[i], pb[i], pc[i]))
  CHECK("v_sqrt", v_sqrt(a), C_SQRT(pa[i]))
  CHECK("v_abs", v_abs(a), C_ABS(pa[i]))
  CHECK("v_neg", v_neg(a), -pa[i])
  CHECK("v_copysign", v_copysign(a, b), C_COPYSIGN(pa[i], pb[i]))
  CHECK("v_clamp", v_clamp(a, low, high), pa[i] < low ? low : pa[i] > high ? high : pa[i])
  CHECK("v_select", v_select(v_lt(a, b), a, b), pa[i] < pb[i] ? pa[i] : pb[i])
  CHECK("v_bits", v_from_bits(v_bits(a)), pa[i])
  return NULL;
}

static const char *check_masks(const real *pa, const real *pb, const real *pc) {
  const V a = v_load(pa), b = v_load(pb), c = v_load(pc);
  int below = 0;
  for (int i = 0; i < W; i++) below += pa[i] < pb[i];
  CHECK_MASK("v_lt", v_lt(a, b), pa[i] < pb[i])
  CHECK_MASK("v_le", v_le(a, b), pa[i] <= pb[i])
  CHECK_MASK("v_eq", v_eq(a, b), pa[i] == pb[i])
  CHECK_MASK("v_nan", v_nan(a), pa[i] != pa[i])
  CHECK_MASK("m_not", m_not(v_lt(a, b)), !(pa[i] < pb[i]))
  CHECK_MASK("m_and", m_and(v_lt(a, b), v_lt(b, c)), pa[i] < pb[i] && pb[i] < pc[i])
  CHECK_MASK("m_or", m_or(v_lt(a, b), v_lt(b, c)), pa[i] < pb[i] || pb[i] < pc[i])
  CHECK_MASK("u_eq", u_eq(v_bits(a), v_bits(b)), !memcmp(pa + i, pb + i, sizeof(real)))
  if (v_count(v_lt(a, b)) != below || v_count(m_not(v_lt(a, b))) != W - below) return "v_count";
  if (m_any(v_lt(a, b)) != (below > 0)) return "m_any";
  return NULL;
}

/* Unsigned lanes: the same in plain C on the bits. */
static const char *check_words(const real *pa, const real *pb) {
  const U a = v_bits(v_load(pa)), b = v_bits(v_load(pb));
  const U got[8] = {a + b, a - b, a & b, a | b, a ^ b, a << 3, a >> 5, u_select(u_eq(a, b), a, u_set1(7))};
  for (int i = 0; i < W; i++) {
    word p, q;
    memcpy(&p, pa + i, sizeof p);
    memcpy(&q, pb + i, sizeof q);
    const word want[8] = {p + q, p - q, p & q, p | q, p ^ q, p << 3, p >> 5, p == q ? p : 7};
    for (int k = 0; k < 8; k++) {
      word lanes[W];
      memcpy(lanes, got + k, sizeof lanes);
      if (lanes[i] != want[k]) return "U operator";
    }
  }
  return NULL;
}

/* v_split inverted exactly for every positive finite special; v_scale against ldexp. */
static const char *check_powers(const real *pa) {
  V e, m = v_split(v_load(pa), &e);
  for (int i = 0; i < W; i++) {
    const real f = lane_of(m, i);
    const bool inside = pa[i] > 0 && pa[i] < (real)INFINITY;
    if (inside && !(f >= (real)0.75 && f < (real)1.5)) return "v_split range";
    if (inside && (real)ldexp((double)f, (int)lane_of(e, i)) != pa[i]) return "v_split";
  }
  const int limit = GP_BITS == 32 ? 250 : 2000;
  for (int n = -limit; n <= limit; n++)
    CHECK("v_scale", v_scale(v_set1((real)1.2345678), v_set1((real)n)), C_LDEXP((real)1.2345678, n))
  return NULL;
}

/* Tails: n lanes read, the rest +0; n lanes written, memory past them as it was. */
static const char *check_tails(void) {
  real from[W + 1], to[W + 1];
  for (int n = 0; n <= W; n++) {
    for (int i = 0; i <= W; i++) from[i] = (real)(i + 1), to[i] = (real)-7;
    CHECK("v_load_part", v_load_part(from, n), i < n ? from[i] : 0)
    CHECK_MASK("m_part", m_part(n), i < n)
    v_store_part(to, v_load(from), n);
    for (int i = 0; i <= W; i++)
      if (!alike(to[i], i < n ? from[i] : (real)-7)) return "v_store_part";
  }
  return NULL;
}

static const char *check_sums(const real *p) {
  for (int n = 0; n <= 8; n++) {
    double x[8] = {0}, got[8];
    for (int i = 0; i < n; i++) x[i] = (double)p[i];
    const A8 a = a8_load_part(p, n), two = a8_set1(2), e = a8_add(a8_mul(a, a), a8_zero());
    a8_store(got, a8_fma(e, two, a));
    for (int i = 0; i < 8; i++) {
      const double want = __builtin_fma(x[i] * x[i], 2, x[i]);
      if (got[i] != want && (got[i] == got[i] || want == want)) return "a8_fma, a8_mul, a8_load_part";
    }
    const double sum = ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7])), mine = a8_sum(a);
    if (sum != mine && (sum == sum || mine == mine)) return "a8_sum";
  }
  return a8_sum(a8_load(p)) == a8_sum(a8_load_part(p, 8)) ? NULL : "a8_load";
}

/* Every triple of shifts of the specials, so that each meets each. */
static const char *vocabulary_check(void) {
  real a[W], b[W], c[W];
  const char *bad = check_tails();
  for (int s = 0; s < SPECIALS && !bad; s++)
    for (int t = 0; t < SPECIALS && !bad; t++) {
      for (int i = 0; i < W; i++) {
        a[i] = specials[(i + s) % SPECIALS];
        b[i] = specials[(3 * i + t) % SPECIALS];
        c[i] = specials[(5 * i + s + t) % SPECIALS];
      }
      if (!(bad = check_values(a, b, c)) && !(bad = check_masks(a, b, c))) bad = check_words(a, b);
    }
  for (int s = 0; s < SPECIALS && !bad; s++) {
    for (int i = 0; i < W; i++) a[i] = specials[(i + s) % SPECIALS];
    bad = check_powers(a);
  }
  const real ill[8] = {(real)1e16, 1, (real)-1e16, 3, (real)0.1, (real)7.7, (real)1e8, (real)-1e-8};
  return bad ? bad : check_sums(ill);
}
