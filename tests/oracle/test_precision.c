/* Emulated precision and loss scaling, as a plain mixed-precision training would be written: float sums, results rounded
 * by exact arithmetic in double (never by the engine's kernels), float masters, skipped steps. Full batch, leaky_relu,
 * squared error, momentum: nothing there needs an elementary function, so every weight must come out with the same bits. */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "precision.h"

enum { LAYERS = 3, UNITS = 12, EXAMPLES = 24, STEPS = 60 };
static const int sizes[LAYERS + 1] = {4, UNITS, UNITS, 2};

static const char common[] =
    "data=gaussian data.samples=24 data.features=4 data.targets=2 depth=2 width=12 activation=leaky_relu "
    "activation.slope=0.2 loss=mse batch=full steps=60 every=1 learning_rate=0.05 optimizer.momentum=0.9 "
    "seed=3 ";

/* A plain network. Arrays are (O, I) and (O, B). */
typedef struct plain_layer {
  int in, out;
  float w[UNITS * UNITS], b[UNITS], mw[UNITS * UNITS], mb[UNITS], vw[UNITS * UNITS], vb[UNITS];
  float dw[UNITS * UNITS], db[UNITS], z[UNITS * EXAMPLES], h[UNITS * EXAMPLES], delta[UNITS * EXAMPLES];
} plain_layer;

typedef struct plain {
  const gp_precision *precision;
  bool master;
  double scale, growth, backoff; /* growth 0: no loss scaling; 1 with backoff 1: static */
  int interval, good, skipped;
  float x[4 * EXAMPLES];
  plain_layer layer[LAYERS];
} plain;

/* The format by its number of fraction bits and exponents (IEEE 754; bfloat16 is the upper half of a float). */
static float stored(const plain *p, float x) {
  bool half = strcmp(p->precision->name, "float16") == 0;
  int fraction = half ? 10 : 7, least = half ? -14 : -126, most = half ? 15 : 127, exponent;
  if (!p->precision->emulated || isnan(x) || isinf(x)) return x;
  frexp((double)x, &exponent);
  int unit = (exponent - 1 < least ? least : exponent - 1) - fraction;
  double rounded = ldexp(nearbyint(ldexp((double)x, -unit)), unit);
  return (float)(fabs(rounded) >= ldexp(1, most + 1) ? copysign((double)INFINITY, (double)x) : rounded);
}

static void take(const plain *p, float *value, float *master, const gp_trained *from, int n) {
  memcpy(master, from->master != NULL ? from->master : from->value, (size_t)n * sizeof *master);
  for (int i = 0; i < n; i++) value[i] = stored(p, master[i]);
}

/* The initial weights are the engine's; everything after that is done here. */
static void plain_take(plain *p, const gp_net *net, const gp_dataset *data) {
  for (int l = 0; l < LAYERS; l++) {
    gp_parameter from[GP_PARAMETERS_MAX];
    plain_layer *to = &p->layer[l];
    to->in = sizes[l], to->out = sizes[l + 1];
    cr_assert_eq(gp_layer_parameters(&net->layer[l], from), 2);
    take(p, to->w, to->mw, &from[0].at, to->in * to->out);
    take(p, to->b, to->mb, &from[1].at, to->out);
  }
  for (int e = 0; e < EXAMPLES; e++)
    for (int f = 0; f < 4; f++) p->x[f * EXAMPLES + e] = stored(p, (float)data->x[e * 4 + f]);
}

static void forward(plain *p) {
  const float *h = p->x;
  for (int l = 0; l < LAYERS; l++) {
    plain_layer *a = &p->layer[l];
    for (int o = 0; o < a->out; o++) {
      for (int e = 0; e < EXAMPLES; e++) {
        float sum = 0;
        for (int i = 0; i < a->in; i++) sum = fmaf(a->w[o * a->in + i], h[i * EXAMPLES + e], sum);
        float z = stored(p, sum + a->b[o]);
        a->z[o * EXAMPLES + e] = z;
        a->h[o * EXAMPLES + e] = stored(p, z <= 0 ? 0.2F * z : z);
      }
    }
    h = a->h;
  }
}

