/* What theory says of one network of finite depth and width, layer by layer, at initialisation.
 *
 *   layer l        1 ... depth (hidden)      depth + 1 (output)         widths n_0 (inputs), n_1, ..., n_{depth+1}
 *   q_l            mean square pre-activation: q_1 = s_1 |x|^2/n_0 + b_1,  q_{l+1} = s_{l+1} E[phi(sqrt(q_l) z)^2] + b_{l+1}
 *   chi_l          s_{l+1} E[phi'(sqrt(q_l) z)^2]: the sum over units of delta^2 from layer l+1 to layer l
 *   delta_rms_l    relative to the last hidden layer: delta_rms_l^2 = delta_rms_{l+1}^2 chi_l n_{l+1} / n_l
 *
 * s_l is the variance of a weight of layer l times its fan-in, b_l the variance of a bias (Poole et al. 2016;
 * Schoenholz et al. 2017). That is the mean over nets of infinite width. The typical net of finite width, whose
 * logarithm is the mean of logarithms, lies below, and seeds scatter log-normally around it: scatter.h. Of nets with
 * normalised or joined layers the mean over wide nets alone is known, by propagation.h. */
#ifndef GP_PREDICTION_H
#define GP_PREDICTION_H

#include "meanfield.h"
#include "propagation.h"
#include "scatter.h"
#include "status.h"

typedef struct gp_network_facts {
  size_t depth;                  /* hidden layers */
  const int64_t *widths;         /* n_0 ... n_{depth+1}: depth + 2 of them */
  const double *weight_variance; /* s_1 ... s_{depth+1} */
  const double *bias_variance;   /* b_1 ... b_{depth+1} */
  double input_mean_square;      /* mean of x^2 over examples and features, where there are no `examples` */
  const gp_examples *examples;   /* NULL: one example of that mean square */
  bool orthogonal;               /* matrices keep lengths */
  const gp_layer_facts *facts;   /* normalisations and joins; NULL: none */
  const gp_choice *activation;   /* of the hidden layers */
  gp_phi phi;                    /* NULL: gp_activation_eval */
} gp_network_facts;

/* A line over the layers: mean field, the typical net of this width, and the standard deviation over seeds. */
typedef struct gp_forecast {
  double mean_field, typical, sd;
} gp_forecast;

typedef struct gp_prediction {
  /* Each `depth` values, hidden layers 1 ... depth; one block, owned by `length`. What is of finite width is NaN where only
   * wide nets are known. */
  double *length, *chi, *delta_rms; /* mean field */
  double *correlation;       /* of two examples' pre-activations, the mean over pairs; NaN with one example */
  double *delta_rms_typical; /* exp of the mean over seeds of ln delta_rms */
  double *delta_rms_sd;      /* standard deviation over seeds of ln delta_rms */
  double *preactivation_sd;  /* likewise of ln preactivation_rms */
  size_t depth;
  gp_forecast
      gradient_factor; /* exp(-slope of ln delta_rms) by least squares; sd of its ln; NaN below three layers */
  gp_forecast gradient_span; /* log10(delta_rms_1 / delta_rms_depth), decades; NaN below three */
} gp_prediction;

/* Computes the prediction. The caller frees with gp_prediction_free. GP_ERR_MEMORY. */
gp_status gp_prediction_make(gp_prediction *out, const gp_network_facts *facts);
void gp_prediction_free(gp_prediction *prediction);

#endif
