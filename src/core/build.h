/* What this program was built from, and where its configs and plot scripts lie. */
#ifndef GP_BUILD_H
#define GP_BUILD_H

#include "status.h"
#include "text.h"

/* For --version and the provenance of result files. Static texts, never NULL. */
const char *gp_build_version(void); /* "0.1.0" */
const char *
gp_build_commit(void); /* "1f2e3d4c5b6a", with "-dirty" for a changed tree; "unknown" without git */
const char *gp_build_compiler(void); /* "GNU 12.2.0" */
const char *gp_build_flags(void);    /* "-O3 -DNDEBUG -ffp-contract=off ..." */

/* Appends the path of an installed data file ("configs/smoke.yaml", "scripts/plot/heat.gp") to `out`. The
 * first of these folders that holds it: $GRADPATH_DATA; the source tree, when the program runs from its build
 * tree; ../share/gradpath beside the program's own folder (so that an installation can be moved); the folder
 * chosen at configuration. When GRADPATH_DATA is set nothing else is looked at. GP_ERR_CONFIG with the places
 * tried when no folder holds it. */
gp_status gp_data_path(gp_text *out, const char *name);

/* Appends the path of a module that the program loads at run time: in the build folder for a program that lies there,
 * otherwise in the library folder beside the program's, otherwise where it was to be installed. GP_ERR_USAGE when it is
 * not there, GP_ERR_MEMORY. */
gp_status gp_module_path(gp_text *out, const char *name);

#endif
