/* Whole training steps of four nets, one core, both plans: batch, forward, loss, backward, the norm of every layer's
 * weight gradient, update. The check: after a few steps the weights of the first network have the bits that the best
 * tier's single plan gives. Then the same work as a run does it, with all probes at 30 log-spaced checkpoints. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "hash.h"
#include "lanes.h"
#include "plan.h"
#include "trainer.h"

enum { CHECKED_STEPS = 3, ROUNDS = 5 };

/* Shapes: a and d have one output, so that the products of a step are 3.568, 255.7, 78.36 and 0.01792 Mflop (6 B in out
 * for a layer, 4 for the first). `steps` is how long the whole run is. */
typedef struct net {
  const char *name, *config;
  int64_t steps;
} net;
#define COMMON "study: bench\nseed: 0..15\nrecord: {checkpoints: {log: 30}, probes: all}\n"
static const net nets[] = {
    {"a",
     COMMON "data: {name: gaussian, samples: 512, test: 0, features: 2}\n"
            "model: {depth: 10, width: 32, activation: sigmoid}\n"
            "train: {loss: mse, batch: 64, learning_rate: 0.001, steps: 4000}\n",
     4000},
    {"b",
     COMMON "data: {name: gaussian, samples: 2560, test: 0, features: 784, targets: 10}\n"
            "model: {depth: 4, width: 256, activation: relu}\n"
            "train: {loss: mse, batch: 128, learning_rate: 0.001, steps: 2000}\n",
     2000},
    {"c",
     COMMON "data: {name: gaussian, samples: 512, test: 0, features: 64, targets: 10}\n"
            "model: {depth: 50, width: 64, activation: tanh}\n"
            "train: {loss: mse, batch: 64, learning_rate: 0.001, steps: 2000}\n",
     2000},
    {"d",
     COMMON "data: {name: gaussian, samples: 16, test: 0, features: 16}\n"
            "model: {depth: 1, width: 16, activation: tanh}\n"
            "train: {loss: mse, batch: full, learning_rate: 0.001, steps: 4000}\n",
     4000},
};
enum { NETS = sizeof nets / sizeof *nets };

/* One net in one plan on one tier. */
typedef struct stepper {
  gp_trainer *trainer;
  gp_spec specs[GP_LANES_MAX];
  const gp_spec *spec[GP_LANES_MAX];
  const gp_dataset *data[GP_LANES_MAX];
  int count;      /* networks side by side */
  int64_t step;   /* next step of bare_step */
  double *square; /* (L, lanes): squared norms of this step's gradients */
} stepper;

static void must(gp_status status) {
  if (status == GP_OK) return;
  fprintf(stderr, "gradpath_bench: %s\n", gp_message());
  exit(2);
}

static void prepare(stepper *s) {
  s->step = 0;
  if (s->count == 1)
    must(gp_train_prepare(s->trainer, s->spec[0], s->data[0]));
  else
    must(gp_train_prepare_lanes(s->trainer, s->spec, s->data, s->count));
}

static void stepper_make(stepper *s, const gp_plan *plan, const char *tier, bool lanes) {
  memset(s, 0, sizeof *s);
  must(gp_trainer_create(&s->trainer, &(gp_train_options){.tier = tier}));
  for (int i = 0; i < GP_LANES_MAX; i++) {
    must(gp_plan_spec(plan, (size_t)i, &s->specs[i]));
    s->spec[i] = &s->specs[i];
    s->data[i] = gp_plan_dataset(plan, (size_t)i);
  }
  s->count = lanes ? gp_lane_count(s->spec[0]) : 1;
  prepare(s);
  s->square = bench_allocate((size_t)(s->trainer->net.layers * s->trainer->lanes) * sizeof(double));
}

static void stepper_free(stepper *s) {
  gp_trainer_free(s->trainer);
  free(s->square);
}

static void bare_step(void *context) {
  stepper *s = context;
  gp_trainer *t = s->trainer;
  gp_batch_rows(t, s->step);
  gp_batch_forward(t);
  gp_net_backward(&t->net, t->batch, false);
  for (int l = 0; l < t->net.layers; l++) {
    const gp_layer *layer = &t->net.layer[l];
    t->net.k->sum_squares(s->square + l * t->lanes, layer->dw, layer->in * layer->out, t->lanes);
  }
  gp_trainer_update(t, s->step++, false);
}

