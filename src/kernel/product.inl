/* Matrix products over the vector vocabulary.
 *
 * One micro-kernel: a tile of MR rows by NV vectors of C stays in registers while the inner index runs; each
 * step loads NV vectors of B's row and broadcasts MR numbers of A (an outer product). A is addressed by two
 * strides, so the same code serves W x and W^T delta; the weight gradient first transposes x (I, B) into (B,
 * I) and is then the same product. In the lane plan the vectors run along the lanes instead and nothing is
 * broadcast.
 *
 * Every output is one chain of fused multiply-adds over k = 0, 1, ..., from +0, then one multiplication by
 * alpha. */

/* Registers: AVX-512 has 32 (6 x 4 accumulators, 4 of B, the rest for A), AVX2 16 (6 x 2), scalar: small. */
#if defined(GP_TIER_AVX512)
enum { MR = 6, NV = 4 };
#elif defined(GP_TIER_AVX2)
enum { MR = 6, NV = 2 };
#else
enum { MR = 4, NV = 4 };
#endif

typedef struct strides {
  ptrdiff_t row, inner; /* of A: step to the next row of C, to the next inner index */
} strides;

/* An empty barrier: without it gcc folds the load of B into every FMA that uses it. */
#if defined(GP_TIER_AVX512)
#define KEEP(v) __asm__("" : "+v"(v))
#elif defined(GP_TIER_AVX2)
#define KEEP(v) __asm__("" : "+x"(v))
#else
#define KEEP(v) ((void)0)
#endif

/* C rows i..i+mr, nv vectors from column j; the last vector has `tail` columns (W: whole). mr, nv are
 * constants at every call, so the loops unroll and the tile lives in registers. */
ALWAYS void tile(real *c, const real *a, const real *b, strides s, const gp_product *p, int mr, int nv,
                 int tail) {
  V acc[MR][NV];
  for (int r = 0; r < mr; r++)
    for (int v = 0; v < nv; v++) acc[r][v] = v_zero();
  for (ptrdiff_t q = 0; q < p->k; q++) {
    V row[NV];
    for (int v = 0; v < nv; v++) {
      row[v] = v == nv - 1 && tail < W ? v_load_part(b + v * W, tail) : v_load(b + v * W);
      KEEP(row[v]);
    }
    for (int r = 0; r < mr; r++) {
      V w = v_set1(a[r * s.row]);
      for (int v = 0; v < nv; v++) acc[r][v] = v_fma(w, row[v], acc[r][v]);
    }
    a += s.inner;
    b += p->n;
  }
  V alpha = v_set1((real)p->alpha);
  for (int r = 0; r < mr; r++) {
    for (int v = 0; v < nv; v++) {
      V out = acc[r][v] * alpha;
      if (v == nv - 1 && tail < W)
        v_store_part(c + r * p->n + v * W, out, tail);
      else
        v_store(c + r * p->n + v * W, out);
    }
  }
}

#define TILE_ROWS(nv)                                                                                        \
  for (; i + MR <= p->m; i += MR) tile(c + i * p->n, a + i * s.row, b, s, p, MR, nv, tail);                  \
  switch (p->m - i) {                                                                                        \
  case 1:                                                                                                    \
    tile(c + i * p->n, a + i * s.row, b, s, p, 1, nv, tail);                                                 \
    break;                                                                                                   \
  case 2:                                                                                                    \
    tile(c + i * p->n, a + i * s.row, b, s, p, 2, nv, tail);                                                 \
    break;                                                                                                   \
  case 3:                                                                                                    \
    tile(c + i * p->n, a + i * s.row, b, s, p, 3, nv, tail);                                                 \
    break;                                                                                                   \
  case 4:                                                                                                    \
    tile(c + i * p->n, a + i * s.row, b, s, p, MR < 4 ? MR : 4, nv, tail);                                   \
    break;                                                                                                   \
  case 5:                                                                                                    \
    tile(c + i * p->n, a + i * s.row, b, s, p, MR < 5 ? MR : 5, nv, tail);                                   \
    break;                                                                                                   \
  default:                                                                                                   \
    break;                                                                                                   \
  }

/* One block of columns: all rows of C by nv vectors. */
#define COLUMN_BLOCK(name, nv, tail_)                                                                        \
  static void name(real *c, const real *a, const real *b, strides s, const gp_product *p, int last) {        \
    ptrdiff_t i = 0;                                                                                         \
    const int tail = tail_;                                                                                  \
    (void)last;                                                                                              \
    TILE_ROWS(nv)                                                                                            \
  }

