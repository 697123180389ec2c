/* Reductions in the house order: element i of an array (of one lane) goes into partial sum i mod 8, in
 * double, and the eight meet in a fixed tree. Single plan: one accumulator of eight doubles holds the eight
 * partial sums. Lane plan: eight accumulators, one per partial sum, each holding eight lanes. Products of
 * floats are exact in double; products of doubles go through one fma. */

typedef enum gp_sum_kind reduction;

/* Whether a reduction reads a second array. */
ALWAYS bool reads_two(reduction kind) {
  return kind == GP_SUM_PRODUCT || kind == GP_SUM_DISTANCE;
}

ALWAYS A8 accumulate(reduction kind, A8 acc, A8 x, A8 y) {
  switch (kind) {
  case GP_SUM:
    return a8_add(acc, x);
  case GP_SUM_SQUARES:
    return a8_fma(x, x, acc);
  case GP_SUM_ABSOLUTE:
    return a8_add(acc, a8_abs(x));
  case GP_SUM_DISTANCE:
    return a8_fma(a8_sub(x, y), a8_sub(x, y), acc);
  default:
    return a8_fma(x, y, acc);
  }
}

/* n consecutive elements of one lane. */
ALWAYS double reduce_run(reduction kind, const real *x, const real *y, ptrdiff_t n) {
  A8 acc = a8_zero();
  ptrdiff_t i = 0;
  for (; i + 8 <= n; i += 8) acc = accumulate(kind, acc, a8_load(x + i), reads_two(kind) ? a8_load(y + i) : acc);
  if (i < n) {
    int part = (int)(n - i);
    acc = accumulate(kind, acc, a8_load_part(x + i, part), reads_two(kind) ? a8_load_part(y + i, part) : acc);
  }
  return a8_sum(acc);
}

/* n elements of eight neighbouring lanes (or `part` of them); element i of a lane lies at x + i * lanes. The partial sums have constant
 * numbers, so that they stay in registers. */
ALWAYS void reduce_beside(reduction kind, double out[8], const real *x, const real *y, ptrdiff_t n,
                          ptrdiff_t lanes, int part) {
  A8 p[8];
  ptrdiff_t i = 0;
  for (int j = 0; j < 8; j++) p[j] = a8_zero();
  for (; i < n; i += 8) {
    for (int j = 0; j < 8; j++) {
      if (i + j >= n) break;
      const real *a = x + (i + j) * lanes, *b = reads_two(kind) ? y + (i + j) * lanes : a;
      A8 av = part == 8 ? a8_load(a) : a8_load_part(a, part);
      A8 bv = !reads_two(kind) || b == a ? av : part == 8 ? a8_load(b) : a8_load_part(b, part);
      p[j] = accumulate(kind, p[j], av, bv);
    }
  }
  A8 low = a8_add(a8_add(p[0], p[1]), a8_add(p[2], p[3]));
  A8 high = a8_add(a8_add(p[4], p[5]), a8_add(p[6], p[7]));
  a8_store(out, a8_add(low, high));
}

ALWAYS void reduce_lanes(reduction kind, double out[8], const real *x, const real *y, ptrdiff_t n,
                         ptrdiff_t lanes) {
  reduce_beside(kind, out, x, y, n, lanes, 8);
}

ALWAYS void reduce_all(reduction kind, double *out, const real *x, const real *y, ptrdiff_t n, int lanes) {
  if (lanes == 1) {
    out[0] = reduce_run(kind, x, y, n);
    return;
  }
  for (int at_lane = 0; at_lane < lanes; at_lane += 8)
    reduce_lanes(kind, out + at_lane, x + at_lane, y != NULL ? y + at_lane : NULL, n, lanes);
}

