/* Invariant 1 (DESIGN): neither the plan (single or lanes), nor the tier, nor what a trainer did before changes one bit
 * of a trace: every cell and every series is compared, one NaN being as good as another. */
#include <stdio.h>

#include "engine.h"

static const char *const tiers[] = {"portable", "avx2", "avx512"};
static const char *const precisions[] = {"precision=float32", "precision=float64"};
enum { TIERS = 3, LANES_MAX = 16 };

static const char common[] =
    "data=blobs data.samples=40 data.test=21 data.classes=3 data.features=3 depth=3 width=7 "
    "learning_rate=0.1 batch=13 steps=9 every=2 probes=all,noise,rules,dynamics(every=3) ";

/* What the lanes of a group share: shapes and everything that is not a number. */
static const char *const shared[] = {
    "activation=leaky_relu init=he loss=mse optimizer.momentum=0.9",
    "activation=sigmoid init=xavier loss=binary_cross_entropy optimizer.momentum=0.5 on=train",
    "activation=tanh init=xavier init.distribution=uniform loss=mse output=tanh optimizer.momentum=0.5 "
    "optimizer.nesterov=true weight_decay=0.1 decay_bias=true",
    "activation=relu init=he parametrization=mean_field loss.reduction=sum weight_decay=0.1 decoupled=true "
    "on=11",
    "activation=square init=mean_field loss=mse output=leaky_relu bias=true batch=full",
    "activation=sign init=lecun width=17 data.features=9 batch=40 layer_rates=1-0.5-0.25-2",
    "activation=elu init=he loss=mse output=celu",
    "activation=linear init=normal bias=false loss=mse loss.half=true depth=0 stop_on=oscillating,stalled",
    "data=gaussian data.targets=2 activation=relu init=he loss=mse optimizer.momentum=0.5 shape=5-33 "
    "every=1",
    "activation=tanh init=xavier optimizer=adam optimizer.beta1=0.9 clip=norm clip.max=1 schedule=cosine "
    "weight_decay=0.1",
    "activation=relu init=he optimizer=nadam optimizer.beta1=0.9 clip=layer_norm clip.max=1 "
    "schedule=one_cycle loss=hinge",
    "activation=sigmoid init=xavier optimizer=lion optimizer.beta1=0.9 clip=value clip.max=1 schedule=warmup "
    "loss=mae",
    "activation=relu init=he optimizer=rmsprop optimizer.epsilon_inside=true schedule=exponential loss=huber",
    "activation=tanh init=xavier optimizer=adagrad schedule=step loss=perceptron",
    "activation=tanh init=xavier optimizer=sign_sgd schedule=reciprocal loss=huber",
    "activation=tanh init=orthogonal optimizer=adamw optimizer.beta1=0.9 weight_decay=0.1",
    "activation=relu init=looks_linear width=8 optimizer=nesterov optimizer.momentum=0.5",
    "activation=tanh init=sparse init.k=3 parametrization=ntk optimizer=heavy_ball optimizer.momentum=0.5",
    "activation=relu init=he init.distribution=truncated init.gain=auto",
    "activation=linear init=identity loss=mse data.features=5 shape=5-9-5",
    "activation=relu init=he bias_init=normal shape=7-12 rate_scale=mup_sgd rate_scale.base=4",
    "activation=tanh init=lsuv init.tolerance=0.001 shape=9-20-5 norm=weight",
    "activation=relu init=lsuv precision=bfloat16 bias_init=normal batch=5",
    "activation=tanh init=xavier norm=batch norm.averaging=0.1 residual=identity optimizer.momentum=0.5",
    "activation=relu init=he norm=layer norm.place=after residual=scaled residual.place=before "
    "residual.alpha=0.5 "
    "residual.every=2 depth=5",
    "activation=sigmoid init=xavier norm=rms residual=rezero optimizer=adam optimizer.beta1=0.9 "
    "weight_decay=0.1 "
    "decay_bias=true",
    "activation=tanh init=xavier norm=weight optimizer.momentum=0.5 weight_decay=0.1 clip=norm clip.max=1",
    "activation=tanh init=xavier norm=batch norm.place=after norm.affine=false norm.averaging=0.1 "
    "residual=rezero "
    "residual.place=before batch=1 on=train",
    "activation=relu init=fixup residual=identity residual.every=2 depth=6 norm=batch norm.averaging=0.1 "
    "batch=7",
    "activation=tanh init=xavier precision=bfloat16 optimizer.momentum=0.5 norm=batch norm.averaging=0.1 "
    "probes=all,histograms(every=2)",
    "activation=relu init=he precision=float16 optimizer=adam optimizer.beta1=0.9 loss_scale=dynamic "
    "loss_scale.initial=1024 loss_scale.interval=2",
    "activation=sigmoid init=xavier precision=float16 master_weights=false loss_scale=static "
    "loss_scale.scale=1024 norm=weight residual=rezero optimizer.momentum=0.5",
    "activation=tanh init=xavier precision=float32 loss_scale=dynamic loss_scale.initial=1024 "
    "residual=identity "
    "norm=layer clip=norm clip.max=1",
    "activation=sigmoid init=xavier steps=3 "
    "probes=all,histograms,curvature,eigenvalues,singular_values,jacobian,kernel,pairs,spectra,precision",
    "activation=relu init=he loss=mse batch=full steps=2 on=11 "
    "probes=sharpness(samples=9;iterations=7),jacobian_m2(draws=3),kernel,pairs,spectra,precision",
    "activation=tanh init=xavier norm=batch norm.averaging=0.1 residual=rezero steps=2 "
    "probes=curvature,kernel,pairs,spectra,precision"};
