/* Initial weights of the oracle. */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

static bool is(const gp_choice *choice, const char *name) {
  return strcmp(choice->item->name, name) == 0;
}

/* 1/sqrt(E[phi(z)^2]) by Simpson's rule with libm, left and right of 0 apart. */
static double auto_gain(const gp_spec *spec) {
  const char *name = spec->activation.item->name;
  double sum = 0,
         option = spec_option(&spec->activation, "slope", spec_option(&spec->activation, "alpha", 0));
  enum { N = 4000 };
  for (int side = -1; side <= 1; side += 2) {
    for (int i = 0; i <= N; i++) {
      double z = side * 12.0 * i / N, phi = oracle_phi(name, option, z);
      sum += (i == 0 || i == N ? 1 : i % 2 == 1 ? 4 : 2) * phi * phi * exp(-z * z / 2) / sqrt(2 * M_PI);
    }
  }
  return 1 / sqrt(sum * 12.0 / N / 3);
}

/* INTERFACE section 3: he for the rectifier family, lecun for selu, xavier for the rest. */
static const char *usual_init(const gp_choice *activation) {
  static const char *const rectifiers[] = {"relu", "leaky_relu", "relu6", "elu",  "celu",
                                           "gelu", "gelu_tanh",  "silu",  "mish", "softplus"};
  for (size_t i = 0; i < sizeof rectifiers / sizeof *rectifiers; i++)
    if (is(activation, rectifiers[i])) return "he";
  return is(activation, "selu") ? "lecun" : "xavier";
}

/* Xavier: Glorot and Bengio 2010 eq. 12; He et al. 2015 eq. 10; LeCun et al. 1998; Poole et al. 2016. */
static double weight_variance(const gp_spec *spec, double in, double out) {
  const gp_choice *init = &spec->init;
  const char *name = is(init, "auto") ? usual_init(&spec->activation) : init->item->name;
  double fans[] = {in, out, (in + out) / 2}, gain = spec_option(init, "gain", 1);
  double fan = fans[(int)spec_option(init, "fan", strcmp(name, "xavier") == 0 ? 2 : 0)];
  if (isnan(gain)) return pow(auto_gain(spec), 2) / fan;
  if (strcmp(name, "xavier") == 0 || strcmp(name, "lecun") == 0) return gain * gain / fan;
  if (strcmp(name, "he") == 0 || strcmp(name, "fixup") == 0 || strcmp(name, "zero_last") == 0)
    return 2 * gain * gain / fan;
  if (strcmp(name, "normal") == 0) return pow(spec_option(init, "std", NAN), 2);
  if (strcmp(name, "uniform") == 0) return pow(spec_option(init, "range", NAN), 2) / 3;
  return strcmp(name, "mean_field") == 0 ? spec_option(init, "weight_variance", NAN) / in : 0;
}

/* A normal number within +-2: tries one every 2^40. Its variance is 1 - 4 phi(2)/(2 Phi(2) - 1). */
static double truncated(gp_stream stream, uint64_t i) {
  double density = exp(-2) / sqrt(2 * M_PI), inside = erf(sqrt(2)), z;
  do {
    z = gp_rng_normal(stream, i);
    i += 1ULL << 40;
  } while (fabs(z) > 2);
  return z / sqrt(1 - 4 * density / inside);
}

static void draw_alone(const gp_spec *spec, gp_stream stream, double *w, int64_t in, int64_t out) {
  double deviation = sqrt(weight_variance(spec, (double)in, (double)out));
  bool uniform = is(&spec->init, "uniform") || spec_option(&spec->init, "distribution", 0) == 1;
  bool cut = spec_option(&spec->init, "distribution", 0) == 2;
  for (int64_t i = 0; i < in * out; i++) {
    uint64_t at = (uint64_t)i;
    double draw = uniform ? sqrt(3) * (2 * gp_rng_uniform(stream, at) - 1)
                  : cut   ? truncated(stream, at)
                          : gp_rng_normal(stream, at);
    w[i] = deviation * draw;
  }
}

