/* What the oracle measures: SCIENCE sections 1 and 2, one line of loops per definition. */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const oracle_checkpoint_names[ORACLE_PER_CHECKPOINT] = {
    "loss", "accuracy", "test_loss", "test_accuracy", "batch_loss", "gradient_norm"};

enum {
  WEIGHT_GRADIENT,
  BIAS_GRADIENT,
  DELTA_MEAN,
  DELTA_RMS,
  DELTA_TOTAL,
  HOMOGENEITY,
  H_MEAN,
  H_RMS,
  Z_MEAN,
  Z_RMS,
  ZERO,
  DEAD,
  SATURATED,
  WEIGHT,
  UPDATE,
  RATIO,
  GRADIENT_NOISE_SCALE,
  GRADIENT_SIGNAL_TO_NOISE,
  GRADIENT_COSINE,
  DISTANCE_FROM_START,
  RELATIVE_DISTANCE,
  GRADIENT_MEAN_ABS,
  GRADIENT_ZERO_FRACTION,
  ACTIVATION_MEAN_ABS,
  INACTIVE_FRACTION,
  QUIET_FRACTION,
  NONPOSITIVE_FRACTION,
  BEYOND_5_FRACTION,
  FLAT_INPUT_FRACTION
};
const char *const oracle_layer_names[ORACLE_PER_LAYER] = {"weight_gradient_norm",
                                                          "bias_gradient_norm",
                                                          "delta_mean_norm",
                                                          "delta_rms",
                                                          "delta_total_norm",
                                                          "homogeneity",
                                                          "activation_mean",
                                                          "activation_rms",
                                                          "preactivation_mean",
                                                          "preactivation_rms",
                                                          "zero_fraction",
                                                          "dead_fraction",
                                                          "saturated_fraction",
                                                          "weight_norm",
                                                          "update_norm",
                                                          "update_ratio",
                                                          "gradient_noise_scale",
                                                          "gradient_signal_to_noise",
                                                          "gradient_cosine",
                                                          "distance_from_start",
                                                          "relative_distance",
                                                          "gradient_mean_abs",
                                                          "gradient_zero_fraction",
                                                          "activation_mean_abs",
                                                          "inactive_fraction",
                                                          "quiet_fraction",
                                                          "nonpositive_fraction",
                                                          "beyond_5_fraction",
                                                          "flat_input_fraction"};

const char *const oracle_binned_names[ORACLE_BINNED] = {"gradient_histogram", "delta_histogram",
                                                        "activation_histogram", "preactivation_histogram"};

static double norm(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
  return sqrt(sum);
}

static double mean(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x[i];
  return sum / (double)n;
}

/* 2-norm over units of the batch mean of delta. */
static double delta_mean_norm(const oracle_layer *a, int64_t count) {
  double squares = 0;
  for (int64_t u = 0; u < a->out; u++) {
    double sum = 0;
    for (int64_t e = 0; e < count; e++) sum += a->delta[e * a->out + u];
    squares += sum / (double)count * (sum / (double)count);
  }
  return sqrt(squares);
}

static double homogeneity(const oracle_layer *a) {
  double sum = 0;
  for (int64_t i = 0; i < a->in * a->out; i++) sum += a->w[i] * a->dw[i];
  return sum;
}

static double zero_fraction(const oracle_layer *a, int64_t count) {
  double zeros = 0;
  for (int64_t i = 0; i < count * a->out; i++) zeros += a->h[i] == 0;
  return zeros / (double)(count * a->out);
}

/* Share of units whose |phi'| is at most `limit` on more than `share` of the examples; below it when limit > 0. */
static double units_below(const oracle_layer *a, int64_t count, double limit, double share) {
  double units = 0;
  for (int64_t u = 0; u < a->out; u++) {
    double examples = 0;
    for (int64_t e = 0; e < count; e++) {
      double slope = fabs(oracle_slope(a->activation, a->option, a->u[e * a->out + u]));
      examples += limit > 0 ? slope < limit : slope == 0;
    }
    units += share < 1 ? examples > share * (double)count : examples == (double)count;
  }
  return units / (double)a->out;
}

/* -- the noise of the gradient, example by example -- */

