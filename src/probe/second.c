#include "second.h"

#include <math.h>

#include "norm.h"

/* Examples go through the twin in pieces of this many at most. */
enum { PIECE = 256 };

/* Streams of the random directions, far apart: Lanczos counts on from its own. */
enum { STREAM_HESSIAN = 1 << 20, STREAM_JACOBIAN = 2 << 20, STREAM_NTK = 3 << 20 };

gp_second_settings gp_second_default(void) {
  return (gp_second_settings){.hessian_count = 5,
                              .hessian_iterations = 100,
                              .hessian_tolerance = 1e-6,
                              .jacobian_samples = 8,
                              .ntk_samples = 16,
                              .pair_samples = 16};
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static void cut(gp_second_settings *set, int64_t rows) {
  set->hessian_samples = set->hessian_samples > 0 ? least(set->hessian_samples, rows) : rows;
  set->jacobian_samples = least(set->jacobian_samples, rows);
  set->ntk_samples = least(set->ntk_samples, rows);
  set->pair_samples = least(set->pair_samples, rows);
}

/* Columns of a Jacobian computed at once. */
static int64_t jacobian_columns(const gp_second_settings *set, int64_t outputs) {
  return least(set->jacobian_draws > 0 ? set->jacobian_draws : outputs, PIECE);
}

/* Rows of the loss that go through at once: all of them where they meet. */
static int64_t hessian_piece(const gp_second *s) {
  return s->coupled ? s->set.hessian_samples : least(s->set.hessian_samples, PIECE);
}

/* The most examples the twin holds for what is needed. */
static int64_t capacity_of(const gp_second *s, int64_t outputs, int64_t batch) {
  const gp_second_settings *set = &s->set;
  int64_t capacity = 1;
  if (set->needs & GP_NEED_HESSIAN) capacity = most(capacity, hessian_piece(s));
  if (set->needs & GP_NEED_JACOBIAN) capacity = most(capacity, jacobian_columns(set, outputs));
  if (set->needs & GP_NEED_NTK) capacity = most(capacity, set->ntk_samples);
  if (set->needs & GP_NEED_PAIRS) capacity = most(capacity, set->pair_samples);
  if (set->needs & GP_NEED_UNDERFLOW) capacity = most(capacity, batch);
  return capacity;
}

static void layout_lanczos(gp_lanczos *l, gp_arena *arena, const gp_tier *tier, int64_t n, int64_t products,
                           int64_t wanted, double tolerance, uint32_t stream) {
  *l = (gp_lanczos){.n = n,
                    .most = (int)least(n, products),
                    .wanted = (int)least(wanted, least(n, products)),
                    .tolerance = tolerance,
                    .start = {0, GP_PURPOSE_PROBE, stream},
                    .k64 = tier->f64};
  gp_lanczos_layout(l, arena);
}

static double *doubles(gp_arena *arena, bool wanted, int64_t count) {
  return wanted ? gp_arena_take(arena, (size_t)count, sizeof(double)) : NULL;
}

typedef struct sizes {
  int64_t parameters, widest, narrow, largest; /* narrow: the largest min(out, in); largest: out in */
} sizes;

static sizes sizes_of(const gp_net_shape *shape) {
  sizes s = {.parameters = gp_shape_parameters(shape), .widest = shape->widths[0]};
  for (int l = 0; l < shape->layers; l++) {
    int64_t in = shape->widths[l], out = shape->widths[l + 1];
    s.widest = most(s.widest, out);
    s.narrow = most(s.narrow, least(in, out));
    s.largest = most(s.largest, in * out);
  }
  return s;
}

/* Products for the small symmetric matrices: enough for any of them, and no tolerance but rounding. */
enum { SMALL_PRODUCTS = 100 };
static const double SMALL_TOLERANCE = 1e-10;

static void layout_spectra(gp_second *s, gp_arena *arena, const gp_tier *tier, const gp_net_shape *shape) {
  const gp_second_settings *set = &s->set;
  int64_t outputs = shape->widths[shape->layers];
  if (set->needs & GP_NEED_HESSIAN)
    layout_lanczos(&s->hessian, arena, tier, sizes_of(shape).parameters, set->hessian_iterations,
                   set->needs & GP_NEED_EIGENVALUES ? set->hessian_count : 1, set->hessian_tolerance,
                   STREAM_HESSIAN);
  if (set->needs & GP_NEED_JACOBIAN)
    layout_lanczos(&s->jacobian, arena, tier, outputs, SMALL_PRODUCTS, 1, SMALL_TOLERANCE, STREAM_JACOBIAN);
  if (set->needs & GP_NEED_NTK)
    layout_lanczos(&s->ntk, arena, tier, outputs * set->ntk_samples, SMALL_PRODUCTS, 1, SMALL_TOLERANCE,
                   STREAM_NTK);
}

void gp_second_layout(gp_second *s, gp_arena *arena, const gp_tier *tier, const gp_net_shape *shape,
                      const gp_second_settings *settings, int64_t rows, int64_t batch) {
  gp_net_shape own = *shape;
  sizes size = sizes_of(shape);
  int64_t inputs = shape->widths[0], outputs = shape->widths[shape->layers];
  *s = (gp_second){.set = *settings, .coupled = gp_norm_couples_examples(shape->norm)};
  unsigned needs = s->set.needs;
  cut(&s->set, rows);
  s->columns_at_once = jacobian_columns(&s->set, outputs);
  own.capacity = capacity_of(s, outputs, batch);
  gp_twin_layout(&s->twin, arena, tier, &own);
  layout_spectra(s, arena, tier, shape);
  s->seeds = doubles(arena, needs & (GP_NEED_JACOBIAN | GP_NEED_NTK), outputs * own.capacity);
  s->eigenvalues = doubles(arena, needs & GP_NEED_HESSIAN, s->set.hessian_count);
  s->gradient = doubles(arena, needs & GP_NEED_NTK, size.parameters);
  s->columns = doubles(arena, needs & GP_NEED_PAIRS, size.widest * s->set.pair_samples);
  s->places = most(size.narrow, least(inputs, outputs));
  s->sigma = doubles(arena, needs & (GP_NEED_SINGULAR | GP_NEED_PRODUCT), s->places);
  s->matrix =
      doubles(arena, needs & (GP_NEED_SINGULAR | GP_NEED_PRODUCT), most(size.largest, inputs * outputs));
  for (int i = 0; i < 2; i++) s->product[i] = doubles(arena, needs & GP_NEED_PRODUCT, size.widest * inputs);
}

void gp_second_load(gp_second *s, const gp_net *net, int lane, int64_t batch, const gp_examples *train,
                    uint64_t seed) {
  gp_twin_load(&s->twin, net, lane);
  s->train = *train;
  s->seed = seed;
  s->net = net;
  s->lane = lane;
  s->batch = batch;
  s->hessian.start.seed = s->jacobian.start.seed = s->ntk.start.seed = seed;
  s->jacobian_known = s->hessian_known = false;
  s->singular_known = 0;
}

/* -- curvature -- */

typedef struct curvature {
  gp_second *second;
  gp_examples examples;
} curvature;

static void apply_hessian(void *context, double *out, const double *v) {
  curvature *c = context;
  gp_twin_hessian(&c->second->twin, &c->examples, out, v);
}

const double *gp_second_hessian(gp_second *s) {
  curvature c = {s, {s->train.x, s->train.y, s->set.hessian_samples, hessian_piece(s)}};
  if (s->hessian_known) return s->eigenvalues;
  for (int64_t i = s->hessian.wanted; i < s->set.hessian_count; i++) s->eigenvalues[i] = NAN;
  gp_lanczos_run(&s->hessian, apply_hessian, &c, s->eigenvalues, &s->hessian_bound);
  s->hessian_known = true;
  return s->eigenvalues;
}
