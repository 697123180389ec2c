/* Loss and accuracy over a whole set. */
#include <math.h>

#include "trainer.h"

double gp_target(const gp_spec *spec, const gp_dataset *data, int64_t row, int64_t o, int64_t outputs) {
  double y = data->classes == 2 && outputs == 1 ? (double)data->label[row] : data->y[row * data->outputs + o];
  return data->classes > 0 && gp_loss_signs(&spec->loss) ? 2 * y - 1 : y;
}

/* Whether the network's outputs (one column, `stride` apart) name the right class; NaN never does. */
static bool right_class(const gp_trainer *t, const double *out, ptrdiff_t stride, int64_t outputs,
                        int32_t label) {
  if (outputs == 1) {
    bool middle = !gp_loss_of(&t->spec->loss)->logits && !gp_loss_signs(&t->spec->loss);
    double limit = middle ? 0.5 : 0.0;
    return label == 1 ? out[0] > limit : out[0] <= limit;
  }
  for (int64_t o = 0; o < outputs; o++)
    if (o != label && !(out[label * stride] > out[o * stride])) return false;
  return true;
}

/* 1 or 0 for a class, the squared error for regression. */
static double score(const gp_trainer *t, int i, int64_t row, int64_t b, int64_t batch) {
  int64_t outputs = t->net.layer[t->net.layers - 1].out;
  ptrdiff_t stride = (ptrdiff_t)batch * t->lanes;
  const double *out = t->net.out + b * t->lanes + i, *y = t->net.y + b * t->lanes + i;
  const gp_dataset *data = t->lane[i].data;
  if (data->classes > 0) return right_class(t, out, stride, outputs, data->label[row]) ? 1 : 0;
  double squares = 0;
  for (int64_t o = 0; o < outputs; o++)
    squares += (out[o * stride] - y[o * stride]) * (out[o * stride] - y[o * stride]);
  return squares;
}

static void evaluate_piece(gp_trainer *t, int64_t from, int64_t first, int64_t count) {
  gp_batch_gather_range(t, first, count);
  gp_net_forward(&t->net, count, false);
  gp_net_loss(&t->net, count, t->value);
  for (int64_t b = 0; b < count; b++) {
    for (int i = 0; i < t->lanes; i++) {
      int64_t at = (first - from + b) * t->lanes + i;
      t->all_loss[at] = t->net.example_loss[b * t->lanes + i];
      t->all_score[at] = score(t, i, first + b, b, count);
    }
  }
}

void gp_evaluate(gp_trainer *t, int64_t from, int64_t count, bool test) {
  for (int i = 0; i < t->lanes; i++) t->set_loss[i] = t->set_accuracy[i] = NAN;
  if (count == 0) return;
  for (int64_t first = from; first < from + count; first += t->net.capacity) {
    int64_t rest = from + count - first;
    evaluate_piece(t, from, first, rest < t->net.capacity ? rest : t->net.capacity);
  }
  t->net.k64->sum(t->set_loss, t->all_loss, count, t->lanes);
  t->net.k64->sum(t->set_accuracy, t->all_score, count, t->lanes);
  for (int i = 0; i < t->lanes; i++) {
    double spread = test ? t->lane[i].test_spread : t->lane[i].spread;
    t->set_loss[i] *= gp_loss_batch_factor(&t->spec->loss, count);
    t->set_accuracy[i] =
        t->lane[i].data->classes > 0 ? t->set_accuracy[i] / (double)count : 1 - t->set_accuracy[i] / spread;
    if (isnan(t->set_loss[i])) t->set_accuracy[i] = NAN; /* it names no class, which is not the wrong one */
  }
}

double gp_target_mean(const gp_spec *spec, const gp_dataset *data, int64_t from, int64_t count, int64_t o,
                      int64_t outputs) {
  double total = 0;
  for (int64_t row = from; row < from + count; row++) total += gp_target(spec, data, row, o, outputs);
  return total / (double)count;
}

double gp_target_spread(const gp_spec *spec, const gp_dataset *data, int64_t from, int64_t count) {
  int64_t outputs = gp_loss_outputs(&spec->loss, data->classes, data->outputs);
  double squares = 0;
  for (int64_t o = 0; o < outputs && count > 0; o++) {
    double mean = gp_target_mean(spec, data, from, count, o, outputs);
    for (int64_t row = from; row < from + count; row++) {
      double gap = gp_target(spec, data, row, o, outputs) - mean;
      squares += gap * gap;
    }
  }
  return squares;
}
