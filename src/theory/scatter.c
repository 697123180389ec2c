/* Fluctuations over seeds to first order in 1/width; see scatter.h for the derivation. */
#include "scatter.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "activation.h"
#include "elementary.h"
#include "finite_width.h"
#include "hermite.h"
#include "quadrature.h"
#include "rng.h"
#include "statistics.h"

enum { E = GP_SCATTER_EXAMPLES };

/* One hidden layer as all examples see it. */
typedef struct layer {
  double q[E], growth[E];   /* length; ln |delta_l|^2 of mean field, relative to the last hidden layer */
  double chi[E], next[E];   /* chi(q); F(q), the next layer's length */
  double spread[E], sag[E]; /* d ln F / d ln q, and half of its second derivative */
  double lean[E], bend[E];  /* d ln chi / d ln q, and the second derivative */
  double kinship[E][E];     /* correlation c of the pre-activations of two examples */
  double bb[E][E], bf[E][E],
      ff[E][E];              /* covariances of the noises that this layer makes, relative to chi and F */
  double shift[E], vq[E][E]; /* mean and covariance over seeds of ln q at this layer, less mean field */
  double pairs[E][E];        /* E[phi' phi'] / sqrt(mu mu) at the layer's c */
  double z2d2, zdf, d2f2; /* E[z^2 phi'^2] / (q mu), E[z phi' phi]^2 / (q mu M), E[phi'^2 phi^2] / (mu M) */
} layer;

typedef struct work {
  const gp_scatter_net *net;
  const gp_examples *examples;
  layer *layers;             /* depth */
  double same, other;        /* weights of a pair of one example, and of two */
  double rho[GP_ALIGNMENTS]; /* alignment of the layer above, going back, of equal shares of all nets */
} work;

/* The activation and its squares at the nodes of one example, as Hermite series. */
typedef struct functions {
  gp_hermite h, d, hh, dd;
  double z2d2, zhd, d2h2; /* E of z^2 phi'^2 (z of variance q), z phi' phi, phi'^2 phi^2 */
} functions;

static gp_phi phi_of(const gp_scatter_net *net) {
  return net->phi != NULL ? net->phi : gp_activation_eval;
}

static void functions_make(functions *out, const gp_scatter_net *net, double q) {
  const gp_activation *activation = (const gp_activation *)(const void *)net->activation->item;
  double z[GP_GAUSS_ROOM], weight[GP_GAUSS_ROOM], x[GP_GAUSS_ROOM], h[GP_GAUSS_ROOM], d[GP_GAUSS_ROOM];
  double scale = sqrt(q > 0 ? q : 1e-300);
  size_t n = gp_gauss_rule(scale, activation->kinks, z, weight, GP_GAUSS_ROOM);
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < n; i++) x[i] = scale * z[i];
  phi_of(net)(net->activation, x, h, d, n);
  gp_hermite_make(&out->h, z, weight, h, n);
  gp_hermite_make(&out->d, z, weight, d, n);
  for (size_t i = 0; i < n; i++) {
    out->z2d2 += weight[i] * x[i] * x[i] * d[i] * d[i];
    out->zhd += weight[i] * x[i] * h[i] * d[i];
    out->d2h2 += weight[i] * d[i] * d[i] * h[i] * h[i];
    h[i] *= h[i], d[i] *= d[i];
  }
  gp_hermite_make(&out->hh, z, weight, h, n);
  gp_hermite_make(&out->dd, z, weight, d, n);
}

/* A series less its part along z^2 - 1, of which a sphere allows no fluctuation. */
static gp_hermite without_length(gp_hermite f, bool orthogonal) {
  if (orthogonal) f.a[2] = 0;
  return f;
}

