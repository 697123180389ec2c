/* A finished table by names; see study_view.h. */
#include "study_view.h"

#include <math.h>
#include <string.h>

static gp_status find(const gp_table *table, const char *name, int *variable) {
  *variable = gp_table_find(table, name);
  return *variable >= 0 ? GP_OK : gp_fail(GP_ERR_FILE, "the result file has no variable %s", name);
}

gp_status study_view_open(study_view *out, gp_table *table, const char *const *columns,
                          const char *const *series) {
  const gp_schema *schema = gp_table_schema(table);
  int variable;
  *out = (study_view){.table = table,
                      .runs = gp_table_runs(table),
                      .checkpoints = schema->checkpoint_count,
                      .layers = schema->layer_count};
  for (; *columns != NULL && out->column_count < STUDY_COLUMNS_MAX; columns++) {
    size_t i = out->column_count++;
    out->column[i].name = *columns;
    GP_TRY(find(table, *columns, &out->column[i].variable));
  }
  for (; series != NULL && *series != NULL && out->series_count < STUDY_SERIES_MAX; series++) {
    size_t i = out->series_count++;
    out->series[i].name = *series;
    GP_TRY(find(table, *series, &variable));
    GP_TRY(gp_table_series(table, variable, &out->series[i].values));
  }
  return GP_OK;
}

/* Index of a column that was asked for, or -1. */
static int variable_of(const study_view *view, const char *column) {
  for (size_t i = 0; i < view->column_count; i++)
    if (strcmp(view->column[i].name, column) == 0) return view->column[i].variable;
  return -1;
}

double study_real(const study_view *view, const char *column, size_t run) {
  int variable = variable_of(view, column);
  return variable >= 0 ? gp_table_real(view->table, variable, run) : (double)NAN;
}

bool study_is(const study_view *view, const char *column, size_t run, const char *word) {
  char buffer[32];
  int variable = variable_of(view, column);
  return variable >= 0 && strcmp(gp_table_word(view->table, variable, run, buffer), word) == 0;
}

/* The values of a series that was asked for, or NULL. */
static const double *series_of(const study_view *view, const char *series) {
  for (size_t i = 0; i < view->series_count; i++)
    if (strcmp(view->series[i].name, series) == 0) return view->series[i].values;
  return NULL;
}

double study_layer(const study_view *view, const char *series, size_t run, size_t checkpoint, size_t layer) {
  const double *values = series_of(view, series);
  size_t row = run * view->checkpoints + checkpoint;
  return values != NULL ? values[row * view->layers + layer - 1] : (double)NAN;
}

double study_at(const study_view *view, const char *series, size_t run, size_t checkpoint) {
  const double *values = series_of(view, series);
  return values != NULL ? values[run * view->checkpoints + checkpoint] : (double)NAN;
}
