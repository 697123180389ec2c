/* Reading a journal: the intact frames of the file, in order, without its torn tail.
 *
 *   file   : "gpjournl" | version (u32) | CRC32C of the 12 bytes | frames
 *   frame  : kind 'GPS1' or 'GPR1' | payload length (u32) | payload | CRC32C of kind, length and payload
 *
 * A schema frame says how the records after it are to be read. The first frame is one; when a configuration
 * grows, the next writer appends its own, so nothing that was committed is ever rewritten. */
#ifndef GP_SCAN_H
#define GP_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

enum {
  GP_JOURNAL_VERSION = 2,
  GP_JOURNAL_HEADER = 16, /* bytes before the first frame */
  GP_FRAME_HEAD = 8,
  GP_FRAME_EXTRA = 12 /* bytes of a frame around its payload */
};

#define GP_FRAME_SCHEMA UINT32_C(0x31535047) /* "GPS1" */
#define GP_FRAME_RECORD UINT32_C(0x31525047) /* "GPR1" */

/* Writes the 16 bytes that a journal begins with. */
void gp_journal_header(unsigned char header[static GP_JOURNAL_HEADER]);

/* A frame is built in place: begin, add the payload, end (which fills in length and checksum). GP_ERR_MEMORY,
 * GP_ERR_CONFIG when the payload passes 4 GiB. */
void gp_frame_begin(gp_text *out, uint32_t kind);
gp_status gp_frame_end(gp_text *out);

typedef struct gp_frame {
  gp_run_key key;
  int64_t offset;  /* of the frame */
  uint32_t length; /* of the payload */
  uint16_t schema;
  unsigned char state; /* gp_run_state */
} gp_frame;

typedef struct gp_scan {
  int fd;
  char *path;
  gp_schema *schemas;
  size_t schema_count;
  gp_frame *frames; /* records only, in file order; a run may be there more than once, the last one counts */
  size_t count;
  int64_t good, size; /* bytes of intact frames; bytes of the file */
  gp_pool pool;
  unsigned char *buffer;
  size_t buffer_size;
  size_t widest; /* variables of the largest schema: room in the two that follow */
  gp_cell *cells;
  const double **series;
} gp_scan;

/* Reads the open file `fd` (kept, not owned). GP_ERR_FILE: no journal, a damaged first schema, or an intact
 * frame that makes no sense. The file is not changed. On failure *out is NULL. */
gp_status gp_scan_read(gp_scan **out, int fd, const char *path);

/* Whether a file that gp_scan_read refuses is the beginning of a journal, torn while it was first written (a
 * power cut, a full disk): empty, or header bytes as they should be and no record in it. *size gets its
 * bytes. */
bool gp_journal_unbegun(int fd, size_t *size);

/* Opens PATH read-only and reads it; *out is NULL when it does not exist or was not yet begun. The scan owns
 * the file. */
gp_status gp_scan_open(gp_scan **out, const char *path);

/* Record `index` of `frames`; it points into the scan and is valid until the next call. Its schema is
 * schemas[frames[index].schema]. */
gp_status gp_scan_record(gp_scan *scan, size_t index, gp_record *record);

/* NULL is allowed. */
void gp_scan_close(gp_scan *scan, bool close_file);

#endif
