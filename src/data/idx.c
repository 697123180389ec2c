/* IDX files (the format of MNIST): images and labels, plain or gzip.
 *
 *   byte 0, 1   0
 *   byte 2      type of a value        byte 3   number of dimensions d
 *   4 .. 4d+3   the sizes, 32 bits each, big-endian; the first one counts examples
 *   then        the values, row-major, big-endian
 *
 * Each image becomes one row of inputs. Unsigned bytes are divided by 255, so that inputs lie in [0, 1];
 * values of other types stay as they are. Nothing is allocated before the header agrees with the size of the
 * file. All of a file is read and checked even when only its first rows are kept. */
#include "data_list.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data_file.h"
#include "generate.h"
#include "subset.h"

typedef struct idx_options {
  const char *images, *labels, *test_images, *test_labels;
  int64_t classes;
  bool shuffle;
} idx_options;

static const gp_option options[] = {
    GP_STRING(idx_options, images, "images", NULL, "IDX file of the examples",
              .flags = GP_PATH | GP_REQUIRED),
    GP_STRING(idx_options, labels, "labels", NULL, "IDX file of their classes",
              .flags = GP_PATH | GP_REQUIRED),
    GP_STRING(idx_options, test_images, "test_images", NULL, "IDX file of the test examples (auto: split)",
              .flags = GP_PATH | GP_AUTO),
    GP_STRING(idx_options, test_labels, "test_labels", NULL, "IDX file of their classes (auto: split)",
              .flags = GP_PATH | GP_AUTO),
    GP_INT(idx_options, classes, "classes", (double)NAN, 2, GP_DATA_CLASSES_MAX,
           "number of classes (auto: the largest label of the training file + 1)", .flags = GP_AUTO),
    GP_BOOL(idx_options, shuffle, "shuffle", 0,
            "shuffle the training file's rows (by data.seed) before `first` and `split`; for sorted files"),
    GP_OPTIONS_END,
};

/* One type of value: its code in byte 2, its width, how to read it. */
typedef struct idx_type {
  unsigned char code;
  int width;
  double (*decode)(uint64_t bits);
  const char *name;
} idx_type;

/* From the bits of a value, right-aligned, to the number. Narrowing to the signed type restores the sign. */
static double decode_u8(uint64_t bits) {
  return (double)bits / 255;
}
static double decode_i8(uint64_t bits) {
  return (int8_t)bits;
}
static double decode_i16(uint64_t bits) {
  return (int16_t)bits;
}
static double decode_i32(uint64_t bits) {
  return (int32_t)bits;
}

static double decode_f32(uint64_t bits) {
  uint32_t word = (uint32_t)bits;
  float value;
  memcpy(&value, &word, sizeof value);
  return (double)value;
}

