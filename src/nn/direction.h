/* Directional derivatives of a network, exact and in double: Jacobian-vector products forward, vector-Jacobian products
 * backward, Hessian-vector products by differentiating the backward pass along a direction (Pearlmutter 1994).
 *
 * R{.} is the derivative along a direction v of the parameters and, where wanted, R{x} of the inputs:
 *   R{z_l} = m_l (V_l h_{l-1} + W_l R{h_{l-1}}) + v_b,     R{h_l} = phi'(z_l) R{z_l}
 *   R{e_{l-1}} = m_l (V_l^T delta_l + W_l^T R{delta_l}),   e_l = dC/dh_l
 *   R{delta_l} = phi'(z_l) R{e_l} + phi''(z_l) e_l R{z_l}
 *   (H v)_l = f m_l (R{delta_l} h_{l-1}^T + delta_l R{h_{l-1}}^T),   f sum_b R{delta_l} for the bias
 * The net is float64 with one lane; its own arrays hold the primal pass. A piecewise linear activation or loss has
 * second derivative 0 wherever it exists, and that is what is used.
 *
 * A flat vector of all P parameters holds, layer after layer, the weights (O, I) and then the bias (O). */
#ifndef GP_DIRECTION_H
#define GP_DIRECTION_H

#include "net.h"

typedef struct gp_direction_layer {
  double *e;             /* (O, B): dC/dh, without the batch factor */
  double *second;        /* (O, B): phi''(z) */
  double *z, *h, *delta; /* (O, B): R{z}, R{h}, R{delta} */
} gp_direction_layer;

typedef struct gp_direction {
  gp_net *net;
  gp_direction_layer *layer; /* layer[l - 1] goes with weight layer l */
  double *x;                 /* (n_0, B): R{x} */
  double *units;             /* (widest layer, B): scratch */
  double *weights;           /* (largest matrix): scratch */
} gp_direction;

/* P. */
int64_t gp_net_parameters(const gp_net *net);

/* Takes the memory for directions of `net`, laid out before by the same arena. While measuring, net->layer is NULL and
 * the sizes come from `shape`. */
void gp_direction_layout(gp_direction *direction, gp_arena *arena, gp_net *net, const gp_net_shape *shape);

/* R{z}, R{h} of every layer after a forward pass with slopes. v (P): the direction of the parameters, NULL for none;
 * `input`: along direction->x as well. */
void gp_direction_forward(gp_direction *direction, int64_t batch, const double *v, bool input);

/* The network's outputs (n_L, B) as the loss meets them: the activation of a named output, else z_L; and their R. */
const double *gp_net_outputs(const gp_net *net);
const double *gp_direction_outputs(const gp_direction *direction);

/* Vector-Jacobian product after a forward pass with slopes: seed (n_L, B) is the gradient with respect to the outputs;
 * its gradient with respect to the parameters goes to g (P) (NULL: not wanted), to the inputs to net->dx when `input`. */
void gp_direction_reverse(gp_net *net, int64_t batch, const double *seed, double *g, bool input);

/* After gp_net_loss: deltas, dC/dh and phi'' of every layer, which all products at this point share. */
void gp_direction_curve(gp_direction *direction, int64_t batch);

/* After gp_direction_curve: out (P) += factor H v, H the Hessian of the sum of the examples' losses. */
void gp_direction_hessian(gp_direction *direction, int64_t batch, const double *v, double factor,
                          double *out);

#endif
