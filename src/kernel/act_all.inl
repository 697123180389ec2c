/* Every activation file, in the order of activation_list.h. */
#include "act_linear.inl"
#include "act_sign.inl"
#include "act_sigmoid.inl"
#include "act_tanh.inl"
#include "act_relu.inl"
#include "act_leaky_relu.inl"
#include "act_square.inl"
