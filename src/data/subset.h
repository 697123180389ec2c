/* Which rows of a classification data set are kept: some classes, some rows of each. */
#ifndef GP_SUBSET_H
#define GP_SUBSET_H

#include "dataset.h"

/* Whether rows are chosen by their class; then `first` counts what is left, and readers must not stop early. */
static inline bool gp_subset_wanted(const gp_data_common *common) {
  return common->only_classes != NULL || common->per_class >= 1;
}

/* Keeps the rows of the classes named, which become classes 0, 1, ... in the order named, and of the training rows the
 * first `per_class` of each class; rows stay in order. GP_ERR_CONFIG (the message begins with the key): no list, a class
 * that is not there, fewer than two, regression. GP_ERR_DATA: a class with too few training rows. GP_ERR_MEMORY. */
gp_status gp_subset_keep(gp_dataset *data, const gp_data_common *common);

#endif
