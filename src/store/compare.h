/* Comparing rows bit for bit: what stands where two rows differ first. */
#ifndef GP_COMPARE_H
#define GP_COMPARE_H

#include <stdbool.h>

#include "stage.h"

/* The first value that differs: in the order of the schema, then by checkpoint, layer and inner dimension. */
typedef struct gp_difference {
  char variable[96];
  gp_shape shape;
  gp_position place;          /* of a series */
  char first[64], second[64]; /* the two values; long texts are cut */
} gp_difference;

/* Whether two values have the same bits; every NaN is the same. */
bool gp_real_same(double a, double b);

/* Whether row `row_a` of stage a and row `row_b` of stage b hold the same bits. Both were made for the same schema and
 * the same variables. `out` is filled when they do not. */
bool gp_rows_same(gp_difference *out, const gp_stage *a, size_t row_a, const gp_stage *b, size_t row_b);

#endif
