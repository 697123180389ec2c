/* Mean field of wide nets whose layers are normalised or joined past each other: lengths forward and error signals backward,
 * layer by layer, as prediction.h has them for plain nets. Without normalisation and joins it is the same. Not here: what
 * finite width does, joins before the activation (the sum of a normal number and an activation is not normal), and batch
 * normalisation beside joins or behind the activation.
 *
 * h_l = alpha a_l + h_{source(l)} where a block ends at layer l (a_l alone elsewhere), a_l = phi(z_l), normalised before or behind
 * phi, z_l = W_l h_{l-1} + b_l. With m(q), M(q), D(q) the averages of phi, phi^2, phi'^2 over N(0, q):
 *
 *   q_l     = s_l p_{l-1} + b_l,  p_0 = |x|^2/n_0
 *   p_l     = alpha^2 M_l + p_source + 2 alpha m_l mu_source,   mu_l = alpha m_l + mu_source       (p, mu: E h^2, E h)
 *   delta_l = alpha^2 D_l G_l,  G_{l-1} += s_l delta_l n_l/n_{l-1},  G_source += G_l               (mean squares; G of dC/dh)
 *
 * since W_l is independent of everything else and its mean is 0, so that sums of squares add (the product of a block's own gradient
 * with the one past it has mean 0). The product in p stays, where phi has a mean: h_source and phi(z_l) are independent of each
 * other, not of mean 0. That is Yang and Schoenholz 2017, section 3 (reduced residual networks; they take m = 0). Of a scaled
 * net alpha = 1/sqrt(blocks): both products over the layers stay bounded (Hayou et al. 2021).
 *
 * Normalisations change M, m and D, because the statistic of a wide layer does not fluctuate (what the derivative takes away, one
 * or two directions of n, is of order 1/n):
 *
 *   layer, rms, before phi     v = q/(q + eps):           m(v),  M(v),  D(v)/(q + eps)
 *   rms behind phi             r = M(q) + eps:            m/sqrt r,  M/r,  D/r
 *   layer behind phi           r = M(q) - m^2 + eps:      0,  (M - m^2)/r,  D/r
 *   batch before phi           batch_norm_law.h: M; D/variance is what makes its chi; the limit of many layers, taken for all
 *
 * A ReLU net with layer normalisation and no biases has chi = s (1/2) / (s/2) = 1 whatever sigma_w is: nothing vanishes. */
#ifndef GP_PROPAGATION_H
#define GP_PROPAGATION_H

#include "meanfield.h"
#include "status.h"

enum gp_layer_norm { GP_LAYER_PLAIN, GP_LAYER_CENTRED, GP_LAYER_RMS, GP_LAYER_BATCH };

/* What a net has beside its matrices. */
typedef struct gp_layer_facts {
  enum gp_layer_norm norm;
  bool behind;       /* the activation, not before it */
  double eps, batch; /* of the normalisation; examples in a batch */
  double spread;     /* batch: the inputs' variance within a batch, mean over features */
  const int
      *source; /* of hidden layers 1 ... depth: the layer whose output is added, 0: none. NULL: none at all */
  double alpha; /* on what a block adds */
} gp_layer_facts;

/* A net for one example, of input mean square p_0; the arrays are laid out as in gp_network_facts. */
typedef struct gp_propagation_net {
  size_t depth;
  const int64_t *widths;
  const double *weight_variance, *bias_variance;
  const gp_choice *activation;
  gp_phi phi;
  const gp_layer_facts *facts;
} gp_propagation_net;

/* Whether there is a closed form: see above. */
bool gp_propagation_knows(const gp_layer_facts *facts);

/* Fills q_l and ln of the mean square of delta_l, with G of the last hidden layer as 1: `depth` values each. The logarithm is -inf where a
 * block is switched off (alpha 0). GP_ERR_MEMORY. */
gp_status gp_propagation_make(double *q, double *ln_delta, const gp_propagation_net *net, double input);

#endif
