/* Every slot of every tier against the plain reference, bit for bit: tails of every length, both plans, inputs with
 * zeros of both signs, infinities, NaN and subnormals, the aliases that the network uses, and no byte touched outside
 * the arrays or in an input. One NaN is as good as another: its sign and payload are not results. */
#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "guarded.h"
#include "reference.h"

typedef struct shape {
  ptrdiff_t m, n, k; /* of a product; rows and columns elsewhere */
  int lanes, variant;
} shape;

enum { LANES_MAX = 16, ELEMENTS_MAX = 150000 };
static double rates[LANES_MAX], momenta[LANES_MAX], decays[LANES_MAX], seconds[LANES_MAX],
    epsilons[LANES_MAX], corrections[LANES_MAX];

enum { SUMS = 17 };

/* A slot of the table: how to call it, its arrays' types (r real, d double, i int64, s scratch) and sizes in elements
 * of one lane, how many variants it has. */
typedef struct op {
  const char *name, *types;
  void (*count)(const shape *s, ptrdiff_t out[GUARDED_SLOTS]);
  void (*call)(const gp_kernels *k, const shape *s, void *a[GUARDED_SLOTS]);
  int variants;
  bool product;
} op;

/* -- calls -- */

/* Variants: bit 0 an alpha, bit 1 a gate. */
static gp_product product_of(const shape *s, void *a[]) {
  return (gp_product){.m = s->m,
                      .n = s->n,
                      .k = s->k,
                      .alpha = s->variant & 1 ? 1.0 / 3 : 1,
                      .lanes = s->lanes,
                      .scratch = a[3],
                      .gate = s->variant & 2 ? a[4] : NULL};
}
static void call_nn(const gp_kernels *k, const shape *s, void *a[]) {
  gp_product p = product_of(s, a);
  k->product_nn(a[0], a[1], a[2], &p);
}
static void call_tn(const gp_kernels *k, const shape *s, void *a[]) {
  gp_product p = product_of(s, a);
  k->product_tn(a[0], a[1], a[2], &p);
}
static void call_nt(const gp_kernels *k, const shape *s, void *a[]) {
  gp_product p = product_of(s, a);
  k->product_nt(a[0], a[1], a[2], &p);
}
static void count_product(const shape *s, ptrdiff_t out[]) {
  out[0] = s->m * s->n, out[1] = s->m * s->k, out[2] = s->k * s->n, out[3] = s->k * s->n,
  out[4] = s->m * s->n;
}

/* Variants: bit 0 a bias, bit 1 no derivative wanted. */
static void activate(int slot, const gp_kernels *k, const shape *s, void *a[]) {
  k->activate[slot](a[0], a[1], s->variant & 2 ? NULL : a[2], s->variant & 1 ? a[3] : NULL, a[4], s->m, s->n,
                    s->lanes);
}
static void call_linear(const gp_kernels *k, const shape *s, void *a[]) {
  activate(GP_ACT_linear, k, s, a);
}
static void call_sign(const gp_kernels *k, const shape *s, void *a[]) {
  activate(GP_ACT_sign, k, s, a);
}
static void call_relu(const gp_kernels *k, const shape *s, void *a[]) {
  activate(GP_ACT_relu, k, s, a);
}
static void call_leaky(const gp_kernels *k, const shape *s, void *a[]) {
  activate(GP_ACT_leaky_relu, k, s, a);
}
static void call_square(const gp_kernels *k, const shape *s, void *a[]) {
  activate(GP_ACT_square, k, s, a);
}
static void call_linear_in_place(const gp_kernels *k, const shape *s, void *a[]) {
  k->activate[GP_ACT_linear](a[0], a[0], s->variant & 2 ? NULL : a[2], s->variant & 1 ? a[3] : NULL, a[4],
                             s->m, s->n, s->lanes);
}
static void count_activate(const shape *s, ptrdiff_t out[]) {
  out[0] = out[1] = out[2] = s->m * s->n, out[3] = s->m, out[4] = GP_ACT_PARAMS_MAX;
}

static void call_add_bias(const gp_kernels *k, const shape *s, void *a[]) {
  k->add_bias(a[0], a[1], s->m, s->n, s->lanes);
}
static void call_multiply(const gp_kernels *k, const shape *s, void *a[]) {
  k->multiply(a[0], a[1], s->n, s->lanes);
}
static void call_square_in_place(const gp_kernels *k, const shape *s, void *a[]) {
  k->multiply(a[0], a[0], s->n, s->lanes);
}
static void call_scale(const gp_kernels *k, const shape *s, void *a[]) {
  static const double factor[] = {1.0 / 3, -2};
  k->scale(a[0], factor[s->variant], s->n, s->lanes);
}

