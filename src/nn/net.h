/* A multilayer perceptron over a kernel table: memory, forward, loss, backward, update. Written once for
 * every tier, precision and plan; all arithmetic is in the kernels.
 *
 *   z_l = m_l W_l h_{l-1} + b_l,   h_l = phi(z_l),   delta_l = dC/dz_l without the 1/B of the batch mean
 *   dC/dW_l = f m_l delta_l h_{l-1}^T,   dC/db_l = f sum_b delta_l,   delta_{l-1} = (m_l W_l^T delta_l)
 * phi'(z_{l-1}) f is the batch factor (1/B or 1), m_l the forward multiplier of the parametrization.
 *
 * Arrays (see kernels.h): weights (O, I, lanes), activations (features, B, lanes). layer[l - 1] is weight
 * layer l. */
#ifndef GP_NET_H
#define GP_NET_H

#include "activation.h"
#include "arena.h"
#include "kernels.h"
#include "loss.h"

typedef struct gp_layer {
  int64_t in, out;
  double multiplier;
  const gp_activation *activation; /* NULL at an output layer whose loss works on logits or on z itself */
  void *params;                    /* the activation's numbers (count, lanes) */
  void *w, *b;                     /* (O, I), (O); b NULL without bias */
  void *dw, *db;           /* gradients of the batch loss; after an update that keeps it: the true update */
  void *sw, *sb;           /* state of the optimiser (states, O, I), (states, O); NULL without */
  void *z, *h, *d, *delta; /* (O, B): pre-activation, activation, phi'(z), delta */
} gp_layer;

typedef struct gp_net_shape {
  int layers;            /* L */
  const int64_t *widths; /* n_0 .. n_L */
  int64_t capacity;      /* largest B */
  int lanes;
  bool bias;
  int states; /* arrays of the optimiser per parameter array */
} gp_net_shape;

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
  gp_choice loss;
} gp_net;

/* Takes all memory from the arena (measuring or committed). `tier` and `bits` choose the kernels. */
void gp_net_layout(gp_net *net, gp_arena *arena, const gp_tier *tier, int bits, const gp_net_shape *shape);

/* Forward pass of B examples in net->x; keeps phi' when `slopes` (needed by backward). */
void gp_net_forward(gp_net *net, int64_t batch, bool slopes);

/* Per-example losses, predictions and the output delta from the last forward pass and net->y.
 * loss[lane] receives the batch loss (factor included). */
void gp_net_loss(gp_net *net, int64_t batch, double *loss);

/* All deltas and gradients of the last gp_net_loss; dx as well when `input`. */
void gp_net_backward(gp_net *net, int64_t batch, bool input);

/* Bytes of `count` reals for all lanes. */
static inline size_t gp_net_bytes(const gp_net *net, int64_t count) {
  return (size_t)count * (size_t)net->lanes * net->k->size;
}

#endif