/* The gradients of every single example of the batch, their mean and the unbiased trace of their covariance. */
static void noise(const oracle *o, int l, const int64_t *rows, int64_t count, double *trace,
                  double *mean_square) {
  const oracle_layer *a = &o->layer[l];
  int64_t weights = a->in * a->out, size = weights + (a->b != NULL ? a->out : 0);
  double *sum = calloc((size_t)size, sizeof *sum), *one = calloc((size_t)size, sizeof *one), squares = 0;
  for (int e = 0; e < count; e++) {
    const double *in = oracle_input(o, l + 1, e, rows[e]);
    for (int64_t u = 0; u < a->out; u++) {
      double delta = a->delta[e * a->out + u];
      for (int64_t i = 0; i < a->in; i++) one[u * a->in + i] = a->multiplier * delta * in[i];
      if (a->b != NULL) one[weights + u] = delta;
    }
    for (int64_t i = 0; i < size; i++) sum[i] += one[i] / (double)count;
    squares += pow(norm(one, size), 2);
  }
  *mean_square = pow(norm(sum, size), 2);
  *trace = (squares - (double)count * *mean_square) / (double)(count - 1);
  free(sum);
  free(one);
}

static void measure_noise(const oracle *o, int l, double *out[], size_t at, const int64_t *rows,
                          int64_t count) {
  double trace, mean_square;
  if (count < 2 || strcmp(o->spec->norm.item->name, "batch") == 0) return;
  noise(o, l, rows, count, &trace, &mean_square);
  out[GRADIENT_NOISE_SCALE][at] = trace / mean_square;
  out[GRADIENT_SIGNAL_TO_NOISE][at] = sqrt(mean_square) / sqrt(trace / (double)count);
}

/* -- what rule books ask -- */

static double share_outside(const double *x, int64_t n, double lo, double hi) {
  double count = 0;
  for (int64_t i = 0; i < n; i++) count += !(x[i] >= lo && x[i] <= hi);
  return count / (double)n;
}

static double mean_abs(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += fabs(x[i]);
  return sum / (double)n;
}

/* Share of units with |h| at most (or, above 0, below) the limit on more than that share of the examples. */
static double quiet_units(const oracle_layer *a, int64_t count, double limit, double share) {
  double units = 0;
  for (int64_t u = 0; u < a->out; u++) {
    double examples = 0;
    for (int64_t e = 0; e < count; e++) {
      double size = fabs(a->h[e * a->out + u]);
      examples += limit > 0 ? size < limit : size == 0;
    }
    units += examples > share * (double)count;
  }
  return units / (double)a->out;
}

static void measure_rules(const oracle_layer *a, double *out[], size_t at, int64_t count) {
  int64_t units = count * a->out, weights = a->in * a->out;
  out[GRADIENT_MEAN_ABS][at] = mean_abs(a->dw, weights);
  out[GRADIENT_ZERO_FRACTION][at] = 1 - share_outside(a->dw, weights, 0, 0);
  out[ACTIVATION_MEAN_ABS][at] = mean_abs(a->h, units);
  out[INACTIVE_FRACTION][at] = quiet_units(a, count, 0, 0.99);
  out[QUIET_FRACTION][at] = quiet_units(a, count, 1e-5, 0.95);
  out[NONPOSITIVE_FRACTION][at] = 1 - share_outside(a->h, units, -INFINITY, 0);
  out[BEYOND_5_FRACTION][at] = share_outside(a->u, units, -5, 5);
  if (a->activation == NULL) return;
  if (strncmp(a->activation, "tanh", 4) == 0)
    out[FLAT_INPUT_FRACTION][at] = share_outside(a->u, units, -9.4999, 9.4999);
  if (strncmp(a->activation, "sigmoid", 7) == 0)
    out[FLAT_INPUT_FRACTION][at] = share_outside(a->u, units, -23, 16.99999);
}

/* -- histograms: bin k of values is [-8 + k/4, -8 + (k + 1)/4), of magnitudes [4^k, 4^(k + 1)) 2^-112; the ends are open -- */

static double edge_of(int k, bool magnitude) {
  return magnitude ? pow(4, k) * pow(2, -112) : -8 + k * 0.25;
}