/* Variants: bit 0 momentum (always there but for velocity), bit 1 Nesterov, or epsilon inside the root, bit 2 decay,
 * bit 3 decoupled, bit 4 clipped both ways, bit 5 the update is wanted (over g when bit 0 is set), with bit 2 its squares. */
static void update(int slot, const gp_kernels *k, const shape *s, void *a[]) {
  int v = s->variant;
  bool memory = slot == GP_UPDATE_velocity ? v & 1 : slot != GP_UPDATE_sign;
  gp_update how = {.rate = rates,
                   .momentum = memory ? momenta : NULL,
                   .decay = v & 4 ? decays : NULL,
                   .nesterov = v & 2,
                   .decoupled = v & 8,
                   .lanes = s->lanes,
                   .second = seconds,
                   .epsilon = epsilons,
                   .epsilon_inside = v & 2,
                   .first_correction = corrections,
                   .next_correction = decays,
                   .second_correction = corrections,
                   .clip_factor = v & 16 ? momenta : NULL,
                   .clip_limit = v & 16 ? decays : NULL};
  how.squares = v & 4 ? a[4] : NULL;
  k->update[slot](a[0], a[1], memory ? a[2] : NULL, v & 32 ? a[v & 1 ? 1 : 3] : NULL, &how, s->n);
}
#define CALL_UPDATE(name, states)                                                                            \
  static void call_update_##name(const gp_kernels *k, const shape *s, void *a[]) {                           \
    update(GP_UPDATE_##name, k, s, a);                                                                       \
  }
GP_UPDATE_LIST(CALL_UPDATE)
#undef CALL_UPDATE
static void count_update(const shape *s, ptrdiff_t out[]) {
  out[0] = out[1] = out[3] = s->n, out[2] = GP_UPDATE_STATES_MAX * s->n, out[4] = 1;
}

static void call_sum(const gp_kernels *k, const shape *s, void *a[]) {
  k->sum(a[0], a[1], s->n, s->lanes);
}
static void call_squares(const gp_kernels *k, const shape *s, void *a[]) {
  k->sum_squares(a[0], a[1], s->n, s->lanes);
}
static void call_dot(const gp_kernels *k, const shape *s, void *a[]) {
  k->dot(a[0], a[1], a[2], s->n, s->lanes);
}
/* Every kind, chains of one to four, squares alone, squares with their product, and lengths that end a chain. */
static void call_sums(const gp_kernels *k, const shape *s, void *a[]) {
  double *out = a[0];
  static const enum gp_sum_kind kinds[SUMS] = {
      GP_SUM,         GP_SUM_SQUARES, GP_SUM_PRODUCT, GP_SUM_SQUARES,  GP_SUM,         GP_SUM_ABSOLUTE,
      GP_SUM_SQUARES, GP_SUM_SQUARES, GP_SUM_PRODUCT, GP_SUM_DISTANCE, GP_SUM_PRODUCT, GP_SUM_SQUARES,
      GP_SUM_SQUARES, GP_SUM_SQUARES, GP_SUM_SQUARES, GP_SUM_SQUARES,  GP_SUM_SQUARES};
  static const char first[] =
      "12121212112121212"; /* which array; sums 6 to 8 are two squares and their product */
  gp_sum_job list[SUMS];
  for (int i = 0; i < SUMS; i++)
    list[i] = (gp_sum_job){.kind = kinds[i],
                           .n = i == SUMS - 1 ? (s->n + 1) / 2 : s->n,
                           .x = a[first[i] - '0'],
                           .y = a[2],
                           .out = out + i * s->lanes};
  k->sums(list, SUMS - s->variant, s->lanes);
}
static void count_sums(const shape *s, ptrdiff_t out[]) {
  out[0] = SUMS, out[1] = out[2] = s->n;
}
static void call_count_within(const gp_kernels *k, const shape *s, void *a[]) {
  static const double edges[][2] = {{0, 0}, {-0.5, 0.5}, {-INFINITY, 0}, {0.25, INFINITY}};
  k->count_within(a[0], a[1], edges[s->variant][0], edges[s->variant][1], s->n, s->lanes);
}
/* Variant bit 0: no slopes. */
static void call_survey(const gp_kernels *k, const shape *s, void *a[]) {
  double *sums = a[0], *rows = sums + (ptrdiff_t)5 * s->lanes, *columns = rows + s->m * s->lanes;
  int64_t *counts = a[1];
  const gp_survey survey = {.z = a[2],
                            .h = a[3],
                            .delta = a[4],
                            .d = s->variant & 1 ? NULL : a[5],
                            .rows = s->m,
                            .cols = s->n,
                            .lanes = s->lanes,
                            .limit = 0.25,
                            .z_sum = sums,
                            .z_squares = sums + s->lanes,
                            .h_sum = sums + (ptrdiff_t)2 * s->lanes,
                            .h_squares = sums + (ptrdiff_t)3 * s->lanes,
                            .delta_squares = sums + (ptrdiff_t)4 * s->lanes,
                            .delta_rows = rows,
                            .h_columns = columns,
                            .delta_columns = columns + s->n * s->lanes,
                            .h_zeros = counts,
                            .d_zeros = counts + s->lanes,
                            .d_small = counts + s->lanes + s->m * s->lanes};
  k->survey(&survey);
}
static void count_survey(const shape *s, ptrdiff_t out[]) {
  out[0] = 5 + s->m + 2 * s->n, out[1] = 1 + 2 * s->m;
  out[2] = out[3] = out[4] = out[5] = s->m * s->n;
}
static void call_histogram(const gp_kernels *k, const shape *s, void *a[]) {
  k->histogram(a[0], a[1], s->variant ? GP_BINS_MAGNITUDE : GP_BINS_VALUE, s->n, s->lanes);
}
static void count_histogram(const shape *s, ptrdiff_t out[]) {
  out[0] = GP_BINS, out[1] = s->n;
}

