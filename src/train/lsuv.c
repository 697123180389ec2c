/* Layer-sequential unit variance (Mishkin and Matas 2015, algorithm 1): weights that look at the data.
 *
 * Layers are taken from the input on. The weights of a layer are divided by the standard deviation of its output z, over the
 * examples and units of the first batch, until its variance is within the tolerance of 1 or the passes are used up. Weights
 * are always the drawn ones times one factor, so that passes do not add roundings. A layer whose output does not vary, or is
 * not finite, stays as it is. */
#include <math.h>
#include <string.h>

#include "fpenv.h"
#include "init.h"
#include "trainer.h"

/* Variance of the layer's output over examples and units, per lane. */
static void variance(gp_trainer *t, const gp_layer *layer, double *out) {
  int64_t count = layer->out * t->batch;
  double *squares = t->set_loss, n = (double)count; /* not in use here */
  t->net.k->sum(out, layer->z, count, t->lanes);
  t->net.k->sum_squares(squares, layer->z, count, t->lanes);
  for (int i = 0; i < t->lanes; i++) out[i] = (squares[i] - out[i] * out[i] / n) / n;
}

/* Divides the factors by the deviations that are off. False when every lane is near enough. */
static bool correct(const gp_trainer *t, double *factor, const double *variances) {
  bool changed = false;
  for (int i = 0; i < t->lanes; i++) {
    double off = fabs(variances[i] - 1);
    if (!(off >= gp_init_options_of(&t->lane[i].spec->init)->tolerance)) continue;
    if (!isfinite(variances[i]) || !(variances[i] > 0)) continue;
    factor[i] /= sqrt(variances[i]);
    changed = true;
  }
  return changed;
}

/* The layer's weights: those drawn, which t->matrix holds, times the factor of each lane. */
static void scale(gp_trainer *t, gp_layer *layer, const double *factor, const double *alpha) {
  unsigned char *w = layer->w;
  for (int64_t o = 0; o < layer->out; o++) {
    const double *drawn = t->matrix + o * layer->in * t->lanes;
    for (int64_t j = 0; j < layer->in * t->lanes; j++) t->stage[j] = factor[j % t->lanes] * drawn[j];
    t->net.k->narrow(w + gp_net_bytes(&t->net, o * layer->in), t->stage, layer->in, t->lanes);
  }
  /* Biases are kept: as they were drawn, before they were rounded. */
  if (layer->mb != NULL) memcpy(layer->b, layer->mb, gp_net_bytes(&t->net, layer->out));
  gp_net_initialise_layer(&t->net, layer, alpha);
}

static void normalise_layer(gp_trainer *t, gp_layer *layer, const double *alpha) {
  double *factor = t->set_accuracy; /* not in use here */
  int64_t passes = gp_init_options_of(&t->spec->init)->passes;
  t->net.k->widen(t->matrix, layer->mw != NULL ? layer->mw : layer->w, layer->in * layer->out, t->lanes);
  for (int i = 0; i < t->lanes; i++) factor[i] = 1;
  for (int64_t pass = 0; pass < passes; pass++) {
    gp_net_forward(&t->net, t->batch, true);
    variance(t, layer, t->batch_loss);
    if (!correct(t, factor, t->batch_loss)) return;
    scale(t, layer, factor, alpha);
  }
}

void gp_trainer_unit_variance(gp_trainer *t, const double *alpha) {
  gp_fpenv_flush(t->spec->flush_subnormals);
  gp_batch_rows(t, 0);
  gp_batch_gather(t);
  for (int l = 0; l < t->net.layers; l++) normalise_layer(t, &t->net.layer[l], alpha);
  gp_fpenv_flush(false);
}
