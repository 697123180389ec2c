/* Finding and reading the file of a configuration. */
#ifndef GP_CONFIG_FILE_H
#define GP_CONFIG_FILE_H

#include "status.h"
#include "text.h"

/* Appends the path of CONFIG: a file, or else a name looked up as NAME.yaml and NAME in ./configs and among the installed
 * configs. GP_ERR_CONFIG names the nearest that there is. */
gp_status gp_config_find(gp_text *path, const char *config);

/* Appends the bytes of a file of at most the size that a configuration may have. GP_ERR_CONFIG, GP_ERR_MEMORY. */
gp_status gp_config_read(gp_text *text, const char *path);

#endif
