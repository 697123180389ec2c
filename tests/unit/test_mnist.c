/* The 10,000 images of the MNIST test set against counts made independently with Python's gzip and struct:
 * size, sum of all bytes, sum weighted by (position mod 1009) + 1 (which sees order), histogram of labels.
 * Skipped without the files. */
#include "data_case.h"

#define MNIST GP_SOURCE_DIR "/../shared/data/mnist/t10k-"
static const char *const images_gz = MNIST "images-idx3-ubyte.gz";
static const char *const labels_gz = MNIST "labels-idx1-ubyte.gz";

static bool present(void) {
  bool there = access(images_gz, R_OK) == 0 && access(labels_gz, R_OK) == 0;
  if (!there) cr_skip_test("MNIST is not there: skipped");
  return there;
}

static gp_choice mnist_choice(const char *images, const char *labels) {
  gp_choice choice = choice_of("idx");
  set_text(&choice, "images", images);
  set_text(&choice, "labels", labels);
  return choice;
}

/* Unpacks with zlib directly into a temporary file. */
static void unpack(char path[static TEMP_PATH], const char *packed) {
  size_t room = 8 << 20;
  char *bytes = malloc(room);
  gzFile file = gzopen(packed, "rb");
  int length = gzread(file, bytes, (unsigned)room);
  gzclose(file);
  cr_assert(length > 0 && (size_t)length < room);
  temp_file(path, bytes, (size_t)length);
  free(bytes);
}

Test(mnist, counts_agree) {
  static const int64_t histogram[10] = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
  if (!present()) return;
  gp_choice choice = mnist_choice(images_gz, labels_gz);
  gp_dataset data = make_default(&choice);
  cr_assert(data.train == 8000 && data.test == 2000 && data.features == 784 && data.classes == 10);
  int64_t sum = 0, weighted = 0, count[10] = {0};
  for (int64_t i = 0; i < 7840000; i++) {
    int64_t byte = llround(data.x[i] * 255);
    sum += byte;
    weighted += (i % 1009 + 1) * byte;
  }
  for (int64_t i = 0; i < 10000; i++) count[data.label[i]]++;
  cr_assert_eq(sum, 264923200);
  cr_assert_eq(weighted, 133810189314);
  for (int k = 0; k < 10; k++) cr_assert_eq(count[k], histogram[k]);
  gp_dataset_free(&data);
}

Test(mnist, packed_and_plain_give_the_same_bits) {
  if (!present()) return;
  char images[TEMP_PATH], labels[TEMP_PATH];
  unpack(images, images_gz);
  unpack(labels, labels_gz);
  gp_choice packed = mnist_choice(images_gz, labels_gz), plain = mnist_choice(images, labels);
  gp_data_common common = common_default;
  common.first = 1000;
  gp_dataset a = make_with(&packed, &common), b = make_with(&plain, &common);
  cr_assert(a.train == 800 && a.test == 200);
  cr_assert_str_eq(a.content_hash, b.content_hash);
  cr_assert_eq(memcmp(a.x, b.x, 784000 * sizeof(double)), 0);
  common.scaling = GP_SCALING_RANGE,
  common.scale_high = 1; /* `scale: [0, 1]` leaves bytes / 255 as they are */
  gp_dataset scaled = make_with(&plain, &common);
  cr_assert_str_eq(a.content_hash, scaled.content_hash);
  gp_dataset_free(&a);
  gp_dataset_free(&b);
  gp_dataset_free(&scaled);
  unlink(images);
  unlink(labels);
}