static void sum(double *out, const void *x, ptrdiff_t n, int lanes) {
  reduce_all(GP_SUM, out, x, NULL, n, lanes);
}
static void sum_squares(double *out, const void *x, ptrdiff_t n, int lanes) {
  reduce_all(GP_SUM_SQUARES, out, x, NULL, n, lanes);
}
static void dot(double *out, const void *x, const void *y, ptrdiff_t n, int lanes) {
  reduce_all(GP_SUM_PRODUCT, out, x, y, n, lanes);
}

static void row_sums(double *out, const void *x_, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  const real *x = x_;
  for (ptrdiff_t r = 0; r < rows; r++)
    reduce_all(GP_SUM, out + r * lanes, x + r * cols * lanes, NULL, cols, lanes);
}

/* Several sums at once. A sum is one chain of additions, each waiting for the one before it (4 cycles on AVX-512), so the chains of up
 * to four sums of equal length run side by side. SUM, SQUARES and PRODUCT are one loop: x times 1, x or y. */
enum { CHAINS = 4 };

ALWAYS void chains(const gp_sum_job *list, const int count) {
  static const real ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  const real *x[CHAINS], *y[CHAINS];
  bool again[CHAINS]; /* the array of the sum before it: widened once */
  ptrdiff_t n = list[0].n, i = 0, step[CHAINS];
  A8 acc[CHAINS];
  for (int s = 0; s < count; s++) {
    x[s] = list[s].x;
    again[s] = s > 0 && list[s].x == list[s - 1].x;
    step[s] = list[s].kind != GP_SUM;
    y[s] = list[s].kind == GP_SUM ? ones : list[s].kind == GP_SUM_SQUARES ? list[s].x : list[s].y;
    acc[s] = a8_zero();
  }
  for (; i + 8 <= n; i += 8) {
    A8 a = a8_zero();
    for (int s = 0; s < count; s++) {
      if (!again[s]) a = a8_load(x[s] + i);
      acc[s] = a8_fma(a, y[s] == x[s] ? a : a8_load(y[s] + step[s] * i), acc[s]);
    }
  }
  for (int s = 0; s < count; s++) {
    int part = (int)(n - i);
    if (part > 0)
      acc[s] = a8_fma(a8_load_part(x[s] + i, part), a8_load_part(y[s] + step[s] * i, part), acc[s]);
    *list[s].out = a8_sum(acc[s]);
  }
}

/* Sums of squares alone: nothing to choose in the loop. */
ALWAYS void square_chains(const gp_sum_job *list, const int count) {
  ptrdiff_t n = list[0].n, i = 0;
  A8 acc[CHAINS];
  for (int s = 0; s < count; s++) acc[s] = a8_zero();
  for (; i + 8 <= n; i += 8)
    for (int s = 0; s < count; s++) {
      A8 x = a8_load((const real *)list[s].x + i);
      acc[s] = a8_fma(x, x, acc[s]);
    }
  for (int s = 0; s < count; s++) {
    A8 x = i < n ? a8_load_part((const real *)list[s].x + i, (int)(n - i)) : a8_zero();
    if (i < n) acc[s] = a8_fma(x, x, acc[s]);
    *list[s].out = a8_sum(acc[s]);
  }
}

/* Squares of x, squares of y and their product: both are widened once. */
ALWAYS void product_chains(const gp_sum_job *list) {
  const real *x = list[0].x, *y = list[1].x;
  ptrdiff_t n = list[0].n, i = 0;
  A8 xx = a8_zero(), yy = a8_zero(), xy = a8_zero();
  for (; i + 8 <= n; i += 8) {
    A8 a = a8_load(x + i), b = a8_load(y + i);
    xx = a8_fma(a, a, xx);
    yy = a8_fma(b, b, yy);
    xy = a8_fma(a, b, xy);
  }
  if (i < n) {
    A8 a = a8_load_part(x + i, (int)(n - i)), b = a8_load_part(y + i, (int)(n - i));
    xx = a8_fma(a, a, xx);
    yy = a8_fma(b, b, yy);
    xy = a8_fma(a, b, xy);
  }
  *list[0].out = a8_sum(xx);
  *list[1].out = a8_sum(yy);
  *list[2].out = a8_sum(xy);
}

