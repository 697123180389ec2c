/* The training loop. It cannot fail and does not allocate. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "fpenv.h"
#include "trainer.h"
#include "verdict.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool all_stopped(const gp_trainer *t) {
  for (int i = 0; i < t->lanes; i++)
    if (!t->lane[i].stopped) return false;
  return true;
}

/* Loss and accuracy over both sets, for the lanes still running; `checkpoint` is where they are written, if
 * anywhere. */
static void evaluate(gp_trainer *t, bool record, size_t checkpoint) {
  gp_evaluate(t, 0, t->data->train, false);
  for (int i = 0; i < t->lanes; i++) {
    gp_lane *lane = &t->lane[i];
    if (lane->stopped) continue;
    lane->final_loss = t->set_loss[i];
    lane->final_accuracy = t->set_accuracy[i];
  }
  if (record) gp_trace_set(t, GP_VAR_LOSS, checkpoint, t->set_loss);
  if (record) gp_trace_set(t, GP_VAR_ACCURACY, checkpoint, t->set_accuracy);
  gp_evaluate(t, t->data->train, t->data->test, true);
  for (int i = 0; i < t->lanes; i++) {
    gp_lane *lane = &t->lane[i];
    if (lane->stopped) continue;
    lane->final_test_loss = t->set_loss[i];
    lane->final_test_accuracy = t->set_accuracy[i];
  }
  if (record) gp_trace_set(t, GP_VAR_TEST_LOSS, checkpoint, t->set_loss);
  if (record) gp_trace_set(t, GP_VAR_TEST_ACCURACY, checkpoint, t->set_accuracy);
}

/* Probes on a set of their own (record.on: train or first). */
static void probe_measured(gp_trainer *t, size_t checkpoint) {
  gp_batch_gather_range(t, 0, t->measured);
  gp_net_forward(&t->net, t->measured, true);
  gp_net_loss(&t->net, t->measured, t->value);
  gp_net_backward(&t->net, t->measured, false);
  t->view.batch = t->measured;
  gp_trace_probe(t, checkpoint, GP_AFTER_BACKWARD);
}

/* Marks lanes whose batch loss is not finite. True when there is a new one. */
static bool find_non_finite(gp_trainer *t) {
  bool found = false;
  for (int i = 0; i < t->lanes; i++) {
    gp_lane *lane = &t->lane[i];
    if (lane->stopped || lane->non_finite || isfinite(t->batch_loss[i])) continue;
    lane->non_finite = found = true;
  }
  return found;
}

static void stop_lane(gp_lane *lane, int64_t step) {
  if (lane->stopped) return;
  lane->stopped = true;
  lane->stopped_at = step;
}

/* Bits of the conditions that stop a run at a checkpoint. */
static uint32_t stop_mask(const gp_spec *spec) {
  uint32_t mask = 0;
  for (int v = GP_VERDICT_DIVERGED; v <= GP_VERDICT_STALLED; v++)
    if (spec->stop_on != NULL && strstr(spec->stop_on, gp_verdict_words[v]) != NULL) mask |= GP_CONDITION(v);
  return mask;
}

/* Ends lanes that diverged, and at checkpoints those whose condition was named in stop_on. */
static void end_lanes(gp_trainer *t, int64_t step, bool at_checkpoint) {
  for (int i = 0; i < t->lanes; i++) {
    gp_lane *lane = &t->lane[i];
    if (lane->stopped) continue;
    if (at_checkpoint) lane->recorded++;
    uint32_t mask = at_checkpoint ? stop_mask(lane->spec) : 0, conditions = 0;
    if (mask != 0) gp_trace_verdict(t, i, &conditions);
    if (lane->non_finite || (conditions & mask) != 0) stop_lane(lane, step);
  }
}

static void record_scale(gp_trainer *t, size_t checkpoint) {
  for (int i = 0; i < t->lanes; i++) t->value[i] = t->net.loss_scale != NULL ? t->net.loss_scale[i] : 1;
  gp_trace_set(t, GP_VAR_LOSS_SCALE_FACTOR, checkpoint, t->value);
}

/* Where a step stands: whether it is a row of the series, and one that is a checkpoint. */
typedef struct moment {
  int64_t step;
  size_t row;
  bool recorded, checkpoint;
} moment;

