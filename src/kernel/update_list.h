/* The explicit list of update rules and how many state arrays each keeps. To add one: write its rule in update.inl,
 * add one line here; an optimiser of nn/optimizer.c then names the slot. */
#ifndef GP_UPDATE_LIST_H
#define GP_UPDATE_LIST_H

#define GP_UPDATE_LIST(X)                                                                                    \
  X(velocity, 1)                                                                                             \
  X(adagrad, 1)                                                                                              \
  X(rmsprop, 1)                                                                                              \
  X(adam, 2)                                                                                                 \
  X(nadam, 2)                                                                                                \
  X(lion, 1)                                                                                                 \
  X(sign, 0)

enum gp_update_slot {
#define GP_UPDATE_SLOT(name, states) GP_UPDATE_##name,
  GP_UPDATE_LIST(GP_UPDATE_SLOT)
#undef GP_UPDATE_SLOT
      GP_UPDATE_COUNT
};

enum { GP_UPDATE_STATES_MAX = 2 };

#endif
