#include "arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define GP_RED_ZONE 64
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GP_RED_ZONE 64
#endif
#endif

#ifdef GP_RED_ZONE
#include <sanitizer/asan_interface.h>
#define GP_POISON(address, bytes)   ASAN_POISON_MEMORY_REGION(address, bytes)
#define GP_UNPOISON(address, bytes) ASAN_UNPOISON_MEMORY_REGION(address, bytes)
#else
#define GP_RED_ZONE                 0
#define GP_POISON(address, bytes)   ((void)0)
#define GP_UNPOISON(address, bytes) ((void)0)
#endif

enum { ALIGNMENT = 64 };

static size_t padded(size_t bytes) {
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *gp_arena_take(gp_arena *arena, size_t count, size_t size) {
  size_t bytes = count * size;
  size_t at = arena->used;
  /* Saturate instead of wrapping: commit then fails with the (absurd) size in its message. */
  if (size != 0 && count > (SIZE_MAX / 4) / size) bytes = SIZE_MAX / 4;
  arena->used = at + padded(bytes) + GP_RED_ZONE < at ? SIZE_MAX / 2 : at + padded(bytes) + GP_RED_ZONE;
  if (arena->base == NULL) return NULL;
  assert(arena->used <= arena->size);
  GP_POISON(arena->base + at + bytes, padded(bytes) - bytes + GP_RED_ZONE);
  return arena->base + at;
}

gp_status gp_arena_commit(gp_arena *arena) {
  arena->size = arena->used > 0 ? arena->used : ALIGNMENT;
  arena->used = 0;
  arena->base = aligned_alloc(ALIGNMENT, arena->size);
  if (arena->base == NULL) {
    size_t wanted = arena->size;
    *arena = (gp_arena){0}; /* a size without memory would be believed by who fits the next run in */
    return gp_fail(GP_ERR_MEMORY, "out of memory: %zu bytes wanted for one worker", wanted);
  }
  gp_arena_touch(arena);
  return GP_OK;
}

void gp_arena_touch(gp_arena *arena) {
  GP_UNPOISON(arena->base, arena->size);
  memset(arena->base, 0, arena->size);
}

void gp_arena_free(gp_arena *arena) {
  if (arena->base != NULL) GP_UNPOISON(arena->base, arena->size);
  free(arena->base);
  *arena = (gp_arena){0};
}
