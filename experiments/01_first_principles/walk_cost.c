/* Fourth station: what backpropagation saves. The slope of the loss along one weight is one more forward pass; going back once
 * gives all of them, because what lies above a layer is worked out once and used by all weights below it.
 *
 * A net of its own, in plain loops, so that both ways cost what they cost and nothing else. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "walk.h"

enum { UNITS = 32, LAYERS = 4, WEIGHTS = LAYERS * UNITS * UNITS };

typedef struct plain_net {
  double w[LAYERS][UNITS][UNITS], h[LAYERS + 1][UNITS], gradient[LAYERS][UNITS][UNITS];
  double products; /* multiply-adds done */
} plain_net;

/* C = |h_L|^2 / 2, tanh everywhere. */
static double forward(plain_net *n) {
  double loss = 0;
  for (int l = 0; l < LAYERS; l++)
    for (int o = 0; o < UNITS; o++) {
      double z = 0;
      for (int i = 0; i < UNITS; i++) z += n->w[l][o][i] * n->h[l][i];
      n->h[l + 1][o] = tanh(z);
    }
  n->products += WEIGHTS;
  for (int o = 0; o < UNITS; o++) loss += n->h[LAYERS][o] * n->h[LAYERS][o] / 2;
  return loss;
}

static void backward(plain_net *n) {
  double delta[UNITS], below[UNITS];
  for (int o = 0; o < UNITS; o++) delta[o] = n->h[LAYERS][o] * (1 - n->h[LAYERS][o] * n->h[LAYERS][o]);
  for (int l = LAYERS - 1; l >= 0; l--) {
    for (int i = 0; i < UNITS; i++) below[i] = 0;
    for (int o = 0; o < UNITS; o++)
      for (int i = 0; i < UNITS; i++) {
        n->gradient[l][o][i] = delta[o] * n->h[l][i];
        below[i] += n->w[l][o][i] * delta[o];
      }
    for (int i = 0; i < UNITS; i++) delta[i] = below[i] * (1 - n->h[l][i] * n->h[l][i]);
  }
  n->products += 2 * WEIGHTS;
}

/* Central differences, two forward passes a weight; returns the largest difference from what backward() said. */
static double differences(plain_net *n) {
  const double step = 1e-5;
  double worst = 0, largest = 0;
  for (int l = 0; l < LAYERS; l++)
    for (int o = 0; o < UNITS; o++)
      for (int i = 0; i < UNITS; i++) {
        double *w = &n->w[l][o][i], kept = *w, up, down;
        *w = kept + step, up = forward(n);
        *w = kept - step, down = forward(n);
        *w = kept;
        worst = fmax(worst, fabs((up - down) / (2 * step) - n->gradient[l][o][i]));
        largest = fmax(largest, fabs(n->gradient[l][o][i]));
      }
  return worst / largest;
}

/* Weights of variance about 1/UNITS and inputs of order 1, from a congruence: only that they are not special matters. */
static void fill(plain_net *n) {
  unsigned state = 1;
  for (int i = 0; i < WEIGHTS; i++) {
    state = state * 1664525U + 1013904223U;
    (&n->w[0][0][0])[i] = ((double)(state >> 8) / 16777216.0 - 0.5) * sqrt(12.0 / UNITS);
  }
  for (int i = 0; i < UNITS; i++) n->h[0][i] = i % 3 - 0.9;
}

/* Seconds of processor time, since a machine has other things to do. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The least of several: the first finds cold caches. */
static double time_backpropagation(plain_net *n) {
  double least = INFINITY;
  for (int i = 0; i < 200; i++) {
    double start = now();
    (void)forward(n);
    backward(n);
    least = fmin(least, now() - start);
  }
  return least;
}

gp_status walk_cost(const walk *to) {
  static plain_net net;
  char measured[160], expected[80];
  net.products = 0;
  fill(&net);
  (void)forward(&net);
  backward(&net);
  double once = net.products, start = now(), error = differences(&net), slow = now() - start;
  double many = (net.products - once) / 2, fast = time_backpropagation(&net); /* one forward pass a weight */
  walk_say(
      to,
      "10. What backpropagation saves: a net of %d weights (%d layers of %d)\n\n"
      "   %-34s %14s %12s\n   %-34s %14.0f %9.3g ms\n   %-34s %14.0f %9.3g ms\n   %-34s %13.0fx %11.0fx\n\n",
      WEIGHTS, LAYERS, UNITS, "", "multiply-adds", "time", "one forward pass per weight", many,
      slow / 2 * 1e3, "backpropagation, all weights", once, fast * 1e3, "saved", many / once,
      slow / 2 / fast);
  snprintf(measured, sizeof measured, "%.0f times the multiply-adds; gradients agree within %.1e",
           many / once, error);
  snprintf(expected, sizeof expected, "%d weights / 3 = %d times; within 1e-8", WEIGHTS, WEIGHTS / 3);
  GP_TRY(walk_claim(to, fabs(many / once - WEIGHTS / 3.0) < 1 && error < 1e-8,
                    "one forward pass per weight costs a third of their number in backpropagations", measured,
                    expected));
  snprintf(measured, sizeof measured, "%.0f times the time", slow / 2 / fast);
  snprintf(expected, sizeof expected, "more than %d times", WEIGHTS / 12);
  return walk_claim(to, slow / 2 / fast > WEIGHTS / 12.0, "and so it is by the clock", measured, expected);
}
