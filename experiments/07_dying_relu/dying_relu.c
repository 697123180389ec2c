/* The claims of the dying-ReLU study: dead at birth against depth and width, measured and exact.
 *
 * Every net is measured twice, on the first example alone and on all 64: one for the exact law, one for what training
 * meets. Rows of the two kinds share their seeds, so the same net stands in both. */
#include <math.h>

#include "finite_width.h"
#include "study_view.h"

enum { DEEPEST = 64, ALL = 64 };

static size_t depth_of(const study_view *v, size_t run) {
  return (size_t)study_real(v, "depth", run);
}

/* Zero biases: a signal that is lost in one layer is lost in the last. */
static bool dead_at_birth(const study_view *v, size_t run) {
  return study_layer(v, "dead_fraction", run, 0, depth_of(v, run)) == 1;
}

static bool measured_on(const study_view *v, size_t run, double examples) {
  return study_real(v, "record_on_first", run) == examples;
}

/* ---- the exact law ---- */

typedef struct share {
  size_t nets, dead;
  double predicted, sigmas; /* how many binomial standard errors the share is from the law */
} share;

static share share_at(const study_view *v, double width, size_t depth) {
  share s = {0};
  int64_t widths[DEEPEST];
  for (size_t l = 0; l < depth; l++) widths[l] = (int64_t)width;
  for (size_t run = 0; run < v->runs; run++) {
    if (!measured_on(v, run, 1) || depth_of(v, run) != depth || study_real(v, "width", run) != width)
      continue;
    s.nets++;
    s.dead += dead_at_birth(v, run);
  }
  double n = (double)s.nets;
  s.predicted = gp_dead_probability(widths, depth);
  s.sigmas = fabs((double)s.dead / n - s.predicted) / sqrt(s.predicted * (1 - s.predicted) / n);
  return s;
}

/* Three standard errors at each depth. With eight depths and two widths a true law would be missed in one study of 25. */
static gp_status claim_law(gp_claims *out, const study_view *v, double width) {
  share worst = {0};
  size_t depths = 0, within = 0, at = 0;
  for (size_t depth = 1; depth <= DEEPEST; depth++) {
    share s = share_at(v, width, depth);
    if (s.nets == 0) continue;
    depths++;
    within += s.sigmas <= 3;
    if (depths == 1 || s.sigmas > worst.sigmas) worst = s, at = depth;
  }
  STUDY_CLAIM(claim, out, "width %.0f: the share of nets dead for one input is 1 - (1 - 2^-%.0f)^depth",
              width, width);
  gp_claim_measured(claim,
                    "%zu of %zu depths within 3 standard errors; the farthest, depth %zu: %zu of %zu dead, "
                    "%.4f against %.4f (%.1f standard errors)",
                    within, depths, at, worst.dead, worst.nets, (double)worst.dead / (double)worst.nets,
                    worst.predicted, worst.sigmas);
  gp_claim_expected(claim, "every depth");
  claim->held = depths > 0 && within == depths;
  return GP_OK;
}

/* ---- what follows ---- */

/* The same net, measured twice. */
static bool same_net(const study_view *v, size_t a, size_t b) {
  static const char *const columns[] = {"seed", "depth", "width"};
  for (size_t i = 0; i < 3; i++)
    if (study_real(v, columns[i], a) != study_real(v, columns[i], b)) return false;
  return true;
}

/* Rows are in the canonical order, so a net's two rows are always the same distance apart. */
static size_t find_stride(const study_view *v) {
  size_t other = 1;
  while (other < v->runs && !(measured_on(v, other, ALL) && same_net(v, 0, other))) other++;
  return other;
}

/* Whether the net of a row measured on all examples is dead for the first one; false when it was not measured. */
static bool dead_for_one(const study_view *v, size_t run, size_t stride) {
  return run >= stride && measured_on(v, run - stride, 1) && same_net(v, run, run - stride) &&
         dead_at_birth(v, run - stride);
}

typedef struct counts {
  size_t dead, alive, only_for_all, silent_dead, silent_alive, trained_dead, trained_alive;
} counts;

static counts count(const study_view *v) {
  counts c = {0};
  size_t stride = find_stride(v);
  for (size_t run = 0; run < v->runs; run++) {
    if (!measured_on(v, run, ALL)) continue;
    bool dead = dead_at_birth(v, run), silent = study_layer(v, "delta_rms", run, 0, 1) == 0;
    bool trained = study_is(v, "verdict", run, "healthy");
    c.dead += dead, c.alive += !dead;
    c.only_for_all += dead && !dead_for_one(v, run, stride);
    c.silent_dead += dead && silent, c.silent_alive += !dead && silent;
    c.trained_dead += dead && trained, c.trained_alive += !dead && trained;
  }
  return c;
}

static gp_status claim_consequences(gp_claims *out, const study_view *v) {
  counts c = count(v);
  STUDY_CLAIM(bound, out, "a net that is dead for all %d examples is dead for the first one", ALL);
  gp_claim_measured(bound, "%zu of %zu are not", c.only_for_all, c.dead);
  gp_claim_expected(bound, "0: the law for one input bounds the share from above");
  bound->held = c.dead > 0 && c.only_for_all == 0;
  STUDY_CLAIM(zero, out, "the gradient at the first layer is exactly 0 in dead nets and in no other");
  gp_claim_measured(zero, "0 in %zu of %zu dead and in %zu of %zu living nets", c.silent_dead, c.dead,
                    c.silent_alive, c.alive);
  gp_claim_expected(zero, "all and none");
  zero->held = c.dead > 0 && c.silent_dead == c.dead && c.silent_alive == 0;
  STUDY_CLAIM(never, out, "no net that is dead at birth ever trains");
  gp_claim_measured(never, "%zu of %zu dead nets trained (%zu of %zu living ones did)", c.trained_dead,
                    c.dead, c.trained_alive, c.alive);
  gp_claim_expected(never, "0 of the dead");
  never->held = c.dead > 0 && c.trained_dead == 0;
  return GP_OK;
}

static gp_status state_claims(gp_claims *out, gp_table *table) {
  static const char *const columns[] = {"depth", "width", "seed", "record_on_first", "verdict", NULL};
  static const char *const series[] = {"dead_fraction", "delta_rms", NULL};
  study_view v;
  GP_TRY(study_view_open(&v, table, columns, series));
  GP_TRY(claim_law(out, &v, 2));
  GP_TRY(claim_law(out, &v, 3));
  return claim_consequences(out, &v);
}

static const char *const quick[] = {"seed=0..199", "depth=1,3,5,10", NULL};
static const char *const charts[] = {"dead-at-birth", "verdict-map", NULL};

extern const gp_study gp_study_dying_relu;
const gp_study gp_study_dying_relu = {
    .item = {.name = "dying-relu",
             .summary = "ReLU nets that are dead at birth, against depth and width, with the exact law",
             .source = "Lu et al. 2020; SCIENCE 4: P = 1 - prod (1 - 2^-n)"},
    .question = "How many ReLU networks are dead before the first step?",
    .config = "dying-relu",
    .quick = quick,
    .charts = charts,
    .claims = state_claims,
};
