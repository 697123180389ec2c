/* Normalisations: the family, and a layer's pass through one.
 *
 *   batch    per unit over the examples of the batch                                Ioffe and Szegedy 2015, algorithm 1
 *   layer    per example over the units of the layer                                Ba, Kiros and Hinton 2016, eq. 4
 *   rms      the same without taking the mean away                                  Zhang and Sennrich 2019, eq. 4
 *   weight   every row of W is g v/|v|, with v and g trained in its place           Salimans and Kingma 2016, eq. 2
 *
 * x^ = (x - mean) / sqrt(variance + eps) with the biased variance, y = gamma x^ + beta. All but `weight`, which every weight layer has,
 * are of hidden layers: before the activation (of z) or after it (of phi(z)). */
#ifndef GP_NORM_H
#define GP_NORM_H

#include "net.h"

enum gp_norm_place { GP_NORM_BEFORE, GP_NORM_AFTER };

typedef struct gp_norm_options {
  double eps, averaging;
  bool affine;
  int place;
} gp_norm_options;

typedef struct gp_norm {
  gp_item item;
  const char *formula; /* of x^, or of a row of W */
  bool by_row;         /* statistics of a unit over the examples: they couple the examples of a batch */
  bool centred;        /* the mean is taken away */
  bool weights;        /* of the weights, not of the activations */
} gp_norm;

extern const gp_family gp_norm_family;

static inline const gp_norm_options *gp_norm_options_of(const gp_choice *choice) {
  return (const gp_norm_options *)(const void *)choice->options;
}

/* The item, or NULL for none (also for a NULL choice). */
const gp_norm *gp_norm_of(const gp_choice *choice);

/* Whether an example's gradient depends on the rest of its batch, so that quantities built on its own gradient do not exist. */
static inline bool gp_norm_couples_examples(const gp_choice *choice) {
  const gp_norm *norm = gp_norm_of(choice);
  return norm != NULL && norm->by_row;
}

/* The arrays of one layer (1..L of `layers`); leaves what it does not need at NULL. */
void gp_norm_layout(const gp_net *net, gp_layer *layer, gp_arena *arena, const gp_net_shape *shape,
                    bool hidden);

/* gamma 1, beta 0, running mean 0 and variance 1; under weight normalisation v = w, g = |v|. */
void gp_norm_initialise(const gp_net *net, gp_layer *layer);

/* layer->norm.y from x (O, B). Training: by the batch's own statistics, which are kept; else batch normalisation uses
 * the running ones. */
void gp_norm_forward(const gp_net *net, gp_layer *layer, const void *x, int64_t batch, bool training);

/* g (O, B) from dC/dy to dC/dx of the last training pass, in place; gradients of gamma and beta, times `factor`. */
void gp_norm_backward(const gp_net *net, gp_layer *layer, void *g, int64_t batch, double factor);

/* running = (1 - averaging) running + averaging x statistic, of the last training pass; the variance as the unbiased estimate
 * B/(B - 1) times the batch's, or the batch's itself where B is 1. */
void gp_norm_track(const gp_net *net, gp_layer *layer, int64_t batch);

/* Weight normalisation: w from v and g; the gradients of v and g from dw (Salimans and Kingma 2016, eq. 3). */
void gp_norm_compose(const gp_net *net, gp_layer *layer);
void gp_norm_decompose(const gp_net *net, gp_layer *layer);

#endif
