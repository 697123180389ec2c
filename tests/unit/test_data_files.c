/* IDX and CSV files: what good ones give, and a table of broken ones with the message each must get. */
#include "data_case.h"

#define BYTES(text) (text), sizeof(text) - 1
#define SIZE2       "\0\0\0\x02"

static const char good_images[] = "\0\0\x08\x03" SIZE2 SIZE2 SIZE2 "\x00\x33\x66\x99"
                                  "\xcc\xff\x01\x02";
static const char good_labels[] = "\0\0\x08\x01" SIZE2 "\0\x01";

static gp_choice idx_choice(const char *images, const char *labels) {
  gp_choice choice = choice_of("idx");
  set_text(&choice, "images", images);
  set_text(&choice, "labels", labels);
  return choice;
}

Test(idx, bytes_become_unit_range_plain_or_gzip) {
  static const int pixel[] = {0x00, 0x33, 0x66, 0x99, 0xcc, 0xff, 1, 2};
  for (int packed = 0; packed < 2; packed++) {
    char images[TEMP_PATH], labels[TEMP_PATH];
    (packed ? temp_gzip : temp_file)(images, BYTES(good_images));
    (packed ? temp_gzip : temp_file)(labels, BYTES(good_labels));
    gp_choice choice = idx_choice(images, labels);
    gp_data_common common = {.first = INT64_MIN, .split = 1};
    gp_dataset data = make_with(&choice, &common);
    cr_assert(data.train == 2 && data.test == 0 && data.features == 4 && data.classes == 2);
    for (int i = 0; i < 8; i++) cr_assert_eq(data.x[i], pixel[i] / 255.0);
    cr_assert(data.label[0] == 0 && data.label[1] == 1 && data.y[0] == 1 && data.y[3] == 1);
    gp_dataset_free(&data);
    common.scaling = GP_SCALING_RANGE, common.scale_low = -1, common.scale_high = 1;
    data = make_with(&choice, &common); /* by the format's bounds, not by the column's */
    for (int i = 0; i < 8; i++) cr_assert_float_eq(data.x[i], 2 * (pixel[i] / 255.0) - 1, 1e-15);
    gp_dataset_free(&data);
    unlink(images);
    unlink(labels);
  }
}

Test(idx, every_type_of_value) {
  static const struct {
    const char *bytes;
    size_t length;
    double want[2];
  } cases[] = {
      {BYTES("\0\0\x09\x01" SIZE2 "\xff\x7f"), {-1, 127}},
      {BYTES("\0\0\x0b\x01" SIZE2 "\xff\xfe\x01\x00"), {-2, 256}},
      {BYTES("\0\0\x0c\x01" SIZE2 "\x80\0\0\0"
             "\0\0\x01\x01"),
       {-2147483648.0, 257}},
      {BYTES("\0\0\x0d\x01" SIZE2 "\x3f\xc0\0\0"
             "\xc0\0\0\0"),
       {1.5, -2}},
      {BYTES("\0\0\x0e\x01" SIZE2 "\x3f\xf8\0\0\0\0\0\0"
             "\x3f\xb9\x99\x99\x99\x99\x99\x9a"),
       {1.5, 0.1}},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    char images[TEMP_PATH], labels[TEMP_PATH];
    temp_file(images, cases[c].bytes, cases[c].length);
    temp_file(labels, BYTES(good_labels));
    gp_choice choice = idx_choice(images, labels);
    gp_dataset data = make_default(&choice);
    cr_assert(data.features == 1 && data.x[0] == cases[c].want[0] && data.x[1] == cases[c].want[1],
              "case %zu", c);
    gp_dataset_free(&data);
    unlink(images);
    unlink(labels);
  }
}

/* Ten rows whose only pixel is their number: shuffled, they are a permutation, and labels go with their
 * images. */
