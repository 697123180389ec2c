#include "hash.h"

#include <stdio.h>
#include <stdbool.h>

#include <xxhash.h>

static void write_digits(char out[static GP_HASH_TEXT], XXH128_hash_t hash) {
  snprintf(out, GP_HASH_TEXT, "%016llx%016llx", (unsigned long long)hash.high64,
           (unsigned long long)hash.low64);
}

void gp_hash_text(char out[static GP_HASH_TEXT], const void *bytes, size_t length) {
  write_digits(out, XXH3_128bits(bytes, length));
}

bool gp_hash_file(char out[static GP_HASH_TEXT], const char *path) {
  char piece[1 << 14];
  XXH3_state_t *state = XXH3_createState();
  FILE *file = fopen(path, "rb");
  bool fine = state != NULL && file != NULL && XXH3_128bits_reset(state) == XXH_OK;
  for (size_t got; fine && (got = fread(piece, 1, sizeof piece, file)) > 0;)
    fine = XXH3_128bits_update(state, piece, got) == XXH_OK;
  fine = fine && !ferror(file);
  if (fine) write_digits(out, XXH3_128bits_digest(state));
  if (file != NULL) fclose(file);
  XXH3_freeState(state);
  return fine;
}

/* One byte per step: the journal writes a few kilobytes per run, a table of 256 entries is fast enough
 * (about 400 MB/s) and the same everywhere. The table is a pure function of the polynomial, so two threads
 * that fill it at once write the same values. */
static uint32_t crc_of_byte(uint32_t value) {
  for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0x82F63B78u : value >> 1;
  return value;
}

uint32_t gp_crc32c(uint32_t crc, const void *bytes, size_t length) {
  static _Thread_local uint32_t table[256];
  static _Thread_local bool filled;
  if (!filled) {
    for (uint32_t i = 0; i < 256; i++) table[i] = crc_of_byte(i);
    filled = true;
  }
  const unsigned char *p = bytes;
  crc = ~crc;
  for (size_t i = 0; i < length; i++) crc = table[(crc ^ p[i]) & 0xFF] ^ crc >> 8;
  return ~crc;
}
