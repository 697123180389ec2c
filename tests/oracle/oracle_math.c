/* Activations and losses of the oracle, from the textbook formulas with libm. */
#include "oracle.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

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
static double sign(double z) {
  return z > 0 ? 1 : z < 0 ? -1 : 0;
}
static double gelu_inner(double z) {
  return sqrt(2 / pi) * (z + 0.044715 * z * z * z);
}
/* (1 + tanh u)/2 = sigmoid(2u), which does not cancel. */
static double gelu_tanh_slope(double z) {
  return sigmoid(2 * gelu_inner(z)) +
         z / 2 * dtanh(gelu_inner(z)) * sqrt(2 / pi) * (1 + 3 * 0.044715 * z * z);
}
static double gelu_slope(double z) {
  return erfc(-z / sqrt(2)) / 2 + z * exp(-z * z / 2) / sqrt(2 * pi);
}
static double mish_slope(double z) {
  double t = log1p(exp(z));
  return tanh(t) + z * dtanh(t) * sigmoid(z);
}

/* One row per activation: name, phi(z), phi'(z), and the largest |phi'| of a bounded one (NaN: saturation is not
 * defined for it). a is its option. */
#define ROWS(X)                                                                                              \
  X(linear, z, 1, NAN)                                                                                       \
  X(sign, sign(z), 0, NAN)                                                                                   \
  X(step, z > 0 ? 1 : 0, 0, NAN)                                                                             \
  X(sigmoid, sigmoid(z), dsigmoid(z), 0.25)                                                                  \
  X(hard_sigmoid, fmax(0, fmin(1, z / 6 + 0.5)), fabs(z) < 3 ? 1.0 / 6 : 0, 1.0 / 6)                         \
  X(tanh, tanh(z), dtanh(z), 1)                                                                              \
  X(scaled_tanh, 1.7159 * tanh(2 * z / 3), 1.7159 * 2 / 3 * dtanh(2 * z / 3), 1.7159 * 2 / 3)                \
  X(hard_tanh, fmax(-1, fmin(1, z)), fabs(z) < 1 ? 1 : 0, 1)                                                 \
  X(arctan, atan(z), 1 / (1 + z * z), 1)                                                                     \
  X(softsign, z / (1 + fabs(z)), 1 / pow(1 + fabs(z), 2), 1)                                                 \
  X(erf, erf(z), 2 / sqrt(pi) * exp(-z * z), 1.1283791670955126)                                             \
  X(sine, sin(z), cos(z), 1)                                                                                 \
  X(square, z *z, 2 * z, NAN)                                                                                \
  X(relu, z > 0 ? z : 0, z > 0 ? 1 : 0, NAN)                                                                 \
  X(leaky_relu, z > 0 ? z : a * z, z > 0 ? 1 : a, NAN)                                                       \
  X(relu6, fmax(0, fmin(6, z)), z > 0 && z < 6 ? 1 : 0, NAN)                                                 \
  X(elu, z > 0 ? z : a * expm1(z), z > 0 ? 1 : a * exp(z), NAN)                                              \
  X(selu, 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * expm1(z)),                                  \
    1.0507009873554805 * (z > 0 ? 1 : 1.6732632423543772 * exp(z)), NAN)                                     \
  X(celu, z > 0 ? z : a * expm1(z / a), z > 0 ? 1 : exp(z / a), NAN)                                         \
  X(gelu, z *erfc(-z / sqrt(2)) / 2, gelu_slope(z), NAN)                                                     \
  X(gelu_tanh, z *sigmoid(2 * gelu_inner(z)), gelu_tanh_slope(z), NAN)                                       \
  X(silu, z *sigmoid(z), sigmoid(z) + z * dsigmoid(z), NAN)                                                  \
  X(mish, z *tanh(log1p(exp(z))), mish_slope(z), NAN)                                                        \
  X(softplus, log1p(exp(z)), sigmoid(z), NAN)                                                                \
  X(tanh_output_form, tanh(z), 1 - tanh(z) * tanh(z), 1)                                                     \
  X(sigmoid_output_form, sigmoid(z), sigmoid(z) * (1 - sigmoid(z)), 0.25)

#define FUNCTIONS(name, value, slope, largest)                                                               \
  static double phi_##name(double z, double a) {                                                             \
    (void)z, (void)a;                                                                                        \
    return value;                                                                                            \
  }                                                                                                          \
  static double slope_##name(double z, double a) {                                                           \
    (void)z, (void)a;                                                                                        \
    return slope;                                                                                            \
  }
ROWS(FUNCTIONS)

#define ROW(name, value, slope, largest) {#name, phi_##name, slope_##name, largest},
static const struct activation {
  const char *name;
  double (*phi)(double z, double a), (*slope)(double z, double a);
  double largest_slope;
} activations[] = {ROWS(ROW)};

static const struct activation *find(const char *name) {
  size_t i = 0;
  while (strcmp(activations[i].name, name) != 0) i++;
  return &activations[i];
}

double oracle_phi(const char *name, double option, double z) {
  return find(name)->phi(z, option);
}

double oracle_slope(const char *name, double option, double z) {
  return find(name)->slope(z, option);
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