static void weight_gradients(plain *p, plain_layer *a, const float *h) {
  const float mean = (float)(1.0 / EXAMPLES), unscale = (float)(1 / p->scale);
  for (int o = 0; o < a->out; o++) {
    double bias = 0;
    for (int i = 0; i < a->in; i++) {
      float sum = 0;
      for (int e = 0; e < EXAMPLES; e++) sum = fmaf(a->delta[o * EXAMPLES + e], h[i * EXAMPLES + e], sum);
      a->dw[o * a->in + i] = stored(p, sum * mean) * unscale;
    }
    for (int e = 0; e < EXAMPLES; e++) bias += (double)a->delta[o * EXAMPLES + e];
    a->db[o] = stored(p, (float)(bias * (1.0 / EXAMPLES))) * unscale;
  }
}

static void backward(plain *p, const gp_dataset *data) {
  for (int o = 0; o < 2; o++)
    for (int e = 0; e < EXAMPLES; e++) {
      plain_layer *last = &p->layer[LAYERS - 1];
      double slope = ((double)last->z[o * EXAMPLES + e] - data->y[e * 2 + o]) * 2;
      last->delta[o * EXAMPLES + e] = stored(p, (float)(slope * p->scale));
    }
  for (int l = LAYERS - 1; l >= 0; l--) {
    plain_layer *a = &p->layer[l], *below = l > 0 ? a - 1 : NULL;
    weight_gradients(p, a, below != NULL ? below->h : p->x);
    for (int i = 0; below != NULL && i < a->in; i++)
      for (int e = 0; e < EXAMPLES; e++) {
        float sum = 0, z = below->z[i * EXAMPLES + e];
        for (int o = 0; o < a->out; o++) sum = fmaf(a->w[o * a->in + i], a->delta[o * EXAMPLES + e], sum);
        below->delta[i * EXAMPLES + e] = stored(p, sum * (z <= 0 ? 0.2F : 1.0F));
      }
  }
}

static bool finite_gradients(const plain *p) {
  for (int l = 0; l < LAYERS; l++) {
    const plain_layer *a = &p->layer[l];
    for (int i = 0; i < a->in * a->out; i++)
      if (!isfinite(a->dw[i])) return false;
    for (int i = 0; i < a->out; i++)
      if (!isfinite(a->db[i])) return false;
  }
  return true;
}

/* Without a master the sum itself is rounded; `m` then is that rounded weight. */
static void update_array(const plain *p, float *w, float *m, float *v, const float *g, int n) {
  for (int i = 0; i < n; i++) {
    v[i] = fmaf(0.9F, v[i], -(0.05F * g[i]));
    m[i] = (p->master ? m[i] : w[i]) + v[i];
    w[i] = stored(p, m[i]);
  }
}

static void step(plain *p, const gp_dataset *data) {
  forward(p);
  backward(p, data);
  bool skip = p->growth > 0 && !finite_gradients(p);
  p->skipped += skip;
  p->good = skip ? 0 : p->good + 1;
  if (skip) p->scale *= p->backoff;
  if (p->growth > 0 && p->good == p->interval) p->scale *= p->growth, p->good = 0;
  for (int l = 0; l < LAYERS && !skip; l++) {
    plain_layer *a = &p->layer[l];
    update_array(p, a->w, a->mw, a->vw, a->dw, a->in * a->out);
    update_array(p, a->b, a->mb, a->vb, a->db, a->out);
  }
}

static void set_scaling(plain *p, const gp_spec *spec) {
  bool dynamic = strcmp(spec->loss_scale.item->name, "dynamic") == 0;
  p->scale = spec_option(&spec->loss_scale, dynamic ? "initial" : "scale", 1);
  p->growth = dynamic ? spec_option(&spec->loss_scale, "growth", NAN)
              : strcmp(spec->loss_scale.item->name, "none") == 0 ? 0
                                                                 : 1;
  p->backoff = spec_option(&spec->loss_scale, "backoff", 1);
  p->interval = (int)spec_option(&spec->loss_scale, "interval", 1);
}

