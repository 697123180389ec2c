/* Data sets: what a network is trained and tested on, in double, as generated or read.
 *
 *   x (n, features) row-major    one row per example
 *   y (n, outputs)  row-major    targets (one-hot for classes)
 *   label (n)                    class number, classification only
 *
 * Training rows come first, then the test rows: rows [0, train) and [train, train + test). */
#ifndef GP_DATASET_H
#define GP_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "hash.h"
#include "option.h"
#include "status.h"

enum {
  GP_DATA_CLASSES_MAX = 4096
}; /* one-hot targets take classes doubles per row: a label past it is a broken file */

typedef struct gp_dataset {
  int64_t train, test;       /* rows */
  int64_t features, outputs; /* columns of x; columns of y (classes when classification) */
  int64_t classes;           /* 0 for regression; 2 for two classes ... */
  double *x, *y;
  int32_t *label;   /* NULL for regression */
  double low, high; /* bounds every x is known to have by its format (bytes: 0, 1), both 0 when unknown */
  char
      content_hash[GP_HASH_TEXT]; /* of the numbers above: what enters a run's identity for data from files */
} gp_dataset;

/* Settings every data set has, beside its own options (config keys data.seed, data.first ...). Only inputs
 * are scaled, never targets. `standardize`: each column minus its mean, over its standard deviation (1/n).
 * `range`: each column's [min, max] to [scale_low, scale_high], or, where the format itself bounds the values
 * (bytes of images), those bounds, the same for every column, so that `scale: [0, 1]` on images means pixel /
 * 255. The statistics are those of the training rows. A constant column is moved and not divided. */
typedef struct gp_data_common {
  int64_t seed;             /* data.seed; runs share the data unless it is swept */
  const char *only_classes; /* "3-5": keep these classes, which become 0 and 1; NULL: all */
  int64_t per_class;        /* keep only the first n training rows of each class; below 1 or auto: all */
  int64_t first; /* keep only the first n training rows of those, before the split; below 1 or auto: all */
  double split;  /* items that split: share of the rows for training, the nearest whole number and at least
                    one row, in (0, 1]; NaN: 0.8. Rows keep their order, the first ones train. */
  int scaling;   /* none | standardize | range */
  double scale_low, scale_high; /* config: scale: [low, high] (implies scaling = range) */
} gp_data_common;

enum gp_scaling { GP_SCALING_NONE, GP_SCALING_STANDARDIZE, GP_SCALING_RANGE };
extern const char *const gp_scaling_words[]; /* "none", "standardize", "range", NULL */

typedef struct gp_data_item {
  gp_item item;
  /* Fills a zeroed data set from the item's options and the seed. Errors: GP_ERR_DATA (file, line, what is
   * wrong), GP_ERR_IO, GP_ERR_MEMORY. */
  gp_status (*make)(gp_dataset *out, const void *options, uint64_t seed, const gp_data_common *common);
  bool splits; /* when `make` left no test rows, data.split takes them from the end (files); generated data
                  say `test: 0` when they mean none */
} gp_data_item;

extern const gp_family gp_data_family;

/* Makes the data set a choice describes: generate or read, classes, first rows, split, scaling (statistics from the
 * training rows only), content hash. The caller frees with gp_dataset_free. */
gp_status gp_dataset_make(gp_dataset *out, const gp_choice *choice, const gp_data_common *common);

void gp_dataset_free(gp_dataset *data);

/* Allocates x, y (and label when classes > 0) for the given sizes, zeroed. For the items' own use. */
gp_status gp_dataset_allocate(gp_dataset *data, int64_t train, int64_t test, int64_t features,
                              int64_t outputs, int64_t classes);

#endif
