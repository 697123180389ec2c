/* Holding a record against a stored run, bit for bit. */
#ifndef GP_CHECK_H
#define GP_CHECK_H

#include "compare.h"

typedef struct gp_check gp_check;

/* Opens PATH and its journal, whichever are there (GP_ERR_IO when neither is). */
gp_status gp_check_open(gp_check **out, const char *path);
void gp_check_close(gp_check *check);

/* Stored runs in file order: their number, the identity of one (as 32 hexadecimal digits), and its gp_run_state. */
size_t gp_check_runs(const gp_check *check);
void gp_check_run_id(const gp_check *check, size_t run, char id[static 33]);
int gp_check_state(const gp_check *check, size_t run);

/* The text of the root attribute `config`, "" when there is none. Owned by `check`. */
const char *gp_check_config(const gp_check *check);

/* The number of the run with that identity, or SIZE_MAX. */
size_t gp_check_find(const gp_check *check, const char *id);

/* Compares everything stored of a run with a record of `schema`; `first` of the difference is what is stored. *same
 * says whether all agree. GP_ERR_FILE when one of the two has a variable that the other has not: the file is another
 * version's. */
gp_status gp_check_record(gp_check *check, size_t run, const gp_schema *schema, const gp_record *record,
                          bool *same, gp_difference *out);

#endif
