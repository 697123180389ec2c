/* Any bytes as a CSV file, plain or gzip, with the target column "t". The first byte chooses the task. */
#include "fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  gp_choice choice;
  if (length < 1) return 0;
  gp_choice_set(&choice, gp_family_find(&gp_data_family, "csv"));
  fuzz_file file = fuzz_file_make(bytes + 1, length - 1);
  fuzz_set_text(&choice, "file", file.path);
  fuzz_set_text(&choice, "target", "t");
  *(int *)gp_option_field(gp_option_find(choice.item->options, "task"), choice.options) = bytes[0] % 3;
  fuzz_make(&choice);
  close(file.fd);
  return 0;
}
