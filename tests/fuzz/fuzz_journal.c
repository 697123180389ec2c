/* Any bytes as a journal. The header and every frame's length and checksum are made right first: a fuzzer cannot find a
 * checksum, and behind it is the code that must not trust what it decodes. The first byte of the input says how often
 * (of 8) a frame is left as it is. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hash.h"
#include "scan.h"
#include "stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Makes the frames at `at` intact: kinds alternate by the lowest bit of what stands there, lengths are kept in bounds. */
static void mend(uint8_t *at, size_t left, unsigned keep) {
  for (unsigned k = 0; left >= GP_FRAME_EXTRA; k++) {
    uint32_t kind = k == 0 || at[0] % 16 == 1 ? GP_FRAME_SCHEMA : GP_FRAME_RECORD, payload, crc;
    memcpy(&payload, at + 4, sizeof payload);
    if (payload > left - GP_FRAME_EXTRA) payload = (uint32_t)(payload % (left - GP_FRAME_EXTRA + 1));
    if (k % 8 >= keep) {
      memcpy(at, &kind, sizeof kind);
      memcpy(at + 4, &payload, sizeof payload);
      crc = gp_crc32c(0, at, payload + GP_FRAME_HEAD);
      memcpy(at + GP_FRAME_HEAD + payload, &crc, sizeof crc);
    }
    at += payload + GP_FRAME_EXTRA;
    left -= payload + GP_FRAME_EXTRA;
  }
}

/* Every record into a stage of the last schema, as a table would. */
static void use(gp_scan *scan) {
  const gp_schema *schema = &scan->schemas[scan->schema_count - 1];
  size_t most = 1;
  for (int d = 0; d < GP_INNERS; d++) most = schema->inner[d] > most ? schema->inner[d] : most;
  if (schema->checkpoint_count * schema->layer_count * schema->count * most > 1 << 20) return;
  gp_stage stage;
  bool *wanted = calloc(schema->count, sizeof *wanted);
  int *map = calloc(schema->count, sizeof *map);
  for (size_t v = 0; v < schema->count; v++) wanted[v] = true;
  gp_status status = gp_stage_create(&stage, schema, 1, wanted);
  for (size_t i = 0; i < scan->count && status == GP_OK; i++) {
    gp_record record;
    if (gp_scan_record(scan, i, &record) != GP_OK)
      __builtin_trap(); /* it was decoded when the journal was read */
    if (gp_schema_map(map, schema, &scan->schemas[scan->frames[i].schema]) == GP_OK)
      gp_stage_put_record(&stage, 0, map, &record);
  }
  gp_stage_free(&stage);
  free(wanted);
  free(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  if (length < 1) return 0;
  uint8_t *file = malloc(length + GP_JOURNAL_HEADER);
  gp_journal_header(file);
  memcpy(file + GP_JOURNAL_HEADER, bytes + 1, length - 1);
  mend(file + GP_JOURNAL_HEADER, length - 1, bytes[0] % 8);
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  if (fd < 0 || write(fd, file, length - 1 + GP_JOURNAL_HEADER) < 0) __builtin_trap();
  gp_scan *scan;
  gp_status status = gp_scan_read(&scan, fd, "fuzz");
  if (status != GP_OK && (scan != NULL || gp_message()[0] == '\0')) __builtin_trap();
  if (status == GP_OK) use(scan);
  gp_scan_close(scan, false);
  close(fd);
  free(file);
  return 0;
}
