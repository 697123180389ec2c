/* The explicit list of activations. To add one: write act_NAME.inl (body and item), add one line here. */
#ifndef GP_ACTIVATION_LIST_H
#define GP_ACTIVATION_LIST_H

#define GP_ACTIVATION_LIST(X)                                                                                \
  X(linear)                                                                                                  \
  X(sign)                                                                                                    \
  X(step)                                                                                                    \
  X(sigmoid)                                                                                                 \
  X(hard_sigmoid)                                                                                            \
  X(tanh)                                                                                                    \
  X(scaled_tanh)                                                                                             \
  X(hard_tanh)                                                                                               \
  X(arctan)                                                                                                  \
  X(softsign)                                                                                                \
  X(erf)                                                                                                     \
  X(sine)                                                                                                    \
  X(square)                                                                                                  \
  X(relu)                                                                                                    \
  X(leaky_relu)                                                                                              \
  X(relu6)                                                                                                   \
  X(elu)                                                                                                     \
  X(selu)                                                                                                    \
  X(celu)                                                                                                    \
  X(gelu)                                                                                                    \
  X(gelu_tanh)                                                                                               \
  X(silu)                                                                                                    \
  X(mish)                                                                                                    \
  X(softplus)                                                                                                \
  X(tanh_output_form)                                                                                        \
  X(sigmoid_output_form)

enum gp_activation_slot {
#define GP_ACTIVATION_SLOT(name) GP_ACT_##name,
  GP_ACTIVATION_LIST(GP_ACTIVATION_SLOT)
#undef GP_ACTIVATION_SLOT
      GP_ACT_COUNT
};

enum { GP_ACT_PARAMS_MAX = 4 };

#endif
