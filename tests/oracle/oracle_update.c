/* One update of the oracle: schedule, clipping, rule, decay, each as its paper writes it. */
#include <math.h>
#include <string.h>

#include "oracle.h"

/* What a rule needs of one entry: its gradient, memory, and the time t = 1, 2, ... */
typedef struct entry {
  double g, rate, t;
  double *m, *s;
} entry;

typedef struct rule {
  double beta1, beta2, epsilon;
  bool inside, nesterov;
} rule;

static double root(const rule *r, double squares) {
  return r->inside ? sqrt(squares + r->epsilon) : sqrt(squares) + r->epsilon;
}
static double sign(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

/* Polyak 1964; Nesterov as Sutskever et al. 2013, in velocity form. */
static double velocity(const rule *r, const entry *e) {
  *e->m = r->beta1 * *e->m - e->rate * e->g;
  return r->nesterov ? r->beta1 * *e->m - e->rate * e->g : *e->m;
}
/* Duchi et al. 2011. */
static double adagrad(const rule *r, const entry *e) {
  *e->s += e->g * e->g;
  return -e->rate * e->g / root(r, *e->s);
}
/* Tieleman and Hinton 2012. */
static double rmsprop(const rule *r, const entry *e) {
  *e->s = r->beta2 * *e->s + (1 - r->beta2) * e->g * e->g;
  return -e->rate * e->g / root(r, *e->s);
}
/* Kingma and Ba 2015, algorithm 1. */
static double adam(const rule *r, const entry *e) {
  *e->m = r->beta1 * *e->m + (1 - r->beta1) * e->g;
  *e->s = r->beta2 * *e->s + (1 - r->beta2) * e->g * e->g;
  double mean = *e->m / (1 - pow(r->beta1, e->t)), squares = *e->s / (1 - pow(r->beta2, e->t));
  return -e->rate * mean / root(r, squares);
}
/* Dozat 2016, algorithm 2 with one beta1. */
static double nadam(const rule *r, const entry *e) {
  adam(r, e);
  double mean =
      r->beta1 * *e->m / (1 - pow(r->beta1, e->t + 1)) + (1 - r->beta1) * e->g / (1 - pow(r->beta1, e->t));
  return -e->rate * mean / root(r, *e->s / (1 - pow(r->beta2, e->t)));
}
/* Chen et al. 2023, algorithm 2. */
static double lion(const rule *r, const entry *e) {
  double direction = sign(r->beta1 * *e->m + (1 - r->beta1) * e->g);
  *e->m = r->beta2 * *e->m + (1 - r->beta2) * e->g;
  return -e->rate * direction;
}
/* Bernstein et al. 2018. */
static double sign_sgd(const rule *r, const entry *e) {
  (void)r;
  return -e->rate * sign(e->g);
}

static const struct optimizer {
  const char *name;
  double (*step)(const rule *r, const entry *e);
} optimizers[] = {{"sgd", velocity},        {"heavy_ball", velocity}, {"nesterov", velocity},
                  {"perceptron", velocity}, {"adagrad", adagrad},     {"rmsprop", rmsprop},
                  {"adam", adam},           {"adamw", adam},          {"nadam", nadam},
                  {"lion", lion},           {"sign_sgd", sign_sgd}};

static const struct optimizer *optimizer_of(const gp_choice *choice) {
  const struct optimizer *found = optimizers;
  while (strcmp(found->name, choice->item->name) != 0) found++;
  return found;
}

static rule rule_of(const gp_choice *choice) {
  return (rule){.beta1 = spec_option(choice, "momentum", spec_option(choice, "beta1", 0)),
                .beta2 = spec_option(choice, "beta2", spec_option(choice, "decay", 0)),
                .epsilon = spec_option(choice, "epsilon", 0),
                .inside = spec_option(choice, "epsilon_inside", 0) == 1,
                .nesterov =
                    spec_option(choice, "nesterov", 0) == 1 || strcmp(choice->item->name, "nesterov") == 0};
}

/* -- schedules: the factor at step t of T -- */

static double schedule(const gp_choice *c, double t, double T) {
  const char *name = c->item->name;
  double rate = spec_option(c, "rate", 0), peak = spec_option(c, "peak", 0), tail = spec_option(c, "tail", 0);
  double last = spec_option(c, "final", 0), steps = spec_option(c, "steps", 1);
  if (strcmp(name, "step") == 0)
    return pow(spec_option(c, "factor", 0), floor(t / spec_option(c, "every", 1)));
  if (strcmp(name, "exponential") == 0) return pow(rate, t);
  if (strcmp(name, "cosine") == 0) return last + (1 - last) * 0.5 * (1 + cos(M_PI * t / T));
  if (strcmp(name, "warmup") == 0) return fmin(1, (t + 1) / steps);
  if (strcmp(name, "reciprocal") == 0) return 1 / (1 + rate * t);
  if (strcmp(name, "one_cycle") != 0) return 1;
  double end = (1 - tail) * T, middle = end / 2;
  if (t >= end) return (T - t) / (tail * T);
  return t < middle ? 1 + (peak - 1) * t / middle : peak - (peak - 1) * (t - middle) / middle;
}

/* -- clipping: Pascanu et al. 2013 -- */

static double squares(const double *g, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n && g != NULL; i++) sum += g[i] * g[i];
  return sum;
}

