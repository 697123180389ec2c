/* Stability thresholds; see stability.h. */
#include "stability.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static double heavy_ball(double beta) {
  return 2 * (1 + beta);
}

static double nesterov(double beta) {
  return (2 + 2 * beta) / (1 + 2 * beta);
}

static double averaged(double beta) {
  return 2 * (1 + beta) / (1 - beta);
}

static double plain(double beta) {
  (void)beta;
  return 2;
}

typedef struct rule {
  const char *optimizer;
  double (*threshold)(double beta);
} rule;

static const rule rules[] = {{"sgd", heavy_ball},    {"heavy_ball", heavy_ball}, {"nesterov", nesterov},
                             {"averaged", averaged}, {"adam", averaged},         {"adamw", averaged},
                             {"rmsprop", plain}};

double gp_stability_threshold(const char *optimizer, double momentum) {
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (strcmp(rules[i].optimizer, optimizer) == 0) return rules[i].threshold(momentum);
  return (double)NAN;
}
