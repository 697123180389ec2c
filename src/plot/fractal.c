/* The boundary of trainability; see fractal.h. */
#include "fractal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "statistics.h"

enum { LAST = 20, SMALLEST = 2, LARGEST = 32, SIZES = 5 };

/* ---- one run ---- */

typedef struct history {
  const double *loss; /* of the run */
  const int64_t *step;
  size_t count;
} history;

static double normalised(const history *h, size_t k) {
  return h->loss[k] / h->loss[0];
}

/* The mean of the last losses, normalised; not finite when one of them is not there. */
static double tail_mean(const history *h) {
  double total = 0;
  size_t n = 0;
  for (size_t k = 0; k < h->count; k++) {
    if (h->step[k] <= h->step[h->count - 1] - LAST) continue;
    total += normalised(h, k);
    n++;
  }
  return total / (double)n;
}

/* The sum over steps of l, or of 1/l, by the trapezoid rule. */
static double sum_over_steps(const history *h, bool inverse) {
  double total = 0, before = 1;
  for (size_t k = 1; k < h->count; k++) {
    double l = normalised(h, k), value = !inverse ? l : l > 0 && isfinite(l) ? 1 / l : 0;
    total += (before + value) / 2 * (double)(h->step[k] - h->step[k - 1]);
    before = value;
  }
  return total;
}

/* ---- the map ---- */

/* The two numeric axes with most levels. */
static gp_status find_axes(gp_fractal *out, const gp_frame *frame) {
  for (size_t a = 0; a < frame->axis_count; a++) {
    const gp_axis *axis = &frame->axes[a];
    if (!axis->numeric || axis->replicate) continue;
    if (out->x == NULL || axis->count > out->x->count) {
      out->y = out->x != NULL ? out->x : out->y;
      out->x = axis;
    } else if (out->y == NULL || axis->count > out->y->count) {
      out->y = axis;
    }
  }
  if (out->x == NULL || out->y == NULL) return gp_fail(GP_ERR_NO, "it needs two swept numbers");
  if (out->y < out->x) {
    const gp_axis *first = out->y;
    out->y = out->x;
    out->x = first;
  }
  out->columns = out->x->count, out->rows = out->y->count;
  return GP_OK;
}

static gp_status find_places(gp_fractal *out, const gp_frame *frame) {
  gp_refined_read(&out->refined, frame->table);
  GP_TRY(gp_refined_place(&out->refined, out->x, out->y));
  if (!out->refined.on) return GP_OK;
  out->columns = gp_refined_side_of(&out->refined, out->x)->points;
  out->rows = gp_refined_side_of(&out->refined, out->y)->points;
  return GP_OK;
}

/* A block of cells, clipped to the map. */
typedef struct block {
  size_t left, right, low, high; /* right and high are outside */
} block;

static block cells_around(const gp_fractal *f, double x, double y, gp_refined_cell size) {
  size_t at_x = (size_t)x, at_y = (size_t)y, half_x = size.width / 2, half_y = size.height / 2;
  block b = {at_x > half_x ? at_x - half_x : 0, at_x + (size.width + 1) / 2,
             at_y > half_y ? at_y - half_y : 0, at_y + (size.height + 1) / 2};
  if (b.right > f->columns) b.right = f->columns;
  if (b.high > f->rows) b.high = f->rows;
  return b;
}

/* The cells that a run stands for, and how coarse they are (0: of the finest). */
static block block_of(const gp_fractal *f, size_t run, size_t *level) {
  size_t x = f->x->level_of[run], y = f->y->level_of[run];
  *level = 0;
  if (!f->refined.on) return (block){x, x + 1, y, y + 1};
  const gp_refined_side *a = gp_refined_side_of(&f->refined, f->x),
                        *b = gp_refined_side_of(&f->refined, f->y);
  gp_refined_cell size = gp_refined_cell_of(&f->refined, a, a->place[x], b, b->place[y]);
  *level = size.level;
  return cells_around(f, a->place[x], b->place[y], size);
}

/* Signs and values of the cells; finer cells lie over coarser ones. */
static void judge(gp_fractal *f, const gp_frame *frame, const double *loss, signed char *sign,
                  double *value) {
  const gp_schema *schema = gp_table_schema(frame->table);
  size_t levels = f->refined.on ? f->refined.levels : 1, own;
  for (size_t level = 0; level < levels; level++)
    for (size_t run = 0; run < frame->runs; run++) {
      block b = block_of(f, run, &own);
      size_t first = b.low * f->columns + b.left;
      if (!frame->done[run] || own != level || (!f->refined.on && sign[first] != 0)) continue;
      history h = {loss + run * schema->checkpoint_count, schema->checkpoints, schema->checkpoint_count};
      bool converged = tail_mean(&h) < 1;
      double sum = sum_over_steps(&h, !converged);
      f->trainings++;
      for (size_t y = b.low; y < b.high; y++)
        for (size_t x = b.left; x < b.right; x++)
          sign[y * f->columns + x] = converged ? -1 : 1, value[y * f->columns + x] = sum;
    }
}