/* What is measured before the batch is seen. */
static void before_batch(gp_trainer *t, const moment *at) {
  if (at->checkpoint) evaluate(t, true, at->row);
  if (at->recorded && t->measured > 0) probe_measured(t, at->row);
}

/* Probes on the batch. */
static void probe_batch(gp_trainer *t, const moment *at) {
  t->view.batch = t->batch;
  if (t->measured == 0) gp_trace_probe(t, at->row, GP_AFTER_BACKWARD);
  gp_trace_probe(t, at->row, GP_AFTER_BATCH);
}

/* The batch, its loss and gradients, and the probes on it. False when every lane has ended. */
static bool half_step(gp_trainer *t, const moment *at) {
  gp_batch_rows(t, at->step);
  before_batch(t, at);
  gp_batch_forward(t);
  if (find_non_finite(t) && !at->checkpoint) {
    /* The final loss belongs to the weights the run ended with; evaluating overwrites the batch. */
    evaluate(t, false, 0);
    gp_batch_forward(t);
  }
  if (at->recorded) gp_trace_set(t, GP_VAR_BATCH_LOSS, at->row, t->batch_loss);
  if (at->recorded) record_scale(t, at->row);
  if (at->recorded || at->step < t->spec->steps) gp_net_backward(&t->net, t->batch, false);
  if (at->recorded) probe_batch(t, at);
  end_lanes(t, at->step, at->checkpoint);
  return !all_stopped(t);
}

/* The gradients of this step, where the next one compares its own with them. */
static void remember_gradients(gp_trainer *t, int64_t step) {
  int cadence = t->cadences.probe[GP_PROBE_GRADIENT_COSINE];
  if (cadence < 0 || t->walk[cadence].step != step + 1) return;
  for (int l = 0; l < t->net.layers; l++)
    memcpy(t->previous[l], t->net.layer[l].dw,
           gp_net_bytes(&t->net, t->net.layer[l].in * t->net.layer[l].out));
  t->view.previous = t->previous;
}

static enum gp_run_state interrupted(const gp_run_limits *limits, double start) {
  if (limits == NULL) return GP_RUN_DONE;
  if (limits->stop != NULL && *limits->stop != 0) return GP_RUN_STOPPED;
  return limits->seconds > 0 && now() - start > limits->seconds ? GP_RUN_TIMEOUT : GP_RUN_DONE;
}

static enum gp_run_state train(gp_trainer *t, const gp_run_limits *limits, double start) {
  moment at = {0};
  for (size_t next = 0;; at.step++) {
    at.row = next;
    at.recorded = next < t->checkpoints && t->checkpoint[next] == at.step;
    if (at.recorded) gp_trace_open(t, next++, at.step);
    at.checkpoint = at.recorded && t->due[0];
    bool going = half_step(t, &at);
    enum gp_run_state state = going && at.step < t->spec->steps ? interrupted(limits, start) : GP_RUN_DONE;
    if (!going || at.step == t->spec->steps || state != GP_RUN_DONE) {
      for (int i = 0; i < t->lanes; i++) stop_lane(&t->lane[i], at.step);
      return state;
    }
    bool keep = at.recorded && gp_trace_due(t, GP_AFTER_UPDATE);
    remember_gradients(t, at.step);
    gp_trainer_update(t, at.step, keep);
    if (keep) gp_trace_probe(t, at.row, GP_AFTER_UPDATE);
  }
}

void gp_trainer_run_group(gp_trainer *t, const gp_run_limits *limits, enum gp_run_state *states) {
  double start = now();
  gp_fpenv_flush(t->spec->flush_subnormals);
  enum gp_run_state state = train(t, limits, start);
  gp_fpenv_flush(false);
  t->seconds = now() - start;
  for (int i = 0; i < t->count; i++) {
    states[i] = state;
    gp_trace_finish(t, i, state);
  }
}

enum gp_run_state gp_train_run(gp_trainer *trainer, const gp_run_limits *limits, gp_trace *out) {
  enum gp_run_state state;
  gp_trainer_run_group(trainer, limits, &state);
  gp_trainer_trace(trainer, 0, out);
  return state;
}
