/* Feeds files to a fuzz target, for compilers without libFuzzer: the seeds, and what once was a finding. Usage:
 * replay_NAME FOLDER... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return perror(path), 1;
  static uint8_t room[1 << 20];
  size_t length = fread(room, 1, sizeof room, file);
  fclose(file);
  uint8_t *bytes = malloc(length + 1); /* of that size, so that a sanitizer sees a step past the end */
  if (bytes == NULL) return perror(path), 1;
  for (size_t i = 0; i < length; i++) bytes[i] = room[i];
  printf("%s: %zu bytes\n", path, length);
  fflush(stdout);
  LLVMFuzzerTestOneInput(bytes, length);
  free(bytes);
  return 0;
}

/* The number of files, or -1. */
static int replay_folder(const char *folder) {
  DIR *entries = opendir(folder);
  char path[4096];
  int count = 0;
  if (entries == NULL) return perror(folder), -1;
  for (struct dirent *entry; count >= 0 && (entry = readdir(entries)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    count = replay_file(path) == 0 ? count + 1 : -1;
  }
  closedir(entries);
  return count;
}

int main(int argc, char **argv) {
  int total = 0;
  for (int i = 1; i < argc; i++) {
    int count = replay_folder(argv[i]);
    if (count < 0) return 1;
    total += count;
  }
  printf("%d inputs replayed\n", total);
  return total > 0 ? 0 : 1;
}
