/* What the first-order panel asks of the activations of a layer, in one pass. Such sums cost what it costs to widen a float
 * (16 cycles for 64 of them on AVX-512) and to wait for the addition before (4 cycles for 8 elements), so every number is
 * widened once and all chains run side by side. Each result has the bits of the kernel that makes it alone: the order of
 * every sum is that of reduce.inl and normalise.inl. */

enum { SURVEY_COLUMNS = 128, SURVEY_BLOCKS = SURVEY_COLUMNS / 8 };

/* Partial sums over the columns: those of rows i, i + 8, ... for 8 columns each. */
typedef struct survey_columns {
  A8 part[8][SURVEY_BLOCKS];
} survey_columns;

ALWAYS void survey_begin(survey_columns *c, ptrdiff_t cols) {
  for (int i = 0; i < 8; i++)
    for (ptrdiff_t j = 0; j < cols / 8; j++) c->part[i][j] = a8_zero();
}

ALWAYS void survey_end(double *out, const survey_columns *c, ptrdiff_t cols) {
  for (ptrdiff_t j = 0; j < cols / 8; j++) {
    A8 low = a8_add(a8_add(c->part[0][j], c->part[1][j]), a8_add(c->part[2][j], c->part[3][j]));
    A8 high = a8_add(a8_add(c->part[4][j], c->part[5][j]), a8_add(c->part[6][j], c->part[7][j]));
    a8_store(out + 8 * j, a8_add(low, high));
  }
}

/* Both counts of |d| in a row, loaded once. */
ALWAYS void survey_slopes(const gp_survey *s, ptrdiff_t r) {
  const real *d = (const real *)s->d + r * s->cols;
  const V zero = v_zero(), limit = v_set1((real)s->limit);
  int64_t zeros = 0, small = 0;
  ptrdiff_t i = 0;
  for (; i + W <= s->cols; i += W) {
    V size = v_abs(v_load(d + i));
    zeros += v_count(v_le(size, zero));
    small += v_count(v_lt(size, limit));
  }
  if (i < s->cols) {
    V size = v_abs(v_load_part(d + i, (int)(s->cols - i)));
    M there = m_part((int)(s->cols - i));
    zeros += v_count(m_and(there, v_le(size, zero)));
    small += v_count(m_and(there, v_lt(size, limit)));
  }
  s->d_zeros[r] = zeros;
  s->d_small[r] = small;
}

/* The widened passes: cols is a multiple of 8, so element i of the array is in place i mod 8 of a vector. Sums are added as
 * products with 1, which are the same numbers: widening and additions share their ports where this was measured (-2.5 microseconds of
 * the panel's 34). */
static void survey_together(const gp_survey *s) {
  survey_columns h_columns, delta_columns;
  A8 z_sum = a8_zero(), z_squares = a8_zero(), h_sum = a8_zero(), h_squares = a8_zero(), delta_squares = a8_zero();
  const A8 one = a8_set1(1);
  int64_t zeros = 0;
  survey_begin(&h_columns, s->cols);
  survey_begin(&delta_columns, s->cols);
  for (ptrdiff_t r = 0; r < s->rows; r++) {
    const real *z = (const real *)s->z + r * s->cols, *h = (const real *)s->h + r * s->cols,
               *delta = (const real *)s->delta + r * s->cols;
    A8 *h_part = h_columns.part[r % 8], *delta_part = delta_columns.part[r % 8], row = a8_zero();
    for (ptrdiff_t j = 0; j < s->cols; j += 8) {
      A8 a = a8_load(z + j), b = a8_load(h + j), c = a8_load(delta + j);
      z_sum = a8_fma(a, one, z_sum);
      z_squares = a8_fma(a, a, z_squares);
      h_sum = a8_fma(b, one, h_sum);
      h_squares = a8_fma(b, b, h_squares);
      h_part[j / 8] = a8_fma(b, b, h_part[j / 8]);
      delta_squares = a8_fma(c, c, delta_squares);
      delta_part[j / 8] = a8_fma(c, c, delta_part[j / 8]);
      row = a8_add(row, c);
    }
    s->delta_rows[r] = a8_sum(row);
    zeros += count_run(AT_MOST, h, 0, 0, s->cols);
    if (s->d != NULL) survey_slopes(s, r);
  }
  *s->h_zeros = zeros;
  *s->z_sum = a8_sum(z_sum);
  *s->z_squares = a8_sum(z_squares);
  *s->h_sum = a8_sum(h_sum);
  *s->h_squares = a8_sum(h_squares);
  *s->delta_squares = a8_sum(delta_squares);
  survey_end(s->h_columns, &h_columns, s->cols);
  survey_end(s->delta_columns, &delta_columns, s->cols);
}

/* The same, one after the other. */
static void survey_apart(const gp_survey *s) {
  ptrdiff_t n = s->rows * s->cols;
  gp_field columns = {.rows = s->rows, .cols = s->cols, .lanes = s->lanes};
  sum(s->z_sum, s->z, n, s->lanes);
  sum_squares(s->z_squares, s->z, n, s->lanes);
  sum(s->h_sum, s->h, n, s->lanes);
  sum_squares(s->h_squares, s->h, n, s->lanes);
  sum_squares(s->delta_squares, s->delta, n, s->lanes);
  row_sums(s->delta_rows, s->delta, s->rows, s->cols, s->lanes);
  field_dot(s->h_columns, s->h, s->h, &columns);
  field_dot(s->delta_columns, s->delta, s->delta, &columns);
  count_within(s->h_zeros, s->h, 0, 0, n, s->lanes);
  if (s->d == NULL) return;
  row_counts(s->d_zeros, s->d, 0, true, s->rows, s->cols, s->lanes);
  row_counts(s->d_small, s->d, s->limit, false, s->rows, s->cols, s->lanes);
}

static void survey(const gp_survey *s) {
  if (s->lanes == 1 && s->cols % 8 == 0 && s->cols <= SURVEY_COLUMNS)
    survey_together(s);
  else
    survey_apart(s);
}
