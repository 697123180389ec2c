/* One tier at one precision: all kernel bodies, compiled with the flags of the including file, and their
 * table. The includer defines GP_TIER_..., GP_BITS, GP_TIER_NAME and GP_TABLE (the table's symbol). */
#include "kernels.h"
#include "vec.h"
#include "elementary.inl"

#define ALWAYS static inline __attribute__((always_inline))
#include "transpose.inl"
#include "elementwise.inl"
#include "product.inl"
#include "round.inl"
#include "reduce.inl"
#include "update.inl"
#include "normalise.inl"
#include "survey.inl"

extern const gp_kernels GP_TABLE;
const gp_kernels GP_TABLE = {
    .tier = GP_TIER_NAME,
    .bits = GP_BITS,
    .width = W,
    .size = sizeof(real),
    .lane_block = W > 8 ? W : 8,
    .product_nn = product_nn,
    .product_tn = product_tn,
    .product_nt = product_nt,
#define GP_ACT_ENTRY(name) .activate[GP_ACT_##name] = activate_##name,
#include "act_all.inl"
#undef GP_ACT_ENTRY
    .add_bias = add_bias,
    .multiply = multiply,
    .scale = scale,
#define GP_UPDATE_ROW(name, states) .update[GP_UPDATE_##name] = update_##name,
    GP_UPDATE_LIST(GP_UPDATE_ROW)
#undef GP_UPDATE_ROW
        .sum = sum,
    .sum_squares = sum_squares,
    .dot = dot,
    .row_sums = row_sums,
    .row_counts = row_counts,
    .sums = sums,
    .count_within = count_within,
    .histogram = histogram,
    .survey = survey,
    .field_sum = field_sum,
    .field_dot = field_dot,
    .field_affine = field_affine,
    .field_project = field_project,
    .scaled_sum = scaled_sum,
    .add = add,
    .widen = widen,
    .narrow = narrow,
#define GP_ROUND_ENTRY(name, fraction, least, most) .round[GP_FORMAT_##name] = round_##name,
    GP_FORMAT_LIST(GP_ROUND_ENTRY)
#undef GP_ROUND_ENTRY
};

#if GP_BITS == 64
#include "loss.inl"
extern const gp_loss_kernels GP_LOSS_TABLE;
const gp_loss_kernels GP_LOSS_TABLE = {
    .cross_entropy = cross_entropy,
    .binary_cross_entropy = binary_cross_entropy,
    .mse = mse,
    .mae = mae,
    .huber = huber,
    .hinge = hinge,
    .perceptron = perceptron,
};
#endif
