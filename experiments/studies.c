/* The list of studies: a new one is a folder here, and two lines below. */
#include "studies.h"

extern const gp_study gp_study_first_principles, gp_study_sigmoid_vs_relu, gp_study_learning_rate,
    gp_study_initialisation, gp_study_cures, gp_study_order_to_chaos, gp_study_dying_relu,
    gp_study_seed_lottery, gp_study_edge_of_stability, gp_study_batch_norm, gp_study_exploding_and_clipping,
    gp_study_isometry, gp_study_underflow, gp_study_deep_linear, gp_study_speed_of_learning,
    gp_study_trainability_fractal, gp_study_homogeneity;

static const gp_item *const items[] = {
    &gp_study_first_principles.item,
    &gp_study_sigmoid_vs_relu.item,
    &gp_study_learning_rate.item,
    &gp_study_initialisation.item,
    &gp_study_cures.item,
    &gp_study_order_to_chaos.item,
    &gp_study_dying_relu.item,
    &gp_study_seed_lottery.item,
    &gp_study_edge_of_stability.item,
    &gp_study_batch_norm.item,
    &gp_study_exploding_and_clipping.item,
    &gp_study_isometry.item,
    &gp_study_underflow.item,
    &gp_study_deep_linear.item,
    &gp_study_speed_of_learning.item,
    &gp_study_trainability_fractal.item,
    &gp_study_homogeneity.item,
    NULL,
};

const gp_family gp_study_family = {
    .name = "study", .summary = "an experiment with its claims", .items = items};