Test(idx, shuffle_keeps_rows_together) {
  char images[TEMP_PATH], labels[TEMP_PATH];
  temp_file(images, BYTES("\0\0\x08\x02\0\0\0\x0a\0\0\0\x01\0\x01\x02\x03\x04\x05\x06\x07\x08\x09"));
  temp_file(labels, BYTES("\0\0\x08\x01\0\0\0\x0a\0\x01\x02\x03\x04\x05\x06\x07\x08\x09"));
  gp_choice choice = idx_choice(images, labels);
  set_number(&choice, "shuffle", 1);
  for (int64_t first = 4; first <= 10; first += 6) {
    gp_data_common common = {.seed = 7, .first = first, .split = 1};
    gp_dataset data = make_with(&choice, &common);
    int seen[10] = {0}, moved = 0;
    cr_assert_eq(data.train, first);
    for (int i = 0; i < first; i++) {
      cr_assert_eq(data.x[i], data.label[i] / 255.0);
      cr_assert_eq(seen[data.label[i]]++, 0);
      moved += data.label[i] != i;
    }
    cr_assert_gt(moved, 0);
    gp_dataset_free(&data);
  }
  unlink(images);
  unlink(labels);
}

Test(idx, test_files_are_the_test_rows) {
  char images[TEMP_PATH], labels[TEMP_PATH];
  temp_file(images, BYTES(good_images));
  temp_file(labels, BYTES(good_labels));
  gp_choice choice = idx_choice(images, labels);
  set_text(&choice, "test_images", images);
  set_text(&choice, "test_labels", labels);
  gp_data_common common = {.first = 1, .split = 0.5};
  gp_dataset data = make_with(&choice, &common);
  cr_assert(data.train == 1 && data.test == 2 && data.label[1] == 0 && data.label[2] == 1);
  cr_assert_eq(memcmp(data.x, data.x + 4, 4 * sizeof(double)), 0);
  gp_dataset_free(&data);
  unlink(images);
  unlink(labels);
}

/* What is wrong with which file. `keep` cuts a gzip file to that many bytes (0: all). */
typedef struct bad_idx {
  const char *images, *labels;
  size_t image_bytes, label_bytes;
  bool in_labels, packed;
  const char *reason;
  int keep;
} bad_idx;

#define BAD_IMAGES(bytes, text)                                                                              \
  { bytes, good_labels, sizeof(bytes) - 1, sizeof good_labels - 1, false, false, text, 0 }
#define BAD_PACKED(bytes, text, keep)                                                                        \
  { bytes, good_labels, sizeof(bytes) - 1, sizeof good_labels - 1, false, true, text, keep }
#define BAD_LABELS(bytes, text)                                                                              \
  { good_images, bytes, sizeof good_images - 1, sizeof(bytes) - 1, true, false, text, 0 }