ALWAYS bool is_square_of(const gp_sum_job *s, const void *x, ptrdiff_t n) {
  return s->kind == GP_SUM_SQUARES && s->x == x && s->n == n;
}

/* Whether the list begins with the sums of product_chains. */
ALWAYS bool begins_with_product(const gp_sum_job *list, int count) {
  return count >= 3 && list[2].kind == GP_SUM_PRODUCT && is_square_of(&list[0], list[2].x, list[2].n) &&
         is_square_of(&list[1], list[2].y, list[2].n);
}

ALWAYS int square_length(const gp_sum_job *list, int count) {
  int length = 0;
  while (length < count && length < CHAINS && is_square_of(&list[length], list[length].x, list[0].n)) length++;
  return length;
}

ALWAYS bool chainable(const gp_sum_job *a, const gp_sum_job *b) {
  return b->n == a->n && b->kind <= GP_SUM_PRODUCT;
}

/* How many sums from the first on run as one group of chains. */
ALWAYS int chain_length(const gp_sum_job *list, int count) {
  int length = 0;
  while (length < count && length < CHAINS && chainable(&list[0], &list[length])) length++;
  return length;
}

ALWAYS void one_sum(const gp_sum_job *s, int lanes) {
  switch (s->kind) {
  case GP_SUM:
    reduce_all(GP_SUM, s->out, s->x, NULL, s->n, lanes);
    break;
  case GP_SUM_SQUARES:
    reduce_all(GP_SUM_SQUARES, s->out, s->x, NULL, s->n, lanes);
    break;
  case GP_SUM_PRODUCT:
    reduce_all(GP_SUM_PRODUCT, s->out, s->x, s->y, s->n, lanes);
    break;
  case GP_SUM_ABSOLUTE:
    reduce_all(GP_SUM_ABSOLUTE, s->out, s->x, NULL, s->n, lanes);
    break;
  default:
    reduce_all(GP_SUM_DISTANCE, s->out, s->x, s->y, s->n, lanes);
    break;
  }
}

/* The sums at the head of the list that run together; how many they were. */
static int first_sums(const gp_sum_job *list, int count) {
  if (begins_with_product(list, count)) {
    product_chains(list);
    return 3;
  }
  int length = chain_length(list, count);
  bool squares = square_length(list, length) == length;
  switch (length) {
  case 4:
    squares ? square_chains(list, 4) : chains(list, 4);
    return 4;
  case 3:
    squares ? square_chains(list, 3) : chains(list, 3);
    return 3;
  case 2:
    squares ? square_chains(list, 2) : chains(list, 2);
    return 2;
  default:
    one_sum(list, 1);
    return 1;
  }
}

static void sums(const gp_sum_job *list, int count, int lanes) {
  for (int i = 0; i < count && lanes == 1;) i += first_sums(list + i, count - i);
  for (int i = 0; i < count && lanes > 1; i++) one_sum(list + i, lanes);
}

/* -- counting -- */

/* Elements of n for which lo <= x <= hi (or lo < |x|, see `kind`), of every lane. */
typedef enum counting { BELOW, AT_MOST, WITHIN } counting;

ALWAYS M counts_in(counting kind, V x, V lo, V hi) {
  if (kind == WITHIN) return m_and(v_le(lo, x), v_le(x, hi));
  return kind == BELOW ? v_lt(v_abs(x), hi) : v_le(v_abs(x), hi);
}

ALWAYS int64_t count_run(counting kind, const real *x, real lo_, real hi_, ptrdiff_t n) {
  V lo = v_set1(lo_), hi = v_set1(hi_);
  int64_t count = 0;
  ptrdiff_t i = 0;
  for (; i + W <= n; i += W) count += v_count(counts_in(kind, v_load(x + i), lo, hi));
  if (i < n) count += v_count(m_and(m_part((int)(n - i)), counts_in(kind, v_load_part(x + i, (int)(n - i)), lo, hi)));
  return count;
}