static void bin(oracle *o, int which, size_t at, const double *x, int64_t n) {
  bool magnitude = which < 2;
  double *counts = o->binned[which] + at * ORACLE_BINS, largest = 0;
  memset(counts, 0, ORACLE_BINS * sizeof *counts);
  o->at_edge[which][at] = 0;
  for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i]));
  for (int64_t i = 0; i < n; i++) {
    double value = magnitude ? fabs(x[i]) : x[i];
    bool near = magnitude && value < 1e-6 * largest;
    int k = 0;
    if (isnan(value)) continue;
    while (k < ORACLE_BINS - 1 && value >= edge_of(k + 1, magnitude)) k++;
    for (int e = k; e <= k + 1; e++) near |= fabs(value - edge_of(e, magnitude)) <= 1e-3 * fabs(value);
    counts[k]++;
    o->at_edge[which][at] += near;
  }
}

static void measure_bins(oracle *o, int l, size_t at, int64_t count) {
  const oracle_layer *a = &o->layer[l];
  bin(o, 0, at, a->dw, a->in * a->out);
  bin(o, 1, at, a->delta, a->out * count);
  bin(o, 2, at, a->h, a->out * count);
  bin(o, 3, at, a->z, a->out * count);
}

static double distance(const double *x, const double *y, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += pow(x[i] - y[i], 2);
  return sqrt(sum);
}

/* On the batch, whatever the probes are measured on. */
void oracle_measure_batch(oracle *o, size_t checkpoint) {
  for (int l = 0; l < o->layers; l++) {
    oracle_layer *a = &o->layer[l];
    int64_t weights = a->in * a->out;
    double inner = 0;
    for (int64_t i = 0; i < weights; i++) inner += a->dw[i] * a->before[i];
    if (a->stepped)
      o->layered[GRADIENT_COSINE][checkpoint * (size_t)o->layers + (size_t)l] =
          inner / (norm(a->dw, weights) * norm(a->before, weights));
  }
}

static void measure_layer(const oracle *o, int l, double *out[], size_t at, int64_t count) {
  const oracle_layer *a = &o->layer[l];
  int64_t units = count * a->out, weights = a->in * a->out;
  double largest;
  out[WEIGHT_GRADIENT][at] = norm(a->dw, weights);
  out[BIAS_GRADIENT][at] = a->db != NULL ? norm(a->db, a->out) : (double)NAN;
  out[DELTA_MEAN][at] = delta_mean_norm(a, count);
  out[DELTA_RMS][at] = norm(a->delta, units) / sqrt((double)units);
  out[DELTA_TOTAL][at] = norm(a->delta, units);
  out[HOMOGENEITY][at] = homogeneity(a);
  out[H_MEAN][at] = mean(a->h, units);
  out[H_RMS][at] = norm(a->h, units) / sqrt((double)units);
  out[Z_MEAN][at] = mean(a->z, units);
  out[Z_RMS][at] = norm(a->z, units) / sqrt((double)units);
  out[ZERO][at] = zero_fraction(a, count);
  out[WEIGHT][at] = norm(a->w, weights);
  out[DISTANCE_FROM_START][at] = distance(a->w, a->start, weights);
  out[RELATIVE_DISTANCE][at] = out[DISTANCE_FROM_START][at] / norm(a->start, weights);
  measure_rules(a, out, at, count);
  if (a->activation == NULL) return;
  out[DEAD][at] = units_below(a, count, 0, 1);
  if (oracle_bound(a->activation, &largest)) out[SATURATED][at] = units_below(a, count, 0.05 * largest, 0.95);
}

void oracle_measure_layers(oracle *o, size_t checkpoint, const int64_t *rows, int64_t count) {
  double squares = 0;
  for (int l = 0; l < o->layers; l++) {
    size_t at = checkpoint * (size_t)o->layers + (size_t)l;
    measure_layer(o, l, o->layered, at, count);
    measure_noise(o, l, o->layered, at, rows, count);
    measure_bins(o, l, at, count);
    if (o->layer[l].v == NULL) squares += pow(o->layered[WEIGHT_GRADIENT][at], 2);
    for (int i = 0; i < o->layer[l].extras; i++)
      squares += pow(norm(o->layer[l].extra[i].dx, o->layer[l].extra[i].n), 2);
    if (o->spec->bias) squares += pow(o->layered[BIAS_GRADIENT][at], 2);
  }
  o->series[5][checkpoint] = sqrt(squares);
}

