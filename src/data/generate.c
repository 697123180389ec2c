/* What generators share (contract in generate.h). */
#include "generate.h"

#include <stdlib.h>

#include "rng.h"

/* Layer = field and part, so that no two kinds of number share a stream. */
static gp_stream stream_of(const gp_draw *draw, enum gp_field field) {
  return (gp_stream){
      .seed = draw->seed, .purpose = GP_PURPOSE_DATA, .layer = 2 * (uint32_t)field + (uint32_t)draw->part};
}

double gp_draw_uniform(const gp_draw *draw, enum gp_field field, int64_t column, int64_t columns) {
  return gp_rng_uniform(stream_of(draw, field), (uint64_t)(draw->row * columns + column));
}

double gp_draw_normal(const gp_draw *draw, enum gp_field field, int64_t column, int64_t columns) {
  return gp_rng_normal(stream_of(draw, field), (uint64_t)(draw->row * columns + column));
}

gp_draw gp_draw_of(const gp_dataset *data, uint64_t seed, int64_t index) {
  bool test = index >= data->train;
  return (gp_draw){
      .seed = seed, .part = test ? GP_PART_TEST : GP_PART_TRAIN, .row = test ? index - data->train : index};
}

void gp_dataset_add_noise(gp_dataset *data, int64_t index, const gp_draw *draw, double noise) {
  double *x = data->x + index * data->features;
  if (noise == 0) return; /* the log, sin and cos of a normal draw are most of a generator's time */
  for (int64_t j = 0; j < data->features; j++)
    x[j] += noise * gp_draw_normal(draw, GP_FIELD_NOISE, j, data->features);
}

void gp_dataset_set_label(gp_dataset *data, int64_t index, int32_t label) {
  data->label[index] = label;
  data->y[index * data->outputs + label] = 1;
}

gp_status gp_generate_points(gp_dataset *out, const gp_point_set *set, const void *options, uint64_t seed) {
  GP_TRY(gp_dataset_allocate(out, set->train, set->test, set->features, set->classes, set->classes));
  for (int64_t i = 0; i < set->train + set->test; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    int32_t label = (int32_t)(draw.row % set->classes);
    set->point(out->x + i * out->features, label, &draw, options);
    gp_dataset_set_label(out, i, label);
    gp_dataset_add_noise(out, i, &draw, set->noise);
  }
  return GP_OK;
}

int64_t *gp_generate_places(uint64_t seed, int64_t rows) {
  gp_stream stream = {.seed = seed, .purpose = GP_PURPOSE_SPLIT};
  int64_t *place = calloc((size_t)rows, sizeof *place);
  if (place == NULL) return NULL;
  for (int64_t i = 0; i < rows; i++) {
    int64_t j = (int64_t)gp_rng_below(stream, (uint64_t)i, (uint64_t)i + 1);
    place[i] = place[j];
    place[j] = i;
  }
  return place;
}