enum { SHARED = sizeof shared / sizeof *shared };

/* The words of one lane, with only those settings that the group's items have. Lane 5 diverges. */
static void lane_words(char out[512], const char *group, int lane) {
  const double rate = lane == 5 ? 1e9 : 0.005 * (lane + 1);
  int used =
      snprintf(out, 512, "%s seed=%d learning_rate=%g data.seed=%d", group, 100 + lane, rate, lane / 4);
  if (strstr(group, "optimizer.momentum") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " optimizer.momentum=%g", 0.1 + 0.05 * lane);
  if (strstr(group, "optimizer.beta1") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " optimizer.beta1=%g", 0.9 - 0.03 * lane);
  if (strstr(group, "clip.max") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " clip.max=%g", 0.05 * (lane + 1));
  if (strstr(group, "weight_decay") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " weight_decay=%g", 0.01 * (lane + 1));
  if (strstr(group, "activation=leaky_relu") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " activation.slope=%g", 0.05 * lane);
  if (strstr(group, "activation=elu") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " activation.alpha=%g output.alpha=%g", 0.1 * lane,
                     2 - 0.1 * lane);
  if (strstr(group, "output=leaky_relu") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " output.slope=%g", 0.5 - 0.03 * lane);
  if (strstr(group, "norm.averaging") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " norm.averaging=%g norm.eps=%g", 0.05 * (lane + 1),
                     1e-6 * (lane + 1));
  /* Some lanes overflow at once, some after they grew, some never. */
  if (strstr(group, "loss_scale.") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " loss_scale.%s=%g",
                     strstr(group, "dynamic") != NULL ? "initial" : "scale", ldexp(1, 6 + 2 * lane));
  if (strstr(group, "residual.alpha") != NULL)
    used += snprintf(out + used, 512 - (size_t)used, " residual.alpha=%g", 0.1 * (lane + 1));
  if (strstr(group, "bias_init") != NULL)
    snprintf(out + used, 512 - (size_t)used, " bias_init.std=%g bias_init.mean=%g", 0.1 * (lane + 1),
             0.02 * lane);
  else if (strstr(group, "bias=false") == NULL)
    snprintf(out + used, 512 - (size_t)used, " init.bias_variance=%g", 0.02 * lane);
}

typedef struct group {
  spec_case c[LANES_MAX];
  const gp_spec *spec[LANES_MAX];
  const gp_dataset *data[LANES_MAX];
  int count;
} group;

static void make_group(group *g, const char *words, const char *precision, int count) {
  g->count = count;
  for (int i = 0; i < count; i++) {
    char text[512], defaults[512];
    lane_words(text, words, i);
    snprintf(defaults, sizeof defaults, "%s %s", common, precision);
    spec_case_make(&g->c[i], defaults, text);
    g->spec[i] = &g->c[i].spec;
    g->data[i] = &g->c[i].data;
  }
}

static void free_group(group *g) {
  for (int i = 0; i < g->count; i++) spec_case_free(&g->c[i]);
}

/* Trains the group in lanes on `laned`, and each of its runs alone on `single`. */
static void compare_group(const group *g, gp_trainer *laned, gp_trainer *single, int lanes,
                          const char *what) {
  enum gp_run_state states[LANES_MAX];
  cr_assert_eq(gp_trainer_prepare_group(laned, g->spec, g->data, g->count, lanes), GP_OK);
  gp_trainer_run_group(laned, NULL, states);
  for (int i = 0; i < g->count; i++) {
    gp_trace in_group, alone = engine_run(single, &g->c[i]);
    gp_trainer_trace(laned, i, &in_group);
    const char *difference = engine_difference(&in_group, &alone);
    cr_assert_null(difference, "%s, lane %d of %d on %s: %s differs", what, i, lanes, gp_trainer_tier(laned),
                   difference);
    cr_assert_eq(states[i], GP_RUN_DONE);
  }
}