static void same_bits(const char *what, const char *words, int layer, const float *a, const void *b, int n) {
  const float *x = b;
  for (int i = 0; i < n; i++)
    cr_assert(memcmp(&a[i], &x[i], sizeof *a) == 0, "%s: layer %d, %s %d is %.9g, plainly %.9g", words, layer,
              what, i, (double)x[i], (double)a[i]);
}

/* Runs both; returns how many steps were skipped. */
static int compare(const char *words) {
  static plain p;
  spec_case c;
  gp_trainer *trainer = engine_on("auto");
  spec_case_make(&c, common, words);
  memset(&p, 0, sizeof p);
  p.precision = gp_precision_at(c.spec.precision);
  p.master = c.spec.master_weights;
  set_scaling(&p, &c.spec);
  cr_assert_eq(gp_train_prepare(trainer, &c.spec, &c.data), GP_OK);
  plain_take(&p, &trainer->net, &c.data);
  gp_trace trace;
  cr_assert_eq(gp_train_run(trainer, NULL, &trace), GP_RUN_DONE);
  for (int t = 0; t < STEPS; t++) {
    cr_assert_eq(engine_series(&trace, "loss_scale_factor")[t], p.scale, "%s, step %d", words, t);
    step(&p, &c.data);
  }
  for (int l = 0; l < LAYERS; l++) {
    const gp_layer *layer = &trainer->net.layer[l];
    same_bits("weight", words, l + 1, p.layer[l].w, layer->w, sizes[l] * sizes[l + 1]);
    same_bits("bias", words, l + 1, p.layer[l].b, layer->b, sizes[l + 1]);
    if (layer->mw != NULL)
      same_bits("master", words, l + 1, p.layer[l].mw, layer->mw, sizes[l] * sizes[l + 1]);
    cr_assert_eq(layer->mw != NULL, p.precision->emulated && p.master);
  }
  cr_assert_eq(engine_cell(&trace, "skipped_steps").integer, p.skipped, "%s", words);
  gp_trainer_free(trainer);
  spec_case_free(&c);
  return p.skipped;
}

Test(precision, every_weight_as_in_plain_mixed_precision) {
  static const char *const storages[] = {"precision=float32", "precision=bfloat16", "precision=float16",
                                         "precision=bfloat16 master_weights=false",
                                         "precision=float16 master_weights=false"};
  static const char *const scalings[] = {
      "", "loss_scale=static", "loss_scale=static loss_scale.scale=3000",
      "loss_scale=dynamic loss_scale.interval=7",
      /* In brackets, since clang takes two literals in a list for a forgotten comma. */
      ("loss_scale=dynamic loss_scale.initial=1e7 loss_scale.interval=5 loss_scale.growth=4 "
       "loss_scale.backoff=0.25")};
  int skipped = 0;
  for (size_t s = 0; s < sizeof storages / sizeof *storages; s++)
    for (size_t l = 0; l < sizeof scalings / sizeof *scalings; l++) {
      char words[256];
      snprintf(words, sizeof words, "%s %s", storages[s], scalings[l]);
      skipped += compare(words);
    }
  /* The comparison means something only where steps were skipped, and not all of them. */
  cr_assert(skipped > 10 && skipped < 5 * STEPS, "%d", skipped);
}

/* -- what it is for: numerical underflow told from mathematical vanishing -- */

static double first_delta(const char *words, double *zeros) {
  spec_case c;
  gp_trainer *trainer = engine_on("auto");
  spec_case_make(&c,
                 "data=blobs data.samples=32 data.test=0 depth=11 width=16 activation=sigmoid batch=full "
                 "steps=0 every=1 ",
                 words);
  gp_trace trace = engine_run(trainer, &c);
  double rms = engine_series(&trace, "delta_rms")[0];
  const float *delta = trainer->net.layer[0].delta;
  *zeros = 0;
  for (int i = 0; i < 16 * 32; i++) *zeros += delta[i] == 0;
  gp_trainer_free(trainer);
  spec_case_free(&c);
  return rms;
}

