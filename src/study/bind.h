/* From the tree to the axes: what every key of a configuration means, by the option tables.
 *
 * A given parameter is an axis, of one value or of many. A value of an axis is a few settings applied in order: one for a
 * number, an item and its options for an activation, word and ends for a scale. Not here: ranges (axis.h), the grid that
 * the axes span (grid.h), what only a resolved spec can tell (plan.c). */
#ifndef GP_BIND_H
#define GP_BIND_H

#include "axis.h"
#include "plan.h"

typedef struct gp_axis {
  const gp_parameter *parameter; /* the column it is named after */
  const gp_node *node;           /* where its values stand */
  gp_setting *settings;          /* of all values, one after the other */
  size_t *start;                 /* value v: settings [start[v], start[v + 1]) */
  size_t length, setting_count, capacity;
} gp_axis;

/* A configuration that was read and bound. Texts live in the pool. */
typedef struct gp_config {
  gp_pool pool;
  gp_parameters parameters;
  gp_source source;
  gp_node *root;
  const char *study, *question;
  gp_plan_limits limits;
  gp_axis *axes; /* in the order of the configuration */
  size_t axis_count, axis_capacity;
  const gp_node *zip, *where, *refine; /* of `sweep`, or NULL */
  int64_t random;                      /* 0: the whole grid */
  int64_t random_seed;
} gp_config;

/* Fills everything but pool, parameters, source and root, which are given. GP_ERR_CONFIG with the place. */
gp_status gp_config_bind(gp_config *config);

/* Frees all, the pool too. */
void gp_config_free(gp_config *config);

/* The node of a path such as "model.activation.slope", or of the nearest part of it that is written. */
const gp_node *gp_config_node(const gp_config *config, const char *path);

/* Adds an empty axis, and values to it. The axis is valid until the next is added. GP_ERR_MEMORY, and GP_ERR_CONFIG for
 * too many values in all. */
gp_status gp_axis_begin(gp_config *config, const gp_parameter *parameter, const gp_node *node,
                        gp_axis **axis);
gp_status gp_axis_value(gp_axis *axis, const gp_setting *settings, size_t count);

/* Gives an axis of one parameter other values: those of the list. GP_ERR_MEMORY. */
gp_status gp_axis_replace(gp_axis *axis, const gp_values *values);

/* The axis that a name means, for the key `what` of sweep. GP_ERR_CONFIG with the nearest. */
gp_status gp_axis_named(size_t *axis, const gp_config *config, const gp_node *name, const char *what);

/* The values of a choice with its items' options: an item's name, a mapping {name: ..., option: ...}, or a list of
 * both (bind_choice.c). Beside the options of the data may stand the settings that all data have (seed, first ...). */
gp_status gp_bind_choice(gp_config *config, const gp_parameter *parameter, const gp_node *node);

/* A parameter that is no choice. */
gp_status gp_bind_value(gp_config *config, const gp_parameter *parameter, const gp_node *node);

/* The forms of record.checkpoints, record.on, data.scale and joined lists (bind_form.c): adds one axis. */
gp_status gp_bind_form(gp_config *config, const gp_parameter *parameter, const gp_node *node);

#endif
