/* Panels, ticks, labels. */
#include "plot_layout.h"

#include <math.h>
#include <stdlib.h>

#include "plot_words.h"

void gp_grid_shape(gp_grid *grid, size_t panels, size_t columns) {
  grid->rows = panels <= 4 ? 1 : panels <= 8 ? 2 : panels <= 12 ? 3 : (panels + 3) / 4;
  grid->columns = columns > 0 ? columns : panels == 0 ? 1 : (panels + grid->rows - 1) / grid->rows;
  grid->rows = panels == 0 ? 1 : (panels + grid->columns - 1) / grid->columns;
}

void gp_grid_place(gp_grid *grid, size_t panels, const gp_page *page) {
  double columns = (double)grid->columns, rows = (double)grid->rows;
  double width = (page->width - page->left - page->right - (columns - 1) * page->gap_x) / columns;
  double height = (page->height - page->top - page->bottom - (rows - 1) * page->gap_y) / rows;
  for (size_t p = 0; p < panels && p < GP_PANELS_MAX; p++) {
    size_t row = p / grid->columns, column = p % grid->columns;
    double x = page->left + (double)column * (width + page->gap_x);
    double y = page->height - page->top - (double)row * (height + page->gap_y);
    grid->left[p] = x / page->width;
    grid->right[p] = (x + width) / page->width;
    grid->top[p] = y / page->height;
    grid->bottom[p] = (y - height) / page->height;
  }
}

enum { LABELS_MAX = 64 };

typedef struct pool {
  double sum, half; /* sum of wished positions less their offsets; half the pool's length */
  size_t first, count;
} pool;

static double pool_middle(const pool *p, double low, double high) {
  double middle = p->sum / (double)p->count;
  if (high - low < 2 * p->half) return 0.5 * (low + high);
  return fmin(fmax(middle, low + p->half), high - p->half);
}

static void sort_order(const double *position, size_t *order, size_t n) {
  for (size_t i = 0; i < n; i++) {
    size_t at = i;
    for (; at > 0 && position[order[at - 1]] > position[i]; at--) order[at] = order[at - 1];
    order[at] = i;
  }
}

void gp_spread(double *position, size_t n, double distance, double low, double high) {
  size_t order[LABELS_MAX], pools = 0;
  pool pool_of[LABELS_MAX];
  if (n > LABELS_MAX) n = LABELS_MAX;
  sort_order(position, order, n);
  for (size_t i = 0; i < n; i++) {
    pool_of[pools++] = (pool){.sum = position[order[i]], .first = i, .count = 1};
    while (pools > 1) {
      pool *a = &pool_of[pools - 2], *b = &pool_of[pools - 1];
      double gap = pool_middle(b, low, high) - b->half - pool_middle(a, low, high) - a->half;
      if (gap >= distance) break;
      a->sum += b->sum, a->count += b->count, a->half += b->half + 0.5 * distance, pools--;
    }
  }
  for (size_t k = 0; k < pools; k++) {
    double at = pool_middle(&pool_of[k], low, high) - pool_of[k].half;
    for (size_t i = 0; i < pool_of[k].count; i++)
      position[order[pool_of[k].first + i]] = at + distance * (double)i;
  }
}

double gp_decade_step(double span, double wanted) {
  static const double steps[] = {1, 2, 3, 5, 6, 10, 12, 15, 20, 25, 30, 40, 50, 60};
  size_t count = sizeof steps / sizeof *steps;
  for (size_t i = 0; i < count; i++) {
    if (span / steps[i] <= wanted) return steps[i];
  }
  return 100;
}

double gp_linear_step(double span, double wanted) {
  double raw = span / wanted, power = pow(10, floor(log10(raw))), lead = raw / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

static void add_tick(gp_ticks *t, double at, bool power) {
  if (t->count == GP_TICKS_MAX) return;
  gp_text *text = &t->text[t->count];
  if (power)
    gp_text_add(text, "10^{%s%.0f}", at < 1 ? "−" : "", fabs(nearbyint(log10(at))));
  else
    gp_markup_number(text, fabs(at) < 1e-12 ? 0 : at);
  t->at[t->count++] = at;
}

static void add_linear(gp_ticks *t, bool log_axis, double low, double high) {
  double step = gp_linear_step(high - low, 5);
  for (double k = ceil(low / step); k * step <= high; k++) {
    if (!log_axis || k > 0) add_tick(t, k * step, false);
  }
}

void gp_ticks_choose(gp_ticks *t, bool log_axis, double low, double high) {
  bool power = high - low > 2.2;
  double step = power ? gp_decade_step(high - low, 5) : 1;
  for (double k = log_axis ? floor(low / step) : (double)INFINITY; k * step <= high; k++) {
    for (int lead = 1; lead <= (power ? 1 : 5); lead += lead == 1 ? 1 : 3) {
      double at = k * step + log10(lead);
      if (at >= low && at <= high) add_tick(t, pow(10, k * step) * lead, power);
    }
  }
  if (!log_axis) add_linear(t, false, low, high);
  if (log_axis && t->count < 2) { /* far less than a decade: 1, 2, 5 may all lie outside */
    gp_ticks_free(t);
    add_linear(t, true, pow(10, low), pow(10, high));
  }
}

void gp_ticks_free(gp_ticks *ticks) {
  for (size_t i = 0; i < ticks->count; i++) gp_text_free(&ticks->text[i]);
  ticks->count = 0;
}
