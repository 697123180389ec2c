#include "second_case.h"

#include <stdlib.h>

void second_case_make(second_case *c, const char *words, const gp_second_settings *settings,
                      const char *tier) {
  *c = (second_case){.given = calloc(1, sizeof *c->given)};
  spec_case_make(c->given,
                 "data=gaussian data.samples=12 data.features=3 data.targets=2 activation=tanh width=4 "
                 "depth=2 batch=full "
                 "loss=mse seed=3 steps=0",
                 words);
  c->trainer = engine_on("auto");
  cr_assert_eq(gp_train_prepare(c->trainer, &c->given->spec, &c->given->data), GP_OK, "%s", gp_message());
  gp_trainer *t = c->trainer;
  gp_batch_rows(t, 0);
  gp_batch_forward(t);
  gp_net_backward(&t->net, t->batch, false);
  gp_net_shape shape = {.layers = t->net.layers,
                        .widths = t->widths,
                        .bias = c->given->spec.bias,
                        .norm = &c->given->spec.norm,
                        .residual = &c->given->spec.residual};
  const gp_tier *kernels = gp_tier_find(tier);
  gp_second_layout(&c->second, &c->arena, kernels, &shape, settings, c->given->data.train, t->batch);
  cr_assert_eq(gp_arena_commit(&c->arena), GP_OK);
  gp_second_layout(&c->second, &c->arena, kernels, &shape, settings, c->given->data.train, t->batch);
  gp_examples train = {c->given->data.x, t->lane[0].target, c->given->data.train, 0};
  gp_second_load(&c->second, &t->net, 0, t->batch, &train, 3);
  c->inputs = t->net.layer[0].in;
  c->outputs = t->net.layer[t->net.layers - 1].out;
  c->parameters = gp_net_parameters(&c->second.twin.net);
}

void second_case_free(second_case *c) {
  gp_arena_free(&c->arena);
  gp_trainer_free(c->trainer);
  spec_case_free(c->given);
  free(c->given);
}
