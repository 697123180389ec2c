/* One step by hand: the textbook's sums in plain double, each stage from what the engine had before it, compared with what
 * the engine made of it. */
#include "explain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "norm.h"

static double largest_of(const double *x, int64_t count) {
  double largest = 0;
  for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs(x[i]));
  return largest;
}

/* A sum whose terms cancel (a bias under batch normalisation) is as good as its terms: `terms` is the size of the largest. */
static void compare(explain_book *b, int layer, const char *name, const double *hand, double terms) {
  const explain_array *engine = explain_find(b, layer, name);
  double largest = terms, gap = 0;
  if (engine == NULL) return;
  for (int64_t i = 0; i < engine->rows * engine->cols; i++) {
    largest = fmax(largest, fabs(engine->x[i]));
    gap = fmax(gap, fabs(engine->x[i] - hand[i]));
  }
  double share = largest > 0 ? gap / largest : gap;
  if (share <= b->worst) return;
  b->worst = share;
  snprintf(b->where, sizeof b->where, "%s of layer %d", name, layer);
}

/* ---- normalisation ---- */

/* The statistic that entry (example e, unit o) belongs to, and its sums over the entries of x. */
typedef struct statistic {
  double mean, square, count;
} statistic;

static statistic statistic_of(const explain_book *b, int64_t out, const double *x, const double *weight,
                              int64_t e, int64_t o) {
  bool by_row = gp_norm_of(&b->spec->norm)->by_row;
  int64_t count = by_row ? b->batch : out;
  statistic s = {.count = (double)count};
  for (int64_t i = 0; i < count; i++) {
    int64_t at = by_row ? i * out + o : e * out + i;
    s.mean += x[at];
    s.square += x[at] * (weight != NULL ? weight[at] : x[at]);
  }
  s.mean /= s.count;
  s.square /= s.count;
  return s;
}

/* 1/sqrt(variance + eps) and the mean that is taken away. */
static double scale_of(const explain_book *b, int64_t out, const double *x, int64_t e, int64_t o,
                       double *mean) {
  const gp_norm *norm = gp_norm_of(&b->spec->norm);
  bool by_row = norm->by_row;
  int64_t count = by_row ? b->batch : out;
  double variance = 0;
  *mean = norm->centred ? statistic_of(b, out, x, NULL, e, o).mean : 0;
  for (int64_t i = 0; i < count; i++) {
    double gap = x[by_row ? i * out + o : e * out + i] - *mean;
    variance += gap * gap / (double)count;
  }
  return 1 / sqrt(variance + gp_norm_options_of(&b->spec->norm)->eps);
}

static void normalise(explain_book *b, int l, const double *x) {
  explain_layer *at = &b->layer[l];
  const double *gamma = explain_values(b, l, "norm_gamma"), *beta = explain_values(b, l, "norm_beta");
  for (int64_t e = 0; e < b->batch; e++)
    for (int64_t o = 0; o < at->out; o++) {
      double mean, scale = scale_of(b, at->out, x, e, o, &mean);
      int64_t i = e * at->out + o;
      at->normalised[i] = (x[i] - mean) * scale;
      at->y[i] = gamma != NULL ? gamma[o] * at->normalised[i] + beta[o] : at->normalised[i];
    }
}

/* dC/dx = scale (g - mean g - x^ mean(g x^)) with g = gamma dC/dy, in place. */
static void normalise_back(const explain_book *b, int l, double *g, const double *x) {
  const explain_layer *at = &b->layer[l];
  const double *gamma = explain_values(b, l, "norm_gamma");
  double dx[EXPLAIN_CELLS];
  for (int64_t i = 0; i < b->batch * at->out; i++) g[i] *= gamma != NULL ? gamma[i % at->out] : 1;
  for (int64_t e = 0; e < b->batch; e++)
    for (int64_t o = 0; o < at->out; o++) {
      int64_t i = e * at->out + o;
      double mean, scale = scale_of(b, at->out, x, e, o, &mean);
      statistic s = statistic_of(b, at->out, g, at->normalised, e, o);
      double centred = gp_norm_of(&b->spec->norm)->centred ? s.mean : 0;
      dx[i] = scale * (g[i] - centred - at->normalised[i] * s.square);
    }
  memcpy(g, dx, (size_t)(b->batch * at->out) * sizeof *dx);
}

/* Whether the layer normalises, before (of z) or after (of a). */
static bool normalises(const explain_book *b, int l, bool after) {
  return explain_values(b, l, "normalised") != NULL &&
         (gp_norm_options_of(&b->spec->norm)->place == GP_NORM_AFTER) == after;
}

/* ---- forward ---- */

static void sums(explain_book *b, int l) {
  explain_layer *at = &b->layer[l];
  const double *w = explain_values(b, l, "weight"), *bias = explain_values(b, l, "bias"),
               *h = explain_output(b, l - 1);
  for (int64_t e = 0; e < b->batch; e++)
    for (int64_t o = 0; o < at->out; o++) {
      double sum = 0;
      for (int64_t i = 0; i < at->in; i++) sum += w[o * at->in + i] * h[e * at->in + i];
      at->z[e * at->out + o] = at->multiplier * sum + (bias != NULL ? bias[o] : 0);
    }
}

static void join(const explain_book *b, const explain_layer *at, double *out, const double *x) {
  const double *from = explain_output(b, at->source);
  for (int64_t i = 0; i < b->batch * at->out; i++) out[i] = at->alpha * x[i] + from[i];
}

