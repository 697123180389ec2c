/* Identities of runs as 16 bytes, and a map from them to a row number. */
#ifndef GP_RUNMAP_H
#define GP_RUNMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gp_run_key {
  uint64_t high, low;
} gp_run_key;

/* Reads 32 lower-case hexadecimal digits (and nothing after them). */
bool gp_run_key_parse(gp_run_key *key, const char *text);

/* Writes them back. */
void gp_run_key_format(char text[static 33], gp_run_key key);

typedef struct gp_runmap_slot {
  gp_run_key key;
  size_t value; /* SIZE_MAX: empty */
} gp_runmap_slot;

/* Open addressing, linear probing, at most half full. Start from {0}. */
typedef struct gp_runmap {
  gp_runmap_slot *slots;
  size_t capacity, count;
} gp_runmap;

/* The value of `key`, after adding `value` when the key was new; SIZE_MAX when there is no memory. */
size_t gp_runmap_add(gp_runmap *map, gp_run_key key, size_t value);

/* The value of `key`, or SIZE_MAX. */
size_t gp_runmap_find(const gp_runmap *map, gp_run_key key);

void gp_runmap_free(gp_runmap *map);

#endif
