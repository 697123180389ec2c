/* Reductions in the house order: element i of an array (of one lane) goes into partial sum i mod 8, in
 * double, and the eight meet in a fixed tree. Single plan: one accumulator of eight doubles holds the eight
 * partial sums. Lane plan: eight accumulators, one per partial sum, each holding eight lanes. Products of
 * floats are exact in double; products of doubles go through one fma. */

typedef enum reduction { SUM, SQUARES, DOT } reduction;

ALWAYS A8 accumulate(reduction kind, A8 acc, A8 x, A8 y) {
  switch (kind) {
  case SUM:
    return a8_add(acc, x);
  case SQUARES:
    return a8_fma(x, x, acc);
  default:
    return a8_fma(x, y, acc);
  }
}

/* n consecutive elements of one lane. */
ALWAYS double reduce_run(reduction kind, const real *x, const real *y, ptrdiff_t n) {
  A8 acc = a8_zero();
  ptrdiff_t i = 0;
  for (; i + 8 <= n; i += 8) acc = accumulate(kind, acc, a8_load(x + i), kind == DOT ? a8_load(y + i) : acc);
  if (i < n) {
    int part = (int)(n - i);
    acc = accumulate(kind, acc, a8_load_part(x + i, part), kind == DOT ? a8_load_part(y + i, part) : acc);
  }
  return a8_sum(acc);
}

/* n elements of eight neighbouring lanes; element i of a lane lies at x + i * lanes. */
ALWAYS void reduce_lanes(reduction kind, double out[8], const real *x, const real *y, ptrdiff_t n,
                         ptrdiff_t lanes) {
  A8 p[8];
  for (int j = 0; j < 8; j++) p[j] = a8_zero();
  for (ptrdiff_t i = 0; i < n; i++) {
    A8 yv = kind == DOT ? a8_load(y + i * lanes) : a8_zero();
    p[i % 8] = accumulate(kind, p[i % 8], a8_load(x + i * lanes), yv);
  }
  A8 low = a8_add(a8_add(p[0], p[1]), a8_add(p[2], p[3]));
  A8 high = a8_add(a8_add(p[4], p[5]), a8_add(p[6], p[7]));
  a8_store(out, a8_add(low, high));
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
  reduce_all(SUM, out, x, NULL, n, lanes);
}
static void sum_squares(double *out, const void *x, ptrdiff_t n, int lanes) {
  reduce_all(SQUARES, out, x, NULL, n, lanes);
}
static void dot(double *out, const void *x, const void *y, ptrdiff_t n, int lanes) {
  reduce_all(DOT, out, x, y, n, lanes);
}

static void row_sums(double *out, const void *x_, ptrdiff_t rows, ptrdiff_t cols, int lanes) {
  const real *x = x_;
  for (ptrdiff_t r = 0; r < rows; r++)
    reduce_all(SUM, out + r * lanes, x + r * cols * lanes, NULL, cols, lanes);
}

static void row_counts(int64_t *out, const void *x_, double limit_, bool or_equal, ptrdiff_t rows,
                       ptrdiff_t cols, int lanes) {
  const real *x = x_;
  const real limit = (real)limit_;
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (int at_lane = 0; at_lane < lanes; at_lane++) {
      const real *at = x + r * cols * lanes + at_lane;
      int64_t count = 0;
      for (ptrdiff_t q = 0; q < cols; q++) {
        real size = at[q * lanes] < 0 ? -at[q * lanes] : at[q * lanes];
        count += or_equal ? size <= limit : size < limit;
      }
      out[r * lanes + at_lane] = count;
    }
  }
}
