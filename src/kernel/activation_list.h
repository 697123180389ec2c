/* The explicit list of activations. To add one: write act_NAME.inl (body and item), add one line here. */
#ifndef GP_ACTIVATION_LIST_H
#define GP_ACTIVATION_LIST_H

#define GP_ACTIVATION_LIST(X)                                                                                \
  X(linear)                                                                                                  \
  X(sign)                                                                                                    \
  X(sigmoid)                                                                                                 \
  X(tanh)                                                                                                    \
  X(relu)                                                                                                    \
  X(leaky_relu)                                                                                              \
  X(square)

enum gp_activation_slot {
#define GP_ACTIVATION_SLOT(name) GP_ACT_##name,
  GP_ACTIVATION_LIST(GP_ACTIVATION_SLOT)
#undef GP_ACTIVATION_SLOT
      GP_ACT_COUNT
};

enum { GP_ACT_PARAMS_MAX = 4 };

#endif
