/* Two inputs of chosen norm and correlation, one per class: what the correlation map of mean-field theory is about
 * (Poole et al. 2016; Schoenholz et al. 2017).
 *
 *   x_0 = norm e_1,   x_1 = norm (c e_1 + sqrt(1 - c^2) e_2),   e_1, e_2 a random orthonormal pair */
#include "data_list.h"

#include <math.h>

#include "generate.h"

typedef struct two_point_options {
  int64_t features;
  double correlation, norm;
} two_point_options;

static const gp_option options[] = {
    GP_INT(two_point_options, features, "features", 16, 2, 65536, "inputs"),
    GP_REAL(two_point_options, correlation, "correlation", 0.5, -1, 1, "cosine of the angle between the two",
            .flags = GP_NUMERIC),
    GP_REAL(two_point_options, norm, "norm", 4, 1e-6, 1e6,
            "Euclidean norm of each; sqrt(features) is mean square 1", .flags = GP_NUMERIC),
    GP_OPTIONS_END,
};

static double dot(const double *x, const double *y, int64_t n) {
  double sum = 0;
  for (int64_t j = 0; j < n; j++) sum = fma(x[j], y[j], sum);
  return sum;
}

static void normalise(double *x, int64_t n) {
  double length = sqrt(dot(x, x, n));
  for (int64_t j = 0; j < n; j++) x[j] /= length;
}

static gp_status make_two_point(gp_dataset *out, const void *settings, uint64_t seed,
                                const gp_data_common *common) {
  const two_point_options *o = settings;
  int64_t n = o->features;
  (void)common;
  GP_TRY(gp_dataset_allocate(out, 2, 0, n, 2, 2));
  double *first = out->x, *second = out->x + n, c = o->correlation, rest = sqrt(1 - c * c);
  for (int64_t i = 0; i < 2; i++) {
    gp_draw draw = gp_draw_of(out, seed, i);
    for (int64_t j = 0; j < n; j++) out->x[i * n + j] = gp_draw_normal(&draw, GP_FIELD_POSITION, j, n);
    gp_dataset_set_label(out, i, (int32_t)i);
  }
  normalise(first, n);
  for (int round = 0; round < 2; round++) { /* twice: what one projection leaves, the second takes */
    double along = dot(first, second, n);
    for (int64_t j = 0; j < n; j++) second[j] = fma(-along, first[j], second[j]);
    normalise(second, n);
  }
  for (int64_t j = 0; j < n; j++) {
    second[j] = o->norm * (c * first[j] + rest * second[j]);
    first[j] *= o->norm;
  }
  return GP_OK;
}

const gp_data_item gp_data_two_point = {
    .item = {.name = "two_point",
             .summary = "two inputs of chosen norm and correlation, one per class",
             .source = "Poole et al. 2016; Schoenholz et al. 2017",
             .options = options},
    .make = make_two_point,
};
