/* Blocks of at least 64 KiB, newest first; an allocation comes from the newest. */
#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 65536, ALIGN = 16 };

struct gp_pool_block {
  gp_pool_block *next;
  size_t size, used;
  _Alignas(ALIGN) unsigned char data[];
};

static gp_pool_block *block_add(gp_pool *pool, size_t bytes) {
  size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
  gp_pool_block *block = malloc(sizeof *block + size);
  if (block == NULL) return NULL;
  *block = (gp_pool_block){.next = pool->blocks, .size = size};
  pool->blocks = block;
  return block;
}

/* `bytes` rounded up and not zeroed; NULL when there is no memory. */
static void *take(gp_pool *pool, size_t bytes) {
  if (bytes > SIZE_MAX / 2) return NULL;
  bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
  gp_pool_block *block = pool->blocks;
  if (block == NULL || block->size - block->used < bytes) block = block_add(pool, bytes);
  if (block == NULL) return NULL;
  void *at = block->data + block->used;
  block->used += bytes;
  return at;
}

void *gp_pool_take(gp_pool *pool, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  void *at = take(pool, bytes);
  return at == NULL ? NULL : memset(at, 0, bytes);
}

char *gp_pool_text(gp_pool *pool, const char *bytes, size_t length) {
  char *text = length == SIZE_MAX ? NULL : take(pool, length + 1);
  if (text == NULL) return NULL;
  memcpy(text, bytes, length);
  text[length] = '\0';
  return text;
}

static void blocks_free(gp_pool_block *block) {
  while (block != NULL) {
    gp_pool_block *next = block->next;
    free(block);
    block = next;
  }
}

void gp_pool_clear(gp_pool *pool) {
  if (pool->blocks == NULL) return;
  blocks_free(pool->blocks->next);
  pool->blocks->next = NULL;
  pool->blocks->used = 0;
}

/* Behind the newest block, which is the one that is filled. */
void gp_pool_join(gp_pool *pool, gp_pool *from) {
  gp_pool_block **end = &from->blocks;
  while (*end != NULL) end = &(*end)->next;
  if (pool->blocks == NULL) {
    *pool = *from;
  } else {
    *end = pool->blocks->next;
    pool->blocks->next = from->blocks;
  }
  from->blocks = NULL;
}

void gp_pool_free(gp_pool *pool) {
  blocks_free(pool->blocks);
  pool->blocks = NULL;
}
