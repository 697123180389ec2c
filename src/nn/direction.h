/* Directional derivatives of a network, exact and in double: Jacobian-vector products forward, vector-Jacobian products
 * backward, Hessian-vector products by differentiating the backward pass along a direction (Pearlmutter 1994).
 *
 * R{.} is the derivative along a direction v of the parameters and, where wanted, R{x} of the inputs; e_l = dC/da_l:
 *   R{z_l} = m_l (R{W_l} h_{l-1} + W_l R{h_{l-1}}) + v_b,     R{a_l} = phi'(u_l) R{u_l}
 *   R{dC/dh_{l-1}} = m_l (R{W_l}^T delta_l + W_l^T R{delta_l}) + what a connection adds
 *   R{dC/du_l} = phi'(u_l) R{e_l} + phi''(u_l) e_l R{u_l}
 *   (H v)_l = f m_l (R{delta_l} h_{l-1}^T + delta_l R{h_{l-1}}^T),   f sum_b R{delta_l} for the bias
 * Normalisations stand in direction_norm.h, the passes themselves in net.h. The net is float64 with one lane; its own
 * arrays hold the primal pass. A piecewise linear activation or loss has second derivative 0 wherever it exists, and that
 * is what is used.
 *
 * A flat vector of all P parameters holds, layer after layer, the arrays of gp_layer_parameters() in their order. */
#ifndef GP_DIRECTION_H
#define GP_DIRECTION_H

#include "net.h"

/* Where the arrays of a layer begin in its slice of a flat vector; -1: it has none of that kind. */
typedef struct gp_places {
  int64_t w, b, direction, gain, gamma, beta, alpha;
  int64_t count; /* length of the slice */
} gp_places;

/* Arrays that are the same thing are the same memory, as in gp_layer. NULL where the layer has no such part. */
typedef struct gp_direction_layer {
  gp_places at;
  double *z, *u, *a, *h; /* (O, B): R{.} */
  double *delta;         /* (O, B): R{delta}, and on the way there R of the gradient further up */
  double *e, *second;    /* (O, B): dC/da, without the batch factor; phi''(u) */
  double *normalised;    /* (O, B): R{x^} of a normalisation */
  double *scale;         /* per statistic: R{scale} / scale */
  double *dy;            /* (O, B): dC/dy at its output */
  double *block, *dsum;  /* (O, B): R of what a block's end adds to the connection; dC/d(their sum) */
  double *w, *dw;        /* (O, I): under weight normalisation R{W} and dC/dW, without the batch factor */
} gp_direction_layer;

typedef struct gp_direction {
  gp_net *net;
  gp_direction_layer *layer; /* layer[l - 1] goes with weight layer l */
  double *x;                 /* (n_0, B): R{x} */
  double *units[2];          /* (widest layer, B): scratch */
  double *weights[2];        /* (largest matrix): scratch */
  double *skipped;           /* (widest layer, B): R of the gradient that runs along a connection */
} gp_direction;

/* P, of a network and of one that is yet to be laid out. */
int64_t gp_net_parameters(const gp_net *net);
int64_t gp_shape_parameters(const gp_net_shape *shape);

/* Takes the memory for directions of `net`, laid out before by the same arena with the same shape. */
void gp_direction_layout(gp_direction *direction, gp_arena *arena, gp_net *net, const gp_net_shape *shape);

/* R{.} of every layer after a training pass. v (P): the direction of the parameters, NULL for none; `input`: along
 * direction->x as well. */
void gp_direction_forward(gp_direction *direction, int64_t batch, const double *v, bool input);

/* The network's outputs (n_L, B) as the loss meets them: the activation of a named output, else z_L; and their R. */
const double *gp_net_outputs(const gp_net *net);
const double *gp_direction_outputs(const gp_direction *direction);

/* Vector-Jacobian product after a training pass: seed (n_L, B) is the gradient with respect to the outputs; its gradient
 * with respect to the parameters goes to g (P) (NULL: not wanted), to the inputs to net->dx when `input`. */
void gp_direction_reverse(gp_net *net, int64_t batch, const double *seed, double *g, bool input);

/* After gp_net_loss: deltas, dC/da and phi'' of every layer, which all products at this point share. */
void gp_direction_curve(gp_direction *direction, int64_t batch);

/* After gp_direction_curve: out (P) += factor H v, H the Hessian of the sum of the examples' losses. */
void gp_direction_hessian(gp_direction *direction, int64_t batch, const double *v, double factor,
                          double *out);

#endif
