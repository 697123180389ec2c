/* Normalisation and residual connections: the families, so far with their first item only. */
#include "modifier.h"

static const gp_item none = {"none", "nothing", "", NULL};
static const gp_item *const items[] = {&none, NULL};

const gp_family gp_norm_family = {"norm", "normalisation of a layer", items};
const gp_family gp_residual_family = {"residual", "connections around layers", items};