/* Variant bit 0: a statistic per row. */
static gp_field field_of(const shape *s) {
  return (gp_field){.rows = s->m, .cols = s->n, .lanes = s->lanes, .by_row = s->variant & 1};
}
static ptrdiff_t statistics_of(const shape *s) {
  return s->variant & 1 ? s->m : s->n;
}
static void call_field_sum(const gp_kernels *k, const shape *s, void *a[]) {
  gp_field f = field_of(s);
  k->field_sum(a[0], a[1], &f);
}
static void call_field_dot(const gp_kernels *k, const shape *s, void *a[]) {
  gp_field f = field_of(s);
  k->field_dot(a[0], a[1], s->variant & 2 ? a[1] : a[2], &f);
}
static void count_field_sum(const shape *s, ptrdiff_t out[]) {
  out[0] = statistics_of(s), out[1] = out[2] = s->m * s->n;
}
/* Bit 1: no scale; bit 2: no shift (or both there); bit 3: in place. */
static void call_field_affine(const gp_kernels *k, const shape *s, void *a[]) {
  gp_field f = field_of(s);
  bool no_scale = s->variant & 2, no_shift = !no_scale && s->variant & 4;
  k->field_affine(s->variant & 8 ? a[1] : a[0], a[1], no_scale ? NULL : a[2], no_shift ? NULL : a[3], &f);
}
static void count_field_affine(const shape *s, ptrdiff_t out[]) {
  out[0] = out[1] = s->m * s->n, out[2] = out[3] = statistics_of(s);
}
static void call_field_project(const gp_kernels *k, const shape *s, void *a[]) {
  gp_field f = field_of(s);
  k->field_project(a[0], a[1], s->variant & 2 ? NULL : a[2], a[3], a[4], &f);
}
static void count_field_project(const shape *s, ptrdiff_t out[]) {
  count_field_affine(s, out);
  out[4] = statistics_of(s);
}
static void call_scaled_sum(const gp_kernels *k, const shape *s, void *a[]) {
  k->scaled_sum(s->variant ? a[1] : a[0], a[1], a[3], a[2], s->n, s->lanes);
}
static void count_scaled_sum(const shape *s, ptrdiff_t out[]) {
  out[0] = out[1] = out[2] = s->n, out[3] = 1;
}
static void call_add(const gp_kernels *k, const shape *s, void *a[]) {
  k->add(a[0], a[1], s->n, s->lanes);
}

static void call_row_sums(const gp_kernels *k, const shape *s, void *a[]) {
  k->row_sums(a[0], a[1], s->m, s->n, s->lanes);
}
static void call_row_counts(const gp_kernels *k, const shape *s, void *a[]) {
  static const double limit[] = {0, 0, 0.05, 0.7};
  k->row_counts(a[0], a[1], limit[s->variant / 2], s->variant % 2, s->m, s->n, s->lanes);
}
static void call_widen(const gp_kernels *k, const shape *s, void *a[]) {
  k->widen(a[0], a[1], s->n, s->lanes);
}
static void call_narrow(const gp_kernels *k, const shape *s, void *a[]) {
  k->narrow(a[0], a[1], s->n, s->lanes);
}

