/* Matrix products over the vector vocabulary.
 *
 * One micro-kernel: a tile of `mr` rows by `nv` vectors of C stays in registers while the inner index runs; each
 * step loads nv vectors of B's row and broadcasts mr numbers of A (an outer product). A is addressed by two
 * strides, so the same code serves W x and W^T delta; the weight gradient first transposes x (I, B) into panels of
 * as many columns as a tile is wide and is then the same product. In the lane plan the vectors run along the lanes
 * instead and nothing is broadcast.
 *
 * Every output is one chain of fused multiply-adds over k = 0, 1, ..., from +0, then one multiplication by
 * alpha and, where a gate is given, one by its entry. The inner index of a large product is cut into pieces; a chain
 * then waits in C, which holds it exactly. */

/* The most rows of a tile of 1, 2, ... vectors. Registers: AVX-512 has 32 (6 x 4 accumulators, 4 of B, the rest for A),
 * AVX2 16 (6 x 2), scalar: small. */
#if defined(GP_TIER_AVX512)
enum { NV = 4, MR = 8, TILE_MOST = 24 };
static const int most_rows[] = {0, 8, 8, 8, 6};
#elif defined(GP_TIER_AVX2)
enum { NV = 2, MR = 8, TILE_MOST = 12 };
static const int most_rows[] = {0, 8, 6};
#else
enum { NV = 4, MR = 4, TILE_MOST = 16 };
static const int most_rows[] = {0, 4, 4, 4, 4};
#endif

typedef struct strides {
  ptrdiff_t row, inner; /* of A: step to the next row of C, to the next inner index */
} strides;

/* What all tiles of a product (or of a piece of its inner index) share. */
typedef struct tile_job {
  strides s;
  ptrdiff_t k, ldb, ldc; /* length of the chains at hand; steps from row to row of B and C */
  real alpha;
  int way;
  int tail; /* columns of a tile's last vector */
} tile_job;

/* An empty barrier: without it gcc folds the load of B into every FMA that uses it. */
#if defined(GP_TIER_AVX512)
#define KEEP(v) __asm__("" : "+v"(v))
#elif defined(GP_TIER_AVX2)
#define KEEP(v) __asm__("" : "+x"(v))
#else
#define KEEP(v) ((void)0)
#endif

ALWAYS V tile_load(const real *p, int v, int nv, int tail) {
  return v == nv - 1 && tail < W ? v_load_part(p + v * W, tail) : v_load(p + v * W);
}

ALWAYS void tile_store(real *p, V out, int v, int nv, int tail) {
  if (v == nv - 1 && tail < W)
    v_store_part(p + v * W, out, tail);
  else
    v_store(p + v * W, out);
}

/* What a tile does besides its multiply-adds. They are constants at every call, like its size: a branch in a tile makes gcc
 * move the accumulators to memory and back. */
enum {
  PLAIN,
  SCALED,
  GATED,
  GOES_ON,
  WAYS
}; /* times alpha; times the gate; from what C holds, and times alpha */

/* mr rows by nv vectors of C; the last vector has `tail` columns (W: whole). The loops unroll, and the tile lives in
 * registers. */
ALWAYS void tile(real *c, const real *a, const real *b, const real *gate, const tile_job *t, int way, int mr,
                 int nv, int tail) {
  V acc[TILE_MOST];
  for (int r = 0; r < mr; r++)
    for (int v = 0; v < nv; v++)
      acc[r * nv + v] = way == GOES_ON ? tile_load(c + r * t->ldc, v, nv, tail) : v_zero();
  ptrdiff_t left = t->k, row_step = t->s.row, inner = t->s.inner, ldb = t->ldb;
  do {
    V row[NV];
    for (int v = 0; v < nv; v++) {
      row[v] = tile_load(b, v, nv, tail);
      KEEP(row[v]);
    }
    for (int r = 0; r < mr; r++) {
      V w = v_set1(a[r * row_step]);
      for (int v = 0; v < nv; v++) acc[r * nv + v] = v_fma(w, row[v], acc[r * nv + v]);
    }
    a += inner;
    b += ldb;
  } while (--left > 0);
  V alpha = v_set1(t->alpha);
  for (int r = 0; r < mr; r++) {
    for (int v = 0; v < nv; v++) {
      V out = acc[r * nv + v];
      if (way == SCALED || way == GOES_ON) out = out * alpha;
      if (way == GATED) out = out * tile_load(gate + r * t->ldc, v, nv, tail);
      tile_store(c + r * t->ldc, out, v, nv, tail);
    }
  }
}