static const bad_idx bad_files[] = {
    BAD_IMAGES("", "byte 0: the file ends inside the header"),
    BAD_IMAGES("\0\0\x08", "byte 3: the file ends inside the header"),
    BAD_IMAGES("PNG!....", "byte 0: not an IDX file (begins with 50 4e"),
    BAD_IMAGES("\0\x01\x08\x01" SIZE2 "ab", "byte 0: not an IDX file"),
    BAD_IMAGES("\0\0\x07\x01" SIZE2 "ab", "byte 2: unknown type of values 0x07 (legal: 0x08"),
    BAD_IMAGES("\0\0\x08\0" SIZE2, "byte 3: a file without dimensions"),
    BAD_IMAGES("\0\0\x08\x03" SIZE2 SIZE2 "\0\0", "byte 14: the file ends inside the header"),
    BAD_IMAGES("\0\0\x08\x02\0\0\0\0" SIZE2, "byte 4: no examples"),
    BAD_IMAGES("\0\0\x08\x03" SIZE2 SIZE2 "\0\0\0\0", "byte 12: a dimension of size 0"),
    BAD_IMAGES("\0\0\x08\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
               "the dimensions multiply to more than 2^63"),
    BAD_IMAGES("\0\0\x0e\x03\xff\xff\xff\xff\xff\xff\xff\xff\x80\0\0\0",
               "the dimensions multiply to more than 2^63"),
    BAD_IMAGES("\0\0\x08\x01\xff\xff\xff\xff"
               "ab",
               "the header promises 4294967295 bytes"),
    BAD_IMAGES("\0\0\x08\x03" SIZE2 SIZE2 SIZE2 "1234567",
               "promises 8 bytes of values (2 x 4 of type unsigned byte), the file has 7"),
    BAD_IMAGES("\0\0\x08\x03" SIZE2 SIZE2 SIZE2 "12345678+", "byte 24: bytes after the last value"),
    BAD_IMAGES("\0\0\x0d\x01" SIZE2 "\0\0\0\0\x7f\xc0\0\0", "byte 12: a value that is not finite"),
    BAD_IMAGES("\0\0\x0e\x01" SIZE2 "\x7f\xf0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
               "byte 8: a value that is not finite"),
    BAD_LABELS("\0\0\x08\x02" SIZE2 "\0\0\0\x01"
               "\0\x01",
               "byte 3: labels have one dimension"),
    BAD_LABELS("\0\0\x08\x01\0\0\0\x03\0\x01\0", "byte 4: 3 labels for the 2 examples of"),
    BAD_LABELS("\0\0\x08\x01" SIZE2 "\0", "promises 2 bytes of values"),
    BAD_LABELS("\0\0\x08\x01" SIZE2 "\0\x01\x01", "byte 10: bytes after the last value"),
    BAD_LABELS("\0\0\x0c\x01" SIZE2 "\0\0\0\0\xff\xff\xff\xff",
               "byte 12: label -1 is out of range (0 to 4095)"),
    BAD_LABELS("\0\0\x0c\x01" SIZE2 "\0\x01\0\0\0\0\0\0", "byte 8: label 65536 is out of range"),
    BAD_LABELS("\0\0\x0d\x01" SIZE2 "\0\0\0\0\x3f\0\0\0", "byte 12: label 0.5 is out of range"),
    BAD_LABELS("\0\0\x0d\x01" SIZE2 "\x7f\xc0\0\0\0\0\0\0", "byte 8: label nan is out of range"),
    BAD_IMAGES("\x1f\x8b\x07garbage garbage", "broken gzip stream"),
    BAD_IMAGES("\x1f\x8b", "broken gzip stream"),
    BAD_PACKED("\0\0\x08\x03" SIZE2 SIZE2 SIZE2 "12345678", "broken gzip stream", 20),
    BAD_PACKED("\0\0\x08\x03" SIZE2 SIZE2 SIZE2 "12345678", "broken gzip stream", -1),
    BAD_PACKED("\0\0\x08\x01\x7f\xff\xff\xff"
               "ab",
               "the file can unpack to at most", 0),
    BAD_PACKED("\0\0\x08\x03" SIZE2 SIZE2 SIZE2 "1234", "byte 20: the file ends inside the values", 0),
    BAD_PACKED("\0\0\x08\x03" SIZE2 SIZE2 SIZE2 "12345678+", "byte 24: bytes after the last value", 0),
};

/* keep > 0: the first bytes only; keep < 0: the checksum flipped (8 bytes from the end). */
static void damage(const char *path, int keep) {
  if (keep > 0) cr_assert_eq(truncate(path, keep), 0);
  if (keep >= 0) return;
  FILE *file = fopen(path, "r+b");
  cr_assert_eq(fseek(file, -8, SEEK_END), 0);
  int byte = fgetc(file);
  cr_assert_eq(fseek(file, -8, SEEK_END), 0);
  fputc(byte ^ 0x55, file);
  fclose(file);
}

static void expect_failure(const gp_choice *choice, gp_status want, const char *path, const char *reason) {
  gp_dataset data;
  gp_status status = gp_dataset_make(&data, choice, &common_default);
  cr_assert_eq(status, want, "%s: got %d, message '%s'", reason, (int)status, gp_message());
  cr_assert_not_null(strstr(gp_message(), reason), "wanted '%s', got '%s'", reason, gp_message());
  cr_assert_not_null(strstr(gp_message(), path), "no file name in '%s'", gp_message());
  cr_assert_null(data.x);
}

