/* The family of data sets: the one explicit list (how to add one: data_list.h). */
#include "data_list.h"

static const gp_item *const items[] = {&gp_data_xor.item,
                                       &gp_data_gate.item,
                                       &gp_data_spirals.item,
                                       &gp_data_circles.item,
                                       &gp_data_moons.item,
                                       &gp_data_blobs.item,
                                       &gp_data_gaussian.item,
                                       &gp_data_teacher.item,
                                       &gp_data_parity.item,
                                       &gp_data_checkerboard.item,
                                       &gp_data_sine.item,
                                       &gp_data_chebyshev.item,
                                       &gp_data_linear_teacher.item,
                                       &gp_data_identity.item,
                                       &gp_data_two_point.item,
                                       &gp_data_constant.item,
                                       &gp_data_idx.item,
                                       &gp_data_csv.item,
                                       NULL};

const gp_family gp_data_family = {
    .name = "data", .summary = "what the network is trained and tested on", .items = items};
