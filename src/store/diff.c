/* Comparing two tables; see diff.h. */
#include "diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

static gp_status no_memory(void) {
  return gp_fail(GP_ERR_MEMORY, "no memory to compare two files");
}

/* ---- runs ---- */

static bool finished(const gp_table *table, size_t run) {
  int status = gp_table_find(table, "status");
  return status < 0 || gp_table_cell(table, status, run).state != GP_RUN_PENDING;
}

static gp_run_key key_at(const gp_table *table, size_t run) {
  gp_run_key key = {0};
  gp_run_key_parse(&key, gp_table_cell(table, 0, run).text); /* checked when the table was opened */
  return key;
}

static gp_status index_runs(gp_runmap *map, const gp_table *table) {
  for (size_t run = 0; run < gp_table_runs(table); run++)
    if (finished(table, run) && gp_runmap_add(map, key_at(table, run), run) == SIZE_MAX) return no_memory();
  return GP_OK;
}

static gp_status allocate(gp_diff *out, size_t a, size_t b, size_t variables) {
  out->only_a = malloc((a + 1) * sizeof *out->only_a);
  out->only_b = malloc((b + 1) * sizeof *out->only_b);
  out->rows_a = malloc((a + 1) * sizeof *out->rows_a);
  out->rows_b = malloc((a + 1) * sizeof *out->rows_b);
  out->variables = malloc((variables + 1) * sizeof *out->variables);
  bool fine = out->only_a && out->only_b && out->rows_a && out->rows_b && out->variables;
  return fine ? GP_OK : no_memory();
}

static gp_status match_runs(gp_diff *out, const gp_table *a, const gp_table *b) {
  gp_runmap in_a = {0}, in_b = {0};
  gp_status status;
  GP_TRY_DONE(index_runs(&in_a, a));
  GP_TRY_DONE(index_runs(&in_b, b));
  for (size_t run = 0; run < gp_table_runs(a); run++) {
    size_t other = finished(a, run) ? gp_runmap_find(&in_b, key_at(a, run)) : SIZE_MAX;
    if (other != SIZE_MAX) {
      out->rows_a[out->both] = run;
      out->rows_b[out->both++] = other;
    } else if (finished(a, run)) {
      out->only_a[out->only_a_count++] = run;
    }
  }
  for (size_t run = 0; run < gp_table_runs(b); run++)
    if (finished(b, run) && gp_runmap_find(&in_a, key_at(b, run)) == SIZE_MAX)
      out->only_b[out->only_b_count++] = run;
done:
  gp_runmap_free(&in_a);
  gp_runmap_free(&in_b);
  return status;
}

/* ---- values ---- */

/* One variable of two files, seen from the pair of runs in hand. */
typedef struct comparison {
  gp_table *a, *b;
  const gp_variable *variable, *variable_b;
  gp_diff_variable found;
  bool *differs; /* per pair of runs */
  size_t pair;
} comparison;

static void count_value(comparison *c, size_t run_a, size_t run_b, gp_position place) {
  if (c->found.values++ == 0) {
    c->found.run_a = run_a;
    c->found.run_b = run_b;
    c->found.place = place;
  }
  if (!c->differs[c->pair]) c->found.runs++;
  c->differs[c->pair] = true;
}

static void measure(comparison *c, double x, double y) {
  double apart = fabs(x - y), size = fmax(fabs(x), fabs(y));
  if (!isfinite(x) || !isfinite(y)) return;
  c->found.absolute = fmax(c->found.absolute, apart);
  if (size > 0) c->found.relative = fmax(c->found.relative, apart / size);
}

/* A series at a step, a layer and a place of its inner dimension, NaN where it has none. */
typedef struct series {
  const double *values;
  const gp_schema *schema;
  size_t steps, layers, inner;
} series;

static double value_at(const series *s, size_t run, size_t step, size_t layer, size_t inner) {
  bool there = step < s->steps && layer < s->layers && inner < s->inner;
  return there ? s->values[((run * s->steps + step) * s->layers + layer) * s->inner + inner]
               : gp_canonical((double)NAN);
}

static gp_status series_open(series *s, gp_table *table, int variable) {
  s->schema = gp_table_schema(table);
  gp_shape shape = s->schema->variables[variable].shape;
  s->steps = gp_shape_steps(shape, s->schema->checkpoint_count);
  s->layers = gp_shape_layers(shape, s->schema->layer_count);
  s->inner = gp_shape_inner(shape, s->schema->inner);
  return gp_table_series(table, variable, &s->values);
}

static void compare_layers(comparison *c, const series *a, const series *b, size_t run_a, size_t run_b,
                           size_t i, size_t j) {
  size_t layers = a->layers > b->layers ? a->layers : b->layers;
  size_t length = a->inner > b->inner ? a->inner : b->inner;
  const size_t inner[GP_INNERS] = {[GP_BIN] = length, [GP_EIGENVALUE] = length, [GP_SINGULAR_VALUE] = length};
  int64_t checkpoint =
      i < a->schema->checkpoint_count ? a->schema->checkpoints[i] : b->schema->checkpoints[j];
  for (size_t at = 0; at < layers * length; at++) {
    double x = value_at(a, run_a, i, at / length, at % length);
    double y = value_at(b, run_b, j, at / length, at % length);
    if (gp_real_same(x, y)) continue;
    count_value(c, run_a, run_b, gp_position_of(c->variable->shape, at, inner, checkpoint));
    measure(c, x, y);
  }
}

