/* The runs of a file judged again: the verdict of probe/verdict.h on what the file has of a run, with other thresholds.
 *
 * Nothing is run. What the verdict looked at while training is taken from the series, at the same checkpoints and in the
 * same order of numbers, so that the stored thresholds give the stored verdict. */
#ifndef GP_JUDGE_H
#define GP_JUDGE_H

#include "cli.h"
#include "verdict.h"

typedef struct judge judge;

/* What a run was judged and is judged now. */
typedef struct judgement {
  bool known; /* the file has what a verdict needs of it; otherwise only `stored` counts */
  enum gp_verdict stored, verdict;
  uint32_t stored_conditions, conditions;
} judgement;

/* `thresholds` are texts "span=2" or "span=2,growth=100"; what is not named stays as each run has it. GP_ERR_USAGE:
 * unknown names (with the nearest), values that are no numbers or out of range. GP_ERR_FILE: a column is missing. */
gp_status judge_open(judge **out, gp_table *table, const cli_texts *thresholds);
void judge_close(judge *j);

/* GP_ERR_MEMORY, or GP_ERR_FILE for cells that cannot be. */
gp_status judge_run(judge *j, size_t run, judgement *out);

#endif
