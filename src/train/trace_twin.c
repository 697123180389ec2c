/* Probes on the double twin, lane by lane. Flushing of subnormals is off meanwhile: the twin says what the numbers are,
 * not what the run made of them. */
#include "fpenv.h"
#include "trainer.h"

static void measure(gp_trainer *t, gp_lane *lane, int p, size_t checkpoint) {
  const gp_probe *probe = gp_probe_at(p);
  size_t count = gp_shape_width(probe->shape, (size_t)t->net.layers, t->inner);
  if (t->cadences.probe[p] < 0 || !t->due[t->cadences.probe[p]]) return;
  probe->on_twin(&t->measures, t->twin_value);
  for (size_t i = 0; i < count; i++)
    lane->series[GP_VAR_PROBES + p][checkpoint * count + i] = t->twin_value[i];
}

static bool due(const gp_trainer *t) {
  for (int p = GP_PROBE_FIRST_ON_TWIN; p < GP_PROBE_COUNT; p++)
    if (t->cadences.probe[p] >= 0 && t->due[t->cadences.probe[p]]) return true;
  return false;
}

void gp_trace_twin(gp_trainer *t, size_t checkpoint) {
  if (t->measures.set.needs == 0 || !due(t)) return;
  gp_fpenv_flush(false);
  for (int i = 0; i < t->count; i++) {
    gp_lane *lane = &t->lane[i];
    gp_examples train = {lane->data->x, lane->target, lane->data->train, 0};
    if (lane->stopped) continue;
    gp_second_load(&t->measures, &t->net, i, t->view.batch, &train, (uint64_t)lane->spec->seed);
    for (int p = GP_PROBE_FIRST_ON_TWIN; p < GP_PROBE_COUNT; p++) measure(t, lane, p, checkpoint);
  }
  gp_fpenv_flush(t->spec->flush_subnormals);
}
