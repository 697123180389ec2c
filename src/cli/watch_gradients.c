/* The gradients of `watch`: for each value of the first axis of words, the median over its deepest finished runs of every
 * layer's gradient at the start, as a line of bars from the first layer to the last. */
#include "watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 14, BARS = 64, VALUES_MOST = 50000000 /* of a series that is read for it */ };

/* One line: medians of log10 over layers; -inf: exactly 0. */
typedef struct profile {
  const char *name;
  size_t layers, runs;
  double bar[BARS];
} profile;

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* How many layers the run has numbers of. */
static size_t depth_of(const double *at, size_t layers) {
  while (layers > 0 && isnan(at[layers - 1])) layers--;
  return layers;
}

static double median_at(const double *const *runs, size_t count, size_t layer, double *scratch) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++)
    if (!isnan(runs[i][layer])) scratch[n++] = runs[i][layer];
  if (n == 0) return (double)NAN;
  qsort(scratch, n, sizeof *scratch, by_value);
  return log10(scratch[n / 2]);
}

/* The runs of a value that have the most layers: nets of different depth have no common layers. */
static size_t deepest(const watch_state *s, const watch_axis *axis, int value, const double *series,
                      size_t stride, size_t layers, const double **out, size_t *most) {
  size_t count = 0;
  *most = 0;
  for (size_t r = 0; r < gp_table_runs(s->table); r++) {
    const double *at = series + r * stride;
    size_t depth = depth_of(at, layers);
    if (depth == 0 || !watch_is_done(s, r) || (axis != NULL && watch_value(s, axis, r) != value)) continue;
    if (depth > *most) count = 0;
    if (depth >= *most) out[count++] = at;
    *most = depth > *most ? depth : *most;
  }
  return count;
}

/* Layers share a bar where there are more than bars. */
static void fill(profile *p, const double *const *runs, double *scratch) {
  size_t bars = p->layers < BARS ? p->layers : BARS;
  for (size_t i = 0; i < bars; i++) p->bar[i] = median_at(runs, p->runs, i * p->layers / bars, scratch);
}

static const watch_axis *groups_of(const watch_state *s) {
  for (size_t a = 0; a < s->axis_count; a++)
    if (!s->axes[a].numeric && s->axes[a].count > 1) return &s->axes[a];
  return NULL;
}

/* One scale for all lines, so that they can be compared. */
static void range_of(const profile *p, size_t count, double *low, double *high) {
  *low = (double)INFINITY;
  *high = -(double)INFINITY;
  for (size_t g = 0; g < count; g++)
    for (size_t i = 0; i < p[g].layers && i < BARS; i++) {
      if (!isfinite(p[g].bar[i])) continue;
      *low = fmin(*low, p[g].bar[i]);
      *high = fmax(*high, p[g].bar[i]);
    }
}

static void put_bar(screen *page, double value, double low, double high) {
  if (isnan(value)) {
    screen_put(page, CLI_DIM, "?");
    return;
  }
  double share = high > low ? (value - low) / (high - low) : 1;
  int level = share <= 0 ? 0 : share >= 1 ? SCREEN_LEVELS - 1 : (int)(share * SCREEN_LEVELS);
  bool lost = isinf(value) && value < 0;
  screen_put(page, lost ? CLI_RED : CLI_CYAN, "%s", lost ? "0" : screen_bar(page, level));
}

static void put_profile(screen *page, const profile *p, double low, double high) {
  size_t bars = p->layers < BARS ? p->layers : BARS;
  size_t room = page->width > NAME_WIDTH + 30 ? page->width - NAME_WIDTH - 30 : 1;
  screen_put(page, CLI_OFF, "%-*.*s ", NAME_WIDTH - 1, NAME_WIDTH - 1, p->name);
  if (p->runs == 0) {
    screen_put(page, CLI_DIM, "no run yet");
    screen_end_line(page);
    return;
  }
  bars = bars < room ? bars : room;
  for (size_t i = 0; i < bars; i++)
    put_bar(page, p->bar[i * (p->layers < BARS ? p->layers : BARS) / bars], low, high);
  screen_put(page, CLI_DIM, "  %.1e .. %.1e, %zu run%s", pow(10, p->bar[0]),
             pow(10, p->bar[(p->layers < BARS ? p->layers : BARS) - 1]), p->runs, p->runs == 1 ? "" : "s");
  screen_end_line(page);
}

static void put_all(screen *page, profile *all, size_t count, size_t layers) {
  double low, high;
  range_of(all, count, &low, &high);
  screen_end_line(page);
  screen_put(page, CLI_BOLD, "delta_rms at the start");
  screen_put(page, CLI_DIM, "  layers 1 .. %zu of the deepest runs, log scale, 1 .. %zu", layers, layers);
  screen_end_line(page);
  for (size_t g = 0; g < count; g++) put_profile(page, &all[g], low, high);
}

static void draw(screen *page, watch_state *s, const double *series, const double **runs, double *scratch,
                 profile *all, size_t count) {
  const gp_schema *schema = gp_table_schema(s->table);
  const watch_axis *axis = groups_of(s);
  size_t layers = schema->layer_count, stride = layers * schema->checkpoint_count, most = 0;
  for (size_t g = 0; g < count; g++) {
    all[g].name = axis != NULL ? axis->words[g] : "all runs";
    all[g].runs = deepest(s, axis, (int)g, series, stride, layers, runs, &all[g].layers);
    fill(&all[g], runs, scratch);
    most = all[g].layers > most ? all[g].layers : most;
  }
  if (most > 0) put_all(page, all, count, most);
}

void watch_gradients(screen *page, watch_state *s) {
  const gp_schema *schema = gp_table_schema(s->table);
  const watch_axis *axis = groups_of(s);
  int variable = gp_table_find(s->table, "delta_rms");
  size_t runs = gp_table_runs(s->table), count = axis != NULL ? axis->count : 1;
  const double *series;
  if (variable < 0 || schema->variables[variable].shape != GP_PER_LAYER ||
      runs * schema->layer_count * schema->checkpoint_count > VALUES_MOST ||
      gp_table_series(s->table, variable, &series) != GP_OK)
    return;
  const double **chosen = malloc((runs + 1) * sizeof *chosen);
  double *scratch = malloc((runs + 1) * sizeof *scratch);
  profile *all = calloc(count, sizeof *all);
  if (chosen != NULL && scratch != NULL && all != NULL) draw(page, s, series, chosen, scratch, all, count);
  free(chosen);
  free(scratch);
  free(all);
}
