/* The gradient check: every gradient against Richardson-extrapolated central differences, in double.
 *
 * Compared signed and relative to the array's largest entry: comparing absolute values would pass a flipped
 * sign (SCIENCE 5.4). With steps h, h/2, h/4, h/8 the extrapolated difference has error O(h^8). */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "precision.h"
#include "trainer.h"

typedef struct checker {
  gp_trainer *trainer;
  gp_net *net;
  int64_t batch;
  const gp_gradcheck_how *how;
  double noise;
  unsigned char
      *pattern; /* side of every kink each pre-activation and output lies on, at the unperturbed point */
} checker;

static double loss_now(const checker *c) {
  double loss;
  gp_net_compose(c->net);
  gp_net_forward(c->net, c->batch, true);
  gp_net_loss(c->net, c->batch, &loss);
  return loss;
}

static unsigned char side_of(const double *kinks, double z) {
  unsigned char side = 0;
  for (; !isnan(*kinks); kinks++) side = (unsigned char)(side + (z > *kinks) + (z >= *kinks));
  return side;
}

/* The same for the pieces of the loss, behind those of the layers. */
static bool loss_pattern(const checker *c, unsigned char *at, bool compare) {
  int64_t count = c->net->layer[c->net->layers - 1].out * c->batch;
  for (int64_t i = 0; i < count; i++, at++) {
    unsigned char piece = (unsigned char)gp_loss_piece(&c->net->loss, c->net->out[i], c->net->y[i]);
    if (compare && *at != piece) return false;
    *at = piece;
  }
  return true;
}

/* Stores the pattern, or says whether it still is what was stored. */
static bool pattern(const checker *c, bool compare) {
  unsigned char *at = c->pattern;
  for (int l = 0; l < c->net->layers; l++) {
    const gp_layer *layer = &c->net->layer[l];
    const double *u = layer->u;
    if (layer->activation == NULL || layer->activation->kinks == NULL) continue;
    for (int64_t i = 0; i < layer->out * c->batch; i++, at++) {
      unsigned char side = side_of(layer->activation->kinks, u[i]);
      if (compare && *at != side) return false;
      *at = side;
    }
  }
  return loss_pattern(c, at, compare);
}

/* Central difference with step h; false when a kink lies between the two points. */
static bool difference(const checker *c, double *entry, double h, double *slope) {
  double kept = *entry;
  *entry = kept + h;
  double up = loss_now(c);
  bool smooth = pattern(c, true);
  *entry = kept - h;
  double down = loss_now(c);
  smooth = smooth && pattern(c, true);
  *entry = kept;
  *slope = (up - down) / (2 * h);
  return smooth;
}

/* The steps are STEP, STEP/2, STEP/4, STEP/8. */
static const double STEP = 4e-3;
enum { LEVELS = 4 };

/* What rounding alone can make of a difference: some units in the last place of the loss over the smallest step. In a
 * deep sigmoid net whole arrays of gradients are smaller; no difference quotient can check those. */
static double noise_of(double loss) {
  return 32 * DBL_EPSILON * fabs(loss) / ldexp(STEP, 1 - LEVELS);
}

/* Richardson's table: level by level the leading error h^2, h^4, h^6 of the central differences is taken away. `doubt` is what the
 * last level changed. */
static bool extrapolated(const checker *c, double *entry, double step, double *slope, double *doubt) {
  double d[LEVELS], before = 0;
  for (int i = 0; i < LEVELS; i++)
    if (!difference(c, entry, ldexp(step, -i), &d[i])) return false;
  for (int order = 1; order < LEVELS; order++) {
    before = d[LEVELS - 1];
    for (int i = LEVELS - 1; i >= order; i--) d[i] += (d[i] - d[i - 1]) / (ldexp(1, 2 * order) - 1);
  }
  *slope = d[LEVELS - 1];
  *doubt = fabs(*slope - before);
  return true;
}

/* Where the loss bends within the step (a small layer that is normalised does) a much smaller one is taken, if it is in less doubt. */
static bool finite_difference(const checker *c, double *entry, double tolerance, double *slope) {
  double doubt, closer, less;
  if (!extrapolated(c, entry, STEP, slope, &doubt)) return false;
  if (doubt > tolerance && extrapolated(c, entry, STEP / 32, &closer, &less) && less < doubt) *slope = closer;
  return true;
}

/* `gradient` is a copy: the differences overwrite nothing of it, but the network's own arrays change. */
static void check_array(const checker *c, gp_gradcheck_row *row, double *x, const double *gradient,
                        int64_t n) {
  int64_t most = c->how->max_entries;
  int64_t stride = most > 0 && n > most ? (n + most - 1) / most : 1;
  double worst = 0;
  for (int64_t i = 0; i < n; i++) row->largest = fmax(row->largest, fabs(gradient[i]));
  for (int64_t i = 0; i < n; i += stride) {
    double slope;
    bool smooth = finite_difference(c, &x[i], GP_GRADCHECK_LIMIT / 10 * row->largest, &slope);
    if (c->how->entry != NULL)
      c->how->entry(c->how->context, row->layer, row->name, i, gradient[i], smooth ? slope : (double)NAN);
    if (!smooth) {
      row->skipped++;
      continue;
    }
    row->checked++;
    worst = fmax(worst, fabs(gradient[i] - slope));
  }
  row->error = row->largest > 0 ? worst / row->largest : worst;
  /* An array of zeros (a sign unit's) is checked too: its differences must be rounding. */
  row->resolved = row->checked > 0 && GP_GRADCHECK_LIMIT * row->largest >= c->noise;
  row->counts = row->resolved || worst > c->noise;
}

