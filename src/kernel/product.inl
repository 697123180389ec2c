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
#if defined(GP_TIER_AVX512)
enum { LM = 4, LN = 6 };
#elif defined(GP_TIER_AVX2)
enum { LM = 4, LN = 3 };
#else
enum { LM = 2, LN = 2 };
#endif

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

/* Where the tiles of one lane block lie. */
typedef struct lane_operands {
  real *c;
  const real *a, *b;
  strides sa, sb;
} lane_operands;

ALWAYS void lane_tile_at(const lane_operands *o, ptrdiff_t i, ptrdiff_t j, const gp_product *p, int mr,
                         int nr) {
  lane_tile(o->c + (i * p->n + j) * p->lanes, o->a + i * o->sa.row, o->b + j * o->sb.row, o->sa, o->sb, p, mr,
            nr);
}

/* Columns j.. of the rows i..i+mr: whole tiles, then half ones, then single columns. */
#define LANE_ROWS(name, mr)                                                                                  \
  static void name(const lane_operands *o, ptrdiff_t i, const gp_product *p) {                               \
    ptrdiff_t j = 0;                                                                                         \
    for (; j + LN <= p->n; j += LN) lane_tile_at(o, i, j, p, mr, LN);                                        \
    for (; j + 2 <= p->n; j += 2) lane_tile_at(o, i, j, p, mr, 2);                                           \
    for (; j < p->n; j++) lane_tile_at(o, i, j, p, mr, 1);                                                   \
  }
LANE_ROWS(lane_rows, LM)
LANE_ROWS(lane_row, 1)

static void product_lanes(real *c, const real *a, const real *b, strides sa, strides sb,
                          const gp_product *p) {
  for (ptrdiff_t at_lane = 0; at_lane < p->lanes; at_lane += W) {
    lane_operands o = {c + at_lane, a + at_lane, b + at_lane, sa, sb};
    ptrdiff_t i = 0;
    for (; i + LM <= p->m; i += LM) lane_rows(&o, i, p);
    for (; i < p->m; i++) lane_row(&o, i, p);
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
