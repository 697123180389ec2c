/* Transposition, for the weight gradient of the single plan. Whole blocks of W x W go through registers: each
 * vector is assembled from 128-bit pieces of rows 1/4 (float) or 1/2 (double) of a vector apart, so that a
 * transposition inside the 128-bit pieces finishes the block. Against the plain loops, which serve the edges,
 * product_nt at O = I = 32, B = 64 rises from 68 to 100 GFLOP/s on AVX-512. */

static void transpose_edge(real *out, const real *x, ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t from,
                           ptrdiff_t to, ptrdiff_t left, ptrdiff_t right) {
  for (ptrdiff_t r = from; r < to; r++)
    for (ptrdiff_t q = left; q < right; q++) out[q * rows + r] = x[r * cols + q];
}

#if defined(GP_TIER_AVX512) && GP_BITS == 32
ALWAYS __m512 four_rows(const float *x, ptrdiff_t step) {
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(x));
  v = _mm512_insertf32x4(v, _mm_loadu_ps(x + step), 1);
  v = _mm512_insertf32x4(v, _mm_loadu_ps(x + 2 * step), 2);
  return _mm512_insertf32x4(v, _mm_loadu_ps(x + 3 * step), 3);
}

ALWAYS void transpose_block(float *out, const float *x, ptrdiff_t rows, ptrdiff_t cols) {
  for (int q = 0; q < 16; q += 4) {
    __m512 a = four_rows(x + q, 4 * cols), b = four_rows(x + cols + q, 4 * cols);
    __m512 c = four_rows(x + 2 * cols + q, 4 * cols), d = four_rows(x + 3 * cols + q, 4 * cols);
    __m512 ab = _mm512_unpacklo_ps(a, b), cd = _mm512_unpacklo_ps(c, d);
    __m512 ab2 = _mm512_unpackhi_ps(a, b), cd2 = _mm512_unpackhi_ps(c, d);
    _mm512_storeu_ps(out + q * rows, _mm512_shuffle_ps(ab, cd, 0x44));
    _mm512_storeu_ps(out + (q + 1) * rows, _mm512_shuffle_ps(ab, cd, 0xEE));
    _mm512_storeu_ps(out + (q + 2) * rows, _mm512_shuffle_ps(ab2, cd2, 0x44));
    _mm512_storeu_ps(out + (q + 3) * rows, _mm512_shuffle_ps(ab2, cd2, 0xEE));
  }
}
#elif defined(GP_TIER_AVX512)
ALWAYS __m512d four_rows(const double *x, ptrdiff_t step) {
  __m512d v = _mm512_castpd128_pd512(_mm_loadu_pd(x));
  v = _mm512_insertf64x2(v, _mm_loadu_pd(x + step), 1);
  v = _mm512_insertf64x2(v, _mm_loadu_pd(x + 2 * step), 2);
  return _mm512_insertf64x2(v, _mm_loadu_pd(x + 3 * step), 3);
}

ALWAYS void transpose_block(double *out, const double *x, ptrdiff_t rows, ptrdiff_t cols) {
  for (int q = 0; q < 8; q += 2) {
    __m512d a = four_rows(x + q, 2 * cols), b = four_rows(x + cols + q, 2 * cols);
    _mm512_storeu_pd(out + q * rows, _mm512_unpacklo_pd(a, b));
    _mm512_storeu_pd(out + (q + 1) * rows, _mm512_unpackhi_pd(a, b));
  }
}
#elif defined(GP_TIER_AVX2) && GP_BITS == 32
ALWAYS __m256 two_rows(const float *x, ptrdiff_t step) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(x)), _mm_loadu_ps(x + step), 1);
}

ALWAYS void transpose_block(float *out, const float *x, ptrdiff_t rows, ptrdiff_t cols) {
  for (int q = 0; q < 8; q += 4) {
    __m256 a = two_rows(x + q, 4 * cols), b = two_rows(x + cols + q, 4 * cols);
    __m256 c = two_rows(x + 2 * cols + q, 4 * cols), d = two_rows(x + 3 * cols + q, 4 * cols);
    __m256 ab = _mm256_unpacklo_ps(a, b), cd = _mm256_unpacklo_ps(c, d);
    __m256 ab2 = _mm256_unpackhi_ps(a, b), cd2 = _mm256_unpackhi_ps(c, d);
    _mm256_storeu_ps(out + q * rows, _mm256_shuffle_ps(ab, cd, 0x44));
    _mm256_storeu_ps(out + (q + 1) * rows, _mm256_shuffle_ps(ab, cd, 0xEE));
    _mm256_storeu_ps(out + (q + 2) * rows, _mm256_shuffle_ps(ab2, cd2, 0x44));
    _mm256_storeu_ps(out + (q + 3) * rows, _mm256_shuffle_ps(ab2, cd2, 0xEE));
  }
}
#elif defined(GP_TIER_AVX2)
ALWAYS __m256d two_rows(const double *x, ptrdiff_t step) {
  return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(x)), _mm_loadu_pd(x + step), 1);
}

ALWAYS void transpose_block(double *out, const double *x, ptrdiff_t rows, ptrdiff_t cols) {
  for (int q = 0; q < 4; q += 2) {
    __m256d a = two_rows(x + q, 2 * cols), b = two_rows(x + cols + q, 2 * cols);
    _mm256_storeu_pd(out + q * rows, _mm256_unpacklo_pd(a, b));
    _mm256_storeu_pd(out + (q + 1) * rows, _mm256_unpackhi_pd(a, b));
  }
}
#else
ALWAYS void transpose_block(real *out, const real *x, ptrdiff_t rows, ptrdiff_t cols) {
  *out = *x, (void)rows, (void)cols;
}
#endif

/* out (cols, rows) = x (rows, cols)^T. */
static void transpose(real *out, const real *x, ptrdiff_t rows, ptrdiff_t cols) {
  ptrdiff_t whole_rows = rows / W * W, whole_cols = cols / W * W;
  for (ptrdiff_t r = 0; r < whole_rows; r += W)
    for (ptrdiff_t q = 0; q < whole_cols; q += W)
      transpose_block(out + q * rows + r, x + r * cols + q, rows, cols);
  transpose_edge(out, x, rows, cols, 0, whole_rows, whole_cols, cols);
  transpose_edge(out, x, rows, cols, whole_rows, rows, 0, cols);
}
