/* The families of normalisations and of residual connections. */
#ifndef GP_MODIFIER_H
#define GP_MODIFIER_H

#include "option.h"

extern const gp_family gp_norm_family;
extern const gp_family gp_residual_family;

#endif
