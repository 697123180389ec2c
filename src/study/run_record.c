/* One run as the file will hold it; see run_record.h. */
#include "run_record.h"

#include <stdlib.h>
#include <string.h>

gp_status gp_run_record_create(gp_run_record *room, const gp_plan *plan) {
  size_t variables = gp_plan_schema(plan)->count;
  room->cells = calloc(variables, sizeof *room->cells);
  room->series = calloc(variables, sizeof *room->series);
  room->predicted =
      calloc(gp_plan_series_count() * gp_plan_schema(plan)->layer_count, sizeof *room->predicted);
  if (room->cells != NULL && room->series != NULL && room->predicted != NULL) return GP_OK;
  return gp_fail(GP_ERR_MEMORY, "no memory for the record of a run");
}

void gp_run_record_free(gp_run_record *room) {
  free(room->cells);
  free(room->series);
  free(room->predicted);
}

gp_status gp_run_record_make(gp_record *out, gp_run_record *room, const gp_plan *plan, size_t row,
                             const gp_trace *trace, enum gp_run_state state, double seconds) {
  const gp_schema *schema = gp_plan_schema(plan);
  size_t parameters = gp_plan_parameter_count(plan);
  static const double nothing = 0;
  GP_TRY(gp_plan_cells(plan, row, room->cells));
  for (size_t v = 0; v < schema->count; v++) {
    room->series[v] = schema->variables[v].shape == GP_PER_RUN ? NULL : &nothing;
    if (trace != NULL && v >= parameters) {
      room->cells[v] = trace->cells[gp_plan_measured(plan, v)];
      room->series[v] = trace->series[gp_plan_measured(plan, v)];
    }
    if (strcmp(schema->variables[v].name, "status") == 0) room->cells[v].state = (int)state;
  }
  *out = (gp_record){.cells = room->cells, .series = room->series, .seconds = seconds};
  gp_plan_run_id(plan, row, out->run_id);
  if (trace != NULL) {
    GP_TRY(gp_plan_series(plan, row, trace->layer_count, room->predicted, room->series));
    out->checkpoints = trace->checkpoints;
    out->checkpoint_count = trace->checkpoint_count;
    out->layer_count = trace->layer_count;
    memcpy(out->inner, trace->inner, sizeof out->inner);
  }
  return GP_OK;
}
