/* Initialisers: how the weights of a layer are drawn, from (seed, layer, index) alone, or (seed, layer) where entries
 * depend on each other. */
#ifndef GP_INIT_H
#define GP_INIT_H

#include "option.h"

enum gp_fan { GP_FAN_IN, GP_FAN_OUT, GP_FAN_AVERAGE };
enum gp_distribution { GP_NORMAL, GP_UNIFORM, GP_TRUNCATED };

/* Settings of every initialiser (an item shows those it uses). */
typedef struct gp_init_options {
  double gain;            /* factor on the standard deviation; NaN (auto) until a spec is resolved */
  double weight_variance; /* mean_field: sigma_w^2 */
  double
      bias_variance; /* biases N(bias_mean, bias_variance), exactly bias_mean when it is 0; see bias_init.h */
  double bias_mean;
  double std, range; /* normal, sparse; uniform */
  double value;      /* constant */
  int64_t k;         /* sparse: connections of a unit */
  double tolerance;  /* lsuv: of the variance */
  int64_t passes;    /* lsuv: at most, per layer */
  const char *path;  /* file: owned by the reader of the configuration */
  int64_t step;      /* file: INT64_MIN: the only one */
  int fan, distribution;
} gp_init_options;

/* A layer whose matrix is drawn as a whole. */
typedef struct gp_init_layer {
  uint64_t seed;
  int number, layers; /* 1..L */
  int64_t in, out;
} gp_init_layer;

typedef struct gp_init {
  gp_item item;
  /* Variance of one weight of a layer with the given fans; NaN where the weights are not random and of mean 0. */
  double (*variance)(const gp_init_options *options, double fan_in, double fan_out);
  /* Draws w (out, in), row-major, at once; `scratch` holds gp_init_scratch() doubles. NULL: every weight alone. */
  void (*matrix)(const gp_init_options *options, const gp_init_layer *layer, double *w, double *scratch);
  bool halves;        /* needs hidden layers of even width */
  bool from_file;     /* weights are read before a run begins (gp_weights of spec.h) */
  bool unit_variance; /* layers are then scaled by what the first batch makes of them (train/lsuv.c) */
  /* Factor on the deviation of layer `position` (1 .. length) of a residual block, of so many; position 0: not in a block;
   * the output layer is position -1. NULL: 1 everywhere. */
  double (*branch)(int position, int length, int blocks);
} gp_init;

extern const gp_family gp_init_family; /* `auto` first: replaced when a spec is resolved */

static inline const gp_init *gp_init_of(const gp_choice *choice) {
  return (const gp_init *)(const void *)choice->item;
}

static inline const gp_init_options *gp_init_options_of(const gp_choice *choice) {
  return (const gp_init_options *)(const void *)choice->options;
}

/* Variance of one weight, standard parametrization; NaN as above. */
double gp_init_variance(const gp_choice *choice, int64_t fan_in, int64_t fan_out);

/* Replaces `gain: auto` by the gain with fan x variance x E[phi(z)^2] = 1, z ~ N(0, 1), so that pre-activations of mean
 * square 1 keep it: 1 for relu under he (which has a 2 of its own), 1.59 for tanh under lecun and xavier. */
void gp_init_resolve_gain(gp_choice *choice, const gp_choice *activation);

/* Weight number `index` = o fan_in + i of layer `layer` (1..L), of the given standard deviation: normal, uniform in
 * +-sqrt(3) deviation, or normal cut at two standard deviations and scaled to the deviation, from stream (seed,
 * GP_PURPOSE_WEIGHT, layer). */
double gp_init_weight(const gp_choice *choice, uint64_t seed, int layer, int64_t index, double deviation);

/* Doubles of scratch the matrix hook needs for a layer of that shape. */
size_t gp_init_scratch(int64_t in, int64_t out);

/* init_matrix.c: the matrix hooks. */
void gp_init_constant(const gp_init_options *options, const gp_init_layer *layer, double *w, double *scratch);
void gp_init_identity(const gp_init_options *options, const gp_init_layer *layer, double *w, double *scratch);
void gp_init_orthogonal(const gp_init_options *options, const gp_init_layer *layer, double *w,
                        double *scratch);
void gp_init_lsuv(const gp_init_options *options, const gp_init_layer *layer, double *w, double *scratch);
void gp_init_sparse(const gp_init_options *options, const gp_init_layer *layer, double *w, double *scratch);
void gp_init_looks_linear(const gp_init_options *options, const gp_init_layer *layer, double *w,
                          double *scratch);

#endif
