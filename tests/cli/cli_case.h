/* Calling the program from a test: a scratch folder, a shell line, its exit code and what it printed. */
#ifndef GP_CLI_CASE_H
#define GP_CLI_CASE_H

#include <stdbool.h>

typedef struct cli_result {
  int exit;        /* 128 + signal when a signal ended it */
  char *out, *err; /* owned by the case until cli_case_end */
} cli_result;

/* Makes a scratch folder and writes tiny.yaml (24 small runs) and long.yaml (some seconds of runs) into it. */
void cli_case_begin(void);
/* Removes it with everything in it. */
void cli_case_end(void);

/* Runs a shell line in the scratch folder. $G is the program; printf style. */
cli_result cli_sh(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The scratch folder's path. */
const char *cli_case_folder(void);

/* Whether the file of the scratch folder exists. */
bool cli_has_file(const char *name);

#endif