static void scale(double *g, int64_t n, double factor) {
  for (int64_t i = 0; i < n && g != NULL; i++) g[i] *= factor;
}

static void cut(double *g, int64_t n, double most) {
  for (int64_t i = 0; i < n && g != NULL; i++) g[i] = fmax(-most, fmin(most, g[i]));
}

/* Under weight normalisation W itself is not trained. */
static double layer_squares(const oracle_layer *a) {
  double sum = squares(a->db, a->out) + (a->v == NULL ? squares(a->dw, a->in * a->out) : 0);
  for (int i = 0; i < a->extras; i++) sum += squares(a->extra[i].dx, a->extra[i].n);
  return sum;
}

static void clip(oracle *o) {
  const char *name = o->spec->clip.item->name;
  double most = spec_option(&o->spec->clip, "max", NAN), whole = 0;
  for (int l = 0; l < o->layers; l++) whole += layer_squares(&o->layer[l]);
  for (int l = 0; l < o->layers; l++) {
    oracle_layer *a = &o->layer[l];
    double norm = sqrt(strcmp(name, "norm") == 0 ? whole : layer_squares(a));
    double factor = strstr(name, "norm") != NULL && norm > most ? most / norm : 1;
    scale(a->dw, a->in * a->out, factor);
    scale(a->db, a->out, factor);
    for (int i = 0; i < a->extras; i++) scale(a->extra[i].dx, a->extra[i].n, factor);
    if (strcmp(name, "value") != 0) continue;
    cut(a->dw, a->in * a->out, most);
    cut(a->db, a->out, most);
    for (int i = 0; i < a->extras; i++) cut(a->extra[i].dx, a->extra[i].n, most);
  }
}

/* -- all together -- */

/* Weight decay adds d W to g, or is taken off beside the step (Loshchilov and Hutter 2019). */
static void update_array(const oracle *o, entry e, double decay, double *w, const double *g, double *m,
                         double *s, double *u, int64_t n) {
  const gp_choice *choice = &o->spec->optimizer;
  bool beside = o->spec->decoupled || strcmp(choice->item->name, "adamw") == 0;
  rule r = rule_of(choice);
  for (int64_t i = 0; i < n; i++) {
    e.g = g[i] + (beside ? 0 : decay * w[i]), e.m = &m[i], e.s = &s[i];
    u[i] = optimizer_of(choice)->step(&r, &e) - (beside ? e.rate * decay * w[i] : 0);
    w[i] += u[i];
  }
}

void oracle_update(oracle *o, int64_t step) {
  double factor = schedule(&o->spec->schedule, (double)step, (double)o->spec->steps),
         decay = o->spec->weight_decay;
  clip(o);
  oracle_modify_track(o);
  for (int l = 0; l < o->layers; l++) {
    oracle_layer *a = &o->layer[l];
    entry e = {.rate = a->rate * factor, .t = (double)step + 1};
    double other = o->spec->decay_bias ? decay : 0;
    if (a->v == NULL) update_array(o, e, decay, a->w, a->dw, a->vw, a->sw, a->uw, a->in * a->out);
    if (a->b != NULL) update_array(o, e, other, a->b, a->db, a->vb, a->sb, a->ub, a->out);
    for (int i = 0; i < a->extras; i++) {
      oracle_array *x = &a->extra[i];
      update_array(o, e, x->weight ? decay : other, x->x, x->dx, x->m, x->s, x->u, x->n);
    }
    oracle_modify_weights(a);
  }
}
