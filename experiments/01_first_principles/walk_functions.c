/* Second station: what a unit applies to its sum, what that does to a gradient, and both directions through a net by hand. */
#include <math.h>
#include <stdio.h>

#include "activation.h"
#include "walk.h"

static void evaluate(const char *name, double z, double *h, double *d) {
  gp_choice choice;
  gp_choice_set(&choice, gp_family_find(&gp_activation_family, name));
  gp_activation_eval(&choice, &z, h, d, 1);
}

/* ---- derivatives ---- */

static gp_status show_tails(const walk *to) {
  static const double at[] = {0, 1, 2, 5, 10, 20};
  double h, d, most = 0, where = NAN, worst = 0;
  char measured[120];
  walk_say(to, "4. What an activation does to a gradient that passes: phi'(z)\n\n   %6s %14s %14s %6s\n", "z",
           "sigmoid'", "tanh'", "ReLU'");
  for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
    double tanh_slope, relu_slope, e = exp(-at[i]);
    evaluate("sigmoid", at[i], &h, &d);
    evaluate("tanh", at[i], &h, &tanh_slope);
    evaluate("relu", at[i], &h, &relu_slope);
    worst = fmax(worst, fabs(d * (1 + e) * (1 + e) / e - 1));
    walk_say(to, "   %6g %14.6g %14.6g %6g\n", at[i], d, tanh_slope, relu_slope);
  }
  for (int i = -4000; i <= 4000; i++) {
    evaluate("sigmoid", i * 0.005, &h, &d);
    if (d > most) most = d, where = i * 0.005;
  }
  walk_say(
      to,
      "\n   sigmoid' is never above %g (at z = %g): ten layers leave at most 4^-10 = %.2g, twenty %.2g\n\n",
      most, where, pow(4, -10), pow(4, -20));
  snprintf(measured, sizeof measured, "%.17g at z = %g", most, where);
  GP_TRY(
      walk_claim(to, most == 0.25 && where == 0, "sigmoid' has its maximum 1/4 at 0", measured, "0.25 at 0"));
  snprintf(measured, sizeof measured, "largest relative difference %.1e up to z = 20", worst);
  return walk_claim(to, worst < 1e-14, "sigmoid' has the tail e^-z/(1 + e^-z)^2, and no zero", measured,
                    "below 1e-14, some roundings");
}

/* ---- a forward pass by hand ---- */

static gp_status show_forward(const walk *to) {
  static const double x[3] = {1, 2, 3}, w1[2][3] = {{.1, .2, -.1}, {.3, -.2, .05}}, b1[2] = {.1, -.1},
                      w2[2] = {.5, -.3}, b2 = .2;
  double z1[2], h1[2], slope, z2 = b2, y;
  char measured[120];
  for (int o = 0; o < 2; o++) {
    z1[o] = b1[o];
    for (int i = 0; i < 3; i++) z1[o] += w1[o][i] * x[i];
    evaluate("relu", z1[o], &h1[o], &slope);
    z2 += w2[o] * h1[o];
  }
  evaluate("sigmoid", z2, &y, &slope);
  walk_say(to, "5. A forward pass by hand: 3-2-1, ReLU, then sigmoid\n\n"
               "   x  = (1, 2, 3)                                      3\n"
               "   W1 = ((0.1, 0.2, -0.1), (0.3, -0.2, 0.05))          2 x 3: outputs x inputs\n"
               "   b1 = (0.1, -0.1)                                    2\n");
  walk_say(to,
           "   z1 = W1 x + b1 = (%.4g, %.4g)                        2\n   h1 = ReLU(z1)  = (%.4g, %.4g)\n",
           z1[0], z1[1], h1[0], h1[1]);
  walk_say(to,
           "   W2 = (0.5, -0.3), b2 = 0.2                          1 x 2\n"
           "   z2 = W2 h1 + b2 = %.4g,  y = sigmoid(z2) = %.6f\n\n",
           z2, y);
  snprintf(measured, sizeof measured, "(%.6f, %.6f), %.6f, %.6f", z1[0], z1[1], z2, y);
  bool held = fabs(z1[0] - 0.3) < 1e-12 && fabs(z1[1] + 0.05) < 1e-12 && fabs(z2 - 0.35) < 1e-12 &&
              fabs(y - 1 / (1 + exp(-0.35))) < 1e-12;
  return walk_claim(to, held, "the worked forward pass", measured, "(0.3, -0.05), 0.35, 0.586618");
}

/* ---- the chain rule ---- */

/* Forward with values, back with factors; once more with the net the engine would make of it is in the tests. The central
 * difference of a quadratic is exact for any step: 1 here. */
static double chain(double x) {
  double a = 2 * x, c = a + 9, e = c * c;
  return e + 3;
}

static gp_status show_chain(const walk *to) {
  double x = 1, a = 2 * x, c = a + 9, e = c * c, g = e + 3;
  double dg_de = 1, dg_dc = dg_de * 2 * c, dg_da = dg_dc * 1, dg_dx = dg_da * 2;
  double difference = (chain(x + 1) - chain(x - 1)) / 2;
  char measured[100];
  walk_say(to,
           "6. The chain rule by hand: a = 2x, c = a + 9, e = c^2, g = e + 3 at x = 1\n\n"
           "   forward   a = %g, c = %g, e = %g, g = %g\n"
           "   back      dg/de = %g, dg/dc = dg/de 2c = %g, dg/da = %g, dg/dx = 2 dg/da = %g\n"
           "   check     (g(2) - g(0))/2 = %g\n\n",
           a, c, e, g, dg_de, dg_dc, dg_da, dg_dx, difference);
  snprintf(measured, sizeof measured, "g = %g, dg/dx = %g, by differences %g", g, dg_dx, difference);
  return walk_claim(to, g == 124 && dg_dx == 44 && difference == 44, "the worked chain rule", measured,
                    "124, 44, 44");
}

gp_status walk_functions(const walk *to) {
  GP_TRY(show_tails(to));
  GP_TRY(show_forward(to));
  return show_chain(to);
}
