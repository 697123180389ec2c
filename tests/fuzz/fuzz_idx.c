/* Any bytes as a pair of IDX files, plain or gzip: the first byte is the length of the labels, then labels, images. */
#include "fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  gp_choice choice;
  if (length < 1 || length - 1 < bytes[0]) return 0;
  gp_choice_set(&choice, gp_family_find(&gp_data_family, "idx"));
  fuzz_file labels = fuzz_file_make(bytes + 1, bytes[0]);
  fuzz_file images = fuzz_file_make(bytes + 1 + bytes[0], length - 1 - bytes[0]);
  fuzz_set_text(&choice, "images", images.path);
  fuzz_set_text(&choice, "labels", labels.path);
  fuzz_make(&choice);
  close(labels.fd);
  close(images.fd);
  return 0;
}
