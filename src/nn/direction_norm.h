/* Normalisations along a direction. With s the scale, q = gamma dC/dy, means over what a statistic is of (without the
 * mean of x itself for rms):
 *   P(r)   = s (r - mean(r) - x^ mean(x^ r))
 *   R{x^}  = P(R{x}),   R{s}/s = -s mean(x^ R{x})
 *   dC/dx  = P(q)
 *   R{dC/dx} = P(R{q}) - s (R{x^} mean(x^ q) + x^ mean(R{x^} q)) + (R{s}/s) P(q)
 * Weight normalisation W = g v/|v|, row by row, with t = <dW, v>:
 *   dg = t/|v|,   dv = g/|v| (dW - v t/|v|^2), and their R by the product rule. */
#ifndef GP_DIRECTION_NORM_H
#define GP_DIRECTION_NORM_H

#include "direction.h"

/* out = R{y} from rx = R{x} (O, B); keeps R{x^} and R{s}/s. `v`: the layer's slice of the direction, or NULL. */
void gp_direction_norm_forward(const gp_net *net, const gp_layer *layer, gp_direction_layer *own, double *out,
                               const double *rx, int64_t batch, const double *v);

/* rg from R{dC/dy} to R{dC/dx}, in place; dx: dC/dx of the primal pass; q: scratch (O, B). Adds factor times R of the
 * gradients of gamma and beta to the layer's slice `out`. */
void gp_direction_norm_backward(const gp_net *net, const gp_layer *layer, const gp_direction_layer *own,
                                double *rg, const double *dx, double *q, int64_t batch, const double *v,
                                double factor, double *out);

/* own->w = R{W} of a layer whose weights are composed. */
void gp_direction_compose(const gp_net *net, const gp_layer *layer, gp_direction_layer *own, const double *v);

/* Adds factor times R of the gradients of v and g to `out`, from rdw = R{dC/dW} (O, I). */
void gp_direction_decompose(const gp_net *net, const gp_layer *layer, const gp_direction_layer *own,
                            const double *rdw, const double *v, double factor, double *out);

#endif