/* What example x sees alone. */
static void layer_alone(layer *l, size_t x, const functions *f, double s, double b, double q) {
  double mu = f->dd.a[0], next = s * f->hh.a[0] + b;
  double lean = q * gp_hermite_slope(&f->dd, q) / mu, spread = q * s * gp_hermite_slope(&f->hh, q) / next;
  l->chi[x] = s * mu;
  l->next[x] = next;
  l->lean[x] = lean;
  l->bend[x] = lean + q * q * gp_hermite_bend(&f->dd, q) / mu - lean * lean;
  l->spread[x] = spread;
  l->sag[x] = (spread + q * q * s * gp_hermite_bend(&f->hh, q) / next - spread * spread) / 2;
}

/* The noises of two examples that share a layer of n units; the cosine d of their deltas enters later (make_growth),
 * so bb holds E[phi'^2 phi'^2] / (mu mu) here. */
static void layer_pair(layer *l, size_t x, size_t y, const functions *f, double s, double n,
                       bool orthogonal) {
  gp_hermite ax = without_length(f[x].hh, orthogonal), ay = without_length(f[y].hh, orthogonal);
  gp_hermite bx = without_length(f[x].dd, orthogonal), by = without_length(f[y].dd, orthogonal);
  double c = l->kinship[x][y], mx = f[x].dd.a[0], my = f[y].dd.a[0];
  l->bb[x][y] = l->bb[y][x] = gp_hermite_pair(&bx, &by, c) / (mx * my);
  l->ff[x][y] = l->ff[y][x] =
      s * s / n * (gp_hermite_pair(&ax, &ay, c) - ax.a[0] * ay.a[0]) / (l->next[x] * l->next[y]);
  l->bf[x][y] = s / n * (gp_hermite_pair(&bx, &ay, c) - bx.a[0] * ay.a[0]) / (mx * l->next[y]);
  l->bf[y][x] = s / n * (gp_hermite_pair(&by, &ax, c) - by.a[0] * ax.a[0]) / (my * l->next[x]);
  l->pairs[x][y] = l->pairs[y][x] = gp_hermite_pair(&f[x].d, &f[y].d, c) / sqrt(mx * my);
}

static double bounded(double c) {
  return c > 1 ? 1 : c < -1 ? -1 : c;
}

/* Lengths and correlations of layer 1 from the inputs. */
static void begin(work *w) {
  layer *first = w->layers;
  const gp_examples *e = w->examples;
  double s = w->net->weight_variance[0], b = w->net->bias_variance[0];
  for (size_t x = 0; x < e->count; x++) first->q[x] = s * e->input[x][x] + b;
  for (size_t x = 0; x < e->count; x++)
    for (size_t y = 0; y < e->count; y++) {
      double product = first->q[x] * first->q[y];
      double c = product > 0 ? (s * e->input[x][y] + b) / sqrt(product) : 0;
      first->kinship[x][y] = x == y ? 1 : bounded(c);
    }
}

/* Lengths, correlations and fluctuations of the layer behind `l` (Poole et al. 2016, eq. 3 and 5). */
static void advance(const work *w, const layer *l, layer *next, const functions *f, size_t number) {
  double s = w->net->weight_variance[number], b = w->net->bias_variance[number];
  for (size_t x = 0; x < w->examples->count; x++) {
    next->q[x] = s * f[x].hh.a[0] + b;
    next->shift[x] = l->spread[x] * l->shift[x] + l->sag[x] * l->vq[x][x] - l->ff[x][x] / 2;
  }
  for (size_t x = 0; x < w->examples->count; x++)
    for (size_t y = 0; y < w->examples->count; y++) {
      double both = s * gp_hermite_pair(&f[x].h, &f[y].h, l->kinship[x][y]) + b;
      next->kinship[x][y] = x == y ? 1 : bounded(both / sqrt(next->q[x] * next->q[y]));
      next->vq[x][y] = l->spread[x] * l->spread[y] * l->vq[x][y] + l->ff[x][y];
    }
}

