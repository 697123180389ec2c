/* Probes: measurements of a network that has just done a forward and a backward pass (and an update).
 *
 * A probe reads the network and writes one number per layer and lane; or it reads the double twin of one lane (second.h)
 * and writes that lane's numbers. It is one const item in one file and one line in the list of probe.c; config name,
 * `list`, file variable and documentation follow from it. Definitions: SCIENCE sections 1, 2.
 *
 * How to add one: a measuring function and a const item in a file of its theme, its names in probe_items.h, its number in
 * the enum below and its line in probe.c; a definition by loops in the test oracle. What a function may ask for: sums over
 * the layer's arrays, by bits in `moments`, made for all probes of a layer at once (moment.h); the twin, by bits in `needs`.
 *
 * A selection is a comma-separated list of names, groups and `all`; a name may carry options, `sharpness(samples=256)`,
 * several separated by semicolons, among them when it is measured: every=k steps, log=n points, at=0-10-100; without one of
 * these at the checkpoints. Of several entries for one probe the last says when. `all` is what describes the network at
 * every checkpoint; `panel` is that and the noise of the gradient; the rest costs more, or is wanted rarely, and is named, itself or its group. */
#ifndef GP_PROBE_H
#define GP_PROBE_H

#include "net.h"
#include "schema.h"
#include "second.h"

/* What a probe sees. */
typedef struct gp_probe_view {
  const gp_net *net;
  int64_t batch;
  int64_t *counts;              /* scratch: (widest layer, or bins where histograms are made; lanes) */
  double *weight_norm;          /* (L, lanes): written by the probe of that name, read by update_ratio */
  const double *update_squares; /* (L, lanes): of the update just done, made along with it; NULL: not */
  double *columns;              /* scratch: (batch, lanes) */
  struct gp_moments *moments;   /* sums and counts over the layer being measured, see moment.h */
  double *spread[2]; /* (lanes): trace and mean square of probe_noise.c, when the moments' `spread_known` */
  void *const *previous,
      *const *initial; /* per layer: the gradient one step before, the weights at the start; NULL: not kept */
} gp_probe_view;

/* When a probe can be measured: after the backward pass of what probes are measured on (record.on); after that of the batch, whatever
 * record.on says; update probes only between an update and the next backward pass. */
typedef enum gp_probe_time { GP_AFTER_BACKWARD, GP_AFTER_BATCH, GP_AFTER_UPDATE, GP_ON_TWIN } gp_probe_time;

/* At which steps a probe is measured. */
typedef struct gp_cadence {
  enum gp_cadence_kind { GP_AT_CHECKPOINTS, GP_EVERY, GP_LOG, GP_LIST, GP_NEVER } kind;
  int64_t count;    /* stride of GP_EVERY, points of GP_LOG */
  const char *list; /* GP_LIST: "0-10-100" */
} gp_cadence;

typedef struct gp_probe {
  gp_item item;
  const char *
      group; /* gradients, activations, weights, histograms, curvature, jacobian, kernel, pairs, spectra, precision, eigenvalues, singular_values */
  const char *units;
  gp_probe_time time;
  /* out[lane] for weight layer `layer` (1..L), or out (lanes, inner); NaN where the quantity does not exist. */
  void (*measure)(const gp_probe_view *view, int layer, double *out);
  /* On the twin: out (layers, inner) as far as the shape has them; `needs` of second.h. */
  void (*on_twin)(gp_second *second, double *out);
  gp_shape shape; /* of the variable; on the network itself per layer at least */
  unsigned needs;
  unsigned moments; /* bits 1 << gp_moment: what it reads of view->moments */
  const char *note; /* where it has no number, and why, or what else a reader must know; NULL: nothing */
} gp_probe;

extern const gp_family gp_probe_family;

