/* Subnormal numbers are data (SCIENCE 5.1, 5.2, 5.7): a deep sigmoid net in float has them in its first layers, they
 * survive, their norms are right, and flush_to_zero takes exactly them away, in this thread and for this run only. */
#include <float.h>

#include "engine.h"
#include "fpenv.h"

/* Sigmoid with Xavier: delta shrinks by about 0.236 per layer, so that 1e-38 is reached near the 60th. */
static const char common[] =
    "data=blobs data.samples=32 data.test=0 width=16 depth=64 activation=sigmoid batch=32 steps=2 "
    "every=1 learning_rate=0.1 ";

typedef struct traced {
  spec_case c;
  gp_trainer *trainer;
  gp_trace trace;
} traced;

static void trace_of(traced *t, const char *words) {
  spec_case_make(&t->c, common, words);
  t->trainer = engine_on("auto");
  t->trace = engine_run(t->trainer, &t->c);
}

static void free_traced(traced *t) {
  gp_trainer_free(t->trainer);
  spec_case_free(&t->c);
}

/* How many deltas of the network as it is now are subnormal, and how many are zero. */
static void count_deltas(const gp_net *net, int64_t batch, int64_t *subnormal, int64_t *zero) {
  *subnormal = *zero = 0;
  for (int l = 0; l < net->layers; l++) {
    const float *delta = net->layer[l].delta;
    for (int64_t i = 0; i < net->layer[l].out * batch; i++) {
      /* Compared as bits: the comparison itself must not depend on the state of the processor. */
      uint32_t bits;
      memcpy(&bits, &delta[i], sizeof bits);
      bits &= 0x7fffffff;
      *zero += bits == 0;
      *subnormal += bits != 0 && bits < 0x00800000;
    }
  }
}

Test(subnormals, survive_in_a_deep_sigmoid_net) {
  static traced single, twice;
  int64_t subnormal, zero;
  trace_of(&single, "precision=float32");
  trace_of(&twice, "precision=float64");
  count_deltas(&single.trainer->net, 32, &subnormal, &zero);
  cr_assert_gt(subnormal, 100, "%d subnormal deltas", (int)subnormal);
  const double *narrow = engine_series(&single.trace, "delta_rms"),
               *wide = engine_series(&twice.trace, "delta_rms");
  int below = 0;
  for (size_t l = 0; l < single.trace.layer_count; l++) {
    /* A subnormal of size s is known to 2^-150 / s; sums of 16 products and 64 layers of rounding stay below 1e-4. */
    double allowed = 1e-4 + 32 * 0x1p-150 / wide[l];
    cr_assert_leq(fabs(narrow[l] / wide[l] - 1), allowed, "layer %zu: %g in float, %g in double", l + 1,
                  narrow[l], wide[l]);
    below += narrow[l] < (double)FLT_MIN;
  }
  cr_assert_gt(below, 0);
  free_traced(&single);
  free_traced(&twice);
}

/* The square of a gradient of 1e-25 is 0 in float; its norm is not, since squares are summed in double. */
Test(subnormals, norms_of_tiny_gradients_are_right) {
  static traced single, twice;
  trace_of(&single, "precision=float32 depth=45");
  trace_of(&twice, "precision=float64 depth=45");
  const double *narrow = engine_series(&single.trace, "weight_gradient_norm");
  const double *wide = engine_series(&twice.trace, "weight_gradient_norm");
  cr_assert_lt(wide[0], 1e-23);
  for (size_t l = 0; l < single.trace.layer_count; l++)
    cr_assert_leq(fabs(narrow[l] / wide[l] - 1), 1e-4, "layer %zu: %g in float, %g in double", l + 1,
                  narrow[l], wide[l]);
  free_traced(&single);
  free_traced(&twice);
}

Test(subnormals, flush_to_zero_takes_them_away) {
  static traced kept, flushed;
  int64_t subnormal, zero, zero_kept;
  trace_of(&kept, "precision=float32");
  trace_of(&flushed, "precision=float32 flush_to_zero=true");
  cr_assert_not(gp_fpenv_flushes(), "the state must not outlive the run");
  count_deltas(&kept.trainer->net, 32, &subnormal, &zero_kept);
  count_deltas(&flushed.trainer->net, 32, &subnormal, &zero);
  cr_assert_eq(subnormal, 0);
  cr_assert_gt(zero, zero_kept);
  cr_assert_not_null(engine_difference(&kept.trace, &flushed.trace));
  cr_assert_eq(engine_series(&flushed.trace, "delta_rms")[0], 0);
  cr_assert_gt(engine_series(&kept.trace, "delta_rms")[0], 0);
  cr_assert(isnan(engine_cell(&flushed.trace, "gradient_factor").real), "deltas that are 0 have no decay");
  cr_assert(isfinite(engine_cell(&kept.trace, "gradient_factor").real));
  free_traced(&kept);
  free_traced(&flushed);
}

/* A thread that was left flushing (another library's doing) must not change a run that keeps subnormals. */
Test(subnormals, the_run_sets_the_state_itself) {
  static traced clean, inherited;
  trace_of(&clean, "precision=float32");
  if (!gp_fpenv_flush(true)) cr_skip_test("this processor cannot flush subnormals");
  trace_of(&inherited, "precision=float32");
  gp_fpenv_flush(false);
  cr_assert_null(engine_difference(&clean.trace, &inherited.trace));
  free_traced(&clean);
  free_traced(&inherited);
}