#define CALL_ROUND(name, fraction, least, most)                                                              \
  static void call_round_##name(const gp_kernels *k, const shape *s, void *a[]) {                            \
    k->round[GP_FORMAT_##name](a[0], s->n, s->lanes);                                                        \
  }
GP_FORMAT_LIST(CALL_ROUND)
#undef CALL_ROUND

static void count_bias(const shape *s, ptrdiff_t out[]) {
  out[0] = s->m * s->n, out[1] = s->m;
}
static void count_flat(const shape *s, ptrdiff_t out[]) {
  out[0] = out[1] = out[2] = out[3] = s->n;
}
static void count_total(const shape *s, ptrdiff_t out[]) {
  out[0] = 1, out[1] = out[2] = s->n;
}
static void count_rows(const shape *s, ptrdiff_t out[]) {
  out[0] = s->m, out[1] = s->m * s->n;
}

static const op ops[] = {{"product_nn", "rrrsr", count_product, call_nn, 4, true},
                         {"product_tn", "rrrsr", count_product, call_tn, 4, true},
                         {"product_nt", "rrrsr", count_product, call_nt, 4, true},
                         {"linear", "rrrrr", count_activate, call_linear, 4, false},
                         {"linear in place", "rrrrr", count_activate, call_linear_in_place, 4, false},
                         {"sign", "rrrrr", count_activate, call_sign, 4, false},
                         {"relu", "rrrrr", count_activate, call_relu, 4, false},
                         {"leaky_relu", "rrrrr", count_activate, call_leaky, 4, false},
                         {"square", "rrrrr", count_activate, call_square, 4, false},
                         {"add_bias", "rr", count_bias, call_add_bias, 1, false},
                         {"multiply", "rr", count_flat, call_multiply, 1, false},
                         {"multiply in place", "r", count_flat, call_square_in_place, 1, false},
                         {"scale", "r", count_flat, call_scale, 2, false},

#define UPDATE_OP(name, states) {"update_" #name, "rrrrd", count_update, call_update_##name, 64, false},
                         GP_UPDATE_LIST(UPDATE_OP)
#undef UPDATE_OP

#define ROUND_OP(name, fraction, least, most) {"round_" #name, "r", count_flat, call_round_##name, 1, false},
                             GP_FORMAT_LIST(ROUND_OP)
#undef ROUND_OP

                                 {"sum", "dr", count_total, call_sum, 1, false},
                         {"sum_squares", "dr", count_total, call_squares, 1, false},
                         {"dot", "drr", count_total, call_dot, 1, false},
                         {"row_sums", "dr", count_rows, call_row_sums, 1, false},
                         {"row_counts", "ir", count_rows, call_row_counts, 8, false},
                         {"sums", "drr", count_sums, call_sums, 8, false},
                         {"count_within", "ir", count_total, call_count_within, 4, false},
                         {"survey", "dirrrr", count_survey, call_survey, 2, false},
                         {"histogram", "ir", count_histogram, call_histogram, 2, false},
                         {"field_sum", "dr", count_field_sum, call_field_sum, 2, false},
                         {"field_dot", "drr", count_field_sum, call_field_dot, 4, false},
                         {"field_affine", "rrrr", count_field_affine, call_field_affine, 8, false},
                         {"field_project", "rrrrr", count_field_project, call_field_project, 4, false},
                         {"scaled_sum", "rrrr", count_scaled_sum, call_scaled_sum, 2, false},
                         {"add", "rr", count_flat, call_add, 1, false},
                         {"widen", "dr", count_flat, call_widen, 1, false},
                         {"narrow", "rd", count_flat, call_narrow, 1, false}};
enum { OPS = sizeof ops / sizeof *ops };

/* -- one case -- */

typedef struct arrays {
  void *at[GUARDED_SLOTS];
  size_t bytes[GUARDED_SLOTS];
  unsigned char *start[GUARDED_SLOTS], *wanted[GUARDED_SLOTS]; /* before, and as the reference leaves them */
  int count;
} arrays;

static size_t size_of(const gp_kernels *k, char type) {
  return type == 'r' || type == 's' ? k->size : 8;
}