static void forward(work *w) {
  functions f[E];
  begin(w);
  for (size_t l = 0; l < w->net->depth; l++) {
    layer *here = &w->layers[l];
    double s = w->net->weight_variance[l + 1], n = (double)w->net->widths[l + 1];
    for (size_t x = 0; x < w->examples->count; x++) {
      functions_make(&f[x], w->net, here->q[x]);
      layer_alone(here, x, &f[x], s, w->net->bias_variance[l + 1], here->q[x]);
    }
    for (size_t x = 0; x < w->examples->count; x++)
      for (size_t y = x; y < w->examples->count; y++) layer_pair(here, x, y, f, s, n, w->net->orthogonal);
    /* Corrections of the order 1/n to a mean: one example stands for all. */
    double mu = f[0].dd.a[0], mean = f[0].hh.a[0], q = here->q[0];
    here->z2d2 = f[0].z2d2 / (q * mu);
    here->zdf = f[0].zhd * f[0].zhd / (q * mu * mean);
    here->d2f2 = f[0].d2h2 / (mu * mean);
    advance(w, here, here + 1, f, l + 1);
  }
}

/* Replaces one example's own variance by its exact law, the covariances in proportion. Returns what the mean of the
 * logarithm is below ln chi for a variance of 1 (1/2 to leading order). */
static double sharpen(const work *w, layer *l, size_t number) {
  double n = (double)w->net->widths[number], leading = l->bb[0][0];
  if (w->net->orthogonal || !(leading > 0)) return 0.5;
  gp_meanfield field = {.activation = w->net->activation,
                        .weight_variance = w->net->weight_variance[number],
                        .phi = w->net->phi};
  gp_log_law law = gp_layer_log_law(&field, l->q[0], w->net->widths[number]);
  double ratio = law.variance / leading;
  if (!(ratio > 0) || !(n > 0)) return 0.5;
  for (size_t x = 0; x < w->examples->count; x++)
    for (size_t y = 0; y < w->examples->count; y++) l->bb[x][y] *= ratio, l->bf[x][y] *= sqrt(ratio);
  return (gp_log(l->chi[0]) - law.mean) / law.variance;
}

/* Shares of the examples in the summed delta^2 at a layer. */
static void shares(const work *w, const layer *l, double share[E]) {
  double most = l->growth[0], total = 0;
  for (size_t x = 1; x < w->examples->count; x++) most = fmax(most, l->growth[x]);
  for (size_t x = 0; x < w->examples->count; x++) total += share[x] = gp_exp(l->growth[x] - most);
  for (size_t x = 0; x < w->examples->count; x++) share[x] /= total;
}

/* sum over pairs of a_x m_xy b_y, pairs of one example and of two weighted as they are among those measured. */
static double form(const work *w, const double *a, const double *m, const double *b) {
  double total = 0;
  for (size_t x = 0; x < w->examples->count; x++)
    for (size_t y = 0; y < w->examples->count; y++)
      total += a[x] * m[x * E + y] * b[y] * (x == y ? w->same : w->other);
  return total;
}

/* What the part of W that the forward pass has fixed does to |delta|^2: along h its mean square is rho times the usual. */
static double known_part(const layer *l, double rho, double n) {
  return 1 + (rho - 1) * l->d2f2 / n;
}

static double known_part_ln(const work *w, const layer *l, double n) {
  double total = 0;
  for (size_t i = 0; i < GP_ALIGNMENTS; i++) total += gp_log(known_part(l, w->rho[i], n));
  return total / GP_ALIGNMENTS;
}

/* Mean of ln of the summed delta^2 of layer l less that of layer l + 1, beyond mean field. */
static double mean_shift(const work *w, const layer *l, double half, const double *share, double n) {
  double total = -half * form(w, share, &l->bb[0][0], share), lean[E];
  for (size_t x = 0; x < w->examples->count; x++) {
    lean[x] = share[x] * l->lean[x];
    total +=
        share[x] * (l->lean[x] * l->shift[x] + 0.5 * (l->bend[x] + l->lean[x] * l->lean[x]) * l->vq[x][x]);
  }
  total -= 0.5 * form(w, lean, &l->vq[0][0], lean);
  return total + known_part_ln(w, l, n);
}