Test(idx, broken_files_are_named_and_located) {
  for (size_t b = 0; b < sizeof bad_files / sizeof *bad_files; b++) {
    const bad_idx *bad = &bad_files[b];
    char images[TEMP_PATH], labels[TEMP_PATH];
    (bad->packed ? temp_gzip : temp_file)(images, bad->images, bad->image_bytes);
    temp_file(labels, bad->labels, bad->label_bytes);
    damage(images, bad->keep);
    gp_choice choice = idx_choice(images, labels);
    expect_failure(&choice, GP_ERR_DATA, bad->in_labels ? labels : images, bad->reason);
    unlink(images);
    unlink(labels);
  }
}

Test(idx, broken_combinations) {
  char images[TEMP_PATH], labels[TEMP_PATH], narrow[TEMP_PATH], third[TEMP_PATH], folder[] = "/tmp";
  temp_file(images, BYTES(good_images));
  temp_file(labels, BYTES(good_labels));
  temp_file(narrow, BYTES("\0\0\x08\x02" SIZE2 "\0\0\0\x03"
                          "abcdef"));
  temp_file(third, BYTES("\0\0\x08\x01" SIZE2 "\0\x02"));
  gp_choice choice = idx_choice("/nonexistent/images", labels);
  expect_failure(&choice, GP_ERR_DATA, "/nonexistent/images", "No such file");
  choice = idx_choice(folder, labels);
  expect_failure(&choice, GP_ERR_DATA, folder, "not a regular file");
  choice = idx_choice(images, "");
  expect_failure(&choice, GP_ERR_CONFIG, "data.labels", "needs the path of a file");
  choice = idx_choice(images, labels);
  set_text(&choice, "test_images", images);
  expect_failure(&choice, GP_ERR_CONFIG, "data.test_labels", "needs the path of a file");
  set_text(&choice, "test_labels", third);
  expect_failure(&choice, GP_ERR_DATA, third, "byte 9: label 2 is out of range (0 to 1)");
  set_text(&choice, "test_labels", labels);
  set_text(&choice, "test_images", narrow);
  expect_failure(&choice, GP_ERR_DATA, narrow, "3 values per example");
  choice = idx_choice(images, third);
  set_number(&choice, "classes", 2);
  expect_failure(&choice, GP_ERR_DATA, third, "label 2 is out of range (0 to 1)");
  const char *const paths[] = {images, labels, narrow, third};
  for (size_t p = 0; p < 4; p++) unlink(paths[p]);
}

static gp_choice csv_choice(const char *file, const char *target, int task) {
  gp_choice choice = choice_of("csv");
  set_text(&choice, "file", file);
  set_text(&choice, "target", target);
  set_number(&choice, "task", task);
  return choice;
}

enum { AUTO, CLASSES, NUMBERS };

static const struct {
  const char *text;
  int task;
  int64_t classes, features;
  double y[2]; /* labels or targets of the first two rows */
} good_csv[] = {
    {"a,b,t\n1,2,cat\n3,4,ant\n", AUTO, 2, 2, {1, 0}},       /* names: in byte order */
    {"a,t\n1,3\n2,-1\n3,3\n4,-1\n", AUTO, 2, 1, {1, 0}},     /* few whole numbers: by value */
    {"a,t\n1,10\n2,9\n3,9\n4,10\n", AUTO, 2, 1, {1, 0}},     /* ... not by text */
    {"a,t\n1,3\n2,4\n3,5\n", AUTO, 0, 1, {3, 4}},            /* whole, but not twice on average */
    {"a,t\n1,0.5\n2,1\n3,0.5\n4,1\n", AUTO, 0, 1, {0.5, 1}}, /* not whole */
    {"a,t\n1,3\n2,4\n3,5\n", CLASSES, 3, 1, {0, 1}},
    {"a,t\n1,0\n2,1\n3,1\n4,0\n", NUMBERS, 0, 1, {0, 1}},
    {"a,t\n1,1\n2,2b\n3,1\n", CLASSES, 2, 1, {0, 1}}, /* names that begin like numbers */
    {"\xEF\xBB\xBF"
     "t,a\r\n 1.5 ,2\r\n\r\n2.5,\t-1e-3\r\n",
     AUTO,
     0,
     1,
     {1.5, 2.5}},                                                         /* mark, CRLF, blanks */
    {"\"t\",\"a \"\"q\"\"\n\"\n\"x, y\",1\nz,\"2\"", AUTO, 2, 1, {0, 1}}, /* quotes; no line end at the end */
    {"a,t\n+.5,1\n1.,2\n\n\n", AUTO, 0, 1, {1, 2}},
};

