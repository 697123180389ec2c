/* Mean field with normalisations and joins; see propagation.h for the derivation. */
#include "propagation.h"

#include <math.h>
#include <stdlib.h>

#include "batch_norm_law.h"
#include "elementary.h"

bool gp_propagation_knows(const gp_layer_facts *facts) {
  if (facts->norm != GP_LAYER_BATCH) return true;
  return !facts->behind && facts->source == NULL && facts->batch >= 4;
}

/* What one layer makes of its pre-activations: E a, E a^2, and E (da/dz)^2. */
typedef struct response {
  double mean, square, slope;
} response;

static response scaled(const gp_meanfield *field, double q, double scale) {
  return (response){gp_meanfield_mean(field, q), gp_meanfield_moment(field, q),
                    gp_meanfield_slope_moment(field, q) * scale};
}

static response before(const gp_meanfield *field, double q, double eps) {
  return scaled(field, q / (q + eps), 1 / (q + eps));
}

static response behind(const gp_meanfield *field, const gp_layer_facts *facts, double q) {
  response a = scaled(field, q, 1);
  bool centred = facts->norm == GP_LAYER_CENTRED;
  double square = centred ? a.square - a.mean * a.mean : a.square, r = square + facts->eps;
  return (response){centred ? 0 : a.mean / sqrt(r), square / r, a.slope / r};
}

/* z varies within a batch as the inputs do, or by the law. */
static response batched(const gp_meanfield *field, const gp_layer_facts *facts, const gp_batch_norm_law *law,
                        double s, size_t layer) {
  double own = s * (layer == 0 ? facts->spread : law->variance) + facts->eps;
  return (response){gp_meanfield_mean(field, 1), law->square, law->chi * law->variance / own};
}

static response respond(const gp_propagation_net *net, const gp_batch_norm_law *law, double q, size_t layer) {
  const gp_meanfield field = {.activation = net->activation, .weight_variance = 1, .phi = net->phi};
  const gp_layer_facts *facts = net->facts;
  if (facts->norm == GP_LAYER_PLAIN) return scaled(&field, q, 1);
  if (facts->norm == GP_LAYER_BATCH) return batched(&field, facts, law, net->weight_variance[layer], layer);
  return facts->behind ? behind(&field, facts, q) : before(&field, q, facts->eps);
}

typedef struct walk {
  double *slope, *square, *mean, *back; /* of a_l with alpha; E h^2, E h; ln of the mean square of dC/dh */
} walk;

static size_t source_of(const gp_propagation_net *net, size_t layer) {
  return net->facts->source != NULL ? (size_t)net->facts->source[layer] : 0;
}

static void forward(walk *w, double *q, const gp_propagation_net *net, double input) {
  const gp_meanfield field = {.activation = net->activation, .phi = net->phi};
  gp_batch_norm_law law = {0};
  double p = input;
  if (net->facts->norm == GP_LAYER_BATCH) law = gp_batch_norm_law_of(&field, net->facts->batch);
  for (size_t l = 0; l < net->depth; l++) {
    size_t source = source_of(net, l);
    double alpha = source > 0 ? net->facts->alpha : 1;
    q[l] = net->weight_variance[l] * p + net->bias_variance[l];
    response a = respond(net, &law, q[l], l);
    w->slope[l] = alpha * alpha * a.slope;
    w->square[l] = alpha * alpha * a.square;
    w->mean[l] = alpha * a.mean;
    if (source > 0) {
      w->square[l] += w->square[source - 1] + 2 * alpha * a.mean * w->mean[source - 1];
      w->mean[l] += w->mean[source - 1];
    }
    p = w->square[l];
  }
}

/* ln(exp a + exp b): sums are kept as logarithms, since 0.05^600 is no double. */
static double ln_sum(double a, double b) {
  double high = fmax(a, b), low = fmin(a, b);
  return isinf(low) ? high : high + gp_log(1 + gp_exp(low - high));
}

static double ln_of(double x) {
  return x > 0 ? gp_log(x) : (double)-INFINITY;
}

static void backward(walk *w, double *ln_delta, const gp_propagation_net *net) {
  for (size_t l = 0; l < net->depth; l++) w->back[l] = (double)-INFINITY;
  w->back[net->depth - 1] = 0;
  for (size_t l = net->depth; l-- > 0;) {
    size_t source = source_of(net, l);
    ln_delta[l] = w->back[l] + ln_of(w->slope[l]);
    if (l == 0) break;
    double through = net->weight_variance[l] * (double)net->widths[l + 1] / (double)net->widths[l];
    w->back[l - 1] = ln_sum(w->back[l - 1], ln_delta[l] + ln_of(through));
    if (source > 0) w->back[source - 1] = ln_sum(w->back[source - 1], w->back[l]);
  }
}

gp_status gp_propagation_make(double *q, double *ln_delta, const gp_propagation_net *net, double input) {
  if (net->depth == 0) return GP_OK;
  double *room = malloc(4 * net->depth * sizeof *room);
  if (room == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for the mean field of %zu layers", net->depth);
  walk w = {room, room + net->depth, room + 2 * net->depth, room + 3 * net->depth};
  forward(&w, q, net, input);
  backward(&w, ln_delta, net);
  free(room);
  return GP_OK;
}
