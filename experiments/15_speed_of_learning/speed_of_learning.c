/* The claims of the speed-of-learning study: Nielsen's experiment, and his numbers. "Speed" is the norm of the mean over examples
 * of delta, the gradient of the biases. */
#include <math.h>
#include <stdlib.h>

#include "statistics.h"
#include "study_view.h"

enum { DEPTHS = 5, LAYERS = 4 };

/* Speeds at the start as published (Nielsen 2015, chapter 5), one net each: hidden layers from the input. */
static const double published[DEPTHS][LAYERS] = {
    [2] = {0.07, 0.31}, [3] = {0.012, 0.060, 0.283}, [4] = {0.003, 0.017, 0.070, 0.285}};

static size_t depth_of(const study_view *v, size_t run) {
  return (size_t)study_real(v, "depth", run);
}

/* Median over runs of a depth of ln (speed of a layer over the last hidden layer's), at the start. */
static gp_status median_ratio(double *out, const study_view *v, size_t depth, size_t layer) {
  double *values = malloc((v->runs + 1) * sizeof *values);
  size_t n = 0;
  if (values == NULL) return gp_fail(GP_ERR_MEMORY, "out of memory");
  for (size_t run = 0; run < v->runs; run++)
    if (depth_of(v, run) == depth)
      values[n++] =
          study_layer(v, "delta_mean_norm", run, 0, layer) / study_layer(v, "delta_mean_norm", run, 0, depth);
  *out = gp_quantile(values, n, 0.5);
  free(values);
  return GP_OK;
}

/* A single published net scatters like ours: a factor of 2 in either direction. */
static gp_status claim_published(gp_claims *out, const study_view *v, size_t depth) {
  double measured, wanted = published[depth][0] / published[depth][depth - 1];
  GP_TRY(median_ratio(&measured, v, depth, 1));
  STUDY_CLAIM(claim, out, "%zu hidden layers: the first learns this much slower than the last, at the start",
              depth);
  gp_claim_measured(claim, "%.4f of the speed (median over seeds)", measured);
  gp_claim_expected(claim, "%.4f as published, within a factor of 2", wanted);
  claim->held = measured > wanted / 2 && measured < wanted * 2;
  return GP_OK;
}

/* Pairs of neighbours in which the earlier layer is slower, at one checkpoint. */
static gp_status claim_order(gp_claims *out, const study_view *v, size_t checkpoint, const char *when,
                             double share) {
  size_t pairs = 0, slower = 0;
  for (size_t run = 0; run < v->runs; run++)
    for (size_t l = 1; l < depth_of(v, run); l++) {
      pairs++;
      slower += study_layer(v, "delta_mean_norm", run, checkpoint, l) <
                study_layer(v, "delta_mean_norm", run, checkpoint, l + 1);
    }
  STUDY_CLAIM(claim, out, "%s, every hidden layer learns more slowly than the one behind it", when);
  gp_claim_measured(claim, "in %zu of %zu pairs of layers", slower, pairs);
  gp_claim_expected(claim, share < 1 ? "at least %.0f %%" : "%.0f %%", 100 * share);
  claim->held = pairs > 0 && (double)slower >= share * (double)pairs;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"depth", "seed", NULL}, *const series[] = {"delta_mean_norm", NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, series));
  GP_TRY(claim_order(out, &v, 0, "at the start", 1));
  GP_TRY(claim_order(out, &v, v.checkpoints - 1, "after 500 steps", 0.9));
  for (size_t depth = 2; depth < DEPTHS; depth++) GP_TRY(claim_published(out, &v, depth));
  return GP_OK;
}

static const char *const quick[] = {"seed=0..2", NULL};
static const char *const charts[] = {"gradient-by-layer", "loss-curves", NULL};

extern const gp_study gp_study_speed_of_learning;
const gp_study gp_study_speed_of_learning = {
    .item = {.name = "speed-of-learning",
             .summary = "how fast each layer of a sigmoid net learns digits",
             .source = "Nielsen 2015, chapter 5"},
    .question = "How fast does each layer of a sigmoid net learn, from the first step to the last?",
    .config = "speed-of-learning",
    .needs = "the MNIST test files t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz, which are not "
             "part of this "
             "program, in a folder mnist/ below the one you run it in",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