static void forward(explain_book *b, int l) {
  explain_layer *at = &b->layer[l];
  size_t count = (size_t)(b->batch * at->out), bytes = count * sizeof(double);
  const double *u = explain_values(b, l, "preactivation");
  sums(b, l);
  if (normalises(b, l, false)) normalise(b, l, u), u = at->y;
  if (at->source != 0 && at->sums_before)
    join(b, at, at->u, u);
  else
    memcpy(at->u, u, bytes);
  if (at->activation == NULL) return;
  gp_activation_eval(at->choice, at->u, at->a, at->slope, count);
  const double *h = at->a;
  if (normalises(b, l, true)) normalise(b, l, h), h = at->y;
  if (at->source != 0 && !at->sums_before)
    join(b, at, at->h, h);
  else
    memcpy(at->h, h, bytes);
}

/* ---- backward ---- */

/* (B, O) as the loss kernels want it, (O, B), and back. */
static void turn(double *out, const double *x, int64_t rows, int64_t cols) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++) out[c * rows + r] = x[r * cols + c];
}

static void loss(explain_book *b) {
  explain_layer *last = &b->layer[b->layers];
  double z[EXPLAIN_CELLS], y[EXPLAIN_CELLS], p[EXPLAIN_CELLS], slope[EXPLAIN_CELLS];
  const double *out =
      last->activation != NULL ? explain_output(b, b->layers) : explain_values(b, b->layers, "preactivation");
  turn(z, out, b->batch, last->out);
  turn(y, b->target, b->batch, last->out);
  gp_loss_eval(&b->spec->loss, gp_tier_find("portable")->loss, b->example_loss, p, slope, z, y, last->out,
               b->batch);
  turn(b->slope, slope, last->out, b->batch);
  if (last->activation == NULL) turn(last->h, p, last->out, b->batch);
  for (int64_t i = 0; i < b->batch * last->out; i++)
    last->delta[i] = b->slope[i] * (last->activation != NULL ? last->slope[i] : 1);
}

/* dC/dh of layer l: through the weights above, and along connections that began here. */
static void arrive(explain_book *b, int l) {
  explain_layer *at = &b->layer[l];
  const explain_layer *above = &b->layer[l + 1];
  const double *w = explain_values(b, l + 1, "weight"), *delta = explain_values(b, l + 1, "delta");
  for (int64_t e = 0; e < b->batch; e++)
    for (int64_t i = 0; i < at->out; i++) {
      double sum = 0;
      for (int64_t o = 0; o < above->out; o++) sum += w[o * above->in + i] * delta[e * above->out + o];
      at->dh[e * at->out + i] = above->multiplier * sum;
    }
  for (int j = l + 1; j <= b->layers; j++)
    for (int64_t i = 0; b->layer[j].source == l && i < b->batch * at->out; i++)
      at->dh[i] += b->layer[j].skipped[i];
}

/* The gradient of a sum runs on along the connection, and alpha times it through the block. */
static void part_ways(const explain_book *b, explain_layer *at, double *g) {
  for (int64_t i = 0; i < b->batch * at->out; i++) {
    at->skipped[i] = g[i];
    g[i] *= at->alpha;
  }
}

static void backward(explain_book *b, int l) {
  explain_layer *at = &b->layer[l];
  double *g = at->delta;
  arrive(b, l);
  memcpy(g, at->dh, sizeof at->dh);
  if (at->source != 0 && !at->sums_before) part_ways(b, at, g);
  if (normalises(b, l, true)) normalise_back(b, l, g, at->a);
  for (int64_t i = 0; i < b->batch * at->out; i++) g[i] *= at->slope[i];
  if (at->source != 0 && at->sums_before) part_ways(b, at, g);
  if (normalises(b, l, false)) normalise_back(b, l, g, explain_values(b, l, "preactivation"));
}

static void gradients(explain_book *b, int l) {
  explain_layer *at = &b->layer[l];
  const double *delta = explain_values(b, l, "delta"), *h = explain_output(b, l - 1);
  double f = gp_loss_batch_factor(&b->spec->loss, b->batch);
  for (int64_t o = 0; o < at->out; o++) {
    for (int64_t e = 0; e < b->batch; e++) at->db[o] += f * delta[e * at->out + o];
    for (int64_t i = 0; i < at->in; i++)
      for (int64_t e = 0; e < b->batch; e++)
        at->dw[o * at->in + i] += f * at->multiplier * delta[e * at->out + o] * h[e * at->in + i];
  }
}

static double delta_terms(const explain_book *b, int l) {
  const explain_layer *above = &b->layer[l + 1];
  if (l == b->layers) return 0;
  return largest_of(explain_values(b, l + 1, "weight"), above->in * above->out) * above->multiplier *
         largest_of(explain_values(b, l + 1, "delta"), b->batch * above->out) *
         largest_of(b->layer[l].slope, b->batch * above->in);
}

static void compare_layer(explain_book *b, int l) {
  explain_layer *at = &b->layer[l];
  compare(b, l, "preactivation", at->z, 0);
  compare(b, l, "normalised", at->normalised, 0);
  compare(b, l, "activation", at->h, 0);
  compare(b, l, "delta", at->delta, delta_terms(b, l));
  double f = gp_loss_batch_factor(&b->spec->loss, b->batch),
         delta = f * largest_of(at->delta, b->batch * at->out);
  double h = largest_of(explain_output(b, l - 1), b->batch * at->in);
  compare(b, l, "weight_gradient", at->dw, delta * h * at->multiplier);
  compare(b, l, "bias_gradient", at->db, delta);
}

void explain_by_hand(explain_book *b) {
  for (int l = 1; l <= b->layers; l++) forward(b, l);
  loss(b);
  for (int l = b->layers; l >= 1; l--) {
    if (l < b->layers) backward(b, l);
    gradients(b, l);
  }
  for (int l = 1; l <= b->layers; l++) compare_layer(b, l);
}
