/* From a choice to a data set: make, classes, first rows, split, scaling, content hash.
 *
 * Scaling sees one column at a time, gathered, so that its sums run in the house order of gp_sum whatever the
 * number of columns. */
#include "dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statistics.h"
#include "subset.h"

enum { HASH_PARTS_BYTES = 4 * GP_HASH_TEXT + 128 };
static const double split_default = 0.8;

const char *const gp_scaling_words[] = {"none", "standardize", "range", NULL};

/* Zeroed; NULL also when the sizes multiply past what a size_t holds. */
static void *allocate_block(int64_t rows, int64_t columns, size_t width) {
  size_t count, bytes;
  if (rows < 0 || columns < 0 || __builtin_mul_overflow((size_t)rows, (size_t)columns, &count) ||
      __builtin_mul_overflow(count, width, &bytes))
    return NULL;
  return calloc(bytes > 0 ? bytes : 1, 1);
}

gp_status gp_dataset_allocate(gp_dataset *data, int64_t train, int64_t test, int64_t features,
                              int64_t outputs, int64_t classes) {
  int64_t rows;
  bool fits = !__builtin_add_overflow(train, test, &rows);
  *data = (gp_dataset){
      .train = train, .test = test, .features = features, .outputs = outputs, .classes = classes};
  if (fits) {
    data->x = allocate_block(rows, features, sizeof *data->x);
    if (data->x != NULL) data->y = allocate_block(rows, outputs, sizeof *data->y);
    if (data->y != NULL && classes > 0) data->label = allocate_block(rows, 1, sizeof *data->label);
  }
  if (data->x != NULL && data->y != NULL && (classes == 0 || data->label != NULL)) return GP_OK;
  gp_dataset_free(data);
  return gp_fail(GP_ERR_MEMORY,
                 "out of memory for a data set of %lld + %lld rows, %lld inputs and %lld outputs",
                 (long long)train, (long long)test, (long long)features, (long long)outputs);
}

void gp_dataset_free(gp_dataset *data) {
  free(data->x);
  free(data->y);
  free(data->label);
  *data = (gp_dataset){0};
}

/* Test rows move up behind the training rows that are kept; the memory behind them stays until the free. */
static void keep_first(gp_dataset *data, int64_t first) {
  if (first < 1 || first >= data->train) return;
  size_t from = (size_t)data->train, to = (size_t)first, rows = (size_t)data->test;
  size_t features = (size_t)data->features, outputs = (size_t)data->outputs;
  memmove(data->x + to * features, data->x + from * features, rows * features * sizeof *data->x);
  memmove(data->y + to * outputs, data->y + from * outputs, rows * outputs * sizeof *data->y);
  if (data->label != NULL) memmove(data->label + to, data->label + from, rows * sizeof *data->label);
  data->train = first;
}

/* The rows lie in one block, training first, so a split only draws the line. */
static gp_status split_rows(gp_dataset *data, double share) {
  if (isnan(share)) share = split_default;
  if (!(share > 0 && share <= 1))
    return gp_fail(GP_ERR_CONFIG, "data.split: %g is not a share for training (above 0, at most 1)", share);
  int64_t rows = data->train, train = (int64_t)floor(share * (double)rows + 0.5);
  data->train = train < 1 ? 1 : train;
  data->test = rows - data->train;
  return GP_OK;
}

/* How one column is scaled: x <- (x - centre) * factor / divisor + base. */
typedef struct scale_map {
  double centre, divisor, factor, base;
} scale_map;

static void column_bounds(const double *x, size_t n, double *low, double *high) {
  *low = *high = x[0];
  for (size_t i = 1; i < n; i++) {
    if (x[i] < *low) *low = x[i];
    if (x[i] > *high) *high = x[i];
  }
}

/* The population deviation (1/n): scaled training columns then have mean square exactly about 1. `x` is used
 * up. A constant column is centred on its value, not on its rounded mean, so that it becomes exactly 0. */
static scale_map map_standard(double *x, size_t n) {
  double low, high;
  column_bounds(x, n, &low, &high);
  scale_map map = {.centre = low, .divisor = 1, .factor = 1};
  if (low == high) return map;
  map.centre = gp_mean(x, n);
  for (size_t i = 0; i < n; i++) x[i] = (x[i] - map.centre) * (x[i] - map.centre);
  double deviation = sqrt(gp_sum(x, n) / (double)n);
  if (deviation > 0) map.divisor = deviation;
  return map;
}

