/* What the fuzz targets share: bytes as a file that exists only in memory. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

typedef struct fuzz_file {
  int fd;
  char path[64];
} fuzz_file;

static inline fuzz_file fuzz_file_make(const uint8_t *bytes, size_t length) {
  fuzz_file file = {.fd = memfd_create("fuzz", MFD_CLOEXEC)};
  if (file.fd < 0 || write(file.fd, bytes, length) != (ssize_t)length) __builtin_trap();
  snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
  return file;
}

static inline void fuzz_set_text(gp_choice *choice, const char *name, const char *text) {
  const gp_option *option = gp_option_find(choice->item->options, name);
  *(const char **)gp_option_field(option, choice->options) = text;
}

/* Makes and frees the data set; a failure must have left a message and no memory. */
static inline void fuzz_make(const gp_choice *choice) {
  gp_data_common common = {.first = INT64_MIN, .split = 0.8, .scaling = GP_SCALING_STANDARDIZE};
  gp_dataset data;
  gp_status status = gp_dataset_make(&data, choice, &common);
  if (status != GP_OK && (gp_message()[0] == '\0' || data.x != NULL)) __builtin_trap();
  if (status == GP_OK && (data.train < 1 || data.classes == 1)) __builtin_trap();
  gp_dataset_free(&data);
}

#endif
