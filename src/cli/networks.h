/* The distinct networks of a plan: runs that differ only in seed, learning rate or length share one. */
#ifndef GP_NETWORKS_H
#define GP_NETWORKS_H

#include "plan.h"

enum { NETWORKS_MAX = 256 };

/* The first run of each distinct network (data, shape, activation, initialiser, loss ...), at most NETWORKS_MAX of
 * them. Returns their number. */
size_t cli_networks(const gp_plan *plan, size_t rows[static NETWORKS_MAX]);

#endif
