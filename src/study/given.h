/* Weights that an initialiser takes from files: each file and step is read once per shape of network, while a plan is
 * made; afterwards the weights of a run are only looked up. */
#ifndef GP_GIVEN_H
#define GP_GIVEN_H

#include "runmap.h"
#include "spec.h"

typedef struct gp_given {
  struct gp_weights **items;
  size_t count;
  gp_runmap number_of; /* from the hash of path, step and shape to the number of an item */
} gp_given;            /* start from {0} */

void gp_given_free(gp_given *given);

/* Reads what the resolved spec's initialiser names, unless that was done, and makes spec->weights point to it; nothing for
 * other initialisers. GP_ERR_DATA: the message begins with the key, model.init. GP_ERR_MEMORY. */
gp_status gp_given_take(gp_given *given, gp_spec *spec, const gp_dataset *data);

/* Makes spec->weights point to what was read; NULL when it was not. */
void gp_given_find(const gp_given *given, gp_spec *spec, const gp_dataset *data);

#endif
