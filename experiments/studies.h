/* The studies of this suite: items of the family `study`. */
#ifndef GP_STUDIES_H
#define GP_STUDIES_H

#include "claims.h"

extern const gp_family gp_study_family; /* every item is the head of a gp_study */

#endif
