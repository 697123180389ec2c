/* What probes cost when they are measured at every step: microseconds per step beyond a run without them, and the share of a
 * run's time. Width 64, depth 10, batch 64, float, one core; the training loop alone, without the file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "plan.h"
#include "probe.h"
#include "run.h"

enum { ROUNDS = 7 };
static const double STEPS = 400;

static void must(gp_status status) {
  if (status == GP_OK) return;
  fprintf(stderr, "gradpath_bench: %s\n", gp_message());
  exit(2);
}

/* One run with that selection, ready to be timed again and again. */
typedef struct probed {
  gp_plan *plan;
  gp_spec spec;
  gp_trainer *trainer;
  double best; /* seconds */
} probed;

static void probed_make(probed *p, const char *selection) {
  char config[1024];
  snprintf(config, sizeof config,
           "study: bench\ndata: {name: gaussian, samples: 512, test: 0, features: 64, targets: 10}\n"
           "model: {depth: 10, width: 64, activation: tanh}\n"
           "train: {loss: mse, batch: 64, learning_rate: 0.001, steps: %g}\n"
           "record: {checkpoints: [0], probes: \"%s\"}\n",
           STEPS, selection);
  p->best = INFINITY;
  must(gp_plan_load_text(&p->plan, "bench", config));
  must(gp_plan_spec(p->plan, 0, &p->spec));
  must(gp_trainer_create(&p->trainer, &(gp_train_options){.tier = "auto"}));
}

static void probed_time(probed *p) {
  gp_trace trace;
  must(gp_train_prepare(p->trainer, &p->spec, gp_plan_dataset(p->plan, 0)));
  double start = bench_now();
  gp_train_run(p->trainer, NULL, &trace);
  p->best = fmin(p->best, bench_now() - start);
}

static void probed_free(probed *p) {
  gp_trainer_free(p->trainer);
  gp_plan_free(p->plan);
}

/* The selection beside a run that measures nothing but at its ends, in alternation. */
static void measure(const char *name) {
  char selection[128];
  probed with, without;
  snprintf(selection, sizeof selection, "weight_norm(at=0),%s(every=1)", name);
  probed_make(&with, selection);
  probed_make(&without, "weight_norm(at=0)");
  for (int i = 0; i < ROUNDS; i++) {
    probed_time(&without);
    probed_time(&with);
  }
  double extra = with.best - without.best;
  printf("%s\t%.2f\t%.1f\t%.2f\n", name, 1e6 * extra / STEPS, 100 * extra / with.best,
         1e6 * without.best / STEPS);
  probed_free(&with);
  probed_free(&without);
}

void bench_probes(void) {
  static const char *const groups[] = {"panel",   "all",   "gradients", "activations",
                                       "weights", "noise", "dynamics",  "rules"};
  printf("probe\tmicroseconds_per_step\tpercent_of_the_run\tstep_without\n");
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) measure(groups[i]);
  for (int p = 0; p < GP_PROBE_FIRST_ON_TWIN; p++) measure(gp_probe_at(p)->item.name);
}
