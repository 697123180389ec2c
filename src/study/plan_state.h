/* The inside of a plan, shared by plan.c (loading), rows.c (specs, identities, data sets) and columns.c (the file). */
#ifndef GP_PLAN_STATE_H
#define GP_PLAN_STATE_H

#include "canonical.h"
#include "given.h"
#include "grid.h"
#include "plan.h"
#include "runmap.h"

enum { GP_AXES_MAX = 1024 }; /* there are fewer parameters than that */

/* What is known of the points of a refined map, in their order, those that repeat another included. */
typedef struct gp_named_points {
  uint64_t *points;
  gp_run_key *keys;
  uint32_t *data_rows;
  size_t count;
} gp_named_points;

struct gp_plan {
  gp_config config;
  gp_grid grid;
  gp_spec base; /* the defaults, before any axis */
  gp_run_key *ids;
  uint32_t *data_rows;   /* of each row, the number of its data set */
  gp_named_points named; /* empty for a plan that does not refine */
  gp_dataset **datasets;
  size_t dataset_count, dataset_capacity;
  gp_runmap dataset_of;     /* from the hash of its description to its number */
  gp_given given;           /* weights from files */
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

/* Takes the present points of a refined map as rows; what they have in common with those before is not computed again. On
 * failure the rows are as before. GP_ERR_MEMORY, GP_ERR_CONFIG for a point that cannot be run. */
gp_status gp_plan_extend(gp_plan *plan);

/* Frees ids, data_rows and named. */
void gp_plan_forget(gp_plan *plan);

/* The identities of any points of the grid. GP_ERR_MEMORY, GP_ERR_CONFIG for a point that cannot be run. */
gp_status gp_plan_keys(gp_run_key *keys, gp_plan *plan, const uint64_t *points, size_t count);

/* The value's number of each axis in a row, and the spec they make, not resolved. */
void gp_plan_index(const gp_plan *plan, size_t row, size_t index[static GP_AXES_MAX]);
void gp_plan_given(const gp_plan *plan, const size_t *index, gp_spec *spec);

/* "depth=3 activation=relu" for the given values. */
void gp_plan_describe_index(const gp_plan *plan, const size_t *index, gp_text *out);

/* Makes `swept` and the schema's variables and attributes. */
gp_status gp_plan_columns(gp_plan *plan);

#endif
