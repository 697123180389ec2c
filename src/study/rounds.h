/* The rounds of a map that is refined: what became of its runs, and the plan grown by it. The rule is refine.h's.
 *
 *   plan (first round) -> outcomes of what is stored -> rounds, as far as they are finished -> sweep runs what is missing ->
 *   outcomes of that -> next round -> ...
 *
 * A run that has no verdict of its own because it failed counts as one of a kind of its own. Private to study/, except for
 * gp_rounds_restore. */
#ifndef GP_ROUNDS_H
#define GP_ROUNDS_H

#include "plan.h"
#include "runmap.h"
#include "schema.h"

/* Start from {0}. */
typedef struct gp_rounds {
  gp_runmap outcomes; /* a number for what became of a run, of finished runs only */
} gp_rounds;

void gp_rounds_free(gp_rounds *rounds);

/* Notes the finished run of a row. `verdict` is the number of its word. GP_ERR_MEMORY. */
gp_status gp_rounds_note_row(gp_rounds *rounds, const gp_plan *plan, size_t row, enum gp_run_state state,
                             int verdict);

/* Which rows of the plan have no outcome: wanted[row] is set to 0 or 1. */
void gp_rounds_missing(const gp_rounds *rounds, const gp_plan *plan, unsigned char *wanted);

/* When every run of the plan has its outcome: adds the next round's to the plan. *grown is false when there is no next
 * one, or not yet. GP_ERR_MEMORY, GP_ERR_CONFIG for a run that cannot be. */
gp_status gp_rounds_next(const gp_rounds *rounds, gp_plan *plan, bool *grown);

/* Notes what OUTPUT and its journals hold, and grows the plan by all rounds that they finish. Stored runs of the grid that
 * these did not choose (an earlier configuration had fewer seeds, or other coarse points) are kept: their points join the
 * plan. With `retry_failed` runs that failed count as not there. Does nothing when there is no such file. Errors as above,
 * and those of reading. */
gp_status gp_rounds_replay(gp_rounds *rounds, gp_plan *plan, const char *output, bool retry_failed);

/* The plan of a result file again, from its configuration: nothing to do unless it refines. */
gp_status gp_rounds_restore(gp_plan *plan, const char *output);

#endif
