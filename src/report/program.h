/* Running a program that turns one file into another, without a shell and not for ever. */
#ifndef GP_PROGRAM_H
#define GP_PROGRAM_H

#include <stdbool.h>

#include "status.h"
#include "text.h"

/* Whether a program of that name is on PATH. */
bool gp_program_exists(const char *name);

/* Runs it (arguments[0] is its name, NULL ends the list) in `folder`, with nothing to read and what it says appended to
 * `said` (may be NULL). Killed after `seconds`. GP_ERR_IO when it cannot be started, is killed or fails. */
gp_status gp_program_run(const char *folder, const char *const *arguments, int seconds, gp_text *said);

#endif
