/* Reading a result file to its end, whatever it is. */
#ifndef FUZZ_TABLE_H
#define FUZZ_TABLE_H

#include <stdbool.h>

#include "fuzz_input.h"
#include "table.h"

enum { FUZZ_PATH = 64 };

/* HDF5 wants a file with a name; this one is in memory all the same. */
static const char *fuzz_path(char path[static FUZZ_PATH]) {
  snprintf(path, FUZZ_PATH, "/dev/shm/gradpath-fuzz-%d.h5", (int)getpid());
  return path;
}

/* HDF5 1.10.8 itself leaks when a file is damaged; our own allocations do not pass through its library. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
  return "leak:libhdf5\n";
}

/* Every byte of every text, so that the sanitizers see one that does not end. */
static void fuzz_table_words(const gp_table *table, int variable) {
  size_t runs = gp_table_runs(table);
  for (size_t run = 0; run < runs; run++) {
    char buffer[32];
    if (strlen(gp_table_word(table, variable, run, buffer)) > 1 << 20) __builtin_trap();
    gp_table_real(table, variable, run);
  }
}

/* Opens the file and reads every cell and every series; an error must have a message. Whether it is a table. */
static bool fuzz_table_read(const char *path) {
  gp_table *table;
  gp_status status = gp_table_open(&table, path);
  if (status != GP_OK && (table != NULL || gp_message()[0] == '\0')) __builtin_trap();
  size_t variables = status == GP_OK ? gp_table_schema(table)->count : 0, count;
  for (size_t v = 0; v < variables; v++) {
    const double *values;
    if (gp_table_schema(table)->variables[v].shape == GP_PER_RUN)
      fuzz_table_words(table, (int)v);
    else if (gp_table_series(table, (int)v, &values) != GP_OK && gp_message()[0] == '\0')
      __builtin_trap();
  }
  if (status == GP_OK) gp_table_provenance(table, &count);
  gp_table_close(table);
  return status == GP_OK;
}

#endif
