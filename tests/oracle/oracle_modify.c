/* Normalisations and residual connections of the oracle, as their papers write them: per group of numbers that share a
 * mean and a variance, with the derivatives of both followed one by one (Ioffe and Szegedy 2015, section 3). */
#include <math.h>
#include <string.h>

#include "oracle.h"

static bool is(const gp_choice *choice, const char *name) {
  return strcmp(choice->item->name, name) == 0;
}

static bool normalises(const oracle *o, const oracle_layer *a) {
  return a->number < o->layers && !is(&o->spec->norm, "none") && !is(&o->spec->norm, "weight");
}

static bool after(const gp_choice *choice, int word) {
  return spec_option(choice, "place", 0) == word;
}

/* place is "before", "after" for a normalisation, "after", "before" for a connection. */
static bool norm_after(const oracle *o) {
  return after(&o->spec->norm, 1);
}
static bool sum_after(const oracle *o) {
  return after(&o->spec->residual, 0);
}

/* -- which layer a connection comes from: blocks of `every` hidden layers behind the first -- */

static int source_of(const oracle *o, int number) {
  int every = (int)spec_option(&o->spec->residual, "every", 1);
  if (is(&o->spec->residual, "none") || number >= o->layers || number < 2) return 0;
  return (number - 1) % every == 0 ? number - every : 0;
}

static double alpha_of(const oracle *o) {
  int hidden = o->layers - 1, every = (int)spec_option(&o->spec->residual, "every", 1);
  double alpha = spec_option(&o->spec->residual, "alpha", NAN);
  if (is(&o->spec->residual, "rezero")) return 0;
  if (!is(&o->spec->residual, "scaled")) return 1;
  return isnan(alpha) ? 1 / sqrt((double)((hidden - 1) / every)) : alpha;
}

/* -- trained arrays besides weights and biases -- */

static oracle_array *add_array(oracle *o, oracle_layer *a, int64_t n, double start, bool weight) {
  oracle_array *x = &a->extra[a->extras++];
  double **room[] = {&x->x, &x->dx, &x->m, &x->s, &x->u};
  *x = (oracle_array){.n = n, .weight = weight};
  for (int i = 0; i < 5; i++) *room[i] = oracle_doubles(o, n);
  for (int64_t i = 0; i < n; i++) x->x[i] = start;
  return x;
}

void oracle_modify_make(oracle *o, int number, int64_t rows) {
  oracle_layer *a = &o->layer[number - 1];
  int64_t weights = a->in * a->out;
  a->number = number;
  a->source = source_of(o, number);
  a->alpha_value = alpha_of(o);
  double **units[] = {&a->u, &a->a, &a->hat, &a->y, &a->along};
  for (int i = 0; i < 5; i++) *units[i] = oracle_doubles(o, rows * a->out);
  if (is(&o->spec->norm, "weight")) {
    a->v = add_array(o, a, weights, 0, true);
    a->g = add_array(o, a, a->out, 0, false);
    memcpy(a->v->x, a->w, (size_t)weights * sizeof(double));
    for (int64_t i = 0; i < weights; i++) a->g->x[i / a->in] += a->w[i] * a->w[i];
    for (int64_t u = 0; u < a->out; u++) a->g->x[u] = sqrt(a->g->x[u]);
  }
  if (normalises(o, a)) {
    a->spread = oracle_doubles(o, rows + a->out);
    a->batch_mean = oracle_doubles(o, a->out);
    a->batch_variance = oracle_doubles(o, a->out);
    a->running_mean = oracle_doubles(o, a->out);
    a->running_variance = oracle_doubles(o, a->out);
    for (int64_t u = 0; u < a->out; u++) a->running_variance[u] = 1;
    if (spec_option(&o->spec->norm, "affine", 1) != 0) a->gamma = add_array(o, a, a->out, 1, false);
    if (spec_option(&o->spec->norm, "affine", 1) != 0) a->beta = add_array(o, a, a->out, 0, false);
  }
  if (a->source > 0 && is(&o->spec->residual, "rezero")) a->alpha = add_array(o, a, 1, 0, false);
}

static double alpha_now(const oracle_layer *a) {
  return a->alpha != NULL ? a->alpha->x[0] : a->alpha_value;
}

