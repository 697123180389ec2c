/* A frame counts when it is whole and its checksum matches; the first that does not ends the journal, since
 * frames are written in order and nothing after a torn one was ever committed. A frame that counts but makes
 * no sense was not written by us: that is an error, not a tail. */
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "publish.h"

static const char journal_magic[8] = "gpjournl";
enum { SCHEMAS_MAX = 65535, BEGINNING_MAX = 64 << 20 };

void gp_journal_header(unsigned char header[static GP_JOURNAL_HEADER]) {
  uint32_t version = GP_JOURNAL_VERSION;
  memcpy(header, journal_magic, 8);
  memcpy(header + 8, &version, 4);
  uint32_t crc = gp_crc32c(0, header, 12);
  memcpy(header + 12, &crc, 4);
}

void gp_frame_begin(gp_text *out, uint32_t kind) {
  out->length = 0;
  out->failed = false;
  gp_put_u32(out, kind);
  gp_put_u32(out, 0);
}

gp_status gp_frame_end(gp_text *out) {
  if (out->failed) return gp_fail(GP_ERR_MEMORY, "no memory for a frame of the journal");
  size_t payload = out->length - GP_FRAME_HEAD;
  if (payload > UINT32_MAX - GP_FRAME_EXTRA)
    return gp_fail(GP_ERR_CONFIG, "a run of %zu bytes is more than the journal can hold", payload);
  uint32_t length = (uint32_t)payload;
  memcpy(out->data + 4, &length, 4);
  gp_put_u32(out, gp_crc32c(0, out->data, out->length));
  return out->failed ? gp_fail(GP_ERR_MEMORY, "no memory for a frame of the journal") : GP_OK;
}