/* One function per size of tile and way, and another for a last vector that is not whole. */
typedef void tile_call(real *c, const real *a, const real *b, const real *gate, const tile_job *t);
#define TILE_AS(way, nv, mr)                                                                                 \
  static void whole_##way##_##nv##_##mr(real *c, const real *a, const real *b, const real *gate,             \
                                        const tile_job *t) {                                                 \
    tile(c, a, b, gate, t, way, mr, nv, W);                                                                  \
  }                                                                                                          \
  static void part_##way##_##nv##_##mr(real *c, const real *a, const real *b, const real *gate,              \
                                       const tile_job *t) {                                                  \
    tile(c, a, b, gate, t, way, mr, nv, t->tail);                                                            \
  }
#define TILE(nv, mr)                                                                                         \
  TILE_AS(PLAIN, nv, mr) TILE_AS(SCALED, nv, mr) TILE_AS(GATED, nv, mr) TILE_AS(GOES_ON, nv, mr)
#define NAMES_OF(nv, mr)                                                                                     \
  {{whole_PLAIN_##nv##_##mr, whole_SCALED_##nv##_##mr, whole_GATED_##nv##_##mr, whole_GOES_ON_##nv##_##mr},  \
   {part_PLAIN_##nv##_##mr, part_SCALED_##nv##_##mr, part_GATED_##nv##_##mr, part_GOES_ON_##nv##_##mr}},
#define ROWS_4(X, nv) X(nv, 1) X(nv, 2) X(nv, 3) X(nv, 4)
#define ROWS_6(X, nv) ROWS_4(X, nv) X(nv, 5) X(nv, 6)
#define ROWS_8(X, nv) ROWS_6(X, nv) X(nv, 7) X(nv, 8)
/* clang-format off */
#if defined(GP_TIER_AVX512)
ROWS_8(TILE, 1) ROWS_8(TILE, 2) ROWS_8(TILE, 3) ROWS_6(TILE, 4)
static tile_call *const tiles[][MR][2][WAYS] = {{ROWS_8(NAMES_OF, 1)}, {ROWS_8(NAMES_OF, 2)}, {ROWS_8(NAMES_OF, 3)},
                                                {ROWS_6(NAMES_OF, 4)}};
#elif defined(GP_TIER_AVX2)
ROWS_8(TILE, 1) ROWS_6(TILE, 2)
static tile_call *const tiles[][MR][2][WAYS] = {{ROWS_8(NAMES_OF, 1)}, {ROWS_6(NAMES_OF, 2)}};
#else
ROWS_4(TILE, 1) ROWS_4(TILE, 2) ROWS_4(TILE, 3) ROWS_4(TILE, 4)
static tile_call *const tiles[][MR][2][WAYS] = {{ROWS_4(NAMES_OF, 1)}, {ROWS_4(NAMES_OF, 2)}, {ROWS_4(NAMES_OF, 3)},
                                                {ROWS_4(NAMES_OF, 4)}};
#endif
/* clang-format on */

/* n things in `count` shares of at most `most`, the first `larger` of them of size + 1, the rest of size. */
typedef struct shares {
  ptrdiff_t count, size, larger;
} shares;

static shares shares_of(ptrdiff_t n, ptrdiff_t most) {
  if (n <= most) return (shares){1, n, 0};
  uint32_t count = (uint32_t)(n + most - 1) / (uint32_t)most, size = (uint32_t)n / count;
  return (shares){count, size, n - (ptrdiff_t)size * count};
}

typedef struct operands {
  real *c;
  const real *a, *b, *gate;
  ptrdiff_t m, n;
} operands;

/* One block of columns, all rows, in tiles of nearly equal height: a last one of a row or two would wait for its own
 * multiply-adds. */
static void column_block(const operands *o, ptrdiff_t j, tile_job *t) {
  ptrdiff_t columns = o->n - j < NV * W ? o->n - j : NV * W, nv = (columns + W - 1) / W;
  t->tail = (int)(columns - (nv - 1) * W);
  const real *a = o->a, *b = o->b + j, *gate = o->gate != NULL ? o->gate + j : NULL;
  real *c = o->c + j;
  for (shares s = shares_of(o->m, most_rows[nv]); s.count > 0; s.count--, s.larger--) {
    ptrdiff_t rows = s.size + (s.larger > 0);
    tiles[nv - 1][rows - 1][t->tail < W][t->way](c, a, b, gate, t);
    c += rows * t->ldc;
    a += rows * t->s.row;
    if (gate != NULL) gate += rows * t->ldc;
  }
}

static void all_columns(const operands *o, tile_job *t) {
  for (ptrdiff_t j = 0; j < o->n; j += NV * W) column_block(o, j, t);
}

/* A large product goes by pieces of the inner index, so that the rows of B at hand stay in the second-level cache. Where
 * neighbours in A are rows of C (W^T delta), a cache line holds them for several tiles and the next inner index is far
 * away: a block of them is copied first, or every line would be fetched again for each tile. */
enum { PIECE = 1024 / (int)sizeof(real), COPIED_ROWS = 96, AHEAD = 16, LARGE = 1 << 19 /* bytes */ };

static void copy_rows(real *copy, const real *a, ptrdiff_t rows, ptrdiff_t step, ptrdiff_t count) {
  for (ptrdiff_t q = 0; q < count; q++) {
    for (ptrdiff_t r = 0; r < rows; r += 64 / (ptrdiff_t)sizeof(real))
      __builtin_prefetch(a + (q + AHEAD) * step + r);
    memcpy(copy + q * COPIED_ROWS, a + q * step, (size_t)rows * sizeof(real));
  }
}

static void copied_rows(const operands *o, tile_job *t) {
  _Alignas(64) real copy[PIECE * COPIED_ROWS];
  operands part = *o;
  strides s = t->s;
  part.a = copy;
  t->s = (strides){1, COPIED_ROWS};
  for (ptrdiff_t i = 0; i < o->m; i += COPIED_ROWS) {
    part.m = o->m - i < COPIED_ROWS ? o->m - i : COPIED_ROWS;
    part.c = o->c + i * t->ldc;
    copy_rows(copy, o->a + i, part.m, s.inner, t->k);
    all_columns(&part, t);
  }
  t->s = s;
}

static bool is_large(ptrdiff_t rows, ptrdiff_t cols) {
  return rows * cols * (ptrdiff_t)sizeof(real) > LARGE;
}

static void by_pieces(const operands *o, tile_job t, bool copies, const gp_product *p) {
  t.alpha = 1;
  t.way = PLAIN;
  for (ptrdiff_t q = 0; q < p->k; q += t.k, t.way = GOES_ON) {
    operands now = {o->c, o->a + q * t.s.inner, o->b + q * t.ldb, NULL, o->m, o->n};
    t.k = p->k - q < PIECE ? p->k - q : PIECE;
    (copies ? copied_rows : all_columns)(&now, &t);
  }
}

/* alpha = 1 changes nothing, so that nothing is multiplied. */
ALWAYS int way_of(const gp_product *p) {
  return p->alpha != 1 ? SCALED : p->gate != NULL ? GATED : PLAIN;
}

/* What no tile has done of the multiplications that end a chain. */
static void finish(real *c, const gp_product *p, bool scaled) {
  ptrdiff_t n = p->m * p->n;
  if (!scaled && p->alpha != 1) scale(c, p->alpha, n, 1);
  if (p->gate != NULL) multiply(c, p->gate, n, 1);
}

static void product_single(real *c, const real *a, const real *b, strides s, const gp_product *p) {
  operands o = {c, a, b, p->gate, p->m, p->n};
  tile_job t = {.s = s, .k = p->k, .ldb = p->n, .ldc = p->n, .alpha = (real)p->alpha, .way = way_of(p)};
  bool copies = s.row == 1 && s.inner > 1 && is_large(p->m, p->k);
  if (copies || is_large(p->n, p->k)) {
    by_pieces(&o, t, copies, p);
    finish(c, p, false);
  } else {
    all_columns(&o, &t);
    if (t.way == SCALED) finish(c, p, true);
  }
}

/* The columns of B^T by panels as wide as a tile, each (k, NV W) without gaps, in `scratch`. */
static void product_transposed(real *c, const real *a, const real *b, const gp_product *p) {
  real *panel = p->scratch;
  tile_job t = {.s = {p->k, 1}, .k = p->k, .ldc = p->n, .alpha = (real)p->alpha};
  t.way = p->alpha != 1 ? SCALED : PLAIN;
  for (ptrdiff_t j = 0; j < p->n; j += NV * W) {
    t.ldb = p->n - j < NV * W ? p->n - j : NV * W;
    transpose(panel, b + j * p->k, t.ldb, p->k);
    operands o = {c + j, a, panel, NULL, p->m, t.ldb};
    column_block(&o, 0, &t);
    panel += t.ldb * p->k;
  }
  finish(c, p, true);
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
  if (p->gate != NULL) multiply(c, p->gate, p->m * p->n, p->lanes);
}

/* ---- the three forms ---- */

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
  if (t == 1)
    product_transposed(c, a, b, p);
  else
    product_lanes(c, a, b, (strides){p->k * t, t}, (strides){p->k * t, t}, p);
}
