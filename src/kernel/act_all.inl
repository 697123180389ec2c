/* The explicit list of activations. To add one: write act_NAME.inl and add its line here.
 *
 * A file has three parts, and each place that includes this list asks for one of them:
 *   GP_ACT_ENTRY(name)  defined by whoever wants something made of every name (slots, tables)
 *   GP_ACT_BODY         the vector body, compiled once per tier and precision
 *   GP_ACT_ITEM         name, options and facts, compiled once in nn/activation.c */
#include "act_linear.inl"
#include "act_sign.inl"
#include "act_step.inl"
#include "act_sigmoid.inl"
#include "act_hard_sigmoid.inl"
#include "act_tanh.inl"
#include "act_scaled_tanh.inl"
#include "act_hard_tanh.inl"
#include "act_arctan.inl"
#include "act_softsign.inl"
#include "act_erf.inl"
#include "act_sine.inl"
#include "act_square.inl"
#include "act_relu.inl"
#include "act_leaky_relu.inl"
#include "act_relu6.inl"
#include "act_elu.inl"
#include "act_selu.inl"
#include "act_celu.inl"
#include "act_gelu.inl"
#include "act_gelu_tanh.inl"
#include "act_silu.inl"
#include "act_mish.inl"
#include "act_softplus.inl"
#include "act_tanh_output_form.inl"
#include "act_sigmoid_output_form.inl"
