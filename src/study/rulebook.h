/* The published rule books for troubled training, as tables, and how well each tells the runs of a file that did not train.
 *
 * A rule looks at one measurement of a layer at every step recorded and is broken where the number leaves its bounds. Where a book counts
 * units of a kind per layer (saturated ones), the rule takes the share of (example, unit) pairs that the file has. A book
 * accuses a run when one of its rules is broken once. Against the outcome (did the run train, as the verdict has it?): precision is the share
 * of accused runs that did not train, recall the share of runs that did not train that are accused, and lead the median
 * number of steps from the first accusation to the end of such a run. */
#ifndef GP_RULEBOOK_H
#define GP_RULEBOOK_H

#include "table.h"

enum gp_rule_kind {
  GP_RULE_OUTSIDE,    /* broken below `low` or above `high` */
  GP_RULE_FIRST_LAST, /* the same for the first layer's value over the last one's */
};

typedef struct gp_rule {
  const char *book, *fault; /* "sagemaker", "vanishing gradient" */
  const char *variable;
  enum gp_rule_kind kind;
  double low, high;
  bool reached;       /* broken at `high` already */
  bool hidden;        /* of the hidden layers only */
  double first_below; /* GP_RULE_FIRST_LAST: and the first layer's value is below this */
  bool diverges;      /* broken as well by a run that diverged, at that step */
} gp_rule;

/* How a rule, or a whole book (rule NULL), did over the runs of a file. */
typedef struct gp_rule_score {
  const char *book;
  const gp_rule *rule;
  bool known;                           /* the file has what it looks at; a book: at least one of its rules */
  size_t runs, failed, accused, caught; /* judged; did not train; accused; both */
  double precision, recall, lead;       /* NaN where there is nothing to divide, or no step before */
} gp_rule_score;

/* Judges every finished run. *out: the books first, then the rules, `count` of them; the caller frees it. GP_ERR_MEMORY,
 * GP_ERR_FILE without the columns that tell the outcome. */
gp_status gp_rulebook_judge(gp_rule_score **out, size_t *count, gp_table *table);

#endif
