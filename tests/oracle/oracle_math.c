/* Activations and losses of the oracle, from the textbook formulas with libm. */
#include "oracle.h"

#include <math.h>
#include <string.h>

static double identity(double z) {
  return z;
}
static double one(double z) {
  (void)z;
  return 1;
}
static double zero(double z) {
  (void)z;
  return 0;
}
static double sign(double z) {
  return z > 0 ? 1 : z < 0 ? -1 : 0;
}
static double sigmoid(double z) {
  return 1 / (1 + exp(-z));
}
static double dsigmoid(double z) {
  double e = exp(-fabs(z)); /* even in z; this side does not overflow and keeps the tail's relative error */
  return e / ((1 + e) * (1 + e));
}
static double dtanh(double z) {
  double e = exp(-2 * fabs(z)); /* 1/cosh^2 z = 4 e^-2z / (1 + e^-2z)^2 */
  return 4 * e / ((1 + e) * (1 + e));
}
static double relu(double z) {
  return z > 0 ? z : 0;
}
static double step(double z) {
  return z > 0 ? 1 : 0;
}
static double square(double z) {
  return z * z;
}
static double twice(double z) {
  return 2 * z;
}

static const struct activation {
  const char *name;
  double (*phi)(double), (*slope)(double);
  double largest_slope; /* of bounded activations; NaN otherwise */
} activations[] = {
    {"linear", identity, one, NAN}, {"sign", sign, zero, NAN}, {"sigmoid", sigmoid, dsigmoid, 0.25},
    {"tanh", tanh, dtanh, 1},       {"relu", relu, step, NAN}, {"square", square, twice, NAN},
    {"leaky_relu", relu, step, NAN}};

static const struct activation *find(const char *name) {
  size_t i = 0;
  while (strcmp(activations[i].name, name) != 0) i++;
  return &activations[i];
}

double oracle_phi(const char *name, double slope, double z) {
  return strcmp(name, "leaky_relu") == 0 && z < 0 ? slope * z : find(name)->phi(z);
}

double oracle_slope(const char *name, double slope, double z) {
  return strcmp(name, "leaky_relu") == 0 && z <= 0 ? slope : find(name)->slope(z);
}

bool oracle_bound(const char *name, double *largest_slope) {
  *largest_slope = find(name)->largest_slope;
  return !isnan(*largest_slope);
}

/* Softmax and -sum y ln p; the largest logit is taken out so that nothing overflows. */
static double cross_entropy(const double *z, const double *y, int64_t n, double *p, double *slope) {
  double top = -INFINITY, total = 0, loss = 0;
  for (int64_t o = 0; o < n; o++) top = fmax(top, z[o]);
  for (int64_t o = 0; o < n; o++) total += exp(z[o] - top);
  for (int64_t o = 0; o < n; o++) {
    p[o] = exp(z[o] - top) / total;
    slope[o] = p[o] - y[o];
    loss += y[o] * (log(total) + top - z[o]);
  }
  return loss;
}

/* -y ln s(z) - (1 - y) ln(1 - s(z)) = ln(1 + e^z) - y z. */
static double binary(const double *z, const double *y, int64_t n, double *p, double *slope) {
  double loss = 0;
  for (int64_t o = 0; o < n; o++) {
    p[o] = sigmoid(z[o]);
    slope[o] = p[o] - y[o];
    loss += (z[o] > 0 ? z[o] + log1p(exp(-z[o])) : log1p(exp(z[o]))) - y[o] * z[o];
  }
  return loss;
}

static double squared(const double *out, const double *y, int64_t n, double *p, double *slope) {
  double loss = 0;
  for (int64_t o = 0; o < n; o++) {
    p[o] = out[o];
    slope[o] = 2 * (out[o] - y[o]);
    loss += (out[o] - y[o]) * (out[o] - y[o]);
  }
  return loss;
}

/* The losses of one output at a time: |r|; Huber 1964, eq. 2.3; Cortes and Vapnik 1995; Rosenblatt 1958. */
static double absolute(double z, double y, double width, double *slope) {
  (void)width;
  *slope = sign(z - y);
  return fabs(z - y);
}
static double huber(double z, double y, double width, double *slope) {
  double r = z - y;
  *slope = fabs(r) <= width ? r : width * sign(r);
  return fabs(r) <= width ? r * r / 2 : width * fabs(r) - width * width / 2;
}
static double hinge(double z, double y, double width, double *slope) {
  (void)width;
  *slope = y * z < 1 ? -y : 0;
  return fmax(0, 1 - y * z);
}
static double perceptron(double z, double y, double width, double *slope) {
  (void)width;
  *slope = y * z > 0 ? 0 : -y;
  return fmax(0, -y * z);
}

static const struct separate {
  const char *name;
  double (*loss)(double z, double y, double width, double *slope);
} separate[] = {{"mae", absolute}, {"huber", huber}, {"hinge", hinge}, {"perceptron", perceptron}};

static double by_output(const gp_choice *loss, const double *z, const double *y, int64_t n, double *p,
                        double *slope) {
  const struct separate *rule = separate;
  double total = 0;
  while (strcmp(rule->name, loss->item->name) != 0) rule++;
  for (int64_t o = 0; o < n; o++) {
    total += rule->loss(z[o], y[o], spec_option(loss, "delta", 0), &slope[o]);
    p[o] = rule->loss == perceptron ? sign(z[o]) : z[o];
  }
  return total;
}

double oracle_example_loss(const gp_choice *loss, const double *out, const double *y, int64_t outputs,
                           double *p, double *slope) {
  const char *name = loss->item->name;
  double weight = (spec_option(loss, "outputs", 0) == 1 ? 1.0 / (double)outputs : 1) *
                  (spec_option(loss, "half", 0) == 1 ? 0.5 : 1);
  double value = strcmp(name, "cross_entropy") == 0          ? cross_entropy(out, y, outputs, p, slope)
                 : strcmp(name, "binary_cross_entropy") == 0 ? binary(out, y, outputs, p, slope)
                 : strcmp(name, "mse") == 0                  ? squared(out, y, outputs, p, slope)
                                                             : by_output(loss, out, y, outputs, p, slope);
  for (int64_t o = 0; o < outputs; o++) slope[o] *= weight;
  return value * weight;
}

double oracle_batch_factor(const gp_choice *loss, int64_t count) {
  return spec_option(loss, "reduction", 0) == 0 ? 1.0 / (double)count : 1;
}
