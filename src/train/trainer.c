/* Creating, preparing and asking a trainer. */
#include "trainer.h"

#include "fpenv.h"
#include "init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gp_train_tiers(void) {
  static _Thread_local char names[128];
  size_t used = 0;
  names[0] = '\0';
  for (const gp_tier *const *tier = gp_tiers(); *tier != NULL; tier++)
    if ((*tier)->supported())
      used +=
          (size_t)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", (*tier)->name);
  return names;
}

gp_status gp_trainer_create(gp_trainer **out, const gp_train_options *options) {
  const char *name = options != NULL && options->tier != NULL ? options->tier : "auto";
  const gp_tier *tier = gp_tier_find(name);
  if (tier == NULL)
    return gp_fail(GP_ERR_USAGE, "tier '%s' is unknown or not supported by this CPU; it supports %s", name,
                   gp_train_tiers());
  *out = calloc(1, sizeof **out);
  if (*out == NULL)
    return gp_fail(GP_ERR_MEMORY, "out of memory: %zu bytes wanted for a trainer", sizeof **out);
  (*out)->tier = tier;
  return GP_OK;
}

void gp_trainer_free(gp_trainer *trainer) {
  if (trainer == NULL) return;
  gp_arena_free(&trainer->arena);
  free(trainer->widths);
  free(trainer);
}

const char *gp_trainer_tier(const gp_trainer *trainer) {
  return trainer->tier->name;
}

/* Measures the group into an empty arena; the widths live outside it, since the measuring pass needs them. */
static gp_status measure(gp_trainer *t, gp_arena *arena, const gp_spec *const *specs,
                         const gp_dataset *const *data) {
  int64_t *widths = realloc(t->widths, (size_t)(specs[0]->depth + 2) * sizeof *widths);
  if (widths == NULL)
    return gp_fail(GP_ERR_MEMORY, "out of memory: no room for %lld layers", (long long)specs[0]->depth + 1);
  t->widths = widths;
  gp_spec_widths(specs[0], data[0], widths);
  gp_trainer_layout(t, arena, specs, data);
  return GP_OK;
}

/* A run that asks for flush-to-zero must get it: the loop itself cannot fail. */
static gp_status check_flushing(const gp_spec *spec) {
  if (!spec->flush_subnormals) return GP_OK;
  bool flushed = gp_fpenv_flush(true);
  gp_fpenv_flush(false);
  return flushed ? GP_OK : gp_fail(GP_ERR_CONFIG, "flush_to_zero: this CPU cannot flush subnormal numbers");
}

gp_status gp_trainer_prepare_group(gp_trainer *t, const gp_spec *const *specs, const gp_dataset *const *data,
                                   int count, int lanes) {
  gp_arena measured = {0};
  GP_TRY(check_flushing(specs[0]));
  if (gp_init_of(&specs[0]->init)->from_file && specs[0]->weights == NULL)
    return gp_fail(GP_ERR_USAGE, "model.init: the weights of the file were not read");
  t->count = count;
  t->lanes = lanes;
  GP_TRY(measure(t, &measured, specs, data));
  if (measured.used > t->arena.size) {
    gp_arena_free(&t->arena);
    t->arena.used = measured.used;
    GP_TRY(gp_arena_commit(&t->arena));
  } else {
    gp_arena_touch(&t->arena);
  }
  t->arena.used = 0;
  gp_trainer_layout(t, &t->arena, specs, data);
  gp_trainer_initialise(t);
  return GP_OK;
}

gp_status gp_train_prepare(gp_trainer *trainer, const gp_spec *spec, const gp_dataset *data) {
  return gp_trainer_prepare_group(trainer, &spec, &data, 1, 1);
}

size_t gp_train_bytes(const gp_spec *spec, const gp_dataset *data, int lanes) {
  gp_arena measured = {0};
  gp_trainer t = {.tier = gp_tier_find("portable"), .lanes = lanes, .count = 1};
  gp_status status = measure(&t, &measured, &spec, &data);
  free(t.widths);
  return status == GP_OK ? measured.used : SIZE_MAX;
}

gp_status gp_train_inner(const gp_spec *spec, const gp_dataset *data, size_t inner[GP_INNERS]) {
  int64_t *widths = malloc((size_t)(spec->depth + 2) * sizeof *widths);
  if (widths == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for %lld layers", (long long)spec->depth + 1);
  int layers = gp_spec_widths(spec, data, widths);
  gp_probe_inner(spec->probes, widths, layers, inner);
  free(widths);
  return GP_OK;
}

double gp_train_step_flops(const gp_spec *spec, const gp_dataset *data) {
  int64_t *widths = malloc((size_t)(spec->depth + 2) * sizeof *widths);
  double flops = 0, batch = (double)(spec->batch == INT64_MIN ? data->train : spec->batch);
  if (widths == NULL) return 0;
  int layers = gp_spec_widths(spec, data, widths);
  /* Forward, weight gradient and, except below the first layer, the backward product: 2 flops per
   * multiply-add. */
  for (int l = 1; l <= layers; l++)
    flops += (l == 1 ? 4 : 6) * batch * (double)widths[l - 1] * (double)widths[l];
  free(widths);
  return flops;
}