/* -- normalisation -- */

/* Groups: `groups` of `members` numbers; member m of group k lies at index(k, m). */
typedef struct grouping {
  int64_t groups, members, group_step, member_step;
} grouping;

static grouping grouping_of(const oracle *o, const oracle_layer *a, int64_t count) {
  return is(&o->spec->norm, "batch") ? (grouping){a->out, count, 1, a->out}
                                     : (grouping){count, a->out, a->out, 1};
}

static void normalise(oracle *o, oracle_layer *a, const double *x, int64_t count, bool training) {
  grouping g = grouping_of(o, a, count);
  bool batch = is(&o->spec->norm, "batch");
  double n = (double)g.members;
  for (int64_t k = 0; k < g.groups; k++) {
    double mean = 0, variance = 0;
    const double *at = x + k * g.group_step;
    for (int64_t m = 0; m < g.members && !is(&o->spec->norm, "rms"); m++) mean += at[m * g.member_step] / n;
    for (int64_t m = 0; m < g.members; m++) variance += pow(at[m * g.member_step] - mean, 2) / n;
    if (batch && training) {
      a->batch_mean[k] = mean;
      a->batch_variance[k] = n > 1 ? variance * n / (n - 1) : variance;
    } else if (batch) {
      mean = a->running_mean[k];
      variance = a->running_variance[k];
    }
    a->spread[k] = sqrt(variance + spec_option(&o->spec->norm, "eps", NAN));
    for (int64_t m = 0; m < g.members; m++)
      a->hat[k * g.group_step + m * g.member_step] = (at[m * g.member_step] - mean) / a->spread[k];
  }
  for (int64_t i = 0; i < count * a->out; i++)
    a->y[i] = a->gamma != NULL ? a->gamma->x[i % a->out] * a->hat[i] + a->beta->x[i % a->out] : a->hat[i];
}

/* d (count, O) from dC/dy to dC/dx. x - mean is spread x^; d(variance), then d(mean), then d(x), each from the paper. */
static void normalise_back(oracle *o, oracle_layer *a, double *d, int64_t count, double factor) {
  grouping g = grouping_of(o, a, count);
  double n = (double)g.members;
  bool centred = !is(&o->spec->norm, "rms");
  for (int64_t i = 0; i < count * a->out && a->gamma != NULL; i++) {
    a->gamma->dx[i % a->out] += factor * d[i] * a->hat[i];
    a->beta->dx[i % a->out] += factor * d[i];
    d[i] *= a->gamma->x[i % a->out];
  }
  for (int64_t k = 0; k < g.groups; k++) {
    double s = a->spread[k], dvariance = 0, dmean = 0;
    for (int64_t m = 0; m < g.members; m++) {
      int64_t i = k * g.group_step + m * g.member_step;
      dvariance += d[i] * (s * a->hat[i]) * -0.5 * pow(s, -3);
      dmean += -d[i] / s;
    }
    for (int64_t m = 0; m < g.members && centred; m++)
      dmean += dvariance * -2 * s * a->hat[k * g.group_step + m * g.member_step] / n;
    for (int64_t m = 0; m < g.members; m++) {
      int64_t i = k * g.group_step + m * g.member_step;
      d[i] = d[i] / s + dvariance * 2 * s * a->hat[i] / n + (centred ? dmean / n : 0);
    }
  }
}

/* -- a layer on its way forward and back -- */

static void join(const oracle *o, const oracle_layer *a, double *out, const double *x, int64_t count) {
  const double *from = o->layer[a->source - 1].h;
  for (int64_t i = 0; i < count * a->out; i++) out[i] = alpha_now(a) * x[i] + from[i];
}

void oracle_modify_before(oracle *o, oracle_layer *a, int64_t count, bool training) {
  const double *x = a->z;
  if (normalises(o, a) && !norm_after(o)) {
    normalise(o, a, x, count, training);
    x = a->y;
  }
  if (a->source > 0 && !sum_after(o))
    join(o, a, a->u, x, count);
  else
    memcpy(a->u, x, (size_t)(count * a->out) * sizeof(double));
}

