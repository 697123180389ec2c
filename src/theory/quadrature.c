/* Gaussian averages by composite Gauss-Legendre panels. */
#include "quadrature.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>

#include "elementary.h"
#include "statistics.h"

enum { N = GP_QUADRATURE_NODES };

static const double PI = 3.14159265358979323846;
/* The normal density at 10 is 1e-22: nothing that a polynomial of usual degree lifts to 1e-13 lies beyond. */
static const double REACH = 10.0;
static const double WIDEST = 2;   /* panel width where only the Gaussian varies */
static const double GROWTH = 0.5; /* panel width over distance from where the argument is 0 */

typedef struct rule {
  double node[N], weight[N];
} rule;

typedef struct problem {
  gp_integrand f;
  const void *context;
  double centre, scale;
  const double *kinks;
} problem;

/* P_n(x) and P_n'(x) by the three-term recurrence. */
static double legendre(double x, double *slope) {
  double before = 1, value = x;
  for (int k = 2; k <= N; k++) {
    double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  *slope = N * (x * value - before) / (x * x - 1);
  return value;
}

void gp_legendre_rule(double node[static N], double weight[static N]) {
  for (int i = 0; i < N; i++) {
    double x = -gp_cos(PI * (i + 0.75) / (N + 0.5)), slope = 0;
    /* Quadratic from a guess good to 1e-4: five rounds reach the last bit with room to spare. */
    for (int round = 0; round < 5; round++) {
      double value = legendre(x, &slope);
      x -= value / slope;
    }
    (void)legendre(x, &slope);
    node[i] = x;
    weight[i] = 2 / ((1 - x * x) * slope * slope);
  }
}

/* Nested averages ask for the rule a million times, so it is computed once per process. */
static rule shared_rule;
static pthread_once_t shared_once = PTHREAD_ONCE_INIT;

static void make_shared_rule(void) {
  gp_legendre_rule(shared_rule.node, shared_rule.weight);
}

/* Nodes and weights of one panel, the normal density included. */
static void panel(double low, double high, double *z, double *weight) {
  const rule *r = &shared_rule;
  double middle = 0.5 * (low + high), half = 0.5 * (high - low);
  for (int i = 0; i < N; i++) {
    z[i] = middle + half * r->node[i];
    weight[i] = half * r->weight[i] * (gp_exp(-0.5 * z[i] * z[i]) / sqrt(2 * PI));
  }
}

/* Where the panel that begins at distance `from` on one side (sign -1 or +1) ends. A scale of 0 makes the
 * unit width infinite and every kink infinitely far (or NaN, which no comparison takes). */
static double panel_end(const problem *p, double from, double sign) {
  double origin = sign * -p->centre / p->scale;
  double width = fmax(1 / p->scale, GROWTH * fabs(from - origin));
  double end = fmin(from + fmin(width, WIDEST), REACH);
  for (const double *kink = p->kinks; kink != NULL && !isnan(*kink); kink++) {
    double at = sign * (*kink - p->centre) / p->scale;
    if (at > from && at < end) end = at;
  }
  return end;
}

static bool fit(double centre, double scale) {
  return scale >= 0 && !isinf(scale) && isfinite(centre);
}

/* The integral of f(centre + scale z) times the normal density over one panel. */
static double panel_mean(const problem *p, double low, double high) {
  double z[N], weight[N], x[N], y[N], term[N];
  panel(low, high, z, weight);
  for (int i = 0; i < N; i++) x[i] = p->centre + p->scale * z[i];
  p->f(p->context, x, y, N);
  for (int i = 0; i < N; i++) term[i] = weight[i] * y[i];
  return gp_sum(term, N);
}

double gp_gauss_mean(gp_integrand f, const void *context, double centre, double scale, const double *kinks) {
  if (!fit(centre, scale)) return NAN;
  const problem p = {.f = f, .context = context, .centre = centre, .scale = scale, .kinks = kinks};
  pthread_once(&shared_once, make_shared_rule);
  double total = 0;
  for (int side = -1; side <= 1; side += 2) {
    for (double from = 0, end; from < REACH; from = end) {
      end = panel_end(&p, from, side);
      total += side < 0 ? panel_mean(&p, -end, -from) : panel_mean(&p, from, end);
    }
  }
  return total;
}

size_t gp_gauss_rule(double scale, const double *kinks, double *z, double *weight, size_t room) {
  size_t count = 0;
  if (!fit(0, scale)) return 0;
  const problem p = {.scale = scale, .kinks = kinks};
  pthread_once(&shared_once, make_shared_rule);
  for (int side = -1; side <= 1; side += 2) {
    for (double from = 0, end; from < REACH && count + N <= room; from = end, count += N) {
      end = panel_end(&p, from, side);
      if (side < 0)
        panel(-end, -from, z + count, weight + count);
      else
        panel(from, end, z + count, weight + count);
    }
  }
  return count;
}
