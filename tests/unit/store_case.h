/* A made-up study whose every value is a function of the run's number, the checkpoint's step, the layer and the bin:
 * so any file or table of it can be checked without keeping what was written. Without Criterion, so that
 * plain programs use it.
 *
 * Versions of the schema: 0 is the base; 1 has more checkpoints and layers, a parameter and a result more, in
 * another order; 2 has fewer checkpoints and layers (only runs that need no more fit in). */
#ifndef STORE_CASE_H
#define STORE_CASE_H

#include <stdbool.h>

#include "pack.h"
#include "schema.h"
#include "table.h"

enum {
  STORE_VARIABLES_MAX = 24,
  STORE_CHECKPOINTS_MAX = 8,
  STORE_LAYERS_MAX = 6,
  STORE_VALUES_MAX = STORE_CHECKPOINTS_MAX * STORE_LAYERS_MAX * (STORE_VARIABLES_MAX + 2 * GP_BINS)
};

typedef struct store_study {
  gp_schema schema;
  gp_variable variables[STORE_VARIABLES_MAX];
  gp_attribute attributes[8];
  int version;
  const int *numbers; /* of the runs, in plan order */
} store_study;

/* `config` becomes the attribute of that name. */
void store_study_make(store_study *study, int version, const char *config);

/* One run's record with the room it needs. */
typedef struct store_run {
  gp_record record;
  gp_cell cells[STORE_VARIABLES_MAX];
  const double *series[STORE_VARIABLES_MAX];
  double values[STORE_VALUES_MAX];
} store_run;

void store_run_make(store_run *run, const store_study *study, int number);
void store_run_id(char id[static 33], int number);

/* The plan of `count` runs with the study's numbers (the study is borrowed). */
gp_pack_plan store_plan(const store_study *study, size_t count);

/* Appends the runs to PATH.journal, in the order of `order` (NULL: as they stand). NULL, or what went wrong.
 */
const char *store_journal(const char *path, const store_study *study, const int *numbers, size_t count);

/* Compares every value of every row, bit for bit: row i must be run numbers[i], with its results when done[i]
 * (NULL: all are). `from` is the version that the run was recorded under (its own results only exist there).
 * NULL, or what is wrong, in a static buffer. */
const char *store_compare(gp_table *table, const store_study *study, const int *numbers, const bool *done,
                          size_t count);

/* A folder of its own under $TMPDIR, and its removal with the files in it. */
const char *store_folder(char path[static 256]);
void store_folder_remove(const char *path);

/* The whole file in malloc'd memory, and writing one. */
unsigned char *store_file_read(const char *path, size_t *length);
bool store_file_write(const char *path, const void *bytes, size_t length);
bool store_files_same(const char *a, const char *b);

#endif
