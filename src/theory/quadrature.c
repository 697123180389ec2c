/* Gaussian averages by composite Gauss-Legendre panels. */
#include "quadrature.h"

#include <math.h>
#include <pthread.h>

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

/* The integral of f(centre + scale z) times the normal density over one panel. */
static double panel(const problem *p, double low, double high) {
  const rule *r = &shared_rule;
  double x[N], y[N], term[N];
  double middle = 0.5 * (low + high), half = 0.5 * (high - low);
  for (int i = 0; i < N; i++) x[i] = p->centre + p->scale * (middle + half * r->node[i]);
  p->f(p->context, x, y, N);
  for (int i = 0; i < N; i++) {
    double z = middle + half * r->node[i];
    term[i] = half * r->weight[i] * (gp_exp(-0.5 * z * z) / sqrt(2 * PI)) * y[i];
  }
  return gp_sum(term, N);
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

double gp_gauss_mean(gp_integrand f, const void *context, double centre, double scale, const double *kinks) {
  if (!(scale >= 0) || isinf(scale) || !isfinite(centre)) return NAN;
  const problem p = {.f = f, .context = context, .centre = centre, .scale = scale, .kinks = kinks};
  pthread_once(&shared_once, make_shared_rule);
  double total = 0;
  for (int side = -1; side <= 1; side += 2) {
    for (double from = 0, end; from < REACH; from = end) {
      end = panel_end(&p, from, side);
      total += side < 0 ? panel(&p, -end, -from) : panel(&p, from, end);
    }
  }
  return total;
}
