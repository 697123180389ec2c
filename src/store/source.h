/* What is stored of a study: an older result file, a journal, both or neither, as one list of runs. A run
 * that is in the journal replaces its row of the file; the last record of a run counts. */
#ifndef GP_SOURCE_H
#define GP_SOURCE_H

#include "h5reader.h"
#include "scan.h"
#include "stage.h"

typedef struct gp_stored {
  gp_run_key key;
  size_t row, frame;   /* in the file, in the journal; SIZE_MAX: not there */
  unsigned char state; /* gp_run_state; pending rows hold nothing but parameters */
  bool claimed;        /* for the caller: seen in a plan */
} gp_stored;

typedef struct gp_source {
  gp_h5_reader *file; /* NULL: none */
  gp_scan *journal;   /* NULL: none */
  gp_stored *runs;    /* rows of the file in order, then what only the journal has */
  size_t count;
  gp_runmap map;           /* key -> index in runs */
  const gp_schema *schema; /* that the maps below are for */
  gp_pool maps;
  int *file_map, **journal_maps;
  unsigned char *buffer;
  size_t buffer_size;
} gp_source;

/* Opens PATH and PATH.journal, whichever are there. */
gp_status gp_source_open(gp_source **out, const char *path);
void gp_source_close(gp_source *source);

/* The stored run of a key, or NULL. */
gp_stored *gp_source_find(gp_source *source, gp_run_key key);

/* Loads stored run runs[i] (SIZE_MAX: none; NULL: first, first + 1, ...) into row i of the stage, i < count:
 * the variables that the stage has room for and that are stored; the others stay as they are. */
gp_status gp_source_load(gp_source *source, gp_stage *stage, const size_t *runs, size_t first, size_t count);

#endif
