/* A multilayer perceptron over a kernel table: memory, forward, loss, backward. Written once for
 * every tier, precision and plan; all arithmetic is in the kernels.
 *
 *   z_l = m_l W_l h_{l-1} + b_l,   delta_l = dC/dz_l without the 1/B of the batch mean
 *   dC/dW_l = f m_l delta_l h_{l-1}^T,   dC/db_l = f sum_b delta_l,   dC/dh_{l-1} = m_l W_l^T delta_l + what a connection adds
 * f is the batch factor (1/B or 1), m_l the forward multiplier of the parametrization. Between z_l and h_l of a hidden layer:
 *
 *   u = N(z)                      normalisation before the activation; else u = z          (norm.h)
 *   u = alpha u + h_{l-k}         end of a residual block that sums before the activation   (residual.h)
 *   a = phi(u)
 *   h = N(a)                      normalisation after the activation; else h = a
 *   h = alpha h + h_{l-k}         end of a block that sums after it
 *
 * Arrays that are the same thing are the same memory: u is z, a and h are one, where nothing stands between them.
 *
 * Arrays (see kernels.h): weights (O, I, lanes), activations (features, B, lanes). layer[l - 1] is weight
 * layer l. */
#ifndef GP_NET_H
#define GP_NET_H

#include "activation.h"
#include "arena.h"
#include "kernels.h"
#include "loss.h"

/* An array of trained numbers; all NULL where there is none. `master`: where value is a rounded copy, what the optimiser
 * changes (see precision.h); else NULL. */
typedef struct gp_trained {
  void *value, *gradient, *state, *master;
} gp_trained;

struct gp_norm;
struct gp_precision;

/* What a normalisation keeps; item NULL: there is none here. Statistics are (O) or (B), see gp_norm. */
typedef struct gp_norm_layer {
  const struct gp_norm *item;
  bool after;                              /* of phi(u) instead of z */
  void *normalised, *y;                    /* (O, B): x^; gamma x^ + beta, or x^ itself */
  void *scale;                             /* reals: 1/sqrt(variance + eps) of the last pass */
  double *mean, *variance;                 /* of the last training pass */
  double *running_mean, *running_variance; /* (O): batch normalisation's, for evaluation */
  gp_trained gamma, beta;                  /* (O) */
  gp_trained direction, gain;              /* weight normalisation's v (O, I) and g (O) */
} gp_norm_layer;

typedef struct gp_layer {
  int64_t in, out;
  double multiplier;
  const gp_activation *activation; /* NULL at an output layer whose loss works on logits or on z itself */
  void *params;                    /* the activation's numbers (count, lanes) */
  void *w, *b;                     /* (O, I), (O); b NULL without bias */
  void *dw, *db; /* gradients of the batch loss; after an update that keeps it: the true update */
  void *sw, *sb; /* state of the optimiser (states, O, I), (states, O); NULL without */
  void *mw, *mb; /* master weights, see gp_trained */
  void *z, *u, *a, *h, *d, *delta; /* (O, B): see above; d = phi'(u), delta = dC/dz */
  gp_norm_layer norm;
  int source;       /* the layer whose output is added here, 1..L; 0: none */
  bool sums_before; /* into u instead of h */
  bool feeds;       /* its output is added at a later layer */
  gp_trained alpha; /* (1): factor on the block that ends here; gradient NULL where it is not trained */
} gp_layer;

typedef struct gp_net_shape {
  int layers;            /* L */
  const int64_t *widths; /* n_0 .. n_L */
  int64_t capacity;      /* largest B */
  int lanes;
  bool bias;
  int states;                         /* arrays of the optimiser per parameter array */
  const gp_choice *norm, *residual;   /* NULL: none */
  const struct gp_precision *storage; /* emulated format of the arrays, or NULL */
  bool master;                        /* emulated: weights have a master in the precision of the kernels */
  bool scaled;                        /* the loss is scaled in the backward pass */
} gp_net_shape;

