/* Every parameter of a run in one flat list: its path in the configuration, its column in the result file, its row in
 * the option tables, and how to write it into a spec.
 *
 *   path                       column             row
 *   train.learning_rate        learning_rate      of a section
 *   model.activation           activation         of a section, an item of a family
 *   model.activation.slope     activation_slope   of the items of that family that have it
 *
 * The list is made from gp_spec_sections(); only record.checkpoints and record.on are described here. */
#ifndef GP_PARAMETERS_H
#define GP_PARAMETERS_H

#include "pool.h"
#include "schema.h"
#include "spec.h"

typedef enum gp_form {
  GP_FORM_PLAIN,       /* what its option type says */
  GP_FORM_JOINED,      /* a list of words is one value (probes, stop_on), joined by commas */
  GP_FORM_SCALE,       /* none | standardize | [low, high] */
  GP_FORM_ON,          /* batch | train | {first: n} */
  GP_FORM_CHECKPOINTS, /* {log: n} | {every: n} | a list of steps */
  GP_FORM_HIDDEN       /* set through another key */
} gp_form;

typedef struct gp_parameter {
  const char *path, *column, *key; /* "model.activation.slope", "activation_slope", "slope" */
  const gp_spec_section *section;
  const gp_option *option; /* its row; for the option of an item, the row of the first item that has it */
  const gp_option *choice; /* the row of the choice it is an option of, or NULL */
  gp_form form;
} gp_parameter;

/* In canonical order: sections as gp_spec_sections() gives them, each choice followed by its items' options. */
typedef struct gp_parameters {
  gp_parameter *items;
  size_t count;
} gp_parameters;

/* Checkpoints and how they read: "log 30", "every 10", "0,1,10". */
typedef struct gp_checkpoint_form {
  gp_checkpoints checkpoints;
  const char *text;
} gp_checkpoint_form;

typedef union gp_value {
  double real;
  int64_t integer;
  bool truth;
  int word;
  const char *text;
  const gp_item *item;
  const gp_checkpoint_form *checkpoints;
} gp_value;

/* One parameter given one value. */
typedef struct gp_setting {
  const gp_parameter *parameter;
  gp_value value;
} gp_setting;

/* Keys of `record` whose values have forms of their own, and so stand in no table of gp_spec_sections(). */
const gp_option *gp_record_options(void);

/* Makes the list in the pool. `taken` are names that no column may have (the variables of the trainer): such a column,
 * and one of two equal ones, is named by its whole path with underscores. GP_ERR_MEMORY. */
gp_status gp_parameters_make(gp_parameters *out, gp_pool *pool, const gp_variable *taken, size_t taken_count);

/* The parameter of that path ("train.batch"), or NULL. */
const gp_parameter *gp_parameter_find(const gp_parameters *list, const char *path);

/* The same by column name. */
const gp_parameter *gp_parameter_column(const gp_parameters *list, const char *column);

/* The parameter that a person's name means: by path, by column, or by the end of a path ("slope", "activation.slope")
 * that only one has; a section's own key ("data.scale") goes before an option of an item ("train.loss_scale.scale"). NULL: none or several; then `candidates` holds the paths of the several, at most `capacity` of them,
 * and `count` says how many it holds. Hidden parameters are found by path and column only. */
const gp_parameter *gp_parameter_named(const gp_parameters *list, const char *name, const char **candidates,
                                       size_t capacity, size_t *count);

/* Writes a setting into a spec. An option that the spec's item does not have is passed over: returns false. */
bool gp_setting_apply(const gp_setting *setting, gp_spec *spec);

/* The row that holds the parameter in this spec (its item may be one of several with such an option) and the struct it
 * is an offset into; NULL when the spec's item has no such option, or the parameter does not count there (the ends of a
 * scale that is no range, the split of data that bring their own test rows, the `first` of a record on other rows). */
const gp_option *gp_parameter_in(const gp_parameter *parameter, const gp_spec *spec, const void **target);

/* How a value of a parameter is written: numbers to read back, words, item names, true and false, auto. The text is the
 * buffer, or lives as long as the value. */
const char *gp_value_text(const gp_option *option, const void *field, char buffer[static 32]);

#endif
