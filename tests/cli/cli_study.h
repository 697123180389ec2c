/* A study's quick version through the program. */
#ifndef GP_CLI_STUDY_H
#define GP_CLI_STUDY_H

typedef struct cli_study {
  const char *name, *chart; /* a chart it must draw */
} cli_study;

/* Runs it in the scratch folder: it ends well, draws the chart, and its claims hold. */
void cli_study_holds(const cli_study *study);

#endif
