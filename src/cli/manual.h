/* Manual pages, from the tables that --help is made of. */
#ifndef GP_MANUAL_H
#define GP_MANUAL_H

#include <stdio.h>

#include "cli.h"

/* The page of the program, of a command (section 1) or of a topic (section 7), as roff. */
void manual_program(FILE *out);
void manual_command(FILE *out, const cli_command *command);
void manual_topic(FILE *out, const cli_topic *topic);

/* All of them: FOLDER/man1/gradpath.1, gradpath-run.1, ..., FOLDER/man7/gradpath-config.7, ... GP_ERR_IO. */
gp_status manual_write(const char *folder);

#endif
