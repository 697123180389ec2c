/* What a result file holds: variables and records, without saying how they are stored.
 *
 * The prober and the configuration describe variables; the trainer fills records; the store writes and reads
 * them; show, export and plot read them back. */
#ifndef GP_SCHEMA_H
#define GP_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

/* What a variable has values for: one per run; one per checkpoint; checkpoint x layer; one per layer, the same all the
 * time (predictions). All but the first are series. */
typedef enum gp_shape { GP_PER_RUN, GP_PER_CHECKPOINT, GP_PER_LAYER, GP_PER_RUN_LAYER } gp_shape;
enum { GP_SHAPES = GP_PER_RUN_LAYER + 1 };

/* How many checkpoints, and how many layers, a run's values of that shape are laid out over (1: not over them). */
static inline size_t gp_shape_steps(gp_shape shape, size_t checkpoints) {
  return shape == GP_PER_CHECKPOINT || shape == GP_PER_LAYER ? checkpoints : 1;
}
static inline size_t gp_shape_width(gp_shape shape, size_t layers) {
  return shape == GP_PER_LAYER || shape == GP_PER_RUN_LAYER ? layers : 1;
}

typedef enum gp_type { GP_F64, GP_I64, GP_U64, GP_TEXT, GP_STATE } gp_type; /* GP_STATE: int8 with meanings */

/* One variable. Only GP_F64 variables may be series.
 * Meanings: of a GP_STATE the words of 0, 1, ...; of a GP_I64 that is a set, word k is bit k's and word 0 says that none is
 * set (its bit is not used). */
typedef struct gp_variable {
  const char *name, *long_name, *units; /* units "1" when dimensionless */
  gp_shape shape;
  gp_type type;
  const char *const *meanings; /* words, NULL-terminated, or NULL; see above */
  const char *note;            /* further attribute "comment", or NULL */
} gp_variable;

typedef struct gp_attribute {
  const char *name, *text;
} gp_attribute;

/* All variables of a file, in order, with what is common to its runs. The pointers are borrowed. */
typedef struct gp_schema {
  const gp_variable *variables;
  size_t count;
  const int64_t *checkpoints; /* the union over runs, ascending */
  size_t checkpoint_count;
  size_t layer_count;             /* maximum over runs */
  const gp_attribute *attributes; /* of the root: title, question, config, axes ... */
  size_t attribute_count;
} gp_schema;

typedef union gp_cell {
  double real;
  int64_t integer;
  uint64_t natural;
  int state;
  const char *text;
} gp_cell;

/* One run's values. cells[v] holds per-run variable v; series[v] points to the values of a series, row-major over the
 * checkpoint_count checkpoints and layer_count layers that its shape has; the other is unused. */
typedef struct gp_record {
  char run_id[33];
  const int64_t *checkpoints; /* this run's own, a subset of the schema's */
  size_t checkpoint_count, layer_count;
  double
      seconds; /* it took to compute; NaN when not known. Goes into /provenance, never among the variables */
  const gp_cell *cells;
  const double *const *series;
} gp_record;

/* States of a run, the variable `status` (INTERFACE section 2). */
enum gp_run_state {
  GP_RUN_PENDING,
  GP_RUN_DONE,
  GP_RUN_STOPPED,
  GP_RUN_TIMEOUT,
  GP_RUN_OUT_OF_MEMORY,
  GP_RUN_ERROR
};
extern const char *const gp_run_state_words[];

#endif
