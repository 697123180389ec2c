/* One run as the file will hold it: the plan's parameters, then what the trainer left. */
#ifndef GP_RUN_RECORD_H
#define GP_RUN_RECORD_H

#include "plan.h"
#include "run.h"

/* Room for one record of a plan. */
typedef struct gp_run_record {
  gp_cell *cells;
  const double **series;
  double *predicted; /* the plan's own series */
} gp_run_record;

gp_status gp_run_record_create(gp_run_record *room, const gp_plan *plan);
void gp_run_record_free(gp_run_record *room);

/* Fills the room for a row and returns the record, which points into it and into the trace. `trace` is NULL for a run
 * that could not be prepared: its results stay pending values and the record has no checkpoint. GP_ERR_MEMORY. */
gp_status gp_run_record_make(gp_record *out, gp_run_record *room, const gp_plan *plan, size_t row,
                             const gp_trace *trace, enum gp_run_state state, double seconds);

#endif
