/* Does a result file hold what its own configuration computes? Runs are computed again and compared bit for bit. */
#ifndef GP_VERIFY_H
#define GP_VERIFY_H

#include "compare.h"
#include "text.h"

typedef struct gp_verify_options {
  const char *tier; /* of gp_train_options */
  size_t runs;      /* how many finished runs; more than there are: all */
} gp_verify_options;

typedef struct gp_verify_result {
  size_t finished;          /* runs in the file whose state is done */
  size_t checked;           /* runs that were computed again */
  bool same;                /* all of them agree */
  size_t row;               /* of the first that does not, counted as `show` does */
  char run_id[33];          /* its identity */
  gp_text describe;         /* its values of the axes, for people */
  gp_difference difference; /* `first` is stored, `second` computed */
} gp_verify_result;

/* Computes finished runs of PATH (and of its journal) again, from the configuration that the file holds, in memory. The
 * runs are drawn at random, with the identities of the finished runs as the seed: the same results are always judged by
 * the same draw, and a larger draw contains the smaller one. GP_OK whatever the answer is; GP_ERR_FILE when the file
 * holds no finished run, or none that this version of gradpath would compute; GP_ERR_CONFIG and GP_ERR_DATA when the plan
 * cannot be made again (a data file is missing). `out` is to be freed in any case. */
gp_status gp_verify(gp_verify_result *out, const char *path, const gp_verify_options *options);
void gp_verify_free(gp_verify_result *result);

#endif