/* Every tier in lanes against the single plan of the best tier: so the tiers are compared as well. */
static void check_groups(int count, int lanes32, int lanes64) {
  static group g;
  gp_trainer *single = engine_on("auto");
  for (int p = 0; p < 2; p++) {
    for (int s = 0; s < SHARED; s++) {
      make_group(&g, shared[s], precisions[p], count);
      for (int t = 0; t < TIERS; t++) {
        gp_trainer *laned = engine_on(tiers[t]);
        if (laned == NULL) continue;
        bool narrow = gp_spec_bits(g.spec[0]) == 32; /* a group may name a precision of its own */
        const gp_kernels *k = narrow ? laned->tier->f32 : laned->tier->f64;
        int lanes = narrow ? lanes32 : lanes64;
        lanes = (lanes + k->lane_block - 1) / k->lane_block * k->lane_block;
        compare_group(&g, laned, single, lanes, shared[s]);
        gp_trainer_free(laned);
      }
      free_group(&g);
    }
  }
  gp_trainer_free(single);
}

Test(plans, lanes_are_the_single_plan_bit_for_bit) {
  check_groups(8, 8, 8);
}

/* A group that does not fill its lanes, and more lanes than one vector. */
Test(plans, idle_lanes_and_wide_groups) {
  check_groups(11, 16, 16);
}

/* The group above is worth something only if its lanes differ, one diverges and the others do not. */
Test(plans, lanes_of_the_test_differ) {
  static group g;
  gp_trainer *trainer = engine_on("auto");
  enum gp_run_state states[LANES_MAX];
  make_group(&g, shared[0], precisions[0], 8);
  cr_assert_eq(gp_trainer_prepare_group(trainer, g.spec, g.data, 8, 16), GP_OK);
  gp_trainer_run_group(trainer, NULL, states);
  for (int i = 0; i < 8; i++) {
    gp_trace a, b;
    gp_trainer_trace(trainer, i, &a);
    gp_trainer_trace(trainer, (i + 1) % 8, &b);
    cr_assert_not_null(engine_difference(&a, &b));
    cr_assert_eq(engine_cell(&a, "diverged_at").integer >= 0, i == 5, "lane %d: diverged at %d", i,
                 (int)engine_cell(&a, "diverged_at").integer);
  }
  free_group(&g);
  gp_trainer_free(trainer);
}

Test(plans, tiers_agree_bit_for_bit) {
  static const char *const more[] = {"",
                                     "width=64 depth=2 batch=full",
                                     "width=50 batch=33 depth=4 activation=sigmoid",
                                     "width=3 batch=1",
                                     "width=19 batch=17 activation=tanh",
                                     "width=31 activation=tanh"};
  for (size_t m = 0; m < sizeof more / sizeof *more; m++) {
    for (int p = 0; p < 2; p++) {
      spec_case c;
      gp_trainer *portable = engine_on("portable");
      char words[512];
      snprintf(words, sizeof words, "%s %s optimizer.momentum=0.9", more[m], precisions[p]);
      spec_case_make(&c, common, words);
      gp_trace wanted = engine_run(portable, &c);
      for (int t = 1; t < TIERS; t++) {
        gp_trainer *trainer = engine_on(tiers[t]);
        if (trainer == NULL) continue;
        gp_trace trace = engine_run(trainer, &c);
        const char *difference = engine_difference(&trace, &wanted);
        cr_assert_null(difference, "%s on %s: %s differs", words, tiers[t], difference);
        gp_trainer_free(trainer);
      }
      gp_trainer_free(portable);
      spec_case_free(&c);
    }
  }
}

/* One trainer: small, large (the arena grows), small again (it is reused), the same run twice, a group in between. */
Test(plans, a_used_trainer_is_as_good_as_a_new_one) {
  static const char *const runs[] = {"seed=1",
                                     "seed=2 width=60 depth=6 batch=full optimizer.momentum=0.9",
                                     "seed=1",
                                     "seed=3 activation=leaky_relu depth=1",
                                     "seed=1",
                                     "seed=1",
                                     "seed=4 precision=float64 bias=false",
                                     "seed=1 weight_decay=0.3"};
  gp_trainer *used = engine_on("auto");
  static group g;
  make_group(&g, shared[0], precisions[0], 8);
  for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) {
    spec_case c;
    gp_trainer *fresh = engine_on("auto");
    spec_case_make(&c, common, runs[r]);
    gp_trace a = engine_run(used, &c), b = engine_run(fresh, &c);
    cr_assert_null(engine_difference(&a, &b), "run %zu (%s): %s differs", r, runs[r],
                   engine_difference(&a, &b));
    if (r == 3) compare_group(&g, used, fresh, 16, "in between");
    gp_trainer_free(fresh);
    spec_case_free(&c);
  }
  free_group(&g);
  gp_trainer_free(used);
}