/* delta of one output vector; the right class of a softmax is number 0. */
static void error_signal(double *delta, const gp_examples *e, const double *f, size_t k) {
  double total = 0, share = sqrt(e->output[0][0] / (double)k);
  for (size_t i = 0; i < k; i++) total += gp_exp(f[i] - f[0]);
  for (size_t i = 0; i < k; i++)
    delta[i] = e->error == GP_ERROR_SQUARE ? f[i] - share : gp_exp(f[i] - f[0]) / total - (i == 0);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* sum (f . delta)^2 / (q sum |delta|^2) over a group of draws. */
static double group_alignment(const gp_examples *e, double q, size_t first, size_t count) {
  enum { MOST = 64 };
  static const gp_stream stream = {0x616c69676e, GP_PURPOSE_PROBE, 0};
  double f[MOST], delta[MOST], aligned = 0, whole = 0;
  size_t k = e->outputs < MOST ? (size_t)e->outputs : MOST;
  for (size_t n = first; n < first + count; n++) {
    double product = 0;
    for (size_t i = 0; i < k; i++) f[i] = sqrt(q) * gp_rng_normal(stream, n * MOST + i);
    error_signal(delta, e, f, k);
    for (size_t i = 0; i < k; i++) product += f[i] * delta[i], whole += q * delta[i] * delta[i];
    aligned += product * product;
  }
  return whole > 0 ? aligned / whole : 1;
}

void gp_output_alignment(double out[static GP_ALIGNMENTS], const gp_examples *e, double q) {
  enum { DRAWS = 4096, LARGEST = 128 };
  double drawn[DRAWS];
  size_t group = 1;
  for (size_t i = 0; i < GP_ALIGNMENTS; i++) out[i] = 1;
  if (e->error == GP_ERROR_INDEPENDENT || e->outputs < 1 || !(q > 0)) return;
  while ((double)group < e->measured && group < LARGEST) group *= 2;
  size_t groups = DRAWS / group, share = groups / GP_ALIGNMENTS;
  for (size_t g = 0; g < groups; g++) drawn[g] = group_alignment(e, q, g * group, group);
  qsort(drawn, groups, sizeof *drawn, ascending);
  for (size_t i = 0; i < GP_ALIGNMENTS; i++) out[i] = gp_mean(drawn + i * share, share);
}

static double square_mean(double k, double q, double target) {
  return k * q + target;
}

/* The mean square over nets of the cosine of f - y and f' - y', f and f' normal of correlation c in each of k units:
 * E (delta . delta')^2 by the moments of a normal vector, over the mean squares. */
static double square_cosine(const gp_examples *e, const layer *out, size_t x, size_t y) {
  double k = (double)e->outputs, a = out->q[x], b = out->q[y], c = out->kinship[x][y] * sqrt(a * b);
  double mean = k * c + e->output[x][y];
  double variance = k * (a * b + c * c) + a * e->output[y][y] + b * e->output[x][x] + 2 * c * e->output[x][y];
  return bounded((mean * mean + variance) / square_mean(k, a, e->output[x][x]) /
                 square_mean(k, b, e->output[y][y]));
}

/* The bias is the part of z that W delta does not know. */
static double without_bias(double alignment, double q, double b) {
  double part = q > 0 ? (q - b) / q : 1;
  return part * alignment + 1 - part;
}

/* The alignment rho of layer l from that of layer l + 1: z . delta against two vectors that know nothing of each other. */
static void align(work *w, const layer *l, size_t number, double n) {
  for (size_t i = 0; i < GP_ALIGNMENTS; i++) {
    double inherited = (l->z2d2 + (w->rho[i] - 1) * l->zdf) / known_part(l, w->rho[i], n);
    w->rho[i] = without_bias(inherited, l->q[0], w->net->bias_variance[number - 1]);
  }
}

static void begin_backward(work *w, double square[E][E]) {
  const gp_examples *e = w->examples;
  const layer *out = &w->layers[w->net->depth];
  gp_output_alignment(w->rho, e, out->q[0]);
  for (size_t i = 0; i < GP_ALIGNMENTS; i++)
    w->rho[i] = without_bias(w->rho[i], out->q[0], w->net->bias_variance[w->net->depth]);
  for (size_t x = 0; x < e->count; x++)
    for (size_t y = 0; y < e->count; y++)
      square[x][y] = x == y                        ? 1
                     : e->error == GP_ERROR_SQUARE ? square_cosine(e, out, x, y)
                                                   : e->output[x][y] * e->output[x][y];
}

/* The mean square of the cosine one layer further back. It is moved by phi' of two examples, and drifts towards 1: n
 * random numbers never average out, (delta . delta')^2 keeps a variance of order 1/n, and so do the lengths. */
static double next_square(double d2, double pair, double kin, double n) {
  double moved = pair * pair * d2;
  return bounded((moved + (kin * (1 + 2 * d2) - moved) / n) / (1 + (kin * (1 + 2 * d2) - 1) / n));
}

/* Backward: growth of each example's delta, cosines of deltas, means over seeds. */
static void backward(work *w, gp_scatter *out) {
  size_t depth = w->net->depth, count = w->examples->count;
  double square[E][E], share[E], mean = 0;
  begin_backward(w, square);
  for (size_t l = depth; l-- > 0;) {
    layer *here = &w->layers[l];
    double n = (double)w->net->widths[l + 1];
    for (size_t x = 0; x < count; x++) {
      here->growth[x] =
          l + 1 < depth ? here[1].growth[x] + gp_log(here->chi[x] * (double)w->net->widths[l + 2] / n) : 0;
      for (size_t y = 0; y < count; y++) {
        double d2 = square[x][y], kin = here->bb[x][y];
        here->bb[x][y] = (kin * (1 + 2 * d2) - 1 - (w->net->orthogonal ? 2 * d2 : 0)) / n;
        if (x != y) square[x][y] = next_square(d2, here->pairs[x][y], kin, n);
      }
    }
    double half = sharpen(w, here, l + 1);
    shares(w, here, share);
    if (l + 1 < depth) mean += mean_shift(w, here, half, share, n);
    out->ln_delta_mean[l] = mean / 2;
    align(w, here, l + 1, n);
  }
}

static double mean_of(const work *w, const double *values, const double *share) {
  double total = 0;
  for (size_t x = 0; x < w->examples->count; x++) total += share[x] * values[x];
  return total;
}

/* Standard deviation over seeds of sum_m weight_m ln delta_rms_m, m < depth: every layer's noises in one sum. */
static double deviation(const work *w, const double *weight) {
  size_t depth = w->net->depth, count = w->examples->count;
  double variance = 0, below[E] = {0}, later[E] = {0}, share[E];
  double(*b)[E] = calloc(depth + 1, sizeof *b);
  if (b == NULL) return (double)NAN;
  /* b_k(x) = sum of weight_m share_m(x) over m <= k: what a step at layer k moves. */
  for (size_t k = 0; k < depth; k++) {
    shares(w, &w->layers[k], share);
    for (size_t x = 0; x < count; x++) b[k][x] = below[x] += weight[k] * share[x];
  }
  for (size_t k = depth - 1; k-- > 0;) {
    const layer *l = &w->layers[k];
    variance += form(w, b[k], &l->bb[0][0], b[k]) + 2 * form(w, b[k], &l->bf[0][0], later) +
                form(w, later, &l->ff[0][0], later);
    for (size_t x = 0; x < count; x++) later[x] = b[k][x] * l->lean[x] + l->spread[x] * later[x];
  }
  free(b);
  return 0.5 * sqrt(fmax(variance, 0));
}

/* The mean square pre-activation fluctuates with q, and, for a given q, as a mean of n squares. */
static double length_deviation(const work *w, const layer *l, size_t number) {
  double part[E], both[E][E], total = 0, n = (double)w->net->widths[number];
  for (size_t x = 0; x < w->examples->count; x++) total += l->q[x];
  for (size_t x = 0; x < w->examples->count; x++) {
    part[x] = l->q[x] / total;
    for (size_t y = 0; y < w->examples->count; y++)
      both[x][y] = l->vq[x][y] + (w->net->orthogonal ? 0 : 2 * l->kinship[x][y] * l->kinship[x][y] / n);
  }
  return 0.5 * sqrt(form(w, part, &both[0][0], part));
}

static double mean_kinship(const work *w, const layer *l) {
  double total = 0, count = (double)w->examples->count;
  for (size_t x = 0; x < w->examples->count; x++)
    for (size_t y = 0; y < x; y++) total += l->kinship[x][y];
  return count > 1 ? total / (count * (count - 1) / 2) : (double)NAN;
}

static void mean_field(const work *w, gp_scatter *out) {
  double even[E], share[E];
  for (size_t x = 0; x < w->examples->count; x++) even[x] = 1 / (double)w->examples->count;
  for (size_t l = 0; l < w->net->depth; l++) {
    const layer *here = &w->layers[l];
    double total = 0, most = here->growth[0];
    shares(w, here, share);
    for (size_t x = 1; x < w->examples->count; x++) most = fmax(most, here->growth[x]);
    for (size_t x = 0; x < w->examples->count; x++) total += even[x] * gp_exp(here->growth[x] - most);
    out->q[l] = mean_of(w, here->q, even);
    out->chi[l] = mean_of(w, here->chi, share);
    out->kinship[l] = mean_kinship(w, here);
    out->ln_delta[l] = (most + gp_log(total)) / 2;
    out->ln_delta_mean[l] += out->ln_delta[l];
    out->ln_z_sd[l] = length_deviation(w, here, l + 1);
  }
}

/* Slopes of the lines, and the deviation of each layer and of the slope. */
static void deviations(const work *w, gp_scatter *out, double *position, double *weight) {
  size_t depth = w->net->depth;
  double centre = ((double)depth + 1) / 2, square = 0;
  for (size_t l = 0; l < depth; l++)
    position[l] = (double)(l + 1), square += (position[l] - centre) * (position[l] - centre);
  for (size_t m = 0; m < depth; m++) {
    memset(weight, 0, depth * sizeof *weight);
    weight[m] = 1;
    out->ln_delta_sd[m] = deviation(w, weight);
  }
  out->slope = out->slope_mean = out->slope_sd = (double)NAN;
  if (depth < 3 || !isfinite(out->ln_delta[0])) return;
  out->slope = gp_slope(position, out->ln_delta, depth, NULL);
  out->slope_mean = gp_slope(position, out->ln_delta_mean, depth, NULL);
  for (size_t l = 0; l < depth; l++) weight[l] = (position[l] - centre) / square;
  out->slope_sd = deviation(w, weight);
}

gp_status gp_scatter_make(gp_scatter *out, const gp_scatter_net *net, const gp_examples *examples) {
  double count = (double)examples->count, measured = fmax(examples->measured, 1);
  work w = {.net = net, .examples = examples, .layers = calloc(net->depth + 1, sizeof *w.layers)};
  double *scratch = calloc(2 * net->depth + 1, sizeof *scratch);
  gp_status status = GP_OK;
  w.same = count / measured;
  w.other = examples->count > 1 ? (1 - 1 / measured) / (1 - 1 / count) : 0;
  if (w.layers == NULL || scratch == NULL) {
    status = gp_fail(GP_ERR_MEMORY, "no memory for the scatter of a network of depth %zu", net->depth);
  } else if (net->depth > 0) {
    forward(&w);
    backward(&w, out);
    mean_field(&w, out);
    deviations(&w, out, scratch, scratch + net->depth);
  }
  free(w.layers);
  free(scratch);
  return status;
}
