/* What the machine determines: the attributes of the group /provenance. */
#ifndef GP_PROVENANCE_H
#define GP_PROVENANCE_H

#include <stddef.h>

#include "schema.h"
#include "text.h"

enum { GP_PROVENANCE_MAX = 16, GP_PROVENANCE_BYTES = 512 };

/* Attributes with the room for their texts. Do not copy: `attributes` points into the others. */
typedef struct gp_provenance {
  gp_attribute attributes[GP_PROVENANCE_MAX];
  char texts[GP_PROVENANCE_MAX][GP_PROVENANCE_BYTES];
  char names[GP_PROVENANCE_MAX][32];
  size_t count;
} gp_provenance;

/* Starts the list with what is known before the first run: version, commit, compiler, tier, plan, threads, ranks,
 * host, operating system, processor, start. */
void gp_provenance_begin(gp_provenance *provenance, const char *tier, const char *plan, int threads,
                         int ranks);

/* Adds one attribute (printf style); a full list drops it. */
void gp_provenance_add(gp_provenance *provenance, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the end, the seconds per run (how many runs, total, median, longest; sorts `seconds` in place) and the history:
 * a line for this session is appended to those of earlier ones. The text is borrowed, and must outlive the list. */
void gp_provenance_end(gp_provenance *provenance, double *seconds, size_t count, gp_text *history);

/* Copies what a file said of itself (NULL allowed), its history excepted. */
void gp_provenance_copy(gp_provenance *out, const gp_attribute *attributes, size_t count);

/* For a session that computed nothing: after gp_provenance_end, everything but the history becomes that of `past` again
 * (left alone when it is empty), since who computed the runs is still who it was. */
void gp_provenance_keep(gp_provenance *provenance, const gp_provenance *past, const gp_text *history);

/* The same for a file that was put together from others: version, machine, time, and a line of history. */
void gp_provenance_merged(gp_provenance *provenance, size_t files, size_t runs, gp_text *history);

/* Appends the lines of the attribute `history` of a group /provenance that are not in `known` (NULL: all); of a very
 * long one only the last. `attributes` may be NULL. */
void gp_provenance_history(gp_text *out, const char *known, const gp_attribute *attributes, size_t count);

#endif
