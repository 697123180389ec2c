/* How nets of finite width scatter around mean field, from seed to seed: mean and variance of ln delta^2 and of the
 * pre-activations, layer by layer, to the first order in 1/width, averaged over the examples that are measured together.
 *
 * At layer l, with pre-activations z ~ N(0, q_l(x)) of example x, independent over the n_l units given the layer before:
 *
 *   forward    q_{l+1}(x) = (s/n) sum phi(z)^2 + b           a Markov chain: mean F(q), noise xi_l of covariance C_ff
 *   backward   |delta_l|^2 / |delta_{l+1}|^2 = (s/n) sum phi'(z)^2 g^2, g ~ N(0, 1)    mean chi(q), noise b_l of C_bb
 *
 * (gradient independence). Two examples share weights: their z have correlation c, their g have correlation d, the cosine
 * of their deltas one layer up, so C_bb = (E[phi'^2 phi'^2] (1 + 2 d^2) / (mu mu) - 1) / n, and so on. ln of the summed
 * delta^2 is, to first order, linear in all noises, and its variance a quadratic form in them. Its mean gets, per layer,
 * the curvature of the logarithm, -var/2, what fluctuations of ln q do to ln chi, and the share of W that the forward pass has
 * already fixed (the component of W' delta along h, whose mean square is rho times that of any other; exact for ReLU, where
 * rho = 1 for an output direction that does not depend on the net). The variance of one example's own layer is then
 * replaced by its exact law (finite_width.h), which matters for narrow layers.
 *
 * How good it is (tests/oracle/test_theory_simulation.c, width 64, depth 12): one example, any activation: within the noise of
 * 250 seeds. Several examples: mean and deviation to a third of the deviation (what is left out: cosines and shares of
 * examples fluctuate too). Orthogonal matrices: likewise, for zero biases. Near an unstable fixed point of the length map,
 * where fluctuations of q grow from layer to layer, the expansion fails (GELU, sigma_w^2 = 2, width 32, depth 20: off by 5
 * standard errors of 400 seeds).
 * Hanin and Nica 2020 (ReLU); Roberts, Yaida and Hanin 2022, chapter 4, for the expansion in 1/width. */
#ifndef GP_SCATTER_H
#define GP_SCATTER_H

#include "meanfield.h"
#include "status.h"

enum { GP_SCATTER_EXAMPLES = 8 };

/* The examples that stand for those measured together. */
typedef struct gp_examples {
  size_t count;    /* 1 .. GP_SCATTER_EXAMPLES */
  double measured; /* how many they stand for: the probes average over so many */
  /* Of two inputs x . y / features; of two targets y . y' (square error), else the cosine of their error signals. */
  double input[GP_SCATTER_EXAMPLES][GP_SCATTER_EXAMPLES], output[GP_SCATTER_EXAMPLES][GP_SCATTER_EXAMPLES];
  /* How the error signal at the output depends on the output f, normal with variance q in each of `outputs` units:
   * delta = f - y of a target with |y|^2 = output[x][x], or softmax less one-hot. */
  enum gp_output_error { GP_ERROR_INDEPENDENT, GP_ERROR_SQUARE, GP_ERROR_SOFTMAX } error;
  int64_t outputs;
} gp_examples;

/* sum (f . delta)^2 / (q sum |delta|^2) over the examples measured, at the output, of mean 1 where delta does not depend on f: the means of equal shares of
 * its distribution over nets, ascending, from 4096 draws of f that are always the same. All 1 where it is independent. */
enum { GP_ALIGNMENTS = 16 };
void gp_output_alignment(double out[static GP_ALIGNMENTS], const gp_examples *examples, double q);

/* A net of `depth` hidden layers: see gp_network_facts, whose layout the arrays have. */
typedef struct gp_scatter_net {
  size_t depth;
  const int64_t *widths;
  const double *weight_variance, *bias_variance;
  const gp_choice *activation;
  gp_phi phi;
  bool
      orthogonal; /* weight matrices keep lengths: the sums above are then over a sphere, not over normal numbers */
} gp_scatter_net;

/* Results, each `depth` values for hidden layers 1 ... depth; logarithms relative to the last hidden layer's delta. */
typedef struct gp_scatter {
  double *q, *chi; /* mean field: averages over the examples */
  double *
      kinship; /* correlation of the pre-activations of two examples, the mean over pairs; NaN with one example */
  double *ln_delta; /* mean field: half the ln of the mean of delta^2 over units and examples */
  double *ln_delta_mean,
      *ln_delta_sd; /* at this width: mean and standard deviation over seeds of ln delta_rms */
  double *ln_z_sd;  /* standard deviation of ln preactivation_rms */
  double slope, slope_mean,
      slope_sd; /* least squares of ln delta_rms against the layer: mean field, mean, sd; NaN
                                         below three layers */
} gp_scatter;

/* Fills arrays that the caller made. GP_ERR_MEMORY. */
gp_status gp_scatter_make(gp_scatter *out, const gp_scatter_net *net, const gp_examples *examples);

#endif
