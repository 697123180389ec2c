#include "moment.h"

#include <math.h>

/* Where an array lies: a member of gp_layer, or one of the copies that are kept. */
enum { PREVIOUS = -1, INITIAL = -2, NO_ARRAY = -3 };
#define IN(member) (ptrdiff_t) offsetof(gp_layer, member)

static const struct {
  enum gp_sum_kind kind;
  ptrdiff_t x, y;
  enum { UNITS, WEIGHTS, BIASES } over;
} table[GP_MOMENTS] = {[GP_MOMENT_Z] = {GP_SUM, IN(z), NO_ARRAY, UNITS},
                       [GP_MOMENT_Z_SQUARES] = {GP_SUM_SQUARES, IN(z), NO_ARRAY, UNITS},
                       [GP_MOMENT_H] = {GP_SUM, IN(h), NO_ARRAY, UNITS},
                       [GP_MOMENT_H_SQUARES] = {GP_SUM_SQUARES, IN(h), NO_ARRAY, UNITS},
                       [GP_MOMENT_DELTA_SQUARES] = {GP_SUM_SQUARES, IN(delta), NO_ARRAY, UNITS},
                       [GP_MOMENT_H_ABSOLUTE] = {GP_SUM_ABSOLUTE, IN(h), NO_ARRAY, UNITS},
                       [GP_MOMENT_W_SQUARES] = {GP_SUM_SQUARES, IN(w), NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_DW_SQUARES] = {GP_SUM_SQUARES, IN(dw), NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_W_DW] = {GP_SUM_PRODUCT, IN(w), IN(dw), WEIGHTS},
                       [GP_MOMENT_DW_PREVIOUS] = {GP_SUM_PRODUCT, IN(dw), PREVIOUS, WEIGHTS},
                       [GP_MOMENT_PREVIOUS_SQUARES] = {GP_SUM_SQUARES, PREVIOUS, NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_INITIAL_SQUARES] = {GP_SUM_SQUARES, INITIAL, NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_W_INITIAL] = {GP_SUM_DISTANCE, IN(w), INITIAL, WEIGHTS},
                       [GP_MOMENT_DW_ABSOLUTE] = {GP_SUM_ABSOLUTE, IN(dw), NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_UPDATE_SQUARES] = {GP_SUM_SQUARES, IN(dw), NO_ARRAY, WEIGHTS},
                       [GP_MOMENT_DB_SQUARES] = {GP_SUM_SQUARES, IN(db), NO_ARRAY, BIASES}};

static const void *array_at(const gp_probe_view *view, int layer, ptrdiff_t where) {
  const gp_layer *l = &view->net->layer[layer - 1];
  void *const *kept = where == PREVIOUS ? view->previous : view->initial;
  if (where >= 0) return *(void *const *)(const void *)((const unsigned char *)l + where);
  return where == NO_ARRAY || kept == NULL ? NULL : kept[layer - 1];
}

void gp_moments_layout(gp_moments *m, gp_arena *arena, int64_t widest, int64_t capacity, int lanes) {
  size_t count = (size_t)lanes, wide = (size_t)widest * count, tall = (size_t)capacity * count;
  m->all = m->now = gp_arena_take(arena, GP_MOMENT_LAYERS * GP_MOMENTS * count, sizeof *m->all);
  m->h_zeros = gp_arena_take(arena, count, sizeof *m->h_zeros);
  m->d_zeros = gp_arena_take(arena, wide, sizeof *m->d_zeros);
  m->d_small = gp_arena_take(arena, wide, sizeof *m->d_small);
  m->delta_rows = gp_arena_take(arena, wide, sizeof *m->delta_rows);
  m->delta_columns = gp_arena_take(arena, tall, sizeof *m->delta_columns);
  m->below_columns = gp_arena_take(arena, tall, sizeof *m->below_columns);
  m->h_columns = gp_arena_take(arena, tall, sizeof *m->h_columns);
}

#define BIT(m) (1U << (m))

static bool asks(unsigned wanted, int moment) {
  return (wanted >> moment & 1) != 0;
}

/* -- sums -- */

/* Adds the sums of a layer that are wanted to the jobs; what it has not got is NaN. */
static int add_jobs(const gp_probe_view *view, int layer, unsigned wanted, gp_sum_job *jobs) {
  const gp_layer *l = &view->net->layer[layer - 1];
  const int64_t length[] = {[UNITS] = l->out * view->batch, [WEIGHTS] = l->in * l->out, [BIASES] = l->out};
  int count = 0, lanes = view->net->lanes;
  double *room = view->moments->all + (ptrdiff_t)((layer - 1) % GP_MOMENT_LAYERS) * GP_MOMENTS * lanes;
  for (unsigned left = wanted & (BIT(GP_MOMENTS) - 1); left != 0; left &= left - 1) {
    int m = __builtin_ctz(left);
    double *out = room + (ptrdiff_t)m * lanes;
    const void *x = array_at(view, layer, table[m].x), *y = array_at(view, layer, table[m].y);
    const double *known = m == GP_MOMENT_UPDATE_SQUARES ? view->update_squares : NULL;
    bool there = known == NULL && x != NULL && (y != NULL || table[m].y == NO_ARRAY);
    if (there) jobs[count++] = (gp_sum_job){table[m].kind, length[table[m].over], x, y, out};
    for (int lane = 0; lane < lanes && !there; lane++)
      out[lane] = known != NULL ? known[(layer - 1) * lanes + lane] : (double)NAN;
  }
  return count;
}

