/* Loss scaling while training: which lanes overflowed, what a skipped step leaves as it was, the scale of the next step. */
#include "loss_scale.h"
#include "trainer.h"

#include <math.h>
#include <string.h>

static void set_scale(gp_trainer *t, int i, double scale) {
  t->net.loss_scale[i] = scale;
  t->value[i] = 1 / scale;
}

void gp_scaling_start(gp_trainer *t) {
  for (int i = 0; i < t->lanes; i++) {
    gp_lane *lane = &t->lane[i];
    lane->skipped = lane->good_steps = 0;
    lane->skips = false;
    if (t->net.loss_scale != NULL) set_scale(t, i, gp_loss_scale_start(&lane->spec->loss_scale));
  }
  if (t->net.loss_scale != NULL) t->net.k->narrow(t->net.loss_unscale, t->value, 1, t->lanes);
}

/* A sum is finite if every entry is: in double no sum of finite floats overflows. */
static void find_overflow(gp_trainer *t) {
  for (int i = 0; i < t->lanes; i++) t->lane[i].skips = false;
  for (int l = 0; l < t->net.layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(&t->net.layer[l], p);
    for (int j = 0; j < count; j++) {
      t->net.k->sum(t->value, p[j].at.gradient, p[j].count, t->lanes);
      for (int i = 0; i < t->lanes; i++)
        if (!isfinite(t->value[i]) && !t->lane[i].stopped) t->lane[i].skips = true;
    }
  }
}

void gp_scaling_judge(gp_trainer *t) {
  t->skipping = false;
  if (t->net.loss_scale == NULL) return;
  find_overflow(t);
  for (int i = 0; i < t->lanes; i++) {
    gp_lane *lane = &t->lane[i];
    lane->skipped += lane->skips;
    t->skipping = t->skipping || lane->skips;
    set_scale(
        t, i,
        gp_loss_scale_next(&lane->spec->loss_scale, t->net.loss_scale[i], lane->skips, &lane->good_steps));
  }
  t->net.k->narrow(t->net.loss_unscale, t->value, 1, t->lanes);
}

/* Lane i of `count` reals becomes that of `from`, or 0 where from is NULL. */
static void put_lane(const gp_trainer *t, void *to, const void *from, int i, int64_t count) {
  size_t size = t->net.k->size;
  for (int64_t j = 0; j < count; j++) {
    size_t at = (size_t)(j * t->lanes + i) * size;
    if (from == NULL)
      memset((unsigned char *)to + at, 0, size);
    else
      memcpy((unsigned char *)to + at, (const unsigned char *)from + at, size);
  }
}

void gp_scaling_undo(const gp_trainer *t, const gp_parameter *p, void *value, bool keep) {
  const unsigned char *kept = t->kept;
  for (int i = 0; i < t->lanes; i++) {
    if (!t->lane[i].skips) continue;
    put_lane(t, value, kept, i, p->count);
    if (p->at.state != NULL)
      put_lane(t, p->at.state, kept + gp_net_bytes(&t->net, p->count), i, t->states * p->count);
    if (keep) put_lane(t, p->at.gradient, NULL, i, p->count);
  }
}
