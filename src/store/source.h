/* What is stored of a study: an older result file, journals, both or neither, as one list of runs. A run that is
 * in a journal replaces its row of the file; of several records of a run the last counts, and of those in different
 * journals one that is done. */
#ifndef GP_SOURCE_H
#define GP_SOURCE_H

#include "h5reader.h"
#include "scan.h"
#include "stage.h"

typedef struct gp_stored {
  gp_run_key key;
  size_t row, frame;   /* in the file, in its journal; SIZE_MAX: not there */
  unsigned journal;    /* which */
  unsigned char state; /* gp_run_state; pending rows hold nothing but parameters */
  bool claimed;        /* for the caller: seen in a plan */
} gp_stored;

typedef struct gp_source {
  gp_h5_reader *file; /* NULL: none */
  gp_scan **journals; /* PATH.journal first, then the numbered ones */
  size_t journal_count;
  gp_stored *runs; /* rows of the file in order, then what only the journal has */
  size_t count;
  gp_runmap map;           /* key -> index in runs */
  const gp_schema *schema; /* that the maps below are for */
  gp_pool maps;
  int *file_map, ***journal_maps; /* of each journal, of each of its schemas */
  unsigned char *buffer;
  size_t buffer_size;
} gp_source;

/* Opens PATH and its journals, whichever are there. */
gp_status gp_source_open(gp_source **out, const char *path);
void gp_source_close(gp_source *source);

/* What describes the study now: the schema of the first journal's newest part, else the file's; NULL for neither. */
const gp_schema *gp_source_schema(const gp_source *source);

/* The stored run of a key, or NULL. */
gp_stored *gp_source_find(gp_source *source, gp_run_key key);

/* Loads stored run runs[i] (SIZE_MAX: none; NULL: first, first + 1, ...) into row i of the stage, i < count:
 * the variables that the stage has room for and that are stored; the others stay as they are. */
gp_status gp_source_load(gp_source *source, gp_stage *stage, const size_t *runs, size_t first, size_t count);

#endif