static double decode_f64(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static const idx_type types[] = {
    {0x08, 1, decode_u8, "unsigned byte"}, {0x09, 1, decode_i8, "signed byte"},
    {0x0B, 2, decode_i16, "short"},        {0x0C, 4, decode_i32, "int"},
    {0x0D, 4, decode_f32, "float"},        {0x0E, 8, decode_f64, "double"},
};

/* An open file and what its header says. */
typedef struct idx_file {
  gp_data_file file;
  const idx_type *type;
  int dimensions;
  int64_t count, features, bytes; /* examples, values per example, bytes of all values */
} idx_file;

/* The files of one part (training, test) and its labels. */
typedef struct idx_part {
  idx_file images, labels;
  int32_t *label;
} idx_part;

static gp_status fail_at(const idx_file *f, int64_t byte, const char *reason) {
  return gp_fail(GP_ERR_DATA, "%s: byte %" PRId64 ": %s", f->file.path, byte, reason);
}

static gp_status read_exact(idx_file *f, void *out, size_t want, const char *part) {
  size_t got;
  GP_TRY(gp_data_file_read(&f->file, out, want, &got));
  if (got == want) return GP_OK;
  return gp_fail(GP_ERR_DATA, "%s: byte %" PRId64 ": the file ends inside %s", f->file.path, f->file.offset,
                 part);
}

static uint64_t big_endian(const unsigned char *bytes, int width) {
  uint64_t bits = 0;
  for (int i = 0; i < width; i++) bits = bits << 8 | bytes[i];
  return bits;
}

/* Bytes 0 to 3: zero, zero, type, number of dimensions. */
static gp_status read_magic(idx_file *f) {
  unsigned char magic[4];
  GP_TRY(read_exact(f, magic, sizeof magic, "the header"));
  if (magic[0] != 0 || magic[1] != 0)
    return gp_fail(GP_ERR_DATA, "%s: byte 0: not an IDX file (begins with %02x %02x instead of 00 00)",
                   f->file.path, magic[0], magic[1]);
  for (size_t t = 0; t < sizeof types / sizeof *types; t++)
    if (types[t].code == magic[2]) f->type = &types[t];
  if (f->type == NULL)
    return gp_fail(
        GP_ERR_DATA,
        "%s: byte 2: unknown type of values 0x%02x (legal: 0x08 unsigned byte, 0x09 signed byte, 0x0b "
        "short, 0x0c int, 0x0d float, 0x0e double)",
        f->file.path, magic[2]);
  f->dimensions = magic[3];
  return f->dimensions > 0 ? GP_OK : fail_at(f, 3, "a file without dimensions");
}

/* The sizes are hostile until proven: each product is checked, and a size of 0 is refused (it would make any claim fit). */
static gp_status read_sizes(idx_file *f) {
  f->features = 1;
  for (int d = 0; d < f->dimensions; d++) {
    unsigned char bytes[4];
    GP_TRY(read_exact(f, bytes, sizeof bytes, "the header"));
    int64_t size = (int64_t)big_endian(bytes, 4), at = 4 + 4 * (int64_t)d;
    if (size == 0) return fail_at(f, at, d == 0 ? "no examples" : "a dimension of size 0");
    if (d == 0) f->count = size;
    if (d > 0 && __builtin_mul_overflow(f->features, size, &f->features))
      return fail_at(f, at, "the dimensions multiply to more than 2^63");
  }
  if (__builtin_mul_overflow(f->count, f->features, &f->bytes) ||
      __builtin_mul_overflow(f->bytes, (int64_t)f->type->width, &f->bytes))
    return fail_at(f, 4, "the dimensions multiply to more than 2^63");
  return GP_OK;
}

/* Before anything is allocated: the values the header promises against the bytes there are. */
static gp_status check_size(idx_file *f) {
  int64_t limit = gp_data_file_limit(&f->file) - (f->file.packed ? 0 : f->file.offset);
  if (f->bytes > limit)
    return gp_fail(GP_ERR_DATA,
                   "%s: byte 4: the header promises %" PRId64 " bytes of values (%" PRId64 " x %" PRId64
                   " of type %s), the file %s %" PRId64,
                   f->file.path, f->bytes, f->count, f->features, f->type->name,
                   f->file.packed ? "can unpack to at most" : "has", limit);
  return GP_OK;
}

/* Opens and believes nothing: afterwards the header is sound and the values it promises can be there. */
static gp_status open_idx(idx_file *f, const char *key, const char *path) {
  GP_TRY(gp_data_file_open(&f->file, key, path));
  GP_TRY(read_magic(f));
  GP_TRY(read_sizes(f));
  return check_size(f);
}

/* Bytes that no header accounts for mean that the header, or the file, is not what it seems. */
static gp_status check_end(idx_file *f) {
  unsigned char byte;
  size_t got;
  GP_TRY(gp_data_file_read(&f->file, &byte, 1, &got));
  return got == 0 ? GP_OK : fail_at(f, f->file.offset - 1, "bytes after the last value");
}

/* One label: a whole number in [0, limit), whatever the type of the file. */
static gp_status read_label(idx_file *f, int64_t limit, int32_t *label) {
  unsigned char bytes[8];
  int64_t at = f->file.offset;
  GP_TRY(read_exact(f, bytes, (size_t)f->type->width, "the labels"));
  uint64_t bits = big_endian(bytes, f->type->width);
  double value =
      f->type->decode == decode_u8 ? (double)bits : f->type->decode(bits); /* a label is no brightness */
  if (value >= 0 && value < (double)limit && value == floor(value)) {
    *label = (int32_t)value;
    return GP_OK;
  }
  return gp_fail(GP_ERR_DATA, "%s: byte %" PRId64 ": label %g is out of range (0 to %" PRId64 ")",
                 f->file.path, at, value, limit - 1);
}

/* All labels of a part; *classes becomes the largest label + 1 when it is INT64_MIN (auto). */
static gp_status read_labels(idx_part *part, int64_t *classes) {
  idx_file *f = &part->labels;
  int64_t limit = *classes == INT64_MIN ? GP_DATA_CLASSES_MAX : *classes, largest = 1;
  if (f->dimensions != 1) return fail_at(f, 3, "labels have one dimension");
  part->label = malloc((size_t)f->count * sizeof *part->label);
  if (part->label == NULL) return gp_fail(GP_ERR_MEMORY, "%s: out of memory", f->file.path);
  for (int64_t i = 0; i < f->count; i++) {
    GP_TRY(read_label(f, limit, &part->label[i]));
    if (part->label[i] > largest) largest = part->label[i];
  }
  if (*classes == INT64_MIN) *classes = largest + 1;
  return check_end(f);
}

/* The two headers are compared before any value is read: a wrong pair of files is the commonest mistake. */
static gp_status open_part(idx_part *part, const char *const keys[2], const char *images, const char *labels,
                           int64_t *classes) {
  GP_TRY(open_idx(&part->images, keys[0], images));
  GP_TRY(open_idx(&part->labels, keys[1], labels));
  if (part->images.count != part->labels.count)
    return gp_fail(GP_ERR_DATA, "%s: byte 4: %" PRId64 " labels for the %" PRId64 " examples of %s",
                   part->labels.file.path, part->labels.count, part->images.count, images);
  return read_labels(part, classes);
}

/* One example. x is NULL for one that is checked and not kept. */
static gp_status read_values(idx_file *f, const unsigned char *bytes, double *x) {
  for (int64_t j = 0; j < f->features; j++) {
    double value = f->type->decode(big_endian(bytes + j * f->type->width, f->type->width));
    if (!isfinite(value))
      return fail_at(f, f->file.offset - (f->features - j) * f->type->width, "a value that is not finite");
    if (x != NULL) x[j] = value;
  }
  return GP_OK;
}

/* Reads the examples of a part into the rows [from, from + rows) of the data set; row i of the file goes to
 * place[i] (NULL: i), and nowhere when that is not below `rows`. */
static gp_status fill_rows(gp_dataset *out, idx_part *part, int64_t from, int64_t rows,
                           const int64_t *place) {
  idx_file *f = &part->images;
  size_t bytes = (size_t)(f->features * f->type->width);
  unsigned char *buffer = malloc(bytes);
  if (buffer == NULL) return gp_fail(GP_ERR_MEMORY, "%s: out of memory", f->file.path);
  gp_status status = GP_OK;
  for (int64_t i = 0; i < f->count && status == GP_OK; i++) {
    int64_t to = place != NULL ? place[i] : i;
    double *x = to < rows ? out->x + (from + to) * out->features : NULL;
    status = read_exact(f, buffer, bytes, "the values");
    if (status == GP_OK) status = read_values(f, buffer, x);
    if (x != NULL) gp_dataset_set_label(out, from + to, part->label[i]);
  }
  free(buffer);
  return status == GP_OK ? check_end(f) : status;
}

/* The test files are there together or not at all; their labels must be classes of the training file. */
static gp_status open_parts(idx_part parts[2], const idx_options *o, int64_t *classes) {
  static const char *const keys[2][2] = {{"images", "labels"}, {"test_images", "test_labels"}};
  GP_TRY(open_part(&parts[0], keys[0], o->images, o->labels, classes));
  if (o->test_images == NULL && o->test_labels == NULL) return GP_OK;
  GP_TRY(open_part(&parts[1], keys[1], o->test_images, o->test_labels, classes));
  if (parts[0].images.features == parts[1].images.features) return GP_OK;
  return gp_fail(GP_ERR_DATA, "%s: byte 4: %" PRId64 " values per example, %s has %" PRId64, o->test_images,
                 parts[1].images.features, o->images, parts[0].images.features);
}

/* Only training rows are shuffled: test rows are measured as a whole, their order means nothing. */
static gp_status fill_parts(gp_dataset *out, idx_part parts[2], const idx_options *o, uint64_t seed) {
  int64_t *place = NULL;
  if (o->shuffle) {
    place = gp_generate_places(seed, parts[0].images.count);
    if (place == NULL) return gp_fail(GP_ERR_MEMORY, "%s: out of memory", o->images);
  }
  gp_status status = fill_rows(out, &parts[0], 0, out->train, place);
  if (status == GP_OK && out->test > 0) status = fill_rows(out, &parts[1], out->train, out->test, NULL);
  bool bytes = parts[0].images.type->decode == decode_u8;
  bool same = out->test == 0 || parts[1].images.type == parts[0].images.type;
  if (bytes && same) out->high = 1; /* the format's own bounds: [0, 1] */
  free(place);
  return status;
}

static void close_part(idx_part *part) {
  gp_data_file_close(&part->images.file);
  gp_data_file_close(&part->labels.file);
  free(part->label);
}

/* Only the rows that `first` keeps are stored, where nothing else chooses among them: 60,000 images of bytes take eight times their size in double.
 */
static gp_status make_idx(gp_dataset *out, const void *settings, uint64_t seed,
                          const gp_data_common *common) {
  const idx_options *o = settings;
  idx_part parts[2] = {0};
  int64_t classes = o->classes, train;
  gp_status status;
  GP_TRY_DONE(open_parts(parts, o, &classes));
  train = parts[0].images.count;
  if (common->first >= 1 && common->first < train && !gp_subset_wanted(common)) train = common->first;
  GP_TRY_DONE(
      gp_dataset_allocate(out, train, parts[1].images.count, parts[0].images.features, classes, classes));
  GP_TRY_DONE(fill_parts(out, parts, o, seed));
done:
  close_part(&parts[0]);
  close_part(&parts[1]);
  return status;
}

const gp_data_item gp_data_idx = {
    .item = {.name = "idx",
             .summary =
                 "images and labels from IDX files, also .gz (the format of MNIST); bytes become [0, 1]",
             .source = "LeCun, Cortes and Burges 1998, The MNIST database",
             .options = options},
    .make = make_idx,
    .splits = true,
};
