/* Merging result files, with the history of the parts. */
#ifndef GP_MERGING_H
#define GP_MERGING_H

#include <stdbool.h>

#include "merge.h"

/* Joins the inputs (and the present OUT, when it is one of the same study) into OUT; see merge.h for what is refused.
 * With `provenance` the group /provenance tells this machine and the histories of all parts. */
gp_status gp_merging_run(gp_merge_counts *counts, const char *path, const char *const *inputs, size_t count,
                         bool provenance);

#endif
