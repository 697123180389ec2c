/* Which rows a step sees, and bringing them into the network.
 *
 * Minibatches are cut from the endless stream of epochs, each a fresh permutation of the training rows
 * (Fisher-Yates, keyed by seed and epoch): step t takes positions t B .. t B + B - 1, so B stays constant
 * when it does not divide N. A full batch is all rows in their own order. */
#include "trainer.h"

#include "precision.h"
#include "rng.h"

static void permute(gp_lane *lane, int64_t epoch) {
  gp_stream stream = {(uint64_t)lane->spec->seed, GP_PURPOSE_SHUFFLE, (uint32_t)epoch};
  int64_t n = lane->data->train;
  for (int64_t i = 0; i < n; i++) lane->order[i] = i;
  for (int64_t i = lane->spec->batch == INT64_MIN ? 0 : n - 1; i > 0; i--) {
    int64_t j = (int64_t)gp_rng_below(stream, (uint64_t)i, (uint64_t)i + 1);
    int64_t swapped = lane->order[i];
    lane->order[i] = lane->order[j];
    lane->order[j] = swapped;
  }
  lane->epoch = epoch;
}

void gp_batch_rows(gp_trainer *t, int64_t step) {
  int64_t n = t->data->train;
  if (t->spec->batch == INT64_MIN) step = 0; /* its rows never change */
  for (int i = 0; i < t->lanes; i++) {
    int64_t *rows = t->rows + i * t->batch, epoch = step * t->batch / n, at = step * t->batch % n;
    for (int64_t b = 0; b < t->batch; b++, at++) {
      if (at == n) epoch++, at = 0;
      if (t->lane[i].epoch != epoch) permute(&t->lane[i], epoch);
      rows[b] = t->lane[i].order[at];
    }
  }
}

/* Column j = b lanes + lane of a batch is one example of one lane; t->x_row and t->y_row say where it lies. Turning
 * examples into columns goes by blocks: features that share a cache line of the data, of as many examples as share one of
 * the network's input, so that lines are filled whole and no more rows are read at once than a processor fetches ahead. */
enum { LINE = 8, ABREAST = 16 };

#define GATHER(name, real)                                                                                   \
  static void name##_block(real *x, const double *const *row, int64_t first, int64_t last, int64_t count,    \
                           int64_t columns) {                                                                \
    for (int64_t j = 0; j < count; j++)                                                                      \
      for (int64_t q = first; q < last; q++) x[q * columns + j] = (real)row[j][q];                           \
  }                                                                                                          \
  static void name(real *x, const double *const *row, int64_t features, int64_t columns) {                   \
    for (int64_t j = 0; j < columns; j += ABREAST) {                                                         \
      int64_t count = columns - j < ABREAST ? columns - j : ABREAST;                                         \
      for (int64_t f = 0; f < features; f += LINE)                                                           \
        name##_block(x + j, row + j, f, f + LINE < features ? f + LINE : features, count, columns);          \
    }                                                                                                        \
  }
GATHER(gather_f32, float)
GATHER(gather_f64, double)

static void place(gp_trainer *t, int i, int64_t b, int64_t row) {
  const gp_lane *lane = &t->lane[i];
  t->x_row[b * t->lanes + i] = lane->data->x + row * lane->data->features;
  t->y_row[b * t->lanes + i] = lane->target + row * t->net.layer[t->net.layers - 1].out;
}

static void gather(gp_trainer *t, int64_t batch) {
  int64_t columns = batch * t->lanes;
  if (t->net.k->bits == 32)
    gather_f32(t->net.x, t->x_row, t->data->features, columns);
  else
    gather_f64(t->net.x, t->x_row, t->data->features, columns);
  gp_net_store(&t->net, t->net.x, t->data->features * batch);
  gather_f64(t->net.y, t->y_row, t->net.layer[t->net.layers - 1].out, columns);
}

/* A full batch stays in the network until something else is brought in. */
void gp_batch_gather(gp_trainer *t) {
  bool full = t->spec->batch == INT64_MIN;
  if (full && t->full_batch_in) return;
  for (int64_t b = 0; b < t->batch; b++)
    for (int i = 0; i < t->lanes; i++) place(t, i, b, t->rows[i * t->batch + b]);
  gather(t, t->batch);
  t->full_batch_in = full;
}

void gp_batch_gather_range(gp_trainer *t, int64_t from, int64_t count) {
  for (int64_t b = 0; b < count; b++)
    for (int i = 0; i < t->lanes; i++) place(t, i, b, from + b);
  gather(t, count);
  t->full_batch_in = false;
}

void gp_batch_forward(gp_trainer *t) {
  gp_batch_gather(t);
  gp_net_forward(&t->net, t->batch, true);
  gp_net_loss(&t->net, t->batch, t->batch_loss);
}
