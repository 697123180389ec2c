/* One run's histograms and spectra, for people: a line per checkpoint and layer. Programs take them from the file or `export`. */
#include "show.h"

#include <math.h>
#include <stdio.h>

/* The values of one variable of a run. */
typedef struct spread {
  const gp_variable *variable;
  const double *values; /* (checkpoints, layers, inner) */
  size_t layers, inner;
  size_t first, last; /* checkpoints with numbers */
} spread;

static const double *row_of(const spread *s, size_t checkpoint, size_t layer) {
  return s->values + (checkpoint * s->layers + layer) * s->inner;
}

/* The first place is a number wherever there is one: bins count all, spectra begin with the largest. */
static bool has_row(const spread *s, size_t checkpoint, size_t layer) {
  return !isnan(row_of(s, checkpoint, layer)[0]);
}

static bool has_checkpoint(const spread *s, size_t checkpoint) {
  for (size_t l = 0; l < s->layers; l++)
    if (has_row(s, checkpoint, l)) return true;
  return false;
}

static gp_status load(spread *out, gp_table *table, size_t v, size_t run) {
  const gp_schema *schema = gp_table_schema(table);
  const gp_variable *variable = &schema->variables[v];
  *out = (spread){.variable = variable,
                  .layers = gp_shape_layers(variable->shape, schema->layer_count),
                  .inner = gp_shape_inner(variable->shape, schema->inner),
                  .first = SIZE_MAX};
  GP_TRY(gp_table_series(table, (int)v, &out->values));
  out->values += run * schema->checkpoint_count * out->layers * out->inner;
  for (size_t k = 0; k < schema->checkpoint_count; k++) {
    if (!has_checkpoint(out, k)) continue;
    if (out->first == SIZE_MAX) out->first = k;
    out->last = k;
  }
  return GP_OK;
}

static bool shown(const spread *s, size_t checkpoint) {
  return checkpoint == s->first || checkpoint == s->last;
}

/* ---- histograms ---- */

/* The bins that hold something at a shown checkpoint: [from, to). */
static void filled(const spread *s, size_t *from, size_t *to) {
  *from = s->inner, *to = 0;
  for (size_t k = s->first; k <= s->last; k++)
    for (size_t i = 0; shown(s, k) && i < s->layers * s->inner; i++)
      if (row_of(s, k, 0)[i] > 0) {
        size_t b = i % s->inner;
        *from = b < *from ? b : *from;
        *to = b + 1 > *to ? b + 1 : *to;
      }
}

/* Heights relative to the fullest bin; what is not empty shows. */
static void print_bars(const double *counts, size_t from, size_t to) {
  static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double most = 0;
  for (size_t b = from; b < to; b++) most = counts[b] > most ? counts[b] : most;
  putchar('|');
  for (size_t b = from; b < to; b++) fputs(bars[counts[b] > 0 ? (int)ceil(8 * counts[b] / most) : 0], stdout);
  puts("|");
}

static void print_bins(const spread *s, size_t from, size_t to) {
  char low[32], high[32];
  enum gp_bins bins = gp_shape_table[s->variable->shape].bins;
  printf("  step  layer  bins from %s to %s, each %s\n", gp_text_real(low, gp_bin_edge(bins, (int)from)),
         gp_text_real(high, gp_bin_edge(bins, (int)to)),
         bins == GP_BINS_VALUE ? "1/4 wide" : "a factor of 4");
}

/* ---- all ---- */

static void print_numbers(const double *values, size_t count) {
  enum { FEW = 8 };
  size_t there = 0;
  while (there < count && !isnan(values[there])) there++;
  for (size_t i = 0; i < there && i < FEW; i++) printf(" %.4g", values[i]);
  if (there > FEW) printf(" ... %.4g (%zu)", values[there - 1], there);
  puts("");
}

static void print_spread(const spread *s, const int64_t *steps) {
  bool bins = gp_shape_table[s->variable->shape].inner == GP_BIN;
  size_t from, to;
  filled(s, &from, &to);
  printf("\n%s%s%s: %s\n", cli_out(CLI_BOLD), s->variable->name, cli_out(CLI_OFF), s->variable->long_name);
  if (bins && from < to)
    print_bins(s, from, to);
  else
    puts("  step  layer");
  for (size_t k = s->first; k <= s->last; k++)
    for (size_t l = 0; l < s->layers && shown(s, k); l++) {
      if (!has_row(s, k, l)) continue;
      printf("%6lld  ", (long long)steps[k]);
      if (gp_shape_table[s->variable->shape].layers)
        printf("%5zu  ", l + 1);
      else
        printf("%5s  ", "all");
      if (bins)
        print_bars(row_of(s, k, l), from, to);
      else
        print_numbers(row_of(s, k, l), s->inner);
    }
}

gp_status show_inner(gp_table *table, size_t run) {
  const gp_schema *schema = gp_table_schema(table);
  for (size_t v = 0; v < schema->count; v++) {
    spread s;
    if (gp_shape_table[schema->variables[v].shape].inner == GP_NO_INNER) continue;
    GP_TRY(load(&s, table, v, run));
    if (s.first != SIZE_MAX) print_spread(&s, schema->checkpoints);
  }
  return GP_OK;
}