Test(csv, good_files) {
  for (size_t c = 0; c < sizeof good_csv / sizeof *good_csv; c++)
    for (int packed = 0; packed < 2; packed++) {
      char path[TEMP_PATH];
      (packed ? temp_gzip : temp_file)(path, good_csv[c].text, strlen(good_csv[c].text));
      gp_choice choice = csv_choice(path, "t", good_csv[c].task);
      gp_dataset data = make_default(&choice);
      cr_assert_eq(data.classes, good_csv[c].classes, "case %zu: %lld", c, (long long)data.classes);
      cr_assert_eq(data.features, good_csv[c].features, "case %zu", c);
      for (int i = 0; i < 2; i++)
        cr_assert_eq(data.classes > 0 ? data.label[i] : data.y[i], good_csv[c].y[i], "case %zu row %d", c, i);
      gp_dataset_free(&data);
      unlink(path);
    }
}

Test(csv, inputs_keep_their_columns) {
  char path[TEMP_PATH];
  temp_file(path, BYTES("a,t,b\n0.1,0,-2\n1e308,0.5,5e-324\n"));
  gp_choice choice = csv_choice(path, "t", AUTO);
  gp_dataset data = make_default(&choice);
  cr_assert(data.x[0] == 0.1 && data.x[1] == -2 && data.x[2] == 1e308 && data.x[3] == 5e-324);
  gp_dataset_free(&data);
  unlink(path);
}

static const struct {
  const char *text, *target;
  int task;
  const char *place, *reason;
} bad_csv[] = {
    {"", "t", AUTO, ":1: ", "the file is empty"},
    {"\n \r\n\n", "t", AUTO, ":1: ", "the file is empty"},
    {"a,t\n", "t", AUTO, ": ", "no rows below the header"},
    {"t\n1\n", "t", AUTO, ":1: ", "one column"},
    {"alpha,beta\n1,2\n", "bete", AUTO, ":1: ", "no column 'bete'; did you mean 'beta'?"},
    {"alpha,beta\n1,2\n", "zzzz", AUTO, ":1: ", "no column 'zzzz' (columns: alpha, beta)"},
    {"a,t,a\n1,2,3\n", "t", AUTO, ":1: ", "column 'a' is there twice"},
    {"a,,t\n1,2,3\n", "t", AUTO, ":1: ", "a column without a name"},
    {"a,t\n1,2\n3,4,5\n", "t", AUTO, ":3: ", "the row has 3 cells, the header 2"},
    {"a,b,t\n\n1,2\n", "t", AUTO, ":3: ", "the row has 2 cells, the header 3"},
    {"a,t\n1,2\n1.3x,2\n", "t", AUTO, ":3:1: ", "column 'a': '1.3x' is not a finite number"},
    {"a,b,t\n1,  oops,2\n", "t", AUTO, ":2:5: ", "column 'b': 'oops' is not a finite number"},
    {"a,t\nnan,2\n", "t", AUTO, ":2:1: ", "'nan' is not a finite number"},
    {"a,t\n-inf,2\n", "t", AUTO, ":2:1: ", "'-inf' is not a finite number"},
    {"a,t\n1e999,2\n", "t", AUTO, ":2:1: ", "'1e999' is not a finite number"},
    {"a,t\n0x10,2\n", "t", AUTO, ":2:1: ", "'0x10' is not a finite number"},
    {"a,t\n,2\n", "t", AUTO, ":2:1: ", "column 'a': '' is empty"},
    {"a,t\n1,\n", "t", AUTO, ":2:3: ", "column 't': '' is empty"},
    {"a,t\n1,2\n3,4..\n", "t", AUTO, ":3:3: ", "column 't': '4..' is not a finite number"},
    {"a,t\n1,cat\n", "t", NUMBERS, ":2:3: ", "column 't': 'cat' is not a finite number"},
    {"a,t\n1,nan\n2,nan\n", "t", NUMBERS, ":2:3: ", "'nan' is not a finite number"},
    {"a,t\n\"1,2\n3,4\n", "t", AUTO, ":2:1: ", "the quote is never closed"},
    {"a,t\n\"1\"2,3\n", "t", AUTO, ":2:4: ", "text after the closing quote"},
    {"a,t\n\"1\n\",x\n\"y\",z\n", "t", AUTO, ":2:1: ", "is not a finite number"},
    {"a,t\n1,x\n2,x\n", "t", AUTO, ": ", "the one class 'x'"},
    {"a;t\n1;2\n", "t", AUTO, ":1: ", "one column"},
};