void oracle_measure_update(oracle *o, size_t checkpoint) {
  for (int l = 0; l < o->layers; l++) {
    size_t at = checkpoint * (size_t)o->layers + (size_t)l;
    o->layered[UPDATE][at] = norm(o->layer[l].uw, o->layer[l].in * o->layer[l].out);
    o->layered[RATIO][at] = o->layered[UPDATE][at] / o->layered[WEIGHT][at];
  }
}

/* -- whole sets -- */

static bool right(const oracle *o, const double *out, int64_t outputs, int32_t label) {
  const char *loss = o->spec->loss.item->name;
  bool regression = strcmp(loss, "mse") == 0 || strcmp(loss, "mae") == 0 || strcmp(loss, "huber") == 0;
  bool middle = regression && spec_option(&o->spec->loss, "labels", 0) == 0;
  if (outputs == 1) return label == 1 ? out[0] > (middle ? 0.5 : 0) : out[0] <= (middle ? 0.5 : 0);
  for (int64_t c = 0; c < outputs; c++)
    if (c != label && !(out[label] > out[c])) return false;
  return true;
}

/* The sum of squared distances of the targets from their mean, output by output. */
static double spread(const oracle *o, int64_t from, int64_t count) {
  int64_t outputs = o->layer[o->layers - 1].out;
  double squares = 0;
  for (int64_t u = 0; u < outputs; u++) {
    double sum = 0;
    for (int64_t r = from; r < from + count; r++) sum += o->y[r * outputs + u];
    for (int64_t r = from; r < from + count; r++)
      squares += pow(o->y[r * outputs + u] - sum / (double)count, 2);
  }
  return squares;
}

void oracle_evaluate(oracle *o, int64_t from, int64_t count, double *loss, double *accuracy) {
  const oracle_layer *last = &o->layer[o->layers - 1];
  double total = 0, hits = 0, squares = 0;
  *loss = *accuracy = NAN;
  for (int64_t row = from; row < from + count; row++) {
    double example = oracle_forward(o, &row, 1, false);
    const double *out = last->activation != NULL ? last->h : last->z;
    total += example;
    for (int64_t u = 0; u < last->out; u++) squares += pow(out[u] - o->y[row * last->out + u], 2);
    if (o->data->classes > 0) hits += right(o, out, last->out, o->data->label[row]);
  }
  if (count == 0) return;
  *loss = total * oracle_batch_factor(&o->spec->loss, count);
  *accuracy = o->data->classes > 0 ? hits / (double)count : 1 - squares / spread(o, from, count);
  if (isnan(*loss)) *accuracy = NAN;
}

/* -- the verdict, SCIENCE section 2 -- */

/* Least squares of ln delta_rms against the layer over the hidden layers, by the normal equations. */
static void decay(const double *delta, int hidden, double *factor, double *span) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0, n = hidden;
  *factor = *span = NAN;
  if (hidden < 3) return;
  for (int l = 1; l <= hidden; l++) {
    double y = log(delta[l - 1]);
    if (!isfinite(y)) return;
    sx += l, sy += y, sxx += l * l, sxy += l * y;
  }
  *factor = exp(-(n * sxy - sx * sy) / (n * sxx - sx * sx));
  *span = log10(delta[0] / delta[hidden - 1]);
}

/* The mean loss of output u when the network says `constant` there. */
static double constant_loss(const oracle *o, int64_t u, double constant) {
  int64_t outputs = o->layer[o->layers - 1].out;
  double total = 0, p, slope;
  gp_choice loss = o->spec->loss; /* of one output: weights are the caller's */
  for (int64_t r = 0; r < o->data->train; r++)
    total += oracle_example_loss(&loss, &constant, &o->y[r * outputs + u], 1, &p, &slope);
  return total / (double)o->data->train;
}

/* The smallest of a convex function, by thirds. The perceptron's constants have size 1: at 0 its loss is 0. */
static double best_constant(const oracle *o, int64_t u) {
  double low = -60, high = 60;
  if (strcmp(o->spec->loss.item->name, "perceptron") == 0)
    return fmin(constant_loss(o, u, 1), constant_loss(o, u, -1));
  for (int i = 0; i < 200; i++) {
    double third = (high - low) / 3;
    if (constant_loss(o, u, low + third) < constant_loss(o, u, high - third))
      high -= third;
    else
      low += third;
  }
  return constant_loss(o, u, (low + high) / 2);
}

