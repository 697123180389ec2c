/* Schemas and records as bytes: the payload of the journal's frames. What is read is checked completely: it
 * may be damaged or hostile.
 *
 *   schema: variables, checkpoints, layer count, attributes
 *   record: run id (16) | checkpoints C, layers L (u32 each) | seconds | steps (C x i64)
 *           | series in variable order (C or C x L reals) | cells of 8 bytes | states (1 byte) | texts
 *
 * Everything of 8 bytes stands at a multiple of 8 from the payload's start, so a record is used in place. */
#ifndef GP_RECORD_H
#define GP_RECORD_H

#include "bytes.h"
#include "pool.h"
#include "runmap.h"
#include "schema.h"
#include "status.h"

/* What a file needs of a schema: variable 0 is the text `run_id`, names are unique, hold no '/' and are not
 * those of dimensions, only reals are series, checkpoints ascend, there is at least one checkpoint and one
 * layer. Fails with `status`. */
gp_status gp_schema_check(const gp_schema *schema, gp_status status);

/* Index of a variable, or -1. */
int gp_schema_find(const gp_schema *schema, const char *name);

/* Values of a run in a variable's series (checkpoints, or checkpoints x layers; 1 for a per-run variable). */
size_t gp_shape_count(gp_shape shape, size_t checkpoints, size_t layers, const size_t inner[GP_INNERS]);

/* Names of the edges of bins in a file, by kind: where a bin begins, where it ends. */
extern const char *const gp_edge_names[GP_BINS_KINDS][2];

/* Whether some variable lies over an inner dimension. */
bool gp_schema_uses(const gp_schema *schema, gp_inner inner);

void gp_schema_encode(gp_text *out, const gp_schema *schema);

/* A schema whose texts and tables are owned by `pool`. GP_ERR_FILE, GP_ERR_MEMORY. */
gp_status gp_schema_decode(gp_schema *schema, gp_pool *pool, const void *bytes, size_t length);

/* GP_ERR_CONFIG when the record does not fit the schema (a bug of the caller, but never a wrong file). */
gp_status gp_record_encode(gp_text *out, const gp_schema *schema, const gp_record *record);

/* A record that points into `bytes` (aligned to 8) and into the caller's `cells` and `series`, one each per
 * variable of the schema. GP_ERR_FILE. */
gp_status gp_record_decode(gp_record *record, gp_run_key *key, gp_cell *cells, const double **series,
                           const gp_schema *schema, const void *bytes, size_t length);

/* The state of a record's or row's cells: the variable `status`; done when the schema has none. */
int gp_cells_state(const gp_schema *schema, const gp_cell *cells);

#endif