static gp_status check_copy(const checker *c, gp_gradcheck_row *row, void *x, const void *gradient,
                            int64_t n) {
  double *copy = malloc((size_t)n * sizeof *copy);
  if (copy == NULL)
    return gp_fail(GP_ERR_MEMORY, "out of memory: %zu bytes wanted for a gradient", (size_t)n * sizeof *copy);
  memcpy(copy, gradient, (size_t)n * sizeof *copy);
  check_array(c, row, x, copy, n);
  free(copy);
  return GP_OK;
}

static gp_status check_all(const checker *c, gp_gradcheck *out) {
  gp_net *net = c->net;
  gp_gradcheck_row *row = out->rows;
  *row = (gp_gradcheck_row){.layer = 0, .name = "input"};
  GP_TRY(check_copy(c, row++, net->x, net->dx, net->layer[0].in * c->batch));
  for (int l = 1; l <= net->layers; l++) {
    gp_parameter p[GP_PARAMETERS_MAX];
    int count = gp_layer_parameters(&net->layer[l - 1], p);
    for (int i = 0; i < count; i++) {
      *row = (gp_gradcheck_row){.layer = l, .name = p[i].name};
      GP_TRY(check_copy(c, row++, p[i].at.value, p[i].at.gradient, p[i].count));
    }
  }
  out->count = (size_t)(row - out->rows);
  for (size_t i = 0; i < out->count; i++)
    if (out->rows[i].counts) out->worst = fmax(out->worst, out->rows[i].error);
  return GP_OK;
}

/* A trained factor on a block starts at 0, where nothing inside the block has a gradient: it is checked elsewhere. */
static void open_blocks(gp_net *net) {
  for (int l = 0; l < net->layers; l++)
    if (net->layer[l].alpha.gradient != NULL) *(double *)net->layer[l].alpha.value = 0.5;
}

static gp_status prepare(checker *c, gp_gradcheck *out, const gp_spec *spec, const gp_dataset *data) {
  GP_TRY(gp_train_prepare(c->trainer, spec, data));
  c->net = &c->trainer->net;
  c->batch = c->trainer->batch;
  size_t units = (size_t)(c->net->layer[c->net->layers - 1].out * c->batch); /* of the loss */
  for (int l = 0; l < c->net->layers; l++) units += (size_t)(c->net->layer[l].out * c->batch);
  out->rows = calloc(GP_PARAMETERS_MAX * (size_t)c->net->layers + 1, sizeof *out->rows);
  c->pattern = malloc(units);
  if (out->rows == NULL || c->pattern == NULL)
    return gp_fail(GP_ERR_MEMORY, "out of memory: %zu bytes wanted", units);
  if (!c->how->as_it_is) open_blocks(c->net);
  for (int64_t step = 0; step < c->how->step; step++) {
    gp_batch_rows(c->trainer, step);
    gp_batch_forward(c->trainer);
    gp_net_backward(c->net, c->batch, false);
    gp_trainer_update(c->trainer, step, false);
  }
  gp_batch_rows(c->trainer, c->how->step);
  gp_batch_forward(c->trainer);
  c->noise = noise_of(c->trainer->batch_loss[0]);
  pattern(c, false);
  gp_net_backward(c->net, c->batch, true);
  return GP_OK;
}

gp_status gp_gradcheck_run(gp_gradcheck *out, const gp_spec *spec, const gp_dataset *data,
                           int64_t max_entries) {
  return gp_gradcheck_at(out, spec, data, &(gp_gradcheck_how){.max_entries = max_entries});
}

gp_status gp_gradcheck_at(gp_gradcheck *out, const gp_spec *spec, const gp_dataset *data,
                          const gp_gradcheck_how *how) {
  checker c = {.how = how};
  gp_spec twin = *spec;
  gp_status status;
  *out = (gp_gradcheck){0};
  twin.precision = GP_FLOAT64;
  GP_TRY(gp_trainer_create(&c.trainer, NULL));
  GP_TRY_DONE(prepare(&c, out, &twin, data));
  GP_TRY_DONE(check_all(&c, out));
done:
  free(c.pattern);
  gp_trainer_free(c.trainer);
  if (status != GP_OK) gp_gradcheck_free(out);
  return status;
}

void gp_gradcheck_free(gp_gradcheck *check) {
  free(check->rows);
  *check = (gp_gradcheck){0};
}
