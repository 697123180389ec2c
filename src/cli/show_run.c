/* One run of a file, layer by layer. */
#include "show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const layer_columns[] = {"weight_gradient_norm", "delta_rms",     "preactivation_rms",
                                            "activation_rms",       "zero_fraction", "dead_fraction",
                                            "saturated_fraction",   "weight_norm",   "update_ratio"};
enum { LAYER_COLUMNS = sizeof layer_columns / sizeof layer_columns[0] };

/* Every column of the run with its units, names aligned. */
static void print_parameters(const gp_table *table, size_t run) {
  const gp_schema *schema = gp_table_schema(table);
  int width = 0;
  for (size_t v = 0; v < schema->count; v++)
    if (schema->variables[v].shape == GP_PER_RUN && (int)strlen(schema->variables[v].name) > width)
      width = (int)strlen(schema->variables[v].name);
  for (size_t v = 0; v < schema->count; v++) {
    char buffer[32];
    const gp_variable *variable = &schema->variables[v];
    if (variable->shape != GP_PER_RUN) continue;
    const char *units = variable->units == NULL || strcmp(variable->units, "1") == 0 ? "" : variable->units;
    printf("%s%-*s%s  ", cli_out(CLI_BOLD), width, variable->name, cli_out(CLI_OFF));
    cli_put(stdout, gp_table_word(table, (int)v, run, buffer), "");
    fputs(units[0] != '\0' ? " " : "", stdout);
    cli_put(stdout, units, "");
    fputc('\n', stdout);
  }
}

/* The series of a run that the layer table shows, NULL where the file has none. */
typedef struct layers {
  const double *values[LAYER_COLUMNS]; /* of this run: checkpoint x layer */
  size_t checkpoints, count;           /* layers of the file */
} layers;

static gp_status load(layers *out, gp_table *table, size_t run) {
  const gp_schema *schema = gp_table_schema(table);
  *out = (layers){.checkpoints = schema->checkpoint_count, .count = schema->layer_count};
  for (size_t c = 0; c < LAYER_COLUMNS; c++) {
    const double *all;
    int variable = gp_table_find(table, layer_columns[c]);
    if (variable < 0 || schema->variables[variable].shape != GP_PER_LAYER) continue;
    GP_TRY(gp_table_series(table, variable, &all));
    out->values[c] = all + run * out->checkpoints * out->count;
  }
  return GP_OK;
}

/* Padding is NaN in every column: a layer the run does not have, a checkpoint it did not reach. */
static bool has_values(const layers *l, size_t checkpoint, size_t layer) {
  for (size_t c = 0; c < LAYER_COLUMNS; c++)
    if (l->values[c] != NULL && !isnan(l->values[c][checkpoint * l->count + layer])) return true;
  return false;
}

/* The layers of one checkpoint, input side first. */
static gp_status add_checkpoint(sheet *g, const layers *l, size_t checkpoint, int64_t step,
                                sheet_format format) {
  char buffer[32];
  for (size_t layer = 0; layer < l->count; layer++) {
    if (!has_values(l, checkpoint, layer)) continue;
    GP_TRY(sheet_addf(g, "%lld", (long long)step));
    GP_TRY(sheet_addf(g, "%zu", layer + 1));
    for (size_t c = 0; c < LAYER_COLUMNS; c++) {
      double value = l->values[c] == NULL ? (double)NAN : l->values[c][checkpoint * l->count + layer];
      bool brief = format == SHEET_ALIGNED && isfinite(value);
      GP_TRY(brief ? sheet_addf(g, "%.4g", value) : sheet_add(g, gp_text_real(buffer, value)));
    }
  }
  return GP_OK;
}

/* The last one the run reached. */
static size_t last_checkpoint(const layers *l) {
  size_t last = 0;
  for (size_t k = 0; k < l->checkpoints; k++)
    if (has_values(l, k, 0)) last = k;
  return last;
}

static gp_status fill(sheet *g, const layers *l, const int64_t *steps, sheet_format format) {
  size_t last = last_checkpoint(l);
  GP_TRY(sheet_head(g, 0, "step", SHEET_NUMBER));
  GP_TRY(sheet_head(g, 1, "layer", SHEET_NUMBER));
  for (size_t c = 0; c < LAYER_COLUMNS; c++) GP_TRY(sheet_head(g, c + 2, layer_columns[c], SHEET_NUMBER));
  /* For people the two ends of the training; for programs every checkpoint. */
  for (size_t k = 0; k <= last && l->checkpoints > 0; k++) {
    if (format == SHEET_ALIGNED && k != 0 && k != last) continue;
    if (k > 0) GP_TRY(sheet_gap(g));
    GP_TRY(add_checkpoint(g, l, k, steps[k], format));
  }
  return GP_OK;
}

gp_status show_run(gp_table *table, size_t run, sheet_format format) {
  layers l;
  sheet *g = NULL;
  if (run >= gp_table_runs(table))
    return gp_fail(GP_ERR_USAGE, "there is no run %zu: the file holds runs 0 to %zu", run,
                   gp_table_runs(table) - 1);
  GP_TRY(load(&l, table, run));
  GP_TRY(sheet_create(&g, LAYER_COLUMNS + 2));
  gp_status status = fill(g, &l, gp_table_schema(table)->checkpoints, format);
  if (status == GP_OK) {
    if (format == SHEET_ALIGNED) {
      print_parameters(table, run);
      puts("\nLayers at the start and at the end (the last one is the output layer)");
    }
    sheet_print(g, format, stdout);
    if (format == SHEET_ALIGNED) status = show_inner(table, run);
  }
  sheet_free(g);
  return status;
}
