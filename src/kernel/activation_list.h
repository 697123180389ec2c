/* A slot of the kernel table for every activation of act_all.inl, the list. */
#ifndef GP_ACTIVATION_LIST_H
#define GP_ACTIVATION_LIST_H

enum gp_activation_slot {
#define GP_ACT_ENTRY(name) GP_ACT_##name,
#include "act_all.inl"
#undef GP_ACT_ENTRY
  GP_ACT_COUNT
};

enum { GP_ACT_PARAMS_MAX = 4 };

#endif