/* Deltas of some 1e-8 are subnormal halves, nearly all of them 0; on a scaled loss they are there, and recorded in their own
 * size: to a few parts in 2^11 per layer as in float, which knows no underflow here. */
Test(precision, loss_scaling_brings_underflow_back) {
  double none, some, gone;
  double wanted = first_delta("precision=float32", &none);
  double lost = first_delta("precision=float16", &gone);
  double kept = first_delta("precision=float16 loss_scale=static loss_scale.scale=32768", &some);
  double wide = first_delta("precision=bfloat16", &some);
  cr_assert(wanted < 1e-7 && wanted > 1e-9, "%g", wanted);
  cr_assert_eq(none, 0);
  cr_assert(gone > 16 * 32 / 4, "%g zeros, rms %g of %g", gone, lost, wanted);
  cr_assert_float_eq(kept, wanted, 0.01 * wanted, "%g, not %g", kept, wanted);
  cr_assert_float_eq(wide, wanted, 0.08 * wanted, "%g, not %g", wide, wanted);
}

/* float32 and float64 with a power of two for a scale: not a bit of the run changes. */
Test(precision, a_power_of_two_changes_no_float) {
  static const char *const precisions[] = {"precision=float32", "precision=float64"};
  gp_trainer *a = engine_on("auto"), *b = engine_on("auto");
  for (int p = 0; p < 2; p++) {
    spec_case plainly, scaled;
    char words[128];
    snprintf(words, sizeof words, "%s loss_scale=static loss_scale.scale=4096", precisions[p]);
    spec_case_make(&plainly, common, precisions[p]);
    spec_case_make(&scaled, common, words);
    gp_trace x = engine_run(a, &plainly), y = engine_run(b, &scaled);
    const char *difference = engine_difference(&x, &y);
    cr_assert_str_eq(difference, "loss_scale_factor", "%s: %s", words, difference);
    for (size_t i = 0; i < x.checkpoint_count * x.layer_count; i++)
      cr_assert_eq(engine_series(&x, "delta_rms")[i], engine_series(&y, "delta_rms")[i]);
    cr_assert_eq(engine_cell(&x, "final_loss").real, engine_cell(&y, "final_loss").real);
    spec_case_free(&plainly);
    spec_case_free(&scaled);
  }
  gp_trainer_free(a);
  gp_trainer_free(b);
}

/* A chain of single linear units with weights of 2^-4: delta shrinks by 16 from layer to layer, and underflows where, times
 * the scale, it is below the smallest normal half, 2^-14. */
static int underflown(const char *words, double scale) {
  static const char chain[] =
      "data=gaussian data.samples=1 data.features=1 data.targets=1 depth=7 width=1 activation=linear "
      "bias=false "
      "init=constant init.value=0.0625 loss=mse batch=full steps=0 every=1 probes=all,precision ";
  spec_case exact, half;
  gp_trainer *a = engine_on("auto"), *b = engine_on("auto");
  int lost = 0;
  spec_case_make(&exact, chain, "precision=float64");
  spec_case_make(&half, chain, words);
  gp_trace x = engine_run(a, &exact), y = engine_run(b, &half);
  for (size_t l = 0; l < x.layer_count; l++) {
    bool below = engine_series(&x, "delta_rms")[l] * scale < 0x1p-14;
    cr_assert_eq(engine_series(&y, "underflow_fraction")[l], below, "%s, layer %zu", words, l + 1);
    lost += below;
  }
  spec_case_free(&exact);
  spec_case_free(&half);
  gp_trainer_free(a);
  gp_trainer_free(b);
  return lost;
}

Test(precision, underflow_is_measured_in_the_format) {
  int all = underflown("precision=float16", 1),
      less = underflown("precision=float16 loss_scale=static loss_scale.scale=256", 256);
  cr_assert_eq(all, less + 2); /* 256 is two layers of 16 */
  cr_assert_gt(less, 0);
  cr_assert_eq(underflown("precision=bfloat16", 0x1p112), 0);
}
