/* Overrides of the command line, "key=value": put into the tree as if the configuration had said so.
 *
 * The key is a path from the root, a column, or a last name that only one parameter has; the value is what the
 * configuration takes, and commas outside brackets make a list (depth=2,5,10). A choice that is replaced
 * (activation=relu) loses the options it had; an option (activation.slope=0.2) joins the choice that is there. */
#ifndef GP_OVERRIDE_H
#define GP_OVERRIDE_H

#include "bind.h"

/* A key of a configuration that is no parameter of a run, and so in no table of options. */
typedef enum gp_extra_kind {
  GP_EXTRA_TEXT,
  GP_EXTRA_REAL,
  GP_EXTRA_COUNT,
  GP_EXTRA_GROUPS,
  GP_EXTRA_REFINE
} gp_extra_kind;
typedef struct gp_extra_key {
  const char *path, *summary;
  gp_extra_kind kind; /* GP_EXTRA_GROUPS: a list of lists of paths; GP_EXTRA_REFINE: {x:, y:, until:} */
  double preset;      /* of a number; NAN: none */
  double min, max;    /* of a number */
} gp_extra_key;

/* They, ended by a row without a path. */
const gp_extra_key *gp_extra_keys(void);

/* The one of that path, or NULL. */
const gp_extra_key *gp_extra_key_at(const char *path);

/* Changes config->root. GP_ERR_CONFIG; messages begin with "command line: key=value". */
gp_status gp_override_apply(gp_config *config, const char *override);

#endif