Test(csv, broken_files_are_named_and_located) {
  for (size_t b = 0; b < sizeof bad_csv / sizeof *bad_csv; b++) {
    char path[TEMP_PATH], place[TEMP_PATH + 16];
    temp_file(path, bad_csv[b].text, strlen(bad_csv[b].text));
    snprintf(place, sizeof place, "%s%s", path, bad_csv[b].place);
    gp_choice choice = csv_choice(path, bad_csv[b].target, bad_csv[b].task);
    expect_failure(&choice, GP_ERR_DATA, place, bad_csv[b].reason);
    unlink(path);
  }
}

Test(csv, files_that_are_no_text) {
  char path[TEMP_PATH];
  temp_file(path, BYTES("a,t\n1,2\n3,\0,4\n"));
  gp_choice choice = csv_choice(path, "t", AUTO);
  expect_failure(&choice, GP_ERR_DATA, path, ":3: a zero byte");
  unlink(path);
  temp_gzip(path, BYTES("a,t\n1,2\n3,4\n5,6\n"));
  damage(path, 22);
  choice = csv_choice(path, "t", AUTO);
  /* zlib calls the file <fd:N>; the message has its name already */
  expect_failure(&choice, GP_ERR_DATA, path, "broken gzip stream: unexpected end of file");
  unlink(path);
  choice = csv_choice("/nonexistent.csv", "t", AUTO);
  expect_failure(&choice, GP_ERR_DATA, "/nonexistent.csv", "No such file");
}

/* More classes than a one-hot target may have columns. */
Test(csv, too_many_classes) {
  char path[TEMP_PATH], *text = malloc(200000);
  size_t length = (size_t)sprintf(text, "a,t\n");
  for (int i = 0; i < 5000; i++) length += (size_t)sprintf(text + length, "%d,name%d\n", i, i);
  temp_file(path, text, length);
  gp_choice choice = csv_choice(path, "t", AUTO);
  expect_failure(&choice, GP_ERR_DATA, path, "has 5000 classes, at most 4096");
  unlink(path);
  free(text);
}

/* Values whose spread leaves the range of double must not become NaN on the way. */
Test(csv, values_too_large_to_scale) {
  char path[TEMP_PATH];
  temp_file(path, BYTES("a,t\n1e308,1\n-1e308,2\n1,3\n"));
  gp_choice choice = csv_choice(path, "t", AUTO);
  for (int scaling = GP_SCALING_STANDARDIZE; scaling <= GP_SCALING_RANGE; scaling++) {
    gp_data_common common = {.first = INT64_MIN, .split = 1, .scaling = scaling, .scale_high = 1};
    gp_dataset data;
    cr_assert_eq(gp_dataset_make(&data, &choice, &common), GP_ERR_DATA);
    cr_assert_not_null(strstr(gp_message(), "column 1: values too large to be scaled"));
  }
  unlink(path);
}
