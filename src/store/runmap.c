/* A hash table for identities that are hashes themselves. */
#include "runmap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sixteen digits; upper case is refused, so that one run has one spelling. */
static bool parse_half(uint64_t *out, const char *text) {
  uint64_t value = 0;
  for (int i = 0; i < 16; i++) {
    char c = text[i];
    bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'f';
    if (!digit && !letter) return false;
    value = value << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
  }
  *out = value;
  return true;
}

bool gp_run_key_parse(gp_run_key *key, const char *text) {
  return strnlen(text, 33) == 32 && parse_half(&key->high, text) && parse_half(&key->low, text + 16);
}

void gp_run_key_format(char text[static 33], gp_run_key key) {
  snprintf(text, 33, "%016" PRIx64 "%016" PRIx64, key.high, key.low);
}

/* The identity is a hash already, but a hand-made file may hold anything: one multiplication mixes it. */
static size_t slot_of(const gp_runmap *map, gp_run_key key) {
  uint64_t mixed = (key.low ^ (key.high << 32 | key.high >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
  size_t at = (size_t)(mixed >> 20) & (map->capacity - 1);
  while (map->slots[at].value != SIZE_MAX &&
         (map->slots[at].key.high != key.high || map->slots[at].key.low != key.low))
    at = (at + 1) & (map->capacity - 1);
  return at;
}

/* Twice the room; the old table stays valid when there is no memory. */
static bool grow(gp_runmap *map) {
  gp_runmap larger = {.capacity = map->capacity > 0 ? map->capacity * 2 : 64, .count = map->count};
  larger.slots = calloc(larger.capacity, sizeof *larger.slots);
  if (larger.slots == NULL) return false;
  for (size_t i = 0; i < larger.capacity; i++) larger.slots[i].value = SIZE_MAX;
  for (size_t i = 0; i < map->capacity; i++)
    if (map->slots[i].value != SIZE_MAX) larger.slots[slot_of(&larger, map->slots[i].key)] = map->slots[i];
  free(map->slots);
  *map = larger;
  return true;
}

size_t gp_runmap_add(gp_runmap *map, gp_run_key key, size_t value) {
  if (map->count * 2 >= map->capacity && !grow(map)) return SIZE_MAX;
  gp_runmap_slot *slot = &map->slots[slot_of(map, key)];
  if (slot->value != SIZE_MAX) return slot->value;
  *slot = (gp_runmap_slot){key, value};
  map->count++;
  return value;
}

size_t gp_runmap_find(const gp_runmap *map, gp_run_key key) {
  return map->capacity == 0 ? SIZE_MAX : map->slots[slot_of(map, key)].value;
}

void gp_runmap_free(gp_runmap *map) {
  free(map->slots);
  *map = (gp_runmap){0};
}