/* One vector of lanes; ones are added as reals, exact up to 2^24, and put away before. */
ALWAYS void count_lanes(counting kind, int64_t *out, const real *x, real lo_, real hi_, ptrdiff_t n, ptrdiff_t lanes) {
  enum { SAFE = 1 << 20 };
  V lo = v_set1(lo_), hi = v_set1(hi_), one = v_set1(1);
  real ones[W];
  for (int j = 0; j < W; j++) out[j] = 0;
  for (ptrdiff_t from = 0; from < n; from += SAFE) {
    ptrdiff_t to = n - from < SAFE ? n : from + SAFE;
    V acc = v_zero();
    for (ptrdiff_t i = from; i < to; i++)
      acc = acc + v_select(counts_in(kind, v_load(x + i * lanes), lo, hi), one, v_zero());
    v_store(ones, acc);
    for (int j = 0; j < W; j++) out[j] += (int64_t)ones[j];
  }
}

ALWAYS void count_all(counting kind, int64_t *out, const real *x, real lo, real hi, ptrdiff_t n, int lanes) {
  if (lanes == 1) {
    *out = count_run(kind, x, lo, hi, n);
    return;
  }
  for (int at_lane = 0; at_lane < lanes; at_lane += W) count_lanes(kind, out + at_lane, x + at_lane, lo, hi, n, lanes);
}

static void row_counts(int64_t *out, const void *x_, double limit, bool or_equal, ptrdiff_t rows,
                       ptrdiff_t cols, int lanes) {
  const real *x = x_;
  for (ptrdiff_t r = 0; r < rows; r++) {
    if (or_equal)
      count_all(AT_MOST, out + r * lanes, x + r * cols * lanes, 0, (real)limit, cols, lanes);
    else
      count_all(BELOW, out + r * lanes, x + r * cols * lanes, 0, (real)limit, cols, lanes);
  }
}

static void count_within(int64_t *out, const void *x, double lo, double hi, ptrdiff_t n, int lanes) {
  count_all(WITHIN, out, x, (real)lo, (real)hi, n, lanes);
}

/* floor(4 x) + GP_BINS / 2 between the ends; 4 x is exact. */
ALWAYS int value_bin(double x) {
  double quarters = 4 * x;
  if (!(quarters < GP_BINS / 2)) return GP_BINS - 1;
  if (quarters < -GP_BINS / 2) return 0;
  int whole = (int)quarters;
  return whole - ((double)whole > quarters) + GP_BINS / 2;
}

/* By the exponent: 0 and subnormal numbers have the smallest, infinity the largest. */
ALWAYS int magnitude_bin(real x) {
  enum { FRACTION = GP_BITS == 32 ? 23 : 52, BIAS = GP_BITS == 32 ? 127 : 1023 };
  word bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  int octave = (int)((bits >> FRACTION) & (2 * BIAS + 1)) - BIAS + GP_BINS_OCTAVES;
  return octave < 0 ? 0 : octave / 2 < GP_BINS ? octave / 2 : GP_BINS - 1;
}

static void histogram(int64_t *out, const void *x_, enum gp_bins bins, ptrdiff_t n, int lanes) {
  const real *x = x_;
  for (ptrdiff_t i = 0; i < (ptrdiff_t)GP_BINS * lanes; i++) out[i] = 0;
  for (ptrdiff_t i = 0; i < n; i++)
    for (int at_lane = 0; at_lane < lanes; at_lane++, x++)
      if (*x == *x) out[at_lane * GP_BINS + (bins == GP_BINS_VALUE ? value_bin((double)*x) : magnitude_bin(*x))]++;
}