void oracle_modify_after(oracle *o, oracle_layer *a, int64_t count, bool training) {
  const double *x = a->a;
  if (normalises(o, a) && norm_after(o)) {
    normalise(o, a, x, count, training);
    x = a->y;
  }
  if (a->source > 0 && sum_after(o))
    join(o, a, a->h, x, count);
  else
    memcpy(a->h, x, (size_t)(count * a->out) * sizeof(double));
}

/* The sum out = alpha x + from has the gradient d: `from` gets it whole, the block alpha times it. */
static void part(oracle *o, oracle_layer *a, double *d, const double *x, int64_t count, double factor) {
  double *along = o->layer[a->source - 1].along, alpha = alpha_now(a);
  for (int64_t i = 0; i < count * a->out; i++) {
    along[i] += d[i];
    if (a->alpha != NULL) a->alpha->dx[0] += factor * d[i] * x[i];
    d[i] *= alpha;
  }
}

/* a->delta from dC/dh to dC/dz. */
void oracle_modify_back(oracle *o, oracle_layer *a, int64_t count, double factor) {
  double *d = a->delta;
  bool normal = normalises(o, a);
  for (int64_t i = 0; i < count * a->out; i++) d[i] += a->along[i];
  if (a->source > 0 && sum_after(o)) part(o, a, d, normal && norm_after(o) ? a->y : a->a, count, factor);
  if (normal && norm_after(o)) normalise_back(o, a, d, count, factor);
  for (int64_t i = 0; i < count * a->out; i++) d[i] *= oracle_slope(a->activation, a->option, a->u[i]);
  if (a->source > 0 && !sum_after(o)) part(o, a, d, normal && !norm_after(o) ? a->y : a->z, count, factor);
  if (normal && !norm_after(o)) normalise_back(o, a, d, count, factor);
}

/* Before a backward pass: gradients of the trained arrays and what runs along connections. */
void oracle_modify_clear(oracle *o, int64_t count) {
  for (int l = 0; l < o->layers; l++) {
    oracle_layer *a = &o->layer[l];
    memset(a->along, 0, (size_t)(count * a->out) * sizeof(double));
    for (int i = 0; i < a->extras; i++) memset(a->extra[i].dx, 0, (size_t)a->extra[i].n * sizeof(double));
  }
}

/* Salimans and Kingma 2016, eq. 3. */
void oracle_modify_weights_back(oracle_layer *a) {
  for (int64_t u = 0; u < a->out && a->v != NULL; u++) {
    double length = 0, inner = 0, *v = a->v->x + u * a->in, *dv = a->v->dx + u * a->in;
    for (int64_t i = 0; i < a->in; i++) length += v[i] * v[i];
    length = sqrt(length);
    for (int64_t i = 0; i < a->in; i++) inner += a->dw[u * a->in + i] * v[i] / length;
    a->g->dx[u] = inner;
    for (int64_t i = 0; i < a->in; i++)
      dv[i] = a->g->x[u] / length * a->dw[u * a->in + i] - a->g->x[u] * inner / (length * length) * v[i];
  }
}

/* After an update of v and g: w, and what it changed by. */
void oracle_modify_weights(oracle_layer *a) {
  for (int64_t u = 0; u < a->out && a->v != NULL; u++) {
    double length = 0, *v = a->v->x + u * a->in;
    for (int64_t i = 0; i < a->in; i++) length += v[i] * v[i];
    for (int64_t i = 0; i < a->in; i++) {
      double w = a->g->x[u] * v[i] / sqrt(length);
      a->uw[u * a->in + i] = w - a->w[u * a->in + i];
      a->w[u * a->in + i] = w;
    }
  }
}

/* The running statistics take in those of the batch that an update is made from. */
void oracle_modify_track(oracle *o) {
  double share = spec_option(&o->spec->norm, "averaging", 0);
  for (int l = 0; l < o->layers; l++) {
    oracle_layer *a = &o->layer[l];
    for (int64_t u = 0; u < a->out && a->running_mean != NULL && is(&o->spec->norm, "batch"); u++) {
      a->running_mean[u] += share * (a->batch_mean[u] - a->running_mean[u]);
      a->running_variance[u] += share * (a->batch_variance[u] - a->running_variance[u]);
    }
  }
}
