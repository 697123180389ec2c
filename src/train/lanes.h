/* The lane plan: 16 float (8 double) networks of one shape side by side in the lanes of the vectors. They may differ in
 * seed, data and every numeric setting. By DESIGN invariant 1 no result depends on it. */
#ifndef GP_LANES_H
#define GP_LANES_H

#include <stdbool.h>

#include "run.h"

enum { GP_LANES_MAX = 16 };

/* Equal keys: the resolved specs may share a lane group. GP_ERR_MEMORY. */
gp_status gp_lane_key(char out[static GP_HASH_TEXT], const gp_spec *spec, const gp_dataset *data);

/* How many networks a group of this precision holds. */
int gp_lane_count(const gp_spec *spec);

/* As gp_train_prepare, gp_train_run and its trace, for `count` <= gp_lane_count runs; a group that is not full runs
 * with idle lanes. Specs and data are borrowed until the next prepare; states holds `count` of them. */
gp_status gp_train_prepare_lanes(gp_trainer *trainer, const gp_spec *const *specs,
                                 const gp_dataset *const *data, int count);
void gp_train_run_lanes(gp_trainer *trainer, const gp_run_limits *limits, enum gp_run_state *states);
void gp_train_lane(const gp_trainer *trainer, int lane, gp_trace *out);

#endif