/* Those of the next few layers when the first of them comes. */
static void make_sums(const gp_probe_view *view, int layer, unsigned wanted) {
  gp_sum_job jobs[GP_MOMENT_LAYERS * GP_MOMENTS];
  int place = (layer - 1) % GP_MOMENT_LAYERS, count = 0, lanes = view->net->lanes;
  view->moments->now = view->moments->all + (ptrdiff_t)place * GP_MOMENTS * lanes;
  if (place != 0) return;
  for (int l = layer; l < layer + GP_MOMENT_LAYERS && l <= view->net->layers; l++)
    count += add_jobs(view, l, wanted, jobs + count);
  view->net->k->sums(jobs, count, lanes);
}

/* -- activations and deltas -- */

static const unsigned units = BIT(GP_MOMENT_Z) | BIT(GP_MOMENT_Z_SQUARES) | BIT(GP_MOMENT_H) |
                              BIT(GP_MOMENT_H_SQUARES) | BIT(GP_MOMENT_DELTA_SQUARES),
                      tallies = BIT(GP_TALLY_H_ZEROS) | BIT(GP_TALLY_D_ZEROS) | BIT(GP_TALLY_D_SMALL) |
                                BIT(GP_TALLY_DELTA_ROWS) | BIT(GP_TALLY_EXAMPLES);

/* A survey costs about as much as this many of its parts alone. */
enum { SURVEY_WORTH = 5 };

static double small_slope(const gp_layer *l) {
  return l->activation != NULL && !isnan(l->activation->slope_max) ? 0.05 * l->activation->slope_max : 0;
}

static void make_survey(const gp_probe_view *view, const gp_layer *l) {
  gp_moments *m = view->moments;
  ptrdiff_t lanes = view->net->lanes;
  const gp_survey survey = {.z = l->z,
                            .h = l->h,
                            .delta = l->delta,
                            .d = l->activation != NULL ? l->d : NULL,
                            .rows = l->out,
                            .cols = view->batch,
                            .lanes = view->net->lanes,
                            .limit = small_slope(l),
                            .z_sum = m->now + GP_MOMENT_Z * lanes,
                            .z_squares = m->now + GP_MOMENT_Z_SQUARES * lanes,
                            .h_sum = m->now + GP_MOMENT_H * lanes,
                            .h_squares = m->now + GP_MOMENT_H_SQUARES * lanes,
                            .delta_squares = m->now + GP_MOMENT_DELTA_SQUARES * lanes,
                            .delta_rows = m->delta_rows,
                            .h_columns = m->h_columns,
                            .delta_columns = m->delta_columns,
                            .h_zeros = m->h_zeros,
                            .d_zeros = m->d_zeros,
                            .d_small = m->d_small};
  view->net->k->survey(&survey);
}

/* The same one by one, as far as it is asked for; the sums are among the others. */
static void make_tallies(const gp_probe_view *view, const gp_layer *l, unsigned wanted) {
  gp_moments *m = view->moments;
  const gp_kernels *k = view->net->k;
  int lanes = view->net->lanes;
  gp_field delta = {.rows = l->out, .cols = view->batch, .lanes = lanes};
  if (asks(wanted, GP_TALLY_H_ZEROS)) k->count_within(m->h_zeros, l->h, 0, 0, l->out * view->batch, lanes);
  if (asks(wanted, GP_TALLY_D_ZEROS) && l->activation != NULL)
    k->row_counts(m->d_zeros, l->d, 0, true, l->out, view->batch, lanes);
  if (asks(wanted, GP_TALLY_D_SMALL) && l->activation != NULL)
    k->row_counts(m->d_small, l->d, small_slope(l), false, l->out, view->batch, lanes);
  if (asks(wanted, GP_TALLY_DELTA_ROWS)) k->row_sums(m->delta_rows, l->delta, l->out, view->batch, lanes);
  if (asks(wanted, GP_TALLY_EXAMPLES)) k->field_dot(m->delta_columns, l->delta, l->delta, &delta);
}

/* The squares of what the layer is given, example by example: the h of the layer below, if that was surveyed. */
static void make_below(const gp_probe_view *view, int layer) {
  gp_moments *m = view->moments;
  const gp_net *net = view->net;
  const void *input = layer > 1 ? net->layer[layer - 2].h : net->x;
  gp_field below = {.rows = net->layer[layer - 1].in, .cols = view->batch, .lanes = net->lanes};
  double *room = m->below_columns;
  if (layer == 1 || !m->h_columns_known) {
    net->k->field_dot(m->below_columns, input, input, &below);
    return;
  }
  m->below_columns = m->h_columns;
  m->h_columns = room;
}

void gp_moments_make(const gp_probe_view *view, int layer, unsigned wanted) {
  const gp_layer *l = &view->net->layer[layer - 1];
  bool survey = __builtin_popcount(wanted & (units | tallies)) >= SURVEY_WORTH;
  make_sums(view, layer, survey ? wanted & ~units : wanted);
  if (asks(wanted, GP_TALLY_EXAMPLES)) make_below(view, layer);
  if (survey)
    make_survey(view, l);
  else
    make_tallies(view, l, wanted);
  view->moments->h_columns_known = survey;
  view->moments->spread_known = false;
}
