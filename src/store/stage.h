/* A block of rows in memory, laid out like the file it goes to or the table that shows it: per variable a
 * column of cells, or the padded series. Records and older files with other checkpoints and layers are fitted
 * in here. */
#ifndef GP_STAGE_H
#define GP_STAGE_H

#include "record.h"

typedef struct gp_stage {
  const gp_schema *schema; /* borrowed */
  size_t rows;
  gp_cell **cells; /* per variable `rows` cells, or NULL: a series, or not wanted */
  double *seconds; /* per row, what it took to compute; NaN when not known */
  double **series; /* per variable rows x checkpoints [x layers] [x inner], or NULL */
  gp_pool text;    /* the texts of the cells */
  gp_pool tables;
  size_t *steps; /* scratch: where a source's checkpoints go */
  size_t step_room;
} gp_stage;

/* Room for `rows` rows of the variables whose `wanted` is set; series are NaN, cells zero. GP_ERR_MEMORY
 * names the bytes. The stage is safe to free after a failure. */
gp_status gp_stage_create(gp_stage *stage, const gp_schema *schema, size_t rows, const bool *wanted);
void gp_stage_free(gp_stage *stage);

/* Series back to NaN, texts forgotten. */
void gp_stage_reset(gp_stage *stage);

/* Sets the wanted cells of a row; texts are copied, and those of neighbouring rows that are the same are one copy.
 * GP_ERR_MEMORY. */
gp_status gp_stage_put_text(gp_stage *stage, size_t row, size_t variable, const char *text, size_t length);
gp_status gp_stage_put_cell(gp_stage *stage, size_t row, size_t variable, gp_cell cell);
gp_status gp_stage_put_cells(gp_stage *stage, size_t row, const gp_cell *cells);

/* For each variable of `to` the index of the same one in `from`, or -1, in `map`. GP_ERR_FILE when a variable
 * has another type or shape, or states with other meanings: its values would be misread. */
gp_status gp_schema_map(int *map, const gp_schema *to, const gp_schema *from);

/* Prepares for sources with these checkpoints (GP_ERR_MEMORY); then gp_stage_put_series fits one row of one
 * variable in, whose source has the same checkpoints, `layers` layers and inner lengths. Values that have no place must be
 * NaN: otherwise GP_ERR_FILE, nothing is dropped silently. */
gp_status gp_stage_steps(gp_stage *stage, const int64_t *checkpoints, size_t count);
gp_status gp_stage_put_series(gp_stage *stage, size_t row, size_t variable, const double *values,
                              size_t checkpoints, size_t layers, const size_t inner[GP_INNERS]);

/* Fits a whole record in: `map` is from the stage's schema to the record's. */
gp_status gp_stage_put_record(gp_stage *stage, size_t row, const int *map, const gp_record *record);

#endif
