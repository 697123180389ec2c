/* The journal: an append-only file of finished runs, beside the output while a sweep runs (NAME.journal).
 *
 *   header: magic, layout version, schema (variables, checkpoints, layers, attributes), checksum
 *   record: magic, length, payload (run id, state, cells, series), CRC32C     one write() per record
 *
 * A record is committed when its write() returned (safe against kills) and synced within about a second (safe
 * against power loss). Reading cuts the tail at the first bad record. Not thread-safe: one writer at a time.
 */
#ifndef GP_JOURNAL_H
#define GP_JOURNAL_H

#include <stdbool.h>

#include "schema.h"
#include "status.h"

typedef struct gp_journal gp_journal;

/* Opens or creates the journal at `path` for appending, under an exclusive flock (GP_ERR_IO names a live
 * holder). An existing journal is scanned and its torn tail cut; `*cut` gets the bytes dropped. */
gp_status gp_journal_open(gp_journal **out, const char *path, const gp_schema *schema, size_t *cut);

/* Appends one record. After a short or failed write the file is cut back to the last good record and the
 * journal is dead: every later call fails with the first error (GP_ERR_IO). Syncs when a second has passed.
 */
gp_status gp_journal_append(gp_journal *journal, const gp_record *record);

gp_status gp_journal_sync(gp_journal *journal);

/* Closes (and syncs); unlinks when `remove`. The journal is freed either way. NULL is allowed. */
gp_status gp_journal_close(gp_journal *journal, bool remove);

#endif