static int ascending(const void *a, const void *b) {
  double x = **(double *const *)a, y = **(double *const *)b;
  return (x > y) - (x < y);
}

/* Values of one sign by rank, so that every shade is used as often. */
static void equalise(double *shade, const signed char *sign, size_t cells, signed char which,
                     double **order) {
  size_t n = 0;
  for (size_t i = 0; i < cells; i++)
    if (sign[i] == which) order[n++] = &shade[i];
  qsort(order, n, sizeof *order, ascending);
  for (size_t i = 0; i < n; i++) *order[i] = which * ((double)i + 0.5) / (double)n;
}

/* ---- dimension ---- */

static bool is_edge(const signed char *sign, size_t columns, size_t x, size_t y) {
  bool has[2] = {false, false};
  for (size_t i = 0; i < 4; i++) {
    signed char s = sign[(y + i / 2) * columns + x + i % 2];
    if (s == 0) return false;
    has[s > 0] = true;
  }
  return has[0] && has[1];
}

static bool box_has_edge(const signed char *sign, size_t columns, size_t rows, size_t left, size_t low,
                         size_t size) {
  for (size_t y = low; y < low + size && y + 1 < rows; y++)
    for (size_t x = left; x < left + size && x + 1 < columns; x++)
      if (is_edge(sign, columns, x, y)) return true;
  return false;
}

static size_t boxes(const signed char *sign, size_t columns, size_t rows, size_t size) {
  size_t count = 0;
  for (size_t low = 0; low + 1 < rows; low += size)
    for (size_t left = 0; left + 1 < columns; left += size)
      count += box_has_edge(sign, columns, rows, left, low, size);
  return count;
}

double gp_box_dimension(const signed char *sign, size_t columns, size_t rows, size_t *edges) {
  double size[SIZES], count[SIZES];
  *edges = boxes(sign, columns, rows, 1);
  if (*edges == 0 || columns < 2 * LARGEST || rows < 2 * LARGEST) return (double)NAN;
  for (size_t i = 0, s = SMALLEST; i < SIZES; i++, s *= 2) {
    size[i] = log((double)s);
    count[i] = log((double)boxes(sign, columns, rows, s));
  }
  return -gp_slope(size, count, SIZES, NULL);
}

/* ---- the whole ---- */

static gp_status fill(gp_fractal *out, const gp_frame *frame, signed char *sign, double **order) {
  size_t cells = out->columns * out->rows, converged = 0, done = 0;
  const double *loss;
  GP_TRY(gp_frame_series(frame, "loss", &loss));
  judge(out, frame, loss, sign, out->shade);
  for (size_t i = 0; i < cells; i++) converged += sign[i] < 0, done += sign[i] != 0;
  out->share = (double)converged / (double)(done > 0 ? done : 1);
  out->dimension = gp_box_dimension(sign, out->columns, out->rows, &out->edges);
  equalise(out->shade, sign, cells, -1, order);
  equalise(out->shade, sign, cells, 1, order);
  for (size_t i = 0; i < cells; i++)
    if (sign[i] == 0) out->shade[i] = (double)NAN;
  return GP_OK;
}

gp_status gp_fractal_make(gp_fractal *out, const gp_frame *frame) {
  memset(out, 0, sizeof *out);
  GP_TRY(find_axes(out, frame));
  GP_TRY(find_places(out, frame));
  size_t cells = out->columns * out->rows;
  signed char *sign = calloc(cells, sizeof *sign);
  double **order = calloc(cells, sizeof *order);
  out->shade = calloc(cells, sizeof *out->shade);
  bool room = sign != NULL && order != NULL && out->shade != NULL;
  gp_status status =
      room ? fill(out, frame, sign, order) : gp_fail(GP_ERR_MEMORY, "no memory for %zu cells", cells);
  free(sign);
  free(order);
  if (status != GP_OK) gp_fractal_free(out);
  return status;
}

void gp_fractal_free(gp_fractal *fractal) {
  gp_refined_free(&fractal->refined);
  free(fractal->shade);
  fractal->shade = NULL;
}