/* Gram-Schmidt, twice for orthogonality, on the columns of a tall Gaussian matrix or the rows of a wide one: the Q whose
 * R has a positive diagonal. Vector k, entry j lies at w[k * vector + j * entry]. */
static void orthogonal(double gain, gp_stream stream, double *w, int64_t in, int64_t out, int64_t row) {
  int64_t count = out >= in ? in : out, length = out >= in ? out : in;
  int64_t vector = out >= in ? 1 : row, entry = out >= in ? row : 1;
  for (int64_t u = 0; u < out; u++)
    for (int64_t i = 0; i < in; i++) w[u * row + i] = gp_rng_normal(stream, (uint64_t)(u * in + i));
  for (int64_t k = 0; k < count; k++) {
    double *x = w + k * vector, norm = 0;
    for (int64_t other = 0; other < 2 * k; other++) {
      double *y = w + other % k * vector, dot = 0;
      for (int64_t j = 0; j < length; j++) dot += x[j * entry] * y[j * entry];
      for (int64_t j = 0; j < length; j++) x[j * entry] -= dot * y[j * entry];
    }
    for (int64_t j = 0; j < length; j++) norm += x[j * entry] * x[j * entry];
    for (int64_t j = 0; j < length; j++) x[j * entry] /= sqrt(norm);
  }
  for (int64_t u = 0; u < out; u++)
    for (int64_t i = 0; i < in; i++) w[u * row + i] *= gain;
}

/* Balduzzi et al. 2017: blocks of one orthogonal matrix that cancel what relu does. */
static void looks_linear(const oracle *o, gp_stream stream, double *w, int number) {
  const oracle_layer *a = &o->layer[number - 1];
  int64_t in = number == 1 ? a->in : a->in / 2, out = number == o->layers ? a->out : a->out / 2;
  orthogonal(spec_option(&o->spec->init, "gain", NAN), stream, w, in, out, a->in);
  for (int64_t u = 0; u < out; u++) {
    for (int64_t i = 0; i < in; i++) {
      double q = w[u * a->in + i];
      if (in < a->in) w[u * a->in + i + in] = -q;
      if (out < a->out) w[(u + out) * a->in + i] = -q;
      if (in < a->in && out < a->out) w[(u + out) * a->in + i + in] = q;
    }
  }
}

/* Martens 2010: k inputs per unit, picked in order with the odds that are left (Knuth's selection sampling). */
static void sparse(const gp_spec *spec, gp_stream stream, double *w, int64_t in, int64_t out) {
  gp_stream mask = {stream.seed, GP_PURPOSE_MASK, stream.layer};
  double std = spec_option(&spec->init, "std", NAN);
  for (int64_t u = 0; u < out; u++) {
    double wanted = fmin(spec_option(&spec->init, "k", NAN), (double)in);
    for (int64_t i = 0; i < in; i++) {
      uint64_t at = (uint64_t)(u * in + i);
      bool taken = gp_rng_uniform(mask, at) < wanted / (double)(in - i);
      w[at] = taken ? std * gp_rng_normal(stream, at) : 0;
      wanted -= taken ? 1 : 0;
    }
  }
}

static void draw_weights(oracle *o, int number) {
  const gp_spec *spec = o->spec;
  oracle_layer *a = &o->layer[number - 1];
  gp_stream stream = {(uint64_t)spec->seed, GP_PURPOSE_WEIGHT, (uint32_t)number};
  double gain = spec_option(&spec->init, "gain", NAN);
  if (is(&spec->init, "lsuv"))
    orthogonal(1, stream, a->w, a->in, a->out, a->in);
  else if (is(&spec->init, "orthogonal"))
    orthogonal(gain, stream, a->w, a->in, a->out, a->in);
  else if (is(&spec->init, "looks_linear"))
    looks_linear(o, stream, a->w, number);
  else if (is(&spec->init, "sparse"))
    sparse(spec, stream, a->w, a->in, a->out);
  else if (is(&spec->init, "constant"))
    for (int64_t i = 0; i < a->in * a->out; i++) a->w[i] = spec_option(&spec->init, "value", NAN);
  else if (is(&spec->init, "identity"))
    for (int64_t i = 0; i < a->in * a->out; i++) a->w[i] = i / a->in == i % a->in ? gain : 0;
  else
    draw_alone(spec, stream, a->w, a->in, a->out);
}