/* The hash of the first network's weights after a few steps. */
static void weights_after(stepper *s, char out[static GP_HASH_TEXT]) {
  char all[GP_HASH_TEXT * 128] = "";
  gp_trainer *t = s->trainer;
  for (int i = 0; i < CHECKED_STEPS; i++) bare_step(s);
  for (int l = 0; l < t->net.layers; l++) {
    int64_t count = t->net.layer[l].in * t->net.layer[l].out;
    unsigned char *one = bench_allocate((size_t)count * t->net.k->size);
    for (int64_t i = 0; i < count; i++)
      memcpy(one + (size_t)i * t->net.k->size,
             (unsigned char *)t->net.layer[l].w + (size_t)(i * t->lanes) * t->net.k->size, t->net.k->size);
    gp_hash_text(all + l * (GP_HASH_TEXT - 1), one, (size_t)count * t->net.k->size);
    free(one);
  }
  gp_hash_text(out, all, strlen(all));
}

/* Net-steps per second of a whole run. */
static double whole_rate(stepper *s, int64_t steps) {
  double best = INFINITY;
  for (int i = 0; i < 2; i++) {
    enum gp_run_state states[GP_LANES_MAX];
    prepare(s);
    double start = bench_now();
    gp_trainer_run_group(s->trainer, NULL, states);
    best = fmin(best, bench_now() - start);
  }
  return (double)(s->count * steps) / best;
}

/* The whole run only on the best tier, and only when it is not a matter of minutes. */
static void print_rates(stepper *s, const net *n, double flops) {
  enum { LONGEST = 5 };
  double rate = s->count / bench_best(bare_step, s, 0.1, ROUNDS), peak = bench_peak(s->trainer->net.k);
  bool best_tier = strcmp(gp_trainer_tier(s->trainer), gp_tier_find("auto")->name) == 0;
  printf("\t%.5g\t%.2f\t%.1f", rate, 1e-9 * flops * rate, 1e-7 * flops * rate / peak);
  if (best_tier && (double)(n->steps * s->count) < LONGEST * rate) {
    double whole = whole_rate(s, n->steps);
    printf("\t%.5g\t%.2f\tPASS\n", whole, whole / rate);
  } else {
    printf("\t-\t-\tPASS\n");
  }
}

static void measure(const gp_plan *plan, const net *n, const char *tier, bool lanes, const char *expected) {
  enum { PORTABLE_FLOPS = 50000000 }; /* more than this in one step is minutes without vectors */
  char got[GP_HASH_TEXT];
  stepper s;
  stepper_make(&s, plan, tier, lanes);
  double flops = gp_train_step_flops(s.spec[0], s.data[0]);
  if (strcmp(tier, "portable") != 0 || flops * s.count < PORTABLE_FLOPS) {
    printf("%s\t%s\t%s\t%d\t%d\t%.5g", n->name, lanes ? "lanes" : "single", tier, s.trainer->net.k->bits,
           s.count, 1e-6 * flops);
    weights_after(&s, got);
    if (strcmp(got, expected) == 0)
      print_rates(&s, n, flops);
    else
      printf("\t-\t-\t-\t-\t-\tFAIL\n");
  }
  stepper_free(&s);
}

static void measure_net(const net *n, const char *precision) {
  char expected[GP_HASH_TEXT];
  gp_plan *plan;
  stepper best;
  char config[1024];
  snprintf(config, sizeof config, "%sprecision: %s\n", n->config, precision);
  must(gp_plan_load_text(&plan, "bench", config));
  stepper_make(&best, plan, "auto", false);
  weights_after(&best, expected);
  stepper_free(&best);
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++) {
    if (!(*tier)->supported()) continue;
    measure(plan, n, (*tier)->name, false, expected);
    measure(plan, n, (*tier)->name, true, expected);
  }
  gp_plan_free(plan);
}

/* For scripts/peers: net-steps per second of the better plan on the best tier. */
static void brief(const net *n) {
  gp_plan *plan;
  must(gp_plan_load_text(&plan, "bench", n->config));
  double best = 0;
  for (int lanes = 0; lanes < 2; lanes++) {
    stepper s;
    stepper_make(&s, plan, "auto", lanes);
    best = fmax(best, s.count / bench_best(bare_step, &s, 0.1, ROUNDS));
    stepper_free(&s);
  }
  gp_plan_free(plan);
  printf("%.6g\n", best);
}

int bench_steps(const char *name, bool short_form) {
  bool found = false;
  if (!short_form)
    printf("net\tplan\ttier\tbits\tnetworks\tmflop_per_step\tnet_steps_per_second\tgflops\tpercent_of_peak\t"
           "run_net_steps_per_second\trun_over_bare\tcheck\n");
  for (int i = 0; i < NETS; i++) {
    if (name != NULL && strcmp(name, nets[i].name) != 0) continue;
    found = true;
    if (short_form) {
      brief(&nets[i]);
      continue;
    }
    measure_net(&nets[i], "float32");
    measure_net(&nets[i], "float64");
  }
  if (!found) fprintf(stderr, "gradpath_bench: no net '%s' (a, b, c, d)\n", name);
  return found ? 0 : 2;
}