/* By the format's own bounds where there are some: column by column, a pixel that is nearly always black would be blown
 * up to the full range. */
static scale_map map_range(const double *x, size_t n, const gp_dataset *data, const gp_data_common *common) {
  double low = data->low, high = data->high;
  if (low == high) column_bounds(x, n, &low, &high);
  scale_map map = {.centre = low, .divisor = 1, .factor = 1, .base = common->scale_low};
  if (high > low) {
    map.divisor = high - low;
    map.factor = common->scale_high - common->scale_low;
  }
  return map;
}

/* The map comes from the training rows alone and is applied to all: the test rows must not leak into it. */
static gp_status scale_column(gp_dataset *data, int64_t column, const gp_data_common *common,
                              double *buffer) {
  size_t train = (size_t)data->train, rows = train + (size_t)data->test, stride = (size_t)data->features;
  double *x = data->x + column;
  for (size_t i = 0; i < train; i++) buffer[i] = x[i * stride];
  scale_map map = common->scaling == GP_SCALING_STANDARDIZE ? map_standard(buffer, train)
                                                            : map_range(buffer, train, data, common);
  bool fits =
      isfinite(map.divisor); /* the spread itself may overflow, and would turn the column into zeros */
  for (size_t i = 0; i < rows && fits; i++) {
    double *value = x + i * stride;
    *value = (*value - map.centre) / map.divisor * map.factor + map.base;
    fits = isfinite(*value);
  }
  if (fits) return GP_OK;
  return gp_fail(GP_ERR_DATA, "input column %lld: values too large to be scaled", (long long)column + 1);
}

static gp_status scale_inputs(gp_dataset *data, const gp_data_common *common) {
  if (common->scaling == GP_SCALING_NONE) return GP_OK;
  if (common->scaling == GP_SCALING_RANGE && !(common->scale_low < common->scale_high))
    return gp_fail(GP_ERR_CONFIG, "data.scale: [%g, %g] is not a range (low below high)", common->scale_low,
                   common->scale_high);
  double *buffer = malloc((size_t)data->train * sizeof *buffer);
  if (buffer == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory while scaling the data");
  gp_status status = GP_OK;
  for (int64_t j = 0; j < data->features && status == GP_OK; j++)
    status = scale_column(data, j, common, buffer);
  free(buffer);
  return status;
}

/* The sizes and the hashes of the arrays, hashed: equal numbers in another shape are other data. */
static void hash_content(gp_dataset *data) {
  size_t rows = (size_t)(data->train + data->test);
  char x[GP_HASH_TEXT], y[GP_HASH_TEXT], label[GP_HASH_TEXT] = "", parts[HASH_PARTS_BYTES];
  gp_hash_text(x, data->x, rows * (size_t)data->features * sizeof *data->x);
  gp_hash_text(y, data->y, rows * (size_t)data->outputs * sizeof *data->y);
  if (data->label != NULL) gp_hash_text(label, data->label, rows * sizeof *data->label);
  int length = snprintf(parts, sizeof parts, "%lld %lld %lld %lld %lld %s %s %s", (long long)data->train,
                        (long long)data->test, (long long)data->features, (long long)data->outputs,
                        (long long)data->classes, x, y, label);
  gp_hash_text(data->content_hash, parts, (size_t)length);
}

gp_status gp_dataset_make(gp_dataset *out, const gp_choice *choice, const gp_data_common *common) {
  const gp_data_item *item = (const gp_data_item *)choice->item; /* the item is its first member */
  gp_status status;
  *out = (gp_dataset){0};
  GP_TRY_DONE(item->make(out, choice->options, (uint64_t)common->seed, common));
  GP_TRY_DONE(gp_subset_keep(out, common));
  keep_first(out, common->first);
  if (item->splits && out->test == 0) GP_TRY_DONE(split_rows(out, common->split));
  GP_TRY_DONE(scale_inputs(out, common));
  hash_content(out);
done:
  if (status != GP_OK) gp_dataset_free(out);
  return status;
}
