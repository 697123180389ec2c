/* Jacobians of the outputs: with respect to the input, one example at a time, and with respect to the parameters.
 *
 * For the first, an example is copied into as many columns as directions are wanted; one backward pass then gives J^T V
 * for all of them and one tangent pass J J^T V. With V the unit matrix that is exact; with random signs |J^T v|^2 and
 * |J J^T v|^2 are unbiased for the traces of J J^T and its square (Hutchinson 1989). */
#include <math.h>

#include "second.h"

enum { STREAM_SIGNS = 4 << 20 };

static int64_t outputs_of(const gp_second *s) {
  return s->twin.net.layer[s->twin.net.layers - 1].out;
}

static double squares(const gp_second *s, const double *x, int64_t n) {
  double sum;
  s->twin.net.k->sum_squares(&sum, x, n, 1);
  return sum;
}

/* Row `row` of the training set in `count` columns, with a forward pass. */
static void hold(gp_second *s, int64_t row, int64_t count) {
  gp_net *net = &s->twin.net;
  int64_t inputs = net->layer[0].in;
  double *x = net->x;
  for (int64_t f = 0; f < inputs; f++)
    for (int64_t b = 0; b < count; b++) x[f * count + b] = s->train.x[row * inputs + f];
  gp_net_forward(net, count, true);
  s->twin.held = 0;
}

/* J^T V into the net's dx and J J^T V into the tangent's outputs, for the directions in s->seeds. */
static void through(gp_second *s, int64_t count) {
  gp_net *net = &s->twin.net;
  const double *dx = net->dx;
  gp_direction_reverse(net, count, s->seeds, NULL, true);
  for (int64_t i = 0; i < net->layer[0].in * count; i++) s->twin.direction.x[i] = dx[i];
  gp_direction_forward(&s->twin.direction, count, NULL, true);
}

/* Directions first .. first + count: columns of the unit matrix, or random signs. */
static void directions(gp_second *s, int64_t row, int64_t first, int64_t count) {
  gp_stream stream = {s->seed, GP_PURPOSE_PROBE, STREAM_SIGNS + (uint32_t)row};
  int64_t outputs = outputs_of(s);
  for (int64_t o = 0; o < outputs; o++)
    for (int64_t b = 0; b < count; b++) {
      bool up =
          s->set.jacobian_draws > 0 && gp_rng_uniform(stream, (uint64_t)((first + b) * outputs + o)) < 0.5;
      s->seeds[o * count + b] = s->set.jacobian_draws > 0 ? (up ? 1 : -1) : o == first + b;
    }
}

/* Adds the row's tr (J J^T) / n and tr (J J^T)^2 / n to the moments. */
static void add_moments(gp_second *s, int64_t row) {
  int64_t outputs = outputs_of(s), draws = s->set.jacobian_draws, total = draws > 0 ? draws : outputs;
  double scale = draws > 0 ? (double)(outputs * draws) : (double)outputs;
  int64_t held = 0, piece = s->columns_at_once;
  for (int64_t first = 0, count; first < total; first += count) {
    count = total - first < piece ? total - first : piece;
    if (held != count) hold(s, row, held = count);
    directions(s, row, first, count);
    through(s, count);
    s->moments[0] += squares(s, s->twin.net.dx, s->twin.net.layer[0].in * count) / scale;
    s->moments[1] += squares(s, gp_direction_outputs(&s->twin.direction), outputs * count) / scale;
  }
}

static void apply_gram(void *context, double *out, const double *v) {
  gp_second *s = context;
  int64_t outputs = outputs_of(s);
  for (int64_t o = 0; o < outputs; o++) s->seeds[o] = v[o];
  through(s, 1);
  for (int64_t o = 0; o < outputs; o++) out[o] = gp_direction_outputs(&s->twin.direction)[o];
}

static void measure(gp_second *s) {
  double rows = (double)s->set.jacobian_samples;
  for (int i = 0; i < 3; i++) s->moments[i] = 0;
  for (int64_t row = 0; row < s->set.jacobian_samples; row++) {
    double top;
    add_moments(s, row);
    hold(s, row, 1);
    gp_lanczos_run(&s->jacobian, apply_gram, s, &top, NULL);
    s->moments[2] += sqrt(top > 0 ? top : top * 0); /* rounding may leave a zero below zero; NaN stays */
  }
  for (int i = 0; i < 3; i++) s->moments[i] /= rows;
}

void gp_second_jacobian(gp_second *s, double out[static 3]) {
  if (!s->jacobian_known) measure(s);
  s->jacobian_known = true;
  for (int i = 0; i < 3; i++) out[i] = s->moments[i];
}

/* -- with respect to the parameters -- */

static void apply_kernel(void *context, double *out, const double *v) {
  gp_second *s = context;
  int64_t rows = s->set.ntk_samples;
  gp_direction_reverse(&s->twin.net, rows, v, s->gradient, false);
  gp_direction_forward(&s->twin.direction, rows, s->gradient, false);
  const double *outputs = gp_direction_outputs(&s->twin.direction);
  for (int64_t i = 0; i < outputs_of(s) * rows; i++) out[i] = outputs[i];
}

/* The sum of the squared gradients of every output of every row; one row at a time where rows do not meet. */
double gp_second_ntk_trace(gp_second *s) {
  int64_t rows = s->set.ntk_samples, together = s->coupled ? rows : 1;
  double total = 0;
  for (int64_t first = 0; first < rows; first += together) {
    gp_twin_bring(&s->twin, &s->train, first, together);
    int64_t count = outputs_of(s) * together;
    for (int64_t i = 0; i < count; i++) s->seeds[i] = 0;
    for (int64_t i = 0; i < count; i++) {
      s->seeds[i] = 1;
      gp_direction_reverse(&s->twin.net, together, s->seeds, s->gradient, false);
      s->seeds[i] = 0;
      total += squares(s, s->gradient, gp_net_parameters(&s->twin.net));
    }
  }
  s->twin.held = 0; /* the deltas are no longer those of the loss */
  return total;
}

double gp_second_ntk_eigenvalue(gp_second *s) {
  double top;
  gp_twin_bring(&s->twin, &s->train, 0, s->set.ntk_samples);
  gp_lanczos_run(&s->ntk, apply_kernel, s, &top, NULL);
  s->twin.held = 0;
  return top;
}
