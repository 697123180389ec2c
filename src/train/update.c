/* One update of every layer: the settings of the step, clipping, the rule. */
#include <string.h>

#include "clip.h"
#include "elementary.h"
#include "norm.h"
#include "optimizer.h"
#include "precision.h"
#include "schedule.h"
#include "trainer.h"

/* Learning rates and corrections of update number step + 1, in double from closed forms: no state that could drift. */
static void set_step(gp_trainer *t, int64_t step) {
  for (int i = 0; i < t->lanes; i++) {
    const gp_spec *spec = t->lane[i].spec;
    double number = (double)(step + 1 - t->lane[i].skipped); /* of updates that were done */
    double factor = gp_schedule_factor(&spec->schedule, step, spec->steps);
    for (int l = 0; l < t->net.layers; l++)
      t->rate_now[l * t->lanes + i] = t->rate[l * t->lanes + i] * factor;
    if (!gp_optimizer_of(&t->spec->optimizer)->corrected) continue;
    t->first_correction[i] = 1 / (1 - gp_pow(t->momentum[i], number));
    t->next_correction[i] = 1 / (1 - gp_pow(t->momentum[i], number + 1));
    t->second_correction[i] = 1 / (1 - gp_pow(t->second[i], number));
  }
}

/* Adds the squares of an array's entries to the lanes' totals. */
static void add_squares(gp_trainer *t, double *total, const void *g, int64_t n) {
  t->net.k->sum_squares(t->value, g, n, t->lanes);
  for (int i = 0; i < t->lanes; i++) total[i] += t->value[i];
}

/* Every layer's factor; a norm over the whole network is put together in the first layer's room. */
static void set_clip_factors(gp_trainer *t, bool whole) {
  for (int l = 0; l < t->net.layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(&t->net.layer[l], p);
    double *square = t->clip_factor + (whole ? 0 : l * t->lanes);
    for (int i = 0; i < t->lanes && (l == 0 || !whole); i++) square[i] = 0;
    for (int j = 0; j < count; j++) add_squares(t, square, p[j].at.gradient, p[j].count);
  }
  for (int j = 0; j < (whole ? 1 : t->net.layers) * t->lanes; j++)
    t->clip_factor[j] = gp_clip_factor(t->clip_factor[j], t->clip_max[j % t->lanes]);
  for (int j = t->lanes; whole && j < t->net.layers * t->lanes; j++)
    t->clip_factor[j] = t->clip_factor[j % t->lanes];
}

static gp_update settings_of(const gp_trainer *t, int number, const gp_parameter *p) {
  const gp_optimizer *optimizer = gp_optimizer_of(&t->spec->optimizer);
  const gp_optimizer_options *options = gp_optimizer_options_of(&t->spec->optimizer);
  int clip = gp_clip_scope_of(&t->spec->clip), first = (number - 1) * t->lanes;
  bool decays = p->decays || t->spec->decay_bias;
  return (gp_update){.rate = t->rate_now + first,
                     .momentum = t->states > 0 ? t->momentum : NULL,
                     .decay = t->decay_used && decays ? t->decay : NULL,
                     .nesterov = options->nesterov || optimizer->nesterov,
                     .decoupled = t->spec->decoupled,
                     .lanes = t->lanes,
                     .second = t->second,
                     .epsilon = t->epsilon,
                     .epsilon_inside = options->epsilon_inside,
                     .first_correction = t->first_correction,
                     .next_correction = t->next_correction,
                     .second_correction = t->second_correction,
                     .clip_factor =
                         clip == GP_CLIP_NETWORK || clip == GP_CLIP_LAYER ? t->clip_factor + first : NULL,
                     .clip_limit = clip == GP_CLIP_VALUE ? t->clip_max : NULL};
}

/* update = after - update. */
static void subtract_from(const gp_trainer *t, void *update, const void *after, int64_t count) {
  t->net.k->scale(update, -1, count, t->lanes);
  t->net.k->add(update, after, count, t->lanes);
}

/* With `keep` the true update replaces the gradient, for the update probes: of the master where there is one, else what
 * the rounded array changed by. */
static void update_parameter(gp_trainer *t, int number, const gp_parameter *p, bool keep) {
  gp_update how = settings_of(t, number, p);
  bool rounds = t->net.storage != NULL && p->at.master == NULL;
  void *value = p->at.master != NULL ? p->at.master : p->at.value;
  size_t bytes = gp_net_bytes(&t->net, p->count);
  if (t->skipping || rounds) memcpy(t->kept, value, bytes);
  if (keep && t->update_squares != NULL && p->at.gradient == t->net.layer[number - 1].dw)
    how.squares = t->update_squares + (number - 1) * t->lanes;
  if (t->skipping && p->at.state != NULL)
    memcpy((unsigned char *)t->kept + bytes, p->at.state, bytes * (size_t)t->states);
  t->net.k->update[gp_optimizer_of(&t->spec->optimizer)->slot](value, p->at.gradient, p->at.state,
                                                               keep ? p->at.gradient : NULL, &how, p->count);
  if (t->skipping) gp_scaling_undo(t, p, value, keep);
  if (t->net.storage != NULL) gp_net_store_parameter(&t->net, p);
  if (!rounds || !keep) return;
  memcpy(p->at.gradient, t->kept, bytes);
  subtract_from(t, p->at.gradient, value, p->count);
}

/* W follows what it is made of; with `keep` dw becomes what that changed, W_after - W_before. */
static void compose(gp_trainer *t, bool keep) {
  for (int l = 0; l < t->net.layers; l++) {
    gp_layer *layer = &t->net.layer[l];
    int64_t weights = layer->in * layer->out;
    if (layer->norm.direction.value == NULL) continue;
    if (keep) memcpy(layer->dw, layer->w, gp_net_bytes(&t->net, weights));
    gp_norm_compose(&t->net, layer);
    if (keep) subtract_from(t, layer->dw, layer->w, weights);
  }
}

void gp_trainer_update(gp_trainer *t, int64_t step, bool keep) {
  int clip = gp_clip_scope_of(&t->spec->clip);
  gp_scaling_judge(t);
  set_step(t, step);
  gp_net_track(&t->net, t->batch);
  if (clip == GP_CLIP_NETWORK || clip == GP_CLIP_LAYER) set_clip_factors(t, clip == GP_CLIP_NETWORK);
  for (int l = 1; l <= t->net.layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(&t->net.layer[l - 1], p);
    for (int j = 0; j < count; j++) update_parameter(t, l, &p[j], keep);
  }
  compose(t, keep);
}
