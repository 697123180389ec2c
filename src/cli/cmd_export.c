/* gradpath export: plain tables for R, spreadsheets and anything else that does not read HDF5. */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sheet.h"
#include "select.h"

typedef struct export_options {
  const char *table, *format, *directory;
  cli_texts where;
} export_options;

static const cli_flag flags[] = {
    CLI_TEXT(export_options, table, 't', "table", "NAME", "runs (default) or series"),
    CLI_TEXT(export_options, format, 'f', "format", "NAME", "csv (default) or tsv"),
    CLI_TEXT(export_options, directory, 'o', "output", "DIR",
             "write DIR/<file>-<table>.csv (default: standard output)"),
    CLI_TEXTS(export_options, where, 'w', "where", "CONDITION", "only runs with depth=5,8 ...; repeatable"),
    CLI_FLAGS_END,
};

typedef struct exporter {
  gp_table *table;
  FILE *file;
  sheet_format format;
  cli_rows rows;
  cli_columns axes;
} exporter;

/* One field with the separator in front of it. */
static void field(const exporter *e, const char *text, bool first) {
  if (!first) fputc(e->format == SHEET_CSV ? ',' : '\t', e->file);
  sheet_field(e->file, e->format, text);
}

/* ---- one line per run ---- */

static gp_status write_runs(exporter *e) {
  const gp_schema *schema = gp_table_schema(e->table);
  char buffer[32];
  field(e, "run", true);
  for (size_t v = 0; v < schema->count; v++)
    if (schema->variables[v].shape == GP_PER_RUN) field(e, schema->variables[v].name, false);
  fputc('\n', e->file);
  for (size_t r = 0; r < e->rows.count; r++) {
    fprintf(e->file, "%zu", e->rows.rows[r]);
    for (size_t v = 0; v < schema->count; v++)
      if (schema->variables[v].shape == GP_PER_RUN)
        field(e, gp_table_word(e->table, (int)v, e->rows.rows[r], buffer), false);
    fputc('\n', e->file);
  }
  return GP_OK;
}

/* ---- one line per run, checkpoint and layer ---- */

/* All series of the file, in schema order. */
typedef struct series {
  const gp_variable **variables;
  const double **values;
  size_t *inner; /* columns of each: places of its inner dimension */
  size_t count, checkpoints, layers;
} series;

/* Whole series at once: a line needs a value of each. */
static gp_status series_load(series *s, gp_table *table) {
  const gp_schema *schema = gp_table_schema(table);
  *s = (series){.checkpoints = schema->checkpoint_count, .layers = schema->layer_count};
  s->variables = malloc((schema->count + 1) * sizeof *s->variables);
  s->values = malloc((schema->count + 1) * sizeof *s->values);
  s->inner = malloc((schema->count + 1) * sizeof *s->inner);
  if (s->variables == NULL || s->values == NULL || s->inner == NULL)
    return gp_fail(GP_ERR_MEMORY, "out of memory");
  for (size_t v = 0; v < schema->count; v++) {
    if (schema->variables[v].shape == GP_PER_RUN) continue;
    GP_TRY(gp_table_series(table, (int)v, &s->values[s->count]));
    s->inner[s->count] = gp_shape_inner(schema->variables[v].shape, schema->inner);
    s->variables[s->count++] = &schema->variables[v];
  }
  return GP_OK;
}

/* The values of a series at a place: one, or those of its inner dimension. */
static const double *series_at(const series *s, size_t i, size_t run, size_t checkpoint, size_t layer) {
  const gp_shape_item *over = &gp_shape_table[s->variables[i]->shape];
  size_t at = over->steps ? run * s->checkpoints + checkpoint : run;
  if (over->layers) at = at * s->layers + layer;
  return s->values[i] + at * s->inner[i];
}

/* Whether a line has anything that belongs to its layer (or, for layer 0, to its checkpoint). */
static bool has_values(const series *s, size_t run, size_t checkpoint, size_t layer) {
  for (size_t i = 0; i < s->count; i++) {
    const gp_shape_item *over = &gp_shape_table[s->variables[i]->shape];
    const double *values = series_at(s, i, run, checkpoint, layer);
    for (size_t k = 0; k < s->inner[i] && over->steps && (over->layers || layer == 0); k++)
      if (!isnan(values[k])) return true;
  }
  return false;
}

/* Which run (its swept values beside its number, so that the table stands alone), when, which layer, and everything
 * measured there. */
static void write_line(const exporter *e, const series *s, size_t run, size_t checkpoint, size_t layer) {
  char buffer[32];
  fprintf(e->file, "%zu", run);
  for (size_t a = 0; a < e->axes.count; a++)
    field(e, gp_table_word(e->table, e->axes.items[a], run, buffer), false);
  snprintf(buffer, sizeof buffer, "%lld", (long long)gp_table_schema(e->table)->checkpoints[checkpoint]);
  field(e, buffer, false);
  snprintf(buffer, sizeof buffer, "%zu", layer + 1);
  field(e, buffer, false);
  for (size_t i = 0; i < s->count; i++) {
    const double *values = series_at(s, i, run, checkpoint, layer);
    for (size_t k = 0; k < s->inner[i]; k++) field(e, gp_text_real(buffer, values[k]), false);
  }
  fputc('\n', e->file);
}