COLUMN_BLOCK(block_4, NV < 4 ? NV : 4, W)
COLUMN_BLOCK(block_3, NV < 3 ? NV : 3, W)
COLUMN_BLOCK(block_2, 2, W)
COLUMN_BLOCK(block_1, 1, W)
COLUMN_BLOCK(part_4, NV < 4 ? NV : 4, last)
COLUMN_BLOCK(part_3, NV < 3 ? NV : 3, last)
COLUMN_BLOCK(part_2, 2, last)
COLUMN_BLOCK(part_1, 1, last)

typedef void column_block(real *, const real *, const real *, strides, const gp_product *, int);
static column_block *const whole_blocks[] = {NULL, block_1, block_2, block_3, block_4};
static column_block *const part_blocks[] = {NULL, part_1, part_2, part_3, part_4};

static void product_single(real *c, const real *a, const real *b, strides s, const gp_product *p) {
  ptrdiff_t j = 0;
  for (; j + NV * W <= p->n; j += NV * W) whole_blocks[NV](c + j, a, b + j, s, p, W);
  ptrdiff_t rest = p->n - j;
  if (rest == 0) return;
  int vectors = (int)((rest + W - 1) / W), last = (int)(rest - (vectors - 1) * W);
  (last == W ? whole_blocks : part_blocks)[vectors](c + j, a, b + j, s, p, last);
}

/* Lane plan: C[i][j][lane], vectors along lanes; b strides in elements of (lane groups). */
enum { LM = MR < 4 ? MR : 4, LN = 4 };

ALWAYS void lane_tile(real *c, const real *a, const real *b, strides sa, strides sb, const gp_product *p,
                      int mr, int nr) {
  V acc[LM][LN];
  for (int r = 0; r < mr; r++)
    for (int v = 0; v < nr; v++) acc[r][v] = v_zero();
  for (ptrdiff_t q = 0; q < p->k; q++) {
    V col[LN];
    for (int v = 0; v < nr; v++) {
      col[v] = v_load(b + v * sb.row);
      KEEP(col[v]);
    }
    for (int r = 0; r < mr; r++) {
      V w = v_load(a + r * sa.row);
      KEEP(w);
      for (int v = 0; v < nr; v++) acc[r][v] = v_fma(w, col[v], acc[r][v]);
    }
    a += sa.inner;
    b += sb.inner;
  }
  V alpha = v_set1((real)p->alpha);
  for (int r = 0; r < mr; r++)
    for (int v = 0; v < nr; v++) v_store(c + (r * p->n + v) * p->lanes, acc[r][v] * alpha);
}

static void product_lanes(real *c, const real *a, const real *b, strides sa, strides sb,
                          const gp_product *p) {
  const ptrdiff_t lanes = p->lanes;
  for (ptrdiff_t at_lane = 0; at_lane < lanes; at_lane += W) {
    for (ptrdiff_t i = 0; i < p->m; i += LM) {
      for (ptrdiff_t j = 0; j < p->n; j += LN) {
        real *to = c + (i * p->n + j) * lanes + at_lane;
        const real *pa = a + i * sa.row + at_lane, *pb = b + j * sb.row + at_lane;
        if (i + LM <= p->m && j + LN <= p->n) {
          lane_tile(to, pa, pb, sa, sb, p, LM, LN);
          continue;
        }
        for (ptrdiff_t r = 0; r < LM && i + r < p->m; r++)
          for (ptrdiff_t v = 0; v < LN && j + v < p->n; v++)
            lane_tile(to + (r * p->n + v) * lanes, pa + r * sa.row, pb + v * sb.row, sa, sb, p, 1, 1);
      }
    }
  }
}

static void product_nn(void *c, const void *a, const void *b, const gp_product *p) {
  ptrdiff_t t = p->lanes;
  if (t == 1)
    product_single(c, a, b, (strides){p->k, 1}, p);
  else
    product_lanes(c, a, b, (strides){p->k * t, t}, (strides){t, p->n * t}, p);
}

static void product_tn(void *c, const void *a, const void *b, const gp_product *p) {
  ptrdiff_t t = p->lanes;
  if (t == 1)
    product_single(c, a, b, (strides){1, p->m}, p);
  else
    product_lanes(c, a, b, (strides){t, p->m * t}, (strides){t, p->n * t}, p);
}

static void product_nt(void *c, const void *a, const void *b, const gp_product *p) {
  ptrdiff_t t = p->lanes;
  if (t == 1) {
    transpose(p->scratch, b, p->n, p->k);
    product_single(c, a, p->scratch, (strides){p->k, 1}, p);
  } else {
    product_lanes(c, a, b, (strides){p->k * t, t}, (strides){p->k * t, t}, p);
  }
}