/* Walks the checkpoints of both files in ascending order; one that only one file has meets SIZE_MAX. */
static void compare_checkpoints(comparison *c, const series *a, const series *b, size_t run_a, size_t run_b) {
  const gp_schema *x = a->schema, *y = b->schema;
  for (size_t i = 0, j = 0; i < x->checkpoint_count || j < y->checkpoint_count;) {
    bool in_a =
        i < x->checkpoint_count && (j >= y->checkpoint_count || x->checkpoints[i] <= y->checkpoints[j]);
    bool in_b =
        j < y->checkpoint_count && (i >= x->checkpoint_count || y->checkpoints[j] <= x->checkpoints[i]);
    compare_layers(c, a, b, run_a, run_b, in_a ? i : SIZE_MAX, in_b ? j : SIZE_MAX);
    i += in_a;
    j += in_b;
  }
}

/* States may have other words in another version: the words are compared, not the numbers. */
static void compare_cells(comparison *c, size_t run_a, size_t run_b) {
  char x[32], y[32];
  gp_cell a = gp_table_cell(c->a, c->found.a, run_a), b = gp_table_cell(c->b, c->found.b, run_b);
  bool real = c->variable->type == GP_F64 && c->variable_b->type == GP_F64;
  bool same = real ? gp_real_same(a.real, b.real)
                   : strcmp(gp_table_word(c->a, c->found.a, run_a, x),
                            gp_table_word(c->b, c->found.b, run_b, y)) == 0;
  if (same) return;
  count_value(c, run_a, run_b, (gp_position){0});
  if (c->variable->type != GP_STATE && c->variable_b->type != GP_STATE)
    measure(c, gp_table_real(c->a, c->found.a, run_a), gp_table_real(c->b, c->found.b, run_b));
}

static gp_status compare_variable(comparison *c, const gp_diff *diff) {
  series x = {0}, y = {0};
  bool cells = c->variable->shape == GP_PER_RUN;
  if (!cells) {
    GP_TRY(series_open(&x, c->a, c->found.a));
    GP_TRY(series_open(&y, c->b, c->found.b));
  }
  for (c->pair = 0; c->pair < diff->both; c->pair++) {
    size_t run_a = diff->rows_a[c->pair], run_b = diff->rows_b[c->pair];
    if (cells)
      compare_cells(c, run_a, run_b);
    else if (!gp_shape_table[c->variable->shape].steps)
      compare_layers(c, &x, &y, run_a, run_b, 0, 0);
    else
      compare_checkpoints(c, &x, &y, run_a, run_b);
  }
  return GP_OK;
}

/* ---- all variables ---- */

static void keep(gp_diff *out, const gp_diff_variable *found) {
  out->variables[out->variable_count++] = *found;
}

static gp_status compare_all(gp_diff *out, gp_table *a, gp_table *b, bool *differs, bool *any) {
  const gp_schema *x = gp_table_schema(a), *y = gp_table_schema(b);
  for (size_t v = 0; v < x->count; v++) {
    int other = gp_table_find(b, x->variables[v].name);
    comparison c = {.a = a, .b = b, .variable = &x->variables[v], .differs = differs};
    c.found = (gp_diff_variable){.a = (int)v, .b = other};
    /* A variable that became a series, or stopped being one, is two variables of one name. */
    if (other >= 0) c.variable_b = &y->variables[other];
    if (other < 0 || c.variable_b->shape != c.variable->shape) {
      c.found.b = -1;
      keep(out, &c.found);
      continue;
    }
    memset(differs, 0, out->both);
    GP_TRY(compare_variable(&c, out));
    for (size_t p = 0; p < out->both; p++) any[p] |= differs[p];
    if (c.found.values > 0) keep(out, &c.found);
  }
  for (size_t v = 0; v < y->count; v++) {
    int other = gp_table_find(a, y->variables[v].name);
    if (other < 0 || x->variables[other].shape != y->variables[v].shape)
      keep(out, &(gp_diff_variable){.a = -1, .b = (int)v});
  }
  return GP_OK;
}

gp_status gp_diff_make(gp_diff *out, gp_table *a, gp_table *b) {
  *out = (gp_diff){0};
  GP_TRY(allocate(out, gp_table_runs(a), gp_table_runs(b),
                  gp_table_schema(a)->count + gp_table_schema(b)->count));
  GP_TRY(match_runs(out, a, b));
  bool *differs = calloc(2 * out->both + 1, sizeof *differs);
  if (differs == NULL) return no_memory();
  bool *any = differs + out->both;
  gp_status status = compare_all(out, a, b, differs, any);
  for (size_t p = 0; p < out->both; p++) out->differing_runs += any[p];
  free(differs);
  return status;
}

void gp_diff_free(gp_diff *diff) {
  free(diff->only_a);
  free(diff->only_b);
  free(diff->rows_a);
  free(diff->rows_b);
  free(diff->variables);
  *diff = (gp_diff){0};
}

bool gp_diff_empty(const gp_diff *diff) {
  return diff->only_a_count == 0 && diff->only_b_count == 0 && diff->variable_count == 0;
}