/* Softmax couples the outputs: the class shares are best, and their entropy is the loss. */
static double baseline(const oracle *o) {
  int64_t outputs = o->layer[o->layers - 1].out, n = o->data->train;
  const gp_choice *loss = &o->spec->loss;
  double each = 0, weight = spec_option(loss, "outputs", 0) == 1 ? 1.0 / (double)outputs : 1;
  bool softmax = strcmp(loss->item->name, "cross_entropy") == 0;
  for (int64_t u = 0; u < outputs; u++) {
    double share = 0;
    for (int64_t r = 0; r < n; r++) share += o->y[r * outputs + u] / (double)n;
    each += !softmax ? best_constant(o, u) : share > 0 ? -share * log(share) : 0;
  }
  return each * weight * oracle_batch_factor(loss, n) * (double)n;
}

static bool hidden_above(const oracle *o, const double *layered, double limit) {
  const double *last = layered + (o->recorded - 1) * (size_t)o->layers;
  for (int l = 0; l < o->layers - 1; l++)
    if (last[l] > limit) return true;
  return false;
}

static bool delta_gone(const oracle *o) {
  const double *last = o->layered[DELTA_RMS] + (o->recorded - 1) * (size_t)o->layers;
  for (int l = 0; l < o->layers - 1; l++)
    if (last[l] == 0) return true;
  return false;
}

static bool spans(const oracle *o, double sign) {
  size_t beyond = 0;
  for (size_t t = 0; t < o->recorded; t++) {
    double factor, span;
    decay(o->layered[DELTA_RMS] + t * (size_t)o->layers, o->layers - 1, &factor, &span);
    beyond += sign * span >= o->spec->verdict.span;
    if (t == 0 && beyond == 1) return true;
  }
  return 2 * beyond >= o->recorded;
}

static bool grew(const oracle *o) {
  for (size_t t = 0; t < o->recorded; t++)
    if (o->series[5][t] > o->spec->verdict.growth * o->series[5][0]) return true;
  return false;
}

static bool oscillates(const oracle *o) {
  double low = INFINITY, high = -INFINITY, rises = 0;
  for (size_t t = 0; t < o->recorded; t++) {
    low = fmin(low, o->series[0][t]);
    high = fmax(high, o->series[0][t]);
  }
  for (size_t t = 1; t < o->recorded; t++)
    rises += o->series[0][t] - o->series[0][t - 1] > o->spec->verdict.rise * (high - low);
  return rises > o->spec->verdict.rise_share * (double)o->recorded;
}

/* First match wins; the words in the order of the file's flag_meanings: 1 diverged .. 7 stalled, 8 healthy. */
static void judge(oracle *o) {
  oracle_cells *c = &o->cells;
  const gp_verdict_rules *rules = &o->spec->verdict;
  bool broke = c->diverged_at >= 0, trained = !broke && c->final_loss < rules->trained_below * c->baseline;
  bool holds[9] = {false,
                   broke || !isfinite(c->final_loss) || c->final_loss > rules->diverged_above * c->baseline,
                   hidden_above(o, o->layered[DEAD], rules->dead_fraction) || delta_gone(o),
                   spans(o, -1),
                   spans(o, 1) || grew(o),
                   hidden_above(o, o->layered[SATURATED], rules->saturated_fraction),
                   oscillates(o)};
  bool any = false;
  for (int v = 1; v <= 6; v++) any = any || holds[v];
  holds[7] = !trained && !any;
  holds[8] = trained;
  for (int v = 8; v >= 1; v--) {
    c->conditions |= holds[v] ? 1 << v : 0;
    if (holds[v] && (!trained || v == 8 || v == 1)) c->verdict = v;
  }
}

void oracle_finish(oracle *o) {
  oracle_cells *c = &o->cells;
  decay(o->layered[DELTA_RMS], o->layers - 1, &c->gradient_factor, &c->gradient_span);
  oracle_evaluate(o, 0, o->data->train, &c->final_loss, &c->final_accuracy);
  oracle_evaluate(o, o->data->train, o->data->test, &c->final_test_loss, &c->final_test_accuracy);
  c->baseline = baseline(o);
  c->best_loss = NAN;
  for (size_t t = 0; t < o->recorded; t++) c->best_loss = fmin(c->best_loss, o->series[0][t]);
  judge(o);
}