/* One array of trained numbers as optimisers, clipping and dumps see it. */
typedef struct gp_parameter {
  const char *name; /* weight, bias, norm_gamma, norm_beta, weight_direction, weight_gain, residual_alpha */
  int rank;         /* 2: (O, I); 1: (O); 0: one number */
  int64_t count;
  bool decays; /* a weight: weight decay is meant for it */
  gp_trained at;
} gp_parameter;

enum { GP_PARAMETERS_MAX = 6 };

typedef struct gp_net {
  const gp_kernels *k;
  const gp_kernels *k64; /* the same tier in double: reductions of losses */
  const gp_loss_kernels *lk;
  int layers, lanes;
  int64_t capacity;
  gp_layer *layer;
  void *x;                /* (n_0, B): the batch */
  void *dx;               /* (n_0, B): gradient of the batch loss with respect to x */
  double *y;              /* (n_L, B): targets */
  double *out, *p, *dout; /* (n_L, B): output, prediction, dloss/doutput, in double */
  double *example_loss;   /* (B) */
  double *row;            /* (widest layer): row sums */
  void *scratch;          /* transposed activations */
  /* Only with normalisations or residual connections: */
  double *norm_eps, *norm_averaging; /* (1): settings of every lane */
  double *statistic[2];              /* (widest layer or batch): statistics on their way */
  void *statistic_real[2];
  void *skipped;                      /* (widest, B): the gradient that runs along the connection */
  const struct gp_precision *storage; /* emulated format, or NULL */
  bool master;
  double *loss_scale; /* (lanes): dC/dz of the output layer is multiplied by it; NULL: it is not */
  void *loss_unscale; /* (lanes) reals: its reciprocals */
  gp_choice loss;
} gp_net;

/* Takes all memory from the arena (measuring or committed). `tier` and `bits` choose the kernels. */
void gp_net_layout(gp_net *net, gp_arena *arena, const gp_tier *tier, int bits, const gp_net_shape *shape);

/* After the weights were drawn: the other trained arrays and running statistics at their start. alpha (lanes) is that of
 * every block, NULL without residual connections. */
void gp_net_initialise(gp_net *net, const double *alpha);

/* The same for one layer whose weights were drawn again. */
void gp_net_initialise_layer(gp_net *net, gp_layer *layer, const double *alpha);

/* Forward pass of B examples in net->x. Training: keeps phi' for backward and normalises by the batch's own statistics;
 * else (evaluation) batch normalisation uses its running ones. */
void gp_net_forward(gp_net *net, int64_t batch, bool training);

/* After a training pass whose gradients are used for an update: the running statistics move. */
void gp_net_track(gp_net *net, int64_t batch);

/* After weights or what they are made of changed by hand or by an update: W where weight normalisation composes it. */
void gp_net_compose(gp_net *net);

/* The trained arrays of a layer; returns how many. */
int gp_layer_parameters(const gp_layer *layer, gp_parameter out[static GP_PARAMETERS_MAX]);

/* Room for `count` reals or doubles of every lane. */
void *gp_net_reals(const gp_net *net, gp_arena *arena, int64_t count);
double *gp_net_doubles(const gp_net *net, gp_arena *arena, int64_t count);
void *gp_net_master(const gp_net *net, gp_arena *arena,
                    int64_t count); /* NULL where weights have no master */

/* Per-example losses, predictions and the output delta from the last forward pass and net->y.
 * loss[lane] receives the batch loss (factor included). */
void gp_net_loss(gp_net *net, int64_t batch, double *loss);

/* All deltas and gradients of the last gp_net_loss; dx as well when `input`. */
void gp_net_backward(gp_net *net, int64_t batch, bool input);

/* The same from any delta of the output layer, with any factor on the gradients; those of the parameters only when asked
 * for. */
void gp_net_reverse(gp_net *net, int64_t batch, double factor, bool parameters, bool input);

/* Bytes of `count` reals for all lanes. */
static inline size_t gp_net_bytes(const gp_net *net, int64_t count) {
  return (size_t)count * (size_t)net->lanes * net->k->size;
}

#endif