/* Exactly `length` bytes, or false. pread, since the writer may share the descriptor. */
static bool read_all(int fd, void *bytes, size_t length, int64_t offset) {
  unsigned char *at = bytes;
  while (length > 0) {
    ssize_t got = pread(fd, at, length, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    length -= (size_t)got;
    offset += got;
  }
  return true;
}

/* Doubles, so that records of growing length do not allocate each time. The length was checked against the
 * file's. */
static bool buffer_reserve(gp_scan *scan, size_t bytes) {
  if (bytes <= scan->buffer_size) return true;
  unsigned char *buffer = realloc(scan->buffer, bytes * 2);
  if (buffer == NULL) return false;
  scan->buffer = buffer;
  scan->buffer_size = bytes * 2;
  return true;
}

/* Reads the frame at `offset` into the buffer and checks it. *length is its payload's; *intact is false at
 * the end of the file, for a torn frame and for one whose checksum does not match. */
static gp_status frame_read(gp_scan *scan, int64_t offset, uint32_t *kind, uint32_t *length, bool *intact) {
  unsigned char head[GP_FRAME_HEAD];
  *intact = false;
  if (scan->size - offset < GP_FRAME_EXTRA || !read_all(scan->fd, head, sizeof head, offset)) return GP_OK;
  memcpy(kind, head, 4);
  memcpy(length, head + 4, 4);
  bool known = *kind == GP_FRAME_SCHEMA || *kind == GP_FRAME_RECORD;
  if (!known || (int64_t)*length > scan->size - offset - GP_FRAME_EXTRA) return GP_OK;
  size_t whole = (size_t)*length + GP_FRAME_EXTRA;
  if (!buffer_reserve(scan, whole))
    return gp_fail(GP_ERR_MEMORY, "no memory for a record of %zu bytes", whole);
  if (!read_all(scan->fd, scan->buffer, whole, offset)) return GP_OK;
  uint32_t stored;
  memcpy(&stored, scan->buffer + whole - 4, 4);
  *intact = stored == gp_crc32c(0, scan->buffer, whole - 4);
  return GP_OK;
}

/* A schema frame: the records after it are read by it. */
static gp_status scan_schema(gp_scan *scan, uint32_t length) {
  if (scan->schema_count == SCHEMAS_MAX) return gp_fail(GP_ERR_FILE, "more than %d schemas", SCHEMAS_MAX);
  gp_schema *schemas = realloc(scan->schemas, (scan->schema_count + 1) * sizeof *schemas);
  if (schemas == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a schema");
  scan->schemas = schemas;
  gp_schema *schema = &schemas[scan->schema_count];
  GP_TRY(gp_schema_decode(schema, &scan->pool, scan->buffer + GP_FRAME_HEAD, length));
  scan->schema_count++;
  if (schema->count <= scan->widest) return GP_OK;
  scan->widest = schema->count;
  scan->cells = gp_pool_take(&scan->pool, schema->count, sizeof *scan->cells);
  scan->series = gp_pool_take(&scan->pool, schema->count, sizeof *scan->series);
  if (scan->cells == NULL || scan->series == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for a schema");
  return GP_OK;
}

/* Room for one more index entry; doubles at powers of two. */
static gp_status frames_reserve(gp_scan *scan) {
  bool full = scan->count == 0 || (scan->count >= 64 && (scan->count & (scan->count - 1)) == 0);
  if (!full) return GP_OK;
  size_t capacity = scan->count < 64 ? 64 : scan->count * 2;
  gp_frame *frames = realloc(scan->frames, capacity * sizeof *frames);
  if (frames == NULL) return gp_fail(GP_ERR_MEMORY, "no memory for an index of %zu runs", capacity);
  scan->frames = frames;
  return GP_OK;
}

/* A record frame: decoded once here, so that a later reader cannot meet one that does not fit. */
static gp_status scan_record(gp_scan *scan, int64_t offset, uint32_t length) {
  GP_TRY(frames_reserve(scan));
  const gp_schema *schema = &scan->schemas[scan->schema_count - 1];
  gp_frame frame = {.offset = offset, .length = length, .schema = (uint16_t)(scan->schema_count - 1)};
  gp_record record;
  GP_TRY(gp_record_decode(&record, &frame.key, scan->cells, scan->series, schema,
                          scan->buffer + GP_FRAME_HEAD, length));
  frame.state = (unsigned char)gp_cells_state(schema, scan->cells);
  scan->frames[scan->count++] = frame;
  return GP_OK;
}

static gp_status scan_header(gp_scan *scan) {
  unsigned char header[GP_JOURNAL_HEADER], expected[GP_JOURNAL_HEADER];
  gp_journal_header(expected);
  if (scan->size < GP_JOURNAL_HEADER || !read_all(scan->fd, header, sizeof header, 0))
    return gp_fail(GP_ERR_FILE, "it is too short for a journal");
  if (memcmp(header, expected, 8) != 0) return gp_fail(GP_ERR_FILE, "it is not a journal of gradpath");
  if (memcmp(header, expected, sizeof header) != 0)
    return gp_fail(GP_ERR_FILE, "its header is damaged or of another version (this program reads version %d)",
                   GP_JOURNAL_VERSION);
  scan->good = GP_JOURNAL_HEADER;
  return GP_OK;
}

static gp_status scan_frames(gp_scan *scan) {
  GP_TRY(scan_header(scan));
  for (;;) {
    uint32_t kind = 0, length = 0;
    bool intact;
    GP_TRY(frame_read(scan, scan->good, &kind, &length, &intact));
    if (!intact) break;
    if (kind == GP_FRAME_RECORD && scan->schema_count == 0) break;
    GP_TRY(kind == GP_FRAME_SCHEMA ? scan_schema(scan, length) : scan_record(scan, scan->good, length));
    scan->good += (int64_t)length + GP_FRAME_EXTRA;
  }
  if (scan->schema_count > 0) return GP_OK;
  return gp_fail(GP_ERR_FILE, "the description of its variables is damaged or incomplete");
}

static gp_status scan_file(gp_scan *scan) {
  struct stat info;
  if (fstat(scan->fd, &info) != 0) return gp_fail(GP_ERR_IO, "%s", strerror(errno));
  if (!S_ISREG(info.st_mode)) return gp_fail(GP_ERR_FILE, "it is not a regular file");
  scan->size = info.st_size;
  return scan_frames(scan);
}

gp_status gp_scan_read(gp_scan **out, int fd, const char *path) {
  *out = NULL;
  gp_scan *scan = calloc(1, sizeof *scan);
  if (scan == NULL) return gp_fail(GP_ERR_MEMORY, "%s: no memory", path);
  scan->fd = fd;
  scan->path = gp_path_with(path, "");
  gp_status status = scan->path == NULL ? gp_fail(GP_ERR_MEMORY, "no memory") : scan_file(scan);
  if (status != GP_OK) {
    gp_scan_close(scan, false);
    return gp_fail_prefix(status, "%s: ", path);
  }
  *out = scan;
  return GP_OK;
}

/* A damaged length could make a journal full of runs look cut off, so the mark of a record anywhere is a no.
 */
static bool record_inside(int fd, size_t size) {
  static const uint32_t kind = GP_FRAME_RECORD;
  unsigned char *bytes = malloc(size);
  bool found =
      bytes == NULL || !read_all(fd, bytes, size, 0) || memmem(bytes, size, &kind, sizeof kind) != NULL;
  free(bytes);
  return found;
}

bool gp_journal_unbegun(int fd, size_t *size) {
  unsigned char header[GP_JOURNAL_HEADER], expected[GP_JOURNAL_HEADER];
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > BEGINNING_MAX) return false;
  *size = (size_t)info.st_size;
  size_t known = *size < sizeof header ? *size : sizeof header;
  gp_journal_header(expected);
  if (!read_all(fd, header, known, 0) || memcmp(header, expected, known) != 0) return false;
  return *size <= sizeof header || !record_inside(fd, *size);
}

gp_status gp_scan_open(gp_scan **out, const char *path) {
  *out = NULL;
  size_t size;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT) return GP_OK;
  if (fd < 0) return gp_fail(GP_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  gp_status status = gp_scan_read(out, fd, path);
  if (status == GP_ERR_FILE && gp_journal_unbegun(fd, &size)) status = GP_OK;
  if (*out == NULL) close(fd);
  return status;
}

gp_status gp_scan_record(gp_scan *scan, size_t index, gp_record *record) {
  const gp_frame *frame = &scan->frames[index];
  gp_run_key key;
  if (!buffer_reserve(scan, frame->length) ||
      !read_all(scan->fd, scan->buffer, frame->length, frame->offset + GP_FRAME_HEAD))
    return gp_fail(GP_ERR_IO, "%s: cannot read a record again", scan->path);
  gp_status status = gp_record_decode(record, &key, scan->cells, scan->series, &scan->schemas[frame->schema],
                                      scan->buffer, frame->length);
  return status == GP_OK ? GP_OK : gp_fail_prefix(status, "%s: ", scan->path);
}

void gp_scan_close(gp_scan *scan, bool close_file) {
  if (scan == NULL) return;
  if (close_file) close(scan->fd);
  gp_pool_free(&scan->pool);
  free(scan->schemas);
  free(scan->frames);
  free(scan->buffer);
  free(scan->path);
  free(scan);
}
