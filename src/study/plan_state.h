/* The inside of a plan, shared by plan.c (loading), rows.c (specs, identities, data sets) and columns.c (the file). */
#ifndef GP_PLAN_STATE_H
#define GP_PLAN_STATE_H

#include "canonical.h"
#include "grid.h"
#include "plan.h"
#include "runmap.h"

enum { GP_AXES_MAX = 1024 }; /* there are fewer parameters than that */

struct gp_plan {
  gp_config config;
  gp_grid grid;
  gp_spec base; /* the defaults, before any axis */
  gp_run_key *ids;
  uint32_t *data_rows; /* of each row, the number of its data set */
  gp_dataset **datasets;
  size_t dataset_count, dataset_capacity;
  gp_runmap dataset_of;     /* from the hash of its description to its number */
  gp_text path, file, text; /* the file's path and bytes; the text with the overrides as comments */
  gp_plan_axis *swept;      /* what gp_plan_axis_at answers */
  size_t swept_count;
  gp_variable *variables;
  size_t *measured; /* which of gp_train_variables() each variable behind the parameters is */
  int64_t *checkpoints;
  gp_text axes; /* the attribute of that name */
  gp_attribute attributes[8];
  gp_schema schema;
};

/* Computes the identity of every row, drops rows that are the same run again, and fails for a row that cannot be run and
 * for an axis that nothing reads. Fills ids, datasets, schema.checkpoints and schema.layer_count. */
gp_status gp_plan_visit(gp_plan *plan);

/* The value's number of each axis in a row, and the spec they make, not resolved. */
void gp_plan_index(const gp_plan *plan, size_t row, size_t index[static GP_AXES_MAX]);
void gp_plan_given(const gp_plan *plan, const size_t *index, gp_spec *spec);

/* "depth=3 activation=relu" for the given values. */
void gp_plan_describe_index(const gp_plan *plan, const size_t *index, gp_text *out);

/* Makes `swept` and the schema's variables and attributes. */
gp_status gp_plan_columns(gp_plan *plan);

#endif