/* The probes themselves, in file order. */
enum {
  GP_PROBE_WEIGHT_GRADIENT_NORM,
  GP_PROBE_BIAS_GRADIENT_NORM,
  GP_PROBE_DELTA_MEAN_NORM,
  GP_PROBE_DELTA_RMS,
  GP_PROBE_DELTA_TOTAL_NORM,
  GP_PROBE_HOMOGENEITY,
  GP_PROBE_ACTIVATION_MEAN,
  GP_PROBE_ACTIVATION_RMS,
  GP_PROBE_PREACTIVATION_MEAN,
  GP_PROBE_PREACTIVATION_RMS,
  GP_PROBE_ZERO_FRACTION,
  GP_PROBE_DEAD_FRACTION,
  GP_PROBE_SATURATED_FRACTION,
  GP_PROBE_WEIGHT_NORM,
  GP_PROBE_UPDATE_NORM,
  GP_PROBE_UPDATE_RATIO,
  GP_PROBE_GRADIENT_NOISE_SCALE,
  GP_PROBE_GRADIENT_SIGNAL_TO_NOISE,
  GP_PROBE_GRADIENT_COSINE,
  GP_PROBE_DISTANCE_FROM_START,
  GP_PROBE_RELATIVE_DISTANCE,
  GP_PROBE_GRADIENT_MEAN_ABS,
  GP_PROBE_GRADIENT_ZERO_FRACTION,
  GP_PROBE_ACTIVATION_MEAN_ABS,
  GP_PROBE_INACTIVE_FRACTION,
  GP_PROBE_QUIET_FRACTION,
  GP_PROBE_NONPOSITIVE_FRACTION,
  GP_PROBE_BEYOND_5_FRACTION,
  GP_PROBE_FLAT_INPUT_FRACTION,
  GP_PROBE_GRADIENT_HISTOGRAM,
  GP_PROBE_DELTA_HISTOGRAM,
  GP_PROBE_ACTIVATION_HISTOGRAM,
  GP_PROBE_PREACTIVATION_HISTOGRAM,
  GP_PROBE_FIRST_ON_TWIN,
  GP_PROBE_SHARPNESS = GP_PROBE_FIRST_ON_TWIN,
  GP_PROBE_JACOBIAN_M1,
  GP_PROBE_JACOBIAN_M2,
  GP_PROBE_JACOBIAN_SIGMA_MAX,
  GP_PROBE_NTK_TRACE,
  GP_PROBE_NTK_EIGENVALUE,
  GP_PROBE_PREACTIVATION_CORRELATION,
  GP_PROBE_DELTA_CORRELATION,
  GP_PROBE_WEIGHT_SIGMA_MAX,
  GP_PROBE_WEIGHT_SIGMA_MIN,
  GP_PROBE_WEIGHT_SIGMA_MEAN,
  GP_PROBE_WEIGHT_RANK,
  GP_PROBE_PRODUCT_SIGMA_MAX,
  GP_PROBE_PRODUCT_SIGMA_MIN,
  GP_PROBE_UNDERFLOW_FRACTION,
  GP_PROBE_HESSIAN_EIGENVALUES,
  GP_PROBE_HESSIAN_ERROR_BOUND,
  GP_PROBE_WEIGHT_SINGULAR_VALUES,
  GP_PROBE_PRODUCT_SINGULAR_VALUES,
  GP_PROBE_COUNT
};
const gp_probe *gp_probe_at(int index);

/* Whether `all` contains the probe: then every file has its variable. */
bool gp_probe_usual(const gp_probe *probe);

/* Whether a selection contains the probe, and when it is measured (GP_NEVER when not). Cadences in the selection are
 * right (gp_probe_settings has said so). */
bool gp_probe_selected(const char *selection, const gp_probe *probe);
gp_cadence gp_probe_cadence(const char *selection, const gp_probe *probe);

/* What a selection needs of the twin, with the options it gives. Options of a name that is not an option or not a number
 * in its range: false, with the offending word as below (NULL: the caller knows they are right). */
bool gp_probe_settings(const char *selection, gp_second_settings *out, char word[static 64]);

/* Lengths of the inner dimensions of what a selection measures of a network of widths n_0 .. n_layers; 0: none of its
 * probes lies over one. */
void gp_probe_inner(const char *selection, const int64_t *widths, int layers, size_t inner[GP_INNERS]);

/* The first word of a selection that names no probe and no group, copied to `word` (at most 63 characters),
 * or false. */
bool gp_probe_unknown(const char *selection, char word[static 64]);

/* Fit ln delta_rms_l = a + s l by least squares over the hidden layers 1..hidden (SCIENCE section 2).
 * factor = exp(-s), span = log10(delta_rms_1 / delta_rms_hidden); both NaN with fewer than three hidden
 * layers or where a delta is 0 or not finite. */
void gp_decay_fit(const double *delta_rms, int hidden, double *factor, double *span);

#endif
