/* The stated bounds in ulp, float and double, as in the table of core/elementary.inl. */
#ifndef ELEMENTARY_BOUNDS_H
#define ELEMENTARY_BOUNDS_H

#include "elementary_tiers.h"

typedef struct elementary_bound {
  double f32, f64;
} elementary_bound;

static const elementary_bound elementary_bounds[F_COUNT] = {
    [F_exp] = {1.1, 1.1}, [F_expm1] = {1.5, 2.0}, [F_log] = {1.0, 1.0},      [F_log1p] = {1.0, 1.1},
    [F_sin] = {1.7, 1.7}, [F_cos] = {1.7, 1.7},   [F_tanh] = {2.4, 2.6},     [F_sigmoid] = {2.5, 2.5},
    [F_erf] = {1.2, 1.5}, [F_dtanh] = {4.5, 4.5}, [F_dsigmoid] = {5.0, 5.0}, [F_derf] = {2.6, 2.6},
    [F_atan] = {3, 3},    [F_datan] = {4, 4}};

#endif
