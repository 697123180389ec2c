/* A bump allocator laid out by the plan: the same code runs twice, first to measure, then to commit.
 *
 *   base                                                     base + size
 *   | block, 64-byte aligned | red zone (ASan) | block | ... |
 *
 * Measuring (base == NULL) only counts; every take returns NULL. After gp_arena_commit the same takes give
 * the real addresses. Nothing is freed singly; nothing is allocated after commit. */
#ifndef GP_ARENA_H
#define GP_ARENA_H

#include <stddef.h>

#include "status.h"

typedef struct gp_arena {
  unsigned char *base;
  size_t size, used;
} gp_arena;

/* Bytes for `count` elements of `size` bytes, zeroed, 64-byte aligned. NULL while measuring. Never fails:
 * a request past the measured size is a bug and is caught by an assertion. */
void *gp_arena_take(gp_arena *arena, size_t count, size_t size);

/* Ends measuring: allocates what was counted and rewinds. GP_ERR_MEMORY names the bytes wanted. */
gp_status gp_arena_commit(gp_arena *arena);

/* Zeroes the memory (first touch: call it from the worker that will use it). */
void gp_arena_touch(gp_arena *arena);

void gp_arena_free(gp_arena *arena);

#endif
