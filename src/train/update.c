/* One update of every layer. */
#include "optimizer.h"
#include "trainer.h"

/* With `keep` the true update replaces the gradient, for the update probes. */
static void update_array(gp_trainer *t, int number, void *w, void *g, void *velocity, int64_t n, bool decays,
                         bool keep) {
  gp_update how = {.rate = t->rate + (number - 1) * t->lanes,
                   .momentum = t->momentum_used ? t->momentum : NULL,
                   .decay = t->decay_used && decays ? t->decay : NULL,
                   .nesterov = gp_optimizer_options_of(&t->spec->optimizer)->nesterov,
                   .decoupled = t->spec->decoupled,
                   .lanes = t->lanes};
  t->net.k->update(w, g, velocity, keep ? g : NULL, &how, n);
}

void gp_trainer_update(gp_trainer *t, bool keep) {
  for (int l = 1; l <= t->net.layers; l++) {
    gp_layer *layer = &t->net.layer[l - 1];
    update_array(t, l, layer->w, layer->dw, layer->vw, layer->in * layer->out, true, keep);
    if (layer->b != NULL)
      update_array(t, l, layer->b, layer->db, layer->vb, layer->out, t->spec->decay_bias, keep);
  }
}
