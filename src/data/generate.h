/* What generators share: the random numbers of a row, labels, the loop over classes.
 *
 * Every number is named by (seed, field, part, row, column): a row's numbers do not depend on how many rows
 * there are, so more samples extend a data set and leave the rows it has. Training and test rows are
 * different parts of the stream. */
#ifndef GP_GENERATE_H
#define GP_GENERATE_H

#include "dataset.h"

enum gp_part { GP_PART_TRAIN, GP_PART_TEST };
enum gp_field { GP_FIELD_POSITION, GP_FIELD_NOISE, GP_FIELD_TARGET };

/* Where one row's numbers come from: row `row` of its part (test rows count from 0 too). */
typedef struct gp_draw {
  uint64_t seed;
  enum gp_part part;
  int64_t row;
} gp_draw;

/* Number `column` of `columns` of this row and field: uniform in (0, 1), standard normal. */
double gp_draw_uniform(const gp_draw *draw, enum gp_field field, int64_t column, int64_t columns);
double gp_draw_normal(const gp_draw *draw, enum gp_field field, int64_t column, int64_t columns);

/* The draw of row `index` of the whole data set (training rows first). */
gp_draw gp_draw_of(const gp_dataset *data, uint64_t seed, int64_t index);

/* Adds Gaussian noise of that standard deviation to each input of row `index` (field GP_FIELD_NOISE). */
void gp_dataset_add_noise(gp_dataset *data, int64_t index, const gp_draw *draw, double noise);

/* Gives row `index` its class: label and one-hot target. label in [0, classes). */
void gp_dataset_set_label(gp_dataset *data, int64_t index, int32_t label);

/* A classification set of points: class = row mod classes (balanced to within one row), `point` writes the
 * noiseless inputs (zeroed before) of one row, then noise is added to each input. */
typedef struct gp_point_set {
  int64_t train, test, features, classes;
  double noise;
  void (*point)(double *x, int32_t label, const gp_draw *draw, const void *options);
} gp_point_set;

gp_status gp_generate_points(gp_dataset *out, const gp_point_set *set, const void *options, uint64_t seed);

/* A random permutation of 0 .. rows - 1 (Fisher-Yates, GP_PURPOSE_SPLIT): row i of a file goes to place[i].
 * NULL when out of memory. The caller frees. */
int64_t *gp_generate_places(uint64_t seed, int64_t rows);

/* Rows of options that generators have in common; S has int64_t train, test and double noise. */
#define GP_SAMPLES_MAX 1e7
#define GP_ROW_SAMPLES(S, default_, min_)                                                                    \
  GP_INT(S, train, "samples", default_, min_, GP_SAMPLES_MAX, "training rows")
#define GP_ROW_TEST(S, default_) GP_INT(S, test, "test", default_, 0, GP_SAMPLES_MAX, "test rows (0: none)")
#define GP_ROW_NOISE(S, default_)                                                                            \
  GP_REAL(S, noise, "noise", default_, 0, 100, "standard deviation of the Gaussian noise on each input",     \
          .flags = GP_NUMERIC)

#endif