static void put(const gp_kernels *k, char type, void *at, size_t i, double value) {
  float narrow = (float)value;
  size_t size = size_of(k, type);
  memcpy((unsigned char *)at + i * size, size == 4 ? (const void *)&narrow : (const void *)&value, size);
}

/* The arrays of one case, filled with numbers. */
static void lay_out(arrays *a, const gp_kernels *k, const op *o, const shape *s, bool hostile) {
  ptrdiff_t count[GUARDED_SLOTS] = {0};
  o->count(s, count);
  a->count = (int)strlen(o->types);
  for (int i = 0; i < a->count; i++) {
    size_t n = (size_t)(count[i] * s->lanes);
    a->bytes[i] = n * size_of(k, o->types[i]);
    a->at[i] = guarded_array(i, a->bytes[i]);
    for (size_t j = 0; j < n; j++)
      put(k, o->types[i], a->at[i], j, guarded_number((uint64_t)(s->n * 7 + s->m * 3 + i), j, hostile));
    memcpy(a->start[i], a->at[i], a->bytes[i]);
  }
}

static void restore(const arrays *a) {
  for (int i = 0; i < a->count; i++) memcpy(a->at[i], a->start[i], a->bytes[i]);
}

static bool same_real(const unsigned char *x, const unsigned char *y, size_t size) {
  if (memcmp(x, y, size) == 0) return true;
  float f, g;
  double d, e;
  memcpy(&f, x, sizeof f), memcpy(&g, y, sizeof g);
  if (size == 4) return isnan(f) && isnan(g);
  memcpy(&d, x, sizeof d), memcpy(&e, y, sizeof e);
  return isnan(d) && isnan(e);
}

static void compare(const arrays *a, const gp_kernels *k, const op *o, const shape *s, bool hostile) {
  for (int i = 0; i < a->count; i++) {
    size_t size = size_of(k, o->types[i]);
    const unsigned char *at = a->at[i];
    cr_assert(guarded_intact(i, a->bytes[i]), "%s %s%d: wrote in front of array %d", o->name, k->tier,
              k->bits, i);
    for (size_t j = 0; o->types[i] != 's' && j < a->bytes[i]; j += size)
      cr_assert(same_real(at + j, a->wanted[i] + j, size),
                "%s on %s, %d bits, (%td, %td, %td) x %d, variant %d, %s: array %d, element %zu", o->name,
                k->tier, k->bits, s->m, s->n, s->k, s->lanes, s->variant, hostile ? "hostile" : "plain", i,
                j / size);
  }
}

static const gp_kernels *table_of(const gp_tier *tier, int bits) {
  return bits == 32 ? tier->f32 : tier->f64;
}

static void one_case(arrays *a, int bits, const op *o, const shape *s, bool hostile) {
  const gp_kernels *plain = bits == 32 ? &reference_f32 : &reference_f64;
  lay_out(a, plain, o, s, hostile);
  o->call(plain, s, a->at);
  for (int i = 0; i < a->count; i++) memcpy(a->wanted[i], a->at[i], a->bytes[i]);
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
    if (!(*tier)->supported()) continue;
    restore(a);
    o->call(table_of(*tier, bits), s, a->at);
    compare(a, table_of(*tier, bits), o, s, hostile);
  }
}

/* -- all cases -- */

static const ptrdiff_t sizes[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14,
                                  15, 16, 17, 18, 19, 31, 32, 33, 50, 63, 64, 65, 100};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void make_arrays(arrays *a) {
  for (int i = 0; i < GUARDED_SLOTS; i++) {
    a->start[i] = malloc(ELEMENTS_MAX * 8);
    a->wanted[i] = malloc(ELEMENTS_MAX * 8);
  }
  for (int i = 0; i < LANES_MAX; i++) {
    rates[i] = 0.01 * (i + 1);
    momenta[i] = 0.9 - 0.03 * i;
    decays[i] = 0.2 * (i + 1);
    seconds[i] = 0.99 - 0.04 * i;
    epsilons[i] = 1e-8 * (i + 1);
    corrections[i] = 1.0 / (1 - 0.05 * i);
  }
}

static void free_arrays(arrays *a) {
  for (int i = 0; i < GUARDED_SLOTS; i++) free(a->start[i]), free(a->wanted[i]);
}

