/* Packing from any number of open sources, for `pack` and `merge`. To be called inside GP_H5_QUIET. */
#ifndef GP_PACK_SOURCES_H
#define GP_PACK_SOURCES_H

#include "pack.h"
#include "source.h"

/* Writes PATH as gp_pack does, each row from the first source that has it finished. With plan->fill NULL the rows come
 * from the sources alone: each must be in one of them, a pending row with its parameters as well. */
gp_status gp_pack_sources(const char *path, const gp_schema *schema, const gp_pack_plan *plan,
                          gp_source *const *sources, size_t count);

#endif