/* Zhang, Dauphin and Ma 2019: blocks of `every` hidden layers follow the first hidden layer. Goyal et al. 2017 for zero_last. */
static double branch_scale(const oracle *o, int number) {
  int every = (int)spec_option(&o->spec->residual, "every", 1), hidden = o->layers - 1,
      blocks = (hidden - 1) / every;
  bool inside = number >= 2 && number <= 1 + blocks * every, ends = inside && (number - 1) % every == 0;
  if (is(&o->spec->init, "zero_last")) return ends ? 0 : 1;
  if (!is(&o->spec->init, "fixup")) return 1;
  if (ends || number == o->layers) return 0;
  return inside ? pow(blocks, -1.0 / (2 * every - 2)) : 1;
}

static double draw_bias(const gp_spec *spec, gp_stream stream, uint64_t i, double fan_in) {
  const gp_choice *b = &spec->bias_init;
  if (is(b, "constant")) return spec_option(b, "value", NAN);
  if (is(b, "normal"))
    return spec_option(b, "mean", NAN) + spec_option(b, "std", NAN) * gp_rng_normal(stream, i);
  if (is(b, "uniform")) return spec_option(b, "range", NAN) * (2 * gp_rng_uniform(stream, i) - 1);
  if (is(b, "fan_in"))
    return spec_option(b, "gain", NAN) / sqrt(fan_in) * (2 * gp_rng_uniform(stream, i) - 1);
  return spec_option(&spec->init, "bias_mean", 0) +
         sqrt(spec_option(&spec->init, "bias_variance", 0)) * gp_rng_normal(stream, i);
}

void oracle_draw(oracle *o, int number) {
  const gp_spec *spec = o->spec;
  const gp_weights *given = spec->weights;
  oracle_layer *a = &o->layer[number - 1];
  gp_stream biases = {(uint64_t)spec->seed, GP_PURPOSE_BIAS, (uint32_t)number};
  double scale = spec->parametrization == GP_STANDARD ? 1 : sqrt((double)a->in);
  draw_weights(o, number);
  scale *= branch_scale(o, number);
  for (int64_t i = 0; i < a->in * a->out; i++)
    a->w[i] = given != NULL ? given->weight[number - 1][i] : scale * a->w[i];
  for (int64_t i = 0; i < a->out && a->b != NULL; i++)
    a->b[i] = given != NULL && given->bias[number - 1] != NULL
                  ? given->bias[number - 1][i]
                  : draw_bias(spec, biases, (uint64_t)i, (double)a->in);
}

static void rescale(oracle_layer *a, double factor) {
  for (int64_t i = 0; i < a->in * a->out; i++) a->start[i] = a->w[i] *= factor;
  for (int64_t i = 0; a->v != NULL && i < a->v->n; i++) a->v->x[i] *= factor;
  for (int64_t i = 0; a->g != NULL && i < a->g->n; i++) a->g->x[i] *= factor;
}

/* Mishkin and Matas 2015, algorithm 1, in two passes over the outputs of the layer. */
void oracle_unit_variance(oracle *o, const int64_t *rows) {
  const gp_choice *init = &o->spec->init;
  double tolerance = spec_option(init, "tolerance", NAN), passes = spec_option(init, "passes", NAN);
  if (!is(init, "lsuv")) return;
  for (int l = 0; l < o->layers; l++) {
    oracle_layer *a = &o->layer[l];
    int64_t count = o->batch * a->out;
    for (int pass = 0; pass < passes; pass++) {
      double mean = 0, variance = 0;
      oracle_forward(o, rows, o->batch, true);
      for (int64_t i = 0; i < count; i++) mean += a->z[i] / (double)count;
      for (int64_t i = 0; i < count; i++) variance += pow(a->z[i] - mean, 2) / (double)count;
      if (fabs(variance - 1) < tolerance || !(variance > 0)) break;
      rescale(a, 1 / sqrt(variance));
    }
  }
}
