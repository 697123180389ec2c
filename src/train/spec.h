/* The specification of one run: everything that determines its numbers, resolved, as plain data.
 *
 * The configuration reader fills it through the tables gp_spec_sections() returns; nothing else knows the
 * keys. A spec is a pure value (copy freely); strings and items it points to outlive it.
 *
 * Every key enters a run's canonical text, and with it the run_id, defaults included (train.schedule: constant,
 * train.clip: none); an option that is added to an item in use gives new identities to unchanged numbers, and so does a
 * key, unless it is GP_LATER. */
#ifndef GP_SPEC_H
#define GP_SPEC_H

#include <stdint.h>

#include "dataset.h"
#include "option.h"
#include "rules.h"
#include "status.h"
#include "text.h"

enum gp_parametrization { GP_STANDARD, GP_NTK, GP_MEAN_FIELD };
enum gp_record_on { GP_ON_BATCH, GP_ON_TRAIN, GP_ON_FIRST };

/* Checkpoints: log-spaced (about `log` of them), every `every` steps, or a list; 0 and the last step always
 * in. */
typedef struct gp_checkpoints {
  int kind;            /* 0 log, 1 every, 2 list */
  int64_t count;       /* points of `log`, or the stride of `every` */
  const int64_t *list; /* owned by the reader */
  int64_t length;
} gp_checkpoints;

/* Weights that were read from a file. */
typedef struct gp_weights {
  int layers;
  double **weight, **bias; /* (layers): (O, I), row-major; (O), or NULL: biases as without a file */
  char content_hash[33];
} gp_weights;

typedef struct gp_spec {
  gp_choice data;
  gp_data_common data_common;
  /* model */
  int64_t depth, width;
  const char *shape; /* "64-16-64-16" or NULL */
  gp_choice activation, init, bias_init, output, norm, residual;
  int parametrization;
  bool bias;
  /* train */
  gp_choice loss, optimizer, schedule, clip, loss_scale;
  double learning_rate;
  double learning_rate_first, learning_rate_last; /* NaN: the common rate */
  const char *layer_rates;                        /* "1,0.5,..." factors, one per layer, or NULL */
  gp_choice rate_scale;                           /* factors by width */
  double weight_decay;
  bool decoupled, decay_bias;
  int64_t batch; /* INT64_MIN: full */
  int64_t steps;
  const char *stop_on; /* comma-separated verdict conditions; "non_finite" always */
  /* whole run */
  int64_t seed;
  int precision;         /* see precision.h */
  bool master_weights;   /* true unless the precision is emulated and it was switched off */
  bool flush_subnormals; /* key: flush_to_zero */
  /* record */
  gp_checkpoints checkpoints;
  int record_on;
  int64_t record_first;
  const char *probes; /* comma-separated names or groups */
  gp_verdict_rules verdict;
  const gp_weights *weights; /* of init `file`, put there by the plan; else NULL */
} gp_spec;

/* One section of the configuration: the mapping under `key` ("" for the root) and its scalar rows.
 * record.checkpoints, record.on and the data, which have forms of their own, are read by the config reader. */
typedef struct gp_spec_section {
  const char *key, *summary;
  const gp_option *options; /* offsets are into gp_spec */
} gp_spec_section;

/* The sections in canonical order ("", data, model, train, record, verdict), ended by a row whose key is
 * NULL. */
const gp_spec_section *gp_spec_sections(void);

/* All families, NULL-terminated, in the order `list` shows them. */
const gp_family *const *gp_families(void);

void gp_spec_default(gp_spec *spec);

/* Checks what no single row can (shape against depth, width limits, loss against data and output, batch
 * against the number of examples, options of items against each other) and replaces every `auto` by what it
 * means for this data. Needs the data's sizes only. GP_ERR_CONFIG: the message begins with the key
 * ("train.batch: ..."). Afterwards equal runs have equal specs. */
gp_status gp_spec_resolve(gp_spec *spec, const gp_dataset *data);

/* The checkpoints of a resolved spec, ascending, 0 and `steps` included. Returns the count; writes at most
 * `capacity` of them when out is not NULL. */
int64_t gp_spec_checkpoints(const gp_spec *spec, int64_t *out, int64_t capacity);

/* Checkpoints as text: "log 30", "every 10" or "0,1,10". */
void gp_checkpoints_write(gp_text *out, const gp_checkpoints *checkpoints);

/* Reads such a text. The steps of a list go to `list`, at most `capacity` of them. False when it is no such text. */
bool gp_checkpoints_read(gp_checkpoints *out, const char *text, int64_t *list, size_t capacity);

/* The steps at which anything is recorded: the checkpoints and the steps of probes with a cadence of their own. As above. */
int64_t gp_spec_rows(const gp_spec *spec, int64_t *out, int64_t capacity);

/* The file that the spec's initialiser reads weights from, and the step in it (INT64_MIN: the only one); NULL: none. */
const char *gp_spec_weights_file(const gp_spec *spec, int64_t *step);

/* Whether the network has neither normalisations nor residual connections: what mean-field theory speaks of. */
bool gp_spec_plain(const gp_spec *spec);

/* The widths n_0 .. n_L of a resolved spec's network (L = depth + 1); returns L, writes when out is not NULL. */
int gp_spec_widths(const gp_spec *spec, const gp_dataset *data, int64_t *out);

/* What theory needs to know of each weight layer 1..L: the variance of an effective weight (multiplier included) times
 * fan_in, and the variance of a bias. Both arrays hold L values. */
void gp_spec_variances(const gp_spec *spec, const gp_dataset *data, double *weight, double *bias);

/* What theory needs to know of normalisations and joins. */
typedef struct gp_spec_layers {
  const char *norm; /* the item's name */
  double eps;
  bool behind; /* normalised behind the activation */
  bool joined; /* there are residual connections */
  bool early;  /* they end before the activation */
  double alpha;
} gp_spec_layers;
gp_spec_layers gp_spec_layers_of(const gp_spec *spec);
/* The hidden layer whose output is added at hidden layer `number`; 0: none. */
int gp_spec_source(const gp_spec *spec, int number);

/* Of the reals that the kernels compute with: 32 or 64. */
int gp_spec_bits(const gp_spec *spec);

/* Forward multiplier m_l of a layer (INTERFACE `parametrization`). Under ntk and mean_field weights are drawn with the
 * initialiser's variance times fan_in, so that ntk keeps the initialiser's variance of m W. */
double gp_spec_multiplier(const gp_spec *spec, int64_t fan_in, bool last);

/* Version of everything that can change a number for the same spec; part of every run's identity. */
enum { GP_NUMERICS_VERSION = 1 };

#endif
