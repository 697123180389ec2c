/* What the fuzz targets share: bytes as a file that exists only in memory. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

#endif
