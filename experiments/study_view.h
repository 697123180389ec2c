/* A finished table as the claims of a study read it: columns and series by name. */
#ifndef GP_STUDY_VIEW_H
#define GP_STUDY_VIEW_H

#include "claims.h"

enum { STUDY_SERIES_MAX = 8, STUDY_COLUMNS_MAX = 16 };

typedef struct study_view {
  gp_table *table;
  size_t runs, checkpoints, layers;
  struct {
    const char *name;
    int variable;
  } column[STUDY_COLUMNS_MAX];
  size_t column_count;
  struct {
    const char *name;
    const double *values; /* run x checkpoint (x layer) */
  } series[STUDY_SERIES_MAX];
  size_t series_count;
} study_view;

/* Checks that the table has the columns and loads the series (both NULL-terminated lists of at most
 * STUDY_COLUMNS_MAX and STUDY_SERIES_MAX names). GP_ERR_FILE when one is missing, GP_ERR_MEMORY. */
gp_status study_view_open(study_view *out, gp_table *table, const char *const *columns,
                          const char *const *series);

/* A run's number or word in a column that was asked for; NaN and false for one that was not. */
double study_real(const study_view *view, const char *column, size_t run);
bool study_is(const study_view *view, const char *column, size_t run, const char *word);

/* Layer 1..layers of a run at a checkpoint's index; NaN where the run has none. */
double study_layer(const study_view *view, const char *series, size_t run, size_t checkpoint, size_t layer);

/* A whole-network series: a run's value at a checkpoint's index; NaN where the run has none. */
double study_at(const study_view *view, const char *series, size_t run, size_t checkpoint);

/* gp_claims_add with its error said. */
#define STUDY_CLAIM(claim, ...)                                                                              \
  gp_claim *claim = gp_claims_add(__VA_ARGS__);                                                              \
  if (claim == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory")

#endif
