#include "optimizer.h"

static const gp_option sgd_options[] = {
    GP_REAL(gp_optimizer_options, momentum, "momentum", 0, 0, 1, "velocity v <- momentum v - rate g",
            .flags = GP_NUMERIC | GP_OPEN_MAX),
    GP_BOOL(gp_optimizer_options, nesterov, "nesterov", 0, "look ahead: update by momentum v - rate g"),
    GP_OPTIONS_END};

static const gp_optimizer sgd = {{"sgd", "stochastic gradient descent, with momentum if asked",
                                  "Polyak 1964; Sutskever et al. 2013, eq. 3-4", sgd_options}};

static const gp_item *const items[] = {&sgd.item, NULL};

const gp_family gp_optimizer_family = {"optimizer", "how a gradient becomes an update", items};