/* Rows: the heights of a register tile and what is left over. Inner sizes: none to reuse, short, longer than a block. */
static void product_cases(arrays *a, int bits, const op *o, int lanes) {
  static const ptrdiff_t rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 32}, inner[] = {1, 3, 8, 33};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    for (int j = 0; j < SIZES; j++) {
      if (lanes > 1 && sizes[j] > 19) continue; /* vectors run along the lanes: columns are only counted */
      for (size_t q = 0; q < sizeof inner / sizeof *inner; q++) {
        shape s = {rows[i], sizes[j], inner[q], lanes, (i + (size_t)j + q) % 4};
        one_case(a, bits, o, &s, (i + q) % 3 == 0);
      }
    }
  }
}

/* Products so large that their inner index is cut into pieces, or that a block of A is copied first: beyond 512 KiB. */
static void large_cases(arrays *a, int bits, const op *o) {
  static const ptrdiff_t sizes_of[][3] = {{7, 70, 2000}, {100, 5, 1400}, {131, 35, 1025}};
  for (size_t i = 0; i < sizeof sizes_of / sizeof *sizes_of; i++) {
    for (int variant = 0; variant < 4; variant++) {
      shape s = {sizes_of[i][0], sizes_of[i][1], sizes_of[i][2], 1, variant};
      one_case(a, bits, o, &s, variant == 1);
    }
  }
}

static void other_cases(arrays *a, int bits, const op *o, int lanes) {
  static const ptrdiff_t heights[] = {1, 3, 11};
  for (int j = 0; j < SIZES; j++) {
    for (size_t h = 0; h < sizeof heights / sizeof *heights; h++) {
      ptrdiff_t rows = heights[h];
      for (int v = 0; v < o->variants; v++) {
        /* Updates have many variants and no rows: each variant meets a quarter of the sizes. */
        if (o->variants > 8 && (rows > 1 || (j + v) % 4 != 0)) continue;
        shape s = {rows, sizes[j], 1, lanes, v};
        one_case(a, bits, o, &s, false);
        one_case(a, bits, o, &s, true);
      }
    }
  }
}

static void check_ops(bool products) {
  arrays a = {0};
  make_arrays(&a);
  for (int bits = 32; bits <= 64; bits += 32) {
    const int lanes[] = {1, bits == 32 ? 16 : 8};
    for (int o = 0; o < OPS; o++)
      for (int l = 0; l < 2; l++)
        if (ops[o].product == products) (products ? product_cases : other_cases)(&a, bits, &ops[o], lanes[l]);
    for (int o = 0; o < OPS && products; o++)
      if (ops[o].product) large_cases(&a, bits, &ops[o]);
  }
  free_arrays(&a);
}

Test(kernels, products_are_the_reference_bit_for_bit) {
  check_ops(true);
}
Test(kernels, everything_else_is_the_reference_bit_for_bit) {
  check_ops(false);
}

/* One vector of lanes on every tier, and two: lane_block is what the tier asks for, 8 lanes are enough for 8 floats. */
Test(kernels, narrow_and_wide_lane_groups) {
  arrays a = {0};
  make_arrays(&a);
  for (int o = 0; o < OPS; o++) {
    shape s = {3, 5, 4, 16, 0};
    one_case(&a, 64, &ops[o], &s, true);
    for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++)
      cr_assert_eq(16 % (*tier)->f32->lane_block + 8 % (*tier)->f64->lane_block, 0);
  }
  free_arrays(&a);
}

/* The comparison itself must notice one wrong bit anywhere. */
static void call_wrong(const gp_kernels *k, const shape *s, void *at[]) {
  k->multiply(at[0], at[1], s->n, s->lanes);
  if (strcmp(k->tier, "reference") != 0) ((unsigned char *)at[0])[(size_t)(s->n - 1) * k->size] ^= 1;
}
Test(kernels, one_wrong_bit_is_noticed) {
  const op wrong = {"wrong", "rr", count_flat, call_wrong, 1, false};
  const gp_kernels *k = gp_tier_find("portable")->f32;
  shape s = {1, 9, 1, 1, 0};
  arrays a = {0};
  make_arrays(&a);
  lay_out(&a, &reference_f32, &wrong, &s, false);
  wrong.call(&reference_f32, &s, a.at);
  memcpy(a.wanted[0], a.at[0], a.bytes[0]);
  restore(&a);
  wrong.call(k, &s, a.at);
  cr_assert_not(same_real((unsigned char *)a.at[0] + 32, a.wanted[0] + 32, 4));
  cr_assert(same_real((unsigned char *)a.at[0] + 28, a.wanted[0] + 28, 4));
  free_arrays(&a);
}
