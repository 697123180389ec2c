#include "direction_norm.h"

#include <math.h>
#include <string.h>

#include "norm.h"

/* Which statistic element (r, c) has. */
static int64_t statistic_of(const gp_norm_layer *n, int64_t r, int64_t c) {
  return n->item->by_row ? r : c;
}

/* out = the means of x y over what each statistic is of; y NULL: of x. */
static void means(const gp_net *net, const gp_layer *layer, double *out, const double *x, const double *y,
                  int64_t batch) {
  bool by_row = layer->norm.item->by_row;
  gp_field f = {.rows = layer->out, .cols = batch, .lanes = 1, .by_row = by_row};
  if (y != NULL)
    net->k->field_dot(out, x, y, &f);
  else
    net->k->field_sum(out, x, &f);
  int64_t count = by_row ? layer->out : batch;
  for (int64_t i = 0; i < count; i++) out[i] /= (double)(by_row ? batch : layer->out);
}

/* r = P(r). */
static void project(const gp_net *net, const gp_layer *layer, double *r, int64_t batch) {
  const gp_norm_layer *n = &layer->norm;
  gp_field f = {.rows = layer->out, .cols = batch, .lanes = 1, .by_row = n->item->by_row};
  means(net, layer, net->statistic[0], r, NULL, batch);
  means(net, layer, net->statistic[1], r, n->normalised, batch);
  net->k->field_project(r, n->normalised, n->item->centred ? net->statistic[0] : NULL, net->statistic[1],
                        n->scale, &f);
}

void gp_direction_norm_forward(const gp_net *net, const gp_layer *layer, gp_direction_layer *own, double *out,
                               const double *rx, int64_t batch, const double *v) {
  const gp_norm_layer *n = &layer->norm;
  const double *scale = n->scale, *normalised = n->normalised, *gamma = n->gamma.value;
  const double *rgamma = v != NULL && gamma != NULL ? v + own->at.gamma : NULL;
  memcpy(own->normalised, rx, (size_t)(layer->out * batch) * sizeof *rx);
  project(net, layer, own->normalised, batch);
  int64_t statistics = n->item->by_row ? layer->out : batch;
  for (int64_t i = 0; i < statistics; i++) own->scale[i] = -scale[i] * net->statistic[1][i];
  for (int64_t r = 0; r < layer->out; r++)
    for (int64_t i = r * batch; i < (r + 1) * batch; i++) {
      double y = gamma != NULL ? gamma[r] * own->normalised[i] : own->normalised[i];
      out[i] = rgamma != NULL ? y + (rgamma[r] * normalised[i] + v[own->at.beta + r]) : y;
    }
}

/* R of the gradients of gamma and beta. */
static void affine_gradients(const gp_net *net, const gp_layer *layer, const gp_direction_layer *own,
                             const double *rg, int64_t batch, double factor, double *out) {
  gp_field rows = {.rows = layer->out, .cols = batch, .lanes = 1, .by_row = true};
  net->k->field_dot(net->statistic[0], rg, layer->norm.normalised, &rows);
  net->k->field_dot(net->statistic[1], own->dy, own->normalised, &rows);
  for (int64_t r = 0; r < layer->out; r++)
    out[own->at.gamma + r] += factor * (net->statistic[0][r] + net->statistic[1][r]);
  net->k->field_sum(net->statistic[0], rg, &rows);
  for (int64_t r = 0; r < layer->out; r++) out[own->at.beta + r] += factor * net->statistic[0][r];
}

void gp_direction_norm_backward(const gp_net *net, const gp_layer *layer, const gp_direction_layer *own,
                                double *rg, const double *dx, double *q, int64_t batch, const double *v,
                                double factor, double *out) {
  const gp_norm_layer *n = &layer->norm;
  const double *gamma = n->gamma.value, *scale = n->scale, *normalised = n->normalised;
  if (gamma != NULL) affine_gradients(net, layer, own, rg, batch, factor, out);
  for (int64_t r = 0; r < layer->out; r++)
    for (int64_t i = r * batch; i < (r + 1) * batch; i++) {
      q[i] = gamma != NULL ? gamma[r] * own->dy[i] : own->dy[i];
      if (gamma != NULL) rg[i] = gamma[r] * rg[i] + v[own->at.gamma + r] * own->dy[i];
    }
  project(net, layer, rg, batch);
  means(net, layer, net->statistic[0], q, n->normalised, batch);
  means(net, layer, net->statistic[1], q, own->normalised, batch);
  for (int64_t r = 0; r < layer->out; r++)
    for (int64_t c = 0; c < batch; c++) {
      int64_t i = r * batch + c, k = statistic_of(n, r, c);
      double turn = own->normalised[i] * net->statistic[0][k] + normalised[i] * net->statistic[1][k];
      rg[i] += own->scale[k] * dx[i] - scale[k] * turn;
    }
}

/* -- weights -- */

static double inner(const gp_net *net, const double *x, const double *y, int64_t n) {
  double sum;
  net->k->dot(&sum, x, y, n, 1);
  return sum;
}

void gp_direction_compose(const gp_net *net, const gp_layer *layer, gp_direction_layer *own,
                          const double *v) {
  const double *gain = layer->norm.gain.value;
  for (int64_t o = 0; o < layer->out; o++) {
    const double *row = (const double *)layer->norm.direction.value + o * layer->in;
    const double *change = v + own->at.direction + o * layer->in;
    double square = inner(net, row, row, layer->in), length = sqrt(square);
    double along = inner(net, row, change, layer->in) / square, turned = gain[o] / length;
    double stretched = v[own->at.gain + o] / length - turned * along;
    for (int64_t i = 0; i < layer->in; i++)
      own->w[o * layer->in + i] = stretched * row[i] + turned * change[i];
  }
}

void gp_direction_decompose(const gp_net *net, const gp_layer *layer, const gp_direction_layer *own,
                            const double *rdw, const double *v, double factor, double *out) {
  const double *gain = layer->norm.gain.value;
  for (int64_t o = 0; o < layer->out; o++) {
    int64_t first = o * layer->in;
    const double *row = (const double *)layer->norm.direction.value + first, *dw = own->dw + first;
    const double *change = v + own->at.direction + first;
    double square = inner(net, row, row, layer->in), length = sqrt(square),
           along = inner(net, row, change, layer->in);
    double t = inner(net, dw, row, layer->in),
           rt = inner(net, rdw + first, row, layer->in) + inner(net, dw, change, layer->in);
    double k = gain[o] / length, rk = v[own->at.gain + o] / length - k * along / square;
    double share = t / square, rshare = (rt - 2 * share * along) / square;
    out[own->at.gain + o] += factor * (rt - share * along) / length;
    for (int64_t i = 0; i < layer->in; i++) {
      double across = rdw[first + i] - change[i] * share - row[i] * rshare;
      out[own->at.direction + first + i] += factor * (rk * (dw[i] - row[i] * share) + k * across);
    }
  }
}
