/* Which rows a step sees, and bringing them into the network.
 *
 * Minibatches are cut from the endless stream of epochs, each a fresh permutation of the training rows
 * (Fisher-Yates, keyed by seed and epoch): step t takes positions t B .. t B + B - 1, so B stays constant
 * when it does not divide N. A full batch is all rows in their own order. */
#include "trainer.h"

#include "rng.h"

static void permute(gp_lane *lane, int64_t epoch) {
  gp_stream stream = {(uint64_t)lane->spec->seed, GP_PURPOSE_SHUFFLE, (uint32_t)epoch};
  int64_t n = lane->data->train;
  for (int64_t i = 0; i < n; i++) lane->order[i] = i;
  for (int64_t i = n - 1; i > 0; i--) {
    int64_t j = (int64_t)gp_rng_below(stream, (uint64_t)i, (uint64_t)i + 1);
    int64_t swapped = lane->order[i];
    lane->order[i] = lane->order[j];
    lane->order[j] = swapped;
  }
  lane->epoch = epoch;
}

void gp_batch_rows(gp_trainer *t, int64_t step) {
  bool full = t->spec->batch == INT64_MIN;
  int64_t n = t->data->train;
  for (int i = 0; i < t->lanes; i++) {
    int64_t *rows = t->rows + i * t->batch;
    for (int64_t b = 0; b < t->batch; b++) {
      int64_t at = step * t->batch + b;
      if (!full && t->lane[i].epoch != at / n) permute(&t->lane[i], at / n);
      rows[b] = full ? b : t->lane[i].order[at % n];
    }
  }
}

/* Copies one example of one lane into column b of x and y. */
static void put_example(gp_trainer *t, int i, int64_t row, int64_t b, int64_t batch) {
  const gp_lane *lane = &t->lane[i];
  int64_t features = lane->data->features, outputs = t->net.layer[t->net.layers - 1].out;
  const double *x = lane->data->x + row * features;
  for (int64_t f = 0; f < features; f++) t->stage[(f * batch + b) * t->lanes + i] = x[f];
  for (int64_t o = 0; o < outputs; o++)
    t->net.y[(o * batch + b) * t->lanes + i] = gp_target(lane->spec, lane->data, row, o, outputs);
}

static void into_network(gp_trainer *t, int64_t batch) {
  t->net.k->narrow(t->net.x, t->stage, t->data->features * batch, t->lanes);
}

void gp_batch_gather(gp_trainer *t) {
  for (int i = 0; i < t->lanes; i++)
    for (int64_t b = 0; b < t->batch; b++) put_example(t, i, t->rows[i * t->batch + b], b, t->batch);
  into_network(t, t->batch);
}

void gp_batch_gather_range(gp_trainer *t, int64_t from, int64_t count) {
  for (int i = 0; i < t->lanes; i++)
    for (int64_t b = 0; b < count; b++) put_example(t, i, from + b, b, count);
  into_network(t, count);
}

void gp_batch_forward(gp_trainer *t) {
  gp_batch_gather(t);
  gp_net_forward(&t->net, t->batch, true);
  gp_net_loss(&t->net, t->batch, t->batch_loss);
}
