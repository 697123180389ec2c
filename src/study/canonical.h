/* A resolved spec as text, in one way only: what names a run.
 *
 *   numerics_version: 1
 *   precision: float32
 *   ...
 *   data: spirals
 *   data.samples: 512
 *   ...
 *   model.depth: 3
 *   ...
 *   seed: 0
 *
 * One line for each parameter that counts (a later key, see GP_LATER, not at its default), in the order of the tables, the seed last, so that replicates share all but
 * the last line. Data from files are named by their content alone (`data.content`), never by paths. Study, question,
 * limits and other axes are not part of it. */
#ifndef GP_CANONICAL_H
#define GP_CANONICAL_H

#include "parameters.h"
#include "text.h"

/* Appends all lines but the seed's. */
void gp_canonical_head(gp_text *out, const gp_parameters *parameters, const gp_spec *spec,
                       const gp_dataset *data);

/* Appends the seed's line. */
void gp_canonical_seed(gp_text *out, const gp_spec *spec);

/* Appends what determines a data set before it is loaded: its item, options (paths as given) and common settings. */
void gp_canonical_data(gp_text *out, const gp_parameters *parameters, const gp_spec *spec);

/* Whether the data come from files: an option of the item is a path. */
bool gp_data_from_files(const gp_choice *data);

#endif
