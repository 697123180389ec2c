/* What a result file holds: variables and records, without saying how they are stored.
 *
 * The prober and the configuration describe variables; the trainer fills records; the store writes and reads
 * them; show, export and plot read them back. */
#ifndef GP_SCHEMA_H
#define GP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bins.h"

/* What a variable has values for: one per run; one per checkpoint; checkpoint x layer; one per layer, the same all the
 * time (predictions); and with a dimension of its own behind. All but the first are series. What each lies over is in
 * gp_shape_table. */
typedef enum gp_shape {
  GP_PER_RUN,
  GP_PER_CHECKPOINT,
  GP_PER_LAYER,
  GP_PER_RUN_LAYER,
  GP_PER_VALUE_BIN,      /* histograms: checkpoint x layer x bin, the bins being of values */
  GP_PER_MAGNITUDE_BIN,  /* and of magnitudes */
  GP_PER_EIGENVALUE,     /* checkpoint x eigenvalue */
  GP_PER_SINGULAR_VALUE, /* checkpoint x singular value */
  GP_PER_LAYER_SINGULAR_VALUE
} gp_shape;
enum { GP_SHAPES = GP_PER_LAYER_SINGULAR_VALUE + 1 };

/* The dimensions that only some variables have, the last of theirs: what a file calls them, and their first
 * coordinate. Their lengths differ from file to file; 0 where no variable lies over one. */
typedef enum gp_inner { GP_NO_INNER, GP_BIN, GP_EIGENVALUE, GP_SINGULAR_VALUE } gp_inner;
enum { GP_INNERS = GP_SINGULAR_VALUE + 1 };
typedef struct gp_inner_item {
  const char *name, *long_name;
  int first;
} gp_inner_item;
extern const gp_inner_item gp_inner_table[GP_INNERS];

typedef struct gp_shape_item {
  bool steps, layers;
  gp_inner inner;
  enum gp_bins bins; /* of GP_BIN */
} gp_shape_item;
extern const gp_shape_item gp_shape_table[GP_SHAPES];

/* How many checkpoints, layers and places of the inner dimension a run's values of that shape are laid out over (1: not
 * over them); width: of one checkpoint. */
static inline size_t gp_shape_steps(gp_shape shape, size_t checkpoints) {
  return gp_shape_table[shape].steps ? checkpoints : 1;
}
static inline size_t gp_shape_layers(gp_shape shape, size_t layers) {
  return gp_shape_table[shape].layers ? layers : 1;
}
static inline size_t gp_shape_inner(gp_shape shape, const size_t inner[GP_INNERS]) {
  return gp_shape_table[shape].inner != GP_NO_INNER ? inner[gp_shape_table[shape].inner] : 1;
}
static inline size_t gp_shape_width(gp_shape shape, size_t layers, const size_t inner[GP_INNERS]) {
  return gp_shape_layers(shape, layers) * gp_shape_inner(shape, inner);
}

/* A place in a series, as its coordinates say it; parts that the shape does not have are not used. */
typedef struct gp_position {
  int64_t checkpoint; /* optimiser step */
  size_t layer;       /* from 1 */
  size_t inner;       /* coordinate: bin 0, eigenvalue 1, ... */
} gp_position;

/* The place of value i of a checkpoint; `inner` lengths as above. */
gp_position gp_position_of(gp_shape shape, size_t i, const size_t inner[GP_INNERS], int64_t checkpoint);

/* "step 10, layer 2, bin 5"; empty for one value per run. */
enum { GP_POSITION_TEXT = 96 };
void gp_position_text(char out[GP_POSITION_TEXT], gp_shape shape, const gp_position *place);

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
  size_t inner[GP_INNERS];        /* lengths of the inner dimensions, maximum over runs */
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
 * checkpoint_count checkpoints, layer_count layers and inner[] places that its shape has, or is NULL: none was measured;
 * the other is unused. */
typedef struct gp_record {
  char run_id[33];
  const int64_t *checkpoints; /* this run's own, a subset of the schema's */
  size_t checkpoint_count, layer_count, inner[GP_INNERS];
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