/* A column per place of an inner dimension: gradient_histogram_0, gradient_histogram_1, ... */
static void write_names(const exporter *e, const gp_variable *variable, size_t inner) {
  const gp_shape_item *over = &gp_shape_table[variable->shape];
  if (over->inner == GP_NO_INNER) field(e, variable->name, false);
  for (size_t k = 0; k < inner && over->inner != GP_NO_INNER; k++) {
    char name[320];
    snprintf(name, sizeof name, "%.255s_%zu", variable->name, k + (size_t)gp_inner_table[over->inner].first);
    field(e, name, false);
  }
}

static void write_series_head(const exporter *e, const series *s) {
  field(e, "run", true);
  for (size_t a = 0; a < e->axes.count; a++)
    field(e, gp_table_schema(e->table)->variables[e->axes.items[a]].name, false);
  field(e, "checkpoint", false);
  field(e, "layer", false);
  for (size_t i = 0; i < s->count; i++) write_names(e, s->variables[i], s->inner[i]);
  fputc('\n', e->file);
}

static gp_status write_series(exporter *e) {
  series s = {0};
  gp_status status = series_load(&s, e->table);
  if (status == GP_OK) {
    write_series_head(e, &s);
    for (size_t r = 0; r < e->rows.count; r++)
      for (size_t k = 0; k < s.checkpoints; k++)
        for (size_t l = 0; l < s.layers; l++)
          if (has_values(&s, e->rows.rows[r], k, l)) write_line(e, &s, e->rows.rows[r], k, l);
  }
  free(s.variables);
  free(s.values);
  free(s.inner);
  return status;
}

/* ---- where to ---- */

static const char *const tables[] = {"runs", "series", NULL};
static const char *const formats[] = {"csv", "tsv", NULL};
static gp_status (*const writers[])(exporter *) = {write_runs, write_series};

/* A full disk shows at the last flush: closing is checked. */
static gp_status write_file(exporter *e, const char *path, int table) {
  e->file = fopen(path, "w");
  if (e->file == NULL) return gp_fail(GP_ERR_IO, "%s: %s", path, strerror(errno));
  gp_status status = writers[table](e);
  bool bad = ferror(e->file) != 0;
  if (fclose(e->file) != 0 || bad) return gp_fail(GP_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
  if (status == GP_OK) printf("%s\n", path);
  return status;
}

/* DIR/<file without .h5>-<table>.<format>. */
static gp_status write_folder(exporter *e, const char *input, const export_options *o, int table) {
  gp_text path = {0};
  const char *slash = strrchr(input, '/'), *name = slash != NULL ? slash + 1 : input;
  const char *suffix = strstr(name, ".h5");
  int length = suffix != NULL ? (int)(suffix - name) : (int)strlen(name);
  if (mkdir(o->directory, 0777) != 0 && errno != EEXIST)
    return gp_fail(GP_ERR_IO, "%s: cannot make the folder: %s", o->directory, strerror(errno));
  gp_text_add(&path, "%s/%.*s-%s.%s", o->directory, length, name, tables[table],
              formats[e->format == SHEET_CSV ? 0 : 1]);
  gp_status status = path.failed ? gp_fail(GP_ERR_MEMORY, "out of memory") : write_file(e, path.data, table);
  gp_text_free(&path);
  return status;
}

static gp_status run(const cli_call *call) {
  const export_options *o = call->options;
  int table, format;
  exporter e = {.file = stdout};
  gp_status status;
  GP_TRY(cli_choice("--table", o->table, tables, &table));
  GP_TRY(cli_choice("--format", o->format, formats, &format));
  e.format = format == 0 ? SHEET_CSV : SHEET_TSV;
  GP_TRY(cli_open(&e.table, call->operands[0]));
  GP_TRY_DONE(cli_rows_select(&e.rows, e.table, &o->where, NULL));
  GP_TRY_DONE(cli_axes(&e.axes, e.table));
  if (o->directory == NULL) {
    status = writers[table](&e);
  } else {
    /* Into a folder both tables go, unless one was named. */
    status = write_folder(&e, call->operands[0], o, table);
    if (status == GP_OK && o->table == NULL) status = write_folder(&e, call->operands[0], o, 1);
  }
done:
  free(e.rows.rows);
  free(e.axes.items);
  gp_table_close(e.table);
  return status;
}

extern const cli_command cli_export;
const cli_command cli_export = {
    .name = "export",
    .operands = "FILE",
    .summary = "Write runs or series as CSV or TSV",
    .details = "runs has a line per run with every parameter and result; series a line per run, checkpoint "
               "and layer with the\n"
               "swept columns, where whole-network values are repeated for each layer. Numbers read back to "
               "the same bits;\n"
               "nan is a value that does not exist. The last layer of a run is its output layer.\n"
               "\n"
               "Examples:\n"
               "  gradpath export results/smoke.h5 > runs.csv\n"
               "  gradpath export results/smoke.h5 --table series --format tsv -o tables\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = run,
};
