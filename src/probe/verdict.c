#include "verdict.h"

#include <math.h>

#include "probe.h"

const char *const gp_verdict_words[] = {"none",      "diverged",    "dead",    "vanishing", "exploding",
                                        "saturated", "oscillating", "stalled", "healthy",   NULL};

static size_t row(const gp_history *h, size_t t) {
  return h->rows != NULL ? h->rows[t] : t;
}

static bool trained(const gp_history *h, const gp_verdict_rules *rules) {
  return !h->non_finite && h->final_loss < rules->trained_below * h->baseline;
}

static bool diverged(const gp_history *h, const gp_verdict_rules *rules) {
  return h->non_finite || !isfinite(h->final_loss) || h->final_loss > rules->diverged_above * h->baseline;
}

/* Whether some hidden layer of checkpoint t has a value above the limit (NaN never has). */
static bool layer_above(const gp_history *h, const double *series, size_t t, double limit) {
  for (int l = 0; l < h->hidden; l++)
    if (series[row(h, t) * h->stride + (size_t)l] > limit) return true;
  return false;
}

/* Judged at the last checkpoint: a unit that is dead then will not come back. */
static bool dead(const gp_history *h, const gp_verdict_rules *rules) {
  size_t last = h->checkpoints - 1;
  if (layer_above(h, h->dead_fraction, last, rules->dead_fraction)) return true;
  for (int l = 0; l < h->hidden; l++)
    if (h->delta_rms[row(h, last) * h->stride + (size_t)l] == 0) return true;
  return false;
}

static bool saturated(const gp_history *h, const gp_verdict_rules *rules) {
  return layer_above(h, h->saturated_fraction, h->checkpoints - 1, rules->saturated_fraction);
}

/* Span beyond the threshold (sign gives the side) at the start or for at least half of the checkpoints. */
static bool spans(const gp_history *h, double sign, double limit) {
  size_t beyond = 0;
  for (size_t t = 0; t < h->checkpoints; t++) {
    double factor, span;
    gp_decay_fit(h->delta_rms + row(h, t) * h->stride, h->hidden, &factor, &span);
    if (!(sign * span >= limit)) continue;
    if (t == 0) return true;
    beyond++;
  }
  return 2 * beyond >= h->checkpoints;
}

static bool vanishing(const gp_history *h, const gp_verdict_rules *rules) {
  return spans(h, -1, rules->span);
}

static bool exploding(const gp_history *h, const gp_verdict_rules *rules) {
  if (spans(h, 1, rules->span)) return true;
  for (size_t t = 1; t < h->checkpoints; t++)
    if (h->gradient_norm[row(h, t)] > rules->growth * h->gradient_norm[row(h, 0)]) return true;
  return false;
}

static bool oscillating(const gp_history *h, const gp_verdict_rules *rules) {
  double low = INFINITY, high = -INFINITY;
  size_t rises = 0;
  for (size_t t = 0; t < h->checkpoints; t++) {
    double loss = h->loss[row(h, t)];
    low = loss < low ? loss : low;
    high = loss > high ? loss : high;
  }
  for (size_t t = 1; t < h->checkpoints; t++)
    rises += h->loss[row(h, t)] - h->loss[row(h, t - 1)] > rules->rise * (high - low);
  return (double)rises > rules->rise_share * (double)h->checkpoints;
}

static bool always(const gp_history *h, const gp_verdict_rules *rules) {
  (void)h, (void)rules;
  return true;
}

/* In the order of precedence. */
static const struct judgement {
  enum gp_verdict verdict;
  bool (*holds)(const gp_history *, const gp_verdict_rules *);
} judgements[] = {{GP_VERDICT_DIVERGED, diverged},   {GP_VERDICT_DEAD, dead},
                  {GP_VERDICT_VANISHING, vanishing}, {GP_VERDICT_EXPLODING, exploding},
                  {GP_VERDICT_SATURATED, saturated}, {GP_VERDICT_OSCILLATING, oscillating},
                  {GP_VERDICT_STALLED, always}};

enum gp_verdict gp_verdict_of(const gp_history *history, const gp_verdict_rules *rules,
                              uint32_t *conditions) {
  enum gp_verdict first = GP_VERDICT_NONE;
  *conditions = 0;
  if (history->checkpoints == 0) return GP_VERDICT_NONE;
  bool success = trained(history, rules);
  for (size_t i = 0; i < sizeof judgements / sizeof judgements[0]; i++) {
    const struct judgement *j = &judgements[i];
    /* `stalled` is the rest: it is a condition only when nothing else explains the failure. */
    if (j->verdict == GP_VERDICT_STALLED && (success || *conditions != 0)) continue;
    if (!j->holds(history, rules)) continue;
    *conditions |= GP_CONDITION(j->verdict);
    if (first == GP_VERDICT_NONE && (!success || j->verdict == GP_VERDICT_DIVERGED)) first = j->verdict;
  }
  if (success) *conditions |= GP_CONDITION(GP_VERDICT_HEALTHY);
  return first != GP_VERDICT_NONE ? first : GP_VERDICT_HEALTHY;
}
