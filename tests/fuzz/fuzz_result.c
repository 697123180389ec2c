/* Any bytes as a result file, and as an older dump that a new one would replace. What HDF5 checks itself stops most of
 * them; what it lets through must be a table that can be read to the end, or an error. */
#include "fuzz_table.h"

#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  char path[FUZZ_PATH];
  FILE *file = fopen(fuzz_path(path), "wb");
  if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) __builtin_trap();
  fuzz_table_read(path);
  if (gp_tree_replaceable(path) != GP_OK && gp_message()[0] == '\0') __builtin_trap();
  unlink(path);
  return 0;
}
